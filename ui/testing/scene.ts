/** One fake node and one page of a person at it: where a browser test begins. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach } from "vitest";

import { newPerson, startBrowser } from "./browser";
import { FakeNode } from "./fake-node";

/** One page, its node, and where that is. */
export interface Scene {
  readonly page: Page;
  readonly node: FakeNode;
  readonly origin: string;
}

/** A scene that is closed by whoever opened it. */
export interface OpenScene extends Scene {
  close(): Promise<void>;
}

/** Opens a page, still blank, for a person who reads `language`. */
export async function openScene(browser: Browser, language: string): Promise<OpenScene> {
  const node = new FakeNode();
  const origin = await node.start();
  const context = await newPerson(browser, language);
  const page = await context.newPage();
  return {
    page,
    node,
    origin,
    async close() {
      await context.close();
      await node.stop();
    },
  };
}

/**
 * Lets all tests around share a browser and one scene, told to `found` before the first of them;
 * before each the node behaves as usual and has been asked for nothing.
 */
export function shareScene(found: (scene: Scene) => void | Promise<void>): void {
  let browser: Browser;
  let scene: OpenScene;
  beforeAll(async () => {
    browser = await startBrowser();
    scene = await openScene(browser, "en");
    await found(scene);
  });
  afterAll(async () => {
    await scene.close();
    await browser.close();
  });
  beforeEach(() => {
    scene.node.reset();
    scene.node.done.length = 0;
  });
}
