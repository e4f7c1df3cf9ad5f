/** The terms of a line as somebody writes them, and what is wrong with them. */
import type { LineTerms } from "../../api/terms-types";
import { isMorning, morningDraft, morningOf, type MorningDraft } from "./mornings";

export const TERM_FAULTS = [
  "no_minutes",
  "target_over_limit",
  "no_hours",
  "same_parity",
  "out_of_bounds",
  "no_morning",
] as const;
/** Why a term will not do. */
export type TermFault = (typeof TERM_FAULTS)[number];
export type TermFaults = ReadonlyMap<string, TermFault>;

/** Limits in minutes, as they were typed. */
export interface LimitsDraft {
  readonly precedence: LineTerms["limits"][number]["precedence"];
  readonly target: string;
  readonly limit: string;
  readonly answer: string;
}

/** Terms somebody works on: figures as typed, words one a line. */
export interface TermsDraft {
  readonly limits: readonly LimitsDraft[];
  readonly call_hours: string;
  readonly clarification_hours: string;
  readonly checks: LineTerms["checks"];
  readonly civil_hours: readonly [string, string];
  readonly levels: readonly string[];
  readonly languages: string;
  readonly types: string;
  readonly suspended_alerts: LineTerms["suspended_alerts"];
  readonly shares_escalation: boolean;
  readonly account_days: string;
  readonly readout_hours: string;
  readonly code_minutes: string;
  readonly shares_acknowledgements: boolean;
  readonly mornings: readonly MorningDraft[];
}

const LIMIT_MINUTES_MAX = 30 * 24 * 60;
const HOURS_MAX = 720;
/** Terms that are whole numbers, with the least and the most that the node takes. */
const WHOLE = [
  ["account_days", 1, 365],
  ["readout_hours", 0, HOURS_MAX],
  ["code_minutes", 1, 60],
] as const;

/** A draft that says what some terms say. */
export function termsDraft(terms: LineTerms): TermsDraft {
  const [first = 6, second = 17] = terms.civil_hours;
  return {
    limits: terms.limits.map((each) => ({
      precedence: each.precedence,
      target: minutesOf(each.target_s),
      limit: minutesOf(each.limit_s),
      answer: minutesOf(each.answer_s),
    })),
    call_hours: String(terms.call_hours),
    clarification_hours: String(terms.clarification_hours),
    checks: terms.checks,
    civil_hours: [String(first), String(second)],
    levels: terms.levels,
    languages: terms.languages.join("\n"),
    types: terms.types.join("\n"),
    suspended_alerts: terms.suspended_alerts,
    shares_escalation: terms.shares_escalation,
    account_days: String(terms.account_days),
    readout_hours: String(terms.readout_hours),
    code_minutes: String(terms.code_minutes),
    shares_acknowledgements: terms.shares_acknowledgements,
    mornings: terms.mornings.map(morningDraft),
  };
}

/** The terms that a draft without faults means. */
export function termsOf(draft: TermsDraft): LineTerms {
  return {
    limits: draft.limits.map((each) => ({
      precedence: each.precedence,
      target_s: secondsOf(each.target),
      limit_s: secondsOf(each.limit),
      answer_s: secondsOf(each.answer),
    })),
    call_hours: hours(draft.call_hours) ?? 0,
    clarification_hours: hours(draft.clarification_hours) ?? 0,
    checks: draft.checks,
    civil_hours: draft.civil_hours.map((each) => hours(each) ?? 0),
    levels: draft.levels,
    languages: listed(draft.languages),
    types: listed(draft.types),
    suspended_alerts: draft.suspended_alerts,
    shares_escalation: draft.shares_escalation,
    account_days: hours(draft.account_days) ?? 0,
    readout_hours: hours(draft.readout_hours) ?? 0,
    code_minutes: hours(draft.code_minutes) ?? 0,
    shares_acknowledgements: draft.shares_acknowledgements,
    mornings: draft.mornings.map(morningOf),
  };
}

/** What is wrong, by the name of the term; the node holds to the same rules. */
export function termFaults(draft: TermsDraft): TermFaults {
  const faults = new Map<string, TermFault>();
  for (const each of draft.limits) {
    const name = `limits.${each.precedence}`;
    for (const field of ["target", "limit", "answer"] as const) {
      const found = minutes(each[field]);
      if (found === null || found <= 0 || found > LIMIT_MINUTES_MAX)
        faults.set(`${name}.${field}`, "no_minutes");
    }
    const isOver = (minutes(each.target) ?? 0) > (minutes(each.limit) ?? 0);
    if (isOver && !faults.has(`${name}.limit`)) faults.set(`${name}.target`, "target_over_limit");
  }
  for (const name of ["call_hours", "clarification_hours"] as const) {
    const found = hours(draft[name]);
    if (found === null || found < 1 || found > HOURS_MAX) faults.set(name, "no_hours");
  }
  for (const [name, least, most] of WHOLE) {
    const found = hours(draft[name]);
    if (found === null || found < least || found > most) faults.set(name, "out_of_bounds");
  }
  for (const each of draft.mornings)
    if (!isMorning(each)) faults.set(`mornings.${each.party}`, "no_morning");
  const [first, second] = draft.civil_hours.map((each) => hours(each));
  const areHours = [first, second].every((each) => each != null && each < 24);
  if (!areHours || first == null || second == null) faults.set("civil_hours", "no_hours");
  // One even hour and one odd: each party starts one check of the day.
  else if (first % 2 === second % 2) faults.set("civil_hours", "same_parity");
  return faults;
}

/** Names of the terms that differ, limits by precedence: as the node names them. */
export function changedTerms(before: LineTerms, after: LineTerms): readonly string[] {
  const limits = before.limits.flatMap((each) => {
    const other = after.limits.find(({ precedence }) => precedence === each.precedence);
    return JSON.stringify(each) === JSON.stringify(other) ? [] : [`limits.${each.precedence}`];
  });
  const rest = PLAIN.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return [...limits, ...rest];
}

const PLAIN = [
  "call_hours",
  "clarification_hours",
  "checks",
  "civil_hours",
  "levels",
  "languages",
  "types",
  "suspended_alerts",
  "shares_escalation",
  "account_days",
  "readout_hours",
  "code_minutes",
  "shares_acknowledgements",
  "mornings",
] as const satisfies readonly (keyof LineTerms)[];

function secondsOf(typed: string): number {
  return Math.round((minutes(typed) ?? 0) * 60);
}

function minutesOf(seconds: number): string {
  return String(seconds / 60);
}

function minutes(typed: string): number | null {
  const plain = digits(typed).replace(",", ".");
  return /^\d{1,6}(\.\d{1,4})?$/.test(plain) ? Number(plain) : null;
}

function hours(typed: string): number | null {
  const plain = digits(typed);
  return /^\d{1,4}$/.test(plain) ? Number(plain) : null;
}

/** Arabic and Persian digits as those that a number is read from. */
function digits(typed: string): string {
  return typed
    .trim()
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf));
}

function listed(typed: string): readonly string[] {
  return [...new Set(typed.split("\n").map((each) => each.trim()))].filter((each) => each !== "");
}
