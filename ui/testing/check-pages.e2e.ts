/** Line checks: no fault in any language, and kept by keyboard alone. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Browser } from "playwright-core";

import { newPerson, startBrowser } from "./browser";
import { withChecks } from "./fake-checks";
import { FakeNode } from "./fake-node";
import { type Look, lookBriefly } from "./look-at";

const LOOKS: readonly Look[] = [
  {
    name: "line-checks",
    arrange: withChecks,
    async open({ page, origin }) {
      await page.goto(`${origin}/checks`);
      await page.getByTestId("check-now").waitFor();
    },
  },
  {
    name: "suspension",
    arrange: withChecks,
    async open({ page, origin }) {
      await page.goto(`${origin}/checks`);
      await page.getByTestId("standing-suspend").first().press("Enter");
      await page.getByTestId("standing-starts").fill("2027-01-05T09:30");
    },
  },
];

lookBriefly(LOOKS);

describe("a line check by keyboard", () => {
  let browser: Browser;
  const node = new FakeNode();
  let origin = "";
  beforeAll(async () => {
    browser = await startBrowser();
    origin = await node.start();
    withChecks(node);
  });
  afterAll(async () => {
    await browser.close();
    await node.stop();
  });

  test("the code is typed and sent without a mouse, and the desk said that it shows the check", async () => {
    const context = await newPerson(browser, "en");
    const page = await context.newPage();
    await page.goto(`${origin}/checks`);
    const field = page.getByTestId("check-typed");
    await field.waitFor();
    await expect
      .poll(async () => field.evaluate((each) => each === document.activeElement))
      .toBe(true);
    await page.keyboard.type("ac3 49k");
    await page.keyboard.press("Enter");
    const asked = (end: string) => node.done.filter(({ path }) => path.endsWith(end));
    await expect.poll(() => asked("/type")[0]?.words).toEqual({ code: "ac3 49k" });
    expect(asked("/presented").length).toBe(1);
    await context.close();
  });

  test("a suspension says from when it holds, and what goes on", async () => {
    const context = await newPerson(browser, "en");
    const page = await context.newPage();
    await page.goto(`${origin}/checks`);
    const standing = page.locator(".check-standing");
    await standing.waitFor();
    await expect.poll(async () => standing.innerText()).toContain("Line checks rest.");
    await page.getByTestId("standing-suspend").first().press("Enter");
    await page.getByTestId("standing-starts").fill("2027-01-05T09:30");
    const checks = page.getByRole("switch", { name: "Line checks go on" });
    expect(await checks.isChecked()).toBe(true);
    await checks.press("Space");
    await page.getByRole("button", { name: "Sign with a passkey" }).press("Enter");
    const begun = () => node.done.find(({ path }) => path.endsWith("/standing/begin"))?.words;
    await expect.poll(begun).toEqual({
      step: "suspend",
      reason: "",
      starts: expect.stringMatching(/^2027-01-0\dT\d\d:30:00Z$/u),
      alerts: "flash",
      has_checks: false,
    });
    node.done.splice(0);
    await context.close();
  });

  test("what is done to a line is asked by its name, before anything is signed", async () => {
    const context = await newPerson(browser, "en");
    const page = await context.newPage();
    await page.goto(`${origin}/checks`);
    for (const [step, asked] of [
      ["suspend", /^Suspend the line with .+\?$/u],
      ["end", /^End the line with .+\?$/u],
    ] as const) {
      await page.getByTestId(`standing-${step}`).first().press("Enter");
      const sheet = page.getByRole("alertdialog").or(page.getByRole("dialog"));
      await expect.poll(async () => sheet.getByRole("heading").innerText()).toMatch(asked);
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "hidden" });
    }
    expect(node.done.filter(({ path }) => path.includes("/standing"))).toEqual([]);
    await context.close();
  });
});
