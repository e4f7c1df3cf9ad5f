/** The account of an export: all that is known of it, for a page and for a program. */
import { hex } from "./bytes";
import { byCode, type RecordContents } from "./contents";
import {
  ACKNOWLEDGEMENT,
  AGREEMENT,
  DELIVERY,
  type EntryRow,
  ERASING,
  KINDS,
  officeOf,
  PRECEDENCES,
  quotedBody,
} from "./entry";
import { instant, type LogAccount, type Stamp } from "./findings";
import type { Logs } from "./logs";
import { latest } from "./together";
import type {
  Account,
  AccountWord,
  AgreementTold,
  CrisisTold,
  EntryTold,
  ErasureTold,
  LogTold,
} from "./told";

type Cited = ReadonlyMap<string, readonly { readonly log: LogAccount; readonly row: EntryRow }[]>;

/** Makes the account of what was read. */
export function accountOf(
  { about, findings }: RecordContents,
  logs: Logs,
  asserted: ReadonlySet<string>,
  crises: readonly CrisisTold[],
): Account {
  const all = [...logs.all.values()];
  const is_gap = findings.all.every((finding) => finding.is_gap);
  const wrong = is_gap ? 3 : 1;
  return {
    verdict: findings.all.length === 0 ? 0 : wrong,
    exporter: about,
    findings: findings.all,
    logs: all.map(logTold),
    entries: entriesTold(all, asserted),
    agreements: agreementsTold(all, asserted),
    ...(crises.length > 0 ? { crises } : {}),
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

function entriesTold(
  all: readonly LogAccount[],
  asserted: ReadonlySet<string>,
): readonly EntryTold[] {
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
        ...officeOf(row),
        ...(asserted.has(hex(log.leaves.at(row.index))) ? { signed: "passkey" as const } : {}),
        ...(row.is_sealed ? { sealed: { erased_by: erasuresOf(log, row.index, cited) } } : {}),
        receipts: receiptsOf(log, row.index, { cited, asserted }, parties),
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

/** Which parties say that they deleted the key of a sealed entry, each once. */
function erasuresOf(log: LogAccount, index: number, cited: Cited): Record<string, ErasureTold> {
  const said: Record<string, ErasureTold> = {};
  const found = (cited.get(hex(log.leaves.at(index))) ?? [])
    .filter(({ row }) => ERASING.has(row.kind))
    .toSorted(
      (one, other) => one.row.time_ms - other.row.time_ms || byCode(one.log.name, other.log.name),
    );
  for (const { log: by, row } of found) {
    said[by.party] ??= {
      entry: `${by.name}#${row.index}`,
      at: instant(row.time_ms),
      person: row.actor,
    };
  }
  return said;
}

/** For each other party, the furthest of the words that is proved. */
function receiptsOf(
  log: LogAccount,
  index: number,
  { cited, asserted }: { readonly cited: Cited; readonly asserted: ReadonlySet<string> },
  parties: readonly string[],
): EntryTold["receipts"] {
  const answers = cited.get(hex(log.leaves.at(index))) ?? [];
  const others = parties.filter((party) => party !== log.party);
  return Object.fromEntries(
    others.map((party) => {
      const held = (log.cosigned.get(`parley/${party}`) ?? []).filter(({ size }) => size > index);
      const kinds = new Set(
        answers
          .filter((each) => each.log.party === party)
          // That a person took it is that person's to prove; their node's word is not enough.
          .filter((each) => each.row.kind !== ACKNOWLEDGEMENT || isSigned(each, asserted))
          .map((each) => each.row.kind),
      );
      const first = held.reduce((least, stamp) => Math.min(least, stamp.seconds), Infinity);
      return [
        party,
        { word: wordOf(kinds, held), held_at: held.length > 0 ? instant(first * 1_000) : null },
      ];
    }),
  );
}

function isSigned(
  { log, row }: { readonly log: LogAccount; readonly row: EntryRow },
  asserted: ReadonlySet<string>,
): boolean {
  return asserted.has(hex(log.leaves.at(row.index)));
}

function wordOf(kinds: ReadonlySet<number>, held: readonly Stamp[]): AccountWord {
  if (kinds.has(ACKNOWLEDGEMENT)) return "acknowledged";
  if (kinds.has(DELIVERY)) return "delivered";
  return held.length > 0 ? "held" : "queued";
}

/** Which bodies were agreed to, by whom, and whether all who were named signed. */
function agreementsTold(
  all: readonly LogAccount[],
  asserted: ReadonlySet<string>,
): readonly AgreementTold[] {
  const found = new Map<
    string,
    { body: string; named: readonly string[]; by: [string, string][]; signed: Set<string> }
  >();
  for (const log of all) {
    for (const row of log.rows) {
      const quoted = row.kind === AGREEMENT ? quotedBody(row) : null;
      if (quoted === null) continue;
      const key = [quoted.body, ...quoted.named].join(" ");
      const known = found.get(key) ?? { ...quoted, by: [], signed: new Set() };
      found.set(key, known);
      if (known.by.every(([party]) => party !== log.party)) {
        known.by.push([log.party, `${log.name}#${row.index}`]);
      }
      // A party agrees by a person, who signs it.
      if (isSigned({ log, row }, asserted)) known.signed.add(log.party);
    }
  }
  return [...found]
    .toSorted(([one], [other]) => byCode(one, other))
    .map(([, { body, named, by, signed }]) => {
      const is_agreed = named.length > 0 && named.every((party) => signed.has(party));
      return { body, named, by: Object.fromEntries(by), is_agreed };
    });
}

function largest(stamps: readonly Stamp[]): number {
  return stamps.reduce((most, stamp) => Math.max(most, Number(stamp.size)), 0);
}
