/**
 * The record that the fake node keeps: the very export of the protocol's vectors, told as a real node
 * tells it, so that what the page checks is really there to be proved.
 */
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";

import type { Entry, Receipt, RecordSpace, SpaceId } from "../src/api/record-types";
import { cut, hex, unid } from "../src/record/bytes";
import { bodyOf, KINDS, officeOf, PRECEDENCES, readRow } from "../src/record/entry";
import { LeafHashes, leafOf, rootsAt } from "../src/record/tree";
import { OURS, THEIRS, THIRD } from "./scenes";

/** The space of the vectors. */
export const SPACE = "s5hgfwlib2wxvtzslo4heclenu" as SpaceId;
const OTHER_SPACE = "oooooooooooooooooooooooooo" as SpaceId;
/** The whole record as one file. */
export const EXPORT = readFileSync(
  new URL("../../protocol/vectors/record/export.zip", import.meta.url),
);
const FILES = unzipSync(new Uint8Array(EXPORT));
/** Of each log: every kind of line is among them, and axe reads them all in every language. */
const SHOWN = 7;

interface Kept {
  readonly party: typeof OURS;
  readonly origin: string;
  readonly contents: readonly Uint8Array[];
  readonly leaves: LeafHashes;
}

function kept(party: typeof OURS): Kept {
  const folder = `logs/${party.id}/0`;
  const names = Object.keys(FILES)
    .filter((name) => name.startsWith(`${folder}/tile/entries/`))
    .toSorted();
  const contents = names.flatMap((name) => cut(FILES[name] ?? new Uint8Array()));
  const leaves = new LeafHashes();
  for (const entry of contents) leaves.add(leafOf(entry));
  return { party, origin: `parley/${SPACE}/${party.id}/0`, contents, leaves };
}

const LOGS = [kept(OURS), kept(THEIRS)];

/** Two spaces: one that the vectors fill, one that has just begun and is in trouble. */
export function spaces(): readonly RecordSpace[] {
  const now = Date.now();
  const logs = LOGS.map(({ party, origin, contents }) => ({
    log: origin,
    party,
    epoch: 0,
    size: contents.length,
    root: hex(rootOf(party.id)),
    signed_at: new Date(now - 12_000).toISOString(),
    state: "open",
    standing: "fresh" as const,
    held: [
      {
        party_id: party.id === OURS.id ? THEIRS.id : OURS.id,
        size: contents.length - (party.id === OURS.id ? 2 : 0),
        at: new Date(now - 10_000).toISOString(),
      },
    ],
    evidence_count: 0,
    set_aside_count: party.id === OURS.id ? 0 : 1,
  }));
  const [ours, theirs] = logs;
  if (ours === undefined || theirs === undefined) throw new Error("the vectors hold two logs");
  return [
    { id: SPACE, name: "", members: [OURS, THEIRS], logs },
    {
      id: OTHER_SPACE,
      name: "",
      members: [OURS, THIRD],
      logs: [
        { ...ours, log: "ours", state: "behind", held: [] },
        { ...theirs, log: "third", party: THIRD, standing: "disputed", evidence_count: 1 },
      ],
    },
  ];
}

function rootOf(party: string): Uint8Array {
  const log = LOGS.find((each) => each.party.id === party);
  const leaves = log?.leaves ?? new LeafHashes();
  return rootsAt(leaves, new Set([leaves.count])).get(leaves.count) ?? new Uint8Array();
}

/** The newest entries of the vectors, with every word a receipt can have, and one set aside. */
export function entries(): readonly Entry[] {
  const all = LOGS.flatMap((log) => {
    const first = Math.max(0, log.contents.length - SHOWN);
    return log.contents.slice(first).map((entry, at) => told(log, entry, first + at));
  });
  return all.toSorted(
    (one, other) => Date.parse(other.written_at ?? "") - Date.parse(one.written_at ?? ""),
  );
}

function told(log: Kept, content: Uint8Array, index: number): Entry {
  const row = readRow(content, index, unid(SPACE), unid(log.party.id));
  const other = log.party.id === OURS.id ? THEIRS : OURS;
  const said = [...bodyOf(row)].filter(([, value]) => typeof value === "string");
  const written_at = new Date(row.time_ms).toISOString();
  return {
    log: log.origin,
    index,
    hash: hex(log.leaves.at(index)),
    party: log.party,
    space: SPACE,
    kind: row.kind,
    kind_name: KINDS[row.kind] ?? String(row.kind),
    thread: index % 4 === 1 ? "tttttttttttttttttttttttttt" : null,
    written_at,
    precedence: index % 5 === 0 ? (PRECEDENCES[1] ?? null) : null,
    deadline: null,
    refs: row.refs,
    heads: [],
    actor: row.actor,
    office: officeOf(row).office ?? null,
    body: Object.fromEntries(said.map(([key, value]) => [String(key), value])),
    sealed: null,
    receipts: [receipt(other, index, row.time_ms)],
    set_aside: log.party.id !== OURS.id && index % 9 === 0 ? "entry.malformed" : null,
  };
}

function receipt(party: typeof OURS, index: number, time_ms: number): Receipt {
  const words = ["queued", "held", "delivered", "acknowledged", "agreed"] as const;
  const step = index % words.length;
  const at = (seconds: number) => new Date(time_ms + seconds * 1_000).toISOString();
  return {
    party,
    word: words[step] ?? "queued",
    held_at: step >= 1 ? at(2) : null,
    delivered_at: step >= 2 ? at(3) : null,
    acknowledged_at: step >= 3 ? at(40) : null,
    acknowledged_by: step >= 3 ? "ofakq3r5qxq2m6xydz7c4n5t2a" : null,
  };
}

/** The proof of an entry, with the entry's own bytes, as C2SP tlog-proof. */
export function proof(origin: string, index: number): string {
  const log = LOGS.find((each) => each.origin === origin);
  if (log === undefined) return "";
  const content = log.contents[index] ?? new Uint8Array();
  const hashes = path(log.leaves, index, 0, log.leaves.count);
  const note = new TextDecoder().decode(FILES[`logs/${log.party.id}/0/checkpoint`]);
  const lines = [
    "c2sp.org/tlog-proof@v1",
    `extra ${Buffer.from(content).toString("base64")}`,
    `index ${index}`,
    ...hashes.map((hash) => Buffer.from(hash).toString("base64")),
  ];
  return `${lines.join("\n")}\n\n${note}`;
}

/** RFC 9162 §2.1.3.1, by its definition. */
function path(leaves: LeafHashes, index: number, from: number, to: number): readonly Uint8Array[] {
  if (to - from <= 1) return [];
  let half = 1;
  while (half * 2 < to - from) half *= 2;
  const middle = from + half;
  const root = (start: number, end: number) =>
    rootsAt(leaves, new Set([end - start]), start, end).get(end - start) ?? new Uint8Array();
  return index < middle
    ? [...path(leaves, index, from, middle), root(middle, to)]
    : [...path(leaves, index, middle, to), root(from, middle)];
}

/** Whose logs count, as C2SP tlog-policy. */
export function trust(): string {
  const keys = new TextDecoder().decode(FILES["keys"]).split("\n");
  const logs = keys.filter((key) => key.startsWith(`parley/${SPACE}/`));
  return [...logs.map((key) => `log ${key}`), "quorum none", ""].join("\n");
}
