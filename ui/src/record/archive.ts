/**
 * A zip file, read piece by piece: what an export is packed in.
 *
 * It refuses what Python's `zipfile` refuses, so that both verifiers see the same files. Nothing is
 * unpacked beyond the size that the list of files gives, and that size is bounded by the reader.
 */
import { inflateSync } from "fflate";

import { decoded } from "./bytes";
import { MalformedEntry, UnreadableExport } from "./malformed";

/** Where a file's bytes come from: a `Blob` in a page, memory in a test. */
export interface Source {
  readonly size: number;
  bytes(start: number, end: number): Promise<Uint8Array>;
}

/** One file in the archive, as the list at its end describes it. */
export interface Member {
  readonly name: string;
  /** Bytes when unpacked, as claimed. */
  readonly size: number;
  readonly packed_size: number;
  readonly crc: number;
  readonly flags: number;
  readonly method: number;
  readonly at: number;
}

const END = 0x06_05_4b_50;
const END_BYTES = 22;
const END_64 = 0x06_06_4b_50;
const LOCATOR_64 = 0x07_06_4b_50;
const LOCATOR_BYTES = 20;
const END_64_BYTES = 56;
const LISTED = 0x02_01_4b_50;
const LISTED_BYTES = 46;
const LOCAL = 0x04_03_4b_50;
const LOCAL_BYTES = 30;
const COMMENT_BYTES_MAX = 0xff_ff;
/** The newest version of the form that is understood: 6.3. */
const VERSION_MAX = 63;
const STORED = 0;
const DEFLATED = 8;
const UTF_8 = 0x800;
/** Encrypted, patched or strongly encrypted: nothing that a record is packed with. */
const REFUSED_FLAGS = 0x1 | 0x20 | 0x40;

/** A zip file whose list of files has been read. */
export class RecordArchive {
  readonly #members: ReadonlyMap<string, Member>;

  private constructor(
    private readonly source: Source,
    /** Every file, in the order of the list. */
    readonly members: readonly Member[],
  ) {
    this.#members = new Map(members.map((each) => [each.name, each]));
  }

  /** Reads the list; throws `UnreadableExport` where the file is no archive. */
  static async open(source: Source): Promise<RecordArchive> {
    try {
      return new RecordArchive(source, await readList(source));
    } catch (error) {
      if (error instanceof RangeError || error instanceof MalformedEntry) {
        throw new UnreadableExport(error.message);
      }
      throw error;
    }
  }

  /** The file of a name; of two with one name, the later. */
  member(name: string): Member | undefined {
    return this.#members.get(name);
  }

  /** A file's content; throws `MalformedEntry` where it cannot be unpacked. */
  async content(member: Member): Promise<Uint8Array> {
    const start = await this.#start(member);
    // What is said to lie beyond the end may be nothing that is needed.
    const end = Math.min(start + member.packed_size, this.source.size);
    const packed = await this.source.bytes(Math.min(start, end), end);
    const content = unpacked(packed, member);
    if (content.length !== member.size || crc32(content) !== member.crc) {
      throw new MalformedEntry("its check sum is another");
    }
    return content;
  }

  /** Where a file's packed bytes begin, after the copy of its description there. */
  async #start(member: Member): Promise<number> {
    const head = view(await this.source.bytes(member.at, member.at + LOCAL_BYTES));
    if (head.byteLength !== LOCAL_BYTES || head.getUint32(0, true) !== LOCAL) {
      throw new MalformedEntry("its place is wrong");
    }
    const start = member.at + LOCAL_BYTES + head.getUint16(26, true);
    const name = await this.source.bytes(member.at + LOCAL_BYTES, start);
    if (nameOf(name, member.flags) !== member.name) {
      throw new MalformedEntry("it is called otherwise there");
    }
    return start + head.getUint16(28, true);
  }
}

async function readList(source: Source): Promise<readonly Member[]> {
  const end = await readEnd(source);
  const shift = end.before - end.size - end.at;
  if (end.at + shift < 0) throw new MalformedEntry("its list of files has no place");
  const list = view(await source.bytes(end.at + shift, end.before));
  const members: Member[] = [];
  for (let at = 0; at < end.size;) {
    if (at + LISTED_BYTES > list.byteLength || list.getUint32(at, true) !== LISTED) {
      throw new MalformedEntry("its list of files is damaged");
    }
    const [names, extras, comments] = [28, 30, 32].map((each) => list.getUint16(at + each, true));
    const name_at = at + LISTED_BYTES;
    const extra_at = name_at + (names ?? 0);
    const next = extra_at + (extras ?? 0);
    members.push(listed(list, at, slice(list, name_at, extra_at), slice(list, extra_at, next)));
    at = next + (comments ?? 0);
  }
  return members.map((each) => Object.assign(each, { at: each.at + shift }));
}

