import { describe, expect, test } from "vitest";

import type { Line, LineState, Path } from "../../api/types";
import { LINE_STATES } from "../../api/types";
import { ageSeconds, bestPath, forewarnings, inOrder, lineWord, severity } from "./line";

const line = (name: string, state: LineState): Line => ({
  party: { id: name as Line["party"]["id"], name, languages: ["en"], time_zone: "UTC" },
  state,
  since: "2026-01-01T00:00:00Z",
  last_proof_at: null,
  agreement: { ours_confirmed: true, theirs_confirmed: true },
  clock_skew_s: null,
  clock_is_skewed: false,
  card_expires_at: null,
  paths: [],
  lanes: [],
  silence: null,
});
const path = (name: string, state: Path["state"], rtt_ms: number | null): Path => ({
  name,
  carrier: "udp",
  state,
  rtt_ms,
  loss_in: null,
  loss_out: null,
  rate_bps: null,
  last_proof_at: null,
  narrow_mtu: null,
});

describe("lines", () => {
  test("stand with trouble on top", () => {
    const shown = inOrder([
      line("b", "up"),
      line("a", "up"),
      line("z", "cut"),
      line("y", "degraded"),
    ]);
    expect(shown.map((each) => each.party.name)).toEqual(["z", "y", "a", "b"]);
  });

  test.each(LINE_STATES)("that are %s have a severity and a word", (state) => {
    expect(severity(state)).toBeTypeOf("string");
    expect(lineWord(line("a", state)).word).toBeTypeOf("string");
  });

  test.each([
    [true, false, "they_have_not_confirmed"],
    [false, true, "we_have_not_confirmed"],
    [false, false, "nobody_confirmed"],
  ] as const)(
    "say who has not confirmed (ours %s, theirs %s)",
    (ours_confirmed, theirs_confirmed, word) => {
      const agreement = { ours_confirmed, theirs_confirmed };
      expect(lineWord({ state: "unconfirmed", agreement })).toEqual({ word });
    },
  );
});

describe("forewarnings", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  test("name a card that expires within a month", () => {
    const soon = { ...line("a", "up"), card_expires_at: "2026-01-20T00:00:00Z" };
    expect(forewarnings(soon, now).expires_at).toBe("2026-01-20T00:00:00Z");
    expect(
      forewarnings({ ...soon, card_expires_at: "2027-01-01T00:00:00Z" }, now).expires_at,
    ).toBeNull();
    expect(forewarnings(line("a", "up"), now)).toEqual({ skew_s: null, expires_at: null });
  });

  test("name a clock that differs too much, either way", () => {
    const skewed = { ...line("a", "up"), clock_is_skewed: true, clock_skew_s: -3_599.6 };
    expect(forewarnings(skewed, now).skew_s).toBe(3_600);
  });
});

describe("the path quoted for a line", () => {
  test("is the quickest that is up", () => {
    const paths = [path("slow", "up", 300), path("quick", "up", 20), path("dead", "down", 5)];
    expect(bestPath(paths)?.name).toBe("quick");
  });

  test("is none when none is up and measured", () => {
    expect(bestPath([path("a", "down", 5), path("b", "up", null)])).toBeNull();
  });
});

describe("the age of a proof", () => {
  const now = Date.parse("2026-01-01T00:00:10Z");

  test("is counted by the node's clock", () => {
    expect(ageSeconds("2026-01-01T00:00:00Z", now, 0)).toBe(10);
    expect(ageSeconds("2026-01-01T01:00:00Z", now, 3_600_000)).toBe(10);
  });

  test("is never negative, and nothing without a proof", () => {
    expect(ageSeconds("2026-01-01T00:01:00Z", now, 0)).toBe(0);
    expect(ageSeconds(null, now, 0)).toBeNull();
    expect(ageSeconds("yesterday", now, 0)).toBeNull();
  });
});
