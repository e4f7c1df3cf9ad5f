import { describe, expect, test } from "vitest";

import type { PartyId } from "../../api/types";
import { isMorning, morningDraft, morningOf, usualMorning, withMorning } from "./mornings";

const OURS = "a".repeat(26) as PartyId;
const THEIRS = "b".repeat(26) as PartyId;
const usual = usualMorning(OURS, "Asia/Tashkent");

describe("business mornings", () => {
  test("begin with Monday to Friday at nine, in the party's own zone", () => {
    expect(morningOf(usual)).toEqual({
      party: OURS,
      zone: "Asia/Tashkent",
      days: [1, 2, 3, 4, 5],
      at: "09:00",
      holidays: [],
    });
    expect(isMorning(usual)).toBe(true);
  });

  test("have their holidays each once and in order", () => {
    const typed = { ...usual, holidays: " 2027-03-21\n\n2026-12-25\n2027-03-21 " };
    const meant = morningOf(typed);
    expect(meant.holidays).toEqual(["2026-12-25", "2027-03-21"]);
    expect(morningDraft(meant).holidays).toBe("2026-12-25\n2027-03-21");
    expect(isMorning(typed)).toBe(true);
  });

  test.each([
    { days: [] },
    { at: "24:00" },
    { at: "" },
    { zone: "" },
    { zone: "Nowhere/Atlantis" },
    { holidays: "2027-02-30" },
    { holidays: "21.03.2027" },
    { holidays: Array.from({ length: 65 }, (_, year) => `${2000 + year}-01-01`).join("\n") },
  ])("are not proposed with %o", (wrong) => {
    expect(isMorning({ ...usual, ...wrong })).toBe(false);
  });

  test("are of each party by itself, in the order of their ids", () => {
    const theirs = usualMorning(THEIRS, "UTC");
    const both = withMorning([theirs], OURS, usual);
    expect(both).toEqual([usual, theirs]);
    const later = { ...usual, at: "10:00" };
    expect(withMorning(both, OURS, later)).toEqual([later, theirs]);
    expect(withMorning(both, OURS, null)).toEqual([theirs]);
  });
});
