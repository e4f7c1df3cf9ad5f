import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { unhex } from "./bytes";
import { hasSigned } from "./spki";

interface Vectors {
  readonly content: string;
  readonly keys: readonly {
    readonly name: string;
    readonly counts: boolean;
    readonly key: string;
    readonly signature: string;
  }[];
}

const FILE = new URL("../../../protocol/vectors/record/passkeys.json", import.meta.url);
const VECTORS = JSON.parse(readFileSync(FILE, "utf-8")) as Vectors;
const CONTENT = unhex(VECTORS.content);

test.each(VECTORS.keys)("a key of the kind $name: has signed is $counts", async (vector) => {
  const [key, signature] = [unhex(vector.key), unhex(vector.signature)];
  expect(await hasSigned(key, signature, CONTENT)).toBe(vector.counts);
});

describe.each(VECTORS.keys.filter((each) => each.counts))("a key of the kind $name", (vector) => {
  const [key, signature] = [unhex(vector.key), unhex(vector.signature)];

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
