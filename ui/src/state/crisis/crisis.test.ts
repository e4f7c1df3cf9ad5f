import { expect, test } from "vitest";

import type { Assessment, Crisis, Statement } from "../../api/crisis-types";
import type { PartyId } from "../../api/types";
import { columnsOf, isOursToo, possible, stageOf, STAGES, textIn } from "./crisis";

const OURS = "ours" as PartyId;
const THEIRS = "theirs" as PartyId;
const ALL = ["assessment.write", "assessment.seal", "assessment.adopt"];

function claim(hash: string, given: Partial<Statement> = {}): Statement {
  return {
    hash,
    party: OURS,
    kind: "claim",
    texts: [{ language: "en", text: hash }],
    at: "2026-11-22T08:00:00Z",
    came_at: "2026-11-22T08:00:00Z",
    state: "standing",
    disputes: null,
    disputed_by: [],
    reply_words: null,
    is_quotable: false,
    ...given,
  };
}

function assessment(given: Partial<Assessment> = {}): Assessment {
  return {
    crisis: "00",
    state: "timeline",
    begun: "2026-11-22T08:00:00Z",
    deadline: "2026-12-06T08:00:00Z",
    is_after_deadline: false,
    timelines: [],
    are_timelines_equal: null,
    differences: [],
    accounts: [],
    sheet: [],
    sheet_hash: null,
    adoptions: [],
    ended_by: null,
    readouts: [],
    readout_hours: 0,
    breaches: [],
    ...given,
  };
}

const SEALED = {
  party: OURS,
  seal: "aa",
  sealed_at: "2026-11-22T09:00:00Z",
  shown: null,
  shown_at: null,
  is_awaited: false,
};

test("a claim and what contradicts it stand together, and nowhere else", () => {
  const statements = [
    claim("a", { state: "disputed", disputed_by: ["b"] }),
    claim("b", { disputes: "a", party: THEIRS }),
    claim("c"),
  ];
  const columns = columnsOf({ statements, facts: [] } as unknown as Crisis);
  expect(columns.disputed.map((group) => group.map(({ hash }) => hash))).toEqual([["a", "b"]]);
  expect(columns.said.map(({ hash }) => hash)).toEqual(["c"]);
});

test("a disputed claim that became a fact stands among what was said", () => {
  const statements = [claim("a", { state: "agreed", disputed_by: ["b"] }), claim("b")];
  const columns = columnsOf({ statements, facts: [] } as unknown as Crisis);
  expect(columns.disputed).toEqual([]);
});

test("a text is shown in the reader's language, else as it was written", () => {
  const texts = [
    { language: "ru", text: "да" },
    { language: "en-GB", text: "yes" },
  ];
  expect(textIn(texts, "en")?.text).toBe("yes");
  expect(textIn(texts, "ps")?.text).toBe("да");
});

test("what was sealed is not written on", () => {
  expect(possible(assessment(), OURS, ALL).mayWriteAccount).toBe(true);
  expect(possible(assessment({ accounts: [SEALED] }), OURS, ALL).mayWriteAccount).toBe(false);
  expect(possible(assessment({ accounts: [SEALED] }), OURS, ALL).mayDecide).toBe(false);
});

test("after the deadline the side that sealed alone decides", () => {
  const late = assessment({ accounts: [SEALED], is_after_deadline: true });
  expect(possible(late, OURS, ALL).mayDecide).toBe(true);
  expect(possible(late, THEIRS, ALL).mayDecide).toBe(false);
});

test("a sheet is adopted when it may be, once", () => {
  const draft = assessment({ state: "joint_draft", sheet_hash: "cc" });
  expect(possible(draft, OURS, ALL).mayAdopt).toBe(true);
  const done = { party: OURS, sheet: "cc", at: "2026-11-22T08:00:00Z", is_current: true };
  expect(possible({ ...draft, adoptions: [done] }, OURS, ALL).mayAdopt).toBe(false);
  expect(possible(assessment({ state: "adopted" }), OURS, ALL).mayEnd).toBe(false);
});

test("one account alone is as far as two", () => {
  expect(stageOf("published")).toBe(stageOf("revealed"));
  expect(stageOf("ended_without_joint_text")).toBe(STAGES.length - 1);
});

test("a paragraph is ours too when both have it", () => {
  const version = { texts: [], owner: null, due: null };
  const paragraph = { key: "k", section: "lesson", order: 0, is_bracketed: true } as const;
  expect(isOursToo({ ...paragraph, versions: [{ ...version, party: null }] }, OURS)).toBe(true);
  expect(isOursToo({ ...paragraph, versions: [{ ...version, party: THEIRS }] }, OURS)).toBe(false);
});
