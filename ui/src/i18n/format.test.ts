import { describe, expect, test } from "vitest";

import { makeFormat } from "./format";
import { LANGUAGES, languageFor } from "./languages";

const AT = Date.parse("2026-11-22T02:05:00Z");

describe.each(LANGUAGES)("in $id", ({ locale }) => {
  test("years are Gregorian", () => {
    const digits = makeFormat(locale).instant(AT, "Asia/Kabul").normalize("NFKC");
    const year = digits.replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0));
    expect(year).toContain("2026");
  });

  test("figures have units", () => {
    const format = makeFormat(locale);
    for (const words of [
      format.milliseconds(251),
      format.share(0.012),
      format.rate(3_900_000),
      format.bytes(55_000_000),
      format.age(12),
    ]) {
      expect(words).toMatch(/\S/);
    }
  });
});

describe("instants", () => {
  const format = makeFormat("en-GB");

  test("are shown in the party's own zone", () => {
    expect(format.instant(AT, "Asia/Tashkent")).toMatch(/22 Nov 2026.*07:05.*GMT\+5/);
    expect(format.instant(AT, "Asia/Kabul")).toMatch(/06:35.*GMT\+4:30/);
    expect(format.zone("Asia/Ho_Chi_Minh", AT)).toBe("Ho Chi Minh, GMT+7");
  });

  test("of a zone this browser does not know are shown in UTC", () => {
    expect(format.instant(AT, "Mars/Olympus")).toMatch(/02:05/);
  });
});

describe("ages and rates", () => {
  const format = makeFormat("en-GB");

  test("grow in steps a watch can read", () => {
    expect([1, 119, 120, 7_199, 7_200, 172_800].map((age) => format.age(age))).toEqual([
      "1 sec ago",
      "119 sec ago",
      "2 min ago",
      "119 min ago",
      "2 hr ago",
      "2 days ago",
    ]);
    const plain = (words: string) => words.replaceAll(/[\u2068\u2069]/g, "").replace("\u00a0", " ");
    expect([0, 950, 128_000, 3_900_000].map((rate) => plain(format.rate(rate)))).toEqual([
      "0 bit/s",
      "950 bit/s",
      "128 kbit/s",
      "3.9 Mbit/s",
    ]);
  });
});

describe("the language of a browser", () => {
  test.each([
    [["zh-CN"], "zh-Hans"],
    [["zh-TW", "en"], "zh-Hans"],
    [["uz-Latn-UZ"], "uz"],
    [["fa-AF"], "prs"],
    [["fa"], "prs"],
    [["ps-AF"], "ps"],
    [["tlh", "ru-KZ"], "ru"],
    [["tlh"], "en"],
    [[], "en"],
  ] as const)("%s is %s", (tags, id) => {
    expect(languageFor(tags).id).toBe(id);
  });
});
