import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";

import type { Account } from "./told";
import { verify } from "./verify";

const FILES = unzipSync(
  new Uint8Array(
    readFileSync(new URL("../../../protocol/vectors/record/frozen.zip", import.meta.url)),
  ),
);
const CASES = JSON.parse(
  new TextDecoder().decode(FILES["cases.json"] ?? new Uint8Array()),
) as Readonly<Record<string, { readonly codes: readonly string[]; readonly account: string }>>;

describe("a log that a root froze", () => {
  test.each(Object.entries(CASES))(
    "is told as the command line tells it: %s",
    async (name, wanted) => {
      const content = FILES[`${name}.zip`] ?? new Uint8Array();
      const account = await verify({
        size: content.length,
        bytes: async (start, end) => content.slice(start, end),
      });
      expect(account.findings.map((each) => each.code)).toEqual(wanted.codes);
      expect(digest(account)).toBe(wanted.account);
    },
  );
});

function digest(account: Account): string {
  return createHash("sha256").update(canonical(account)).digest("hex");
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}
