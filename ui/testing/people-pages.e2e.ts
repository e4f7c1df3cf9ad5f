/** People, devices, duty, agreement and the way in: no fault in any language, and done by keyboard. */
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";

import { withAuthenticator } from "./authenticator";
import type { FakeNode } from "./fake-node";
import { glass } from "./fake-people";
import { type Look, lookAt } from "./look-at";
import { type Scene, shareScene } from "./scene";
import { THEIRS } from "./scenes";

const stay = async () => undefined;

async function people({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/people`);
  await page.getByTestId("person-p2").waitFor();
  await page.getByTestId("office-o1").waitFor();
  await page.locator(".figures-table").waitFor();
}

async function devices({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/devices`);
  await page.getByTestId("device-d3").waitFor();
}

function forced(node: FakeNode): void {
  const at = new Date(Date.now() - 240_000).toISOString();
  const call = {
    id: "u1",
    person: { id: "p2", name: "Ольга Сергеевна" },
    began_at: at,
    seen_at: at,
  };
  Object.assign(node.behaviour, {
    answers: { ...node.behaviour.answers, "/api/duress": { calls: [call] } },
  });
}

async function called({ page, origin }: Scene): Promise<void> {
  await page.goto(origin);
  await page.getByTestId("duress-banner").waitFor();
}

