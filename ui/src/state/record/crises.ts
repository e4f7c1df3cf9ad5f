/** What a verifier told of a crisis, as the few things that a person reads. */
import type { CrisisTold } from "../../record/told";

/** A crisis in short. */
export interface CrisisInShort {
  readonly sides: readonly {
    readonly party: string;
    readonly title: string;
    readonly state: "open" | "closed";
  }[];
  /** Facts that more than one party signed. */
  readonly agreed: number;
  readonly timelines: "equal" | "not_equal" | null;
  readonly accounts: readonly { readonly party: string; readonly is_shown: boolean }[];
  readonly readouts: CrisisTold["readouts"];
  readonly end: "adopted" | "without" | null;
}

/** Puts what is proved of a crisis in short. */
export function crisisTold(crisis: CrisisTold): CrisisInShort {
  const equal = crisis.are_timelines_equal;
  const ended = crisis.ended_by.length > 0 ? "without" : null;
  return {
    sides: Object.entries(crisis.sides).map(([party, { title, state }]) => ({
      party,
      title: title ?? "?",
      state,
    })),
    agreed: crisis.facts.filter(({ by }) => Object.keys(by).length > 1).length,
    timelines: equal === null ? null : equal ? "equal" : "not_equal",
    accounts: Object.entries(crisis.accounts).map(([party, { shown_in }]) => ({
      party,
      is_shown: shown_in !== null,
    })),
    readouts: crisis.readouts,
    end: crisis.adopted.length > 0 ? "adopted" : ended,
  };
}
