/** What the node says of the record, exactly as on the wire (JSON, snake_case). */
import type { InstantText, Party, PartyId } from "./types";

declare const brand: unique symbol;
/** A space: those who keep a record together. */
export type SpaceId = string & { readonly [brand]: "space" };

export const STANDINGS = ["fresh", "late", "silent", "disputed", "frozen", "unknown"] as const;
/** How far a log can be relied on at the moment. */
export type Standing = (typeof STANDINGS)[number];

/** How much of a log another party holds. */
export interface Holding {
  readonly party_id: PartyId;
  readonly size: number;
  /** When, by that party's own clock. */
  readonly at: InstantText | null;
}
/** One party's log in one space. */
export interface RecordLog {
  /** Its origin: `parley/<space>/<party>/<epoch>`. */
  readonly log: string;
  readonly party: Party;
  readonly epoch: number;
  readonly size: number;
  /** Root of the newest checkpoint, in hexadecimal; null before the first. */
  readonly root: string | null;
  readonly signed_at: InstantText | null;
  /** Of our own log: whether it may be written to; of a copy, "mirrored". */
  readonly state: string;
  readonly standing: Standing;
  readonly held: readonly Holding[];
  readonly evidence_count: number;
  readonly set_aside_count: number;
}
/** One space with its members and their logs. */
export interface RecordSpace {
  readonly id: SpaceId;
  /** What a group is called; of a line it is empty. */
  readonly name: string;
  readonly members: readonly Party[];
  readonly logs: readonly RecordLog[];
}

export const RECEIPT_WORDS = ["queued", "held", "delivered", "acknowledged", "agreed"] as const;
/** What is proved of an entry with one other party; nothing beyond these five is ever said. */
export type ReceiptWord = (typeof RECEIPT_WORDS)[number];
/** How far an entry has come with one other party. */
export interface Receipt {
  readonly party: Party;
  readonly word: ReceiptWord;
  readonly held_at: InstantText | null;
  readonly delivered_at: InstantText | null;
  readonly acknowledged_at: InstantText | null;
  readonly acknowledged_by: string | null;
}
/** One entry of the record. */
export interface Entry {
  readonly log: string;
  readonly index: number;
  readonly hash: string;
  readonly party: Party;
  readonly space: SpaceId;
  /** Null where the bytes are no entry. */
  readonly kind: number | null;
  readonly kind_name: string;
  readonly thread: string | null;
  /** By the author's clock; null where the bytes are no entry. */
  readonly written_at: InstantText | null;
  readonly precedence: string | null;
  readonly deadline: InstantText | null;
  readonly refs: readonly string[];
  readonly heads: readonly { readonly party_id: PartyId; readonly size: number }[];
  /** Pseudonym of the person. */
  readonly actor: string | null;
  /** In which office the person spoke, or not_said; null where its kind names none. */
  readonly office: string | null;
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly sealed: {
    readonly hash: string;
    readonly size: number;
    readonly key: string;
    /** wanted, here, left (larger than is taken) or erased. */
    readonly state: string | null;
  } | null;
  readonly receipts: readonly Receipt[];
  /** Why it has no effect, as a code; null when it counts. */
  readonly set_aside: string | null;
}
/** Some entries, the newest first, and where the older ones begin. */
export interface EntryPage {
  readonly entries: readonly Entry[];
  readonly next: string | null;
}
/** Which entries are asked for. */
export interface EntryQuestion {
  readonly space: SpaceId;
  readonly party: PartyId | null;
  readonly kind: number | null;
  readonly thread: string | null;
  readonly is_set_aside: boolean;
}

/** One version of what two parties agree about their line. */
export interface AgreementVersion {
  /** From 1, by the time of writing; one that was under way may move those after it. */
  readonly number: number;
  /** Of the entry that proposes it: what a signature is about. */
  readonly hash: string;
  readonly body: string;
  readonly ours_signed_at: InstantText | null;
  readonly theirs_signed_at: InstantText | null;
  readonly state: string;
}
