/** What this device shows of itself for one call, so that two people can read six digits aloud. */

import type { Drawer } from "../../state/drawer";
import { twoDigits } from "../../state/papers/definition";

/** A device's key for one call, as the node takes it. */
export interface Shown {
  /** Of a key made for this call alone, in base64. */
  readonly public_key: string;
  /** 16 random bytes, in base64. */
  readonly nonce: string;
}

const NONCE_BYTES = 16;
const WORDS = "parley identity commitment\0";

/** Makes a key for one call. Its private half is never used and never leaves the browser. */
export async function makeShown(): Promise<Shown> {
  const made = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  const key = await crypto.subtle.exportKey("spki", made.publicKey);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  return { public_key: base64(new Uint8Array(key)), nonce: base64(nonce) };
}

/** What the device commits to before it has seen the other's key, in hexadecimal. */
export async function commitmentOf(request: string, shown: Shown): Promise<string> {
  const key = bytesOf(shown.public_key);
  const length = new Uint8Array([key.length >> 8, key.length & 0xff]);
  const said = [
    new TextEncoder().encode(WORDS),
    hexBytes(request),
    length,
    key,
    bytesOf(shown.nonce),
  ];
  const whole = new Uint8Array(await new Blob(said).arrayBuffer());
  const digest = await crypto.subtle.digest("SHA-256", whole);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keeps what was committed to for an exchange; another one has a name of its own. */
export function keepShown(
  drawer: Pick<Drawer, "getItem" | "setItem">,
  request: string,
  commitment: string,
  shown: Shown,
): void {
  drawer.setItem(`parley.call.${request}`, JSON.stringify({ ...shown, commitment }));
}

/** What this tab committed to last for a call; null where it was another tab or device. */
export function keptShown(
  drawer: Pick<Drawer, "getItem" | "setItem">,
  request: string,
): Shown | null {
  const kept = drawer.getItem(`parley.call.${request}`);
  if (kept === null) return null;
  const { public_key, nonce } = JSON.parse(kept) as Shown;
  return { public_key, nonce };
}

/** The digits of a code in words, for a voice that speaks one of these languages. */
export function spoken(code: string, language: string): string | null {
  const words = DIGITS[language] ?? DIGITS[language.split("-")[0] ?? ""];
  return words === undefined
    ? null
    : Array.from(code, (digit) => words[Number(digit)] ?? digit).join(" · ");
}

const DIGITS: Readonly<Record<string, readonly string[]>> = {
  en: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
  ru: ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
  zh: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"],
  uz: ["nol", "bir", "ikki", "uch", "to‘rt", "besh", "olti", "yetti", "sakkiz", "to‘qqiz"],
  prs: ["صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه"],
  fa: ["صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه"],
  ps: ["صفر", "یو", "دوه", "درې", "څلور", "پنځه", "شپږ", "اووه", "اته", "نهه"],
};

/** "47:59:03" until an instant; "-00:01:00" once it has passed. */
export function countdown(left_ms: number): string {
  const seconds = Math.floor(Math.abs(left_ms) / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  return `${left_ms < 0 ? "−" : ""}${parts.map(twoDigits).join(":")}`;
}

/** What the room of a call is called, the same at both nodes. */
export function roomTitle(request: string): string {
  return `Call ${request.slice(0, 8)}`;
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.codePointAt(0) ?? 0);
}

function hexBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
