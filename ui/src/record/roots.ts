/** What the roots of parties say in an export: which key signs a log, and how far one is believed. */
import { encoded, hex, joined, unbase64 } from "./bytes";
import { bodyOf, type EntryRow, FREEZE, isBytes, isWhole, ROOT } from "./entry";
import type { Findings, LogAccount } from "./findings";
import { checkSignature, keyIdOf, LOG, splitNote } from "./note";
import { digestOf } from "./tree";

const LINES = 10;
const THRESHOLD = 2;
const KEY_BYTES = 32;
const NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;
const PARTY = /^[a-z2-7]{26}$/;
const SIZE_MAX = 1n << 62n;

/** What a party's root says, in a manifest that two of its three keys signed; bytes as hexadecimal. */
export interface SpokenRoot {
  readonly party: string;
  readonly number: number;
  readonly log_key: string;
  readonly compromised: string | null;
  readonly keys: readonly string[];
  readonly following: string | null;
  /** The text that was signed: two that are the same say the same. */
  readonly text: string;
}

/** What each party's root has said, in the order in which it was read. */
export class Roots {
  readonly #said = new Map<string, SpokenRoot[]>();

  /** Whether a party's root has said anything. */
  isPinned(party: string): boolean {
    return this.#of(party).length > 0;
  }

  /** Takes note of what a party's root says in its own log; the first one pins it. */
  async hear(log: LogAccount): Promise<void> {
    for (const row of log.rows.filter(({ kind }) => kind === ROOT)) {
      // oxlint-disable-next-line no-await-in-loop
      const spoken = await spokenRoot(row);
      if (spoken === null || spoken.party !== log.party) continue;
      const said = this.#of(log.party);
      const last = said.at(-1);
      if (last === undefined ? spoken.compromised === null : follows(last, spoken)) {
        said.push(spoken);
      }
    }
  }

  /** The key that an entry hands a log on to, where that follows from what is pinned. */
  async keyTold(party: string, row: EntryRow): Promise<string | null> {
    const spoken = await spokenRoot(row);
    const last = this.#of(party).at(-1);
    if (spoken === null || last === undefined || !follows(last, spoken)) return null;
    return spoken.log_key;
  }

  /** Says how far logs are believed whose party's root takes its word back from their key. */
  async checkFreezes(all: ReadonlyMap<string, LogAccount>, findings: Findings): Promise<void> {
    for (const log of all.values()) {
      for (const row of log.rows.filter(({ kind }) => kind === FREEZE)) {
        // oxlint-disable-next-line no-await-in-loop
        await this.#checkFreeze(all, findings, log, row);
      }
    }
    for (const log of all.values()) {
      if (log.frozen_at !== null) setAsideBeyond(log, findings);
    }
  }

  async #checkFreeze(
    all: ReadonlyMap<string, LogAccount>,
    findings: Findings,
    log: LogAccount,
    row: EntryRow,
  ): Promise<void> {
    const body = bodyOf(row);
    const frozen = [...all.values()].find(({ origin }) => origin === body.get(1));
    if (frozen === undefined) return;
    const size = body.get(2);
    const root = body.get(3);
    const spoken = await spokenRoot(row);
    const isTheirs = spoken !== null && this.#isTheirs(all, frozen, spoken);
    if (!isTheirs || !isWhole(size, SIZE_MAX) || !isBytes(root, 32)) {
      const text = `Entry ${row.index} of log ${log.name} freezes a log by no word of its root.`;
      findings.wrong("freeze_wrong", `${log.name}#${row.index}`, text);
      return;
    }
    const held = BigInt(size);
    if (frozen.frozen_at === null || held > frozen.frozen_at) frozen.frozen_at = held;
    if (held === 0n) return;
    const claim = { size: held, root: hex(root), who: `entry ${row.index} of log ${log.name}` };
    const key = `${frozen.name} ${held} ${claim.root}`;
    if (!log.heads.has(key)) log.heads.set(key, { place: frozen.name, claim });
  }

  /** Whether a log's own root takes its word back from its key, or from one before it. */
  #isTheirs(all: ReadonlyMap<string, LogAccount>, frozen: LogAccount, spoken: SpokenRoot): boolean {
    const said = this.#of(frozen.party);
    const last = said.at(-1);
    if (last !== undefined && follows(last, spoken)) said.push(spoken);
    const logs = [...all.values()].filter(
      ({ party, epoch }) => party === frozen.party && epoch <= frozen.epoch,
    );
    return (
      said.some(({ text }) => text === spoken.text) &&
      logs.some(({ key }) => hex(key) === spoken.compromised)
    );
  }

  #of(party: string): SpokenRoot[] {
    const said = this.#said.get(party) ?? [];
    this.#said.set(party, said);
    return said;
  }
}

