/** What is known of an export, as it grows: findings, logs and their signatures. */
import { type EntryRow, TIME_MS_MAX } from "./entry";
import type { Finding } from "./told";
import { LeafHashes } from "./tree";

/** One signature with a time on one checkpoint. */
export interface Stamp {
  readonly size: bigint;
  readonly seconds: number;
  readonly is_lattice: boolean;
}

/** What an entry saw, or a party signed: a log of a size had this root. */
export interface Claim {
  readonly size: bigint;
  /** In hexadecimal. */
  readonly root: string;
  /** Which entry saw it; empty where the log's own party signed it. */
  readonly who: string;
}

/** What is known of one log; `rows` are entries that matter to others, or are listed. */
export class LogAccount {
  key: Uint8Array = new Uint8Array();
  next_key: string | null = null;
  /** How far it is believed, where a root took its word back from its key. */
  frozen_at: bigint | null = null;
  size = 0;
  /** The size as it was signed, which may be any number. */
  signed_size = 0n;
  root: Uint8Array = new Uint8Array();
  is_proved = false;
  leaves = new LeafHashes();
  times: number[] = [];
  rows: EntryRow[] = [];
  /** Places and kinds of the entries of each thread. */
  threads = new Map<string, { readonly index: number; readonly kind: number }[]>();
  /** Claims about other logs, by their party and epoch. */
  readonly heads = new Map<string, { place: string; claim: Claim }>();
  readonly notes: Uint8Array[] = [];
  readonly signed: Claim[] = [];
  readonly stamps: Stamp[] = [];
  readonly cosigned = new Map<string, Stamp[]>();
  set_aside: { readonly index: number; readonly reason: string }[] = [];

  constructor(
    readonly party: string,
    readonly epoch: number,
    readonly origin: string,
  ) {}

  /** How the log is called in what is told. */
  get name(): string {
    return `${this.party}/${this.epoch}`;
  }
}

/** Findings in the order they were made; the same is said once. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #known = new Set<string>();

  wrong(code: string, where: string, text: string): void {
    this.#add({ code, where, text, is_gap: false });
  }

  missing(code: string, where: string, text: string): void {
    this.#add({ code, where, text, is_gap: true });
  }

  #add(finding: Finding): void {
    const key = JSON.stringify(finding);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.all.push(finding);
  }
}

/** A time as text, in UTC, to the second. */
export function instant(time_ms: number): string {
  if (time_ms > TIME_MS_MAX) return "after the year 9999";
  return new Date(time_ms).toISOString().slice(0, 19).replace("T", " ");
}
