import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type {
  Hop,
  Hops,
  Participant,
  PartyId,
  TrackId,
  VideoSlot,
  WatchWish,
} from "../../api/types";
import { changes } from "./announcements";
import { grid } from "./grid";
import { inOrder } from "./order";
import { type Call, callLevel, hopsByPlace, levelOf } from "./quality";
import { principal, tiles } from "./tiles";
import { wishes } from "./watch";

const party = (id: string) => ({ id: id as PartyId, name: id.toUpperCase() });
const person = (id: string, of: string, more: Partial<Participant> = {}): Participant => ({
  id: id as Participant["id"],
  name: id,
  party: party(of),
  is_self: false,
  is_local: false,
  route: [],
  tracks: [
    { id: `${id}/0` as TrackId, kind: "microphone", muted: false, layers: [0] },
    { id: `${id}/1` as TrackId, kind: "camera", muted: false, layers: [0, 1, 2] },
    { id: `${id}/2` as TrackId, kind: "screen", muted: true, layers: [0] },
  ],
  ...more,
});
const slot = (track: string, more: Partial<VideoSlot> = {}): VideoSlot => ({
  slot: 0,
  track: track as TrackId,
  layer: 2,
  withheld: null,
  ...more,
});

describe("the order of a room", () => {
  test("is the parties' agreed one, then arrival, and never the alphabet", () => {
    const roster = [person("a", "x"), person("b", "y"), person("c", "x"), person("d", "unlisted")];
    expect(inOrder(roster, [party("y"), party("x")]).map((each) => each.id)).toEqual([
      "b",
      "a",
      "c",
      "d",
    ]);
  });

  test("is the same for both sides, wherever oneself sits", () => {
    const parties = [party("y"), party("x")];
    const roster = [person("a", "x"), person("b", "y")];
    const seenByA = roster.map((each) => ({ ...each, is_self: each.id === "a" }));
    const seenByB = roster.map((each) => ({ ...each, is_self: each.id === "b" }));
    const ids = (all: readonly Participant[]) => inOrder(all, parties).map((each) => each.id);
    expect(ids(seenByA)).toEqual(ids(seenByB));
  });
});

describe("tiles", () => {
  const scene = (roster: readonly Participant[], video: readonly VideoSlot[] = []) => ({
    roster,
    parties: [party("x")],
    video,
    speakers: ["b/0" as TrackId],
  });
  const sharing = person("s", "x", {
    tracks: [{ id: "s/2" as TrackId, kind: "screen", muted: false, layers: [0] }],
  });

  test("show a shared screen before faces, and never one's own", () => {
    expect(tiles(scene([person("a", "x"), sharing])).map((each) => each.key)).toEqual([
      "s/screen",
      "a/camera",
      "s/camera",
    ]);
    expect(tiles(scene([{ ...sharing, is_self: true }])).map((each) => each.key)).toEqual([
      "s/camera",
    ]);
  });

  test("say why there is no picture", () => {
    const off = person("o", "x", { tracks: [] });
    const all = tiles(
      scene(
        [person("a", "x"), person("b", "x"), person("c", "x"), off],
        [slot("a/1"), slot("b/1", { slot: 1, layer: null, withheld: "rate" })],
      ),
    );
    expect(all.map((each) => each.picture)).toEqual([
      { is: "shown", slot: 0, layer: 2, reducedBy: null },
      { is: "withheld", slot: 1, reason: "rate" },
      { is: "coming" },
      { is: "off" },
    ]);
    expect(all.map((each) => each.isSpeaking)).toEqual([false, true, false, false]);
  });

  test("put in the middle what is pinned, else a screen, else the loudest other", () => {
    const all = tiles(
      scene([person("a", "x", { is_self: true }), person("c", "x"), person("b", "x")]),
    );
    const loudest = ["a/0", "b/0"] as TrackId[];
    expect(principal(all, loudest, "a/camera")?.key).toBe("a/camera");
    expect(principal(all, loudest, null)?.key).toBe("b/camera");
    expect(principal(all, [], null)?.key).toBe("c/camera");
    expect(principal(tiles(scene([person("a", "x"), sharing])), loudest, null)?.key).toBe(
      "s/screen",
    );
    expect(principal([], [], null)).toBeNull();
  });
});

