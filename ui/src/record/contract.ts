/** What a page and the verifier's Worker say to each other; a page imports nothing else of it. */
import type { Account, ProofTold } from "./told";

/** What a page asks. */
export type VerifierRequest =
  | {
      readonly type: "export";
      readonly file: Blob;
      /** Ids of the parties that the reader trusts. */
      readonly trusted: readonly string[];
    }
  | {
      readonly type: "proof";
      readonly proof: string;
      /** The entry's hash, in hexadecimal. */
      readonly hash: string;
      readonly policy: string;
    };

/** What the Worker answers: progress any number of times, then one of the others. */
export type VerifierAnswer =
  | { readonly type: "progress"; readonly done: number; readonly total: number }
  | { readonly type: "account"; readonly account: Account }
  | { readonly type: "proved"; readonly proof: ProofTold }
  | { readonly type: "unreadable"; readonly reason: string };

/** Checks records beside the page; made by the wiring. */
export interface RecordVerifier {
  /** Checks an export; `onProgress` hears the share that is read. Stops when `signal` says so. */
  checkExport(
    file: Blob,
    trusted: readonly string[],
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<Account>;
  /** Checks one entry's proof. */
  checkProof(proof: string, hash: string, policy: string): Promise<ProofTold>;
}

export type { Account, CrisisTold, LogTold, ProofTold } from "./told";
