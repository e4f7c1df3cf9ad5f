/** What the entries of each crisis show: sides, facts, timelines, seals, sheets and readouts. */
import { encoded, hex, idText, joined, unhex } from "./bytes";
import type { Fields, Value } from "./cbor";
import { byCode, type RecordContents } from "./contents";
import {
  ACCOUNT_PUBLICATION,
  ACCOUNT_SEAL,
  ACCOUNT_SHOWN,
  ACCOUNT_WITHDRAWAL,
  ADOPTION,
  ASSESSMENT_END,
  bodyOf,
  CRISIS_CLOSING,
  CRISIS_FACT,
  CRISIS_LINK,
  CRISIS_OPENING,
  type EntryRow,
  isBytes,
  isWhole,
  listOf,
  READOUT,
  TIME_MS_MAX,
  TIMELINE,
} from "./entry";
import { instant, type LogAccount } from "./findings";
import type { Logs } from "./logs";
import type { BodyTold, CrisisTold, SealTold, SideTold, TimelineTold } from "./told";
import { digestOf } from "./tree";

const SEAL_PREFIX = encoded("parley account v1\0");
const TIMELINE_PREFIX = encoded("parley timeline v1\0");
const EPOCH_MAX = 2 ** 31;
const CUT_PARTS = 3;

/** One entry, and the log it stands in. */
interface Said {
  readonly log: LogAccount;
  readonly row: EntryRow;
}

/** Where something that was linked stands; without a thread: where the link itself stands. */
interface LinkedPlace {
  readonly thread: string | null;
  readonly log: string;
  readonly index: number;
}

/** Tells what the entries of each crisis show, and holds seals and timelines against them. */
export function checkCrises(
  contents: RecordContents,
  logs: Logs,
  asserted: ReadonlySet<string>,
): readonly CrisisTold[] {
  const rows = [...logs.all.values()].flatMap((log) => log.rows.map((row) => ({ log, row })));
  const about = new Map<string, Said[]>();
  for (const each of rows) {
    const [crisis] = each.row.refs;
    const { kind } = each.row;
    if (crisis === undefined || kind < CRISIS_OPENING || kind > ACCOUNT_PUBLICATION) continue;
    const known = about.get(crisis) ?? [];
    about.set(crisis, known);
    known.push(each);
  }
  return rows
    .filter(({ row }) => isFirstOpening(row))
    .map((root) => {
      const within = [root, ...(about.get(hashOf(root)) ?? [])];
      return new CrisisChecker(contents, logs, asserted, root).told(within);
    })
    .toSorted((one, other) => byCode(one.crisis, other.crisis));
}

function isFirstOpening(row: EntryRow): boolean {
  if (row.kind !== CRISIS_OPENING || row.refs.length > 0) return false;
  const body = bodyOf(row);
  return body.has(3) && body.has(4);
}

/** Checks one crisis. */
class CrisisChecker {
  readonly #hash: string;
  readonly #thread: string;

  constructor(
    private readonly contents: RecordContents,
    private readonly logs: Logs,
    private readonly asserted: ReadonlySet<string>,
    private readonly root: Said,
  ) {
    this.#hash = hashOf(root);
    this.#thread = root.row.thread ?? "";
  }

  /** What is proved of it. */
  told(said: readonly Said[]): CrisisTold {
    const ordered = said.filter(({ row }) => row.thread === this.root.row.thread).toSorted(byPlace);
    const of = (...kinds: readonly number[]) =>
      ordered.filter(({ row }) => kinds.includes(row.kind));
    const timelines = this.#timelines(of(TIMELINE), this.#linked(of(CRISIS_LINK)));
    const digests = new Set(Object.values(timelines).map(({ digest }) => digest));
    const number = bodyOf(this.root.row);
    return {
      crisis: placeOf(this.root),
      hash: this.#hash,
      number: `${wholeOf(number.get(3))}/${wholeOf(number.get(4))}`,
      is_exercise: number.get(5) === true,
      sides: sides(this.#signed([...of(CRISIS_OPENING), ...of(CRISIS_CLOSING)])),
      facts: bodies(this.#signed(of(CRISIS_FACT))),
      timelines,
      are_timelines_equal: Object.keys(timelines).length > 1 ? digests.size === 1 : null,
      accounts: this.#accounts(of),
      adopted: bodies(this.#signed(of(ADOPTION))).filter(({ by }) => Object.keys(by).length > 1),
      ended_by: this.#signed(of(ASSESSMENT_END)).map(placeOf),
      readouts: this.#signed(of(READOUT)).map((each) => ({
        entry: placeOf(each),
        party: each.log.party,
        body: bodyDigest(each.row),
        public_from: instant(wholeOf(bodyOf(each.row).get(1))),
      })),
    };
  }

