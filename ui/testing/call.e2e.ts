/** A whole call in a real browser against a node that dies, comes back, refuses and replaces. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import type { RoomRequest } from "../src/api/types";
import { newPerson, startBrowser } from "./browser";
import { FakeNode } from "./fake-node";
import { ME, people, ROOM } from "./scenes";

let browser: Browser;
let node: FakeNode;
let origin: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  node = new FakeNode();
  origin = await node.start();
  context = await newPerson(browser, "en");
  page = await context.newPage();
});

afterEach(async () => {
  await context.close();
  await node.stop();
});

const state = async (wanted: string, on = page) =>
  on.locator(`[data-testid=connection-state][data-state=${wanted}]`).waitFor();

function asked<T extends RoomRequest["type"]>(type: T): Extract<RoomRequest, { type: T }>[] {
  return node.asked.filter(
    (request): request is Extract<RoomRequest, { type: T }> => request.type === type,
  );
}

/** Moves the page's clock on until something is there; the network keeps its own time. */
async function passUntil(selector: string): Promise<void> {
  const wanted = page.locator(selector);
  await expect
    .poll(
      async () => {
        await page.clock.runFor(500);
        return wanted.count();
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBeGreaterThan(0);
}

async function enter(): Promise<void> {
  await page.goto(`${origin}/rooms/${ROOM}/check`);
  await page.locator(".picture-own").waitFor();
  await page.getByTestId("join-now").click();
  await state("live");
}

test("the whole job can be done by keyboard", async () => {
  await page.goto(origin);
  await page.getByTestId("join-room").focus();
  await page.keyboard.press("Enter");
  await page.locator(".picture-own").waitFor();
  await page.getByTestId("join-now").focus();
  await page.keyboard.press("Enter");
  await state("live");

  await page.keyboard.press("m");
  await expect.poll(() => asked("muted").at(-1)?.microphone).toBe(true);
  await page.locator("h1").click();
  await page.keyboard.down("Space");
  await expect.poll(() => asked("muted").at(-1)?.microphone).toBe(false);
  await page.keyboard.up("Space");
  await expect.poll(() => asked("muted").at(-1)?.microphone).toBe(true);

  await page.keyboard.press("?");
  await page.locator(".keys").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".keys").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.locator(".stage-principal").waitFor();
  await page.keyboard.press("Shift+L");
  await page.getByTestId("open-room").waitFor();
  expect(asked("leave")).toHaveLength(1);
});

test("the focus is seen wherever the keyboard takes it", async () => {
  await page.goto(origin);
  await page.locator("[data-testid^=line-]").first().waitFor();
  expect(await unseenFocus()).toEqual([]);
  await enter();
  expect(await unseenFocus()).toEqual([]);
});

/** What the Tab key leads to from the top of the page and no outline shows. */
async function unseenFocus(): Promise<readonly string[]> {
  const faults: string[] = [];
  let steps = 0;
  for (; steps < 60; steps += 1) {
    // One step after the other, as a person goes.
    // oxlint-disable-next-line no-await-in-loop
    await page.keyboard.press("Tab");
    // oxlint-disable-next-line no-await-in-loop
    const found = await page.evaluate(() => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return null;
      const shown = focused.closest("label") ?? focused;
      const { outlineStyle, outlineWidth } = getComputedStyle(shown);
      const isSeen = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
      return isSeen ? "" : shown.outerHTML.slice(0, 120);
    });
    if (found === null) break;
    if (found !== "") faults.push(found);
  }
  expect(steps).toBeGreaterThan(5);
  return faults;
}

test("a node that is killed and comes back has the call back without a reload", async () => {
  await enter();
  node.die();
  await page.locator(".room-mending").waitFor();
  await page.clock.runFor(4_000);
  await page.getByText("Nobody hears or sees you").waitFor();
  node.behaviour.isAlive = true;
  await passUntil("[data-testid=connection-state][data-state=live]");
  expect(asked("join").at(-1)?.resume).toBe(ME);
  await page.locator(".room-mending").waitFor({ state: "detached" });
});

test("a page loaded anew takes its seat again by itself", async () => {
  await enter();
  await page.reload();
  await state("live");
  expect(asked("join").map((join) => join.resume)).toEqual([null, ME]);
});

test("another tab puts this one aside until the seat is taken back", async () => {
  await enter();
  const other = await context.newPage();
  await other.goto(`${origin}/rooms/${ROOM}/check`);
  await other.getByTestId("join-now").click();
  await state("live", other);
  await state("replaced");
  await page.getByRole("button", { name: "Take the seat back here" }).click();
  await state("live");
  await state("replaced", other);
  expect(asked("join").map((join) => join.resume)).toEqual([null, null, null]);
});

test("a tab that was put aside and is loaded anew puts nobody out", async () => {
  await enter();
  const other = await context.newPage();
  await other.goto(`${origin}/rooms/${ROOM}/check`);
  await other.getByTestId("join-now").click();
  await state("replaced");
  await page.reload();
  await page.getByTestId("join-now").waitFor();
  await state("live", other);
  expect(asked("join")).toHaveLength(2);
});

test("a refusal is shown with its reason, and can be tried again", async () => {
  node.behaviour.refusal = "room.closed";
  await page.goto(`${origin}/rooms/${ROOM}/check`);
  await page.getByTestId("join-now").click();
  await state("refused");
  await page.getByText("This room is closed.").waitFor();
  node.behaviour.refusal = null;
  await page.getByRole("button", { name: "Try again" }).click();
  await state("live");
});

test("denied devices say what to do, and joining to listen is possible", async () => {
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException("denied", "NotAllowedError");
    };
  });
  await page.goto(`${origin}/rooms/${ROOM}/check`);
  await page.getByText("Not allowed").first().waitFor();
  await page.getByText("You join to listen only.").waitFor();
  await page.getByTestId("join-now").click();
  await state("live");
  expect(asked("join")[0]?.muted).toEqual({ microphone: true, camera: true, screen: true });
});

test("pictures out of sight are not asked for", async () => {
  await enter();
  await expect.poll(() => asked("watch").at(-1)?.slots.length).toBe(3);
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => asked("watch").at(-1)?.slots.length).toBe(0);
});

test("who comes and goes is said aloud", async () => {
  await enter();
  node.behaviour.people = people().slice(1);
  node.tellRoster();
  await page.getByTestId("announcements").getByText("李明").waitFor({ state: "attached" });
});

test("the desk says that the node is silent, and comes back with it", async () => {
  await page.goto(origin);
  await page.locator("[data-testid^=line-]").first().waitFor();
  node.die();
  await page.clock.runFor(4_000);
  await page.getByText("Your node does not answer; trying again.").waitFor();
  node.behaviour.isAlive = true;
  await passUntil(".facts .chip-good");
  await page.locator(".desk-contact").waitFor({ state: "detached" });
});
