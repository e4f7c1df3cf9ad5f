/**
 * Dates and ages of languages that browsers have no data for.
 *
 * Chromium is built without month names and relative times in Uzbek ("2026 M11 22", "-5 s") and
 * knows no Pashto at all. What is written here does not depend on the browser. Dates are in figures.
 */

/** How one language writes what its browser may not know. */
export interface OwnWords {
  /** A language with the same figures, decimal sign and grouping, that every browser knows. */
  readonly figures: string;
  /** Weekdays, Sunday first. */
  readonly weekdays: readonly string[];
  /** Day, month and year, already in figures. */
  date(day: string, month: string, year: string): string;
  readonly ago: Readonly<Record<AgeUnit, string>>;
  readonly units: Readonly<Record<Unit, string>>;
}

/** Steps in which ages grow. */
export type AgeUnit = "second" | "minute" | "hour" | "day";
/** Units of measured figures. */
export type Unit = "millisecond" | "kilobyte" | "megabyte" | "gigabyte";

const UNITS: OwnWords["units"] = {
  millisecond: "ms",
  kilobyte: "kB",
  megabyte: "MB",
  gigabyte: "GB",
};

const UZBEK: OwnWords = {
  figures: "ru-RU",
  weekdays: ["Yak", "Dush", "Sesh", "Chor", "Pay", "Jum", "Shan"],
  date: (day, month, year) => `${day}.${month}.${year}`,
  ago: {
    second: "{0} soniya oldin",
    minute: "{0} daqiqa oldin",
    hour: "{0} soat oldin",
    day: "{0} kun oldin",
  },
  units: UNITS,
};

const PASHTO: OwnWords = {
  figures: "fa-AF",
  weekdays: ["يونۍ", "دونۍ", "درېنۍ", "څلرنۍ", "پينځنۍ", "جمعه", "اونۍ"],
  date: (day, month, year) => `${year}/${month}/${day}`,
  ago: {
    second: "{0} ثانيه مخکې",
    minute: "{0} دقيقه مخکې",
    hour: "{0} ساعت مخکې",
    day: "{0} ورځې مخکې",
  },
  units: UNITS,
};

/** Own words of a locale, or null where the browser's are good. */
export function ownWords(locale: string): OwnWords | null {
  if (locale.startsWith("uz")) return UZBEK;
  return locale.startsWith("ps") ? PASHTO : null;
}
