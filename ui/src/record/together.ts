/** Logs held against each other, against the times that were signed, and against who was named. */
import { hex } from "./bytes";
import { byCode, isTimeMs, type RecordContents, textOf } from "./contents";
import { namedParties } from "./entry";
import { type Claim, instant, type LogAccount, type Stamp } from "./findings";
import type { Logs } from "./logs";
import { rootsAt } from "./tree";

/** How far the time in an entry may be from the times its party signed, for clocks that are set. */
const TOLERANCE_MS = 300_000;
/** A log is signed every minute; from here on its silence before an export is mentioned. */
const SILENCE_S = 600;

/** Holds each log against every checkpoint of it, and against what others saw of it. */
export function checkHeads({ findings }: RecordContents, { all }: Logs): void {
  const seen = new Map<string, Claim[]>();
  const see = (place: string, claim: Claim) => {
    const claims = seen.get(place) ?? [];
    seen.set(place, claims);
    claims.push(claim);
  };
  for (const log of all.values()) {
    for (const claim of log.signed) see(log.name, claim);
    for (const { place, claim } of log.heads.values()) see(place, claim);
  }
  for (const [place, claims] of seen) {
    const log = all.get(place);
    if (log === undefined) {
      const text = `Log ${place} is missing; ${claims[0]?.who ?? ""} saw it.`;
      findings.missing("log_missing", place, text);
      continue;
    }
    const sizes = claims.map((claim) => claim.size).filter((size) => size <= log.leaves.count);
    const roots = rootsAt(log.leaves, new Set(sizes.map(Number)));
    for (const { size, root, who } of claims) {
      // What a party says that it saw of another's log may be untrue; what that signed is not.
      const doubt = who === "" ? "" : `, or ${who} is untrue`;
      const saw = who === "" ? "its own party signed" : "it saw";
      const found = size <= log.leaves.count ? roots.get(Number(size)) : undefined;
      // What a thief signed beyond it is why a log was frozen, and was never in it.
      if (found === undefined && log.frozen_at !== null && who === "") continue;
      if (found === undefined) {
        const here = log.signed_size;
        const text = `Log ${log.name} was cut off${doubt}: ${saw} ${size} entries, ${here} are here.`;
        findings.wrong("log_truncated", log.name, text);
      } else if (hex(found) !== root && log.is_proved) {
        const text = `Log ${log.name} is forked${doubt}: ${saw} other entries among its first ${size}.`;
        findings.wrong("log_forked", log.name, text);
      }
    }
  }
}

/** Holds the times in entries against the times at which the party signed. */
export function checkTimes(contents: RecordContents, logs: Logs): void {
  for (const log of logs.all.values()) {
    checkOrder(contents, log);
    const stamps = log.stamps.toSorted((one, other) => compare(one.size, other.size));
    let lower = 0;
    let newest = -1;
    let at = 0;
    for (const [index, time_ms] of log.times.entries()) {
      for (; (stamps[at]?.size ?? BigInt(index + 1)) <= index; at += 1) {
        lower = Math.max(lower, stamps[at]?.seconds ?? 0);
      }
      if (time_ms < 0) continue;
      const upper = stamps[at]?.seconds ?? 0;
      checkTime(contents, log, index, time_ms, [Math.max(lower * 1_000, newest), upper * 1_000]);
      newest = Math.max(newest, time_ms);
    }
    checkSilence(contents, logs, log);
  }
}

function checkOrder({ findings }: RecordContents, log: LogAccount): void {
  for (const [name, stamps] of [["its party", log.stamps] as const, ...log.cosigned]) {
    const ordered = stamps.toSorted(
      (one, other) => one.seconds - other.seconds || compare(one.size, other.size),
    );
    if (ordered.some((stamp, index) => stamp.size < (ordered[index - 1]?.size ?? 0n))) {
      const text = `Log ${log.name} shrank, by the times at which ${name} signed.`;
      findings.wrong("log_rolled_back", log.name, text);
    }
  }
}

function checkTime(
  { findings }: RecordContents,
  log: LogAccount,
  index: number,
  time_ms: number,
  [from, to]: readonly [number, number],
): void {
  const where = `${log.name}#${index}`;
  const says = `Entry ${index} of log ${log.name} says ${instant(time_ms)}`;
  if (time_ms < from - TOLERANCE_MS) {
    const text = `${says}, but something after ${instant(from)} came before it.`;
    findings.wrong("entry_back_dated", where, text);
  } else if (to !== 0 && time_ms > to + TOLERANCE_MS) {
    const text = `${says}, but it was signed at ${instant(to)}.`;
    findings.wrong("entry_forward_dated", where, text);
  }
}

function checkSilence({ about, findings }: RecordContents, { all }: Logs, log: LogAccount): void {
  const exported = textOf(about["exported_at_ms"]);
  const last = latest(log.stamps);
  const is_current = !all.has(`${log.party}/${log.epoch + 1}`);
  if (!is_current || !isTimeMs(exported)) return;
  if (Math.floor(Number(exported) / 1_000) - last <= SILENCE_S) return;
  const text = `Nothing of log ${log.name} after ${instant(last * 1_000)} is here.`;
  findings.missing("log_silent", log.name, text);
}

/** Holds the parties here against those the openings name, and those the reader trusts. */
export function checkParties(
  { about, findings }: RecordContents,
  { all }: Logs,
  trusted: ReadonlySet<string>,
): void {
  const here = new Set([...all.values()].map((log) => log.party));
  for (const log of all.values()) {
    const named = new Set(log.rows.slice(0, 1).flatMap(namedParties));
    for (const party of [...named].filter((each) => !here.has(each)).toSorted(byCode)) {
      const text = `The log of party ${party} is missing; the opening of ${log.name} names it.`;
      findings.missing("log_missing", party, text);
    }
    if (named.size === 0) continue;
    for (const party of [...here].filter((each) => !named.has(each)).toSorted(byCode)) {
      const text = `Party ${party} is not one of those that the opening of ${log.name} names.`;
      findings.wrong("party_unknown", party, text);
    }
  }
  if (trusted.size === 0) return;
  const exporter = textOf(about["exported_by"]);
  const parties = new Set([...here, ...(exporter === "" ? [] : [exporter])]);
  for (const party of [...parties].filter((each) => !trusted.has(each)).toSorted(byCode)) {
    const text = `You did not name party ${party} as trusted.`;
    findings.wrong("party_not_trusted", party, text);
  }
}

/** The latest time signed, in seconds; 0 where there is none. */
export function latest(stamps: readonly Stamp[]): number {
  return stamps.reduce((most, stamp) => Math.max(most, stamp.seconds), 0);
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
