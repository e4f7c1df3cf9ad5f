/** The files of an export: read once, held against the exporter's signed list. */
import { RecordArchive, type Source } from "./archive";
import { decodedLoosely, idText } from "./bytes";
import { Findings } from "./findings";
import { MalformedEntry } from "./malformed";
import {
  checkSignature,
  keyIdOf,
  linesOf,
  LOG,
  type Note,
  partition,
  type PublicKey,
  publicKeys,
  splitNote,
} from "./note";
import { digestText } from "./signatures";
import { digestOf } from "./tree";

/** A bundle of 256 entries of 64 KiB has 16.8 MB; a file that unpacks to more is not read. */
const MEMBER_BYTES_MAX = 20_000_000;
const MANIFEST_BYTES_MAX = 400_000_000;
const FORMAT = "parley/export/v1";

/** How far the reading is, in bytes of the file. */
export type OnProgress = (done: number, total: number) => void;

/** The time of an export; a longer number is of no time that anyone will see. */
const TIME_MS = /^[0-9]{1,15}$/;

/** What the exporter says of the export; nothing depends on it. */
export type About = Readonly<Record<string, unknown>>;

/** The files of one export. */
export class RecordContents {
  readonly findings = new Findings();
  readonly names: readonly string[];
  readonly #present: ReadonlySet<string>;
  readonly #used = new Set<string>();
  #listed: ReadonlyMap<string, string> | null = null;
  #about: About = {};
  #done = 0;

  private constructor(
    private readonly archive: RecordArchive,
    private readonly total: number,
    private readonly onProgress: OnProgress,
  ) {
    this.names = archive.members.map((each) => each.name);
    this.#present = new Set(this.names);
  }

  /** Opens an export and checks that it is as its exporter signed it. */
  static async open(source: Source, onProgress: OnProgress): Promise<RecordContents> {
    const contents = new RecordContents(await RecordArchive.open(source), source.size, onProgress);
    await contents.#readManifest();
    return contents;
  }

  /** What the exporter says. */
  get about(): About {
    return this.#about;
  }

  /** The space, as the exporter signed it. */
  get space(): string {
    return textOf(this.#about["space"]);
  }

  /** Files that nothing asked for. */
  get unused(): readonly string[] {
    return [...this.#present].filter((name) => !this.#used.has(name)).toSorted(byCode);
  }

  /** A file, if it is there and whole. */
  async read(name: string): Promise<Uint8Array | null> {
    this.#used.add(name);
    const member = this.archive.member(name);
    if (member === undefined) return null;
    if (member.size > (name === "manifest" ? MANIFEST_BYTES_MAX : MEMBER_BYTES_MAX)) {
      this.findings.wrong("file_damaged", name, `${name} is larger than any such file can be.`);
      return null;
    }
    let content: Uint8Array;
    try {
      content = await this.archive.content(member);
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      this.findings.wrong("file_damaged", name, `${name} cannot be unpacked (${error.message}).`);
      return null;
    }
    this.#done += member.packed_size;
    this.onProgress(Math.min(this.#done, this.total), this.total);
    if (this.#listed !== null && (await digestText(content)) !== this.#listed.get(name)) {
      this.findings.wrong("file_changed", name, `${name} is not as it was exported.`);
    }
    return content;
  }

  /** A file, or nothing in its place. */
  async readOrEmpty(name: string): Promise<Uint8Array> {
    return (await this.read(name)) ?? new Uint8Array();
  }

  async #readManifest(): Promise<void> {
    if (this.#present.size !== this.names.length) {
      this.findings.wrong("file_twice", "export", "A file is in the export twice.");
    }
    const manifest = await this.read("manifest");
    const note = await this.read("manifest.note");
    const about = await this.read("about.json");
    this.#about = about === null ? {} : namedBy(about);
    if (manifest === null || note === null) {
      const text = "The exporter's list of files is missing: nobody vouches that this is all.";
      this.findings.missing("manifest_missing", "manifest", text);
      return;
    }
    if (!(await this.#isSignedByExporter(manifest, note))) {
      const text = "The exporter's list of files is not what was signed.";
      this.findings.wrong("manifest_wrong", "manifest", text);
    }
    this.#listed = new Map(
      linesOf(decodedLoosely(manifest)).map((line) => {
        const [digest, name] = partition(line, " ");
        return [name, digest] as const;
      }),
    );
    for (const name of [...this.#listed.keys()].toSorted(byCode)) {
      if (this.#present.has(name)) continue;
      this.findings.wrong("file_missing", name, `${name} was exported and is not here.`);
    }
    await this.read("about.json");
  }

  /** Whether the party named as the exporter signed the list; its id is its key's hash. */
  async #isSignedByExporter(manifest: Uint8Array, content: Uint8Array): Promise<boolean> {
    let note: Note;
    try {
      note = splitNote(content);
    } catch {
      return false;
    }
    const [kind = "", space = "", party = "", at_ms = "", digest = ""] = note.text.split("\n");
    this.#about = { ...this.#about, space, exported_by: party, exported_at_ms: at_ms };
    const keys = publicKeys(decodedLoosely(await this.readOrEmpty("keys")));
    if (kind !== FORMAT || !isTimeMs(at_ms)) return false;
    if (digest !== (await digestText(manifest))) return false;
    return isSignedByParty(note, party, keys);
  }
}

async function isSignedByParty(
  note: Note,
  party: string,
  keys: readonly PublicKey[],
): Promise<boolean> {
  const name = `parley/${party}`;
  for (const { kind, content } of keys) {
    if (kind !== LOG || !isOwnKey(content, party)) continue;
    const key = { name, kind, content };
    for (const made of note.signatures) {
      if (made.name !== name || made.key_id !== keyIdOf(key)) continue;
      // One after the other: the first that holds is enough.
      // oxlint-disable-next-line no-await-in-loop
      if ((await checkSignature(key, note.text, made.content)) !== null) return true;
    }
  }
  return false;
}

/** Whether a text is the time of an export. */
export function isTimeMs(text: string): boolean {
  return TIME_MS.test(text);
}

/** A text that an exporter gave, or an empty one. */
export function textOf(said: unknown): string {
  return typeof said === "string" ? said : "";
}

/** Whether a party's id is the hash of a key. */
export function isOwnKey(key: Uint8Array, party: string): boolean {
  return idText(digestOf(key).subarray(0, 16)) === party;
}

/** Rising by code point, as names sort everywhere. */
export function byCode(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The texts, and the maps of texts, that the exporter says. */
function namedBy(about: Uint8Array): About {
  try {
    const said: unknown = JSON.parse(decodedLoosely(about));
    if (!isMap(said)) return {};
    return Object.fromEntries(
      Object.entries(said).filter(
        ([, value]) => isText(value) || (isMap(value) && Object.values(value).every(isText)),
      ),
    );
  } catch {
    return {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The last part of a tile's path (C2SP tlog-tiles). */
export function numberPath(number: number, width: number): string {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.../g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return width === 256 ? path : `${path}.p/${width}`;
}
