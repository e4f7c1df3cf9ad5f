/** The trail, offices and links: no fault in any language, and done by keyboard. */
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";

import type { FakeNode } from "./fake-node";
import { type Look, lookAt } from "./look-at";
import { type Scene, shareScene } from "./scene";

async function people({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/people`);
  await page.getByTestId("person-p2").waitFor();
  await page.getByTestId("office-o1").waitFor();
}

async function trail({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/trail`);
  await page.getByTestId("trail-41").waitFor();
}

const LOOKS: readonly Look[] = [
  { name: "trail", open: trail, close: async () => undefined },
  {
    name: "people-office",
    within: ".sheet",
    async open(scene) {
      await people(scene);
      await scene.page.getByTestId("change-o1").click();
      await scene.page.locator(".sheet .check-box").first().waitFor();
    },
  },
];

lookAt(LOOKS);

describe("rights by keyboard", () => {
  let scene: Scene;
  let page: Page;
  let node: FakeNode;
  let origin = "";
  shareScene((shared) => {
    scene = shared;
    ({ page, node, origin } = shared);
  });
  const gone = async () => expect.poll(async () => page.locator(".sheet").count()).toBe(0);
  const rows = async () => page.locator(".trail-row").count();

  test("an office gets another name and other people", async () => {
    await people(scene);
    await page.getByTestId("change-o1").press("Enter");
    await page.locator(".sheet [data-testid=office-name]").fill("Night desk");
    await page.locator(".sheet .check-box input").nth(2).press("Space");
    await page.locator(".sheet [data-testid=office-keep]").press("Enter");
    await gone();
    expect(node.done.at(-1)).toMatchObject({
      method: "PATCH",
      path: "/api/offices/o1",
      words: { name: "Night desk", people: ["p1", "p2", "p3"] },
    });
  });

  test("an office is closed only after a question whose safe answer has the focus", async () => {
    await people(scene);
    await page.getByTestId("close-o1").press("Enter");
    await page.locator(".sheet").waitFor();
    await page.keyboard.press("Enter");
    await gone();
    expect(node.done).toEqual([]);
    await page.getByTestId("close-o1").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await gone();
    expect(node.done.at(-1)).toMatchObject({
      path: "/api/offices/o1",
      words: { is_closed: true },
    });
  });

  test("a duty is laid down only after a question whose safe answer has the focus", async () => {
    await people(scene);
    await page.getByTestId("lay-down-o1").press("Enter");
    await page.locator(".sheet").waitFor();
    await page.keyboard.press("Enter");
    await gone();
    expect(node.done).toEqual([]);
    await page.getByTestId("lay-down-o1").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await gone();
    expect(node.done.at(-1)).toMatchObject({
      path: "/api/offices/o1/duty",
      words: { person: null },
    });
  });

  test("somebody gets a fresh link, which is shown to be handed over", async () => {
    await people(scene);
    await page.getByTestId("link-p2").press("Enter");
    await page.getByTestId("invite-link").waitFor();
    expect(node.done.at(-1)?.path).toBe("/api/people/p2/link");
    expect(await page.getByTestId("link-p4").count()).toBe(0);
  });

  test("what may be done stands in words", async () => {
    await people(scene);
    const table = page.locator(".figures-table");
    await table.waitFor();
    expect(await table.innerText()).toContain("Sign an agreement for the party");
    expect(await table.innerText()).not.toMatch(/[a-z]+\.[a-z]+/);
  });

  test("the trail is read further and narrowed down", async () => {
    await people(scene);
    await page.getByTestId("to-trail").press("Enter");
    await page.getByTestId("trail-41").waitFor();
    expect(await rows()).toBe(3);
    await page.getByTestId("trail-older").press("Enter");
    await expect.poll(rows).toBe(5);
    expect(await page.getByTestId("trail-older").count()).toBe(0);

    await page.locator("search .select-button").first().press("Enter");
    await page.getByRole("option").nth(1).press("Enter");
    await expect.poll(rows).toBe(2);
    await page.locator("search .select-button").nth(1).press("Enter");
    await page.getByRole("option").nth(1).press("Enter");
    await page.locator(".empty .button").press("Enter");
    await expect.poll(rows).toBe(5);
  });

  test("whoever has a provider goes there and nowhere else", async () => {
    node.behaviour.isSignedIn = false;
    await page.goto(origin);
    await page.getByTestId("sign-in-passkey").waitFor();
    expect(await page.getByTestId("sign-in-provider").count()).toBe(0);
    node.behaviour.provider = "Ministry login";
    await page.reload();
    const button = page.getByTestId("sign-in-provider");
    await button.waitFor();
    expect(await button.innerText()).toContain("Ministry login");
    await button.press("Enter");
    await page.waitForURL(`${origin}/sign-in/provider`);
    expect(node.done.at(-1)?.path).toBe("/api/sign-in/provider/begin");
  });
});
