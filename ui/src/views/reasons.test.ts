import { expect, test } from "vitest";

import { REASON_WORDS, reasonWords } from "./reasons";
import { refusalWords } from "./words";

test("a refusal of a crisis says its own cause", () => {
  const said = (reason: string) => refusalWords("crisis.refused", { reason });
  expect(said("guard: after_deadline")).toBe(REASON_WORDS["crisis.refused after_deadline"]);
  expect(said("impossible: closed close")).toBe(REASON_WORDS["crisis.refused impossible"]);
  expect(said("no_account")).toBe(REASON_WORDS["crisis.refused no_account"]);
});

test("a cause that nobody has words for is said as the refusal is", () => {
  expect(reasonWords("crisis.refused", { reason: "from_the_future" })).toBeUndefined();
  expect(refusalWords("crisis.refused", { reason: "x" })).toBe(refusalWords("crisis.refused", {}));
});
