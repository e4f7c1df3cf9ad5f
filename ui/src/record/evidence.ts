/** Contradictions in an export: two things one party signed that cannot both be true. */
import { areSame } from "./bytes";
import { isFields, readValue } from "./cbor";
import type { RecordContents } from "./contents";
import { listOf } from "./entry";
import { LogAccount } from "./findings";
import type { Logs } from "./logs";
import { MalformedEntry } from "./malformed";
import { splitCheckpoint, splitNote } from "./note";
import { isConsistent } from "./tree";

const SAME_SIZE = 0;
const OTHER_BRANCH = 1;
const ROLLED_BACK = 2;
const ORIGIN = /^parley\/[a-z2-7]{26}\/([a-z2-7]{26})\/([0-9]{1,10})$/;

/** Checks the contradictions that an export holds. */
export async function checkEvidence(contents: RecordContents, logs: Logs): Promise<void> {
  const names = contents.names.filter((name) => name.startsWith("evidence/"));
  for (const name of names.toSorted()) {
    try {
      // One after the other, so that what is found is found in the same order every time.
      // oxlint-disable-next-line no-await-in-loop
      const content = await contents.readOrEmpty(name);
      // oxlint-disable-next-line no-await-in-loop
      const { log, what } = await contradiction(content, logs);
      const text = `The party of log ${log} contradicted itself: ${what}.`;
      contents.findings.wrong("log_disputed", log, text);
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      contents.findings.wrong("evidence_wrong", name, `${name} shows nothing: ${error.message}.`);
    }
  }
}

interface Statement {
  readonly log: LogAccount;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** When it was signed, as far as its party says. */
  readonly seconds: number;
}

/** The log whose party signed two things that cannot both be true, and which. */
async function contradiction(
  content: Uint8Array,
  logs: Logs,
): Promise<{ readonly log: string; readonly what: string }> {
  const { kind, first, second, root, proof } = parts(content);
  const one = await statement(first, logs);
  const two = await statement(second, logs);
  if (one.log.origin !== two.log.origin) throw new MalformedEntry("it is about two logs");
  const log = one.log.name;
  if (kind === SAME_SIZE && one.size === two.size && !areSame(one.root, two.root)) {
    return { log, what: `it signed two logs of ${one.size} entries` };
  }
  const is_proved =
    kind === OTHER_BRANCH && isConsistent([one.size, root], [two.size, two.root], proof);
  if (is_proved && !areSame(root, one.root)) {
    const what = `its log of ${one.size} entries is not the beginning of that of ${two.size}`;
    return { log, what };
  }
  const is_later = one.seconds > two.seconds && two.seconds >= 0;
  if (kind === ROLLED_BACK && one.size < two.size && is_later) {
    return { log, what: `it said its log had ${one.size} entries after it had ${two.size}` };
  }
  throw new MalformedEntry("its statements do not contradict each other");
}

function parts(content: Uint8Array) {
  const fields = readValue(content);
  if (isFields(fields)) {
    const [kind, first, second, root, path] = [1, 2, 3, 4, 5].map((key) => fields.get(key));
    const are_notes = first instanceof Uint8Array && second instanceof Uint8Array;
    const is_known = fields.get(0) === 1 && typeof kind === "number";
    if (is_known && are_notes && root instanceof Uint8Array && Array.isArray(path)) {
      const proof = listOf(path).filter((each) => each instanceof Uint8Array);
      return { kind, first, second, root, proof };
    }
  }
  throw new MalformedEntry("it has another form");
}

async function statement(note: Uint8Array, logs: Logs): Promise<Statement> {
  const { origin } = splitCheckpoint(splitNote(note).text);
  const [, party, epoch] = ORIGIN.exec(origin) ?? [];
  if (party === undefined) throw new MalformedEntry("it is about no log of this kind");
  const log = new LogAccount(party, Number(epoch), origin);
  log.key = logs.keyOf(log);
  const { size, root } = await logs.signed(log, note, logs.signers(log));
  const seconds = Math.max(-1, ...log.stamps.map((stamp) => stamp.seconds));
  return { log, size, root, seconds };
}