function listed(list: DataView, at: number, name: Uint8Array, extra: Uint8Array): Member {
  if (list.getUint16(at + 6, true) > VERSION_MAX) {
    throw new MalformedEntry("it is of a version that is not known");
  }
  const flags = list.getUint16(at + 8, true);
  const sizes = widened(
    [24, 20, 42].map((each) => list.getUint32(at + each, true)),
    extra,
  );
  const [size = 0, packed_size = 0, place = 0] = sizes;
  return {
    name: nameOf(name, flags),
    size,
    packed_size,
    at: place,
    flags,
    method: list.getUint16(at + 10, true),
    crc: list.getUint32(at + 16, true),
  };
}

/** Sizes that do not fit four bytes stand, in order, in an extra field of their own. */
function widened(sizes: readonly number[], extra: Uint8Array): readonly number[] {
  const fields = view(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + fields.getUint16(at + 2, true);
    if (end > extra.length) throw new MalformedEntry("its list of files is damaged");
    if (fields.getUint16(at, true) === 1) {
      let next = at + 4;
      return sizes.map((size) => {
        if (size !== 0xff_ff_ff_ff) return size;
        if (next + 8 > end) throw new MalformedEntry("its list of files is damaged");
        next += 8;
        return Number(fields.getBigUint64(next - 8, true));
      });
    }
    at = end;
  }
  return sizes;
}

/** Where the list of files is and how long; `before` is the place of what ends it. */
async function readEnd(
  source: Source,
): Promise<{ readonly before: number; readonly size: number; readonly at: number }> {
  const first = Math.max(0, source.size - END_BYTES - COMMENT_BYTES_MAX);
  const tail = view(await source.bytes(first, source.size));
  let at = tail.byteLength - END_BYTES;
  for (; at >= 0; at -= 1) if (tail.getUint32(at, true) === END) break;
  if (at < 0) throw new MalformedEntry("it is no zip file");
  const small = {
    before: first + at,
    size: tail.getUint32(at + 12, true),
    at: tail.getUint32(at + 16, true),
  };
  const locator = small.before - LOCATOR_BYTES;
  const wide = locator - END_64_BYTES;
  if (wide < 0) return small;
  const found = view(await source.bytes(wide, small.before));
  if (found.getUint32(END_64_BYTES, true) !== LOCATOR_64) return small;
  if (found.getUint32(0, true) !== END_64) return small;
  return {
    before: wide,
    size: Number(found.getBigUint64(40, true)),
    at: Number(found.getBigUint64(48, true)),
  };
}

function unpacked(packed: Uint8Array, member: Member): Uint8Array {
  if ((member.flags & REFUSED_FLAGS) !== 0) throw new MalformedEntry("it is encrypted");
  if (member.method === STORED) return packed.subarray(0, member.size);
  if (member.method !== DEFLATED) throw new MalformedEntry("it is packed in a way not known");
  try {
    return inflateSync(packed, { out: new Uint8Array(member.size) });
  } catch {
    throw new MalformedEntry("what is packed is damaged");
  }
}

function nameOf(name: Uint8Array, flags: number): string {
  const text = (flags & UTF_8) === 0 ? new TextDecoder("latin1").decode(name) : decoded(name);
  return text.split("\0")[0] ?? "";
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1)
    value = (value & 1) === 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1;
  return value >>> 0;
});

function crc32(content: Uint8Array): number {
  let value = 0xff_ff_ff_ff;
  for (const byte of content) value = (value >>> 8) ^ (CRC_TABLE[(value ^ byte) & 0xff] ?? 0);
  return (value ^ 0xff_ff_ff_ff) >>> 0;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A part of the list; what is said to go on beyond its end ends there, as Python reads it. */
function slice(bytes: DataView, start: number, end: number): Uint8Array {
  const [from, to] = [start, end].map((each) => Math.min(each, bytes.byteLength));
  return new Uint8Array(bytes.buffer, bytes.byteOffset + (from ?? 0), (to ?? 0) - (from ?? 0));
}
