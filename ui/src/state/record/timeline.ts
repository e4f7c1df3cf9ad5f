/** The record as a timeline: whose side an entry is on, which day, what it says, what is found. */
import type { Entry, ReceiptWord, RecordLog, RecordSpace, Standing } from "../../api/record-types";
import type { PartyId } from "../../api/types";
import type { Severity } from "../desk/line";

/** The entries of one day, as the calendar of one's own zone has it. */
export interface Day {
  /** The date as text; the same for the same day. */
  readonly date: string;
  readonly entries: readonly Entry[];
}

/** Entries, the newest first, by the days on which they were written. */
export function byDay(
  entries: readonly Entry[],
  dateOf: (instant: string) => string,
): readonly Day[] {
  const days: { date: string; entries: Entry[] }[] = [];
  for (const entry of newestFirst(entries)) {
    // Bytes that are no entry have no time of their own: they stand with what is above them.
    const date = entry.written_at === null ? (days.at(-1)?.date ?? "") : dateOf(entry.written_at);
    if (days.at(-1)?.date !== date) days.push({ date, entries: [] });
    days.at(-1)?.entries.push(entry);
  }
  return days;
}

/** By the author's clock; within one log always in the order of the log, whatever the clock says. */
export function newestFirst(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((one, other) => {
    if (one.log === other.log) return other.index - one.index;
    return timeOf(other) - timeOf(one) || one.log.localeCompare(other.log);
  });
}

function timeOf(entry: Entry): number {
  return entry.written_at === null ? 0 : Date.parse(entry.written_at);
}

/** Names an entry the same way everywhere on a page. */
export function entryKey(entry: Pick<Entry, "log" | "index">): string {
  return `${entry.log}#${entry.index}`;
}

/** The plain words of an entry, if its body has any. */
export function wordsOf({ body }: Pick<Entry, "body">): string | null {
  if (body === null) return null;
  for (const name of ["words", "text", "0"]) {
    const value = body[name];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return null;
}

/** Entries in which every word of a search stands, wherever in the entry. */
export function holding(entries: readonly Entry[], search: string): readonly Entry[] {
  const wanted = folded(search)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (wanted.length === 0) return entries;
  return entries.filter((entry) => {
    const text = folded(textOf(entry));
    return wanted.every((word) => text.includes(word));
  });
}

function textOf({ party, kind_name, actor, hash, thread, body }: Entry): string {
  const said =
    body === null ? [] : Object.values(body).filter((value) => typeof value === "string");
  return [party.name, kind_name, actor ?? "", hash, thread ?? "", ...said].join(" ");
}

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Kinds that occur, by number, so that nobody chooses what is not there. */
export function kindsIn(entries: readonly Entry[]): readonly (readonly [number, string])[] {
  const kinds = new Map<number, string>();
  for (const { kind, kind_name } of entries) if (kind !== null) kinds.set(kind, kind_name);
  return [...kinds].toSorted(([one], [other]) => one - other);
}

/** How much a log's standing should worry. */
export const STANDING_SEVERITY: Readonly<Record<Standing, Severity>> = {
  fresh: "good",
  late: "fair",
  silent: "poor",
  disputed: "cut",
  frozen: "cut",
  unknown: "unknown",
};

/** How far a receipt has come: nothing of it is bad, and only what people did is good. */
export const RECEIPT_TONE: Readonly<Record<ReceiptWord, "unknown" | "noted" | "good">> = {
  queued: "unknown",
  held: "noted",
  delivered: "noted",
  acknowledged: "good",
  agreed: "good",
};

/** Logs whose standing somebody should know of, the worst first. */
export function troubled(space: RecordSpace, ours: PartyId | null): readonly RecordLog[] {
  const rank: Readonly<Record<Standing, number>> = {
    disputed: 0,
    frozen: 1,
    silent: 2,
    late: 3,
    unknown: 4,
    fresh: 5,
  };
  const goesOn = ({ party, epoch }: RecordLog) =>
    space.logs.some((log) => log.party.id === party.id && log.epoch > epoch);
  return space.logs
    .filter((log) => !["fresh", "unknown"].includes(log.standing) && log.party.id !== ours)
    .filter((log) => log.standing !== "frozen" || !goesOn(log))
    .toSorted((one, other) => rank[one.standing] - rank[other.standing]);
}

/** The space to show: the one asked for, else the first. */
export function chosenSpace(spaces: readonly RecordSpace[], id: string | null): RecordSpace | null {
  return spaces.find((space) => space.id === id) ?? (id === null ? (spaces[0] ?? null) : null);
}

/** What a space is called: a group by its name, a line by the other party. */
export function otherMembers(space: RecordSpace, ours: PartyId | null): string {
  if (space.name !== "") return space.name;
  const others = space.members.filter((party) => party.id !== ours);
  return others.map((party) => party.name).join(" · ");
}

/** The entry to go to from one, by steps; the ends hold. */
export function stepFrom(
  keys: readonly string[],
  from: string | null,
  steps: number,
): string | null {
  const at = from === null ? -1 : keys.indexOf(from);
  if (at < 0) return keys[0] ?? null;
  return keys[Math.min(keys.length - 1, Math.max(0, at + steps))] ?? null;
}
