/** Every page, in every language, by day and by night: no accessibility fault, nothing refused. */
import { mkdirSync } from "node:fs";

import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { LANGUAGES } from "../src/i18n/languages";
import { startBrowser } from "./browser";
import { installFakeMedia } from "./fake-media";
import { FakeNode } from "./fake-node";
import { ROOM } from "./scenes";

const SHOTS = new URL("../.screenshots/", import.meta.url).pathname;
const WIDTHS = [320, 390, 1024, 1440] as const;

/** A page in the state it is looked at. */
interface Look {
  readonly name: string;
  arrange?(node: FakeNode): void;
  open(page: Page, origin: string, node: FakeNode): Promise<void>;
}

const LOOKS: readonly Look[] = [
  {
    name: "desk",
    async open(page, origin) {
      await page.goto(origin);
      await page.getByTestId("open-room").waitFor();
      await page.locator("[data-testid^=line-]").first().waitFor();
    },
  },
  {
    name: "desk-empty",
    arrange: (node) => Object.assign(node.behaviour, { lines: [], rooms: [], refusals: [] }),
    async open(page, origin) {
      await page.goto(origin);
      await page.locator(".empty").first().waitFor();
      await page.locator(".desk-side .facts dt").nth(1).waitFor();
    },
  },
  {
    name: "desk-silent",
    async open(page, origin, node) {
      await page.goto(origin);
      await page.locator("[data-testid^=line-]").first().waitFor();
      node.die();
      await page.locator(".desk-contact").waitFor();
    },
  },
  {
    name: "open-room",
    async open(page, origin) {
      await page.goto(origin);
      await page.locator("[data-testid^=line-]").first().waitFor();
      await page.getByTestId("open-room").click();
      await page.locator(".sheet .check-box").first().waitFor();
    },
  },
  {
    name: "sign-in",
    arrange: (node) => Object.assign(node.behaviour, { isSignedIn: false }),
    async open(page, origin) {
      await page.goto(origin);
      await page.locator(".sign-in-card").waitFor();
    },
  },
  {
    name: "check",
    async open(page, origin) {
      await page.goto(`${origin}/rooms/${ROOM}/check`);
      await page.locator(".picture-own").waitFor();
      await page.locator(".level").waitFor();
    },
  },
  { name: "room", open: enter },
  {
    name: "room-help",
    async open(page, origin) {
      await enter(page, origin);
      await page.keyboard.press("?");
      await page.locator(".keys").waitFor();
    },
  },
  {
    name: "room-speaker",
    async open(page, origin) {
      await enter(page, origin);
      await page.keyboard.press("g");
      await page.locator(".stage-principal").waitFor();
    },
  },
  {
    name: "room-quality",
    async open(page, origin) {
      await enter(page, origin);
      await page.locator(".quality .button").click();
      await page.locator(".hop-table").waitFor();
    },
  },
  {
    name: "room-cut",
    async open(page, origin, node) {
      await enter(page, origin);
      node.die();
      await page.locator(".room-mending .notice-cut").waitFor();
    },
  },
  {
    name: "room-replaced",
    async open(page, origin, node) {
      await enter(page, origin);
      node.tellRooms({ type: "replaced" });
      await page.locator(".halt .button").first().waitFor();
    },
  },
];

async function enter(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/rooms/${ROOM}/check`);
  await page.getByTestId("join-now").click();
  await page.locator("[data-testid=connection-state][data-state=live]").waitFor();
  await page.locator("video[data-track]").first().waitFor();
  // A picture is painted five times a second; the first one has come by then.
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
  );
}

let browser: Browser;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
});

describe.each(LOOKS)("page $name", (look) => {
  test.each(LANGUAGES)(
    "has no accessibility fault in $name, by day and by night",
    async (language) => {
      const { node, page, complaints, context, origin } = await visit(language.id);
      look.arrange?.(node);
      try {
        await look.open(page, origin, node);
        for (const scheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          const { violations } = await new AxeBuilder({ page })
            .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
            .analyze();
          expect(summary(violations)).toEqual([]);
        }
        expect(await page.locator("html").getAttribute("dir")).toBe(language.direction);
        expect(complaints).toEqual([]);
      } finally {
        await context.close();
        await node.stop();
      }
    },
  );
});

describe.each(LOOKS)("page $name", (look) => {
  test.each(["en", "ru", "prs", "zh-Hans"])("fits every width in %s", async (language) => {
    const { node, page, context, origin } = await visit(language);
    look.arrange?.(node);
    try {
      await page.emulateMedia({ reducedMotion: "reduce" });
      await look.open(page, origin, node);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width < 400 ? 844 : 900 });
        // What follows the width by script (the header's menu, the grid) takes a moment.
        const excess = async () =>
          page.evaluate(() => {
            const { scrollWidth, clientWidth } = document.documentElement;
            return scrollWidth - clientWidth;
          });
        await expect.poll(excess, { message: `${width} px`, timeout: 5_000 }).toBe(0);
        await page.screenshot({ path: `${SHOTS}${look.name}-${language}-${width}.png` });
      }
      if (language === "en") {
        await page.emulateMedia({ colorScheme: "dark" });
        await page.screenshot({ path: `${SHOTS}${look.name}-dark.png` });
      }
    } finally {
      await context.close();
      await node.stop();
    }
  });
});

async function visit(language: string): Promise<{
  node: FakeNode;
  page: Page;
  complaints: string[];
  context: BrowserContext;
  origin: string;
}> {
  const node = new FakeNode();
  const origin = await node.start();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.grantPermissions(["camera", "microphone"], { origin });
  await context.addInitScript((id) => localStorage.setItem("parley.language", id), language);
  await context.addInitScript(installFakeMedia);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (line) => {
    // A refusal of the policy is said here and nowhere else.
    if (
      line.type() === "error" &&
      !/401|ERR_EMPTY_RESPONSE|ERR_CONNECTION|WebSocket connection/.test(line.text())
    )
      complaints.push(line.text());
  });
  return { node, page, complaints, context, origin };
}

function summary(
  violations: readonly {
    id: string;
    nodes: readonly { html: string; failureSummary?: string }[];
  }[],
) {
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((each) => `${each.html} ${each.failureSummary ?? ""}`)
        .slice(0, 3)
        .join(" | ")}`,
  );
}
