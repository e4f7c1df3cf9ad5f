import { describe, expect, test } from "vitest";

import type { AlertDraft, DraftWords } from "../../api/alert-types";
import type { PartyId } from "../../api/types";
import { actsOnDraft, emptyDraft, lacks, toKeep, wordsOf } from "./draft";

const B = "b".repeat(26) as PartyId;
const written: DraftWords = {
  ...emptyDraft("en", null),
  texts: [{ language: "en", text: "Heard you." }],
  recipients: [B],
};
const kept: AlertDraft = {
  ...written,
  id: "d",
  state: "draft",
  body_hash: "",
  drafter: "anna",
  drafter_name: "Anna",
  verifier: null,
  verifier_name: null,
  released_to: [],
  changed_at: "",
};
const ALL = ["alert.draft", "alert.verify", "alert.release"];

describe("a draft", () => {
  test("lacks a recipient and words to begin with, and nothing once it has them", () => {
    expect(lacks(emptyDraft("en", null))).toEqual(["no_recipient", "no_text"]);
    expect(lacks(written)).toEqual([]);
  });

  test("is not kept with a text that could be misread, or twice in one language", () => {
    const [first] = written.texts;
    if (first === undefined) throw new Error("there is none");
    expect(lacks({ ...written, texts: [{ language: "en", text: "p\u0430ris" }] })).toEqual([
      "faulty_text",
    ]);
    expect(lacks({ ...written, texts: [first, first] })).toEqual(["same_language"]);
    const empty = { language: "en", text: " " };
    expect(lacks({ ...written, texts: [first, empty] })).toEqual([]);
    expect(toKeep({ ...written, texts: [first, empty] }).texts).toEqual([first]);
  });

  test("reaches principals only as an exercise that is to", () => {
    const wanted = { ...written, reaches_principals: true };
    expect(toKeep(wanted).reaches_principals).toBe(false);
    expect(toKeep({ ...wanted, is_exercise: true }).reaches_principals).toBe(true);
  });

  test("is changed with all that it was kept with", () => {
    expect(wordsOf(kept)).toEqual(written);
  });
});

describe("what a person may do with a draft", () => {
  test.each([
    ["who drafted it", {}, "anna", { change: true, verify: false, release: true, discard: true }],
    ["who did not", {}, "boris", { change: true, verify: true, release: true, discard: true }],
    [
      "with a flash that nobody verified",
      { precedence: "flash" },
      "boris",
      { change: true, verify: true, release: false, discard: true },
    ],
    [
      "with a verified flash",
      { precedence: "flash", state: "verified" },
      "boris",
      { change: true, verify: false, release: true, discard: true },
    ],
    [
      "once it went to somebody",
      { state: "verified", released_to: [B] },
      "boris",
      { change: false, verify: false, release: true, discard: false },
    ],
    [
      "once it is thrown away",
      { state: "discarded" },
      "boris",
      { change: false, verify: false, release: false, discard: false },
    ],
  ] as const)("%s", (_, other, person, expected) => {
    expect(actsOnDraft({ ...kept, ...other }, person, ALL)).toEqual(expected);
  });
});
