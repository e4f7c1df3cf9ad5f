/**
 * Looks at pages as every reader has them: each in six languages, by day and by night, from a phone
 * to a desktop. One browser; one page per language goes from look to look.
 */
import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { type Language, LANGUAGES } from "../src/i18n/languages";
import { accessibilityFaults } from "./axe";
import { startBrowser } from "./browser";
import type { FakeNode } from "./fake-node";
import { layoutFaults } from "./fit";
import { type OpenScene, openScene, type Scene } from "./scene";

const SHOTS = new URL("../.screenshots/", import.meta.url).pathname;
/** Pictures of every look are for people to see; a test needs one only of what failed. */
const WANTS_SHOTS = process.env["PARLEY_SHOTS"] !== undefined;
/** From a desktop down to the narrowest window that must do (WCAG 1.4.10). */
const WIDTHS: readonly number[] = [1440, 1280, 1024, 390, 320];

/** Pages whose parts are looked at elsewhere too: a short, a long and a right-to-left language do. */
const BRIEFLY: ReadonlySet<string> = new Set(["en", "ru", "prs"]);
const BRIEF_WIDTHS: readonly number[] = [1440, 390];
/** Looks at everything in every language and width all the same. */
const WANTS_ALL = process.env["PARLEY_LOOKS"] === "all";

/**
 * Rules are read, by day and by night, in one language of each direction: no rule's outcome depends on
 * which of two languages of one direction it is, but for the name of the language, which is compared in
 * every one. What a language does to the layout is looked at in every one too.
 */
const READ_IN: ReadonlySet<string> = new Set(["en", "prs"]);

/** A page in the state it is looked at. */
export interface Look {
  readonly name: string;
  /** Prepares the node before the page asks it. */
  arrange?(node: FakeNode): void;
  /** Goes there, from wherever the look before has left the page. */
  open(scene: Scene): Promise<void>;
  /** Goes back to where the next look may begin; without it the next begins anew. */
  close?(scene: Scene): Promise<void>;
  /** All that is new in it; what stands behind is looked at by itself. */
  readonly within?: string;
  /** Only these widths have it. */
  readonly widths?: readonly number[];
}

/** Declares the tests of some looks in three languages and two widths. */
export function lookBriefly(
  looks: readonly Look[],
  languages: ReadonlySet<string> = BRIEFLY,
): void {
  if (WANTS_ALL) lookAt(looks);
  else
    lookAt(
      looks.map((look) => Object.assign({ widths: BRIEF_WIDTHS }, look)),
      LANGUAGES.filter(({ id }) => languages.has(id)),
    );
}

/** Declares the tests of some looks. */
export function lookAt(looks: readonly Look[], languages: readonly Language[] = LANGUAGES): void {
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    browser = await startBrowser();
  });
  afterAll(async () => browser.close());

  describe.each(languages)("in $name", (language) => {
    let scene: OpenScene;
    const complaints: string[] = [];

    beforeAll(async () => {
      scene = await openScene(browser, language.id);
      listen(scene.page, complaints);
    });
    beforeEach(() => {
      complaints.length = 0;
    });
    afterAll(async () => scene.close());

    test.each(looks)("$name can be read by everybody and fits every window", async (look) => {
      scene.node.reset();
      look.arrange?.(scene.node);
      try {
        const [widest = 1440] = look.widths ?? WIDTHS;
        await scene.page.setViewportSize({ width: widest, height: 900 });
        await look.open(scene);
        const faults = await faultsOf(scene, look, language);
        expect([...faults, ...complaints]).toEqual([]);
        await look.close?.(scene);
      } catch (error) {
        await shoot(scene.page, `failed-${look.name}-${language.id}`);
        await scene.page.goto("about:blank");
        throw error;
      }
      if (look.close === undefined) await scene.page.goto("about:blank");
    });
  });
}

async function faultsOf({ page }: Scene, look: Look, language: Language): Promise<string[]> {
  const faults: string[] = [];
  const note = (when: string, found: readonly string[]) =>
    faults.push(...found.map((fault) => `${when}: ${fault}`));
  const widths = look.widths ?? WIDTHS;
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  if (WANTS_ALL || READ_IN.has(language.id)) {
    note("by day", await accessibilityFaults(page, look.within));
  }
  const direction = await page.locator("html").getAttribute("dir");
  if (direction !== language.direction) faults.push(`laid out ${direction}`);
  const named = await page.locator("html").getAttribute("lang");
  if (named !== language.tag) faults.push(`said to be in ${named}`);
  for (const width of widths) {
    // One width after the other: it is one page.
    // oxlint-disable-next-line no-await-in-loop
    note("by day", await layoutFaults(page, width));
    // oxlint-disable-next-line no-await-in-loop
    if (WANTS_SHOTS) await shoot(page, `${look.name}-${language.id}-${width}`);
  }
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  note("by night, on a phone", await layoutFaults(page, 390));
  if (WANTS_ALL || READ_IN.has(language.id)) {
    note("by night, on a phone", await accessibilityFaults(page, look.within));
  }
  if (WANTS_SHOTS) await shoot(page, `${look.name}-${language.id}-390-night`);
  if (WANTS_SHOTS && (look.widths ?? WIDTHS)[0] === 1440) {
    await layoutFaults(page, 1440);
    await shoot(page, `${look.name}-${language.id}-1440-night`);
  }
  return faults;
}

/** The whole page: what is wrong with one is as often below the window's edge. A sheet stands in it. */
async function shoot(page: Page, name: string): Promise<void> {
  // What sticks to the window's edge is drawn where the window is: at the top, like a reader's first look.
  await page.evaluate(() => window.scrollTo(0, 0));
  const fullPage = (await page.locator(".sheet, .frame-menu").count()) === 0;
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage });
}

function listen(page: Page, complaints: string[]): void {
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (line) => {
    // A refusal of the policy is said here and nowhere else; a node that does not answer is no fault.
    const isExpected = /401|403|404|ERR_EMPTY_RESPONSE|ERR_CONNECTION|WebSocket connection/;
    if (line.type() === "error" && !isExpected.test(line.text())) complaints.push(line.text());
  });
}
