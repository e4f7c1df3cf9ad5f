import { describe, expect, it } from "vitest";

import type { LineTerms } from "../../api/terms-types";
import { changedTerms, termFaults, termsDraft, termsOf } from "./terms";

const TERMS: LineTerms = {
  limits: [
    { precedence: "flash", target_s: 120, limit_s: 600, answer_s: 1_800 },
    { precedence: "immediate", target_s: 90, limit_s: 1_800, answer_s: 7_200 },
  ],
  call_hours: 48,
  clarification_hours: 48,
  checks: "civil",
  civil_hours: [6, 17],
  levels: ["watch", "minister"],
  languages: ["ru", "zh-Hans"],
  types: [],
  suspended_alerts: "flash",
  shares_escalation: false,
  account_days: 14,
  readout_hours: 0,
  code_minutes: 10,
  shares_acknowledgements: true,
  mornings: [],
};

describe("the terms of a line", () => {
  it("mean what they were made from", () => {
    expect(termsOf(termsDraft(TERMS))).toEqual(TERMS);
    expect([...termFaults(termsDraft(TERMS))]).toEqual([]);
  });

  it("say of each figure that is wrong why", () => {
    const draft = termsDraft(TERMS);
    const [flash, immediate] = draft.limits;
    if (!flash || !immediate) throw new Error("two of them");
    const wrong = {
      ...draft,
      limits: [
        { ...flash, target: "11", answer: "0" },
        { ...immediate, limit: "soon" },
      ],
      call_hours: "0",
      civil_hours: ["6", "18"] as const,
    };
    expect(Object.fromEntries(termFaults(wrong))).toEqual({
      "limits.flash.target": "target_over_limit",
      "limits.flash.answer": "no_minutes",
      "limits.immediate.limit": "no_minutes",
      call_hours: "no_hours",
      civil_hours: "same_parity",
    });
    const outside = { ...draft, account_days: "0", readout_hours: "721", code_minutes: "ten" };
    expect([...termFaults(outside)]).toEqual([
      ["account_days", "out_of_bounds"],
      ["readout_hours", "out_of_bounds"],
      ["code_minutes", "out_of_bounds"],
    ]);
    const late = { ...draft, civil_hours: ["6", "25"] as const };
    expect(termFaults(late).get("civil_hours")).toBe("no_hours");
  });

  it("are read in Persian digits and with either comma", () => {
    const draft = termsDraft(TERMS);
    const [flash] = draft.limits;
    if (!flash) throw new Error("one of them");
    const typed = { ...draft, limits: [{ ...flash, target: "۱,5" }], languages: "ru\n\nru \nuz" };
    expect(termsOf(typed).limits[0]?.target_s).toBe(90);
    expect(termsOf(typed).languages).toEqual(["ru", "uz"]);
  });

  it("differ by their names, limits by precedence", () => {
    const [flash, immediate] = TERMS.limits;
    if (!flash || !immediate) throw new Error("two of them");
    const other = { ...TERMS, limits: [{ ...flash, limit_s: 300 }, immediate], call_hours: 24 };
    expect(changedTerms(TERMS, other)).toEqual(["limits.flash", "call_hours"]);
    expect(changedTerms(TERMS, TERMS)).toEqual([]);
  });
});
