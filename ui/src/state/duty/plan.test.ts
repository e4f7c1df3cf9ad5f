import { describe, expect, it } from "vitest";

import type { PlanDocument } from "../../api/duty-types";
import {
  changesBetween,
  delayOf,
  documentOf,
  draftOf,
  edited,
  isCalled,
  moved,
  newRoster,
  redone,
  secondsOf,
  undone,
  wholeOf,
} from "./plan";
import { faultsOf } from "./plan-faults";

const PLAN: PlanDocument = {
  rosters: [
    {
      key: "desk",
      name: "Desk",
      zone: "Asia/Tashkent",
      office: "o1",
      rotations: [
        {
          name: "Daily",
          people: ["p1", "p2"],
          starts: "2026-11-02T08:00:00",
          length: 12,
          unit: "hours",
          hours: [{ days: [1, 2], start: "08:00", end: "24:00" }],
        },
      ],
    },
  ],
  policies: [
    {
      direction: "inbound",
      precedence: "flash",
      steps: [
        { delay_s: 0, targets: ["roster:desk"], until: "acknowledged", acks: 2 },
        { delay_s: 90, targets: ["desk"], until: "presented", acks: 1 },
      ],
      repeats: 2,
      repeat_s: 120,
      calls_in_exercises: true,
    },
  ],
};
const KNOWN = new Set(["desk", "role:releaser"]);

describe("a plan that is edited", () => {
  it("means what it was made from, and names every policy there can be", () => {
    const made = documentOf(draftOf(PLAN));
    expect(made.rosters).toEqual(PLAN.rosters);
    expect(made.policies).toHaveLength(8);
    expect(made.policies[0]).toEqual(PLAN.policies[0]);
  });

  it("is right as it came, and says of each field that is wrong where and why", () => {
    const draft = draftOf(PLAN);
    expect([...faultsOf(draft, KNOWN)]).toEqual([]);
    const [policy] = draft.policies;
    const [roster] = draft.rosters;
    const [first] = policy?.steps ?? [];
    const [rotation] = roster?.rotations ?? [];
    if (!policy || !roster || !first || !rotation) throw new Error("a plan of one each");
    const wrong = {
      ...draft,
      policies: [
        {
          ...policy,
          repeats: "many",
          repeat: { typed: "1", unit: "s" as const },
          steps: [
            { ...first, delay: { typed: "soon", unit: "s" as const }, targets: [], acks: "0" },
            { ...first, targets: ["person:gone"], acks: "1" },
            { ...first, targets: Array.from({ length: 13 }, () => "desk"), acks: "1" },
          ],
        },
      ],
      rosters: [
        {
          ...roster,
          name: " ",
          zone: "Mars/Olympus",
          office: "",
          rotations: [
            {
              ...rotation,
              name: "override",
              people: [],
              starts: "",
              length: "0",
              hours: [{ id: 9, days: [], start: "8", end: "09:00" }],
            },
          ],
        },
      ],
    };
    expect(Object.fromEntries(faultsOf(wrong, KNOWN))).toEqual({
      "policies.0.steps.0.delay_s": "no_delay",
      "policies.0.steps.0.targets": "no_target",
      "policies.0.steps.0.acks": "no_number",
      "policies.0.steps.1.targets": "unknown_target",
      "policies.0.steps.2.targets": "too_many_targets",
      "policies.0.repeats": "no_number",
      "policies.0.repeat_s": "no_delay",
      "rosters.0.name": "no_name",
      "rosters.0.zone": "no_zone",
      "rosters.0.office": "no_office",
      "rosters.0.rotations.0.name": "taken",
      "rosters.0.rotations.0.people": "no_people",
      "rosters.0.rotations.0.starts": "no_start",
      "rosters.0.rotations.0.length": "no_number",
      "rosters.0.rotations.0.hours.0.days": "no_days",
      "rosters.0.rotations.0.hours.0.start": "no_hour",
    });
  });

  it("writes a time in the largest unit that says it whole, and reads it in any digits", () => {
    expect([0, 90, 120, 7_200].map((each) => delayOf(each))).toEqual([
      { typed: "0", unit: "s" },
      { typed: "90", unit: "s" },
      { typed: "2", unit: "min" },
      { typed: "2", unit: "h" },
    ]);
    expect(secondsOf({ typed: "۱٫۵", unit: "min" })).toBeNull();
    expect(secondsOf({ typed: "1,5", unit: "min" })).toBe(90);
    expect(secondsOf({ typed: "۹۰", unit: "s" })).toBe(90);
    expect(secondsOf({ typed: "0.5", unit: "s" })).toBeNull();
    expect(wholeOf("-1")).toBeNull();
  });

  it("goes back and forth, and a new change ends the way forth", () => {
    const first = draftOf(PLAN);
    const second = { ...first, next: 50 };
    const third = { ...first, next: 60 };
    const began = { past: [], present: first, future: [] };
    const twice = edited(edited(began, second), third);
    expect(undone(undone(twice)).present).toBe(first);
    expect(redone(undone(twice)).present).toBe(third);
    expect(edited(undone(twice), first).future).toEqual([]);
    expect(undone(began)).toBe(began);
    expect(redone(began)).toBe(began);
  });

  it("keeps the pause of a policy that is gone through once, and mends one that cannot stand", () => {
    const draft = draftOf({ rosters: [], policies: [] });
    const once = (typed: string) => {
      const [policy] = draft.policies;
      if (policy === undefined) throw new Error("there are eight of them");
      const typedPolicy = { ...policy, repeats: "0", repeat: { typed, unit: "s" as const } };
      return documentOf({ ...draft, policies: [typedPolicy] }).policies[0]?.repeat_s;
    };
    expect([once("900"), once("soon"), once("3")]).toEqual([900, 300, 300]);
  });

  it("keeps a watch that steps call, and gives a new one a key that is free", () => {
    const draft = draftOf(PLAN);
    const [roster] = draft.rosters;
    const added = newRoster(draft, "Second", "UTC");
    expect(roster !== undefined && isCalled(draft, roster)).toBe(true);
    expect(isCalled(draft, added)).toBe(false);
    expect(newRoster({ ...draft, rosters: [added] }, "Third", "UTC").key).not.toBe(added.key);
  });

  it("keeps its rows when one is moved nowhere", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a"], 0, -1)).toEqual(["a"]);
    expect(moved(["a"], 3, 0)).toEqual(["a"]);
  });

  it("says what is different from another", () => {
    const draft = draftOf(PLAN);
    const whole = documentOf(draft);
    expect(changesBetween(whole, whole)).toEqual({ rosters: [], policies: [] });
    expect(changesBetween(whole, { ...whole, rosters: [] }).rosters).toEqual(["Desk"]);
    expect(changesBetween(whole, { ...whole, policies: whole.policies.slice(1) }).policies).toEqual(
      [{ direction: "inbound", precedence: "flash" }],
    );
  });
});
