/** What waits for our side: of a crisis, item by item; of an assessment, the next step. */
import type { Assessment, Crisis, CrisisText } from "../../api/crisis-types";
import type { PartyId } from "../../api/types";

/** What somebody of our party can do about an item. */
export type Wanted = "sign" | "reply" | "look";

/** One thing that they said and we have not answered. */
export interface WaitingItem {
  readonly hash: string;
  readonly wanted: Wanted;
  readonly texts: readonly CrisisText[];
}

/** What they said and we have said nothing to: facts first, then requests and offers, then claims. */
export function waitingOf(crisis: Crisis, own: PartyId): readonly WaitingItem[] {
  const facts = crisis.facts
    .filter(({ state, signed }) => state === "proposed" && signed.every(([by]) => by !== own))
    .map(({ hash, texts }) => ({ hash, wanted: "sign" as const, texts }));
  const theirs = crisis.statements.filter(
    ({ party, state }) => party !== own && state === "standing",
  );
  const asked = theirs
    .filter(({ kind }) => kind !== "claim")
    .map(({ hash, texts }) => ({ hash, wanted: "reply" as const, texts }));
  const claimed = theirs
    // What contradicts a claim of ours is answered by standing beside it.
    .filter(({ kind, disputes }) => kind === "claim" && disputes === null)
    .map(({ hash, texts }) => ({ hash, wanted: "look" as const, texts }));
  return [...facts, ...asked, ...claimed];
}

/** What comes next in an assessment, seen from our side. */
export type NextStep =
  | "seal"
  | "they_seal"
  | "decide"
  | "nodes_show"
  | "they_show"
  | "write"
  | "brackets"
  | "adopt"
  | "they_adopt"
  | "read_out"
  | "they_read_out"
  | "over";

/** Works out the next step; each is somebody's, and none is ever forced. */
export function nextStep(assessment: Assessment, own: PartyId): NextStep {
  const ours = assessment.accounts.find(({ party }) => party === own);
  const isAwaited = assessment.accounts.some(
    ({ party, is_awaited }) => party !== own && is_awaited,
  );
  switch (assessment.state) {
    case "timeline":
      if (ours === undefined) return "seal";
      return assessment.is_after_deadline ? "decide" : "they_seal";
    case "accounts_sealed":
      return isAwaited && ours?.shown !== null ? "they_show" : "nodes_show";
    case "revealed":
    case "published":
      return "write";
    case "joint_draft":
      return nextOfSheet(assessment, own);
    case "adopted":
    case "ended_without_joint_text":
      return nextOfReadouts(assessment, own);
  }
}

function nextOfSheet(assessment: Assessment, own: PartyId): NextStep {
  if (assessment.sheet_hash === null) return "brackets";
  const ours = assessment.adoptions.find(({ party }) => party === own);
  return ours?.is_current === true ? "they_adopt" : "adopt";
}

function nextOfReadouts({ readouts }: Assessment, own: PartyId): NextStep {
  if (readouts.every(({ party }) => party !== own)) return "read_out";
  return readouts.every(({ party }) => party === own) ? "they_read_out" : "over";
}
