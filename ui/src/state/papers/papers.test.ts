import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import type { Json, JsonMap, Notification, NumberFault } from "../../api/paper-types";
import { at, dueAt, labelOf, lateText, objectOf } from "./definition";
import { fieldsOf, filledOf, formOf, withoutItem } from "./fields";
import { seriesOf } from "./series";
import { circlesOf, sketchOf } from "./sketch";
import { instantOf, localOf } from "./zoned";

const STARTER = new URL(
  "../../../../src/parley/crisis/notifications/starter/launch-or-test.json",
  import.meta.url,
);
const LAUNCH = JSON.parse(readFileSync(STARTER, "utf8")) as JsonMap;
const SCHEMA = objectOf(LAUNCH["schema"]);
const FORM: JsonMap = {
  areas: [{ centre: { latitude: 41.3, longitude: 69.2 }, radius: { unit: "km", value: 4 } }],
  kind: "missile_test",
  notice: "planned",
  window: { begins: "2026-12-01T10:00:00Z", ends: "2026-12-01T14:00:00Z" },
};

describe("a form made from a type's schema", () => {
  test("has a field for each place, and shapes as one field", () => {
    const fields = fieldsOf(SCHEMA, {});
    expect(fields.map(({ pointer, kind }) => `${pointer} ${kind}`)).toEqual([
      "/kind choice",
      "/notice choice",
      "/window window",
      "/areas list",
      "/description long_text",
    ]);
    const [, radius] = fields[3]?.fields[0]?.fields ?? [];
    expect([radius?.kind, radius?.unit, radius?.most]).toEqual(["quantity", "km", 20_100]);
  });

  test("gives back the form it was filled in with", () => {
    expect(formOf(SCHEMA, filledOf(FORM))).toEqual(FORM);
  });

  test("leaves out what is empty, and never a unit alone", () => {
    expect(formOf(SCHEMA, { "/kind": "", "/areas": "1" })).toEqual({ areas: [{}] });
  });

  test("keeps what is no number as it was typed, for the node to refuse", () => {
    const typed = { "/areas": "1", "/areas/0/centre/latitude": "forty" };
    expect(at(formOf(SCHEMA, typed), "/areas/0/centre/latitude")).toBe("forty");
  });

  test("moves the items behind one that is taken out", () => {
    const two = { "/areas": "2", "/areas/0/radius/value": "1", "/areas/1/radius/value": "2" };
    expect(withoutItem(two, "/areas", 0)).toEqual({ "/areas": "1", "/areas/0/radius/value": "2" });
  });
});

describe("the rule of the lead time", () => {
  const begins = Date.parse("2026-12-01T10:00:00Z");
  const rule = (form: JsonMap) => dueAt(LAUNCH, form);

  test("counts back from the window, by the exception that fits", () => {
    expect(rule(FORM)).toBe(begins - 72 * 3_600_000);
    expect(rule({ ...FORM, notice: "short_notice" })).toBe(begins - 24 * 3_600_000);
  });

  test("says nothing while the instant is missing", () => {
    expect(rule({ kind: "missile_test" })).toBeNull();
  });

  test("shows a begun minute whole, so that nothing late reads 00:00", () => {
    expect([0, 1, 60_000, 11_520_001].map(lateText)).toEqual(["00:00", "00:01", "00:01", "03:13"]);
  });
});

describe("times of day in a zone", () => {
  test("go there and back", () => {
    const instant = instantOf("2026-12-01T15:00", "Asia/Tashkent");
    expect(instant).toBe("2026-12-01T10:00:00Z");
    expect(localOf(instant ?? "", "Asia/Kabul")).toBe("2026-12-01T14:30");
  });

  test("take the first of two that a clock shows in autumn", () => {
    expect(instantOf("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00Z");
  });

  test("take what a clock skips in spring as so much later", () => {
    const skipped = instantOf("2026-03-29T02:30", "Europe/Berlin") ?? "";
    expect(localOf(skipped, "Europe/Berlin")).toBe("2026-03-29T03:30");
  });

  test("are nothing where nothing can be read", () => {
    expect([instantOf("", "UTC"), localOf("soon", "UTC")]).toEqual([null, ""]);
  });
});

describe("numbered notifications", () => {
  const one = (number: number, state = "provided") =>
    ({
      hash: `h${number}`,
      author: "us",
      type_id: "annual-list",
      number: `Ministry/annual-list/2026/${number}`,
      is_exercise: false,
      state,
    }) as unknown as Notification;
  const gap = {
    party: "us",
    type_id: "annual-list",
    year: 2026,
    is_exercise: false,
    number: 2,
    hashes: [],
  } as unknown as NumberFault;
  const all = { author: null, type_id: null, state: null };

  test("stand in their series with the number that is missing between them", () => {
    const [series] = seriesOf([one(1), one(3)], [gap], all);
    expect(series?.places.map(({ number, notification }) => [number, notification?.hash])).toEqual([
      [3, "h3"],
      [2, undefined],
      [1, "h1"],
    ]);
  });

  test("of exercises are counted by themselves, with a mark before the number", () => {
    const drill = {
      ...one(1),
      hash: "drill",
      number: "Ministry/annual-list/2026/E1",
      is_exercise: true,
    };
    const [real, exercises] = seriesOf([one(1), one(3), drill], [gap], all);
    expect(real?.isExercise).toBe(false);
    expect(real?.places.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(exercises?.isExercise).toBe(true);
    expect(exercises?.places.map(({ number }) => number)).toEqual([1]);
  });

  test("are filtered by party and state; a gap has no state", () => {
    expect(seriesOf([one(1)], [gap], { ...all, author: "them" })).toEqual([]);
    const closed = seriesOf([one(1), one(3, "closed")], [gap], { ...all, state: "closed" });
    expect(closed[0]?.places.map(({ number }) => number)).toEqual([3]);
  });
});

describe("a sketch of places", () => {
  test("has every point with the radius beside it, north above south", () => {
    const north: Json = {
      centre: { latitude: 45, longitude: 69 },
      radius: { value: 50, unit: "km" },
    };
    const circles = circlesOf({ areas: [...(FORM["areas"] as Json[]), north] });
    expect(circles.map(({ radius_km }) => radius_km)).toEqual([4, 50]);
    const [south, far] = sketchOf(circles)?.circles ?? [];
    expect(far?.y).toBeLessThan(south?.y ?? 0);
    expect(far?.r).toBeGreaterThan(south?.r ?? 0);
  });

  test("is none without a place on earth", () => {
    expect(sketchOf(circlesOf({ latitude: 100, longitude: 0 }))).toBeNull();
  });
});

test("a label falls back to English, then to the place's own name", () => {
  const labels = { en: { "/kind": "Kind" } };
  expect(labelOf({ labels }, "ps", "/kind")).toBe("Kind");
  expect(labelOf({}, "ps", "/window/begins")).toBe("begins");
});
