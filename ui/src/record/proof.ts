/** One entry's proof as a text that anyone can check: C2SP tlog-proof, read and checked. */
import { areSame, encoded, hex, idText, unbase64, unhex } from "./bytes";
import { type Fields, isFields, readValue } from "./cbor";
import { isOwnKey } from "./contents";
import { readFields } from "./entry";
import { MalformedEntry } from "./malformed";
import { type Note, splitCheckpoint, splitNote } from "./note";
import { isMet, provedBy, readPolicy } from "./policy";
import type { ProofTold, ProvedEntry } from "./told";
import { HASH_BYTES, leafOf, rootOfProof } from "./tree";

const HEADER = "c2sp.org/tlog-proof@v1";
const HASHES_MAX = 63;

/** That one entry is in a log, as its checkpoint shows. */
export interface EntryProof {
  readonly index: bigint;
  readonly hashes: readonly Uint8Array[];
  readonly note: Note;
  /** The entry's own bytes, where the node sends them along. */
  readonly extra: Uint8Array | null;
}

/** Reads foreign bytes as a proof; throws `MalformedEntry` where they are none. */
export function readProof(text: string): EntryProof {
  const at = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(at, 0)).split("\n");
  if (at < 0 || header !== HEADER) throw new MalformedEntry("no proof of this version");
  const first = lines[0] ?? "";
  const extra = first.startsWith("extra ") ? unbase64(first.slice("extra ".length)) : null;
  const [index_line = "", ...rest] = extra === null ? lines : lines.slice(1);
  const index = /^index (0|[1-9][0-9]{0,18})$/.exec(index_line)?.[1];
  if (index === undefined || rest.length > HASHES_MAX) {
    throw new MalformedEntry("no index, or too many hashes");
  }
  const hashes = rest.map(unbase64);
  if (hashes.some((each) => each.length !== HASH_BYTES)) {
    throw new MalformedEntry("a hash does not have 32 bytes");
  }
  return { index: BigInt(index), hashes, note: splitNote(encoded(text.slice(at + 2))), extra };
}

/**
 * Checks that the entry with a hash stands at its place in a log that a policy lists.
 *
 * @param text the proof, as the node gives it
 * @param hash the entry's hash, in hexadecimal
 * @param policy whose logs count and who must have cosigned, as C2SP tlog-policy
 * @throws MalformedEntry saying what does not hold
 */
export async function checkProof(text: string, hash: string, policy: string): Promise<ProofTold> {
  const proof = readProof(text);
  const rules = readPolicy(policy);
  const { origin, size, root } = splitCheckpoint(proof.note.text);
  const proved = await provedBy(rules, proof.note);
  if (!isMet(rules, proof.note, proved)) {
    throw new MalformedEntry("the checkpoint is not signed by all who must have signed it");
  }
  const leaf = unhex(hash);
  const found = rootOfProof(proof.index, leaf, size, proof.hashes);
  if (found === null || !areSame(found, root)) {
    throw new MalformedEntry("the entry is not at this place in the log");
  }
  if (proof.extra !== null && !areSame(leafOf(proof.extra), leaf)) {
    throw new MalformedEntry("the entry's bytes have another hash");
  }
  const party = origin.split("/").at(-2) ?? "";
  return {
    index: Number(proof.index),
    size: Number(size),
    root: hex(root),
    hashes: proof.hashes.length,
    signed_by: proved.map(({ key, seconds }) => ({
      party: key.name === origin ? party : key.name.replace("parley/", ""),
      at_ms: seconds === 0 ? null : seconds * 1_000,
    })),
    is_own_key: rules.logs.some((key) => key.name === origin && isOwnKey(key.content, party)),
    entry: proof.extra === null ? null : entryIn(proof.extra),
  };
}

function entryIn(content: Uint8Array): ProvedEntry | null {
  let fields: Fields;
  try {
    fields = readFields(content);
  } catch {
    // Bytes that are no entry are proved all the same; they say nothing.
    return null;
  }
  const author = fields.get(2);
  const body = fields.get(11);
  return {
    party: author instanceof Uint8Array ? idText(author) : "",
    kind: Number(fields.get(3)),
    written_at_ms: Number(fields.get(5)),
    words: body instanceof Uint8Array ? wordsIn(body) : null,
  };
}

function wordsIn(body: Uint8Array): string | null {
  try {
    const said = readValue(body);
    const words = isFields(said) ? said.get(0) : null;
    return typeof words === "string" ? words : null;
  } catch {
    return null;
  }
}
