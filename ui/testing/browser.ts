/** The system's Chromium, with a camera and a microphone that are not there. */
import { chromium, type Browser } from "playwright-core";

/** Where the browser is; Debian's by default. */
const EXECUTABLE = process.env["PARLEY_CHROMIUM"] ?? "/usr/bin/chromium";

/** Starts a browser whose devices are fake and whose permission is given. */
export async function startBrowser(extra: readonly string[] = []): Promise<Browser> {
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
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      ...extra,
    ],
  });
}
