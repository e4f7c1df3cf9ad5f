/** Keys and signatures: WebCrypto where the browser has it, else code by others in JavaScript. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";

import { hex } from "./bytes";

/** Ed25519 keys as the browser holds them, or null where it does not know them. */
const imported = new Map<string, Promise<CryptoKey | null>>();

/** Whether an Ed25519 signature holds (RFC 8032). */
export async function isEd25519(
  signature: Uint8Array,
  signed: Uint8Array,
  key: Uint8Array,
): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  const known = await keyOf(key);
  try {
    if (known !== null) {
      return await crypto.subtle.verify("Ed25519", known, own(signature), own(signed));
    }
    return ed25519.verify(signature, signed, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Whether an ML-DSA-44 signature holds (FIPS 204). No browser has it yet. */
export function isMlDsa44(signature: Uint8Array, signed: Uint8Array, key: Uint8Array): boolean {
  try {
    return ml_dsa44.verify(signature, signed, key);
  } catch {
    return false;
  }
}

/** SHA-256 of a file, in hexadecimal. */
export async function digestText(content: Uint8Array): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle !== undefined) {
    return hex(new Uint8Array(await subtle.digest("SHA-256", own(content))));
  }
  // A page without TLS has no WebCrypto.
  const { sha256 } = await import("@noble/hashes/sha2.js");
  return hex(sha256(content));
}

async function keyOf(key: Uint8Array): Promise<CryptoKey | null> {
  const name = hex(key);
  const known = imported.get(name) ?? importKey(key);
  imported.set(name, known);
  return known;
}

async function importKey(key: Uint8Array): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey("raw", own(key), "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
}

/** WebCrypto's types want bytes that are surely not shared memory. */
function own(content: Uint8Array): Uint8Array<ArrayBuffer> {
  return content as Uint8Array<ArrayBuffer>;
}
