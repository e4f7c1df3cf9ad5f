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

/** When the day of an instant began in a zone. */
export function dayStart(at: number, zone: string): number {
  const today = dayName(at, zone);
  let before = at;
  while (dayName(before, zone) === today) before -= HOUR_MS;
  return nextMidnight(before, zone);
}

/** A shift on its day, as a share of that day from 0 to 1. */
export interface Bar {
  readonly part: DayPart;
  readonly from: number;
  readonly until: number;
  /** Who this is among those of the week, counted from 0; -1 for nobody. */
  readonly person: number;
}

/** One day as bars from midnight to midnight. */
export interface BarDay {
  readonly at: number;
  readonly bars: readonly Bar[];
  /** Where the present is, if it is that day. */
  readonly now: number | null;
}

/** A roster's days as bars: the same person is of the same number on every day. */
export function barsOf(shifts: readonly Shift[], zone: string, now: number): readonly BarDay[] {
  const people = [...new Set(shifts.map(({ person }) => person))].filter((each) => each !== null);
  return daysOf(shifts, zone).map((day) => {
    const from = dayStart(day.at, zone);
    const length = nextMidnight(day.at, zone) - from;
    const share = (at: number) => (at - from) / length;
    return {
      at: day.at,
      bars: day.parts.map((part) => ({
        part,
        from: share(part.from),
        until: share(part.until),
        person: part.shift.person === null ? -1 : people.indexOf(part.shift.person),
      })),
      now: now >= from && now < from + length ? share(now) : null,
    };
  });
}

/** Watches of nobody that begin within so many hours of an instant, those that run included. */
export function gapsWithin(shifts: readonly Shift[], now: number, hours: number): readonly Shift[] {
  const until = now + hours * HOUR_MS;
  return shifts.filter(
    (each) =>
      each.person === null && Date.parse(each.ends_at) > now && Date.parse(each.starts_at) < until,
  );
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
