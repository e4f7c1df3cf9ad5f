/** Single logs of an export: checkpoint, entries, tiles, and who signed what of them. */
import { cut, decodedLoosely, hex, unid } from "./bytes";
import { byCode, type RecordContents, isOwnKey, numberPath } from "./contents";
import {
  AGREEMENT,
  CLOSING,
  CRISIS_OPENING,
  ENROLMENT,
  type EntryRow,
  FREEZE,
  nextKey,
  OPENING,
  openingKeys,
  readRow,
  ROOT,
} from "./entry";
import { type Claim, LogAccount } from "./findings";
import { MalformedEntry } from "./malformed";
import {
  checkSignature,
  COSIGNATURE,
  keyIdOf,
  LATTICE,
  LOG,
  type PublicKey,
  publicKeys,
  splitCheckpoint,
  splitNote,
} from "./note";
import { Roots } from "./roots";
import { digestOf, LeafHashes, leafOf, rootsAt } from "./tree";

/** Entries listed one by one; more are counted, unless all are asked for. */
const ROWS_MAX = 2_000;
const BUNDLE = 256;
const NAMES_TOLD_MAX = 20;
/** Kinds that others rely on, kept of the longest log. */
const KEPT: ReadonlySet<number> = new Set([
  OPENING,
  AGREEMENT,
  ENROLMENT,
  ROOT,
  FREEZE,
  CRISIS_OPENING,
]);
const NAME = /^logs\/([a-z2-7]{26})\/(0|[1-9][0-9]{0,9})\/([a-z0-9./]+)$/;

/** What the entries of one log say, before it is known whether they count. */
interface Sayings {
  readonly times: number[];
  readonly rows: EntryRow[];
  readonly threads: Map<string, { readonly index: number; readonly kind: number }[]>;
  readonly set_aside: { readonly index: number; readonly reason: string }[];
  readonly heads: { readonly place: string; readonly claim: Claim }[];
  next_key: string | null;
}

/** Reads the logs of an export. */
export class Logs {
  /** By party and epoch. */
  readonly all = new Map<string, LogAccount>();
  readonly #roots = new Roots();
  #keys: readonly PublicKey[] = [];

  constructor(
    private readonly contents: RecordContents,
    private readonly lists_all: boolean,
  ) {}