  /** Those that their person's passkey signed. */
  #signed(said: readonly Said[]): readonly Said[] {
    return said.filter((each) => this.asserted.has(hashOf(each)));
  }

  /** For each linked entry, the thread it is in and where it is, and where the links are. */
  #linked(links: readonly Said[]): readonly (readonly LinkedPlace[])[] {
    const wanted = new Set(links.flatMap(({ row }) => row.refs.slice(1)));
    const found = new Map<string, LinkedPlace[]>();
    const add = (hash: string, place: LinkedPlace) => {
      const places = found.get(hash) ?? [];
      found.set(hash, places);
      places.push(place);
    };
    for (const log of wanted.size > 0 ? this.logs.all.values() : []) {
      for (const [thread, places] of log.threads) {
        if (thread === this.root.row.thread) continue;
        for (const { index } of places) {
          const hash = hex(log.leaves.at(index));
          if (wanted.has(hash)) add(hash, { thread, log: log.name, index });
        }
      }
    }
    for (const { log, row } of links) {
      for (const ref of row.refs.slice(1)) {
        add(ref, { thread: null, log: log.name, index: row.index });
      }
    }
    return [...found.values()];
  }

  /** What each node found, its last word, and whether the record shows the same. */
  #timelines(
    said: readonly Said[],
    linked: readonly (readonly LinkedPlace[])[],
  ): Readonly<Record<string, TimelineTold>> {
    const timelines: Record<string, TimelineTold> = {};
    for (const each of said) {
      const body = bodyOf(each.row);
      const digest = body.get(0);
      if (!isBytes(digest, 32)) continue;
      const found = this.#timeline(cutOf(body.get(2)), linked);
      const entry = placeOf(each);
      if (found !== null && found !== hex(digest)) {
        const { log, row } = each;
        const text = `The timeline in entry ${row.index} of log ${log.name} is not the record's.`;
        this.contents.findings.wrong("timeline_wrong", entry, text);
      }
      timelines[each.log.party] = {
        entry,
        digest: hex(digest),
        entries: wholeOf(body.get(1)),
        holds: found === null ? null : found === hex(digest),
      };
    }
    return timelines;
  }

  /** The digest for a cut, null where a log is not here that far. */
  #timeline(
    sizes: ReadonlyMap<string, number>,
    linked: readonly (readonly LinkedPlace[])[],
  ): string | null {
    const logs = [...sizes].map(([name, size]) => ({ log: this.logs.all.get(name), size }));
    if (logs.some(({ log, size }) => log === undefined || size > log.size)) return null;
    const threads = new Set([this.#thread]);
    for (const places of linked) {
      const isWithin = ({ log, index }: LinkedPlace) => index < (sizes.get(log) ?? 0);
      // An entry is linked once both the link and what it names are within the cut.
      if (!places.some((each) => each.thread === null && isWithin(each))) continue;
      for (const each of places) {
        if (each.thread !== null && isWithin(each)) threads.add(each.thread);
      }
    }
    const hashes = logs.flatMap(({ log, size }) =>
      [...threads].flatMap((thread) =>
        (log?.threads.get(thread) ?? [])
          .filter(({ index, kind }) => index < size && !isAssessing(kind))
          .map(({ index }) => hex(log?.leaves.at(index) ?? new Uint8Array())),
      ),
    );
    const listed = hashes.toSorted().map(unhex);
    return hex(digestOf(joined(TIMELINE_PREFIX, unhex(this.#hash), ...listed)));
  }

  /** What each party sealed, and whether what it showed is that. */
  #accounts(of: (...kinds: readonly number[]) => readonly Said[]): CrisisTold["accounts"] {
    const accounts = new Map<string, SealTold>();
    for (const each of this.#signed(of(ACCOUNT_SEAL, ACCOUNT_WITHDRAWAL))) {
      const { party } = each.log;
      const seal = bodyOf(each.row).get(0);
      if (each.row.kind === ACCOUNT_WITHDRAWAL) accounts.delete(party);
      else if (!accounts.has(party) && isBytes(seal, 32)) {
        accounts.set(party, { sealed_in: placeOf(each), seal: hex(seal), shown_in: null });
      }
    }
    for (const each of [...of(ACCOUNT_SHOWN), ...this.#signed(of(ACCOUNT_PUBLICATION))]) {
      const { log, row } = each;
      const account = accounts.get(log.party);
      if (account === undefined || account.shown_in !== null) continue;
      if (sealOf(this.#hash, bodyOf(row)) === account.seal) {
        accounts.set(log.party, { ...account, shown_in: placeOf(each) });
        continue;
      }
      const text = `The account in entry ${row.index} of log ${log.name} is not the one it sealed.`;
      this.contents.findings.wrong("account_wrong", placeOf(each), text);
    }
    return Object.fromEntries(accounts);
  }
}

/** Each party's own title, and whether its side is open. */
function sides(steps: readonly Said[]): Readonly<Record<string, SideTold>> {
  const found: Record<string, SideTold> = {};
  for (const { log, row } of steps.toSorted(byPlace)) {
    const at = instant(row.time_ms);
    found[log.party] =
      row.kind === CRISIS_CLOSING
        ? { ...found[log.party], state: "closed", at }
        : { title: titleOf(bodyOf(row).get(0)), state: "open", at };
  }
  return found;
}

/** Each body that was signed, and by whose entries. */
function bodies(said: readonly Said[]): readonly BodyTold[] {
  const found = new Map<string, Record<string, string>>();
  for (const each of said) {
    const body = bodyDigest(each.row);
    const by = found.get(body) ?? {};
    found.set(body, by);
    by[each.log.party] ??= placeOf(each);
  }
  return [...found]
    .toSorted(([one], [other]) => byCode(one, other))
    .map(([body, by]) => ({ body, by }));
}

/** How far each log was looked at, as a timeline says; the last word on a log counts. */
function cutOf(said: Value | undefined): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const each of listOf(said).map(listOf)) {
    const [party, epoch, size] = each;
    if (each.length !== CUT_PARTS || !isBytes(party, 16) || !isWhole(epoch, EPOCH_MAX)) continue;
    sizes.set(`${idText(party)}/${epoch}`, wholeOf(size));
  }
  return sizes;
}

/** The seal of an account that is shown; none of a body that shows none. */
function sealOf(crisis: string, body: Fields): string {
  const [salt, account] = [body.get(0), body.get(1)];
  if (!(salt instanceof Uint8Array) || !(account instanceof Uint8Array)) return "";
  return hex(digestOf(joined(SEAL_PREFIX, unhex(crisis), salt, account)));
}

/** A title in the first of its languages. */
function titleOf(value: Value | undefined): string {
  const words = listOf(listOf(value)[0])[1];
  return typeof words === "string" ? words : "?";
}

/** A number as an entry has it, 0 if it is none that can be. */
function wholeOf(value: Value | undefined): number {
  return isWhole(value, TIME_MS_MAX) ? Number(value) : 0;
}

function bodyDigest(row: EntryRow): string {
  return hex(digestOf(row.body ?? new Uint8Array()));
}

/** An assessment's own entries, of which no timeline tells. */
function isAssessing(kind: number): boolean {
  return kind >= TIMELINE && kind <= ACCOUNT_PUBLICATION;
}

function hashOf({ log, row }: Said): string {
  return hex(log.leaves.at(row.index));
}

function placeOf({ log, row }: Said): string {
  return `${log.name}#${row.index}`;
}

function byPlace(one: Said, other: Said): number {
  return one.log.epoch - other.log.epoch || one.row.index - other.row.index;
}
