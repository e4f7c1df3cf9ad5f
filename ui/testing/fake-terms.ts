/** The terms of a line: the usual ones in force, a version that would change four of them. */
import type { LineTerms, LineTermsAnswer } from "../src/api/terms-types";

const LIMITS: LineTerms["limits"] = [
  { precedence: "flash", target_s: 120, limit_s: 600, answer_s: 1_800 },
  { precedence: "immediate", target_s: 600, limit_s: 1_800, answer_s: 7_200 },
  { precedence: "priority", target_s: 3_600, limit_s: 10_800, answer_s: 86_400 },
  { precedence: "routine", target_s: 21_600, limit_s: 86_400, answer_s: 259_200 },
];

const USUAL: LineTerms = {
  limits: LIMITS,
  call_hours: 48,
  clarification_hours: 48,
  checks: "civil",
  civil_hours: [6, 17],
  levels: ["watch", "director", "commander", "minister", "head"],
  languages: [],
  types: [],
  suspended_alerts: "flash",
  shares_escalation: false,
  account_days: 14,
  readout_hours: 0,
  code_minutes: 10,
  shares_acknowledgements: false,
  mornings: [],
};

/** What is in force, and what the second version of the agreement proposes. */
export function terms(): LineTermsAnswer {
  const [flash, ...others] = LIMITS;
  if (flash === undefined) throw new Error("A line has limits for each precedence.");
  const proposed: LineTerms = {
    ...USUAL,
    limits: [{ ...flash, target_s: 90, limit_s: 300 }, ...others],
    call_hours: 24,
    checks: "watch",
    languages: ["ru", "zh-Hans"],
  };
  return {
    in_force: USUAL,
    versions: [
      {
        hash: "2".repeat(64),
        terms: proposed,
        changes: ["limits.flash", "call_hours", "checks", "languages"],
      },
    ],
  };
}
