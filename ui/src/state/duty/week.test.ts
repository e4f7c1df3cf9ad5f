import { describe, expect, it } from "vitest";

import type { Shift } from "../../api/duty-types";
import { daysOf, nextMidnight } from "./week";

const shift = (starts_at: string, ends_at: string, person: string | null): Shift => ({
  starts_at,
  ends_at,
  person,
  name: person,
  source: "daily",
});

describe("the days of a roster", () => {
  it("are split at midnight by the roster's own clock", () => {
    const days = daysOf(
      [
        shift("2026-06-01T06:00:00Z", "2026-06-02T06:00:00Z", "ada"),
        shift("2026-06-02T06:00:00Z", "2026-06-02T22:00:00Z", null),
      ],
      "Europe/Oslo",
    );
    expect(days.map(({ parts }) => parts.map((part) => part.shift.person))).toEqual([
      ["ada"],
      ["ada", null],
    ]);
  });

  it("have 25 hours when the clock goes back and 23 when it goes forward", () => {
    const hours = (day: string) => {
      const start = Date.parse(day);
      return (nextMidnight(start, "Europe/Oslo") - start) / 3_600_000;
    };
    expect(hours("2026-10-24T22:00:00Z")).toBe(25);
    expect(hours("2026-03-28T23:00:00Z")).toBe(23);
  });

  it("are none where there are no shifts", () => {
    expect(daysOf([], "UTC")).toEqual([]);
  });
});
