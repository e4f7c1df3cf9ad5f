/** Crises and their assessments: no fault in either direction of writing, and all of it by keyboard. */
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";

import { ASKED, CRISIS, FIRST, OVER, withCrises } from "./fake-crises";
import type { FakeNode } from "./fake-node";
import { type Look, lookBriefly } from "./look-at";
import { type Scene, shareScene } from "./scene";

const stay = async () => undefined;

async function crisisPage({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/crises/${CRISIS}`);
  await page.locator("[data-testid^=fact-]").first().waitFor();
}

async function assessmentPage({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/crises/${CRISIS}/assessment`);
  await page.getByTestId("account").first().waitFor();
  await page.getByTestId("measures").waitFor();
}

const LOOKS: readonly Look[] = [
  {
    name: "crises",
    arrange: (node) => withCrises(node),
    async open({ page, origin }) {
      await page.goto(`${origin}/crises`);
      await page.getByTestId("crisis").waitFor();
      await page.getByTestId("drills").waitFor();
    },
  },
  {
    name: "crisis",
    arrange: (node) => withCrises(node),
    async open(scene) {
      await crisisPage(scene);
      await scene.page.locator("summary").click();
      await scene.page.getByTestId("timeline").waitFor();
    },
  },
  {
    name: "crisis-asked",
    arrange: (node) => withCrises(node, ASKED),
    async open(scene) {
      await crisisPage(scene);
      await scene.page.getByTestId("open-side").click();
      await scene.page.getByTestId("crisis-title").waitFor();
    },
  },
  {
    name: "assessment-first",
    arrange: (node) => withCrises(node, undefined, FIRST),
    open: assessmentPage,
    close: stay,
  },
  {
    name: "assessment",
    arrange: (node) => withCrises(node),
    async open(scene) {
      await assessmentPage(scene);
      await scene.page.getByTestId("bracketed").waitFor();
    },
    close: stay,
  },
  {
    name: "assessment-over",
    arrange: (node) => withCrises(node, undefined, OVER),
    open: assessmentPage,
  },
];

lookBriefly(LOOKS, new Set(["en", "prs"]));

describe("a crisis by keyboard", () => {
  let scene: Scene;
  let page: Page;
  let node: FakeNode;
  shareScene((shared) => {
    scene = shared;
    ({ page, node } = shared);
  });
  const asked = (end: string) => node.done.filter(({ path }) => path.endsWith(end));
  const focused = async () => page.evaluate(() => document.activeElement?.id);

  test("what waits for our side is named first, and leads to it", async () => {
    withCrises(node, ASKED);
    await crisisPage(scene);
    expect(await page.getByTestId("waiting").getByRole("button").count()).toBe(2);
    await page.getByTestId("seek-reply").press("Enter");
    await expect.poll(focused).toBe(`said-${"d3".repeat(32)}`);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByTestId("seek-sign").press("Enter");
    await expect.poll(focused).toBe(`said-${"f1".repeat(32)}`);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test("a claim is said in the language of the page, quotable only when that is asked", async () => {
    withCrises(node);
    await crisisPage(scene);
    await page.getByTestId("say").press("Enter");
    await page.getByTestId("say-words").fill("The barrier is up.");
    await page.getByTestId("say-it").press("Enter");
    await expect
      .poll(() => asked("/statements")[0]?.words)
      .toEqual({
        kind: "claim",
        texts: [{ language: "en", text: "The barrier is up." }],
        disputes: null,
        is_quotable: false,
      });
  });

  test("our side is closed after a question whose safe answer has the focus", async () => {
    withCrises(node);
    await crisisPage(scene);
    await page.getByTestId("close-side").press("Enter");
    await page.locator(".sheet").waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(async () => page.locator(".sheet").count()).toBe(0);
    expect(node.done).toEqual([]);
  });

  test("an account is kept before it is sealed, and not sealed without a question", async () => {
    withCrises(node, undefined, FIRST);
    await assessmentPage(scene);
    await page.getByTestId("account-words").fill("We saw a vessel.");
    await page.getByTestId("keep-account").press("Enter");
    await expect
      .poll(() => asked("/account")[0]?.words)
      .toEqual({ texts: [{ language: "en", text: "We saw a vessel." }] });
    await page.getByTestId("seal").press("Enter");
    await page.getByTestId("yes").waitFor();
    expect(asked("/seal/begin")).toEqual([]);
    await page.getByTestId("yes").press("Enter");
    await expect.poll(() => asked("/seal/begin").length).toBe(1);
  });

  test("a readout is signed only as it was checked", async () => {
    withCrises(node, undefined, OVER);
    await assessmentPage(scene);
    expect(await page.getByTestId("readout").count()).toBe(2);
    const sign = page.getByTestId("sign-readout");
    await page.getByTestId("readout-words").fill("The crossing is open.");
    expect(await sign.isDisabled()).toBe(true);
    await page.getByTestId("check-readout").press("Enter");
    await expect.poll(async () => page.getByTestId("quote").count()).toBe(1);
    expect(await sign.isDisabled()).toBe(false);
    await page.getByTestId("readout-words").fill("The crossing is open again.");
    expect(await sign.isDisabled()).toBe(true);
  });
});
