import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { areSame, encoded, unbase64, unhex } from "./bytes";
import { publicKey, splitNote } from "./note";
import { provedBy } from "./policy";
import { checkProof, readProof } from "./proof";
import { LeafHashes, isConsistent, leafOf, rootOfProof, rootsAt } from "./tree";

/** What code by others made for us to accept. */
interface Referee {
  readonly signed: readonly { readonly vkey: string; readonly note: string }[];
  readonly trees: readonly {
    readonly size: number;
    readonly root: string;
    readonly inclusion: readonly (readonly string[])[];
    readonly consistency: readonly (readonly string[])[];
  }[];
  readonly entry_proof: string;
  readonly entry_leaf: string;
  readonly entry_proof_by: string;
}

const FILE = new URL("../../../protocol/vectors/record/referee.json", import.meta.url);
const REFEREE = JSON.parse(readFileSync(FILE, "utf8")) as Referee;
const POLICY = `log ${REFEREE.entry_proof_by}\nquorum none\n`;

describe("what others' code made", () => {
  test.each(REFEREE.signed)("is signed with a key of each type: $vkey", async ({ vkey, note }) => {
    const key = publicKey(vkey);
    expect(key).not.toBeNull();
    if (key === null) return;
    const policy = {
      logs: [],
      witnesses: new Map([["other", key]]),
      groups: new Map(),
      quorum: "none",
    };
    expect(await provedBy(policy, splitNote(encoded(note)))).toHaveLength(1);
    await expect(
      provedBy(policy, splitNote(encoded(note.replace(/\n(\d+)\n/, "\n9\n")))),
    ).rejects.toThrow(/is wrong/);
  });

  test.each(REFEREE.trees)("proves every leaf and every smaller tree of $size", (tree) => {
    const leaves = new LeafHashes();
    for (let index = 0; index < tree.size; index += 1) leaves.add(leafOf(Uint8Array.of(index)));
    const size = BigInt(tree.size);
    const sizes = new Set(Array.from({ length: tree.size }, (_, index) => index + 1));
    const roots = rootsAt(leaves, sizes);
    const root = unhex(tree.root);
    expect(roots.get(tree.size)).toEqual(root);
    for (let index = 0; index < tree.size; index += 1) {
      const [path, grown] = [tree.inclusion, tree.consistency].map((each) =>
        (each[index] ?? []).map(unhex),
      );
      const leaf = leaves.at(index);
      expect(rootOfProof(BigInt(index), leaf, size, path ?? [])).toEqual(root);
      expect(rootOfProof(BigInt(index), leaf, size, [...(path ?? []), leaf])).toBeNull();
      const old = roots.get(index + 1) ?? new Uint8Array();
      const from = [BigInt(index + 1), old] as const;
      expect(isConsistent(from, [size, root], grown ?? [])).toBe(true);
      expect(isConsistent(from, [size, root], [...(grown ?? []), leaf])).toBe(false);
    }
  });
});

describe("the proof of an entry", () => {
  test("holds for its entry, at its place, by its log", async () => {
    const told = await checkProof(REFEREE.entry_proof, REFEREE.entry_leaf, POLICY);
    expect(told).toMatchObject({ index: 1, size: 3, hashes: 2, entry: null });
    expect(told.signed_by.length).toBeGreaterThan(0);
  });

  test("is refused for another entry, another place, another log or other bytes", async () => {
    const { entry_proof, entry_leaf } = REFEREE;
    const other = `${entry_leaf.startsWith("0") ? "1" : "0"}${entry_leaf.slice(1)}`;
    const elsewhere = entry_proof.replace("index 1", "index 2");
    const unsigned = POLICY.replace("quorum none", "quorum nobody");
    const extra = entry_proof.replace("index 1", `extra ${btoa("other bytes")}\nindex 1`);
    await expect(checkProof(entry_proof, other, POLICY)).rejects.toThrow(/not at this place/);
    await expect(checkProof(elsewhere, entry_leaf, POLICY)).rejects.toThrow(/not at this place/);
    await expect(checkProof(entry_proof, entry_leaf, unsigned)).rejects.toThrow(/not defined/);
    await expect(checkProof(extra, entry_leaf, POLICY)).rejects.toThrow(/another hash/);
    const stranger = REFEREE.signed[1]?.vkey ?? "";
    const wanted = `${POLICY.replace("quorum none", "")}witness w ${stranger}\nquorum w\n`;
    await expect(checkProof(entry_proof, entry_leaf, wanted)).rejects.toThrow(/not signed by all/);
  });

  test("that is none is refused with what is wrong", () => {
    expect(() => readProof("x\n\n")).toThrow(/version/);
    expect(() => readProof("c2sp.org/tlog-proof@v1\nindex 01\n\n")).toThrow(/index/);
    expect(() => readProof(`c2sp.org/tlog-proof@v1\nindex 1\n${btoa("x")}\n\n`)).toThrow(
      /32 bytes/,
    );
    expect(areSame(unbase64(""), new Uint8Array())).toBe(true);
  });
});
