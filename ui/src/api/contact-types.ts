/** What the node says of contacts: whom each party names to the other. */

export const LIST_STANDINGS = ["none", "current", "due", "doubtful"] as const;
export type ListStanding = (typeof LIST_STANDINGS)[number];

export const CONTACT_STANDINGS = ["untried", "reached", "failed"] as const;
export type ContactStanding = (typeof CONTACT_STANDINGS)[number];

export const TRIAL_OUTCOMES = ["reached", "no_answer", "wrong"] as const;
export type TrialOutcome = (typeof TRIAL_OUTCOMES)[number];

export const WAY_KINDS = ["telephone", "mail", "other"] as const;
export type WayKind = (typeof WAY_KINDS)[number];

/** A text in one language. */
export interface ContactText {
  readonly language: string;
  readonly text: string;
}

/** Hours on some days of the week; 1 is Monday. */
export interface HoursSpan {
  readonly days: readonly number[];
  readonly begins: string;
  /** Not after the beginning: on the next day. */
  readonly ends: string;
}

/** When a contact is there, in its own zone. */
export interface ContactHours {
  readonly zone: string;
  readonly spans: readonly HoursSpan[];
}

/** A way to reach a contact. */
export interface Way {
  readonly kind: WayKind;
  readonly text: string;
}

/** A contact as it is written. */
export interface WrittenContact {
  readonly title: readonly ContactText[];
  readonly level: string;
  readonly duty: readonly ContactText[];
  /** Null: always. */
  readonly hours: ContactHours | null;
  readonly languages: readonly string[];
  readonly ways: readonly Way[];
}

/** What came of using a contact. */
export interface ContactTrial {
  readonly is_ours: boolean;
  readonly outcome: TrialOutcome;
  readonly at: string;
  readonly was_open: boolean | null;
  readonly words: string | null;
}

/** A contact, and what is known of it. */
export interface Contact extends WrittenContact {
  readonly mark: string;
  /** Null: our node does not know its zone. */
  readonly is_open: boolean | null;
  readonly changes_at: string | null;
  readonly standing: ContactStanding;
  readonly trials: readonly ContactTrial[];
}

/** An entry about contacts that has no effect. */
export interface ContactBreach {
  readonly entry: string;
  readonly is_ours: boolean;
  readonly what: string;
}

/** The directory of one party. */
export interface PartyContacts {
  readonly is_ours: boolean;
  readonly standing: ListStanding;
  readonly hash: string | null;
  readonly confirmed_at: string | null;
  readonly due_at: string | null;
  readonly received_at: string | null;
  readonly contacts: readonly Contact[];
  readonly breaches: readonly ContactBreach[];
}

/** The directories of one line. */
export interface ContactLine {
  readonly space: string;
  readonly party: string;
  readonly party_id: string;
  readonly levels: readonly string[];
  readonly ours: PartyContacts;
  readonly theirs: PartyContacts;
  readonly breaches: readonly ContactBreach[];
}
