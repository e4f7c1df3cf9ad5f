/** What is told of an export, and of the proof of one entry: forms alone, that any page can read. */

/** One thing that is wrong, or missing. */
export interface Finding {
  /** A fixed word for programs. */
  readonly code: string;
  /** Which log, entry or file. */
  readonly where: string;
  /** What a person is told, in English as `parley verify` says it. */
  readonly text: string;
  /** Whether something is only missing. */
  readonly is_gap: boolean;
}

/** 0: the record holds; 1: something in it does not; 3: something is missing. */
export type Verdict = 0 | 1 | 3;
/** How far an entry is proved with one other party. */
export type AccountWord = "queued" | "held" | "delivered" | "acknowledged";

/** What is known of one log. */
export interface LogTold {
  readonly log: string;
  readonly entries: number;
  readonly root: string;
  readonly holds: boolean;
  readonly signed_at: string;
  readonly ml_dsa_to: number;
  readonly held_by: Readonly<Record<string, { readonly entries: number; readonly at: string }>>;
  readonly set_aside: readonly { readonly index: number; readonly reason: string }[];
}

/** A party's word that it deleted the key of a sealed body. */
export interface ErasureTold {
  /** The entry that says so. */
  readonly entry: string;
  readonly at: string;
  /** The person who says it; of a node, none. */
  readonly person: string | null;
}

/** What is known of one entry. */
export interface EntryTold {
  readonly entry: string;
  readonly party: string;
  readonly kind: string;
  readonly at: string;
  readonly time_ms: number;
  readonly person: string | null;
  readonly precedence: string | null;
  readonly deadline: string | null;
  readonly refers_to: readonly string[];
  /** In which office its person spoke, or not_said; of kinds that say it alone. */
  readonly office?: string;
  /** What the person who acts signed it with, if with anything. */
  readonly signed?: "passkey";
  /** Of an entry whose body is sealed: who erased it, by party. */
  readonly sealed?: { readonly erased_by: Readonly<Record<string, ErasureTold>> };
  readonly receipts: Readonly<
    Record<string, { readonly word: AccountWord; readonly held_at: string | null }>
  >;
}

/** One body that parties agreed to, or not all of those named. */
export interface AgreementTold {
  readonly body: string;
  readonly named: readonly string[];
  readonly by: Readonly<Record<string, string>>;
  readonly is_agreed: boolean;
}

/** What is proved of one party's side of a crisis. */
export interface SideTold {
  readonly title?: string;
  readonly state: "open" | "closed";
  readonly at: string;
}

/** A body, and whose entries signed it, by party. */
export interface BodyTold {
  readonly body: string;
  readonly by: Readonly<Record<string, string>>;
}

/** What a node said it found, and whether the record shows the same; null: not to be checked. */
export interface TimelineTold {
  readonly entry: string;
  readonly digest: string;
  readonly entries: number;
  readonly holds: boolean | null;
}

/** An account that was sealed, and where what matches the seal was shown. */
export interface SealTold {
  readonly sealed_in: string;
  readonly seal: string;
  readonly shown_in: string | null;
}

/** What is proved of one crisis and its assessment. */
export interface CrisisTold {
  /** The entry that opened it first. */
  readonly crisis: string;
  readonly hash: string;
  readonly number: string;
  readonly is_exercise: boolean;
  readonly sides: Readonly<Record<string, SideTold>>;
  readonly facts: readonly BodyTold[];
  readonly timelines: Readonly<Record<string, TimelineTold>>;
  readonly are_timelines_equal: boolean | null;
  readonly accounts: Readonly<Record<string, SealTold>>;
  readonly adopted: readonly BodyTold[];
  readonly ended_by: readonly string[];
  readonly readouts: readonly {
    readonly entry: string;
    readonly party: string;
    readonly body: string;
    readonly public_from: string;
  }[];
}

/** All that is known of an export. */
export interface Account {
  readonly verdict: Verdict;
  readonly exporter: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
  readonly logs: readonly LogTold[];
  readonly entries: readonly EntryTold[];
  readonly agreements: readonly AgreementTold[];
  /** Left out where there is none. */
  readonly crises?: readonly CrisisTold[];
}

/** What a proof was found to show. */
export interface ProofTold {
  readonly index: number;
  /** Entries of the log at the checkpoint that the proof leads to. */
  readonly size: number;
  /** Root of the log at that size, in hexadecimal. */
  readonly root: string;
  readonly hashes: number;
  /** Parties whose signature on the checkpoint holds, and when they signed, by their own clocks. */
  readonly signed_by: readonly { readonly party: string; readonly at_ms: number | null }[];
  /** Whether a log's key is the very one that its party's id stands for. */
  readonly is_own_key: boolean;
  /** What the entry itself says, read from the bytes that were proved; null where none came along. */
  readonly entry: ProvedEntry | null;
}

/** An entry as its proved bytes say. */
export interface ProvedEntry {
  readonly party: string;
  readonly kind: number;
  readonly written_at_ms: number;
  /** The text in its body, where there is one. */
  readonly words: string | null;
}