  /** Checks every log by itself, then every other checkpoint of it. */
  async read(): Promise<void> {
    const { findings } = this.contents;
    this.#keys = publicKeys(decodedLoosely(await this.contents.readOrEmpty("keys")));
    if (this.#keys.length === 0) {
      findings.wrong("keys_missing", "keys", "The parties' keys are missing or changed.");
    }
    // One log after the other: an epoch's key may be named by the one before.
    /* oxlint-disable no-await-in-loop */
    for (const [party, epoch] of this.#places()) await this.#readLog(party, epoch);
    if (this.all.size === 0) {
      findings.missing("log_missing", "export", "There is no log in this file.");
    }
    await this.#roots.checkFreezes(this.all, findings);
    for (const log of this.all.values()) await this.#checkHistory(log);
    /* oxlint-enable no-await-in-loop */
  }

  /** Size and root of a checkpoint its party signed; takes note of who cosigned. */
  async signed(
    log: LogAccount,
    encoded: Uint8Array,
    keys: readonly PublicKey[],
  ): Promise<{ readonly size: bigint; readonly root: Uint8Array }> {
    const { text, signatures } = splitNote(encoded);
    const { origin, size, root } = splitCheckpoint(text);
    if (origin !== log.origin) throw new MalformedEntry(`it is of the log ${origin}`);
    let has_log = false;
    for (const made of signatures) {
      for (const key of keys) {
        if (key.name !== made.name || keyIdOf(key) !== made.key_id) continue;
        // In order, so that the same is found wrong first every time.
        // oxlint-disable-next-line no-await-in-loop
        const seconds = await checkSignature(key, text, made.content);
        if (seconds === null) throw new MalformedEntry(`the signature of ${made.name} is wrong`);
        has_log ||= key.kind === LOG;
        if (key.kind === LOG) continue;
        const stamps = made.name === `parley/${log.party}` ? log.stamps : cosigned(log, made.name);
        stamps.push({ size, seconds, is_lattice: key.kind === LATTICE });
      }
    }
    if (!has_log) throw new MalformedEntry("its party did not sign it");
    return { size, root };
  }

  /** The keys whose signatures count: the log's, and those that are a party's own. */
  signers(log: LogAccount): readonly PublicKey[] {
    const lattices = this.#lattices();
    const others = this.#keys.filter(({ name, kind, content }) => {
      const party = name.startsWith("parley/") ? name.slice("parley/".length) : name;
      if (kind === COSIGNATURE) return isOwnKey(content, party) || hex(content) === hex(log.key);
      return kind === LATTICE && lattices.has(`${name} ${hex(content)}`);
    });
    return [{ name: log.origin, kind: LOG, content: log.key }, ...others];
  }

  /** The key that signs a log: its party's, the next its last epoch named, or its root's. */
  keyOf(log: LogAccount, told: string | null = null): Uint8Array {
    const before = this.all.get(`${log.party}/${log.epoch - 1}`);
    const found = this.#keys.find(({ name, kind, content }) => {
      if (kind !== LOG || name !== log.origin) return false;
      const isNamed = before?.next_key === hex(digestOf(content));
      return isOwnKey(content, log.party) || isNamed || told === hex(content);
    });
    return found?.content ?? new Uint8Array();
  }

  #places(): readonly (readonly [string, number])[] {
    const places = new Map<string, readonly [string, number]>();
    for (const name of this.contents.names) {
      const [, party, epoch] = NAME.exec(name) ?? [];
      if (party !== undefined) places.set(`${party}/${epoch}`, [party, Number(epoch)]);
    }
    return [...places.values()].toSorted(
      ([one, first], [other, second]) => byCode(one, other) || first - second,
    );
  }

  async #readLog(party: string, epoch: number): Promise<void> {
    const { findings, space } = this.contents;
    const folder = `logs/${party}/${epoch}`;
    const log = new LogAccount(party, epoch, `parley/${space}/${party}/${epoch}`);
    const note = await this.contents.read(`${folder}/checkpoint`);
    if (note === null) {
      const text = `The checkpoint of log ${log.name} is missing.`;
      findings.wrong("checkpoint_missing", log.name, text);
      return;
    }
    this.all.set(log.name, log);
    log.key = this.keyOf(log, await this.#keyTold(log, folder));
    try {
      const key = { name: log.origin, kind: LOG, content: log.key };
      const { size, root } = await this.signed(log, note, [key]);
      [log.size, log.signed_size, log.root] = [Number(size), size, root];
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      const text = `The checkpoint of log ${log.name} does not hold: ${error.message}.`;
      findings.wrong("checkpoint_wrong", log.name, text);
      return;
    }
    const said = await this.#entries(log, folder);
    const tiles = await this.#tiles(log, folder);
    // Which entries a thread has is read even where an entry was changed: its hash is the signed one.
    log.threads = said.threads;
    log.is_proved = this.#compare(log, tiles);
    if (!log.is_proved && isRoot(tiles, log)) log.leaves = tiles;
    log.notes.push(note);
    if (!log.is_proved) return;
    this.#take(log, said);
    await this.#roots.hear(log);
  }

  /** The key under which a root lets a log go on, said right after its opening. */
  async #keyTold(log: LogAccount, folder: string): Promise<string | null> {
    if (!this.#roots.isPinned(log.party)) return null;
    const names = this.contents.names.filter((name) =>
      name.startsWith(`${folder}/tile/entries/000`),
    );
    const [, entry] = bundle(await this.contents.readOrEmpty(names.toSorted()[0] ?? ""));
    const { space, author } = idsOf(log);
    if (entry === undefined) return null;
    let row: EntryRow;
    try {
      row = readRow(entry, 1, space, author);
    } catch {
      return null;
    }
    return await this.#roots.keyTold(log.party, row);
  }

  /** Hashes the entries that are there, and reads what they say. */
  async #entries(log: LogAccount, folder: string): Promise<Sayings> {
    const said: Sayings = {
      times: [],
      rows: [],
      threads: new Map(),
      set_aside: [],
      heads: [],
      next_key: null,
    };
    const of = idsOf(log);
    for (let first = 0; first < log.size; first += BUNDLE) {
      const width = Math.min(BUNDLE, log.size - first);
      const name = `${folder}/tile/entries/${numberPath(Math.floor(first / BUNDLE), width)}`;
      // One bundle after the other: only one lies in memory.
      // oxlint-disable-next-line no-await-in-loop
      const entries = bundle(await this.contents.readOrEmpty(name));
      for (const [index, entry] of entries.entries()) {
        log.leaves.add(leafOf(entry));
        this.#hear(log, said, entry, first + index, of);
      }
      if (entries.length !== width) {
        // A signed size may be any number; what is here is not.
        const text = `Entries of log ${log.name} from ${first} on are not all here.`;
        this.contents.findings.wrong("entries_missing", `${log.name}#${first}`, text);
        break;
      }
    }
    return said;
  }

  /** Hears an entry; one that does not count is set aside, as mirrors do. */
  #hear(log: LogAccount, said: Sayings, entry: Uint8Array, index: number, of: Ids): void {
    let row: EntryRow;
    try {
      row = readRow(entry, index, of.space, of.author);
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      said.set_aside.push({ index, reason: error.message });
      said.times.push(-1);
      return;
    }
    said.times.push(row.time_ms);
    for (const { party, epoch, size, root } of row.heads) {
      const who = `entry ${index} of log ${log.name}`;
      said.heads.push({ place: `${party}/${epoch}`, claim: { size, root, who } });
    }
    if (row.kind === CLOSING) said.next_key = nextKey(row);
    if (row.thread !== null) {
      const thread = said.threads.get(row.thread) ?? [];
      said.threads.set(row.thread, thread);
      thread.push({ index, kind: row.kind });
    }
    const is_listed = this.lists_all || log.size <= ROWS_MAX;
    if (is_listed || row.refs.length > 0 || row.is_sealed || KEPT.has(row.kind)) {
      said.rows.push(row);
    }
  }

  #take(log: LogAccount, said: Sayings): void {
    log.times = said.times;
    log.rows = said.rows;
    log.set_aside = said.set_aside;
    log.next_key = said.next_key;
    for (const head of said.heads) {
      const key = `${head.place} ${head.claim.size} ${head.claim.root}`;
      if (!log.heads.has(key)) log.heads.set(key, head);
    }
    const [first] = log.rows;
    if (first?.kind !== OPENING || first.index !== 0) {
      const text = `Log ${log.name} does not begin with an opening.`;
      this.contents.findings.wrong("opening_missing", log.name, text);
    }
  }

  /** The leaf hashes of the tiles; checks the tiles above them. */
  async #tiles(log: LogAccount, folder: string): Promise<LeafHashes> {
    let leaves = new LeafHashes();
    let below = leaves;
    let level = 0;
    for (let size = log.size; size > 0; size = Math.floor(size / BUNDLE)) {
      // oxlint-disable-next-line no-await-in-loop
      const row = await this.#row(`${folder}/tile/${level}`, size);
      if (level === 0) leaves = row;
      else if (!row.isSame(above(below))) {
        const text = `The stored hashes of log ${log.name}, level ${level}, are not right.`;
        this.contents.findings.wrong("tiles_wrong", log.name, text);
      }
      below = row;
      level += 1;
    }
    return leaves;
  }

  async #row(folder: string, size: number): Promise<LeafHashes> {
    const row = new LeafHashes();
    for (let first = 0; first < size; first += BUNDLE) {
      const width = Math.min(BUNDLE, size - first);
      const name = `${folder}/${numberPath(Math.floor(first / BUNDLE), width)}`;
      // oxlint-disable-next-line no-await-in-loop
      const content = await this.contents.readOrEmpty(name);
      row.add(content);
      if (content.length !== 32 * width) break;
    }
    return row;
  }

  /** Whether the entries are those that were signed; if not, says which are not. */
  #compare(log: LogAccount, tiles: LeafHashes): boolean {
    const { findings } = this.contents;
    if (log.leaves.count === log.size && isRoot(log.leaves, log)) {
      if (!tiles.isSame(log.leaves)) {
        const text = `The stored hashes of log ${log.name} are not those of its entries.`;
        findings.wrong("tiles_wrong", log.name, text);
      }
      return true;
    }
    if (isRoot(tiles, log)) this.#nameChanges(log, tiles);
    else {
      const text = `The entries of log ${log.name} are not those that its party signed.`;
      findings.wrong("entries_wrong", log.name, text);
    }
    return false;
  }

  /** Says what was done to the entries, given the hashes that were signed. */
  #nameChanges(log: LogAccount, tiles: LeafHashes): void {
    const { findings } = this.contents;
    const here = [...log.leaves.texts()];
    const wanted = [...tiles.texts()];
    if (here.length < wanted.length) {
      const present = new Set(here);
      const firsts = new Map<string, number>();
      for (const [index, hash] of wanted.entries()) {
        if (!present.has(hash) && !firsts.has(hash)) firsts.set(hash, index);
      }
      const places = [...firsts.values()];
      for (const index of places.slice(0, NAMES_TOLD_MAX)) {
        const text = `Entry ${index} of log ${log.name} was taken out.`;
        findings.wrong("entry_dropped", `${log.name}#${index}`, text);
      }
      return;
    }
    const signed = new Set(wanted);
    for (const [index, hash] of wanted.entries()) {
      const found = here[index] ?? "";
      if (found === hash) continue;
      const [code, what] = signed.has(found)
        ? ["entry_moved", "stands in another's place"]
        : ["entry_changed", "is not what its party signed"];
      const text = `Entry ${index} of log ${log.name} ${what}.`;
      findings.wrong(code ?? "", `${log.name}#${index}`, text);
    }
  }

  /** Checks every other checkpoint of a log that is here. */
  async #checkHistory(log: LogAccount): Promise<void> {
    const content = await this.contents.readOrEmpty(`logs/${log.name}/history`);
    let notes: readonly Uint8Array[] = [new Uint8Array()];
    try {
      notes = cut(content);
    } catch {
      // An empty note is none, and is said to be none.
    }
    const signers = this.signers(log);
    for (const note of [...notes, ...log.notes]) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        const { size, root } = await this.signed(log, note, signers);
        log.signed.push({ size, root: hex(root), who: "" });
      } catch (error) {
        if (!(error instanceof MalformedEntry)) throw error;
        const text = `A checkpoint of log ${log.name} does not hold: ${error.message}.`;
        this.contents.findings.wrong("checkpoint_wrong", log.name, text);
      }
    }
  }

  /** The ML-DSA-44 keys that the opening entries of proved logs name as their own. */
  #lattices(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const log of this.all.values()) {
      const named = log.rows.slice(0, 1).flatMap(openingKeys);
      for (const { name, kind, content } of publicKeys(named.join("\n"))) {
        if (kind === LATTICE && name === `parley/${log.party}`)
          found.add(`${name} ${hex(content)}`);
      }
    }
    return found;
  }
}

interface Ids {
  readonly space: Uint8Array;
  readonly author: Uint8Array;
}

function idsOf(log: LogAccount): Ids {
  try {
    return { space: unid(log.origin.split("/")[1] ?? ""), author: unid(log.party) };
  } catch {
    // No entry is of a space that has no id.
    return { space: new Uint8Array(), author: new Uint8Array() };
  }
}

function bundle(content: Uint8Array): readonly Uint8Array[] {
  try {
    return cut(content);
  } catch {
    return [];
  }
}

function above(below: LeafHashes): LeafHashes {
  const row = new LeafHashes();
  for (let first = 0; first + BUNDLE <= below.count; first += BUNDLE) {
    const root = rootsAt(below, new Set([BUNDLE]), first, first + BUNDLE).get(BUNDLE);
    row.add(root ?? new Uint8Array());
  }
  return row;
}

function isRoot(leaves: LeafHashes, log: LogAccount): boolean {
  const root = rootsAt(leaves, new Set([log.size])).get(log.size);
  return root !== undefined && hex(root) === hex(log.root);
}

function cosigned(log: LogAccount, name: string): LogAccount["stamps"] {
  const stamps = log.cosigned.get(name) ?? [];
  log.cosigned.set(name, stamps);
  return stamps;
}
