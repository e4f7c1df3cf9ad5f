/** What the trail keeps of a duty that was taken: what was open, counted, and some of it by hash. */
import { OPEN_KINDS, type OpenKind } from "../../api/people-types";

/** What passed into somebody's hands. */
export interface HandedOver {
  readonly counts: Readonly<Record<OpenKind, number>>;
  /** Notices to our own people that could not be delivered. */
  readonly untold: number;
  /** How the hashes of some of it begin. */
  readonly hashes: readonly string[];
}

const COUNTED = /^((?:[a-z]+=\d+ )+)untold=(\d+);(.*)$/u;

/** Reads the words that a node writes beside the taking of a duty; null if they are others. */
export function handedOver(words: string): HandedOver | null {
  const found = COUNTED.exec(words);
  if (found === null) return null;
  const [, counted = "", untold = "", named = ""] = found;
  const numbers = new Map(counted.trim().split(" ").map(pair));
  return {
    counts: Object.fromEntries(
      OPEN_KINDS.map((kind) => [kind, numbers.get(kind) ?? 0]),
    ) as HandedOver["counts"],
    untold: Number(untold),
    hashes: [...named.matchAll(/ [a-z]+:([0-9a-z]+):/gu)].map(([, hash = ""]) => hash),
  };
}

function pair(text: string): [string, number] {
  const [name = "", count = ""] = text.split("=");
  return [name, Number(count)];
}
