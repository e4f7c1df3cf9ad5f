/** Signatures by persons' passkeys over entries (WebAuthn §7.2), held against enrolled keys. */
import { areSame, decodedLoosely, encoded, hex, joined, unhex } from "./bytes";
import type { Fields } from "./cbor";
import type { RecordContents } from "./contents";
import { ASSERTION, bodyOf, ENROLMENT, type EntryRow } from "./entry";
import type { LogAccount } from "./findings";
import type { Logs } from "./logs";
import { hasSigned } from "./spki";
import { digestOf } from "./tree";

/** RP id hash, flags and counter (WebAuthn §6.1). */
const AUTHENTICATOR_BYTES_MIN = 37;
/** Flags: somebody was there, and the authenticator checked who. */
const CHECKED_PERSON = 0x05;

interface EnrolledKey {
  readonly key: Uint8Array;
  readonly rp_id: string;
}

/** Checks every assertion; answers with the hashes of the entries that are signed by one. */
export async function checkAssertions(
  contents: RecordContents,
  logs: Logs,
): Promise<ReadonlySet<string>> {
  const enrolled = enrolledIn(logs);
  const asserted = new Set<string>();
  for (const log of logs.all.values()) {
    const rows = log.rows.filter((row) => row.kind === ASSERTION);
    if (rows.length === 0) continue;
    const leaves = new Set(log.leaves.texts());
    const actors = new Map(
      log.rows
        .filter((row) => row.kind !== ASSERTION)
        .map((row) => [hex(log.leaves.at(row.index)), row.actor]),
    );
    for (const row of rows) {
      const key = enrolled.get(keyName(log, row, bodyOf(row).get(0)));
      // One after the other, so that what is found is found in the same order every time.
      // oxlint-disable-next-line no-await-in-loop
      await checkOne(contents, log, row, key, { leaves, actors, asserted });
    }
  }
  return asserted;
}

async function checkOne(
  { findings }: RecordContents,
  log: LogAccount,
  row: EntryRow,
  key: EnrolledKey | undefined,
  known: {
    readonly leaves: ReadonlySet<string>;
    readonly actors: ReadonlyMap<string, string | null>;
    readonly asserted: Set<string>;
  },
): Promise<void> {
  const where = `${log.name}#${row.index}`;
  const entry = `Entry ${row.index} of log ${log.name}`;
  if (key === undefined) {
    findings.missing(
      "passkey_missing",
      where,
      `${entry} is signed with a passkey that is not here.`,
    );
    return;
  }
  const signed = row.refs.length === 1 ? (row.refs[0] ?? "") : "";
  const actor = known.actors.has(signed) ? known.actors.get(signed) : row.actor;
  // Who signs must be who acts, where the entry that is signed is listed.
  const isTheirs = known.leaves.has(signed) && actor === row.actor;
  if (isTheirs && (await isAsserted(bodyOf(row), signed, key))) {
    known.asserted.add(signed);
    return;
  }
  findings.wrong("assertion_wrong", where, `${entry} does not hold as a signature by a passkey.`);
}

function enrolledIn(logs: Logs): ReadonlyMap<string, EnrolledKey> {
  const enrolled = new Map<string, EnrolledKey>();
  for (const log of logs.all.values()) {
    for (const row of log.rows) {
      if (row.kind !== ENROLMENT) continue;
      const body = bodyOf(row);
      const [credential, key, rp_id] = [0, 1, 2].map((each) => body.get(each));
      if (!(credential instanceof Uint8Array) || !(key instanceof Uint8Array)) continue;
      const name = keyName(log, row, credential);
      if (typeof rp_id === "string" && !enrolled.has(name)) enrolled.set(name, { key, rp_id });
    }
  }
  return enrolled;
}

function keyName(log: LogAccount, row: EntryRow, credential: unknown): string {
  const id = credential instanceof Uint8Array ? hex(credential) : "none";
  return `${log.party} ${row.actor ?? ""} ${id}`;
}

/** Whether an authenticator signed an entry's hash, and checked its person. */
async function isAsserted(body: Fields, signed: string, key: EnrolledKey): Promise<boolean> {
  const [output, collected, signature] = [1, 2, 3].map((each) => body.get(each));
  if (!(output instanceof Uint8Array) || !(collected instanceof Uint8Array)) return false;
  if (!(signature instanceof Uint8Array) || !isCollected(collected, signed)) return false;
  if (output.length < AUTHENTICATOR_BYTES_MIN) return false;
  if (!areSame(output.subarray(0, 32), digestOf(encoded(key.rp_id)))) return false;
  if (((output[32] ?? 0) & CHECKED_PERSON) !== CHECKED_PERSON) return false;
  return hasSigned(key.key, signature, joined(output, digestOf(collected)));
}

/** Whether what a browser collected is the use of a passkey over an entry's hash. */
function isCollected(collected: Uint8Array, signed: string): boolean {
  let said: unknown;
  try {
    said = JSON.parse(decodedLoosely(collected));
  } catch {
    return false;
  }
  if (typeof said !== "object" || said === null) return false;
  const { type, challenge } = said as Readonly<Record<string, unknown>>;
  const hash = btoa(String.fromCodePoint(...unhex(signed)));
  const wanted = hash.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return type === "webauthn.get" && challenge === wanted;
}
