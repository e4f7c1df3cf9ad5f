import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { bytesOf, characters, findings, limitsOf } from "./text";

interface Vector {
  readonly text: string;
  readonly characters: number;
  readonly faults: readonly (readonly [string, number])[];
}
const VECTORS = (
  JSON.parse(
    readFileSync(
      new URL("../../../../protocol/vectors/crisis/alerts.json", import.meta.url),
      "utf8",
    ),
  ) as { readonly texts: readonly Vector[] }
).texts;

describe("a text of an alert", () => {
  test.each(VECTORS)("is counted and judged as at the node: $text", (vector) => {
    expect(characters(vector.text)).toBe(vector.characters);
    const found = findings(vector.text, limitsOf("flash"));
    expect(found.map(({ fault, place }) => [fault, place])).toEqual(vector.faults);
  });

  test.each([
    ["a", 1],
    ["é", 2],
    ["字", 3],
    ["🇺🇿", 8],
  ])("%s has %i bytes", (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  test("may be 1,400 characters long as a flash, and not one more", () => {
    expect(findings("я".repeat(1_400), limitsOf("flash"))).toEqual([]);
    const longer = findings("я".repeat(1_401), limitsOf("flash"));
    expect(longer).toEqual([{ fault: "too_long", place: 1_400 }]);
    expect(findings("я".repeat(1_401), limitsOf("immediate"))).toEqual([]);
  });

  test("in Persian may hold a non-joiner between letters, and nowhere else", () => {
    expect(findings("می\u200cخواهیم", limitsOf("flash"))).toEqual([]);
    expect(findings("a\u200cb", limitsOf("flash"))).toEqual([{ fault: "invisible", place: 1 }]);
  });

  test("is refused when a letter is hidden under marks", () => {
    const stacked = findings(`a${"\u0336".repeat(5)}`, limitsOf("flash"));
    expect(stacked).toEqual([{ fault: "stacked", place: 5 }]);
  });
});
