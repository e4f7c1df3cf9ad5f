import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { SENTENCES, sentences } from "./sentence";

const PROTOCOL = readFileSync(new URL("../../../../protocol/crisis.md", import.meta.url), "utf8");

test("the sentence is the protocol's, word for word, in all six languages", () => {
  const rows = [...PROTOCOL.matchAll(/^\| (en|ru|zh-Hans|uz|prs|ps) \| (.+) \|$/gmu)];
  expect(Object.fromEntries(rows.map(([, language, text]) => [language, text]))).toEqual(SENTENCES);
});

test("it stands in both languages, once each, and in English for a language that has none", () => {
  expect(sentences(["ru", "en"]).map((each) => each.language)).toEqual(["ru", "en"]);
  expect(sentences(["fr", "en"]).map((each) => each.language)).toEqual(["en"]);
});