function setAsideBeyond(log: LogAccount, findings: Findings): void {
  const held =
    log.frozen_at !== null && log.frozen_at < BigInt(log.size) ? Number(log.frozen_at) : log.size;
  const why = `the root of its party does not believe its key; ${held} of ${log.size} entries count`;
  findings.missing("log_frozen", log.name, `Log ${log.name} is frozen: ${why}.`);
  const aside = new Set(log.set_aside.map(({ index }) => index));
  const beyond = [...log.times.keys()].filter((index) => index >= held && !aside.has(index));
  const reason = "after its log was frozen";
  log.set_aside = [...log.set_aside, ...beyond.map((index) => ({ index, reason }))];
  log.rows = log.rows.filter(({ index }) => index < held);
  for (const [thread, places] of log.threads) {
    log.threads.set(
      thread,
      places.filter(({ index }) => index < held),
    );
  }
}

/** Whether a root's word is a later one of the same root, or of the one it named. */
function follows(pinned: SpokenRoot, later: SpokenRoot): boolean {
  if (later.party !== pinned.party || later.number <= pinned.number) return false;
  return later.keys.join() === pinned.keys.join() || rootHash(later.keys) === pinned.following;
}

function rootHash(keys: readonly string[]): string {
  return hex(digestOf(joined(encoded("parley root 1\0"), ...keys.map(bytesOfHex))));
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** What a party's root says in an entry, if two of its three keys signed it. */
async function spokenRoot(row: Pick<EntryRow, "body">): Promise<SpokenRoot | null> {
  const note = bodyOf(row).get(0);
  if (!(note instanceof Uint8Array)) return null;
  let text: string;
  let signatures: ReturnType<typeof splitNote>["signatures"];
  let spoken: SpokenRoot | null;
  try {
    ({ text, signatures } = splitNote(note));
    spoken = parsed(text);
  } catch {
    return null;
  }
  if (spoken === null) return null;
  const name = `parley/${spoken.party}/root`;
  const signed = new Set<string>();
  for (const content of spoken.keys) {
    const key = { name, kind: LOG, content: bytesOfHex(content) };
    for (const made of signatures) {
      if (made.name !== name || made.key_id !== keyIdOf(key)) continue;
      // oxlint-disable-next-line no-await-in-loop
      if ((await checkSignature(key, text, made.content)) !== null) signed.add(content);
    }
  }
  return signed.size >= THRESHOLD ? spoken : null;
}

function parsed(text: string): SpokenRoot | null {
  const lines = text.split("\n");
  const [header, party, number, log_key, compromised, following, ...keys] = lines;
  if (lines.length !== LINES || header !== "parley/root/v1" || keys.pop() !== "") return null;
  if (!PARTY.test(party ?? "") || !NUMBER.test(number ?? "")) return null;
  const others = [compromised, following].map((each) => (each === "-" ? null : keyOf(each)));
  const sorted = keys.map(keyOf);
  const [one = "", two = "", three = ""] = sorted;
  if (one >= two || two >= three) return null;
  return {
    party: party ?? "",
    number: Number(number),
    log_key: keyOf(log_key),
    compromised: others[0] ?? null,
    keys: sorted,
    following: others[1] ?? null,
    text,
  };
}

function keyOf(line: string | undefined): string {
  const content = unbase64(line ?? "");
  if (content.length !== KEY_BYTES) throw new TypeError("no key");
  return hex(content);
}
