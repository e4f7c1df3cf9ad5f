import { expect, test } from "vitest";

import { type Drawer, giveTo, holdsDraft, placeOfDraft } from "./drawer";

function empty(): Drawer {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    key: (at) => [...kept.keys()][at] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
  };
}

test("the same person finds again what they wrote, and the next one does not", () => {
  const drawer = empty();
  giveTo(drawer, "ingrid");
  expect(holdsDraft(drawer)).toBe(false);
  drawer.setItem(placeOfDraft("new"), "Convoy");
  giveTo(drawer, "ingrid");
  expect(holdsDraft(drawer)).toBe(true);
  giveTo(drawer, "rolf");
  expect(holdsDraft(drawer)).toBe(false);
  expect(drawer.getItem(placeOfDraft("new"))).toBeNull();
});

test("what was there before anybody is nobody's", () => {
  const drawer = empty();
  drawer.setItem("parley.seat.1", "here");
  giveTo(drawer, "ingrid");
  expect(drawer.getItem("parley.seat.1")).toBeNull();
});
