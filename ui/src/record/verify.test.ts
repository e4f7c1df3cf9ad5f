import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";

import type { Account } from "./told";
import type { Source } from "./archive";
import { joined, unhex } from "./bytes";
import { UnreadableExport } from "./malformed";
import { verify, type VerifyOptions } from "./verify";

/** One export and what the verifier of the command line told of it. */
interface Case {
  readonly name: string;
  readonly trusted: readonly string[];
  readonly lists_all: boolean;
  readonly verdict: number;
  readonly codes: readonly string[];
  readonly account?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly zip?: string;
  readonly flip?: readonly [number, number];
  readonly cut?: number;
  readonly patch?: readonly [number, number, string];
}

const vectors = (name: string) =>
  new Uint8Array(
    readFileSync(new URL(`../../../protocol/vectors/record/${name}`, import.meta.url)),
  );
const TAMPERINGS = unzipSync(vectors("tamperings.zip"));
const CASES = JSON.parse(
  new TextDecoder().decode(TAMPERINGS["cases.json"] ?? new Uint8Array()),
) as readonly Case[];

describe("an exported record", () => {
  test("that the referee accepted holds, entry for entry", async () => {
    const steps: number[] = [];
    const account = await verify(source(vectors("export.zip")), {
      onProgress: (done, total) => steps.push(done / total),
    });
    expect(account.verdict).toBe(0);
    expect(account.logs.map((log) => log.holds)).toEqual([true, true]);
    expect(account.logs.reduce((sum, log) => sum + log.entries, 0)).toBe(326);
    expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    expect(steps.at(-1)).toBeGreaterThan(0.7);
  });

  test.each(CASES)("is told as the command line tells it: $name", async (wanted) => {
    const options: VerifyOptions = {
      trusted: new Set(wanted.trusted),
      lists_all: wanted.lists_all,
    };
    const told = await toldOf(exportOf(wanted), options);
    expect(told?.verdict ?? 2).toBe(wanted.verdict);
    expect(told?.findings.map((each) => each.code) ?? []).toEqual(wanted.codes);
    if (wanted.account !== undefined) expect(digest(told)).toBe(wanted.account);
  });

  test("is refused or told, and breaks nothing, whatever the file holds", async () => {
    const good = vectors("export.zip");
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(good.length), async (flips, length) => {
        const changed = good.slice(0, length === 0 ? good.length : length);
        for (const [at, byte] of flips) if (at < changed.length) changed[at] = byte;
        await toldOf(changed, {});
      }),
      { numRuns: 30 },
    );
  });
});

async function toldOf(content: Uint8Array, options: VerifyOptions): Promise<Account | null> {
  try {
    return await verify(source(content), options);
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableExport);
    return null;
  }
}

function source(content: Uint8Array): Source {
  return {
    size: content.length,
    bytes: async (start, end) => content.slice(start, end),
  };
}

function exportOf({ files, zip, flip, cut, patch }: Case): Uint8Array {
  if (files !== undefined) {
    const contents = Object.entries(files).map(([name, place]) => [name, file(place)] as const);
    return zipSync(Object.fromEntries(contents), { level: 0 });
  }
  const content = file(zip ?? "").slice(0, cut);
  if (flip !== undefined) content[flip[0]] = (content[flip[0]] ?? 0) ^ flip[1];
  if (patch === undefined) return content;
  const [from, to, instead] = patch;
  return joined(content.subarray(0, from), unhex(instead), content.subarray(to));
}

function file(place: string): Uint8Array {
  const content = TAMPERINGS[place];
  if (content === undefined) throw new Error(`${place} is not among the vectors`);
  return content;
}

/** The account as the bytes that every language writes alike. */
function digest(account: Account | null): string {
  return createHash("sha256").update(canonical(account)).digest("hex");
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  // Written out in full, as others write whole numbers.
  if (Number.isInteger(value)) return String(BigInt(value as number));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}
