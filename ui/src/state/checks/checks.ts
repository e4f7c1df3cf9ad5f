/** What a page makes of line checks, without a page. */
import type { CheckLine, LineCheck, PartyStanding, Silence } from "../../api/check-types";

/** One cell of the strip: colour is never alone, so each has a letter. */
export interface Cell {
  readonly name: string;
  readonly letter: string;
  readonly tone: "good" | "fair" | "poor" | "cut" | "unknown";
}

/** By cause: a letter, and how it looks. Letters are the same in every language, as on a chart. */
const MISSED: Readonly<Record<Silence, Pick<Cell, "letter" | "tone">>> = {
  path: { letter: "P", tone: "cut" },
  node: { letter: "N", tone: "cut" },
  path_or_node: { letter: "?", tone: "cut" },
  unstaffed: { letter: "U", tone: "poor" },
  no_answer: { letter: "A", tone: "poor" },
  declined: { letter: "D", tone: "fair" },
  suspended: { letter: "S", tone: "unknown" },
};

/** The strip of the last checks, the oldest first. */
export function cells(history: readonly LineCheck[]): readonly Cell[] {
  return history.toReversed().map(cell);
}

function cell({ name, state, cause }: LineCheck): Cell {
  if (state === "confirmed") return { name, letter: "✓", tone: "good" };
  if (state !== "missed" || cause === null) return { name, letter: "…", tone: "unknown" };
  const { letter, tone } = MISSED[cause];
  return { name, letter, tone };
}

/** What was typed, as it is compared: without gaps, in capitals. */
export function plain(typed: string): string {
  return typed
    .normalize("NFKC")
    .replaceAll(/[\s–·-]/gu, "")
    .toUpperCase();
}

/** What a person can do about a party's standing now. */
export function steps(
  standing: PartyStanding,
  may: readonly string[],
): readonly ("suspend" | "resume" | "end" | "concur" | "drop")[] {
  if (!standing.is_ours) return [];
  const isReleaser = may.includes("line.suspend");
  const isSecond = may.includes("line.concur");
  if (standing.waits_for_second) {
    const second = isSecond && !standing.asked_by_me ? (["concur"] as const) : [];
    const canDrop = isReleaser && standing.standing !== "ending";
    return canDrop ? [...second, "drop"] : second;
  }
  if (!isReleaser) return [];
  if (standing.standing === "in_use") return ["suspend", "end"];
  return standing.standing === "suspended" ? ["resume", "end"] : [];
}

/** Whether what is written about a line holds already, by its start. */
export function hasBegun({ from_at }: PartyStanding, now: number): boolean {
  return from_at === null || Date.parse(from_at) <= now;
}

/** Lines at which something is to be done here, and those with a notice, first. */
export function inOrder(lines: readonly CheckLine[]): readonly CheckLine[] {
  return lines.toSorted((one, other) => weight(other) - weight(one));
}

function weight({ now, notices }: CheckLine): number {
  return (now?.turn === "us" ? 4 : 0) + (notices.length > 0 ? 2 : 0);
}
