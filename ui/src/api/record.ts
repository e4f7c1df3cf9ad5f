/** Requests to one's own node about the record. */
import { ask, askBlob, askText, say, tell } from "./node";
import { ProblemError } from "../errors";
import { use } from "./passkey";
import * as frames from "./record-frames";
import type {
  AgreementVersion,
  Entry,
  EntryPage,
  EntryQuestion,
  RecordSpace,
  SpaceId,
} from "./record-types";
import type { PartyId } from "./types";

/** A screenful and a half: fewer asks too often, more waits too long on a thin line. */
const ENTRIES_AT_ONCE = 50;

/** The spaces whose record is kept here. */
export async function readSpaces(): Promise<readonly RecordSpace[]> {
  return (await ask("/api/record/spaces", frames.spaces)).spaces;
}

/** Entries, the newest first, older than `before`. */
export async function readEntries(asked: EntryQuestion, before: string | null): Promise<EntryPage> {
  const query = queryOf({
    space: asked.space,
    party: asked.party,
    kind: asked.kind,
    thread: asked.thread,
    set_aside: asked.is_set_aside ? "true" : null,
    before,
    limit: ENTRIES_AT_ONCE,
  });
  return ask(`/api/record/entries?${query}`, frames.entries);
}

/** The proof of an entry, as C2SP tlog-proof. */
export async function readProof(log: string, index: number): Promise<string> {
  return askText(`/api/record/proof?${queryOf({ log, index })}`);
}

/** Whose logs count and who must have cosigned, as C2SP tlog-policy. */
export async function readTrust(space: SpaceId): Promise<string> {
  return askText(`/api/record/trust?${queryOf({ space })}`);
}

/** The whole record of a space as one file. */
export async function readExport(space: SpaceId, signal: AbortSignal): Promise<Blob> {
  return askBlob(exportAddress(space), signal);
}

function exportAddress(space: SpaceId): string {
  return `/api/record/export?${queryOf({ space })}`;
}

/** Where the evidence against a log is downloaded from. */
export function evidenceAddress(log: string): string {
  return `/api/record/evidence?${queryOf({ log })}`;
}

/** Appends a remark in plain words for every party of the space to read. */
export async function writeRemark(
  space: SpaceId,
  text: string,
  thread: string | null,
): Promise<Entry> {
  const words = thread === null ? { space, text } : { space, text, thread };
  return tell("POST", "/api/record/remarks", words, frames.entry);
}

/** What two parties agreed, or propose, about their line; every version. */
export async function readAgreement(party: PartyId): Promise<readonly AgreementVersion[]> {
  return (await ask(agreementPath(party), frames.agreement)).versions;
}

/** Proposes a new version. */
export async function proposeAgreement(party: PartyId, body: string): Promise<void> {
  await say("POST", agreementPath(party), { body });
}

/** Signs a version for our party, with a passkey over the entry where the node asks for one. */
export async function signAgreement(party: PartyId, hash: string): Promise<void> {
  const path = `${agreementPath(party)}/${hash}/agree`;
  await say("POST", path, await signatureFor(path));
}

async function signatureFor(path: string): Promise<unknown> {
  try {
    return await use(path);
  } catch (error) {
    // A node that wants no signature has no such route.
    if (error instanceof ProblemError && [404, 405].includes(error.status)) return {};
    throw error;
  }
}

function agreementPath(party: PartyId): string {
  return `/api/lines/${encodeURIComponent(party)}/agreement`;
}

function queryOf(fields: Readonly<Record<string, string | number | null>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
