/** What the node says of its people, exactly as on the wire (JSON, snake_case). */
import type { InstantText } from "./types";

/** A person by name. */
export interface PersonName {
  readonly id: string;
  readonly name: string;
}
/** A person of our party. */
export interface PersonRow extends PersonName {
  readonly language: string;
  readonly roles: readonly string[];
  /** Ids of the offices the person belongs to. */
  readonly offices: readonly string[];
  readonly passkeys: number;
  readonly seen_at: InstantText | null;
  readonly revoked_at: InstantText | null;
}
/** A person who was just invited, and the one-time link to hand over. */
export interface Invitation {
  readonly address: string;
  readonly expires_at: InstantText | null;
}
/** Who is on duty in an office, and to whom it is offered. */
export interface Duty {
  readonly person: PersonName;
  readonly state: string;
  readonly taken_at: InstantText;
  readonly offered_to: PersonName | null;
}
/** An office that somebody stands watch in. */
export interface Office {
  readonly id: string;
  readonly name: string;
  readonly people: readonly PersonName[];
  readonly duty: Duty | null;
  /** Whose shift it is, where somebody else has the duty. */
  readonly planned: { readonly person: PersonName; readonly since: InstantText } | null;
  readonly closed_at: InstantText | null;
}
/** One thing that must happen to an open matter, by both clocks. */
export interface OpenDue {
  readonly limit: string;
  readonly due_at: InstantText;
  /** By the other party's clock, as far as its own event is proved here. */
  readonly theirs_at: InstantText | null;
}
/** What an open matter is. */
export const OPEN_KINDS = [
  "alert",
  "check",
  "missed",
  "notification",
  "reminder",
  "call",
  "crisis",
] as const;
export type OpenKind = (typeof OPEN_KINDS)[number];
/** One thing that is open when a duty is handed over. */
export interface OpenMatter {
  readonly kind: OpenKind;
  /** Hash of the alert, notification, call request or crisis; else the line's space. */
  readonly about: string;
  /** Empty where it is of our own doing. */
  readonly party: string;
  readonly state: string;
  readonly text: string;
  readonly precedence: string | null;
  /** Whose turn an alert is. */
  readonly duty: string | null;
  readonly at: InstantText | null;
  /** The soonest first. */
  readonly due: readonly OpenDue[];
  readonly is_ours: boolean;
  readonly is_exercise: boolean;
  readonly is_late: boolean;
}
/** What whoever takes a duty takes with it. */
export interface Handover {
  readonly at: InstantText;
  readonly matters: readonly OpenMatter[];
  /** Notices to our own people that could not be delivered. */
  readonly untold: number;
}
/** A browser that is signed in, or a passkey. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly added_at: InstantText | null;
  readonly seen_at: InstantText | null;
  readonly is_this: boolean;
}
/** One act of the permission table. */
export interface PermissionRow {
  readonly act: string;
  /** What must be shown beside being signed in: sign_in, step_up or signature. */
  readonly needs: string;
  /** Whose things each role may do it to: self, own, foreign. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}
/** The permission table. */
export interface PermissionTable {
  readonly acts: readonly PermissionRow[];
}
/** What lets people in beside passkeys and one-time links. */
export interface WaysIn {
  /** What the party's own provider of sign-ins is called. */
  readonly provider: string | null;
}
/** One thing that was done here that binds, or was refused, or that the node noticed. */
export interface TrailRow {
  readonly number: number;
  readonly at: InstantText;
  /** An act of the permission table, or a fixed word for what the node noticed by itself. */
  readonly act: string;
  /** Id of a person or program, `operator` or `node`. */
  readonly asker: string;
  readonly asker_name: string | null;
  readonly subject: string;
  readonly subject_name: string | null;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
  readonly words: string;
}
/** A part of the trail, the newest first; `next` asks for those before them. */
export interface TrailPart {
  readonly rows: readonly TrailRow[];
  readonly next: number | null;
}
/** What of the trail is asked for; null for all of it. */
export interface TrailFilter {
  readonly asker: string | null;
  readonly is_refused: boolean | null;
}
/** Somebody of ours who used a passkey that they keep for duress. */
export interface DuressCall {
  readonly id: string;
  readonly person: PersonName;
  readonly began_at: InstantText;
  /** When it was used last. */
  readonly seen_at: InstantText;
}
/** A role that somebody asked for in an emergency, or has for a while. */
export interface BrokenGlass {
  readonly id: string;
  readonly person: PersonName;
  readonly role: string;
  readonly reason: string;
  readonly ends_at: InstantText | null;
  readonly second: PersonName | null;
  readonly state: string;
}
