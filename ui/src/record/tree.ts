/** Merkle trees, by their definition (RFC 9162 §2.1). */
import { sha256 } from "@noble/hashes/sha2.js";

import { areSame, hex, joined } from "./bytes";

/** Bytes of SHA-256. */
export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);

/** The hash of a leaf. Not by WebCrypto: a million small promises cost more than the hashing. */
export function leafOf(entry: Uint8Array): Uint8Array {
  return sha256.create().update(LEAF).update(entry).digest();
}

/** The hash of two branches. */
export function pairOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(1 + 2 * HASH_BYTES);
  both[0] = 1;
  both.set(left, 1);
  both.set(right, 1 + HASH_BYTES);
  return sha256(both);
}

/** Many hashes in one piece of memory: an object each would cost three times as much. */
export class LeafHashes {
  #bytes = new Uint8Array(256 * HASH_BYTES);
  #length = 0;

  /** How many there are. */
  get count(): number {
    return Math.floor(this.#length / HASH_BYTES);
  }

  /** All of them, one after the other. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  at(index: number): Uint8Array {
    return this.#bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  add(content: Uint8Array): void {
    const length = this.#length + content.length;
    if (length > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      wider.set(this.bytes);
      this.#bytes = wider;
    }
    this.#bytes.set(content, this.#length);
    this.#length = length;
  }

  isSame(other: LeafHashes): boolean {
    return areSame(this.bytes, other.bytes);
  }

  /** In hexadecimal, in order. */
  *texts(): Generator<string> {
    for (let index = 0; index < this.count; index += 1) yield hex(this.at(index));
  }
}

/** The root of the tree at each of some sizes, in one walk with a stack; by size. */
export function rootsAt(
  leaves: LeafHashes,
  sizes: ReadonlySet<number>,
  from = 0,
  to = leaves.count,
): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  if (sizes.has(0)) found.set(0, sha256(new Uint8Array()));
  const stack: { weight: number; hash: Uint8Array }[] = [];
  for (let index = from; index < to; index += 1) {
    let top = { weight: 1, hash: leaves.at(index) };
    while (stack.at(-1)?.weight === top.weight) {
      const left = stack.pop();
      if (left === undefined) break;
      top = { weight: 2 * top.weight, hash: pairOf(left.hash, top.hash) };
    }
    stack.push(top);
    const size = index - from + 1;
    if (sizes.has(size)) {
      found.set(
        size,
        stack.slice(0, -1).reduceRight((root, left) => pairOf(left.hash, root), top.hash),
      );
    }
  }
  return found;
}

/** Whether a proof leads from one tree to another (RFC 9162 §2.1.4.2). */
export function isConsistent(
  [first, one]: readonly [bigint, Uint8Array],
  [second, two]: readonly [bigint, Uint8Array],
  proof: readonly Uint8Array[],
): boolean {
  if (first <= 0n || first >= second || proof.length === 0) {
    return first === second && areSame(one, two) && proof.length === 0;
  }
  const [start, ...path] = (first & (first - 1n)) === 0n ? [one, ...proof] : proof;
  if (start === undefined) return false;
  let fn = first - 1n;
  let sn = second - 1n;
  for (; (fn & 1n) === 1n; fn >>= 1n) sn >>= 1n;
  let fr = start;
  let sr = start;
  for (const node of path) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      [fr, sr] = [pairOf(node, fr), pairOf(node, sr)];
      for (; fn !== 0n && (fn & 1n) === 0n; fn >>= 1n) sn >>= 1n;
    } else {
      sr = pairOf(sr, node);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return areSame(fr, one) && areSame(sr, two) && sn === 0n;
}

/** The root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or null where it leads nowhere. */
export function rootOfProof(
  index: bigint,
  leaf: Uint8Array,
  size: bigint,
  proof: readonly Uint8Array[],
): Uint8Array | null {
  if (index >= size) return null;
  let fn = index;
  let sn = size - 1n;
  let root = leaf;
  for (const node of proof) {
    if (sn === 0n) return null;
    if ((fn & 1n) === 1n || fn === sn) {
      root = pairOf(node, root);
      for (; fn !== 0n && (fn & 1n) === 0n; fn >>= 1n) sn >>= 1n;
    } else {
      root = pairOf(root, node);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? root : null;
}

/** The hash of some byte strings one after the other. */
export function digestOf(...parts: readonly Uint8Array[]): Uint8Array {
  return sha256(joined(...parts));
}
