/** What changed between two texts, word by word, so that both sides read the same difference. */

/** A run of words that both texts have, or only one of them. */
export interface Run {
  readonly where: "both" | "before" | "after";
  readonly text: string;
}

/** Texts longer than this are compared line by line: the work grows with the square. */
const WORDS_MAX = 1_500;

/** The runs that lead from one text to another. */
export function difference(before: string, after: string): readonly Run[] {
  const words = /\s+|[^\s]+/g;
  const lines = /[^\n]*\n|[^\n]+/g;
  const isLong = Math.max(countOf(before, words), countOf(after, words)) > WORDS_MAX;
  const cut = (text: string) => text.match(isLong ? lines : words) ?? [];
  return gathered(steps(cut(before), cut(after)));
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** By the longest common subsequence; what is the same at both ends is not looked at. */
function steps(before: readonly string[], after: readonly string[]): readonly Run[] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const one = before.slice(start, before.length - end);
  const two = after.slice(start, after.length - end);
  return [
    ...before.slice(0, start).map((text) => ({ where: "both", text }) as const),
    ...between(one, two),
    ...before.slice(before.length - end).map((text) => ({ where: "both", text }) as const),
  ];
}

function between(one: readonly string[], two: readonly string[]): readonly Run[] {
  const width = two.length + 1;
  const longest = new Uint32Array((one.length + 1) * width);
  const at = (row: number, column: number) => longest[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = two.length - 1; column >= 0; column -= 1) {
      longest[row * width + column] =
        one[row] === two[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const runs: Run[] = [];
  let row = 0;
  let column = 0;
  while (row < one.length || column < two.length) {
    const [before, after] = [one[row], two[column]];
    if (before !== undefined && before === after) {
      runs.push({ where: "both", text: before });
      row += 1;
      column += 1;
    } else if (
      before !== undefined &&
      (after === undefined || at(row + 1, column) >= at(row, column + 1))
    ) {
      runs.push({ where: "before", text: before });
      row += 1;
    } else {
      runs.push({ where: "after", text: after ?? "" });
      column += 1;
    }
  }
  return runs;
}

function gathered(runs: readonly Run[]): readonly Run[] {
  const found: { where: Run["where"]; text: string }[] = [];
  for (const { where, text } of runs) {
    const last = found.at(-1);
    if (last?.where === where) last.text += text;
    else found.push({ where, text });
  }
  return found;
}
