/** What the node says of watches, escalation and notices; the node's view.py has the same fields. */

/** A time for which somebody, or nobody, is to be on watch. */
export interface Shift {
  readonly starts_at: string;
  readonly ends_at: string;
  readonly person: string | null;
  readonly name: string | null;
  readonly source: string;
}

/** Somebody who belongs to a roster's office. */
export interface Member {
  readonly id: string;
  readonly name: string;
}

/** Who is to be on watch in an office, and who is. */
export interface Roster {
  readonly key: string;
  readonly name: string;
  readonly zone: string;
  readonly office: string;
  readonly office_name: string;
  readonly current: Shift;
  readonly next: Shift | null;
  readonly on_duty: string | null;
  readonly on_duty_id: string | null;
  readonly is_as_planned: boolean;
  readonly members: readonly Member[];
  readonly shifts: readonly Shift[];
}

/** An exception to a roster. */
export interface Override {
  readonly id: string;
  readonly roster: string;
  readonly person: string | null;
  readonly name: string | null;
  readonly starts_at: string;
  readonly ends_at: string;
}

/** Every roster over a time. */
export interface Duty {
  readonly now: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly plan: number;
  readonly rosters: readonly Roster[];
  readonly overrides: readonly Override[];
  readonly failed_notices: number;
}

export const DIRECTIONS = ["inbound", "outbound"] as const;
export type Direction = (typeof DIRECTIONS)[number];
export const PRECEDENCES = ["flash", "immediate", "priority", "routine"] as const;
export type Precedence = (typeof PRECEDENCES)[number];

/** One alert's way through its policy. */
export interface Escalation {
  readonly matter: string;
  readonly direction: Direction;
  readonly precedence: Precedence;
  readonly number: number;
  readonly is_exercise: boolean;
  readonly state: string;
  readonly started_at: string;
  readonly steps_taken: number;
  readonly next_at: string | null;
  readonly next_targets: readonly string[];
  readonly until: string | null;
}

/** Who is on watch and what escalates next. */
export interface DutyCard {
  readonly rosters: readonly Roster[];
  readonly escalations: readonly Escalation[];
  readonly gaps: readonly Shift[];
  readonly failed_notices: number;
}

export const NOTICE_STATES = ["waiting", "trying", "sent", "joined", "dropped", "failed"] as const;
export type NoticeState = (typeof NOTICE_STATES)[number];

/** One end that is told, and what came of it. */
export interface DutyNotice {
  readonly id: string;
  readonly cause: string;
  readonly end: string;
  readonly target: string;
  readonly why: string;
  readonly name: string | null;
  readonly words: string;
  readonly state: NoticeState;
  readonly tries: number;
  readonly made_at: string;
  readonly next_at: string | null;
  readonly sent_at: string | null;
  readonly failure: string | null;
  readonly matter: string | null;
  readonly number: number | null;
}

/** One end that would be told. */
export interface PlannedEnd {
  readonly end: string;
  readonly target: string;
  readonly name: string | null;
  readonly why: string;
}

/** One step that would be taken. */
export interface PlannedStep {
  readonly number: number;
  readonly at: string;
  readonly until: string;
  readonly acks: number;
  readonly targets: readonly string[];
  readonly ends: readonly PlannedEnd[];
}

/** One version of the plan. */
export interface PlanVersion {
  readonly number: number;
  readonly state: string;
  readonly based_on: number;
  readonly words: string;
  readonly proposed_by: string;
  readonly proposed_as: readonly string[];
  readonly proposed_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly plan: PlanDocument;
}

export const UNTIL_STATES = ["delivered", "presented", "acknowledged", "answered"] as const;
/** What makes a step unnecessary. */
export type Until = (typeof UNTIL_STATES)[number];
export const SHIFT_UNITS = ["hours", "days", "weeks"] as const;
export type ShiftUnit = (typeof SHIFT_UNITS)[number];

/** A time of the day on some days of the week, 1 for Monday. */
export interface HoursText {
  readonly days: readonly number[];
  readonly start: string;
  readonly end: string;
}

/** People who follow one another. */
export interface RotationText {
  readonly name: string;
  readonly people: readonly string[];
  readonly starts: string;
  readonly length: number;
  readonly unit: ShiftUnit;
  readonly hours: readonly HoursText[];
}

/** Who is to be on watch in an office, as a plan has it. */
export interface RosterText {
  readonly key: string;
  readonly name: string;
  readonly zone: string;
  readonly office: string;
  readonly rotations: readonly RotationText[];
}

/** One step of a policy; targets as `role:releaser`, `roster:watch`, `desk`, `siren:hall`. */
export interface PolicyStepText {
  readonly delay_s: number;
  readonly targets: readonly string[];
  readonly until: Until;
  readonly acks: number;
}

/** How one precedence of one direction is escalated. */
export interface PolicyText {
  readonly direction: Direction;
  readonly precedence: Precedence;
  readonly steps: readonly PolicyStepText[];
  readonly repeats: number;
  readonly repeat_s: number;
  readonly calls_in_exercises: boolean;
}

/** A plan as the node writes it. */
export interface PlanDocument {
  readonly rosters: readonly RosterText[];
  readonly policies: readonly PolicyText[];
}

/** A device that takes Web Push, and whose it is. */
export interface DeviceRef {
  readonly id: string;
  readonly name: string;
  readonly person: string;
}

/** The plan that counts, and its versions. */
export interface PlanAnswer {
  readonly number: number;
  readonly plan: PlanDocument;
  readonly versions: readonly PlanVersion[];
  readonly targets: {
    readonly boxes: readonly string[];
    readonly webhooks: readonly string[];
    readonly sirens: readonly string[];
    readonly devices: readonly DeviceRef[];
    readonly can_push: boolean;
    readonly can_mail: boolean;
  };
  readonly people: readonly Member[];
  readonly offices: readonly Member[];
}

/** One device on which the person who asks is called. */
export interface DutyDevice {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly added_at: string;
  readonly reached_at: string | null;
}

/** By what the person who asks is called. */
export interface DutyReach {
  readonly devices: readonly DutyDevice[];
  readonly mail: string | null;
  readonly can_mail: boolean;
  readonly push_key: string | null;
}

/** One end that was tried, and why it could not be called. */
export interface TriedEnd {
  readonly end: string;
  readonly failure: string | null;
}
