/** What the node says of crises and their assessments, exactly as on the wire. */
import type { SpaceId } from "./record-types";
import type { InstantText, PartyId } from "./types";

/** A text in one language. */
export interface CrisisText {
  readonly language: string;
  readonly text: string;
}
/** A party of the line, ours first in every list. */
export interface CrisisParty {
  readonly id: PartyId;
  readonly name: string | null;
  readonly is_ours: boolean;
}
export const SIDE_STATES = ["not_open", "open", "closed"] as const;
/** One party's side: its own title, grade and start. */
export interface CrisisSide {
  readonly party: PartyId;
  readonly state: (typeof SIDE_STATES)[number];
  readonly title: readonly CrisisText[];
  readonly grade: string | null;
  readonly start: InstantText | null;
  readonly opened_at: InstantText | null;
  readonly closed_at: InstantText | null;
  readonly words: string | null;
}
export const STATEMENT_KINDS = ["claim", "request", "offer"] as const;
/** What one party says. */
export type StatementKind = (typeof STATEMENT_KINDS)[number];
export const STATEMENT_STATES = [
  "standing",
  "disputed",
  "agreed",
  "taken_up",
  "declined",
  "withdrawn",
] as const;
/** A claim, a request or an offer. */
export interface Statement {
  readonly hash: string;
  readonly party: PartyId;
  readonly kind: StatementKind;
  readonly texts: readonly CrisisText[];
  readonly at: InstantText;
  readonly came_at: InstantText;
  readonly state: (typeof STATEMENT_STATES)[number];
  readonly disputes: string | null;
  readonly disputed_by: readonly string[];
  readonly reply_words: string | null;
  readonly is_quotable: boolean;
}
/** A fact, and who has signed it: party, entry and instant. */
export interface Fact {
  readonly hash: string;
  readonly texts: readonly CrisisText[];
  readonly state: "proposed" | "agreed";
  readonly claim: string | null;
  readonly signed: readonly (readonly string[])[];
  readonly is_quotable: boolean;
}
/** Something wrong about an entry. */
export interface CrisisBreach {
  readonly hash: string;
  readonly author: PartyId;
  readonly kind: string;
  readonly what: string;
}
export const ASSESSMENT_STATES = [
  "timeline",
  "accounts_sealed",
  "revealed",
  "published",
  "joint_draft",
  "adopted",
  "ended_without_joint_text",
] as const;
/** Where an assessment stands. */
export type AssessmentState = (typeof ASSESSMENT_STATES)[number];
/** A crisis in a list. */
export interface CrisisSummary {
  readonly hash: string;
  readonly space: SpaceId;
  readonly number: string;
  readonly opener: PartyId;
  readonly parties: readonly CrisisParty[];
  readonly sides: readonly CrisisSide[];
  readonly is_open: boolean;
  readonly is_exercise: boolean;
  readonly last_at: InstantText;
  readonly state: AssessmentState | null;
}
/** A crisis as both sides hold it. */
export interface Crisis extends CrisisSummary {
  readonly statements: readonly Statement[];
  readonly facts: readonly Fact[];
  readonly linked: readonly { readonly hash: string; readonly party: PartyId }[];
  readonly breaches: readonly CrisisBreach[];
  readonly quiet_since: InstantText | null;
  readonly room: string | null;
  readonly check_minutes: number | null;
}
/** What a node found in the record. */
export interface TimelineGiven {
  readonly party: PartyId;
  readonly digest: string;
  readonly count: number;
  readonly at: InstantText;
}
/** One party's account: sealed, and perhaps shown. */
export interface Account {
  readonly party: PartyId;
  readonly seal: string;
  readonly sealed_at: InstantText;
  readonly shown: readonly CrisisText[] | null;
  readonly shown_at: InstantText | null;
  readonly is_awaited: boolean;
}
export const SECTIONS = ["fact", "disputed", "lesson", "commitment"] as const;
/** Where a paragraph stands in the joint sheet. */
export type Section = (typeof SECTIONS)[number];
/** A version of a paragraph; without a party both have it. */
export interface Version {
  readonly party: PartyId | null;
  readonly texts: readonly CrisisText[];
  readonly owner: PartyId | null;
  readonly due: InstantText | null;
}
/** A paragraph of the joint sheet. */
export interface Paragraph {
  readonly key: string;
  readonly section: Section;
  readonly order: number;
  readonly is_bracketed: boolean;
  readonly versions: readonly Version[];
}
export const READOUT_STATES = ["announced", "waiting", "public"] as const;
/** Whether a readout is known to have arrived, and whether it may be given out. */
export type ReadoutState = (typeof READOUT_STATES)[number];
/** What one side says in public. */
export interface Readout {
  readonly hash: string;
  readonly party: PartyId;
  readonly texts: readonly CrisisText[];
  readonly public_from: InstantText;
  readonly at: InstantText;
  readonly state: ReadoutState;
  /** Since when the other party's node has it, by that node's clock. */
  readonly held_at: InstantText | null;
  /** From when it may be given out; null while the other party is not known to have it. */
  readonly free_at: InstantText | null;
  /** Whether its date leaves the other party less than the agreed hours. */
  readonly is_short: boolean;
}
/** An assessment as both sides hold it. */
export interface Assessment {
  readonly crisis: string;
  readonly state: AssessmentState;
  readonly begun: InstantText;
  readonly deadline: InstantText;
  readonly is_after_deadline: boolean;
  readonly timelines: readonly TimelineGiven[];
  readonly are_timelines_equal: boolean | null;
  readonly differences: readonly { readonly head: string; readonly party: PartyId }[];
  readonly accounts: readonly Account[];
  readonly sheet: readonly Paragraph[];
  readonly sheet_hash: string | null;
  readonly adoptions: readonly {
    readonly party: PartyId;
    readonly sheet: string;
    readonly at: InstantText;
    readonly is_current: boolean;
  }[];
  readonly ended_by: PartyId | null;
  readonly readouts: readonly Readout[];
  /** That the other party has a readout before it is public; 0: none are agreed. */
  readonly readout_hours: number;
  readonly breaches: readonly CrisisBreach[];
}
/** One entry of a timeline. */
export interface TimelineEntry {
  readonly hash: string;
  readonly party: PartyId;
  readonly kind: string;
  readonly at: InstantText;
  readonly came_at: InstantText | null;
  readonly is_linked: boolean;
  /** In which office its person spoke, or not_said; null where its kind names none. */
  readonly office: string | null;
}
/** Several times together, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly median_ms: number | null;
  readonly longest_ms: number | null;
}
/** How long what took with the alerts of one party: how the other did with them. */
export interface AlertFigures {
  readonly party: PartyId;
  readonly alerts: number;
  readonly deliver: Spread;
  readonly present: Spread;
  readonly acknowledge: Spread;
  readonly answer: Spread;
}
/** Alerts of exercises, alike at both ends. */
export interface DrillFigures {
  readonly times: readonly { readonly hash: string }[];
  readonly figures: readonly AlertFigures[];
}
/** What one party kept and missed, by whose turn it was to answer. */
export interface CheckFigures {
  readonly party: PartyId;
  readonly kept: number;
  readonly missed: number;
  /** How often each cause was the last thing proved. */
  readonly causes: Readonly<Record<string, number>>;
}
/** Notifications of one party. */
export interface NotificationFigures {
  readonly party: PartyId;
  readonly sent: number;
  readonly late: number;
  readonly latest_ms: number | null;
}
/** Our own escalation; of theirs the steps they told of. */
export interface EscalationFigures {
  readonly started: number;
  readonly steps: number;
  readonly latest_ms: number | null;
  readonly told: number;
}
/** How much of the time in which our node looked a path of the line carried. */
export interface PathFigures {
  /** Null: the line, which is up while any path is. */
  readonly path: string | null;
  readonly seen_ms: number;
  readonly up_ms: number;
  readonly breaks: number;
}
/** All that is measured of a crisis. */
export interface CrisisMeasures {
  readonly begun_at: InstantText;
  /** Until when; null while a side is open. */
  readonly ended_at: InstantText | null;
  readonly alerts: readonly AlertFigures[];
  readonly checks: readonly CheckFigures[];
  readonly notifications: readonly NotificationFigures[];
  readonly escalation: EscalationFigures;
  readonly paths: readonly PathFigures[];
}
/** A stretch of a readout that stands in the record. */
export interface Quote {
  readonly hash: string;
  readonly party: PartyId;
  readonly kind: string;
  readonly language: string;
  readonly place: number;
  readonly words: string;
  readonly may_be_quoted: boolean;
}
