/** What the node says of notifications and call requests, exactly as on the wire. */
import type { SpaceId } from "./record-types";
import type { InstantText, PartyId } from "./types";

/** Plain JSON: a form, or a type's definition. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [name: string]: Json;
}

/** One thing that is wrong with a form, at its place. */
export interface Finding {
  /** Such as `/window/ends`. */
  readonly field: string;
  readonly reason: string;
  /** What would do instead, or by how much it is late. */
  readonly wanted: string;
  /** `refuses` keeps it from being sent, `warns` is for the second person to judge. */
  readonly weight: string;
}
/** A type of notification that was proposed for a line. */
export interface NotificationType {
  /** Of the line it was asked for. */
  readonly space: SpaceId;
  readonly hash: string;
  readonly entry: string;
  readonly id: string;
  readonly version: number;
  readonly proposed_by: PartyId;
  readonly definition: JsonMap;
  readonly agreed_by: readonly PartyId[];
  readonly is_usable: boolean;
}
/** A type to begin with; it binds nobody. */
export interface StarterType {
  readonly id: string;
  /** JSON, the very bytes that would be proposed. */
  readonly definition: string;
}
/** A notification that is being written here. */
export interface NotificationDraft {
  readonly id: string;
  readonly space: SpaceId;
  readonly type_hash: string;
  readonly form: JsonMap;
  readonly corrects: string | null;
  readonly is_exercise: boolean;
  readonly state: string;
  /** Id of the person who wrote what it says now. */
  readonly drafter: string;
  readonly verifier: string | null;
  readonly changed_at: InstantText;
  readonly findings: readonly Finding[];
}
/** A question about a notification. */
export interface NotificationQuery {
  readonly hash: string;
  readonly words: string;
  readonly asked_at: InstantText;
  readonly due_at: InstantText;
  readonly state: string;
  readonly answers: readonly {
    readonly at: InstantText;
    readonly words: string;
    readonly capacity: string;
  }[];
  /** In which office it was asked, or not_said. */
  readonly capacity: string;
}
/** A notification as both sides hold it. */
export interface Notification {
  readonly hash: string;
  readonly space: SpaceId;
  readonly author: PartyId;
  /** Party, type, year and number, as people say it; an exercise's number has an E before it. */
  readonly number: string;
  readonly is_exercise: boolean;
  readonly type_id: string;
  readonly type_version: number;
  readonly type_hash: string;
  readonly state: string;
  readonly form: JsonMap | null;
  readonly sent_at: InstantText;
  /** The legal time. */
  readonly provided_at: InstantText | null;
  readonly effective_at: InstantText | null;
  readonly due_at: InstantText | null;
  /** Hours and minutes; 00:00 is in time. */
  readonly late: string | null;
  readonly corrects: string | null;
  readonly ended_by: string | null;
  readonly words: string;
  /** In which office it was sent, or not_said. */
  readonly capacity: string;
  /** In which office it was cancelled, closed or corrected, or not_said; null: it was not. */
  readonly ended_as: string | null;
  readonly queries: readonly NotificationQuery[];
  readonly findings: readonly Finding[];
  /** What is wrong, and the hash of which entry. */
  readonly breaches: readonly (readonly string[])[];
}
/** A number that is missing, or that several notifications have. */
export interface NumberFault {
  readonly space: SpaceId;
  readonly party: PartyId;
  readonly type_id: string;
  readonly year: number;
  readonly is_exercise: boolean;
  readonly number: number;
  readonly fault: string;
  readonly hashes: readonly string[];
}
/** A periodic notification that is due. */
export interface Reminder {
  readonly space: SpaceId;
  readonly type_id: string;
  readonly year: number;
  readonly due_at: InstantText;
  readonly is_met: boolean;
}

/** An instant, and what each party's calendar and clock show of it. */
export interface Dates {
  readonly at: InstantText;
  readonly by_party: Readonly<Record<string, string>>;
}
/** One answer of a negotiation about a call. */
export interface CallTurn {
  readonly hash: string;
  readonly party: PartyId;
  readonly at: InstantText;
  readonly answer: string;
  readonly earliest: Dates | null;
  readonly latest: Dates | null;
  readonly level: string | null;
  readonly until: Dates | null;
  readonly reason: string | null;
  /** In which office it was said, or not_said. */
  readonly capacity: string;
}
/** A call request as both sides hold it. */
export interface CallRequest {
  readonly hash: string;
  readonly space: SpaceId;
  readonly asker: PartyId;
  readonly who_asks: string;
  readonly who_is_asked: string;
  readonly level: string;
  readonly subject: string | null;
  readonly mode: string;
  readonly languages: readonly string[];
  readonly interpreter: string;
  readonly asked: Dates;
  readonly earliest: Dates;
  readonly latest: Dates;
  readonly answer_hours: number;
  readonly is_exercise: boolean;
  readonly state: string;
  readonly offer: string;
  readonly turn: PartyId | null;
  readonly due: Dates | null;
  /** By when, counted from when we had it, if it is for us to answer. */
  readonly due_here: Dates | null;
  readonly is_overdue: boolean;
  readonly begins: Dates | null;
  readonly turns: readonly CallTurn[];
  /** In which office it was asked for, or not_said. */
  readonly capacity: string;
  /** In which office it was given up, or not_said; null: it was not. */
  readonly withdrawn_as: string | null;
  /** How often whoever is to answer may still say that it is being decided. */
  readonly holds_left: number;
  readonly identity: {
    readonly commitment: string | null;
    readonly asked_key: string | null;
    readonly code: string | null;
  };
  readonly thread: string | null;
  readonly started: Dates | null;
  readonly ended: Dates | null;
  /** Which parties said that they speak, with the code both read. */
  readonly speaking: readonly PartyId[];
  /** Parties that said that what they heard was another code. */
  readonly mismatches: readonly (readonly string[])[];
  readonly breaches: readonly (readonly string[])[];
}
/** What is asked for. */
export interface CallAsked {
  readonly space: SpaceId;
  readonly who_asks: string;
  readonly who_is_asked: string;
  readonly level: string;
  readonly subject: string | null;
  readonly earliest: InstantText;
  readonly latest: InstantText;
  readonly mode: string;
  readonly languages: readonly string[];
  readonly interpreter: string;
  readonly answer_hours: number;
  readonly is_exercise: boolean;
}
/** What is said to a request, or to the last offer about it. */
export interface CallAnswer {
  readonly answer: string;
  readonly earliest?: InstantText;
  readonly latest?: InstantText;
  readonly level?: string;
  readonly until?: InstantText;
  readonly reason?: string;
}
