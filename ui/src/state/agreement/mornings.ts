/** Business mornings as somebody writes them, and what is wrong with them. */
import type { Morning } from "../../api/terms-types";
import type { PartyId } from "../../api/types";

/** A party's business mornings, its holidays as typed: a date on each line. */
export interface MorningDraft extends Omit<Morning, "holidays"> {
  readonly holidays: string;
}

const HOLIDAYS_MAX = 64;
const WORKING_DAYS = [1, 2, 3, 4, 5];

/** Where a proposal begins: Monday to Friday, nine o'clock there. */
export function usualMorning(party: PartyId, zone: string): MorningDraft {
  return { party, zone, days: WORKING_DAYS, at: "09:00", holidays: "" };
}

/** A draft that says what some mornings say. */
export function morningDraft(morning: Morning): MorningDraft {
  return { ...morning, holidays: morning.holidays.join("\n") };
}

/** The mornings that a draft without faults means. */
export function morningOf(draft: MorningDraft): Morning {
  return { ...draft, zone: draft.zone.trim(), holidays: dates(draft).toSorted() };
}

/** Mornings with those of one party changed; null: the agreed hours hold for it. */
export function withMorning(
  mornings: readonly MorningDraft[],
  party: PartyId,
  changed: MorningDraft | null,
): readonly MorningDraft[] {
  const rest = mornings.filter((each) => each.party !== party);
  const all = changed === null ? rest : [...rest, changed];
  return all.toSorted((one, next) => (one.party < next.party ? -1 : 1));
}

/** Whether a draft can be proposed; the node holds to the same rules. */
export function isMorning(draft: MorningDraft): boolean {
  const given = dates(draft);
  return (
    draft.days.length > 0 &&
    /^([01]\d|2[0-3]):[0-5]\d$/.test(draft.at) &&
    isZone(draft.zone.trim()) &&
    given.length <= HOLIDAYS_MAX &&
    given.every((each) => isDate(each))
  );
}

function dates({ holidays }: MorningDraft): readonly string[] {
  return [...new Set(holidays.split("\n").map((each) => each.trim()))].filter(
    (each) => each !== "",
  );
}

function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  const isPlain = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return isPlain && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function isZone(zone: string): boolean {
  try {
    return zone !== "" && new Intl.DateTimeFormat("en", { timeZone: zone }).format() !== "";
  } catch {
    return false;
  }
}
