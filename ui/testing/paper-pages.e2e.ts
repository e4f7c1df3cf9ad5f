/** Notifications and calls between officials: no fault in any language, and done by keyboard. */
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";

import { withPasskey } from "./authenticator";
import type { FakeNode } from "./fake-node";
import { agreedCall, CALL, call, DRAFT, draft, FINDINGS, HASH } from "./fake-papers";
import { type Look, lookBriefly } from "./look-at";
import { type Scene, shareScene } from "./scene";

const stay = async () => undefined;

async function list({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/notifications`);
  await page.getByTestId("gap-2").waitFor();
  await page.getByTestId("notification-E1").waitFor();
  await page.getByTestId("due-reminder").waitFor();
}

async function draftPage({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/notifications/drafts/${DRAFT}`);
  await page.getByTestId("lead").waitFor();
}

async function callPage({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/calls/${CALL}`);
  await page.locator("#facts-title").waitFor();
}

function saying(node: FakeNode, answers: Readonly<Record<string, unknown>>): void {
  Object.assign(node.behaviour, { answers: { ...node.behaviour.answers, ...answers } });
}

const drafts = (part: Parameters<typeof draft>[0]) => ({
  "/api/notifications/drafts": { drafts: [draft(part)] },
});
const calls = (found: ReturnType<typeof call>) => ({
  "/api/call-requests": { calls: [found] },
  [`/api/call-requests/${CALL}`]: found,
});

const SIGNED = { credential: { response: { signature: expect.any(String) as string } } };
const HEARD = [[call().asker, call().asked.at, "000111"]];

const LOOKS: readonly Look[] = [
  { name: "notifications", open: list, close: stay },
  {
    name: "notification",
    async open({ page, origin }) {
      await page.goto(`${origin}/notifications/${HASH}`);
      await page.getByTestId("late").waitFor();
      await page.getByTestId("paper").waitFor();
    },
    close: stay,
  },
  {
    name: "notification-draft",
    arrange: (node) => saying(node, drafts({ findings: FINDINGS })),
    open: draftPage,
    close: stay,
  },
  {
    name: "notification-types",
    async open({ page, origin }) {
      await page.goto(`${origin}/notifications/types`);
      await page.getByTestId("type-launch-or-test-2").waitFor();
    },
    close: stay,
  },
  {
    name: "calls",
    async open({ page, origin }) {
      await page.goto(`${origin}/calls`);
      await page.getByTestId("ask").click();
      await page.getByTestId("ask-send").waitFor();
      await page.getByTestId("awaited").waitFor();
    },
  },
  { name: "call-asked", open: callPage, close: stay },
  {
    name: "call-code",
    arrange: (node) => saying(node, calls(agreedCall({ mismatches: HEARD }))),
    async open(scene) {
      await callPage(scene);
      await scene.page.getByTestId("code").waitFor();
      await scene.page.getByRole("alert").waitFor();
    },
    close: stay,
  },
];

lookBriefly(LOOKS);

describe("papers by keyboard", () => {
  let scene: Scene;
  let page: Page;
  let node: FakeNode;
  shareScene(async (shared) => {
    scene = shared;
    ({ page, node } = shared);
    await page.goto(shared.origin);
    await withPasskey(page);
  });
  const asked = () => node.done.map(({ method, path }) => `${method} ${path}`);
  const place = `/api/notifications/drafts/${DRAFT}`;

  test("a form tells how late it would be before it is sent", async () => {
    await draftPage(scene);
    expect(await page.getByTestId("lead").getAttribute("data-late")).toBe("true");
    await page.getByTestId("field-window-begins").fill("2099-01-01T10:00");
    await expect.poll(async () => page.getByTestId("lead").getAttribute("data-late")).toBe("false");
  });

  test("what is wrong with a form is shown at the field, and the field has the focus", async () => {
    saying(node, drafts({ findings: FINDINGS }));
    await draftPage(scene);
    await page.getByTestId("check").press("Enter");
    await expect.poll(asked).toContain(`POST ${place}/check`);
    const field = page.getByTestId("field-window-ends");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await expect
      .poll(async () => page.evaluate(() => document.activeElement?.getAttribute("data-testid")))
      .toBe("field-window-ends");
  });

  test("a list of the form grows, and what is typed is what is kept", async () => {
    await draftPage(scene);
    await page.getByTestId("add-areas").press("Enter");
    await page.getByTestId("field-areas-2-centre-latitude").fill("40.5");
    await page.getByTestId("check").press("Enter");
    await expect.poll(asked).toContain(`PATCH ${place}`);
    const kept = node.done.find(({ method }) => method === "PATCH")?.words["form"];
    expect(kept).toMatchObject({ areas: [{}, {}, { centre: { latitude: 40.5 } }] });
  });

  test("whoever drafted it is not asked to verify it", async () => {
    saying(node, drafts({ state: "checked" }));
    await draftPage(scene);
    expect(await page.getByTestId("verify").count()).toBe(0);
    saying(node, drafts({ state: "checked", drafter: "p2" }));
    await draftPage(scene);
    await page.getByTestId("verify").press("Enter");
    await expect.poll(asked).toContain(`POST ${place}/verify`);
  });

  test("a verified draft is sent after a question whose safe answer has the focus", async () => {
    saying(node, drafts({ state: "verified", verifier: "p2" }));
    await draftPage(scene);
    await page.getByTestId("send").press("Enter");
    await page.locator(".sheet").waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(async () => page.locator(".sheet").count()).toBe(0);
    expect(asked()).toEqual([]);
    await page.getByTestId("send").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await expect.poll(asked).toEqual([`POST ${place}/send/begin`, `POST ${place}/send`]);
    expect(node.done.at(-1)?.words).toMatchObject(SIGNED);
    await page.getByTestId("late").waitFor();
  });

  test("a request is answered with another time", async () => {
    await callPage(scene);
    await page.getByTestId("answer-at").fill("2099-01-01T10:00");
    await page.getByTestId("answer").press("Enter");
    await expect.poll(asked).toContain(`POST /api/call-requests/${CALL}/answers`);
    expect(asked()).toEqual([
      `POST /api/call-requests/${CALL}/answers/begin`,
      `POST /api/call-requests/${CALL}/answers`,
    ]);
    expect(node.done[0]?.words).toMatchObject({
      answer: "accept",
      earliest: "2099-01-01T05:00:00Z",
    });
    expect(node.done[1]?.words).toMatchObject(SIGNED);
  });

  test("another code is written down, and the same code begins the call", async () => {
    saying(node, calls(agreedCall()));
    await callPage(scene);
    expect(await page.getByTestId("code").innerText()).toBe("172 969");
    expect(await page.locator(".call-spoken").innerText()).toContain("bir · yetti · ikki");
    const told = await page.locator("main").innerText();
    expect(told).toMatch(/Speaks as\s+office not said/);
    expect(told).toContain("(releaser): Accept");
    await page.getByTestId("code-other").press("Enter");
    await page.getByTestId("heard").fill("17 29 68");
    await page.getByTestId("heard-tell").press("Enter");
    await expect.poll(asked).toContain(`POST /api/call-requests/${CALL}/mismatch`);
    expect(node.done.at(-1)?.words).toEqual({ heard: "172968" });
    // What was asked goes when the node has heard it, and the focus with it.
    await page.getByTestId("heard").waitFor({ state: "detached" });
    await page.getByTestId("code-same").press("Enter");
    await expect.poll(asked).toContain(`POST /api/call-requests/${CALL}/start`);
    expect(node.done.at(-1)?.words).toEqual({ code: "172969" });
  });

  test("a releaser names who of ours enters the room of a call, and as what", async () => {
    await callPage(scene);
    const door = page.getByTestId("door");
    await expect.poll(async () => door.innerText()).toContain("Rolf");
    await page.getByTestId("door-change").press("Enter");
    expect(await page.getByTestId("door-add").isDisabled()).toBe(true);
    await page.getByTestId("door-keep").press("Enter");
    await expect.poll(asked).toContain(`PUT /api/call-requests/${CALL}/door`);
    expect(node.done.at(-1)?.words).toEqual({
      named: [{ capacity: "official", person: "p".repeat(26), office: null, shown_as: null }],
    });
  });

  test("the side that asked commits before it shows its key", async () => {
    const ours = call({ asker: node.behaviour.self.party.id, state: "accepted", turn: null });
    saying(node, calls(ours));
    await callPage(scene);
    await page.getByTestId("identity-begin").press("Enter");
    await expect.poll(asked).toEqual([`POST /api/call-requests/${CALL}/commitment`]);
    const begun = { commitment: "55".repeat(32), asked_key: "66".repeat(32), code: null };
    saying(node, calls({ ...ours, identity: begun }));
    await expect.poll(asked, { timeout: 8_000 }).toContain(`POST /api/call-requests/${CALL}/key`);
    expect(node.done.at(-1)?.words).toMatchObject({ nonce: expect.any(String) as string });
  });
});
