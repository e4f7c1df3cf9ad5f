/** The system's Chromium, with a camera and a microphone that are not there. */
import { type Browser, type BrowserContext, chromium } from "playwright-core";

import { installFakeMedia } from "./fake-media";

/** Where the browser is; Debian's by default. */
const EXECUTABLE = process.env["PARLEY_CHROMIUM"] ?? "/usr/bin/chromium";

/** Starts a browser whose devices are fake and whose permission is given. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Every picture is painted by the processor: five a second show the same as thirty.
      "--use-fake-device-for-media-stream=fps=5",
      "--use-fake-ui-for-media-stream",
    ],
  });
}

/**
 * A browser of one person, who reads `language`. Its clock runs by itself and can be moved on:
 * what waits for seconds is not waited for.
 */
export async function newPerson(browser: Browser, language: string): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
  });
  await context.clock.install();
  await context.addInitScript((id) => localStorage.setItem("parley.language", id), language);
  await context.addInitScript(installFakeMedia);
  return context;
}
