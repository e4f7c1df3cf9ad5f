/** The room in all its states: no fault in any language, by day and by night. */
import type { Page } from "playwright-core";

import type { FakeNode } from "./fake-node";
import { type Look, lookAt } from "./look-at";
import type { Scene } from "./scene";
import { people, ROOM } from "./scenes";

async function check({ page, origin }: Scene): Promise<void> {
  await page.goto(`${origin}/rooms/${ROOM}/check`);
  await page.locator(".check-as").waitFor();
}

/** In the room; a call that the look before has left whole goes on. */
async function room(scene: Scene): Promise<void> {
  const { page } = scene;
  const isIn = await page.locator("[data-testid=connection-state][data-state=live]").count();
  if (isIn === 0) {
    await check(scene);
    await page.locator(".picture-own").waitFor();
    await page.getByTestId("join-now").click();
  }
  await live(page);
}

async function live(page: Page): Promise<void> {
  await page.locator("[data-testid=connection-state][data-state=live]").waitFor();
  await page.locator("video[data-track]").first().waitFor();
  // A picture is painted twice a second; the first one has come by then.
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
  );
}

/** Puts others into the room; everybody back in is the way out. */
function populate({ node }: Pick<Scene, "node">, who: ReturnType<typeof people>): void {
  node.behaviour.people = who;
  node.tellRoster();
}

const everybody = async (scene: Scene) => populate(scene, people());
const stay = async () => undefined;
const escape = async ({ page }: Scene) => {
  await page.keyboard.press("Escape");
  await page.locator(".sheet").waitFor({ state: "detached" });
};

const LOOKS: readonly Look[] = [
  { name: "room", open: room, close: stay },
  {
    name: "room-speaker",
    async open(scene) {
      await room(scene);
      await scene.page.keyboard.press("g");
      await scene.page.locator(".stage-principal").waitFor();
    },
    async close({ page }) {
      await page.keyboard.press("g");
      await page.locator(".stage-grid").waitFor();
    },
  },
  {
    name: "room-help",
    within: ".sheet",
    async open(scene) {
      await room(scene);
      await scene.page.keyboard.press("?");
      await scene.page.locator(".keys").waitFor();
    },
    close: escape,
  },
  {
    name: "room-quality",
    within: ".sheet",
    async open(scene) {
      await room(scene);
      await scene.page.locator(".quality .button").click();
      await scene.page.locator(".hop-table").waitFor();
    },
    close: escape,
  },
  {
    name: "room-muted",
    async open(scene) {
      await room(scene);
      await scene.page.keyboard.press("m");
      await scene.page.keyboard.press("v");
      await scene.page.locator(".controls .control").nth(3).waitFor();
      await scene.page.locator(".picture-own").waitFor({ state: "detached" });
    },
    async close({ page }) {
      await page.keyboard.press("m");
      await page.keyboard.press("v");
      await page.locator(".picture-own").waitFor();
    },
  },
  {
    name: "room-alone",
    async open(scene) {
      await room(scene);
      populate(
        scene,
        people().filter((each) => each.is_self),
      );
      await scene.page.locator(".stage-alone").waitFor();
    },
    close: everybody,
  },
  {
    name: "room-two-without-pictures",
    async open(scene) {
      await room(scene);
      populate(scene, twoWithoutPictures());
      await scene.page.locator(".tile").nth(2).waitFor({ state: "detached" });
    },
    close: everybody,
  },
  {
    name: "room-cut",
    async open(scene) {
      await room(scene);
      scene.node.die();
      await scene.page.clock.runFor(4_000);
      await scene.page.locator(".room-mending .notice-cut").waitFor();
    },
  },
  {
    name: "room-replaced",
    async open(scene) {
      await room(scene);
      scene.node.tellRooms({ type: "replaced" });
      await scene.page.locator(".halt .button").first().waitFor();
    },
  },
  {
    name: "room-ended",
    async open(scene) {
      await room(scene);
      scene.node.tellRooms({ type: "ended", reason: "closed" });
      await scene.page.locator(".halt .button").first().waitFor();
    },
  },
  {
    name: "room-refused",
    arrange: (node: FakeNode) => Object.assign(node.behaviour, { refusal: "room.closed" }),
    async open(scene) {
      await check(scene);
      await scene.page.getByTestId("join-now").click();
      await scene.page.locator(".halt .button").first().waitFor();
    },
  },
];

function twoWithoutPictures(): ReturnType<typeof people> {
  return people().filter((each) => each.is_self || each.name.startsWith("Ольга"));
}

lookAt(LOOKS);
