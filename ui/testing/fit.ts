/** Faults of layout: what does not fit its window, its button, or a finger. */
import type { Page } from "playwright-core";

/** Narrower is a phone: fingers, not a mouse. */
const PHONE_PX = 400;
/** What follows a width by script (the header's menu, the grid of tiles) takes a moment. */
const SETTLES_MS = 3_000;
const LOOK_EVERY_MS = 25;

/** Faults at `width` that are still there once the page has settled. */
export async function layoutFaults(page: Page, width: number): Promise<readonly string[]> {
  await page.setViewportSize({ width, height: width < PHONE_PX ? 844 : 900 });
  const until = Date.now() + SETTLES_MS;
  for (;;) {
    // One look after the other, until nothing is wrong.
    // oxlint-disable-next-line no-await-in-loop
    const faults = await page.evaluate(look, width < PHONE_PX);
    if (faults.length === 0 || Date.now() > until) {
      return faults.map((fault) => `at ${width} px ${fault}`);
    }
    // oxlint-disable-next-line no-await-in-loop
    await page.waitForTimeout(LOOK_EVERY_MS);
  }
}

/** Waits until nothing that can be pressed moves: a rule read meanwhile mixes two layouts. */
export async function settle(page: Page): Promise<void> {
  const until = Date.now() + SETTLES_MS;
  for (let before = ""; Date.now() < until;) {
    // One look after the other, until two are alike.
    // oxlint-disable-next-line no-await-in-loop
    const now = await page.evaluate(places);
    if (now === before) return;
    before = now;
    // oxlint-disable-next-line no-await-in-loop
    await page.waitForTimeout(LOOK_EVERY_MS);
  }
}

/** Runs inside the page. */
function places(): string {
  const pressed = document.querySelectorAll("a, button, input, select, textarea, [tabindex]");
  return JSON.stringify([...pressed].map((each) => each.getBoundingClientRect()));
}

/** Runs inside the page. */
function look(isPhone: boolean): string[] {
  const TARGET_PX = 44;
  /** From here up the header has one row, in every language. */
  const ONE_ROW_PX = 1_280;
  const name = (element: Element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} "${(element.textContent ?? "").slice(0, 40)}"`;
  // What is there for a screen reader alone has a box of one pixel around it.
  const isDrawn = (element: Element) =>
    (element.parentElement?.getBoundingClientRect().width ?? 0) > 1;
  const seen = (selector: string) =>
    [...document.querySelectorAll(selector)].filter(
      (element) =>
        element.checkVisibility() &&
        element.closest(".unseen, [aria-hidden]") === null &&
        isDrawn(element),
    );
  const faults: string[] = [];
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = seen("body *").filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return right > clientWidth + 1 || left < -1;
    });
    faults.push(`the page is ${scrollWidth} wide: ${wide.slice(0, 4).map(name).join(", ")}`);
  }
  for (const button of seen("button, a.button")) {
    if (button.scrollWidth > button.clientWidth + 1)
      faults.push(`words spill out of ${name(button)}`);
  }
  const header = document.querySelector("header.frame");
  const tops = [...(header?.children ?? [])].map((each) => each.getBoundingClientRect());
  if (innerWidth >= ONE_ROW_PX && tops.some(({ top }) => top >= (tops[0]?.bottom ?? 0)))
    faults.push("the header has a second row");
  if (!isPhone) return faults;
  // The header follows a width by script; until it has, its pages stand over its mark.
  if (header?.querySelector(".frame-pages")) faults.push("the header has the pages of its menu");
  // A link in a sentence is as high as its line (WCAG 2.5.8 says so too).
  for (const target of seen("button, a[href]:not(.skip, p a), label.check-box, label.toggle")) {
    const { width, height } = target.getBoundingClientRect();
    if (width < TARGET_PX - 0.5 || height < TARGET_PX - 0.5)
      faults.push(`a finger misses ${name(target)}: ${Math.round(width)} x ${Math.round(height)}`);
  }
  return faults;
}
