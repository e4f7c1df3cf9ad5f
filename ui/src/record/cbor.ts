/** Reads the one value of deterministic CBOR in an entry or a body (RFC 8949 §4.2.1). */
import { decoded } from "./bytes";
import { MalformedEntry } from "./malformed";

/** A map with whole-number keys. */
export type Fields = ReadonlyMap<number | bigint, Value>;
/** What a body may hold. A number that JavaScript would round is a bigint. */
export type Value =
  | number
  | bigint
  | boolean
  | string
  | null
  | Uint8Array
  | readonly Value[]
  | Fields;

/** More lets a hostile entry exhaust the stack; less refuses what the protocol allows. */
const DEPTH_MAX = 16;
const SIMPLE: Readonly<Record<number, Value>> = { 20: false, 21: true, 22: null };

/** The value that these bytes are, which must be all there is. */
export function readValue(content: Uint8Array): Value {
  const reader = new EntryReader(content);
  const value = reader.value(DEPTH_MAX);
  if (!reader.isAtEnd) throw new MalformedEntry("bytes after the value");
  return value;
}

/** Whether a value is a map. */
export function isFields(value: Value | undefined): value is Fields {
  return value instanceof Map;
}

class EntryReader {
  #at = 0;

  constructor(private readonly content: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.#at === this.content.length;
  }

  value(depth: number): Value {
    const { major, number } = this.#head();
    if (major === 0) return number;
    if (major === 1) return negative(number);
    if (major === 2) return this.#take(number);
    if (major === 3) return decoded(this.#take(number));
    if (major === 4) return this.#items(number, depth);
    if (major === 5) return this.#pairs(number, depth);
    const simple = major === 7 ? SIMPLE[Number(number)] : undefined;
    if (simple === undefined) {
      throw new MalformedEntry("a tag, a float or an unknown simple value");
    }
    return simple;
  }

  #take(count: number | bigint): Uint8Array {
    const end = this.#at + Number(count);
    if (end > this.content.length) throw new MalformedEntry("ends too early");
    const taken = this.content.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Major type and number of the next item. */
  #head(): { readonly major: number; readonly number: number | bigint } {
    const first = this.content[this.#at];
    if (first === undefined) throw new MalformedEntry("ends too early");
    this.#at += 1;
    const major = first >> 5;
    const low = first & 31;
    if (low < 24) return { major, number: low };
    if (low > 27) throw new MalformedEntry("no definite length");
    const length = 1 << (low - 24);
    let number = 0n;
    for (const byte of this.#take(length)) number = (number << 8n) | BigInt(byte);
    if (number < (length === 1 ? 24n : 1n << BigInt(4 * length))) {
      throw new MalformedEntry("not the shortest form");
    }
    return { major, number: number <= Number.MAX_SAFE_INTEGER ? Number(number) : number };
  }

  #items(count: number | bigint, depth: number): readonly Value[] {
    this.#check(count, depth);
    return Array.from({ length: Number(count) }, () => this.value(depth - 1));
  }

  #pairs(count: number | bigint, depth: number): Fields {
    this.#check(count, depth);
    const found = new Map<number | bigint, Value>();
    let last: number | bigint = -1;
    for (let index = 0; index < count; index += 1) {
      const { major, number } = this.#head();
      if (major !== 0 || number <= last) {
        throw new MalformedEntry("keys out of order, or no whole numbers");
      }
      last = number;
      found.set(number, this.value(depth - 1));
    }
    return found;
  }

  #check(count: number | bigint, depth: number): void {
    if (depth === 0 || count > this.content.length) {
      throw new MalformedEntry("nested too deep, or ends too early");
    }
  }
}

function negative(number: number | bigint): number | bigint {
  const value = -1n - BigInt(number);
  return value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
}
