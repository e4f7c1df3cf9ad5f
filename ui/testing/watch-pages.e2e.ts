/** The watch: no fault in any language by day and by night; and what its pages do. */
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";

import { drafts, quiet, ringing } from "./fake-alerts";
import type { FakeNode } from "./fake-node";
import { type Look, lookBriefly } from "./look-at";
import { shareScene } from "./scene";
import { self } from "./scenes";

/** FIPS 180-4, SHA-256 of "abc". */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const RINGS = ringing();
const onDuty = () => ({
  ...self(),
  offices: [{ id: "o1", name: "Duty desk of the ministry", is_on_duty: true }],
});

/** Where the header is folded, who is signed in stands in its menu. */
async function askToLeave(page: Page): Promise<void> {
  const leave = page.locator(".frame-person .button");
  if (!(await leave.isVisible())) await page.locator(".frame > .button").click();
  await leave.click();
  await page.getByTestId("yes").waitFor();
}

const LOOKS: readonly Look[] = [
  {
    name: "watch-leave",
    within: ".sheet",
    async open({ page, origin }) {
      await page.goto(`${origin}/watch/write`);
      await page.locator("textarea").fill("Convoy");
      await askToLeave(page);
    },
  },
  {
    name: "watch-ringing",
    arrange: (node) =>
      Object.assign(node.behaviour, {
        self: onDuty(),
        alerts: [ringing(), ...quiet()],
        drafts: drafts(),
      }),
    async open({ page, origin }) {
      await page.goto(`${origin}/watch`);
      await page.getByTestId("ring").waitFor();
      await page.locator(".draft-item").waitFor();
      await page.locator(".watch-late summary").click();
      await page.getByTestId("sound-check").waitFor();
    },
  },
  {
    name: "watch-alert",
    arrange: (node) => Object.assign(node.behaviour, { alerts: quiet() }),
    async open({ page, origin }) {
      await page.goto(`${origin}/watch/alerts/${"b2".repeat(32)}`);
      await page.getByTestId("body-hash").waitFor();
    },
  },
  {
    name: "watch-closed",
    arrange: (node) => Object.assign(node.behaviour, { alerts: quiet() }),
    async open({ page, origin }) {
      await page.goto(`${origin}/watch/alerts/${"b5".repeat(32)}`);
      await page.getByTestId("body-hash").waitFor();
      expect(await page.locator("[data-testid^=act-]").count()).toBe(2);
      expect(await page.getByTestId("act-answer").count()).toBe(0);
    },
  },
  {
    name: "watch-acknowledge",
    within: ".sheet",
    widths: [1440, 320],
    arrange: (node) => Object.assign(node.behaviour, { alerts: [RINGS] }),
    async open({ page, origin }) {
      await page.goto(`${origin}/watch/alerts/${RINGS.hash}`);
      await page.getByTestId("act-acknowledge").click();
      await page.getByTestId("sign-acknowledgement").waitFor();
    },
  },
  {
    name: "watch-judge",
    within: ".sheet",
    arrange: (node) => Object.assign(node.behaviour, { alerts: quiet() }),
    async open({ page, origin }) {
      await page.goto(`${origin}/watch/alerts/${"b2".repeat(32)}`);
      await page.getByTestId("act-judge").click();
      await page.getByTestId("sign-confirmation").waitFor();
    },
  },
  {
    name: "watch-write",
    async open({ page, origin }) {
      await page.goto(`${origin}/watch/write`);
      await page.getByTestId("add-translation").click();
      await page.locator("textarea").first().fill("The p\u0430ris convoy\u202e turns.");
      await page.getByTestId("fault-mixed").waitFor();
      await page.locator(".draft-exercise .toggle").first().click();
      await page.locator(".exercise-mark").waitFor();
    },
  },
];

lookBriefly(LOOKS);

