/** Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature). */
import { decoded, encoded, hex, inEightBytes, joined, unbase64 } from "./bytes";
import { MalformedEntry } from "./malformed";
import { isEd25519, isMlDsa44 } from "./signatures";
import { digestOf, HASH_BYTES } from "./tree";

/** Type bytes of keys. */
export const LOG = 1;
export const COSIGNATURE = 4;
export const LATTICE = 6;

/** A verifier key. */
export interface PublicKey {
  readonly name: string;
  readonly kind: number;
  readonly content: Uint8Array;
}

/** One line below a note. */
export interface Signature {
  readonly name: string;
  readonly key_id: string;
  /** What follows the key's id. */
  readonly content: Uint8Array;
}

/** A text with what was signed under it. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/** A log at one size. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** The verifier keys of a text, a line each; lines that are none are passed over. */
export function publicKeys(text: string): readonly PublicKey[] {
  return linesOf(text).flatMap((line) => {
    const key = publicKey(line);
    return key === null ? [] : [key];
  });
}

/** The verifier key that a line is, if it is one. */
export function publicKey(line: string): PublicKey | null {
  const [name, rest] = partition(line, "+");
  const [key_id, base64] = partition(rest, "+");
  try {
    const [kind, ...content] = unbase64(base64);
    if (kind === undefined) return null;
    const key = { name, kind, content: Uint8Array.from(content) };
    return keyIdOf(key) === key_id ? key : null;
  } catch {
    return null;
  }
}

/** The four bytes that go before a key's signatures, in hexadecimal. */
export function keyIdOf({ name, kind, content }: PublicKey): string {
  return hex(digestOf(encoded(`${name}\n`), Uint8Array.of(kind), content).subarray(0, 4));
}

/** A note's text, and each signature under it. */
export function splitNote(content: Uint8Array): Note {
  const whole = decoded(content);
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n") || at + 2 >= whole.length) {
    throw new MalformedEntry("no signatures");
  }
  const lines = whole.slice(at + 2, -1).split("\n");
  return { text: `${whole.slice(0, at)}\n`, signatures: lines.map(signature) };
}

function signature(line: string): Signature {
  const found = /^\u2014 ([^ +]+) ([A-Za-z0-9+/]+=*)$/u.exec(line);
  if (found === null) throw new MalformedEntry("a line that is no signature");
  const content = unbase64(found[2] ?? "");
  return {
    name: found[1] ?? "",
    key_id: hex(content.subarray(0, 4)),
    content: content.subarray(4),
  };
}

/** Origin, size and root of a checkpoint. */
export function splitCheckpoint(text: string): Checkpoint {
  const found = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n$/.exec(text);
  if (found === null) throw new MalformedEntry("no checkpoint");
  const root = unbase64(found[3] ?? "");
  if (root.length !== HASH_BYTES) throw new MalformedEntry("no checkpoint");
  return { origin: found[1] ?? "", size: BigInt(found[2] ?? 0), root };
}

/** The time of a signature that holds, in seconds (0 where it has none), or null. */
export async function checkSignature(
  key: PublicKey,
  text: string,
  content: Uint8Array,
): Promise<number | null> {
  const isTimed = key.kind !== LOG;
  const seconds = isTimed ? bigEndian(content.subarray(0, 8)) : 0n;
  const rest = isTimed ? content.subarray(8) : content;
  let signed: Uint8Array;
  try {
    signed = signedContent(key, text, seconds);
  } catch {
    return null;
  }
  const holds =
    key.kind === LATTICE
      ? isMlDsa44(rest, signed, key.content)
      : await isEd25519(rest, signed, key.content);
  return holds ? Number(seconds) : null;
}

function signedContent({ kind, name }: PublicKey, text: string, seconds: bigint): Uint8Array {
  if (kind === LOG) return encoded(text);
  if (kind === COSIGNATURE) return encoded(`cosignature/v1\ntime ${seconds}\n${text}`);
  const { origin, size, root } = splitCheckpoint(text);
  const by = encoded(name);
  const of = encoded(origin);
  if (by.length > 255 || of.length > 255) throw new MalformedEntry("a name that is too long");
  return joined(
    encoded("subtree/v1\n\0"),
    joined(Uint8Array.of(by.length), by, inEightBytes(seconds)),
    joined(Uint8Array.of(of.length), of, new Uint8Array(8), inEightBytes(size), root),
  );
}

/** Lines as they are counted in lists of keys and files. */
export function linesOf(text: string): readonly string[] {
  // What Python counts as the end of a line, so that both read the same lists.
  // oxlint-disable-next-line no-control-regex
  const lines = text.split(/\r\n|[\n\r\v\f\u001C-\u001E\u0085\u2028\u2029]/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** What stands before and after the first place of a separator. */
export function partition(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
