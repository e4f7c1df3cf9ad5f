import { expect, it } from "vitest";

import type { PlannedEnd, PlannedStep } from "../../api/duty-types";
import { lanesOf, ticksOf } from "./lanes";

const BEGAN = "2026-11-01T00:00:00Z";
const end = (text: string, name: string | null): PlannedEnd => ({
  end: text,
  target: "desk",
  name,
  why: "named",
});
const step = (number: number, after_s: number, ends: readonly PlannedEnd[]): PlannedStep => ({
  number,
  at: new Date(Date.parse(BEGAN) + after_s * 1_000).toISOString(),
  until: "acknowledged",
  acks: 1,
  targets: [],
  ends,
});

it("everybody has one lane, however they are told, in the order in which they are first called", () => {
  const lanes = lanesOf(
    [
      step(0, 0, [end("desk:p1", "Ada"), end("push:d1", "Ada")]),
      step(1, 60, [end("siren:hall", null), end("desk:p1", "Ada")]),
    ],
    BEGAN,
  );
  expect(lanes.map(({ id, calls }) => [id, calls.map(({ number }) => number)])).toEqual([
    ["Ada", [1, 2]],
    ["siren:hall", [2]],
  ]);
  expect(lanes[0]?.calls[0]?.ends).toHaveLength(2);
});

it("ticks are the first and the last, and between them those that have room", () => {
  const steps = [0, 1, 2, 900, 3_600].map((after_s, number) => step(number, after_s, []));
  expect(ticksOf(steps, BEGAN).map(({ after_s }) => after_s)).toEqual([0, 900, 3_600]);
  expect(ticksOf([step(0, 0, [])], BEGAN)).toHaveLength(1);
  expect(ticksOf([], BEGAN)).toEqual([]);
});
