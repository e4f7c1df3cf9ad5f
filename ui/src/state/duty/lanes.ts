/** The steps of a dry run as lanes: one for everybody who would be called, with when. */
import type { PlannedEnd, PlannedStep } from "../../api/duty-types";
import { marksOf } from "./timeline";

/** One end, at one step. */
export interface Call {
  /** The step, counted from 1 through every round. */
  readonly number: number;
  /** From 0 to 1. */
  readonly at: number;
  /** By which kinds of ends: desk, push, mail ... */
  readonly ends: readonly PlannedEnd[];
}

/** Everybody is in one lane, however they are told. */
export interface Lane {
  readonly id: string;
  /** Who; null for what is nobody's own. */
  readonly name: string | null;
  readonly end: PlannedEnd;
  readonly calls: readonly Call[];
}

/** One instant below the lanes. */
export interface Tick {
  readonly at: number;
  readonly after_s: number;
}

/** Ticks nearer to one another than this would be written over one another. */
const TICK_SPACE = 0.14;

/** Who is called at which steps, in the order in which they are first called. */
export function lanesOf(steps: readonly PlannedStep[], began_at: string): readonly Lane[] {
  const lanes = new Map<string, { lane: Omit<Lane, "calls">; calls: Call[] }>();
  for (const { step, at } of marksOf(steps, began_at)) {
    for (const [id, ends] of byLane(step.ends)) {
      const [end] = ends;
      if (end === undefined) continue;
      const found = lanes.get(id) ?? { lane: { id, name: end.name, end }, calls: [] };
      found.calls.push({ number: step.number + 1, at, ends });
      lanes.set(id, found);
    }
  }
  return [...lanes.values()].map(({ lane, calls }) => Object.assign({}, lane, { calls }));
}

function byLane(ends: readonly PlannedEnd[]): ReadonlyMap<string, readonly PlannedEnd[]> {
  const found = new Map<string, PlannedEnd[]>();
  for (const end of ends) {
    const id = end.name ?? end.end;
    found.set(id, [...(found.get(id) ?? []), end]);
  }
  return found;
}

/** The instants that are written below: the first, the last, and between them those with room. */
export function ticksOf(steps: readonly PlannedStep[], began_at: string): readonly Tick[] {
  const marks = marksOf(steps, began_at);
  const last = marks.at(-1);
  if (last === undefined) return [];
  const ticks: Tick[] = [];
  for (const { at, after_s } of marks) {
    const before = ticks.at(-1);
    const isClear = before === undefined || at - before.at >= TICK_SPACE;
    if (isClear && (last.at - at >= TICK_SPACE || at === last.at)) ticks.push({ at, after_s });
  }
  return ticks.length === 0 ? [{ at: last.at, after_s: last.after_s }] : ticks;
}
