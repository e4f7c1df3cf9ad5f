/** What the node says of line checks and of a line's standing. */

export const CHECK_STATES = ["planned", "due", "sent", "returned", "confirmed", "missed"] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** Why a check was missed: the place behind which nothing was proved. */
export const SILENCES = [
  "path",
  "node",
  "path_or_node",
  "unstaffed",
  "no_answer",
  "declined",
  "suspended",
] as const;
export type Silence = (typeof SILENCES)[number];

/** The last thing proved of whoever fell silent. */
export const PROVED = ["nothing", "edge", "node", "receipt", "desk", "person"] as const;
export type Proved = (typeof PROVED)[number];

export const TURNS = ["us", "them", "nobody"] as const;
export const SIDES = ["us", "them"] as const;
export const CHECK_ACTS = ["send", "type", "confirm", "decline"] as const;
export const LINE_STANDINGS = [
  "in_use",
  "suspending",
  "suspended",
  "resuming",
  "ending",
  "ended",
] as const;
export type LineStanding = (typeof LINE_STANDINGS)[number];
export const ACCEPTED = ["none", "flash", "all"] as const;
export type Accepted = (typeof ACCEPTED)[number];
export const PROFILES = ["off", "civil", "watch"] as const;

/** Words in one language. */
export interface Passage {
  readonly language: string;
  readonly text: string;
}

/** One line check. */
export interface LineCheck {
  readonly name: string;
  readonly hash: string | null;
  readonly is_scheduled: boolean;
  readonly is_exercise: boolean;
  readonly is_ours: boolean;
  readonly due_at: string;
  readonly state: CheckState;
  readonly turn: (typeof TURNS)[number];
  readonly may: readonly (typeof CHECK_ACTS)[number][];
  readonly limit_at: string | null;
  readonly passage: readonly Passage[];
  readonly code: string | null;
  readonly cause: Silence | null;
  readonly silent: (typeof SIDES)[number] | null;
  readonly proved: Proved | null;
  readonly proved_at: string | null;
  readonly words: string | null;
  readonly ended_at: string | null;
}

/** What one party has written about a line. */
export interface PartyStanding {
  readonly is_ours: boolean;
  readonly standing: LineStanding;
  readonly from_at: string | null;
  readonly reason: string | null;
  readonly alerts: Accepted | null;
  readonly has_checks: boolean | null;
  readonly waits_for_second: boolean;
  readonly asked_by_me: boolean;
}

/** The checks of one line. */
export interface CheckLine {
  readonly space: string;
  readonly party: string;
  readonly party_id: string;
  readonly profile: (typeof PROFILES)[number];
  readonly next: readonly { readonly due_at: string; readonly is_ours: boolean }[];
  readonly now: LineCheck | null;
  readonly history: readonly LineCheck[];
  readonly site: {
    readonly has_edge: boolean;
    readonly edge_at: string | null;
    readonly node_at: string | null;
  };
  readonly standings: readonly PartyStanding[];
  readonly notices: readonly { readonly name: string; readonly made_at: string }[];
}

/** What is written about a line. */
export interface StandingWords {
  readonly step: "suspend" | "resume" | "end" | "concur" | "drop";
  readonly reason: string;
  /** From when it holds; null: at once. */
  readonly starts: string | null;
  readonly alerts: Accepted;
  readonly has_checks: boolean;
}
