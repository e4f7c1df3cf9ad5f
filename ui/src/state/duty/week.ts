/** A roster's shifts as the days of a calendar, by the roster's own clock on the wall. */
import type { Shift } from "../../api/duty-types";

/** What of a shift lies on one day. */
export interface DayPart {
  readonly shift: Shift;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** One day of the calendar. */
export interface Day {
  /** An instant on that day, for its name. */
  readonly at: number;
  readonly parts: readonly DayPart[];
}

const HOUR_MS = 3_600_000;

/** Splits shifts at each midnight of a zone; a day of 23 or 25 hours is one like any other. */
export function daysOf(shifts: readonly Shift[], zone: string): readonly Day[] {
  const first = shifts[0];
  const last = shifts.at(-1);
  if (first === undefined || last === undefined) return [];
  const end = Date.parse(last.ends_at);
  const days: Day[] = [];
  for (let from = Date.parse(first.starts_at); from < end;) {
    const until = Math.min(nextMidnight(from, zone), end);
    days.push({ at: from, parts: partsWithin(shifts, from, until) });
    from = until;
  }
  return days;
}

/** When the day after an instant's begins in a zone. */
export function nextMidnight(at: number, zone: string): number {
  const today = dayName(at, zone);
  let next = at + HOUR_MS;
  while (dayName(next, zone) === today) next += HOUR_MS;
  // The day began within this hour: zones are off by quarters of an hour at the finest.
  let low = next - HOUR_MS;
  let high = next;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayName(middle, zone) === today) low = middle;
    else high = middle;
  }
  return high;
}

function partsWithin(shifts: readonly Shift[], from: number, until: number): readonly DayPart[] {
  return shifts
    .map((shift) => ({
      shift,
      from: Math.max(from, Date.parse(shift.starts_at)),
      until: Math.min(until, Date.parse(shift.ends_at)),
    }))
    .filter((part) => part.from < part.until);
}

const NAMES = new Map<string, Intl.DateTimeFormat>();

function dayName(at: number, zone: string): string {
  let format = NAMES.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en", {
      timeZone: zone,
      calendar: "gregory",
      dateStyle: "short",
    });
    NAMES.set(zone, format);
  }
  return format.format(at);
}
