/** The plan as it is edited: every field as it was typed, whether or not it is right yet. */
import {
  type Direction,
  DIRECTIONS,
  type PlanDocument,
  type PolicyText,
  type Precedence,
  PRECEDENCES,
  type RosterText,
  type RotationText,
  type ShiftUnit,
  type Until,
} from "../../api/duty-types";

export const TIME_UNITS = ["s", "min", "h"] as const;
/** In what a delay is written. */
export type TimeUnit = (typeof TIME_UNITS)[number];
const SECONDS: Readonly<Record<TimeUnit, number>> = { s: 1, min: 60, h: 3_600 };

/** A time as somebody writes it: "90" and "seconds". */
export interface Delay {
  readonly typed: string;
  readonly unit: TimeUnit;
}

export interface StepDraft {
  readonly id: number;
  readonly delay: Delay;
  readonly targets: readonly string[];
  readonly until: Until;
  readonly acks: string;
}

export interface PolicyDraft {
  readonly direction: Direction;
  readonly precedence: Precedence;
  readonly steps: readonly StepDraft[];
  readonly repeats: string;
  readonly repeat: Delay;
  readonly calls_in_exercises: boolean;
}

export interface HoursDraft {
  readonly id: number;
  readonly days: readonly number[];
  readonly start: string;
  readonly end: string;
}

export interface RotationDraft {
  readonly id: number;
  readonly name: string;
  readonly people: readonly string[];
  /** By the roster's clock on the wall: "2026-11-02T08:00". */
  readonly starts: string;
  readonly length: string;
  readonly unit: ShiftUnit;
  readonly hours: readonly HoursDraft[];
}

export interface RosterDraft {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly zone: string;
  readonly office: string;
  readonly rotations: readonly RotationDraft[];
}

/** A plan somebody works on. */
export interface PlanDraft {
  /** The next row's number: rows keep theirs while others come and go. */
  readonly next: number;
  readonly rosters: readonly RosterDraft[];
  readonly policies: readonly PolicyDraft[];
}

/** What a plan is made of, as a draft with every policy there can be. */
export function draftOf(plan: PlanDocument): PlanDraft {
  let next = 0;
  const id = () => next++;
  const rosters = plan.rosters.map((each) => rosterDraft(each, id));
  const policies = DIRECTIONS.flatMap((direction) =>
    PRECEDENCES.map((precedence) => {
      const found = plan.policies.find(
        (each) => each.direction === direction && each.precedence === precedence,
      );
      return policyDraft(direction, precedence, found, id);
    }),
  );
  return { next, rosters, policies };
}

/** The plan a draft means; what is not right yet makes a plan that the node refuses. */
export function documentOf(draft: PlanDraft): PlanDocument {
  return {
    rosters: draft.rosters.map((each) => ({
      key: each.key,
      name: each.name.trim(),
      zone: each.zone,
      office: each.office,
      rotations: each.rotations.map((rotation) => ({
        name: rotation.name.trim(),
        people: rotation.people,
        starts: `${rotation.starts.slice(0, 16)}:00`,
        length: wholeOf(rotation.length) ?? 0,
        unit: rotation.unit,
        hours: rotation.hours.map(({ days, start, end }) => ({ days, start, end })),
      })),
    })),
    policies: draft.policies.map((each) => ({
      direction: each.direction,
      precedence: each.precedence,
      steps: each.steps.map((step) => ({
        delay_s: secondsOf(step.delay) ?? -1,
        targets: step.targets,
        until: step.until,
        acks: step.until === "acknowledged" ? (wholeOf(step.acks) ?? 0) : 1,
      })),
      repeats: wholeOf(each.repeats) ?? -1,
      repeat_s: repeatOf(each),
      calls_in_exercises: each.calls_in_exercises,
    })),
  };
}

/** Seconds that a delay means; null if it is none. */
export function secondsOf(delay: Delay): number | null {
  const typed = plainDigits(delay.typed).trim().replace(",", ".");
  if (!/^\d+(\.\d+)?$/.test(typed)) return null;
  const seconds = Number(typed) * SECONDS[delay.unit];
  return Number.isInteger(seconds) ? seconds : null;
}

/** A delay in the largest unit that says it in whole numbers. */
export function delayOf(seconds: number): Delay {
  const unit = TIME_UNITS.toReversed().find((each) => seconds % SECONDS[each] === 0) ?? "s";
  return seconds === 0
    ? { typed: "0", unit: "s" }
    : { typed: String(seconds / SECONDS[unit]), unit };
}

/** A whole number that was typed, in whichever digits; null if it is none. */
export function wholeOf(typed: string): number | null {
  const plain = plainDigits(typed).trim();
  return /^\d{1,9}$/.test(plain) ? Number(plain) : null;
}