describe("the watch", () => {
  let page: Page;
  let node: FakeNode;
  let origin = "";
  shareScene((shared) => {
    ({ page, node, origin } = shared);
  });
  beforeEach(() => {
    node.behaviour.self = onDuty();
  });

  const presented = () =>
    node.done
      .filter(({ path }) => path.endsWith("/presented"))
      .map(({ words }) => words["has_sound"]);

  test("rings as soon as the node tells, and says at once that nobody is proved to hear it", async () => {
    await page.goto(`${origin}/watch`);
    await page.getByTestId("heap-ours").waitFor();
    expect(await page.getByTestId("ring").count()).toBe(0);
    node.behaviour.alerts = [ringing()];
    node.tellAlerts();
    await page.getByTestId("ring").waitFor();
    await page.getByTestId("ring-hearing").waitFor();
    expect(await page.title()).toContain("FLASH");
    await expect.poll(presented).toEqual([false]);
  });

  test("is heard once an officer has heard the check, and the other party is told so", async () => {
    await page.getByTestId("sound-check").click();
    await page.getByTestId("play-flash").click();
    await page.getByTestId("heard").click();
    await page.locator("[data-testid=sound-state][data-hearing=heard]").waitFor();
    node.behaviour.alerts = [ringing()];
    node.tellAlerts();
    await expect.poll(presented).toContain(true);
    expect(await page.getByTestId("ring-hearing").count()).toBe(0);
  });

  test("names the languages that an alert is read in", async () => {
    node.behaviour.alerts = [RINGS];
    await page.goto(`${origin}/watch/alerts/${RINGS.hash}`);
    await page.getByTestId("act-acknowledge").click();
    await page.locator(".sheet .select-button").click();
    expect(await page.locator(".option").allTextContents()).toEqual(["دری", "English"]);
    await page.getByText("دری").last().click();
    expect(await page.locator(".sheet .select-value").textContent()).toBe("دری");
    await page.goto(`${origin}/watch`);
  });

  test("stops ringing here as soon as another officer has acknowledged", async () => {
    node.behaviour.alerts = [
      ringing({
        saying: { ...RINGS.saying, sentence: "acknowledgement_sent", duty: "our_answer" },
      }),
    ];
    node.tellAlerts();
    await page.getByTestId("ring").waitFor({ state: "detached" });
    expect(await page.title()).not.toContain("FLASH");
  });

  test("offers our word on how it was understood: so, or what was meant", async () => {
    node.behaviour.alerts = quiet();
    await page.goto(`${origin}/watch/alerts/${"b2".repeat(32)}`);
    const words = page.getByTestId("paraphrase");
    await words.first().waitFor();
    const said = await words.evaluateAll((each) => each.map((one) => one.dataset["word"]));
    expect(said).toEqual(["corrected", "waiting"]);
    await page.getByTestId("act-judge").click();
    await page.getByTestId("sign-confirmation").waitFor();
    await page.locator(".sheet textarea").fill("We ask about the radar alone.");
    await page.getByTestId("sign-correction").waitFor();
    expect(await page.getByTestId("sign-confirmation").count()).toBe(0);
    await page.locator(".sheet textarea").fill("The p\u0430ris convoy\u202e turns.");
    expect(await page.getByTestId("sign-correction").isDisabled()).toBe(true);
  });

  test("lets a reader say how an alert of theirs was understood", async () => {
    node.behaviour.alerts = quiet();
    await page.goto(`${origin}/watch/alerts/${"b3".repeat(32)}`);
    expect(await page.getByTestId("act-judge").count()).toBe(0);
    await page.getByTestId("act-paraphrase").click();
    expect(await page.getByTestId("sign-paraphrase").isDisabled()).toBe(true);
    await page.locator(".sheet textarea").fill("Two of their aircraft turn back.");
    await expect.poll(async () => page.getByTestId("sign-paraphrase").isEnabled()).toBe(true);
  });

  test("goes by keys alone: what rings is opened, and the sheet to acknowledge it", async () => {
    node.behaviour.alerts = [ringing()];
    await page.goto(`${origin}/watch`);
    await page.getByTestId("ring").waitFor();
    await page.keyboard.press("a");
    await page.getByTestId("one-alert").waitFor();
    await page.keyboard.press("a");
    await page.getByTestId("sign-acknowledgement").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.locator(".watch-keys").waitFor();
  });

  test("loses no words by a reload, and leaves none to whoever comes next", async () => {
    await page.goto(`${origin}/watch/write`);
    await page.locator("textarea").fill("For the minister alone.");
    await page.reload();
    expect(await page.locator("textarea").inputValue()).toBe("For the minister alone.");
    Object.assign(node.behaviour, { self: { ...self(), person: { ...self().person, id: "p2" } } });
    await page.reload();
    expect(await page.locator("textarea").inputValue()).toBe("");
  });

  test("asks before signing out would lose words, and then leaves nothing behind", async () => {
    await page.goto(`${origin}/watch/write`);
    await page.locator("textarea").fill("For the minister alone.");
    await askToLeave(page);
    await page.keyboard.press("Escape");
    expect(await page.locator("textarea").inputValue()).toBe("For the minister alone.");
    await askToLeave(page);
    await page.getByTestId("yes").click();
    await page.waitForURL(`${origin}/`);
    expect(node.done.at(-1)).toMatchObject({ path: "/api/sign-out" });
    await page.goto(`${origin}/watch/write`);
    expect(await page.locator("textarea").inputValue()).toBe("");
  });

  test("keeps a draft only without a fault, and shows it as it will be signed", async () => {
    await page.goto(`${origin}/watch/write`);
    await page.locator("textarea").fill("Con\u202evoy");
    await page.getByTestId("fault-turning").waitFor();
    await page.getByTestId("keep-draft").click();
    expect(await page.locator(".draft-form .notice").count()).toBe(2);
    await page.locator("textarea").fill("Convoy turns.");
    const chosen = page.waitForEvent("filechooser");
    await page.getByTestId("attachment").click();
    await (
      await chosen
    ).setFiles({
      name: "chart.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.from("abc"),
    });
    await page.getByText("chart.pdf").waitFor();
    expect(await page.getByTestId("text-count").textContent()).toContain("13 of 6,000");
    await page.locator(".check-box").first().click();
    await page.getByTestId("keep-draft").click();
    await page.getByTestId("one-draft").waitFor();
    expect(node.done.at(-1)).toMatchObject({
      path: "/api/alerts/drafts",
      words: { texts: [{ text: "Convoy turns." }], attachment: ABC, is_exercise: false },
    });
  });
});
