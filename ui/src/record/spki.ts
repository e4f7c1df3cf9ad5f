/** Signatures by passkeys: Ed25519, ES256 and RS256 keys, as SubjectPublicKeyInfo (RFC 5280 §4.1). */
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { hex } from "./bytes";
import { MalformedEntry } from "./malformed";
import { isEd25519 } from "./signatures";

const ED25519 = "2b6570";
const ELLIPTIC = "2a8648ce3d0201";
const RSA = "2a864886f70d010101";
const CURVES: Readonly<Record<string, typeof p256>> = {
  "2a8648ce3d030107": p256,
  "2b81040022": p384,
  "2b81040023": p521,
};
/** What stands before a SHA-256 in a signature by RSA (RFC 8017 §9.2). */
const SHA256_PREFIX = "3031300d060960864801650304020105000420";
/** RSA keys of authenticators; a shorter one can be broken, the work of a larger grows by its cube. */
const MODULUS_BITS_MIN = 2_048;
const MODULUS_BITS_MAX = 4_096;
const EXPONENT = 65_537n;

const INTEGER = 0x02;
const BITS = 0x03;
const NAME = 0x06;
const LIST = 0x30;

/** Whether a key signed something; a key or a form that is not known signed nothing. */
export async function hasSigned(
  key: Uint8Array,
  signature: Uint8Array,
  content: Uint8Array,
): Promise<boolean> {
  try {
    const whole = new DerReader(key);
    const fields = new DerReader(whole.take(LIST));
    whole.end();
    const algorithm = new DerReader(fields.take(LIST));
    const bits = fields.take(BITS);
    fields.end();
    if (bits[0] !== 0) return false;
    const name = hex(algorithm.take(NAME));
    if (name === ED25519) return await isEd25519(signature, content, bits.subarray(1));
    if (name === RSA) return isRsa(bits.subarray(1), signature, content);
    const curve = name === ELLIPTIC ? CURVES[hex(algorithm.take(NAME))] : undefined;
    return (
      curve?.verify(signature, sha256(content), bits.subarray(1), {
        prehash: false,
        lowS: false,
        format: "der",
      }) ?? false
    );
  } catch {
    return false;
  }
}

function isRsa(key: Uint8Array, signature: Uint8Array, content: Uint8Array): boolean {
  const fields = new DerReader(new DerReader(key).take(LIST));
  const modulus = trimmed(fields.take(INTEGER));
  const exponent = numberOf(fields.take(INTEGER));
  const bits = 8 * modulus.length - (Math.clz32(modulus[0] ?? 0) - 24);
  if (bits < MODULUS_BITS_MIN || bits > MODULUS_BITS_MAX || exponent !== EXPONENT) return false;
  if (signature.length !== modulus.length) return false;
  const opened = power(numberOf(signature), exponent, numberOf(modulus));
  const tail = `00${SHA256_PREFIX}${hex(sha256(content))}`;
  const filled = "ff".repeat(Math.max(8, modulus.length - 2 - tail.length / 2));
  return opened.toString(16).padStart(2 * modulus.length, "0") === `0001${filled}${tail}`;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function trimmed(number: Uint8Array): Uint8Array {
  return number[0] === 0 ? number.subarray(1) : number;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}

/** Reads the few forms of DER that a key is written in (X.690 §10). */
class DerReader {
  #at = 0;

  constructor(private readonly content: Uint8Array) {}

  /** The content of the next item, which must be of this kind. */
  take(kind: number): Uint8Array {
    if (this.content[this.#at] !== kind) throw new MalformedEntry("no such key");
    const first = this.content[this.#at + 1] ?? 0;
    const more = first < 0x80 ? 0 : first - 0x80;
    if (more > 2) throw new MalformedEntry("no such key");
    let length = more === 0 ? first : 0;
    for (let at = 0; at < more; at += 1) {
      length = length * 256 + (this.content[this.#at + 2 + at] ?? 0);
    }
    const start = this.#at + 2 + more;
    if (start + length > this.content.length) throw new MalformedEntry("no such key");
    this.#at = start + length;
    return this.content.subarray(start, start + length);
  }

  end(): void {
    if (this.#at !== this.content.length) throw new MalformedEntry("no such key");
  }
}
