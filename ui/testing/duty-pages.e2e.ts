/** Watches and escalation: read by everybody, and the plan changed by the keyboard alone. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { PlanDocument } from "../src/api/duty-types";
import { newPerson, startBrowser } from "./browser";
import { withDuty } from "./fake-duty";
import { FakeNode } from "./fake-node";
import { type Look, lookBriefly } from "./look-at";

const LOOKS: readonly Look[] = [
  {
    name: "duty",
    arrange: withDuty,
    async open({ page, origin }) {
      await page.goto(`${origin}/duty`);
      await page.getByTestId("to-plan").waitFor();
      await page.locator(".week-row").first().waitFor();
    },
  },
  {
    name: "duty-plan",
    arrange: withDuty,
    async open({ page, origin }) {
      await page.goto(`${origin}/duty/plan`);
      await page.getByTestId("propose").waitFor();
      await page.locator(".plan-preview .plan-lane circle").first().waitFor();
    },
  },
];

lookBriefly(LOOKS, new Set(["en", "prs"]));

describe("a plan of escalation", () => {
  let browser: Awaited<ReturnType<typeof startBrowser>>;
  let node: FakeNode;
  let origin: string;
  let page: Page;

  beforeAll(async () => {
    browser = await startBrowser();
    node = new FakeNode();
    origin = await node.start();
  });
  afterAll(async () => {
    await browser.close();
    await node.stop();
  });
  beforeEach(async () => {
    node.reset();
    node.done.length = 0;
    withDuty(node);
    const context = await newPerson(browser, "en");
    page = await context.newPage();
    await page.goto(`${origin}/duty/plan`);
    await page.getByTestId("propose").waitFor();
    return async () => context.close();
  });

  const proposed = () =>
    node.done.find(({ path }) => path === "/api/escalation/plan")?.words["plan"] as
      | PlanDocument
      | undefined;

  test("is changed by the keyboard: a step is added, given a target and proposed", async () => {
    await page.getByTestId("add-step").press("Enter");
    const row = page.locator(".plan-row").nth(3);
    await row.getByLabel("After the step before").fill("45");
    await row.getByRole("button", { name: /Call also/ }).press("Enter");
    await page.getByRole("option", { name: "Webhook: pager" }).press("Enter");
    await page.getByTestId("propose").press("Enter");
    await expect.poll(proposed).toBeDefined();
    const [flash] = proposed()?.policies ?? [];
    expect(flash?.steps.at(-1)).toEqual({
      delay_s: 45 * 60,
      targets: ["role:releaser", "siren:hall", "webhook:pager"],
      until: "acknowledged",
      acks: 1,
    });
    expect(proposed()?.policies).toHaveLength(8);
  });

  test("that is wrong is not proposed: the reason stands beside the field, which gets the focus", async () => {
    const delay = page.locator('[data-place="policies.0.steps.1.delay_s"]');
    await delay.fill("soon");
    await page.getByTestId("propose").press("Enter");
    await expect
      .poll(async () => delay.evaluate((each) => each === document.activeElement))
      .toBe(true);
    expect(await delay.getAttribute("aria-invalid")).toBe("true");
    expect(proposed()).toBeUndefined();
    await delay.fill("45");
    await page.getByTestId("propose").press("Enter");
    await expect.poll(() => proposed()?.policies[0]?.steps[1]?.delay_s).toBe(45);
  });

  test("loses nothing: what was taken away comes back, and what was typed survives a reload", async () => {
    const rows = page.locator(".plan-beside .plan-row");
    await page.getByRole("button", { name: "Remove Step 2" }).press("Enter");
    expect(await rows.count()).toBe(2);
    await page.getByRole("button", { name: "Undo" }).press("Enter");
    expect(await rows.count()).toBe(3);
    await page.locator('[data-place="policies.0.steps.0.delay_s"]').fill("7");
    await page.reload();
    const delay = page.locator('[data-place="policies.0.steps.0.delay_s"]');
    await delay.waitFor();
    expect(await delay.inputValue()).toBe("7");
  });

  test("that the node refuses stays as it was typed, with the place that is wrong", async () => {
    await page.locator('[data-place="policies.0.repeats"]').fill("2");
    node.behaviour.problem = { status: 422, code: "plan.refused" };
    await page.getByTestId("propose").press("Enter");
    await page.locator(".notice-cut").waitFor();
    expect(await page.locator('[data-place="policies.0.repeats"]').inputValue()).toBe("2");
  });

  test("shows an empty watch of the next day, and leads from it to somebody else", async () => {
    await page.goto(`${origin}/duty`);
    await page.getByTestId("fill-gap").press("Enter");
    await expect.poll(async () => page.locator("#overrides-title").isVisible()).toBe(true);
    await page.getByTestId("make-override").press("Enter");
    await expect
      .poll(() => node.done.find(({ path }) => path === "/api/duty/overrides")?.words)
      .toMatchObject({ roster: "desk", person: expect.any(String) as string });
  });
});
