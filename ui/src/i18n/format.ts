/** Numbers, rates, ages and instants in the reader's language. Dates are Gregorian always. */
import { useMemo } from "react";
import { useLingui } from "@lingui/react";

import { languageFor } from "./languages";
import { type AgeUnit, type OwnWords, ownWords, type Unit } from "./own-words";

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
  /** A day of the week, 1 Monday to 7 Sunday, in short. */
  weekday(day: number): string;
}

/** Formatters of the language of the page. */
export function useFormat(): Format {
  const { i18n } = useLingui();
  return useMemo(() => makeFormat(languageFor([i18n.locale]).locale), [i18n.locale]);
}

/** Formatters of a locale. */
export function makeFormat(locale: string): Format {
  const own = ownWords(locale);
  const figures = own?.figures ?? locale;
  const units = own === null ? unitFormat(locale) : ownUnits(own);
  const number = new Intl.NumberFormat(figures);
  const percent = new Intl.NumberFormat(figures, { style: "percent", maximumFractionDigits: 1 });
  return {
    milliseconds: (value) => units("millisecond", value < 10 ? 1 : 0)(value),
    share: (value) => percent.format(value),
    rate: rateFormat(figures, locale),
    bytes: (value) => {
      // Below a kilobyte nobody counts.
      const { small, step, digits } = scaled(value / 1_000);
      return units(SIZES[step] ?? "gigabyte", digits)(small);
    },
    number: (value) => number.format(value),
    age: ageFormat(locale, own),
    ...(own === null ? dateFormat(locale) : ownDates(own)),
  };
}

const SIZES = ["kilobyte", "megabyte", "gigabyte"] as const;
/** Written out, because the short form of "megabit" is one letter's case from "megabyte". */
const RATES = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"] as const;
const RATES_CYRILLIC = ["бит/с", "кбит/с", "Мбит/с", "Гбит/с"] as const;

type UnitFormat = (unit: Unit, digits: number) => (value: number) => string;

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

function ownUnits(own: OwnWords): UnitFormat {
  return (unit, digits) => {
    const figures = new Intl.NumberFormat(own.figures, { maximumFractionDigits: digits });
    return (value) => isolated(figures.format(value), own.units[unit]);
  };
}

/** First-strong isolates: the unit stays behind its figure in a right-to-left line. */
function isolated(figures: string, unit: string): string {
  return `\u2068${figures}\u00a0${unit}\u2069`;
}

/** Scales by thousands; two figures are enough for a watch. */
function scaled(value: number): {
  readonly small: number;
  readonly step: number;
  readonly digits: number;
} {
  const step = value < 1 ? 0 : Math.min(3, Math.floor(Math.log10(value) / 3));
  const small = value / 1_000 ** step;
  return { small, step, digits: small < 10 ? 1 : 0 };
}

function rateFormat(figures: string, locale: string): (bits_per_second: number) => string {
  const names = locale.startsWith("ru") ? RATES_CYRILLIC : RATES;
  const [whole, tenths] = [0, 1].map(
    (digits) => new Intl.NumberFormat(figures, { maximumFractionDigits: digits }),
  );
  return (value) => {
    const { small, step, digits } = scaled(value);
    return isolated((digits === 0 ? whole : tenths)?.format(small) ?? "", names[step] ?? "");
  };
}

/** An age in the largest unit that still moves while one watches. Nothing is younger than now. */
function ageFormat(locale: string, own: OwnWords | null): (seconds: number) => string {
  const ago = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "always" });
  const figures = new Intl.NumberFormat(own?.figures ?? locale);
  const say = (value: number, unit: AgeUnit) =>
    own === null
      ? ago.format(-value, unit)
      : own.ago[unit].replace("{0}", () => figures.format(value));
  return (age) => {
    const seconds = Math.max(0, Math.floor(age));
    if (seconds < 120) return say(seconds, "second");
    if (seconds < 7_200) return say(Math.floor(seconds / 60), "minute");
    if (seconds < 172_800) return say(Math.floor(seconds / 3_600), "hour");
    return say(Math.floor(seconds / 86_400), "day");
  };
}

type Dates = Pick<Format, "instant" | "time" | "date" | "zone" | "weekday">;

const DAY_MS = 86_400_000;
/** A Sunday, at noon: day 0 of a week, and 7. */
const SUNDAY_MS = 3.5 * DAY_MS;

function dateFormat(locale: string): Dates {
  const of = partsIn(locale);
  return {
    instant: (at, zone) => of(INSTANT, zone).format(new Date(at)),
    time: (at, zone) => of(TIME, zone).format(new Date(at)),
    date: (at, zone) => of(DATE, zone).format(new Date(at)),
    zone: (zone, at) => `${place(zone)}, ${offset(of(ZONE, zone), at)}`,
    weekday: (each) => of(WEEKDAY, "UTC").format(SUNDAY_MS + each * DAY_MS),
  };
}

function ownDates(own: OwnWords): Dates {
  const of = partsIn(own.figures);
  const plain = partsIn("en-GB");
  const day = (at: string | number, zone: string) => {
    const parts = of(NUMERIC, zone).formatToParts(new Date(at));
    const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
    return own.date(part("day"), part("month"), part("year"));
  };
  const gmt = (at: string | number, zone: string) => offset(plain(ZONE, zone), at);
  const weekday = (at: string | number, zone: string) => {
    const name = plain(WEEKDAY, zone).format(new Date(at));
    return own.weekdays[WEEKDAYS.indexOf(name)] ?? "";
  };
  return {
    instant: (at, zone) =>
      `${day(at, zone)} ${of(MINUTES, zone).format(new Date(at))} ${gmt(at, zone)}`,
    time: (at, zone) => of(TIME, zone).format(new Date(at)),
    date: (at, zone) => `${weekday(at, zone)}, ${day(at, zone)}`,
    zone: (zone, at) => `${place(zone)}, ${gmt(at, zone)}`,
    weekday: (each) => weekday(SUNDAY_MS + each * DAY_MS, "UTC"),
  };
}

/** Formatters of a locale, one for each set of options and zone. */
function partsIn(
  locale: string,
): (options: Intl.DateTimeFormatOptions, zone: string) => Intl.DateTimeFormat {
  const make = (timeZone: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, {
      calendar: "gregory",
      hourCycle: "h23",
      timeZone: known(timeZone),
      ...options,
    });
  const memo = new Map<string, Intl.DateTimeFormat>();
  return (options, zone) => {
    const key = `${Object.keys(options).join(" ")} ${zone}`;
    const found = memo.get(key) ?? make(zone, options);
    memo.set(key, found);
    return found;
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
const MINUTES: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const NUMERIC: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
const WEEKDAY: Intl.DateTimeFormatOptions = { weekday: "short" };
const WEEKDAYS: readonly string[] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
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

function offset(format: Intl.DateTimeFormat, at: string | number): string {
  return (
    format.formatToParts(new Date(at)).find((part) => part.type === "timeZoneName")?.value ?? ""
  );
}
