/** The account of an export: all that is known of it, for a page and for a program. */
import { hex } from "./bytes";
import { byCode, type Contents } from "./contents";
import {
  ACKNOWLEDGEMENT,
  AGREEMENT,
  DELIVERY,
  type EntryRow,
  KINDS,
  PRECEDENCES,
  quotedBody,
} from "./entry";
import { type Finding, instant, type LogAccount, type Stamp } from "./findings";
import type { Logs } from "./logs";
import { latest } from "./together";

/** 0: the record holds; 1: something in it does not; 3: something is missing. */
export type Verdict = 0 | 1 | 3;
/** How far an entry is proved with one other party. */
export type AccountWord = "queued" | "held" | "delivered" | "acknowledged";

/** What is known of one log. */
export interface LogTold {
  readonly log: string;
  readonly entries: number;
  readonly root: string;
  readonly holds: boolean;
  readonly signed_at: string;
  readonly ml_dsa_to: number;
  readonly held_by: Readonly<Record<string, { readonly entries: number; readonly at: string }>>;
  readonly set_aside: readonly { readonly index: number; readonly reason: string }[];
}

/** What is known of one entry. */
export interface EntryTold {
  readonly entry: string;
  readonly party: string;
  readonly kind: string;
  readonly at: string;
  readonly time_ms: number;
  readonly person: string | null;
  readonly precedence: string | null;
  readonly deadline: string | null;
  readonly refers_to: readonly string[];
  readonly receipts: Readonly<
    Record<string, { readonly word: AccountWord; readonly held_at: string | null }>
  >;
}

/** One body that parties agreed to, or not all of those named. */
export interface AgreementTold {
  readonly body: string;
  readonly named: readonly string[];
  readonly by: Readonly<Record<string, string>>;
  readonly is_agreed: boolean;
}

/** All that is known of an export. */
export interface Account {
  readonly verdict: Verdict;
  readonly exporter: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
  readonly logs: readonly LogTold[];
  readonly entries: readonly EntryTold[];
  readonly agreements: readonly AgreementTold[];
}

type Cited = ReadonlyMap<string, readonly { readonly log: LogAccount; readonly row: EntryRow }[]>;

/** Makes the account of what was read. */
export function accountOf({ about, findings }: Contents, logs: Logs): Account {
  const all = [...logs.all.values()];
  const is_gap = findings.all.every((finding) => finding.is_gap);
  const wrong = is_gap ? 3 : 1;
  return {
    verdict: findings.all.length === 0 ? 0 : wrong,
    exporter: about,
    findings: findings.all,
    logs: all.map(logTold),
    entries: entriesTold(all),
    agreements: agreementsTold(all),
  };
}

function logTold(log: LogAccount): LogTold {
  const held = [...log.cosigned].toSorted(([one], [other]) => byCode(one, other));
  const lattice = log.stamps.filter((stamp) => stamp.is_lattice);
  return {
    log: log.name,
    entries: log.size,
    root: hex(log.root),
    holds: log.is_proved,
    signed_at: instant(latest(log.stamps) * 1_000),
    ml_dsa_to: largest(lattice),
    held_by: Object.fromEntries(
      held.map(([name, stamps]) => [
        name.startsWith("parley/") ? name.slice("parley/".length) : name,
        { entries: largest(stamps), at: instant(latest(stamps) * 1_000) },
      ]),
    ),
    set_aside: log.set_aside,
  };
}

function entriesTold(all: readonly LogAccount[]): readonly EntryTold[] {
  const cited = citedIn(all);
  const places = new Map<string, string>();
  for (const log of all) {
    let index = 0;
    for (const leaf of log.leaves.texts()) {
      if (cited.has(leaf)) places.set(leaf, `${log.name}#${index}`);
      index += 1;
    }
  }
  const parties = [...new Set(all.map((log) => log.party))].toSorted(byCode);
  return all
    .flatMap((log) =>
      log.rows.map((row) => ({
        entry: `${log.name}#${row.index}`,
        party: log.party,
        kind: KINDS[row.kind] ?? String(row.kind),
        at: instant(row.time_ms),
        time_ms: row.time_ms,
        person: row.actor,
        precedence: row.precedence === null ? null : (PRECEDENCES[row.precedence] ?? null),
        deadline: row.deadline_ms === null ? null : instant(row.deadline_ms),
        refers_to: row.refs.map((ref) => places.get(ref) ?? ref),
        receipts: receiptsOf(log, row.index, cited, parties),
      })),
    )
    .toSorted((one, other) => one.time_ms - other.time_ms || byCode(one.entry, other.entry));
}

function citedIn(all: readonly LogAccount[]): Cited {
  const cited = new Map<string, { log: LogAccount; row: EntryRow }[]>();
  for (const log of all) {
    for (const row of log.rows) {
      for (const ref of row.refs) {
        const found = cited.get(ref) ?? [];
        cited.set(ref, found);
        found.push({ log, row });
      }
    }
  }
  return cited;
}

/** For each other party, the furthest of the words that is proved. */
function receiptsOf(
  log: LogAccount,
  index: number,
  cited: Cited,
  parties: readonly string[],
): EntryTold["receipts"] {
  const answers = cited.get(hex(log.leaves.at(index))) ?? [];
  const others = parties.filter((party) => party !== log.party);
  return Object.fromEntries(
    others.map((party) => {
      const held = (log.cosigned.get(`parley/${party}`) ?? []).filter(({ size }) => size > index);
      const kinds = new Set(
        answers.filter((each) => each.log.party === party).map((each) => each.row.kind),
      );
      const first = held.reduce((least, stamp) => Math.min(least, stamp.seconds), Infinity);
      return [
        party,
        { word: wordOf(kinds, held), held_at: held.length > 0 ? instant(first * 1_000) : null },
      ];
    }),
  );
}

function wordOf(kinds: ReadonlySet<number>, held: readonly Stamp[]): AccountWord {
  if (kinds.has(ACKNOWLEDGEMENT)) return "acknowledged";
  if (kinds.has(DELIVERY)) return "delivered";
  return held.length > 0 ? "held" : "queued";
}

/** Which bodies were agreed to, by whom, and whether all who were named did. */
function agreementsTold(all: readonly LogAccount[]): readonly AgreementTold[] {
  const found = new Map<
    string,
    { body: string; named: readonly string[]; by: [string, string][] }
  >();
  for (const log of all) {
    for (const row of log.rows) {
      const quoted = row.kind === AGREEMENT ? quotedBody(row) : null;
      if (quoted === null) continue;
      const key = [quoted.body, ...quoted.named].join(" ");
      const known = found.get(key) ?? { ...quoted, by: [] };
      found.set(key, known);
      if (known.by.every(([party]) => party !== log.party)) {
        known.by.push([log.party, `${log.name}#${row.index}`]);
      }
    }
  }
  return [...found]
    .toSorted(([one], [other]) => byCode(one, other))
    .map(([, { body, named, by }]) => {
      const made = Object.fromEntries(by);
      const is_agreed = named.length > 0 && named.every((party) => party in made);
      return { body, named, by: made, is_agreed };
    });
}

function largest(stamps: readonly Stamp[]): number {
  return stamps.reduce((most, stamp) => Math.max(most, Number(stamp.size)), 0);
}
