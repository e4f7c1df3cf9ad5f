/** Keeps what is typed into the plan in this window, until it is proposed or the plan has changed. */
import { placeOfDraft } from "../../../state/drawer";
import type { PlanDraft } from "../../../state/duty/plan";

const PLACE = placeOfDraft("plan");

interface Kept {
  /** The version that it began from. */
  readonly number: number;
  readonly draft: PlanDraft;
}

/** Keeps a draft. A browser that keeps nothing loses what is typed when the page is left. */
export function keepDraft(number: number, draft: PlanDraft): void {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ number, draft } satisfies Kept));
  } catch {
    // Nothing else is to be done: the page goes on.
  }
}

/** What was kept, if it began from this version. */
export function keptDraft(number: number): PlanDraft | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Kept | null;
    return kept !== null && kept.number === number ? kept.draft : null;
  } catch {
    return null;
  }
}

/** Forgets it. */
export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(PLACE);
  } catch {
    // It keeps nothing.
  }
}
