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

describe("where browsers have no words of their own", () => {
  const bare = (words: string) => words.replaceAll(/[\u2068\u2069]/g, "").replaceAll("\u00a0", " ");

  test("Uzbek dates are in figures, its ages in words", () => {
    const format = makeFormat("uz-Latn-UZ");
    expect(format.instant(AT, "Asia/Tashkent")).toBe("22.11.2026 07:05 GMT+5");
    expect(format.date(AT, "Asia/Tashkent")).toBe("Yak, 22.11.2026");
    expect([0, 5, 120, 7_200, 172_800].map((age) => format.age(age))).toEqual([
      "0 soniya oldin",
      "5 soniya oldin",
      "2 daqiqa oldin",
      "2 soat oldin",
      "2 kun oldin",
    ]);
    expect([format.milliseconds(251), format.bytes(12_400_000)].map(bare)).toEqual([
      "251 ms",
      "12 MB",
    ]);
  });

  test("Pashto has its own figures, dates and ages", () => {
    const format = makeFormat("ps-AF");
    expect(format.instant(AT, "Asia/Kabul")).toBe("۲۰۲۶/۱۱/۲۲ ۰۶:۳۵ GMT+4:30");
    expect(format.date(AT, "Asia/Kabul")).toBe("يونۍ, ۲۰۲۶/۱۱/۲۲");
    expect(format.age(5)).toBe("۵ ثانيه مخکې");
    expect(bare(format.rate(3_900_000))).toBe("۳٫۹ Mbit/s");
  });
});

describe.each(LANGUAGES)("an age in $id", ({ locale }) => {
  test("is never negative, whatever two clocks say", () => {
    const format = makeFormat(locale);
    expect(format.age(-105)).toBe(format.age(0));
    expect(format.age(5)).not.toContain("-");
  });
});

describe("sizes", () => {
  test("begin with the kilobyte", () => {
    const format = makeFormat("en-GB");
    expect([0, 980, 1_240, 18_400_000].map((size) => format.bytes(size))).toEqual([
      "0 kB",
      "1 kB",
      "1.2 kB",
      "18 MB",
    ]);
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
