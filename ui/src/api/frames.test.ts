import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { FrameError } from "../errors";
import { deskFrame, refusals, roomFrame, self } from "./frames";

describe("frames of the node", () => {
  test("are read field by field", () => {
    expect(roomFrame({ type: "beat", at: "2026-01-01T00:00:00Z", more: 1 }, "")).toEqual({
      type: "beat",
      at: "2026-01-01T00:00:00Z",
    });
    expect(roomFrame({ type: "refused", code: "room.closed" }, "")).toEqual({
      type: "refused",
      code: "room.closed",
      params: {},
    });
  });

  test("of a type nobody knows yet are passed over", () => {
    expect(roomFrame({ type: "floor", holder: "x" }, "")).toBeNull();
    expect(deskFrame({ type: "alert" }, "")).toBeNull();
  });

  test("that differ from the agreement say where", () => {
    const frame = { type: "roster", participants: [{ id: "a", name: 7 }] };
    expect(() => roomFrame(frame, "")).toThrow(/participants\[0\]\.name/);
    expect(() => self({}, "")).toThrow(FrameError);
  });

  test("may leave out what is not measured", () => {
    expect(refusals({ refusals: [{ reason: "a.b", count: 2 }] }, "")).toEqual({
      refusals: [{ reason: "a.b", party: null, count: 2, last_at: null }],
    });
    const hops = { my_device: null, line: [], their_node: null };
    expect(roomFrame({ type: "quality", hops }, "")).toMatchObject({
      hops: { my_node: { level: "unknown" }, their_device: { level: "unknown" } },
    });
  });

  test("never do anything but be read or be refused, whatever they hold", () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        type: fc.constantFrom(
          "joined",
          "roster",
          "slots",
          "quality",
          "refused",
          "__proto__",
          "constructor",
        ),
      }),
      fc.dictionary(
        fc.constantFrom("type", "participants", "video", "audio", "hops", "at"),
        fc.anything(),
      ),
    );
    fc.assert(
      fc.property(anything, (value) => {
        for (const read of [roomFrame, deskFrame]) {
          try {
            read(value, "");
          } catch (error) {
            expect(error).toBeInstanceOf(FrameError);
          }
        }
      }),
    );
  });
});
