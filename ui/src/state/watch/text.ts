/**
 * What a text may be made of, as the node will judge it (`src/parley/crisis/text.py`): counted and
 * found by the same rule while it is being written, so that nobody is refused at the release.
 *
 * The node decides. It knows an older or a newer Unicode than this browser, and a letter that one of
 * the two does not know yet may be counted otherwise there.
 */
import type { Precedence } from "../../api/alert-types";

/** What may be wrong with a text. */
export type TextFault =
  | "empty"
  | "too_long"
  | "not_normal"
  | "control"
  | "turning"
  | "invisible"
  | "stacked"
  | "mixed";

/** One thing that is wrong, and at which code point, from 0. */
export interface TextFinding {
  readonly fault: TextFault;
  readonly place: number;
}

/** How much one text may have. */
export interface TextLimits {
  readonly characters: number;
  readonly bytes: number;
}

/** The 200 words of a flash, countable in any script; what is less urgent may be longer. */
const FLASH_LIMITS: TextLimits = { characters: 1_400, bytes: 4_096 };
const LONG_LIMITS: TextLimits = { characters: 6_000, bytes: 14_000 };
/** Marks on one character: vowelled Arabic and Vietnamese need two or three, more hide the rest. */
const MARKS_MAX = 4;

const JOINER = "\u200d";
const JOINERS: ReadonlySet<string> = new Set(["\u200c", JOINER]);
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const FILLERS = /[\u115f\u1160\u3164\uffa0]/u;
const MARK = /\p{M}/u;
const STACKING = /[\p{Mn}\p{Me}]/u;
const SKIN = /[\u{1f3fb}-\u{1f3ff}]/u;
const FLAG = /[\u{1f1e6}-\u{1f1ff}]/u;
const PICTURE = /\p{So}/u;
const CONTROL = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const FORMAT = /\p{Cf}/u;
const LETTER = /\p{L}/u;
const ARABIC = /\p{Script=Arabic}/u;
/** Arabic ligatures, which Unicode does not call letters. */
const LIGATURE = /[\ufbea-\ufbfb\ufc00-\ufdfb\ufe70-\ufe74\ufe76-\ufe7f\ufef5-\ufefc]/u;
/** Letters above the line and wide ones are not taken for the plain ones. */
const ELSE =
  /[ªº\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d61\u1d78\u1d9b-\u1dbf\uff21-\uff3a\uff41-\uff5a]/u;
const ALIKE = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u];

/** How much one text of an alert may have. */
export function limitsOf(precedence: Precedence): TextLimits {
  return precedence === "flash" ? FLASH_LIMITS : LONG_LIMITS;
}

/** How many characters a reader counts. */
export function characters(text: string): number {
  const points = Array.from(text);
  return points.filter((_, place) => begins(points, place)).length;
}

/** How many bytes a text has in UTF-8. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (const each of text) {
    const point = each.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

/** All that is wrong with a text, the first of each fault. */
export function findings(text: string, limits: TextLimits): readonly TextFinding[] {
  const found = new Map<TextFault, number>();
  const note = (fault: TextFault, place: number) => {
    if (!found.has(fault)) found.set(fault, place);
  };
  let points = Array.from(text);
  if (points.every((each) => /\s/u.test(each) && each !== "\ufeff")) note("empty", 0);
  // Bytes first: what is far too long is not looked through.
  if (bytesOf(text) > limits.bytes || characters(text) > limits.characters) {
    note("too_long", limits.characters);
    points = points.slice(0, limits.bytes);
  }
  const odd = notNormal(points);
  if (odd !== null) note("not_normal", odd);
  let marks = 0;
  for (const [place, each] of points.entries()) {
    marks = STACKING.test(each) ? marks + 1 : 0;
    const fault = marks > MARKS_MAX ? "stacked" : faultAt(points, place);
    if (fault !== null) note(fault, place);
  }
  for (const place of mixedAt(points)) note("mixed", place);
  return [...found].map(([fault, place]) => ({ fault, place }));
}

function begins(points: readonly string[], place: number): boolean {
  const each = points[place] ?? "";
  if (MARK.test(each) || JOINERS.has(each)) return place === 0;
  if (place > 0 && (points[place - 1] === JOINER || SKIN.test(each))) return false;
  if (!FLAG.test(each)) return true;
  let first = place;
  while (first > 0 && FLAG.test(points[first - 1] ?? "")) first -= 1;
  return (place - first) % 2 === 0;
}

/** Where a text first differs from its normal form NFC: the same words would have two hashes. */
function notNormal(points: readonly string[]): number | null {
  const text = points.join("");
  const normal = text.normalize("NFC");
  if (normal === text) return null;
  const theirs = Array.from(normal);
  const place = theirs.findIndex((each, at) => at < points.length && each !== points[at]);
  return place === -1 ? theirs.length : place;
}

function faultAt(points: readonly string[], place: number): TextFault | null {
  const each = points[place] ?? "";
  if (TURNING.test(each)) return "turning";
  if (JOINERS.has(each)) return joins(points, place) ? null : "invisible";
  if (CONTROL.test(each) && each !== "\n") return "control";
  return FORMAT.test(each) || FILLERS.test(each) ? "invisible" : null;
}

/** Whether a joiner stands where it is written: in Arabic script, or between pictures. */
function joins(points: readonly string[], place: number): boolean {
  const before = points[place - 1];
  const after = points[place + 1];
  if (before === undefined || after === undefined) return false;
  if (isArabic(before) && isArabic(after)) return true;
  const isPicture = PICTURE.test(before) || before === "\ufe0f" || SKIN.test(before);
  return points[place] === JOINER && isPicture && PICTURE.test(after);
}

function isArabic(each: string): boolean {
  return LETTER.test(each) && ARABIC.test(each) && !LIGATURE.test(each);
}

/** Words whose letters come from scripts that look alike. */
function mixedAt(points: readonly string[]): readonly number[] {
  const scripts = points.map(scriptOf);
  return scripts.flatMap((script, place) => {
    const before = scripts[place - 1] ?? -1;
    return before !== -1 && script !== -1 && before !== script ? [place] : [];
  });
}

function scriptOf(each: string): number {
  if (!LETTER.test(each) || ELSE.test(each)) return -1;
  return ALIKE.findIndex((script) => script.test(each));
}
