import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";

import { hasSigned } from "./spki";

const CONTENT = new TextEncoder().encode("authenticator output and a hash");
const KINDS = [
  { name: "Ed25519", pair: generateKeyPairSync("ed25519"), digest: null },
  { name: "ES256", pair: generateKeyPairSync("ec", { namedCurve: "P-256" }), digest: "sha256" },
  { name: "P-384", pair: generateKeyPairSync("ec", { namedCurve: "P-384" }), digest: "sha256" },
  { name: "RS256", pair: generateKeyPairSync("rsa", { modulusLength: 2_048 }), digest: "sha256" },
];

describe.each(KINDS)("a passkey of the kind $name", ({ pair, digest }) => {
  const key = new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" }));
  const signature = new Uint8Array(sign(digest, CONTENT, pair.privateKey));

  test("has signed what it signed", async () => {
    expect(await hasSigned(key, signature, CONTENT)).toBe(true);
  });

  test("has signed nothing else, in no other form, and not with another key", async () => {
    const changed = signature.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const other = key.slice();
    other[other.length - 6] = (other.at(-6) ?? 0) ^ 1;
    expect(await hasSigned(key, changed, CONTENT)).toBe(false);
    expect(await hasSigned(key, signature, CONTENT.slice(1))).toBe(false);
    expect(await hasSigned(key, signature.slice(1), CONTENT)).toBe(false);
    expect(await hasSigned(other, signature, CONTENT)).toBe(false);
    expect(await hasSigned(key.slice(0, -1), signature, CONTENT)).toBe(false);
    expect(await hasSigned(new Uint8Array(), signature, CONTENT)).toBe(false);
  });
});

describe("an RSA key that no authenticator makes", () => {
  test.each([
    [1_024, 65_537, false],
    [2_040, 65_537, false],
    [2_048, 3, false],
    [4_096, 65_537, true],
    [4_104, 65_537, false],
  ])("of %i bits and exponent %i: has signed is %s", async (bits, exponent, isCounted) => {
    const pair = generateKeyPairSync("rsa", { modulusLength: bits, publicExponent: exponent });
    const key = new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" }));
    const signature = new Uint8Array(sign("sha256", CONTENT, pair.privateKey));
    expect(await hasSigned(key, signature, CONTENT)).toBe(isCounted);
  });
});
