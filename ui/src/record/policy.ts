/** Whose logs count and who must hold a checkpoint: C2SP tlog-policy, read and applied. */
import { MalformedEntry } from "./malformed";
import { checkSignature, keyIdOf, LOG, type Note, type PublicKey, publicKey } from "./note";

/** Whose logs count, and who must have cosigned. */
export interface Policy {
  readonly logs: readonly PublicKey[];
  /** Keys of those that cosign, by their name in the policy. */
  readonly witnesses: ReadonlyMap<string, PublicKey>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly quorum: string;
}

interface Group {
  readonly threshold: number;
  readonly members: readonly string[];
}

/** One signature that holds, and its time in seconds where it has one. */
export interface Proved {
  readonly key: PublicKey;
  readonly seconds: number;
}

const NONE = "none";

/** Reads a policy, and throws `MalformedEntry` where it is none. */
export function readPolicy(text: string): Policy {
  const logs: PublicKey[] = [];
  const witnesses = new Map<string, PublicKey>();
  const groups = new Map<string, Group>();
  let quorum: string | null = null;
  const isDefined = (name: string) => witnesses.has(name) || groups.has(name);
  for (const line of text.split("\n")) {
    const [word, ...items] = line.split(/[ \t]+/).filter((item) => item !== "");
    if (word === undefined || word.startsWith("#")) continue;
    if (word === "log") logs.push(keyIn(items[0]));
    else if (word === "witness") witnesses.set(fresh(items[0], isDefined), keyIn(items[1]));
    else if (word === "group") {
      const [name, threshold = "", ...members] = items;
      if (!members.every(isDefined)) throw new MalformedEntry("a member that is not defined");
      groups.set(fresh(name, isDefined), { threshold: minimum(threshold, members), members });
    } else if (word === "quorum" && quorum === null) {
      quorum = items[0] ?? "";
      if (quorum !== NONE && !isDefined(quorum)) {
        throw new MalformedEntry("a quorum that is not defined");
      }
    } else throw new MalformedEntry("a policy with an unknown line");
  }
  if (quorum === null || logs.length === 0)
    throw new MalformedEntry("a policy without log or quorum");
  return { logs, witnesses, groups, quorum };
}

/** The signatures that hold; throws where one that claims a known key does not. */
export async function provedBy(policy: Policy, note: Note): Promise<readonly Proved[]> {
  const proved: Proved[] = [];
  for (const key of [...policy.logs, ...policy.witnesses.values()]) {
    for (const made of note.signatures) {
      if (made.name !== key.name || made.key_id !== keyIdOf(key)) continue;
      // oxlint-disable-next-line no-await-in-loop
      const seconds = await checkSignature(key, note.text, made.content);
      if (seconds === null) throw new MalformedEntry(`the signature of ${made.name} is wrong`);
      proved.push({ key, seconds });
    }
  }
  return proved;
}

/** Whether a note is signed by one of the logs, and cosigned as the policy wants. */
export function isMet(policy: Policy, note: Note, proved: readonly Proved[]): boolean {
  const made = new Set(proved.map(({ key }) => key));
  const has_log = policy.logs.some(
    (log) => log.kind === LOG && made.has(log) && note.text.startsWith(`${log.name}\n`),
  );
  const has = (name: string): boolean => {
    const group = policy.groups.get(name);
    if (group !== undefined) return group.members.filter(has).length >= group.threshold;
    const witness = policy.witnesses.get(name);
    return witness !== undefined && made.has(witness);
  };
  return has_log && (policy.quorum === NONE || has(policy.quorum));
}

function keyIn(text: string | undefined): PublicKey {
  const key = publicKey(text ?? "");
  if (key === null) throw new MalformedEntry("a policy with a key that is none");
  return key;
}

function fresh(name: string | undefined, isDefined: (name: string) => boolean): string {
  if (name === undefined || name === NONE || isDefined(name)) {
    throw new MalformedEntry("a policy with a name twice");
  }
  return name;
}

function minimum(word: string, members: readonly string[]): number {
  if (word === "any") return 1;
  const number = word === "all" ? members.length : Number(word);
  if (!Number.isInteger(number) || number < 1 || number > members.length) {
    throw new MalformedEntry("a group whose number does not fit its members");
  }
  return number;
}
