/** Where the steps of a dry run stand on a line, and how long after its beginning each comes. */
import type { PlannedStep } from "../../api/duty-types";

/** One step on the line. */
export interface Mark {
  readonly step: PlannedStep;
  /** Seconds after the alert came. */
  readonly after_s: number;
  /** From 0 to 1. */
  readonly at: number;
}

/** Spreads steps so that seconds and hours both are told apart: by the square root of their time. */
export function marksOf(steps: readonly PlannedStep[], began_at: string): readonly Mark[] {
  const began = Date.parse(began_at);
  const after = steps.map((step) => Math.max(0, (Date.parse(step.at) - began) / 1_000));
  const longest = Math.max(1, ...after);
  return steps.map((step, index) => {
    const after_s = after[index] ?? 0;
    return { step, after_s, at: Math.sqrt(after_s / longest) };
  });
}

/** Seconds as hours, minutes and seconds: "2:05:30", "1:30", "0:00". */
export function clockOf(seconds: number): string {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
