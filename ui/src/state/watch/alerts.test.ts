import { describe, expect, test } from "vitest";

import { alertThatCame } from "../../testing/alerts";
import { actsOn, countdown, heaps, isRungHere, leftOf, ringing, spelled } from "./alerts";

const saying = alertThatCame().saying;
const ALL = "acknowledge answer hold translate paraphrase judge draft release close"
  .split(" ")
  .map((act) => `alert.${act}`);
const ours = alertThatCame({ is_ours: true, saying: { ...saying, duty: "their_acknowledgement" } });
const read = [
  { capacity: "duty_officer", language: "en", sentences: [], at: "", is_confirmed: true },
];
const reply = {
  kind: "reply",
  capacity: "releaser",
  words: "Seen.",
  at: "",
  until: null,
  level: null,
  is_confirmed: false,
};

const closing = {
  party: "a".repeat(26) as typeof ours.party_id,
  words: null,
  at: "",
  arrived_at: null,
};

describe("what rings", () => {
  test("is theirs, unread and neither withdrawn nor replaced", () => {
    const withdrawn = alertThatCame({ standing: "withdrawn" });
    const replaced = alertThatCame({ standing: "superseded" });
    const expired = alertThatCame({ standing: "expired", hash: "e" });
    expect(ringing([ours, withdrawn, replaced, expired]).map((each) => each.hash)).toEqual(["e"]);
  });

  test("stands by urgency, then by age", () => {
    const later = alertThatCame({ hash: "2", started_at: "2026-11-01T12:00:09Z" });
    const first = alertThatCame({ hash: "1" });
    const routine = alertThatCame({ hash: "3", precedence: "routine", started_at: "2026" });
    expect(ringing([routine, later, first]).map((each) => each.hash)).toEqual(["1", "2", "3"]);
  });

  test.each([
    ["rings whoever is on duty", true, true, true],
    ["does not ring who is not", true, false, false],
    ["rings everybody when nobody is on duty", false, false, true],
  ])("%s", (_, isAnybody, is_on_duty, expected) => {
    const self = {
      may: ["alert.acknowledge"],
      offices: [{ id: "o", name: "Watch", is_on_duty }],
    };
    expect(isRungHere(self, isAnybody)).toBe(expected);
    expect(isRungHere({ ...self, may: [] }, isAnybody)).toBe(false);
  });
});

describe("what a person may do", () => {
  test.each([
    ["before it is read", alertThatCame(), ["acknowledge", "translate"]],
    [
      "once it is read",
      alertThatCame({ state: "acknowledged", acknowledgements: read }),
      ["answer", "hold", "translate", "paraphrase"],
    ],
    [
      "while how we understood it waits for a word",
      alertThatCame({ state: "held", acknowledgements: read, paraphrase_state: "waiting" }),
      ["answer", "hold", "translate"],
    ],
    [
      "once its author has corrected that",
      alertThatCame({ state: "held", acknowledgements: read, paraphrase_state: "corrected" }),
      ["answer", "hold", "translate", "paraphrase"],
    ],
    [
      "once its author has confirmed it",
      alertThatCame({ state: "held", acknowledgements: read, paraphrase_state: "confirmed" }),
      ["answer", "hold", "translate"],
    ],
    [
      "with one of ours whose paraphrase waits for our word",
      { ...ours, paraphrase_state: "waiting" },
      ["translate", "judge", "supersede", "withdraw"],
    ],
    [
      "with an answered flash of theirs",
      alertThatCame({ state: "answered", acknowledgements: read, answers: [reply] }),
      ["answer", "translate", "paraphrase", "close"],
    ],
    [
      "with an answered priority of theirs, which its author closes",
      alertThatCame({
        state: "answered",
        acknowledgements: read,
        answers: [reply],
        written: "priority",
      }),
      ["answer", "translate", "paraphrase"],
    ],
    [
      "with a flash of theirs that they have closed and we have not",
      alertThatCame({
        state: "closing",
        acknowledgements: read,
        standing: "expired",
        closings: [{ ...closing, party: ours.party_id }],
      }),
      ["answer", "translate", "paraphrase", "close"],
    ],
    [
      "with a closed one of theirs: nothing is answered any more",
      alertThatCame({ state: "closed", acknowledgements: read, answers: [reply] }),
      ["translate", "paraphrase"],
    ],
    ["with a closed one nobody read", alertThatCame({ state: "closed" }), ["translate"]],
    ["with a closed one of ours", { ...ours, state: "closed" }, ["translate"]],
    ["with an open one of ours", ours, ["translate", "supersede", "withdraw"]],
    ["with a withdrawn one of ours", { ...ours, standing: "withdrawn" }, ["translate", "close"]],
    [
      "with a flash of ours that we have closed",
      { ...ours, standing: "expired", closings: [closing] },
      ["translate", "supersede", "withdraw"],
    ],
  ])("%s", (_, alert, acts) => {
    expect(actsOn(alert, ALL)).toEqual(acts);
  });

  test("is nothing without the right", () => {
    expect(actsOn(alertThatCame(), ["alert.read"])).toEqual([]);
  });
});

const TEN_MINUTES = { isOver: false, seconds: 600 };

describe("time", () => {
  test.each([
    ["121 s before", 121_000, { isOver: false, seconds: 121 }],
    ["a limit of 10 min, by a page's clock that is almost a second old", 600_999, TEN_MINUTES],
    ["in the last second", 1, { isOver: false, seconds: 0 }],
    ["at its end", 0, { isOver: true, seconds: 0 }],
    ["a minute late", -60_400, { isOver: true, seconds: 60 }],
  ])("is counted in whole seconds that have passed: %s", (_, left_ms, expected) => {
    const due_at = "2026-11-01T12:10:00Z";
    expect(leftOf(due_at, Date.parse(due_at) - left_ms)).toEqual(expected);
  });

  test.each([
    [0, "00:00"],
    [451, "07:31"],
    [4_051, "1:07:31"],
  ])("of %i s is shown as %s", (seconds, shown) => {
    expect(countdown(seconds)).toBe(shown);
  });
});

test("a watch has two heaps, each by what is due first", () => {
  const soon = alertThatCame({ hash: "1" });
  const late = alertThatCame({ hash: "2", due: [] });
  expect(heaps([late, ours, soon]).ours.map((each) => each.hash)).toEqual(["1", "2"]);
  expect(heaps([late, ours, soon]).theirs).toEqual([ours]);
});

test("a hash is read aloud in eights", () => {
  expect(spelled("0123456789abcdef")).toBe("01234567 89abcdef");
});
