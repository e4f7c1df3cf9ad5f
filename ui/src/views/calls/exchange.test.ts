import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { commitmentOf, countdown, keepShown, keptShown, makeShown, spoken } from "./exchange";

const VECTORS = new URL(
  "../../../../protocol/vectors/notifications/notifications.json",
  import.meta.url,
);

test("a commitment is the one every implementation comes to", async () => {
  const { identity_code: code } = JSON.parse(readFileSync(VECTORS, "utf8")) as Vectors;
  const shown = { public_key: base64(code.asker.public_key), nonce: base64(code.asker.nonce) };
  expect(await commitmentOf(code.request, shown)).toBe(code.commitment);
});

interface Vectors {
  readonly identity_code: {
    readonly request: string;
    readonly commitment: string;
    readonly asker: { readonly public_key: string; readonly nonce: string };
  };
}

test("what was committed to is kept in this tab, and nowhere else", async () => {
  const kept = new Map<string, string>();
  const drawer = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
  const shown = await makeShown();
  keepShown(drawer, "ab", "cd", shown);
  expect(keptShown(drawer, "ab")).toEqual(shown);
  expect(keptShown(drawer, "other")).toBeNull();
  expect((await makeShown()).nonce).not.toBe(shown.nonce);
});

test("a code is told in words of the languages that are spoken", () => {
  expect(spoken("012", "ru")).toBe("ноль · один · два");
  expect(spoken("90", "zh-Hans")).toBe("九 · 零");
  expect(spoken("1", "tlh")).toBeNull();
});

test("a countdown goes on below nothing", () => {
  expect([172_740_000, 3_723_000, -61_000].map(countdown)).toEqual([
    "47:59:00",
    "01:02:03",
    "−00:01:01",
  ]);
});

function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
