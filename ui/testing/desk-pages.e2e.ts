/** The desk, the way in and the device check: no fault in any language, by day and by night. */
import { type Look, lookAt } from "./look-at";
import type { Scene } from "./scene";
import { ROOM } from "./scenes";

/** The desk; one that the look before has left as it was is looked at again. */
async function desk({ page, origin }: Scene): Promise<void> {
  if ((await page.locator(".facts .chip-good").count()) > 0) return;
  await page.goto(origin);
  await page.getByTestId("open-room").waitFor();
  await page.locator("[data-testid^=line-]").first().waitFor();
}

const stay = async () => undefined;
const escape = async ({ page }: Scene) => {
  await page.keyboard.press("Escape");
  await page.locator(".sheet, .frame-menu").waitFor({ state: "detached" });
};

const LOOKS: readonly Look[] = [
  { name: "desk", open: desk, close: stay },
  {
    name: "desk-menu",
    within: ".frame-menu",
    widths: [390, 320],
    async open(scene) {
      await desk(scene);
      await scene.page.locator(".frame > .button").click();
      await scene.page.locator(".frame-menu").waitFor();
    },
    close: escape,
  },
  {
    name: "desk-exercise-room",
    arrange: (node) =>
      Object.assign(node.behaviour, {
        rooms: node.behaviour.rooms.map((each) => ({ ...each, is_exercise: true })),
      }),
    async open(scene) {
      await scene.page.goto(scene.origin);
      await scene.page.getByTestId("exercise").first().waitFor();
    },
  },
  {
    name: "desk-open-room",
    within: ".sheet",
    async open(scene) {
      await desk(scene);
      await scene.page.getByTestId("open-room").click();
      await scene.page.locator(".sheet .check-box").first().waitFor();
    },
    close: escape,
  },
  {
    name: "desk-close-room",
    within: ".sheet",
    async open(scene) {
      await desk(scene);
      await scene.page.getByTestId("close-room").click();
      await scene.page.locator(".sheet").waitFor();
    },
    close: escape,
  },
  {
    name: "desk-silent",
    async open(scene) {
      await desk(scene);
      scene.node.die();
      await scene.page.clock.runFor(4_000);
      await scene.page.locator(".desk-contact").waitFor();
    },
  },
  {
    name: "desk-trouble",
    arrange: (node) =>
      Object.assign(node.behaviour, {
        state: {
          troubles: ["storage.full", "log.forked", "line.our_key_in_use_twice"],
          backup_at: null,
        },
      }),
    async open({ page, origin }) {
      await page.goto(origin);
      await page.getByTestId("trouble").nth(2).waitFor();
      await page.getByTestId("last-backup").waitFor();
    },
  },
  {
    name: "desk-empty",
    arrange: (node) => Object.assign(node.behaviour, { lines: [], rooms: [], refusals: [] }),
    async open({ page, origin }) {
      await page.goto(origin);
      await page.locator(".empty").nth(1).waitFor();
      await page.locator(".desk-side .facts dt").nth(1).waitFor();
    },
  },
  {
    name: "nothing-here",
    async open({ page, origin }) {
      await page.goto(`${origin}/nowhere`);
      await page.locator(".empty .button").waitFor();
    },
  },
  {
    name: "sign-in",
    arrange: (node) =>
      Object.assign(node.behaviour, { isSignedIn: false, provider: "Ministry login" }),
    async open({ page, origin }) {
      await page.goto(origin);
      await page.getByTestId("sign-in-provider").waitFor();
    },
  },
  {
    name: "sign-in-refused",
    arrange: (node) => Object.assign(node.behaviour, { isSignedIn: false }),
    async open({ page, origin }) {
      await page.goto(`${origin}/?refused=sign_in.link_used`);
      await page.locator(".sign-in-card .notice").waitFor();
    },
  },
  {
    name: "check",
    async open({ page, origin }) {
      await page.goto(`${origin}/rooms/${ROOM}/check`);
      await page.locator(".picture-own").waitFor();
      await page.locator(".level").waitFor();
    },
  },
  {
    name: "check-denied",
    async open({ page, origin }) {
      await page.goto(origin);
      await page.getByTestId("join-room").waitFor();
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = async () => {
          throw new DOMException("denied", "NotAllowedError");
        };
      });
      await page.getByTestId("join-room").click();
      await page.locator(".check .notice").nth(1).waitFor();
    },
  },
];

lookAt(LOOKS);
