/** The bell over the browser's own sound, notices, icon, locks and clock. */
import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Alert } from "../api/alert-types";
import { present } from "../api/alerts";
import { Bell, type BellPorts } from "../state/watch/bell";
import type { BellActs } from "../views/watch/bell";
import { PRECEDENCE_WORDS } from "../views/watch/words";
import { BellSound } from "./alarm";

const DESK = "parley.desk";
/** Outlives a reload, and not the tab: another tab, another day and another headset are checked anew. */
const CHECKED = "parley.heard";
const ICON_RINGING =
  "data:image/svg+xml," +
  encodeURIComponent(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><circle cx='16' cy='16' r='15' fill='#a01422'/><path d='M16 6v13M16 24v1' stroke='#fff' stroke-width='5' stroke-linecap='round'/></svg>",
  );

const alarm = new BellSound();

const ports: BellPorts = {
  now: () => Date.now(),
  everySecond: tick,
  sound: () => alarm.state(),
  play: (precedence) => alarm.play(precedence),
  silence: () => alarm.silence(),
  isShown: () => document.visibilityState === "visible",
  report: async (alert, has_sound) => present(alert, deskName(), has_sound),
  attract,
};

/** The one bell of this page, made when the interface first shows what could ring. */
export const bell = new Bell(ports, sessionStorage.getItem(CHECKED) === "yes");

/** What the page does with the bell beside looking at it. */
export const bellActs: BellActs = {
  bell,
  desk: deskName(),
  async try(precedence) {
    alarm.unlock();
    await Promise.allSettled([keepAwake(), askForNotices()]);
    alarm.play(precedence);
  },
  confirm(isHeard) {
    sessionStorage.setItem(CHECKED, isHeard ? "yes" : "no");
    bell.check(isHeard);
  },
  notices: () => ("Notification" in window ? Notification.permission : "denied"),
  isKeptAwake: () => awake !== null && !awake.released,
};

for (const act of ["pointerdown", "keydown"])
  window.addEventListener(act, () => alarm.unlock(), { capture: true, passive: true });
// A headset that comes or goes takes the sound with it: what was heard before proves nothing now.
navigator.mediaDevices?.addEventListener("devicechange", () => bellActs.confirm(false));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && isWanted) void keepAwake();
});
holdLock();

/** A name that says nothing about whoever sits there: the other party reads it. */
function deskName(): string {
  const known = localStorage.getItem(DESK);
  if (known !== null) return known;
  const letters = crypto.getRandomValues(new Uint8Array(4));
  const made = `desk ${Array.from(letters, (each) => (each % 36).toString(36)).join("")}`;
  localStorage.setItem(DESK, made);
  return made;
}

function tick(act: () => void): () => void {
  const worker = new Worker(new URL("./ticker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", act);
  return () => worker.terminate();
}

/** Held as long as the page is open: a browser does not freeze whoever holds one. */
function holdLock(): void {
  void navigator.locks?.request("parley.watch", { mode: "shared" }, async () => {
    await new Promise<never>(() => undefined);
  });
}

let awake: WakeLockSentinel | null = null;
let isWanted = false;

/** Keeps the screen on; a browser that will not is no fault, and the page says so. */
async function keepAwake(): Promise<void> {
  isWanted = true;
  try {
    awake = (await navigator.wakeLock?.request("screen")) ?? null;
  } catch {
    awake = null;
  }
}

async function askForNotices(): Promise<void> {
  if ("Notification" in window && Notification.permission === "default")
    await Notification.requestPermission();
}

let title: string | null = null;
let isOdd = false;
let notified = new Set<string>();
let flashing: ReturnType<typeof setInterval> | null = null;

/** The tab's title and icon, the program's badge, and the system's notice, as far as allowed. */
function attract(loudest: Alert | null, count: number): void {
  if (loudest === null) {
    if (title !== null) document.title = title;
    if (flashing !== null) clearInterval(flashing);
    [title, flashing] = [null, null];
    notified = new Set();
    icon(null);
    void navigator.clearAppBadge?.().catch(() => undefined);
    return;
  }
  title ??= document.title;
  const words = headline(loudest, count);
  if (flashing !== null) clearInterval(flashing);
  flashing = setInterval(() => {
    isOdd = !isOdd;
    document.title = isOdd ? words : (title ?? "");
  }, 1_000);
  document.title = words;
  icon(ICON_RINGING);
  void navigator.setAppBadge?.(count).catch(() => undefined);
  notify(loudest, words);
}

function icon(address: string | null): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel~=icon]");
  if (link === null) return;
  link.dataset["usual"] ??= link.getAttribute("href") ?? "";
  link.setAttribute("href", address ?? link.dataset["usual"]);
}

/** What it says stays out of it: a notice stands on locked screens. */
function notify(alert: Alert, words: string): void {
  if (notified.has(alert.hash) || bellActs.notices() !== "granted") return;
  notified.add(alert.hash);
  try {
    const notice = new Notification(words, {
      tag: alert.hash,
      requireInteraction: true,
      icon: "/mark.svg",
    });
    notice.addEventListener("click", () => {
      window.focus();
      notice.close();
    });
  } catch {
    // Browsers of phones have notices for service workers alone.
  }
}

function headline(alert: Alert, count: number): string {
  const precedence = i18n._(PRECEDENCE_WORDS[alert.precedence]);
  const { party } = alert;
  const words = alert.is_exercise
    ? i18n._(msg`EXERCISE: ${precedence} from ${party}`)
    : i18n._(msg`${precedence} from ${party}`);
  return count > 1 ? `(${count}) ${words}` : words;
}