describe("what is asked of the relay", () => {
  const shown = (...tracks: string[]) =>
    tracks.map((track) => ({ track: track as TrackId, height: 200 }));

  test("names each track once, at the tallest height, in steps", () => {
    const asked = wishes([...shown("a", "b"), { track: "a" as TrackId, height: 700 }], [], 8);
    expect(asked).toEqual([
      { slot: 0, track: "a", height: 720 },
      { slot: 1, track: "b", height: 270 },
    ]);
  });

  test("leaves a track in its slot while others come and go", () => {
    const before = wishes(shown("a", "b", "c"), [], 8);
    const after = wishes(shown("c", "d"), before, 8);
    expect(after).toEqual([
      { slot: 0, track: "d", height: 270 },
      { slot: 2, track: "c", height: 270 },
    ]);
  });

  test("never uses a slot twice, nor more slots than there are, whatever changes", () => {
    const names = fc.uniqueArray(fc.constantFrom(..."abcdefghijklmnop"), { maxLength: 16 });
    fc.assert(
      fc.property(
        fc.array(names, { maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        (steps, slots) => {
          let before: readonly WatchWish[] = [];
          for (const step of steps) {
            const after = wishes(shown(...step), before, slots);
            expect(new Set(after.map((wish) => wish.slot)).size).toBe(after.length);
            expect(after.length).toBe(Math.min(step.length, slots));
            expect(after.every((wish) => wish.slot >= 0 && wish.slot < slots)).toBe(true);
            for (const wish of after) {
              const was = before.find((each) => each.track === wish.track);
              if (was !== undefined) expect(wish.slot).toBe(was.slot);
            }
            before = after;
          }
        },
      ),
    );
  });
});

describe("quality", () => {
  const hop = (level: Hop["level"]): Hop => ({ level, rtt_ms: null, loss: null, rate_bps: null });
  const hops = (line: readonly Hop["level"][]): Hops => ({
    my_device: hop("unknown"),
    my_node: hop("good"),
    line: line.map((level) => ({ ...hop(level), party_id: null })),
    their_node: hop("good"),
    their_device: hop("good"),
    their_nodes: [],
    their_devices: [],
  });
  const report = {
    rtt_ms: 20,
    loss_in: 0,
    loss_out: 0,
    concealed_ratio: 0,
    freeze_ratio: 0,
    sending: { audio_bps: 0, video_bps: 0, screen_bps: 0, limited_by: "none" as const },
  };

  test("claims nothing of what was not heard lately", () => {
    const places = hopsByPlace(hops(["good"]), report, false);
    expect(
      [places.my_node, places.line, places.their_node, places.their_device].map(
        (each) => each.level,
      ),
    ).toEqual(["cut", "unknown", "unknown", "unknown"]);
  });

  test("shows the worst of several lines", () => {
    expect(hopsByPlace(hops(["good", "poor", "fair"]), null, true).line.level).toBe("poor");
    expect(hopsByPlace(hops([]), null, true).line.level).toBe("unknown");
  });

  test("knows its own device: busy, or well", () => {
    const busy = { ...report, sending: { ...report.sending, limited_by: "cpu" as const } };
    expect(hopsByPlace(hops([]), busy, true).my_device.level).toBe("poor");
    expect(hopsByPlace(hops([]), report, true).my_device.level).toBe("good");
    expect(hopsByPlace(null, report, true).my_node).toMatchObject({ level: "good", rtt_ms: 20 });
  });

  const call = (more: Partial<Call>): Call => ({
    roster: [person("me", "ours", { is_self: true }), person("a", "x"), person("b", "x")],
    video: [],
    lines: [hop("good")],
    isWhole: true,
    ...more,
  });
  const withoutCamera = (id: string) =>
    person(id, "x", {
      tracks: [{ id: `${id}/1` as TrackId, kind: "camera", muted: true, layers: [] }],
    });

  test.each([
    ["full", [slot("a/1")]],
    ["full", [slot("a/1", { layer: 1 })]],
    ["reduced", [slot("a/1", { layer: 1, withheld: "rate" })]],
    ["reduced", [slot("a/1"), slot("b/1", { layer: null, withheld: "rate" })]],
    ["reduced", [slot("a/1", { layer: 1, withheld: "own_way" })]],
    ["small", [slot("a/1", { layer: 0, withheld: "rate" })]],
    ["audio_only", [slot("a/1", { layer: null, withheld: "rate" })]],
    ["unknown", [slot("a/1", { layer: null })]],
    ["unknown", []],
  ] as const)("is %s", (level, video) => {
    expect(callLevel(call({ video }))).toBe(level);
  });

  test("claims no picture where nobody shows one, and no call where nobody is", () => {
    const video = [slot("a/1", { layer: null, withheld: "muted" })];
    const me = person("me", "ours", { is_self: true });
    expect(callLevel(call({ video, roster: [me, withoutCamera("a")] }))).toBe("no_pictures");
    expect(callLevel(call({ roster: [me] }))).toBe("alone");
  });

  test("is cut when the call is not whole or every line is cut", () => {
    const video = [slot("a/1")];
    expect(callLevel(call({ video, isWhole: false }))).toBe("cut");
    expect(callLevel(call({ video, lines: [hop("cut")] }))).toBe("cut");
    expect(callLevel(call({ video, lines: [hop("cut"), hop("fair")] }))).toBe("full");
    expect(callLevel(call({ video, lines: [] }))).toBe("full");
  });

  test("of the near hop has named bounds", () => {
    expect([
      levelOf(null, 0),
      levelOf(20, 0),
      levelOf(150, 0),
      levelOf(20, 0.05),
      levelOf(500, 0),
      levelOf(20, 0.2),
    ]).toEqual(["unknown", "good", "fair", "fair", "poor", "poor"]);
  });
});

describe("a grid", () => {
  test("uses the place it has", () => {
    expect(grid(1, 1_280, 720, 8)).toEqual({ columns: 1, height: 720 });
    expect(grid(4, 1_280, 720, 8)).toEqual({ columns: 2, height: 356 });
    expect(grid(9, 1_280, 720, 8).columns).toBe(3);
  });

  test("never makes a tile so high that a face loses its sides", () => {
    expect(grid(2, 1_280, 700, 8)).toEqual({ columns: 2, height: 477 });
  });

  test("scrolls rather than squeeze", () => {
    expect(grid(12, 300, 300, 8).height).toBe(96);
  });

  test("never has more columns than tiles", () => {
    const pixels = fc.integer({ min: 100, max: 4_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), pixels, pixels, (count, width, height) => {
        const { columns } = grid(count, width, height, 8);
        expect(columns).toBeGreaterThanOrEqual(1);
        expect(columns).toBeLessThanOrEqual(count);
      }),
    );
  });
});

describe("announcements", () => {
  test("say who came, went and shares, but not the first roster, nor oneself", () => {
    const me = person("me", "x", { is_self: true });
    const [a, b] = [person("a", "x"), person("b", "y")];
    expect(changes(null, [me, a])).toEqual([]);
    expect(changes([a], [me, a])).toEqual([]);
    expect(changes([a], [a, b])).toEqual([{ is: "came", name: "b", party: "Y" }]);
    expect(changes([a, b], [a])).toEqual([{ is: "went", name: "b", party: "Y" }]);
    const sharing = { ...a, tracks: a.tracks.map((track) => ({ ...track, muted: false })) };
    expect(changes([a], [sharing])).toEqual([{ is: "shares", name: "a", party: "X" }]);
    expect(changes([sharing], [a])).toEqual([{ is: "stopped_sharing", name: "a", party: "X" }]);
  });
});
