import { expect, test } from "vitest";

import type { CheckLine, LineCheck, PartyStanding } from "../../api/check-types";
import { SILENCES } from "../../api/check-types";
import { cells, hasBegun, inOrder, plain, steps } from "./checks";

const CHECK: LineCheck = {
  name: "1",
  hash: null,
  is_scheduled: true,
  is_exercise: false,
  is_ours: true,
  due_at: "2026-11-22T12:00:00Z",
  state: "missed",
  turn: "nobody",
  may: [],
  limit_at: null,
  passage: [],
  code: null,
  cause: null,
  silent: null,
  proved: null,
  proved_at: null,
  words: null,
  ended_at: null,
};
const STANDING: PartyStanding = {
  is_ours: true,
  standing: "in_use",
  from_at: null,
  reason: null,
  alerts: null,
  has_checks: null,
  waits_for_second: false,
  asked_by_me: false,
};
const EVERYTHING = ["line.suspend", "line.concur"];

test("every cause has a letter of its own, so that no colour stands alone", () => {
  const missed = SILENCES.map((cause, index) => ({ ...CHECK, name: String(index), cause }));
  const letters = cells(missed).map((cell) => cell.letter);
  expect(new Set(letters).size).toBe(SILENCES.length);
});

test("the strip runs from the oldest to the newest", () => {
  const shown = cells([
    { ...CHECK, name: "new", state: "sent" },
    { ...CHECK, name: "old", state: "confirmed" },
  ]);
  expect(shown.map((cell) => [cell.name, cell.letter])).toEqual([
    ["old", "✓"],
    ["new", "…"],
  ]);
});

test("a code is the same with gaps, small letters and full width", () => {
  expect(plain(" ac3-4９k ")).toBe("AC349K");
});

test("no single person suspends a line", () => {
  expect(steps(STANDING, EVERYTHING)).toEqual(["suspend", "end"]);
  const asked = { ...STANDING, standing: "suspending", waits_for_second: true } as const;
  expect(steps({ ...asked, asked_by_me: true }, EVERYTHING)).toEqual(["drop"]);
  expect(steps(asked, ["line.concur"])).toEqual(["concur"]);
  expect(steps(asked, [])).toEqual([]);
});

test("nobody does anything about the other party's standing", () => {
  expect(steps({ ...STANDING, is_ours: false }, EVERYTHING)).toEqual([]);
});

test("what waits for us comes first, then what was missed twice", () => {
  const line: CheckLine = {
    space: "s",
    party: "calm",
    party_id: "p",
    profile: "watch",
    next: [],
    now: null,
    history: [],
    site: { has_edge: true, edge_at: null, node_at: null },
    standings: [],
    notices: [],
  };
  const waits: CheckLine = { ...line, party: "waits", now: { ...CHECK, turn: "us" } };
  const missed = { ...line, party: "missed", notices: [{ name: "1", made_at: "" }] };
  expect(inOrder([line, missed, waits]).map(({ party }) => party)).toEqual([
    "waits",
    "missed",
    "calm",
  ]);
});

test("what is written about a line holds from its start on, and at once without one", () => {
  const from_at = "2026-11-22T12:00:00Z";
  const begins = Date.parse(from_at);
  expect(hasBegun({ ...STANDING, from_at }, begins - 1)).toBe(false);
  expect(hasBegun({ ...STANDING, from_at }, begins)).toBe(true);
  expect(hasBegun(STANDING, begins)).toBe(true);
});
