/** A line as the desk shows it: the worst news first, each claim with the age of its proof. */
import type { Line, LineState, Path } from "../../api/types";

/** How much a person should worry. */
export type Severity = "good" | "fair" | "poor" | "cut" | "unknown";

/** The sentence that says what a line is doing; the view puts it into words. */
export type LineWord =
  | { readonly word: "up" | "degraded" | "cut" | "cold" | "suspended" }
  | { readonly word: "we_have_not_confirmed" | "they_have_not_confirmed" | "nobody_confirmed" };

const SEVERITY: Readonly<Record<LineState, Severity>> = {
  up: "good",
  degraded: "fair",
  cut: "cut",
  cold: "unknown",
  suspended: "unknown",
  unconfirmed: "unknown",
};

/** How much to worry about a line. */
export function severity(state: LineState): Severity {
  return SEVERITY[state];
}

/** What to say of a line. */
export function lineWord(line: Pick<Line, "state" | "agreement">): LineWord {
  if (line.state !== "unconfirmed") return { word: line.state };
  const { ours_confirmed, theirs_confirmed } = line.agreement;
  if (ours_confirmed) return { word: "they_have_not_confirmed" };
  return { word: theirs_confirmed ? "we_have_not_confirmed" : "nobody_confirmed" };
}

/** The path to quote for the whole line: the quickest of those that are up. */
export function bestPath(paths: readonly Path[]): Path | null {
  const up = paths.filter((path) => path.state === "up" && path.rtt_ms !== null);
  return up.reduce<Path | null>(
    (best, path) => (best === null || (path.rtt_ms ?? 0) < (best.rtt_ms ?? 0) ? path : best),
    null,
  );
}

/** Lines in the order a watch reads them: trouble on top, then by name. */
export function inOrder(lines: readonly Line[]): readonly Line[] {
  const rank: Readonly<Record<LineState, number>> = {
    cut: 0,
    degraded: 1,
    unconfirmed: 2,
    up: 3,
    cold: 4,
    suspended: 5,
  };
  return lines.toSorted(
    (one, other) =>
      rank[one.state] - rank[other.state] || one.party.name.localeCompare(other.party.name),
  );
}

/** A card that expires sooner than this is worth renewing now: cards travel by hand. */
const EXPIRES_SOON_MS = 30 * 86_400_000;

/** What a watch should see to before it becomes trouble. */
export function forewarnings(
  line: Pick<Line, "clock_skew_s" | "clock_is_skewed" | "card_expires_at">,
  now_ms: number,
): { readonly skew_s: number | null; readonly expires_at: string | null } {
  const expires = line.card_expires_at === null ? Number.NaN : Date.parse(line.card_expires_at);
  return {
    skew_s: line.clock_is_skewed === true ? Math.round(Math.abs(line.clock_skew_s ?? 0)) : null,
    expires_at: expires - now_ms < EXPIRES_SOON_MS ? line.card_expires_at : null,
  };
}

/** Age of a proof in whole seconds by the node's clock; null when there is none. */
export function ageSeconds(
  at: string | null,
  now_ms: number,
  clock_offset_ms: number,
): number | null {
  const proof = at === null ? Number.NaN : Date.parse(at);
  if (Number.isNaN(proof)) return null;
  return Math.max(0, Math.floor((now_ms + clock_offset_ms - proof) / 1_000));
}
