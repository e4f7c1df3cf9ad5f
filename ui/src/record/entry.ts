/** What an entry says of itself, as `protocol/record.md` has it. */
import { areSame, hex, idText } from "./bytes";
import { type Fields, isFields, readValue, type Value } from "./cbor";
import { MalformedEntry } from "./malformed";

/** The log of another party, as an entry's author saw it. */
export interface Head {
  readonly party: string;
  readonly epoch: number;
  readonly size: bigint;
  /** In hexadecimal. */
  readonly root: string;
}

/** What an entry says of itself. */
export interface EntryRow {
  readonly index: number;
  readonly kind: number;
  readonly time_ms: number;
  /** Hashes of entries, in hexadecimal. */
  readonly refs: readonly string[];
  readonly heads: readonly Head[];
  readonly thread: string | null;
  readonly actor: string | null;
  readonly precedence: number | null;
  readonly deadline_ms: number | null;
  readonly body: Uint8Array | null;
  /** Whether its body is kept elsewhere, under a key that can be deleted. */
  readonly is_sealed: boolean;
}

/** Names of the record's own kinds, by their numbers. */
export const KINDS: readonly string[] = [
  "opening",
  "closing",
  "sighting",
  "delivery",
  "acknowledgement",
  "agreement",
  "assertion",
  "erasure",
  "dispute",
  "statement",
  "enrolment",
  "erased",
  "attachment",
  "root",
  "freeze",
];
export const OPENING = 0;
export const CLOSING = 1;
export const ROOT = 13;
export const FREEZE = 14;
export const DELIVERY = 3;
export const ACKNOWLEDGEMENT = 4;
export const AGREEMENT = 5;
export const ASSERTION = 6;
export const ENROLMENT = 10;
/** A person's word that the keys of sealed bodies are deleted, and a node's. */
export const ERASING: ReadonlySet<number> = new Set([7, 11]);
export const CRISIS_OPENING = 170;
export const CRISIS_CLOSING = 171;
export const CRISIS_FACT = 173;
export const CRISIS_LINK = 175;
export const TIMELINE = 180;
export const ACCOUNT_SEAL = 181;
export const ACCOUNT_SHOWN = 182;
export const ACCOUNT_WITHDRAWAL = 183;
export const ADOPTION = 185;
export const ASSESSMENT_END = 186;
export const READOUT = 187;
export const ACCOUNT_PUBLICATION = 188;
/** Kinds whose entries say in which office their person spoke, and the key of the body that does. */
const OFFICE_KEYS: ReadonlyMap<number, number> = new Map([
  [ACKNOWLEDGEMENT, 3],
  ...[121, 122, 123, 124, 126, 127].map((kind) => [kind, 4] as const),
  ...[142, 143, 144, 145, 152].map((kind) => [kind, 1] as const),
  [141, 10],
  [150, 11],
  [151, 6],
]);
const OFFICE = /^[a-z_]{1,40}$/;
/** Names of the precedences, the most urgent first. */
export const PRECEDENCES: readonly string[] = ["flash", "immediate", "priority", "routine"];

/** The end of the year 9999. */
export const TIME_MS_MAX = 253_402_300_799_999;

const HUMAN: ReadonlySet<unknown> = new Set([4, 5, 6, 7, 10]);
const MACHINE: ReadonlySet<unknown> = new Set([0, 1, 2, 3, 8, 11, 13, 14]);
const NEEDED = [0, 1, 2, 3, 5];

/** What an entry says; it must be its log's party's, in its log's space. */
export function readRow(
  content: Uint8Array,
  index: number,
  space: Uint8Array,
  author: Uint8Array,
): EntryRow {
  const fields = readFields(content);
  if (!areSame(bytesOf(fields, 2), author) || !areSame(bytesOf(fields, 1), space)) {
    throw new MalformedEntry("of another party or space");
  }
  const id = (key: number) => (fields.has(key) ? idText(bytesOf(fields, key)) : null);
  return {
    index,
    kind: Number(fields.get(3)),
    time_ms: Number(fields.get(5)),
    refs: listOf(fields.get(8)).map((ref) => hex(ref as Uint8Array)),
    heads: listOf(fields.get(9)).map(head),
    thread: id(4),
    actor: id(10),
    precedence: fields.has(6) ? Number(fields.get(6)) : null,
    deadline_ms: fields.has(7) ? Number(fields.get(7)) : null,
    body: fields.has(11) ? bytesOf(fields, 11) : null,
    is_sealed: fields.has(12),
  };
}

/** The fields of an entry, whoever wrote it. */
export function readFields(content: Uint8Array): Fields {
  const fields = readValue(content);
  const keys = isFields(fields) ? [...fields.keys()] : [];
  if (
    !isFields(fields) ||
    !NEEDED.every((key) => fields.has(key)) ||
    keys.some((key) => key > 12)
  ) {
    throw new MalformedEntry("no entry");
  }
  for (const [key, value] of fields) {
    if (CHECKS[Number(key)]?.(value) !== true) {
      throw new MalformedEntry("a field that is not as it should be");
    }
  }
  if (fields.has(11) === fields.has(12)) {
    throw new MalformedEntry("a body and a sealed body, or neither");
  }
  const kind = fields.get(3);
  if ((HUMAN.has(kind) && !fields.has(10)) || (MACHINE.has(kind) && fields.has(10))) {
    throw new MalformedEntry("a person's act without a person, or the reverse");
  }
  return fields;
}

