import { describe, expect, test } from "vitest";

import type { Entry, RecordSpace, SpaceId } from "../../api/record-types";
import type { PartyId } from "../../api/types";
import {
  byDay,
  chosenSpace,
  entryKey,
  holding,
  kindsIn,
  newestFirst,
  otherMembers,
  stepFrom,
  troubled,
  wordsOf,
} from "./timeline";

const OURS = { id: "a" as PartyId, name: "Ours" };
const THEIRS = { id: "b" as PartyId, name: "Клиника" };

describe("the timeline", () => {
  test("has the newest first, and one log always in its own order", () => {
    const early = entry({ index: 4, written_at: "2026-03-01T10:00:00Z" });
    const backwards = entry({ index: 5, written_at: "2026-03-01T09:00:00Z" });
    const theirs = entry({ log: "b", party: THEIRS, written_at: "2026-03-01T12:00:00Z" });
    expect(newestFirst([early, theirs, backwards]).map(entryKey)).toEqual(["b#0", "a#5", "a#4"]);
  });

  test("begins a day where one's own calendar does", () => {
    const evening = entry({ index: 1, written_at: "2026-03-01T18:59:00Z" });
    const night = entry({ index: 2, written_at: "2026-03-01T19:01:00Z" });
    const tashkent = (at: string) =>
      new Date(Date.parse(at) + 5 * 3_600_000).toISOString().slice(0, 10);
    const days = byDay([evening, night], tashkent);
    expect(days.map((day) => day.date)).toEqual(["2026-03-02", "2026-03-01"]);
  });

  test("leaves what has no time where its log has it", () => {
    const days = byDay(
      [entry({ index: 2 }), entry({ index: 1, written_at: null }), entry({ index: 0 })],
      () => "today",
    );
    expect(days).toHaveLength(1);
    expect(days[0]?.entries.map((each) => each.index)).toEqual([2, 1, 0]);
  });

  test("finds words in every script, all of them or nothing", () => {
    const said = entry({ party: THEIRS, body: { words: "Мост открыт" } });
    expect(holding([said], "мост КЛИНИКА")).toHaveLength(1);
    expect(holding([said], "мост закрыт")).toHaveLength(0);
    expect(holding([said], "  ")).toHaveLength(1);
  });

  test("quotes the words of a body, and nothing where there are none", () => {
    expect(wordsOf({ body: { words: "yes" } })).toBe("yes");
    expect(wordsOf({ body: { "0": "no" } })).toBe("no");
    expect(wordsOf({ body: { words: " " } })).toBeNull();
    expect(wordsOf({ body: null })).toBeNull();
  });

  test("offers the kinds that occur, each once", () => {
    const kinds = kindsIn([
      entry({ kind: 9 }),
      entry({ kind: 3, kind_name: "delivery" }),
      entry({}),
    ]);
    expect(kinds).toEqual([
      [3, "delivery"],
      [9, "statement"],
    ]);
  });

  test("goes from entry to entry, and holds at its ends", () => {
    expect(stepFrom(["x", "y"], null, 1)).toBe("x");
    expect(stepFrom(["x", "y"], "x", 1)).toBe("y");
    expect(stepFrom(["x", "y"], "y", 1)).toBe("y");
    expect(stepFrom(["x", "y"], "y", -Infinity)).toBe("x");
    expect(stepFrom(["x", "y"], "gone", 1)).toBe("x");
    expect(stepFrom([], null, 1)).toBeNull();
  });
});

describe("a space", () => {
  test("names the other members, and its trouble with the worst first", () => {
    const space = spaceOf(["fresh", "late", "disputed"]);
    expect(otherMembers(space, OURS.id)).toBe("Клиника");
    expect(troubled(space, OURS.id).map((log) => log.standing)).toEqual(["disputed", "late"]);
    expect(troubled(space, THEIRS.id)).toEqual([]);
  });

  test("warns of a frozen log until its party goes on in another", () => {
    const space = spaceOf(["frozen", "fresh"]);
    const [frozen, next] = space.logs;
    if (frozen === undefined || next === undefined) throw new Error("two logs");
    expect(troubled({ ...space, logs: [frozen] }, OURS.id)).toEqual([frozen]);
    const later = { ...next, epoch: frozen.epoch + 1 };
    expect(troubled({ ...space, logs: [frozen, later] }, OURS.id)).toEqual([]);
  });

  test("is the one asked for, or the first, or none of that name", () => {
    const space = spaceOf([]);
    expect(chosenSpace([space], null)).toBe(space);
    expect(chosenSpace([space], "s")).toBe(space);
    expect(chosenSpace([space], "other")).toBeNull();
    expect(chosenSpace([], null)).toBeNull();
  });
});

function entry(change: Partial<Entry>): Entry {
  return {
    log: "a",
    index: 0,
    hash: "00",
    party: OURS,
    space: "s" as SpaceId,
    kind: 9,
    kind_name: "statement",
    thread: null,
    written_at: "2026-03-01T00:00:00Z",
    precedence: null,
    deadline: null,
    refs: [],
    heads: [],
    actor: null,
    office: null,
    body: null,
    sealed: null,
    receipts: [],
    set_aside: null,
    ...change,
  };
}

function spaceOf(standings: readonly ("fresh" | "late" | "disputed" | "frozen")[]): RecordSpace {
  return {
    id: "s" as SpaceId,
    name: "",
    members: [OURS, THEIRS],
    logs: standings.map((standing) => ({
      log: standing,
      party: THEIRS,
      epoch: 0,
      size: 1,
      root: "",
      signed_at: null,
      state: "open",
      standing,
      held: [],
      evidence_count: 0,
      set_aside_count: 0,
    })),
  };
}
