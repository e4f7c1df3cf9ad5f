/** Times of day in a zone, as a person writes them, and the instants they are. */

/** "2026-12-01T15:00" of an instant, on the clock of a zone; empty for none. */
export function localOf(instant: string, zone: string): string {
  const at = Date.parse(instant);
  return Number.isNaN(at) ? "" : wall(at, zone);
}

/**
 * The instant at which a zone's clock shows a time, as the protocol spells it; null if it is none.
 * A time that a clock skips in spring is taken as so much later; of two in autumn, the first.
 */
export function instantOf(local: string, zone: string): string | null {
  const written = WRITTEN.test(local) ? Date.parse(`${local.slice(0, 16)}:00Z`) : Number.NaN;
  if (Number.isNaN(written)) return null;
  const behind = [-DAY_MS, DAY_MS].map((step) => offset(written + step, zone));
  const found = behind
    .map((each) => written - each)
    .filter((at) => wall(at, zone) === local.slice(0, 16));
  const at = found.length > 0 ? Math.min(...found) : written - (behind[0] ?? 0);
  return new Date(at).toISOString().replace(".000Z", "Z");
}

const WRITTEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const DAY_MS = 86_400_000;

function offset(at: number, zone: string): number {
  return Date.parse(`${wall(at, zone)}:00Z`) - Math.floor(at / 60_000) * 60_000;
}

function wall(at: number, zone: string): string {
  const parts = formatIn(zone).formatToParts(new Date(at));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone) ?? made(zone);
  formats.set(zone, known);
  return known;
}

function made(zone: string): Intl.DateTimeFormat {
  const options = {
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  } as const;
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  }
}
