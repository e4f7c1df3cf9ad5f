/** The room of a call between officials: voice alone where that was agreed, and the code in it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { newPerson, startBrowser } from "./browser";
import { agreedCall } from "./fake-papers";
import { FakeNode } from "./fake-node";
import { type Look, lookBriefly } from "./look-at";
import { OURS, ROOM, rooms, THEIRS } from "./scenes";

const MISMATCH = [OURS.id, new Date().toISOString(), "172968"] as const;

/** Lets a node have the room of a call, and the call that it is for. */
function withCall(node: FakeNode, part: Parameters<typeof agreedCall>[0] = {}): void {
  const call = agreedCall(part);
  const title = `Call ${call.hash.slice(0, 8)}`;
  const parties = [THEIRS, OURS];
  node.behaviour.rooms = rooms().map((each) => Object.assign({}, each, { title, parties }));
  node.behaviour.self = Object.assign({}, node.behaviour.self, {
    may: [...node.behaviour.self.may, "call.read", "call.start"],
  });
  node.behaviour.answers = {
    ...node.behaviour.answers,
    "/api/call-requests": { calls: [call] },
    [`/api/call-requests/${call.hash}`]: call,
  };
}

const LOOKS: readonly Look[] = [
  {
    name: "call-room-check",
    arrange: withCall,
    async open({ page, origin }) {
      await page.goto(`${origin}/rooms/${ROOM}/check`);
      await page.locator(".notice-noted").waitFor();
    },
  },
  {
    name: "call-room",
    arrange: (node) => withCall(node, { mismatches: [MISMATCH] }),
    async open({ page, origin }) {
      await page.goto(`${origin}/rooms/${ROOM}/check`);
      await page.locator(".notice-noted").waitFor();
      await page.getByTestId("join-now").click();
      await page.locator(".call-in-room .call-code").waitFor();
    },
  },
];

lookBriefly(LOOKS, new Set(["en", "prs"]));

describe("a call that was agreed by voice", () => {
  let browser: Awaited<ReturnType<typeof startBrowser>>;
  let node: FakeNode;
  let origin: string;
  beforeAll(async () => {
    browser = await startBrowser();
    node = new FakeNode();
    origin = await node.start();
  });
  afterAll(async () => {
    await browser.close();
    await node.stop();
  });

  test("asks for no camera, has no switch for one, and shows the code of both", async () => {
    withCall(node);
    const context = await newPerson(browser, "en");
    const page = await context.newPage();
    await page.addInitScript(() => {
      const { mediaDevices } = navigator;
      const real = mediaDevices.getUserMedia.bind(mediaDevices);
      const asked: string[] = [];
      Object.assign(window, { asked });
      mediaDevices.getUserMedia = async (wanted) => {
        if (wanted?.video) asked.push("camera");
        if (wanted?.audio) asked.push("microphone");
        return real(wanted);
      };
    });
    await page.goto(`${origin}/rooms/${ROOM}/check`);
    await page.locator(".notice-noted").waitFor();
    await page.getByTestId("join-now").press("Enter");
    await page.locator(".call-in-room .call-code").waitFor();
    expect(await page.getByTestId("toggle-camera").count()).toBe(0);
    // The key that turns a camera on elsewhere does nothing here.
    await page.keyboard.press("v");
    await page.locator("[data-testid=connection-state][data-state=live]").waitFor();
    expect(await page.locator(".call-in-room .call-code").innerText()).toBe("172 969");
    const asked = await page.evaluate(() => (window as unknown as { asked: string[] }).asked);
    expect(asked).toContain("microphone");
    expect(asked).not.toContain("camera");
    await context.close();
  });
});
