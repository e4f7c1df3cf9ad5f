import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { difference, type Run } from "./difference";

describe("the difference of two versions", () => {
  test("says what was taken out and what was put in", () => {
    expect(difference("within ten minutes", "within five minutes")).toEqual([
      { where: "both", text: "within " },
      { where: "before", text: "ten" },
      { where: "after", text: "five" },
      { where: "both", text: " minutes" },
    ]);
    expect(difference("same", "same")).toEqual([{ where: "both", text: "same" }]);
    expect(difference("", "new")).toEqual([{ where: "after", text: "new" }]);
  });

  test("always holds both texts whole", () => {
    const text = fc.array(fc.constantFrom("a", "b", " ", "\n", "слово", "字"), { maxLength: 40 });
    fc.assert(
      fc.property(text, text, (one, two) => {
        const [before, after] = [one.join(""), two.join("")];
        const runs = difference(before, after);
        expect(textOf(runs, "before")).toBe(before);
        expect(textOf(runs, "after")).toBe(after);
      }),
    );
  });

  test("goes by lines where there are very many words", () => {
    const before = Array.from({ length: 1_000 }, (_, line) => `line ${line} here\n`).join("");
    const runs = difference(before, before.replace("line 500 here", "line 500 there"));
    expect(runs.map((run) => run.where)).toEqual(["both", "before", "after", "both"]);
    expect(runs[1]?.text).toBe("line 500 here\n");
  });
});

function textOf(runs: readonly Run[], where: "before" | "after"): string {
  return runs
    .filter((run) => run.where === "both" || run.where === where)
    .map((run) => run.text)
    .join("");
}
