import { describe, expect, test } from "vitest";

import type { Precedence } from "../../api/alert-types";
import { alertThatCame } from "../../testing/alerts";
import { Bell, type BellPorts } from "./bell";

class FakeBrowser implements BellPorts {
  now_ms = 0;
  runs: "running" | "held_back" | "none" = "running";
  isVisible = true;
  isSilent = false;
  refuses = false;
  readonly played: Precedence[] = [];
  readonly reports: [string, boolean][] = [];
  readonly attracted: [string | null, number][] = [];
  #act: () => void = () => undefined;

  now = () => this.now_ms;
  everySecond = (act: () => void) => {
    this.#act = act;
    return () => undefined;
  };
  sound = () => this.runs;
  play = (precedence: Precedence) => void this.played.push(precedence);
  silence = () => {
    this.isSilent = true;
  };
  isShown = () => this.isVisible;
  report = async (alert: string, has_sound: boolean) => {
    if (this.refuses) throw new Error("away");
    this.reports.push([alert, has_sound]);
  };
  attract: BellPorts["attract"] = (loudest, count) =>
    void this.attracted.push([loudest?.hash ?? null, count]);

  async pass(seconds: number) {
    for (let each = 0; each < seconds; each += 1) {
      this.now_ms += 1_000;
      this.#act();
      // oxlint-disable-next-line no-await-in-loop
      await Promise.resolve();
    }
  }
}

function hung(isChecked = true) {
  const browser = new FakeBrowser();
  const bell = new Bell(browser, isChecked);
  bell.subscribe(() => undefined);
  return { browser, bell };
}

const flash = alertThatCame();
const immediate = alertThatCame({ hash: "b2".repeat(32), precedence: "immediate" });

describe("the bell of a desk", () => {
  test("rings at once, and again every three seconds until nothing rings", async () => {
    const { browser, bell } = hung();
    bell.ring([flash], true);
    expect(browser.played).toEqual(["flash"]);
    await browser.pass(6);
    expect(browser.played).toHaveLength(3);
    bell.ring([], true);
    await browser.pass(10);
    expect(browser.played).toHaveLength(3);
    expect(browser.isSilent).toBe(true);
    expect(browser.attracted.at(-1)).toEqual([null, 0]);
  });

  test("rings the most urgent of several", async () => {
    const { browser, bell } = hung();
    bell.ring([immediate], true);
    bell.ring([flash, immediate], true);
    expect(browser.played).toEqual(["immediate", "flash"]);
  });

  test("says that it was heard only once an officer heard the check", async () => {
    const { browser, bell } = hung(false);
    bell.ring([flash], true);
    await browser.pass(1);
    expect(bell.snapshot().hearing).toBe("unchecked");
    expect(browser.reports).toEqual([[flash.hash, false]]);
    bell.check(true);
    await browser.pass(1);
    expect(bell.snapshot().hearing).toBe("heard");
    expect(browser.reports).toEqual([
      [flash.hash, false],
      [flash.hash, true],
    ]);
  });

  test.each([
    ["held_back", "held_back"],
    ["none", "none"],
  ] as const)("says that it cannot sound when sound is %s", async (runs, hearing) => {
    const { browser, bell } = hung();
    browser.runs = runs;
    bell.ring([flash], true);
    expect(bell.snapshot()).toEqual({ hearing, isRinging: true });
    expect(browser.reports).toEqual([[flash.hash, false]]);
  });

  test("stays silent when muted, and does not claim to be heard", async () => {
    const { browser, bell } = hung();
    bell.mute(true);
    bell.ring([flash], true);
    await browser.pass(4);
    expect(browser.played).toEqual([]);
    expect(bell.snapshot().hearing).toBe("muted");
    expect(browser.reports).toEqual([[flash.hash, false]]);
  });

  test("reports nothing that is neither seen nor heard", async () => {
    const { browser, bell } = hung(false);
    browser.isVisible = false;
    bell.ring([flash], true);
    await browser.pass(3);
    expect(browser.reports).toEqual([]);
    browser.isVisible = true;
    await browser.pass(1);
    expect(browser.reports).toEqual([[flash.hash, false]]);
  });

  test("reports again when the node was away", async () => {
    const { browser, bell } = hung();
    browser.refuses = true;
    bell.ring([flash], true);
    await browser.pass(2);
    browser.refuses = false;
    await browser.pass(5);
    expect(browser.reports).toEqual([[flash.hash, true]]);
  });

  test("does not ring at the desk of somebody who is not on duty", async () => {
    const { browser, bell } = hung();
    bell.ring([flash], false);
    await browser.pass(5);
    expect(browser.played).toEqual([]);
    expect(browser.reports).toEqual([]);
  });
});
