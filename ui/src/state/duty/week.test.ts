import { describe, expect, it } from "vitest";

import type { Shift } from "../../api/duty-types";
import { barsOf, dayStart, daysOf, gapsWithin, nextMidnight } from "./week";

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

  it("are drawn from midnight to midnight, the same person alike on each", () => {
    const days = barsOf(
      [
        shift("2026-06-01T04:00:00Z", "2026-06-01T10:00:00Z", "ada"),
        shift("2026-06-01T10:00:00Z", "2026-06-02T04:00:00Z", null),
        shift("2026-06-02T04:00:00Z", "2026-06-02T22:00:00Z", "ada"),
      ],
      "Europe/Oslo",
      Date.parse("2026-06-01T16:00:00Z"),
    );
    expect(days.map(({ now }) => now)).toEqual([0.75, null]);
    expect(days[0]?.bars.map(({ from, until, person }) => [from, until, person])).toEqual([
      [0.25, 0.5, 0],
      [0.5, 1, -1],
    ]);
    expect(days[1]?.bars.at(-1)?.person).toBe(0);
  });

  it("begin at midnight, whatever the clock did in the night", () => {
    const noon = Date.parse("2026-10-25T11:00:00Z");
    expect(dayStart(noon, "Europe/Oslo")).toBe(Date.parse("2026-10-24T22:00:00Z"));
  });

  it("warn of the watches that nobody stands within a day, and not of later ones", () => {
    const shifts = [
      shift("2026-06-01T00:00:00Z", "2026-06-01T06:00:00Z", null),
      shift("2026-06-01T06:00:00Z", "2026-06-02T06:00:00Z", "ada"),
      shift("2026-06-02T06:00:00Z", "2026-06-02T12:00:00Z", null),
    ];
    const at = (text: string) => gapsWithin(shifts, Date.parse(text), 24).length;
    expect(
      ["2026-06-01T05:00:00Z", "2026-06-01T06:00:00Z", "2026-06-01T07:00:00Z"].map(at),
    ).toEqual([1, 0, 1]);
  });

  it("are none where there are no shifts", () => {
    expect(daysOf([], "UTC")).toEqual([]);
  });
});
