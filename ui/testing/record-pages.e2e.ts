/** The record: no fault in any language, by day and by night; and everything done by keyboard. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";

import type { FakeNode } from "./fake-node";
import { EXPORT } from "./fake-record";
import { type Look, lookAt } from "./look-at";
import { type Scene, shareScene } from "./scene";

async function record({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/record`);
  await page.getByTestId("entry").first().waitFor();
  await page.locator(".log").first().waitFor();
}

const LOOKS: readonly Look[] = [
  { name: "record", open: record, close: async () => undefined },
  {
    name: "record-entry",
    within: ".sheet",
    async open(scene) {
      await record(scene);
      await scene.page.getByTestId("entry-open").nth(3).click();
      await scene.page.getByTestId("check-proof").click();
      await scene.page.locator(".proof .notice-good").waitFor();
    },
  },
  {
    name: "record-verified",
    within: ".sheet",
    async open(scene) {
      await record(scene);
      await scene.page.getByTestId("verify").click();
      await scene.page.getByTestId("told").waitFor();
    },
  },
  {
    name: "record-tampered",
    within: ".sheet",
    arrange(node) {
      const changed = new Uint8Array(EXPORT);
      // In the middle of the bundles: what is packed there is damaged.
      changed[20_000] = (changed[20_000] ?? 0) ^ 1;
      node.behaviour.export = changed;
    },
    async open(scene) {
      await record(scene);
      await scene.page.getByTestId("verify").click();
      await scene.page.getByTestId("told").waitFor();
    },
  },
  {
    name: "record-disputed",
    async open({ page, origin, node }) {
      await page.goto(`${origin}/record/${node.behaviour.spaces[1]?.id}`);
      await page.locator(".log .button-danger").waitFor();
      await page.locator(".page-main .empty").waitFor();
    },
  },
  {
    name: "record-none",
    arrange: (node) => Object.assign(node.behaviour, { spaces: [] }),
    async open({ page, origin }) {
      await page.goto(`${origin}/record`);
      await page.locator(".page .empty").waitFor();
    },
  },
  {
    name: "record-refused",
    arrange: (node) =>
      Object.assign(node.behaviour, { problem: { status: 403, code: "permission.refused" } }),
    async open({ page, origin }) {
      await page.goto(`${origin}/record`);
      await page.locator(".page-main .notice-cut").waitFor();
    },
  },
  {
    name: "record-silent",
    async open(scene) {
      await record(scene);
      scene.node.die();
      await scene.page.clock.runFor(4_000);
      await scene.page.locator(".page > .notice").waitFor();
    },
  },
];

lookAt(LOOKS);

describe("the record by keyboard", () => {
  let scene: Scene;
  let page: Page;
  let node: FakeNode;
  shareScene((shared) => {
    scene = shared;
    ({ page, node } = shared);
  });
  beforeEach(async () => record(scene));

  test("J and K go from entry to entry, Enter opens one, Escape comes back", async () => {
    const focused = async () =>
      page.evaluate(() => document.activeElement?.getAttribute("data-key") ?? "");
    await page.keyboard.press("j");
    const first = await focused();
    await page.keyboard.press("j");
    const second = await focused();
    expect(first).not.toBe("");
    expect(second).not.toBe(first);
    await page.keyboard.press("ArrowUp");
    expect(await focused()).toBe(first);
    await page.keyboard.press("k");
    expect(await focused()).toBe(first);
    await page.keyboard.press("Enter");
    await page.locator(".sheet").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Escape");
    await page.locator(".sheet").waitFor({ state: "detached" });
  });

  test("a receipt says what it means when it is reached", async () => {
    await page.keyboard.press("j");
    await page.keyboard.press("Tab");
    const tip = page.locator(".tooltip");
    await tip.waitFor();
    expect((await tip.innerText()).length).toBeGreaterThan(20);
  });

  test("a remark is written into the record, and is queued until it is held", async () => {
    await page.getByTestId("remark-words").fill("The bridge is open again.");
    await page.getByTestId("remark-write").press("Enter");
    const entry = page.getByTestId("entry").first();
    await entry.getByText("The bridge is open again.").waitFor();
    expect(await entry.locator(".receipts").innerText()).toContain("queued");
    expect(node.done.at(-1)).toMatchObject({
      method: "POST",
      path: "/api/record/remarks",
      words: { text: "The bridge is open again." },
    });
  });

  test("a letter typed into a remark moves nothing", async () => {
    await page.getByTestId("remark-words").focus();
    await page.keyboard.type("jkj");
    expect(await page.getByTestId("remark-words").inputValue()).toBe("jkj");
  });

  test("words are looked for in what is loaded, and a filter is taken away again", async () => {
    const all = await page.getByTestId("entry").count();
    await page.locator(".filters input").first().fill("delivery");
    await expect.poll(async () => page.getByTestId("entry").count()).toBeLessThan(all);
    await page.locator(".filters .button-quiet").click();
    await expect.poll(async () => page.getByTestId("entry").count()).toBe(all);
  });

  test("a thread is shown alone", async () => {
    const all = await page.getByTestId("entry").count();
    await page.locator(".entry-acts").getByRole("button", { name: "Thread" }).first().click();
    await expect.poll(async () => page.getByTestId("entry").count()).toBeLessThan(all);
    await page.getByRole("button", { name: "Back to the whole record" }).click();
    await expect.poll(async () => page.getByTestId("entry").count()).toBe(all);
  });

  test("an honest export holds, one that was touched does not", async () => {
    const verdict = async () => page.getByTestId("told").getAttribute("data-verdict");
    await page.getByTestId("verify").press("Enter");
    await page.getByTestId("told").waitFor();
    expect(await verdict()).toBe("0");
    await page.keyboard.press("Escape");
    const changed = new Uint8Array(EXPORT);
    changed[20_000] = (changed[20_000] ?? 0) ^ 1;
    node.behaviour.export = changed;
    await page.getByTestId("verify").press("Enter");
    await page.getByTestId("told").waitFor();
    expect(await verdict()).toBe("1");
    await page.keyboard.press("Escape");
    node.behaviour.export = new TextEncoder().encode("no export");
    await page.getByTestId("verify").press("Enter");
    await page.locator(".sheet .notice-cut").waitFor();
    await page.keyboard.press("Escape");
  });
});