/** The map in an entry's body, empty if there is none. */
export function bodyOf(row: Pick<EntryRow, "body">): Fields {
  try {
    const body = readValue(row.body ?? new Uint8Array());
    return isFields(body) ? body : new Map();
  } catch {
    return new Map();
  }
}

/** In which office an entry's person spoke; nothing for kinds that never say it. */
export function officeOf(row: Pick<EntryRow, "kind" | "body">): { readonly office?: string } {
  const key = OFFICE_KEYS.get(row.kind);
  if (key === undefined) return {};
  const said = bodyOf(row).get(key);
  if (typeof said === "string" && OFFICE.test(said)) return { office: said };
  // Of an acknowledgement only an alert's says it.
  return row.kind === ACKNOWLEDGEMENT ? {} : { office: "not_said" };
}

/** The verifier keys that an opening entry names as its party's own. */
export function openingKeys(row: EntryRow): readonly string[] {
  return listOf(bodyOf(row).get(1)).filter((key) => typeof key === "string");
}

/** The parties whose logs the policy of an opening entry lists. */
export function namedParties(row: EntryRow): readonly string[] {
  const policy = bodyOf(row).get(0);
  if (typeof policy !== "string") return [];
  const pattern = /log parley\/[a-z2-7]{26}\/([a-z2-7]{26})\/[0-9]+\+/g;
  return [...new Set([...policy.matchAll(pattern)].map((found) => found[1] ?? ""))];
}

/** The hash of the key that a closing entry names for the next epoch, in hexadecimal. */
export function nextKey(row: EntryRow): string | null {
  const digest = bodyOf(row).get(0);
  return digest instanceof Uint8Array ? hex(digest) : null;
}

/** What an agreement quotes: the hash of a body in hexadecimal, and the parties named. */
export function quotedBody(
  row: EntryRow,
): { readonly body: string; readonly named: readonly string[] } | null {
  const fields = bodyOf(row);
  const digest = fields.get(0);
  const parties = fields.get(1);
  if (!(digest instanceof Uint8Array) || !Array.isArray(parties)) return null;
  const named = listOf(parties).filter((each) => each instanceof Uint8Array);
  return { body: hex(digest), named: named.map(idText) };
}

/** A list, or an empty one of what is none. */
export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}

function bytesOf(fields: Fields, key: number): Uint8Array {
  const value = fields.get(key);
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function head(value: Value): Head {
  const [party, epoch, size, root] = listOf(value);
  return {
    party: idText(party as Uint8Array),
    epoch: Number(epoch),
    size: BigInt(size as number | bigint),
    root: hex(root as Uint8Array),
  };
}

/** Whether a value is bytes, so many. */
export const isBytes = (value: Value | undefined, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length;
/** Whether a value is a whole number from 0 to a bound. */
export const isWhole = (
  value: Value | undefined,
  most: number | bigint,
): value is number | bigint =>
  (typeof value === "number" || typeof value === "bigint") && value >= 0 && value <= most;
const isId = (value: Value): boolean => isBytes(value, 16);
const isTime = (value: Value): boolean => isWhole(value, TIME_MS_MAX);

const CHECKS: Readonly<Record<number, (value: Value) => boolean>> = {
  0: (value) => value === 1,
  1: isId,
  2: isId,
  3: (value) => isWhole(value, 65_535),
  4: isId,
  5: isTime,
  6: (value) => isWhole(value, 3),
  7: isTime,
  8: areRefs,
  9: areHeads,
  10: isId,
  11: (value) => value instanceof Uint8Array,
  12: isSealed,
};

function areRefs(value: Value): boolean {
  const refs = listOf(value);
  if (refs.length === 0 || refs.length > 64) return false;
  if (!refs.every((each): each is Uint8Array => isBytes(each, 32))) return false;
  return new Set(refs.map(hex)).size === refs.length;
}

function areHeads(value: Value): boolean {
  const heads = listOf(value);
  if (heads.length === 0 || heads.length > 32) return false;
  let last = "";
  for (const each of heads) {
    const [party, epoch, size, root] = listOf(each);
    if (listOf(each).length !== 4 || !isBytes(party, 16) || !isBytes(root, 32)) return false;
    if (!isWhole(epoch, 2 ** 31) || !isWhole(size, 1n << 62n)) return false;
    const place = `${hex(party)}${Number(epoch).toString(16).padStart(8, "0")}`;
    if (place <= last) return false;
    last = place;
  }
  return true;
}

function isSealed(value: Value): boolean {
  const [digest, size, key_id] = listOf(value);
  return (
    listOf(value).length === 3 &&
    isBytes(digest, 32) &&
    isWhole(size, 2 ** 50) &&
    isBytes(key_id, 16)
  );
}
