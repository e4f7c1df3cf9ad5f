import { expect, test } from "vitest";

import type { Contact, ContactLine, PartyContacts } from "../../api/contact-types";
import {
  breachOf,
  blankContact,
  blankSpan,
  byPresence,
  changed,
  isPublishable,
  isWhole,
  readable,
  tasks,
  thereNow,
  trimmed,
  without,
  written,
} from "./contacts";

const DESK: Contact = {
  mark: "1",
  title: [
    { language: "en", text: "Desk" },
    { language: "ru", text: "Пульт" },
  ],
  level: "watch",
  duty: [{ language: "en", text: "Anything" }],
  hours: null,
  languages: ["en"],
  ways: [{ kind: "telephone", text: "+998 71 200 00 00" }],
  is_open: true,
  changes_at: null,
  standing: "reached",
  trials: [],
};
const SIDE: PartyContacts = {
  is_ours: true,
  standing: "current",
  hash: "a",
  confirmed_at: null,
  due_at: null,
  received_at: null,
  contacts: [DESK],
  breaches: [],
};
const LINE: ContactLine = {
  space: "s",
  party: "Hospital",
  party_id: "p",
  levels: ["watch"],
  ours: SIDE,
  theirs: { ...SIDE, is_ours: false },
  breaches: [],
};

test("a blank contact is not whole until it says who, what for, and a way", () => {
  const blank = blankContact("en", "watch");
  expect(isWhole(blank)).toBe(false);
  expect(isWhole(written(DESK))).toBe(true);
  expect(isWhole({ ...DESK, languages: [] })).toBe(false);
  expect(isWhole({ ...DESK, ways: [{ kind: "mail", text: " " }] })).toBe(false);
  const spans = [{ ...blankSpan(), days: [] }];
  expect(isWhole({ ...DESK, hours: { zone: "UTC", spans } })).toBe(false);
  expect(isWhole({ ...DESK, hours: { zone: "UTC", spans: [blankSpan()] } })).toBe(true);
  expect(isWhole({ ...DESK, hours: { zone: "", spans: [blankSpan()] } })).toBe(false);
});

test("what is sent has no spaces around, no empty way and no empty translation", () => {
  const said = trimmed({
    ...written(DESK),
    title: [
      { language: "en", text: " Desk " },
      { language: "uz", text: " " },
    ],
    ways: [
      { kind: "telephone", text: " 1 " },
      { kind: "mail", text: "" },
    ],
  });
  expect(said.title).toEqual([{ language: "en", text: "Desk" }]);
  expect(said.ways).toEqual([{ kind: "telephone", text: "1" }]);
  const spans = [{ ...blankSpan(), ends: "00:00" }, blankSpan()];
  const hours = trimmed({ ...written(DESK), hours: { zone: " UTC ", spans } }).hours;
  expect([hours?.zone, hours?.spans.map(({ ends }) => ends)]).toEqual(["UTC", ["24:00", "18:00"]]);
});

test("a list with nobody, or with the same contact twice, cannot be published", () => {
  expect(isPublishable([])).toBe(false);
  expect(isPublishable([written(DESK), written(DESK)])).toBe(false);
  expect(isPublishable([written(DESK), { ...written(DESK), level: "head" }])).toBe(true);
});

test("a title is shown in the reader's language, or else as it was written first", () => {
  expect(readable(DESK.title, "ru")?.text).toBe("Пульт");
  expect(readable(DESK.title, "ps")?.text).toBe("Desk");
});

test("whoever can be reached now stands first, and a failed contact after the others", () => {
  const failed: Contact = { ...DESK, mark: "failed", standing: "failed" };
  const later: Contact = {
    ...DESK,
    mark: "later",
    is_open: false,
    changes_at: "2026-11-24T00:00:00Z",
  };
  const sooner: Contact = { ...later, mark: "sooner", changes_at: "2026-11-23T00:00:00Z" };
  const marks = byPresence([later, failed, sooner, DESK]).map(({ mark }) => mark);
  expect(marks).toEqual(["1", "failed", "sooner", "later"]);
  expect(thereNow({ ...SIDE, contacts: [DESK, failed, later] })).toBe(1);
});

test("what is to be done about a directory is told, and nothing on a quiet day", () => {
  const failed: Contact = { ...DESK, standing: "failed" };
  expect(tasks(LINE)).toEqual([]);
  expect(tasks({ ...LINE, ours: { ...SIDE, standing: "none", contacts: [] } })).toEqual([
    "publish",
  ]);
  expect(tasks({ ...LINE, ours: { ...SIDE, standing: "due" } })).toEqual(["confirm"]);
  expect(tasks({ ...LINE, ours: { ...SIDE, standing: "doubtful", contacts: [failed] } })).toEqual([
    "confirm",
    "mend",
  ]);
  expect(tasks({ ...LINE, theirs: { ...SIDE, contacts: [failed] } })).toEqual(["beware"]);
  expect(tasks({ ...LINE, theirs: { ...SIDE, standing: "doubtful" } })).toEqual(["beware"]);
});

test("a list is changed in one place", () => {
  expect(changed([1, 2, 3], 1, 9)).toEqual([1, 9, 3]);
  expect(without([1, 2, 3], 1)).toEqual([1, 3]);
});

test("what is wrong about an entry is taken apart into its reason and its field", () => {
  expect(breachOf("malformed: ways turning")).toEqual({ reason: "text", field: "ways" });
  expect(breachOf("malformed: hours")).toEqual({ reason: "malformed", field: "hours" });
  expect(breachOf("another contact")).toEqual({ reason: "another contact", field: "" });
});
