import { expect, it } from "vitest";

import { clockOf, marksOf } from "./timeline";

const step = (number: number, at: string) => ({
  number,
  at,
  until: "acknowledged",
  acks: 1,
  targets: ["desk"],
  ends: [],
});

it("marks keep the order of the steps and stay on the line", () => {
  const marks = marksOf(
    [
      step(0, "2026-11-01T00:00:00Z"),
      step(1, "2026-11-01T00:00:30Z"),
      step(2, "2026-11-01T01:00:00Z"),
    ],
    "2026-11-01T00:00:00Z",
  );
  expect(marks.map(({ after_s }) => after_s)).toEqual([0, 30, 3_600]);
  expect(marks[0]?.at).toBe(0);
  expect(marks[2]?.at).toBe(1);
  expect(marks[1]?.at).toBeGreaterThan(0.05);
});

it("seconds are written as a clock writes them", () => {
  expect([0, 90, 7_530].map(clockOf)).toEqual(["0:00", "1:30", "2:05:30"]);
});
