import { expect, test } from "vitest";

import type { CrisisTold } from "../../record/told";
import { crisisTold } from "./crises";

const TOLD: CrisisTold = {
  crisis: "a/0#3",
  hash: "00",
  number: "2026/1",
  is_exercise: true,
  sides: { a: { title: "Two vessels", state: "closed", at: "" }, b: { state: "closed", at: "" } },
  facts: [
    { body: "f", by: { a: "a/0#5", b: "b/0#5" } },
    { body: "g", by: { a: "a/0#6" } },
  ],
  timelines: {},
  are_timelines_equal: null,
  accounts: { a: { sealed_in: "a/0#9", seal: "s", shown_in: null } },
  adopted: [],
  ended_by: [],
  readouts: [],
};

test("a fact is agreed when both signed it, and an account shown when what was sealed is", () => {
  const short = crisisTold(TOLD);
  expect([short.agreed, short.timelines, short.end]).toEqual([1, null, null]);
  expect(short.accounts).toEqual([{ party: "a", is_shown: false }]);
  expect(short.sides.map(({ title }) => title)).toEqual(["Two vessels", "?"]);
});

test("an adopted sheet is told before an end without one", () => {
  const adopted = [{ body: "s", by: { a: "a/0#7", b: "b/0#7" } }];
  expect(crisisTold({ ...TOLD, ended_by: ["a/0#8"] }).end).toBe("without");
  expect(crisisTold({ ...TOLD, adopted, ended_by: ["a/0#8"] }).end).toBe("adopted");
  expect(crisisTold({ ...TOLD, are_timelines_equal: false }).timelines).toBe("not_equal");
});
