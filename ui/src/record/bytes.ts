/** Bytes as text and back, in the one spelling that each form has. */
import { MalformedEntry } from "./malformed";

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });
const ENCODER = new TextEncoder();
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Bytes of a text. */
export function encoded(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Text of bytes that must be UTF-8. */
export function decoded(content: Uint8Array): string {
  try {
    return STRICT.decode(content);
  } catch {
    throw new MalformedEntry("not UTF-8");
  }
}

/** Text of bytes, with a mark where they are not UTF-8. */
export function decodedLoosely(content: Uint8Array): string {
  return LENIENT.decode(content);
}

/** Lower-case hexadecimal. */
export function hex(content: Uint8Array): string {
  let text = "";
  for (const byte of content) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Bytes of lower-case hexadecimal. */
export function unhex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new MalformedEntry("not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** What base64 stands for, in its one spelling. */
export function unbase64(text: string): Uint8Array {
  let binary = "";
  try {
    binary = atob(text);
  } catch {
    throw new MalformedEntry("not base64");
  }
  // A browser takes spaces and spare bits too; the form does not.
  if (btoa(binary) !== text) throw new MalformedEntry("not base64 as it should be");
  return Uint8Array.from(binary, (letter) => letter.codePointAt(0) ?? 0);
}

/** An id as text: base32 in lower case, without padding. */
export function idText(content: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of content) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31];
}

/** Bytes of an id. */
export function unid(text: string): Uint8Array {
  if (!/^[a-z2-7]{26}$/.test(text)) throw new MalformedEntry("no id");
  const content: number[] = [];
  let held = 0;
  let bits = 0;
  for (const letter of text) {
    held = (held << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    content.push(held >> bits);
    held &= (1 << bits) - 1;
  }
  return Uint8Array.from(content);
}

/** Whether two byte strings are the same. */
export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Byte strings one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A whole number in eight bytes, the highest first. */
export function inEightBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** The parts of a file in which each stands after its length in two bytes. */
export function cut(content: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < content.length) {
    const end = at + 2 + ((content[at] ?? 0) << 8) + (content[at + 1] ?? 0);
    if (end > content.length || at + 2 > content.length) {
      throw new MalformedEntry("ends too early");
    }
    parts.push(content.subarray(at + 2, end));
    at = end;
  }
  return parts;
}
