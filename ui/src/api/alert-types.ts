/** What the node says of alerts and drafts, exactly as on the wire (JSON, snake_case). */
import type { InstantText, PartyId } from "./types";

export const PRECEDENCES = ["flash", "immediate", "priority", "routine"] as const;
/** By when a reader must have it, not how important it is. */
export type Precedence = (typeof PRECEDENCES)[number];
export const ALERT_LEVELS = ["watch", "director", "commander", "minister", "head"] as const;
/** Whom an alert is for. */
export type AlertLevel = (typeof ALERT_LEVELS)[number];
export const ANSWER_KINDS = [
  "reply",
  "hold",
  "accept_call",
  "other_time",
  "other_level",
  "decline",
  "not_our_matter",
] as const;
/** What may be answered. */
export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** A text in one language. */
export interface AlertText {
  readonly language: string;
  readonly text: string;
}
/** What may be said of an alert at this end, and whose turn it is. */
export interface Saying {
  readonly sentence: string;
  readonly duty: string;
  readonly at: InstantText | null;
  readonly is_clock_doubtful: boolean;
  readonly capacity: string | null;
  readonly has_sound: boolean | null;
  readonly bound_ms: number | null;
}
/** By when something must have happened: by our clock, and by the other party's if that is known. */
export interface Due {
  readonly limit: string;
  readonly due_at: InstantText;
  readonly theirs_at: InstantText | null;
}
/** A limit that passed here. */
export interface Overdue {
  readonly step: string;
  readonly due_at: InstantText;
}
/** A desk that showed an alert. */
export interface Presentation {
  readonly desk: string;
  readonly has_sound: boolean;
  readonly at: InstantText;
}
/** A person's word that an alert was read. */
export interface Acknowledgement {
  readonly capacity: string;
  readonly language: string;
  readonly sentences: readonly AlertText[];
  readonly at: InstantText;
  readonly is_confirmed: boolean;
}
/** One answer. */
export interface Answer {
  readonly kind: string;
  readonly capacity: string;
  readonly words: string | null;
  readonly at: InstantText;
  readonly until: InstantText | null;
  readonly level: string | null;
  readonly is_confirmed: boolean;
}
/** An alert in another language, by one of the two parties. */
export interface Translation {
  readonly party: PartyId;
  readonly language: string;
  readonly text: string | null;
}
/** The author's word on a paraphrase. */
export interface ParaphraseWord {
  /** `confirmed` or `corrected`. */
  readonly kind: string;
  readonly correction: AlertText | null;
  readonly capacity: string;
  readonly at: InstantText;
  readonly has_arrived: boolean;
}
/** How the party an alert went to understood it, in its own words. */
export interface Paraphrase {
  readonly hash: string;
  readonly language: string;
  readonly text: string;
  readonly capacity: string;
  readonly at: InstantText;
  readonly has_arrived: boolean;
  /** Null as long as it waits for one. */
  readonly word: ParaphraseWord | null;
}
/** A party's word that it is done with an alert. */
export interface Closing {
  readonly party: PartyId;
  readonly words: string | null;
  /** By the clock of the party that closed it. */
  readonly at: InstantText;
  /** Since when the other end has that, by its own clock; null as long as nothing proves it. */
  readonly arrived_at: InstantText | null;
}
/** Something wrong about an entry; it had no effect. */
export interface Breach {
  readonly entry: string;
  readonly party: PartyId;
  readonly kind: string;
  readonly what: string;
}
/** A step of an escalation that its party told of. */
export interface StepTold {
  readonly is_ours: boolean;
  readonly number: number;
  /** By that party's clock. */
  readonly reached_at: InstantText;
}
/** That another recipient of the alert acknowledged it, as its author told, with proof. */
export interface AcknowledgementTold {
  /** Its name here, or its id where we have no line with it. */
  readonly party: string;
  readonly party_id: PartyId;
  readonly capacity: string;
  readonly language: string;
  /** By that party's clock. */
  readonly at: InstantText;
}
/** One alert, as far as it is proved here. */
export interface Alert {
  readonly hash: string;
  readonly thread: string;
  readonly is_ours: boolean;
  /** Name of the party at the other end. */
  readonly party: string;
  readonly party_id: PartyId;
  readonly precedence: Precedence;
  readonly written: Precedence;
  readonly is_demoted: boolean;
  readonly is_exercise: boolean;
  readonly reaches_principals: boolean;
  readonly is_signed: boolean;
  readonly is_verified: boolean;
  readonly is_quotable: boolean;
  readonly level: string | null;
  readonly state: string;
  readonly standing: string;
  readonly texts: readonly AlertText[];
  readonly translations: readonly Translation[];
  readonly recipients: readonly PartyId[];
  readonly body_hash: string;
  readonly attachment: string | null;
  readonly released_at: InstantText;
  readonly released_bound_ms: number | null;
  readonly received_at: InstantText | null;
  readonly received_bound_ms: number | null;
  readonly started_at: InstantText;
  readonly expires_at: InstantText | null;
  readonly saying: Saying;
  readonly due: readonly Due[];
  readonly overdue: readonly Overdue[];
  readonly presented: readonly Presentation[];
  readonly acknowledgements: readonly Acknowledgement[];
  readonly answers: readonly Answer[];
  readonly paraphrases: readonly Paraphrase[];
  /** `unsaid`, `waiting`, `confirmed` or `corrected`. */
  readonly paraphrase_state: string;
  readonly closings: readonly Closing[];
  readonly holds_left: number;
  /** Of escalations, what either party told the other, where the line's terms share it. */
  readonly steps: readonly StepTold[];
  /** Acknowledgements by other recipients, where the line's terms share them. */
  readonly told: readonly AcknowledgementTold[];
  readonly supersedes: string | null;
  readonly superseded_by: string | null;
  readonly withdrawn_words: string | null;
  readonly breaches: readonly Breach[];
}
/** An alert that is being written. */
export interface AlertDraft {
  readonly id: string;
  readonly state: string;
  readonly precedence: Precedence;
  readonly is_exercise: boolean;
  readonly reaches_principals: boolean;
  readonly is_quotable: boolean;
  readonly level: string | null;
  readonly texts: readonly AlertText[];
  readonly recipients: readonly PartyId[];
  readonly supersedes: string | null;
  readonly attachment: string | null;
  readonly stands_s: number | null;
  /** SHA-256 of the bytes that would be released: the same for every party. */
  readonly body_hash: string;
  readonly drafter: string;
  readonly drafter_name: string | null;
  readonly verifier: string | null;
  readonly verifier_name: string | null;
  readonly released_to: readonly PartyId[];
  readonly changed_at: InstantText;
}
/** What a drafter gives. */
export interface DraftWords {
  readonly texts: readonly AlertText[];
  readonly recipients: readonly PartyId[];
  readonly precedence: Precedence;
  readonly is_exercise: boolean;
  readonly reaches_principals: boolean;
  readonly is_quotable: boolean;
  readonly level: string | null;
  readonly supersedes: string | null;
  readonly attachment: string | null;
  readonly stands_s: number | null;
}
/** What an answer says. */
export interface AnswerWords {
  readonly kind: AnswerKind;
  readonly words: string | null;
  readonly at: InstantText | null;
  readonly level: string | null;
}
