/** What the node says of a line's terms; the node's view of them has the same fields. */
import type { ACCEPTED, PROFILES } from "./check-types";
import type { Precedence } from "./duty-types";
import type { PartyId } from "./types";

export { ACCEPTED, PROFILES } from "./check-types";

/** How long the steps of an alert may take, in seconds. */
export interface TermLimits {
  readonly precedence: Precedence;
  readonly target_s: number;
  readonly limit_s: number;
  readonly answer_s: number;
}

/** A party's business mornings: a routine alert to it is due by the next one. */
export interface Morning {
  readonly party: PartyId;
  readonly zone: string;
  /** 1 Monday to 7 Sunday. */
  readonly days: readonly number[];
  /** On its wall clock, HH:MM. */
  readonly at: string;
  /** Dates, YYYY-MM-DD. */
  readonly holidays: readonly string[];
}

/** The terms of a line's agreement. */
export interface LineTerms {
  readonly limits: readonly TermLimits[];
  readonly call_hours: number;
  readonly clarification_hours: number;
  readonly checks: (typeof PROFILES)[number];
  readonly civil_hours: readonly number[];
  readonly levels: readonly string[];
  readonly languages: readonly string[];
  readonly types: readonly string[];
  readonly suspended_alerts: (typeof ACCEPTED)[number];
  readonly shares_escalation: boolean;
  readonly account_days: number;
  readonly readout_hours: number;
  readonly code_minutes: number;
  readonly shares_acknowledgements: boolean;
  readonly mornings: readonly Morning[];
}

/** The terms of one version, and the names of those that differ from what is in force. */
export interface TermsVersion {
  readonly hash: string;
  readonly terms: LineTerms;
  readonly changes: readonly string[];
}

/** The terms in force on a line, and those of every version that has any. */
export interface LineTermsAnswer {
  readonly in_force: LineTerms;
  readonly versions: readonly TermsVersion[];
}