async function agreement({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/lines/${THEIRS.id}/agreement`);
  await page.getByTestId("version-2").waitFor();
}

const LOOKS: readonly Look[] = [
  { name: "people", open: people, close: stay },
  {
    name: "people-invite",
    async open(scene) {
      await people(scene);
      await scene.page.getByTestId("invite").click();
      await scene.page.getByTestId("invite-name").waitFor();
    },
  },
  {
    name: "people-emergency",
    arrange: (node) =>
      Object.assign(node.behaviour, {
        answers: { ...node.behaviour.answers, "/api/break-glass": { lent: glass() } },
      }),
    async open(scene) {
      await people(scene);
      await scene.page.getByTestId("glass-banner").first().waitFor();
      await scene.page.getByTestId("second").waitFor();
    },
  },
  {
    name: "people-hand-over",
    within: ".sheet",
    async open(scene) {
      await people(scene);
      await scene.page.getByTestId("hand-over-o1").click();
      await scene.page.locator(".sheet").waitFor();
    },
  },
  {
    name: "people-take-duty",
    within: ".sheet",
    async open(scene) {
      await people(scene);
      await scene.page.getByTestId("take-o2").click();
      await scene.page.getByTestId("open-crisis").waitFor();
    },
  },
  { name: "devices", open: devices, close: stay },
  {
    name: "devices-revoke",
    within: ".sheet",
    async open(scene) {
      await devices(scene);
      await scene.page.locator("[data-testid=device-d1] .button").click();
      await scene.page.locator(".sheet").waitFor();
    },
  },
  {
    name: "devices-duress",
    async open(scene) {
      await devices(scene);
      await scene.page.locator(".people-form .toggle").click();
    },
  },
  { name: "duress", arrange: forced, open: called },
  {
    name: "duress-settle",
    within: ".sheet",
    arrange: forced,
    async open(scene) {
      await called(scene);
      await scene.page.getByTestId("settle-duress").click();
      await scene.page.locator(".sheet").waitFor();
    },
  },
  { name: "agreement", open: agreement, close: stay },
  {
    name: "agreement-terms",
    async open(scene) {
      await agreement(scene);
      await scene.page.getByTestId("propose").click();
      await scene.page.locator("form.propose .toggle").first().click();
      await scene.page.locator("form.propose .toggle").last().click();
      await scene.page.getByTestId("morning").waitFor();
    },
  },
  {
    name: "agreement-sign",
    within: ".sheet",
    async open(scene) {
      await agreement(scene);
      await scene.page.getByTestId("sign-2").click();
      await scene.page.locator(".sheet").waitFor();
    },
  },
];

lookAt(LOOKS);

describe("people by keyboard", () => {
  let scene: Scene;
  let page: Page;
  let node: FakeNode;
  let origin = "";
  shareScene(async (shared) => {
    scene = shared;
    ({ page, node, origin } = shared);
    await page.goto(origin);
    await withAuthenticator(page);
  });
  const gone = async () => expect.poll(async () => page.locator(".sheet").count()).toBe(0);
  const asked = () => node.done.map(({ method, path }) => `${method} ${path}`);

  test("a passkey is added, and then lets one in", async () => {
    await devices(scene);
    await page.locator(".people-form .field-input").fill("Key");
    await page.getByTestId("enrol").press("Enter");
    await expect.poll(asked).toContain("POST /api/passkeys/finish");
    expect(node.done.at(-1)?.words).toMatchObject({
      name: "Key",
      credential: { type: "public-key" },
    });

    node.behaviour.isSignedIn = false;
    await page.goto(origin);
    await page.getByTestId("sign-in-passkey").press("Enter");
    await page.getByTestId("open-room").waitFor();
    expect(node.done.at(-1)?.words).toMatchObject({
      credential: { response: { signature: expect.any(String) as string } },
    });
  });

  test("a person is invited, and the link is shown once to be handed over", async () => {
    await people(scene);
    await page.getByTestId("invite").press("Enter");
    await page.getByTestId("invite-name").fill("Новый врач");
    await page.getByTestId("invite-make").press("Enter");
    await page.getByTestId("invite-link").waitFor();
    expect(await page.getByTestId("invite-link").innerText()).toContain("/sign-in?code=");
    expect(node.done[0]).toMatchObject({ words: { name: "Новый врач", roles: ["member"] } });
  });

  test("an act that binds asks for the passkey and is then done", async () => {
    await people(scene);
    node.behaviour.wantsStepUp = true;
    await page.locator("[data-testid=person-p2] .button-danger").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await page.getByTestId("step-up").press("Enter");
    await gone();
    expect(asked().filter((each) => each === "PATCH /api/people/p2")).toHaveLength(2);
    expect(node.done.at(-1)?.words).toEqual({ is_revoked: true });
  });

  test("the duty is handed over to somebody else", async () => {
    await people(scene);
    await page.getByTestId("hand-over-o1").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await gone();
    expect(asked()).toContain("POST /api/offices/o1/duty");
  });

  test("a duty is taken after what is open was shown, with the passkey", async () => {
    await people(scene);
    node.behaviour.wantsStepUp = true;
    await page.getByTestId("take-o2").press("Enter");
    await page.getByTestId("open-alert").waitFor();
    expect(await page.getByTestId("open-alert").innerText()).toMatch(/OVERDUE by|left/u);
    expect(await page.getByTestId("open-alert").getByTestId("exercise").count()).toBe(1);
    await page.keyboard.press("Enter");
    await gone();
    expect(asked()).not.toContain("POST /api/offices/o2/duty");
    await page.getByTestId("take-o2").press("Enter");
    await page.getByTestId("open-alert").waitFor();
    await page.getByTestId("yes").press("Enter");
    await page.getByTestId("step-up").press("Enter");
    await gone();
    expect(asked().filter((each) => each === "POST /api/offices/o2/duty")).toHaveLength(2);
  });

  test("where nothing is open that is said, and where it is not known nothing is taken", async () => {
    const quiet = { at: "2026-11-01T12:00:00Z", matters: [], untold: 0 };
    node.behaviour.answers = { ...node.behaviour.answers, "/api/handover": quiet };
    await people(scene);
    await page.getByTestId("take-o2").press("Enter");
    await page.getByTestId("nothing-open").waitFor();
    expect(await page.getByTestId("yes").isEnabled()).toBe(true);
    await page.keyboard.press("Escape");
    await gone();
    node.behaviour.answers = { ...node.behaviour.answers, "/api/handover": { at: "?" } };
    await page.getByTestId("take-o2").press("Enter");
    await page.getByTestId("open-unknown").waitFor({ timeout: 20_000 });
    expect(await page.getByTestId("yes").isEnabled()).toBe(false);
    await page.keyboard.press("Escape");
    await gone();
  });

  test("a device is revoked only after a question whose safe answer has the focus", async () => {
    await devices(scene);
    await page.locator("[data-testid=device-d2] .button").press("Enter");
    await page.locator(".sheet").waitFor();
    await page.keyboard.press("Enter");
    await gone();
    expect(node.done).toEqual([]);
    await page.locator("[data-testid=device-d2] .button").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await gone();
    expect(asked()).toContain("DELETE /api/devices/d2");
  });

  test("whoever helps the one who is forced says what came of it, and not in a word", async () => {
    forced(node);
    await called(scene);
    await page.getByTestId("settle-duress").press("Enter");
    await page.locator(".sheet").waitFor();
    expect(await page.getByTestId("yes").isEnabled()).toBe(false);
    await page.locator(".sheet textarea").fill("Met her at the door: she is well.");
    await page.getByTestId("yes").press("Enter");
    await gone();
    expect(node.done.at(-1)).toMatchObject({
      path: "/api/duress/u1/settle",
      words: { words: "Met her at the door: she is well." },
    });
  });

  test("a version is signed with the passkey after a question", async () => {
    await agreement(scene);
    expect(await page.locator("del").first().innerText()).not.toBe("");
    await page.getByTestId("sign-2").press("Enter");
    await page.getByTestId("yes").press("Enter");
    await gone();
    expect(node.done.at(-1)).toMatchObject({
      path: `/api/lines/${THEIRS.id}/agreement/${"2".repeat(64)}/agree`,
      words: { credential: { type: "public-key" } },
    });
  });

  test("the one who asks for a role is not the one who agrees to it", async () => {
    const asks = glass().map((each) =>
      Object.assign({}, each, { person: { id: "p1", name: "Dilnoza Karimova" } }),
    );
    Object.assign(node.behaviour, {
      answers: { ...node.behaviour.answers, "/api/break-glass": { lent: asks } },
    });
    await people(scene);
    await page.getByTestId("glass-g1").waitFor();
    expect(await page.getByTestId("second").count()).toBe(0);
  });
});
