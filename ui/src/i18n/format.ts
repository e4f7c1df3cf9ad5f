/** Numbers, rates, ages and instants in the reader's language. Dates are Gregorian always. */
import { useMemo } from "react";
import { useLingui } from "@lingui/react";

import { languageFor } from "./languages";

/** Formatters of one language. */
export interface Format {
  /** "251 ms". */
  milliseconds(value: number): string;
  /** A share as "0.8 %". */
  share(value: number): string;
  /** "3.9 Mbit/s". */
  rate(bits_per_second: number): string;
  /** "12.4 MB". */
  bytes(value: number): string;
  number(value: number): string;
  /** "12 s ago", "3 min ago". */
  age(seconds: number): string;
  /** Date, time and zone of an instant, as read in `zone`. */
  instant(at: string | number, zone: string): string;
  /** Time of day in `zone`, with seconds. */
  time(at: string | number, zone: string): string;
  /** Weekday and date in `zone`. */
  date(at: string | number, zone: string): string;
  /** "Tashkent, GMT+5". */
  zone(zone: string, at: number): string;
  list(words: readonly string[]): string;
}

/** Formatters of the language of the page. */
export function useFormat(): Format {
  const { i18n } = useLingui();
  return useMemo(() => makeFormat(languageFor([i18n.locale]).locale), [i18n.locale]);
}

/** Formatters of a locale. */
export function makeFormat(locale: string): Format {
  const units = unitFormat(locale);
  const ago = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "always" });
  const dates = dateFormat(locale);
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  return {
    milliseconds: (value) => units("millisecond", value < 10 ? 1 : 0)(value),
    share: (value) => percent.format(value),
    rate: rateFormat(locale),
    bytes: (value) => {
      const { small, step, digits } = scaled(value);
      return units(SIZES[step] ?? "byte", digits)(small);
    },
    number: (value) => number.format(value),
    age: (seconds) => agoIn(ago, seconds),
    list: (words) => list.format(words),
    ...dates,
  };
}

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
/** Written out, because the short form of "megabit" is one letter's case from "megabyte". */
const RATES = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"] as const;
const RATES_CYRILLIC = ["бит/с", "кбит/с", "Мбит/с", "Гбит/с"] as const;

type UnitFormat = (unit: string, digits: number) => (value: number) => string;

function unitFormat(locale: string): UnitFormat {
  const made = new Map<string, Intl.NumberFormat>();
  return (unit, digits) => {
    const key = `${unit} ${digits}`;
    const found =
      made.get(key) ??
      new Intl.NumberFormat(locale, {
        style: "unit",
        unit,
        unitDisplay: "short",
        maximumFractionDigits: digits,
      });
    made.set(key, found);
    return (value) => found.format(value);
  };
}

/** Scales by thousands; two figures are enough for a watch. */
function scaled(value: number): {
  readonly small: number;
  readonly step: number;
  readonly digits: number;
} {
  const step = value < 1 ? 0 : Math.min(3, Math.floor(Math.log10(value) / 3));
  const small = value / 1_000 ** step;
  return { small, step, digits: small < 10 && step > 0 ? 1 : 0 };
}

function rateFormat(locale: string): (bits_per_second: number) => string {
  const names = locale.startsWith("ru") ? RATES_CYRILLIC : RATES;
  const [whole, tenths] = [0, 1].map(
    (digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }),
  );
  return (value) => {
    const { small, step, digits } = scaled(value);
    const figures = (digits === 0 ? whole : tenths)?.format(small) ?? "";
    // First-strong isolates: the unit stays behind its figure in a right-to-left line.
    return `\u2068${figures}\u00a0${names[step] ?? ""}\u2069`;
  };
}

function agoIn(ago: Intl.RelativeTimeFormat, seconds: number): string {
  if (seconds < 120) return ago.format(-seconds, "second");
  if (seconds < 7_200) return ago.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 172_800) return ago.format(-Math.floor(seconds / 3_600), "hour");
  return ago.format(-Math.floor(seconds / 86_400), "day");
}

function dateFormat(locale: string): Pick<Format, "instant" | "time" | "date" | "zone"> {
  const make = (timeZone: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, {
      calendar: "gregory",
      hourCycle: "h23",
      timeZone: known(timeZone),
      ...options,
    });
  const memo = new Map<string, Intl.DateTimeFormat>();
  const of = (name: string, zone: string, options: Intl.DateTimeFormatOptions) => {
    const key = `${name} ${zone}`;
    const found = memo.get(key) ?? make(zone, options);
    memo.set(key, found);
    return found;
  };
  return {
    instant: (at, zone) => of("instant", zone, INSTANT).format(new Date(at)),
    time: (at, zone) => of("time", zone, TIME).format(new Date(at)),
    date: (at, zone) => of("date", zone, DATE).format(new Date(at)),
    zone: (zone, at) => `${place(zone)}, ${offset(of("zone", zone, ZONE), at)}`,
  };
}

const INSTANT: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "shortOffset",
};
const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DATE: Intl.DateTimeFormatOptions = {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
};
const ZONE: Intl.DateTimeFormatOptions = { timeZoneName: "shortOffset" };

/** A zone this browser does not know is shown as UTC rather than not at all. */
function known(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone }).format(0);
    return zone;
  } catch {
    return "UTC";
  }
}

function place(zone: string): string {
  return known(zone).split("/").at(-1)?.replaceAll("_", " ") ?? zone;
}

function offset(format: Intl.DateTimeFormat, at: number): string {
  return format.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
}