/** A roster of nobody yet. */
export function newRoster(draft: PlanDraft, name: string, zone: string): RosterDraft {
  const taken = new Set(draft.rosters.map(({ key }) => key));
  let number = draft.rosters.length + 1;
  while (taken.has(`watch-${number}`)) number += 1;
  return { id: draft.next, key: `watch-${number}`, name, zone, office: "", rotations: [] };
}

/** Whether policies call this roster: then it cannot be taken away. */
export function isCalled(draft: PlanDraft, roster: RosterDraft): boolean {
  return draft.policies.some(({ steps }) =>
    steps.some(({ targets }) => targets.includes(`roster:${roster.key}`)),
  );
}

/** A list with one of it somewhere else. */
export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const one = list[from];
  if (one === undefined || to < 0 || to >= list.length) return list;
  return list.toSpliced(from, 1).toSpliced(to, 0, one);
}

/** Which rows of two plans differ: what a second reader looks at first. */
export function changesBetween(before: PlanDocument, after: PlanDocument): PlanChanges {
  const rosters = new Set([...before.rosters, ...after.rosters].map(({ key }) => key));
  const name = (key: string) =>
    (
      after.rosters.find((each) => each.key === key) ??
      before.rosters.find((each) => each.key === key)
    )?.name ?? key;
  return {
    rosters: [...rosters]
      .filter((key) => rosterText(before, key) !== rosterText(after, key))
      .map((key) => name(key)),
    policies: DIRECTIONS.flatMap((direction) =>
      PRECEDENCES.filter(
        (precedence) =>
          policyText(before, direction, precedence) !== policyText(after, direction, precedence),
      ).map((precedence) => ({ direction, precedence })),
    ),
  };
}

/** What differs between two plans. */
export interface PlanChanges {
  readonly rosters: readonly string[];
  readonly policies: readonly { readonly direction: Direction; readonly precedence: Precedence }[];
}

/** A draft with what was done to it before: nothing is lost by a slip. */
export interface Edited {
  readonly past: readonly PlanDraft[];
  readonly present: PlanDraft;
  readonly future: readonly PlanDraft[];
}

/** Steps back that are kept. */
const PAST_MAX = 100;

/** Goes on from a draft, and keeps the way back. */
export function edited(before: Edited, present: PlanDraft): Edited {
  return { past: [...before.past, before.present].slice(-PAST_MAX), present, future: [] };
}

/** Takes the last change back. */
export function undone(now: Edited): Edited {
  const present = now.past.at(-1);
  if (present === undefined) return now;
  return { past: now.past.slice(0, -1), present, future: [now.present, ...now.future] };
}

/** Makes a change again that was taken back. */
export function redone(now: Edited): Edited {
  const [present, ...future] = now.future;
  if (present === undefined) return now;
  return { past: [...now.past, now.present], present, future };
}

// ------------------------------------------------------------------------------------------ details

/** What is not gone through again has no pause; what stands there is kept, if it can stand. */
function repeatOf(policy: PolicyDraft): number {
  const seconds = secondsOf(policy.repeat) ?? 0;
  return wholeOf(policy.repeats) === 0 && seconds < REPEAT_S_MIN ? REPEAT_S_USUAL : seconds;
}

const REPEAT_S_MIN = 10;
const REPEAT_S_USUAL = 300;

function rosterText(plan: PlanDocument, key: string): string {
  return JSON.stringify(plan.rosters.find((each) => each.key === key) ?? null);
}

function policyText(plan: PlanDocument, direction: Direction, precedence: Precedence): string {
  const found = plan.policies.find(
    (each) => each.direction === direction && each.precedence === precedence,
  );
  return JSON.stringify(found ?? null);
}

function rosterDraft(roster: RosterText, id: () => number): RosterDraft {
  return Object.assign({ id: id() }, roster, {
    rotations: roster.rotations.map((each) => rotationDraft(each, id)),
  });
}

function rotationDraft(rotation: RotationText, id: () => number): RotationDraft {
  return {
    id: id(),
    name: rotation.name,
    people: rotation.people,
    starts: rotation.starts.slice(0, 16),
    length: String(rotation.length),
    unit: rotation.unit,
    hours: rotation.hours.map((each) => Object.assign({ id: id() }, each)),
  };
}

function policyDraft(
  direction: Direction,
  precedence: Precedence,
  found: PolicyText | undefined,
  id: () => number,
): PolicyDraft {
  return {
    direction,
    precedence,
    steps: (found?.steps ?? []).map((step) => ({
      id: id(),
      delay: delayOf(step.delay_s),
      targets: step.targets,
      until: step.until,
      acks: String(step.acks),
    })),
    repeats: String(found?.repeats ?? 0),
    repeat: delayOf(found?.repeat_s ?? 300),
    calls_in_exercises: found?.calls_in_exercises ?? false,
  };
}

/** Arabic and Persian digits as those that a number is read from. */
function plainDigits(typed: string): string {
  return typed.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) =>
    String(digit.charCodeAt(0) & 0xf),
  );
}
