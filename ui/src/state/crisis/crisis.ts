/** What the pages of a crisis show, worked out from what the node says. */
import type {
  Assessment,
  AssessmentState,
  Crisis,
  CrisisSide,
  CrisisText,
  Fact,
  Paragraph,
  Statement,
} from "../../api/crisis-types";
import type { PartyId } from "../../api/types";

/** The three columns of a crisis. */
export interface Columns {
  /** What one party says and nobody contradicts: claims, requests and offers. */
  readonly said: readonly Statement[];
  /** Facts: agreed ones, and those that wait for a signature. */
  readonly facts: readonly Fact[];
  /** Claims that contradict each other, each with those against it. */
  readonly disputed: readonly (readonly Statement[])[];
}

/** Sorts what was said into the columns; what contradicts stands with what it contradicts. */
export function columnsOf(crisis: Crisis): Columns {
  const byHash = new Map(crisis.statements.map((each) => [each.hash, each]));
  const heads = crisis.statements.filter(
    (each) => each.disputed_by.length > 0 && each.state !== "agreed",
  );
  const disputed = heads.map((head) =>
    [head].concat(head.disputed_by.flatMap((hash) => byHash.get(hash) ?? [])),
  );
  const shown = new Set(disputed.flat().map(({ hash }) => hash));
  return {
    said: crisis.statements.filter(({ hash }) => !shown.has(hash)),
    facts: crisis.facts,
    disputed,
  };
}

/** Our side and theirs. */
export function sidesOf(crisis: { readonly sides: readonly CrisisSide[] }): {
  readonly ours: CrisisSide | undefined;
  readonly theirs: CrisisSide | undefined;
} {
  return { ours: crisis.sides[0], theirs: crisis.sides[1] };
}

/** A text in the reader's language if there is one, else the first. */
export function textIn(texts: readonly CrisisText[], language: string): CrisisText | undefined {
  const base = language.split("-")[0];
  return texts.find((each) => each.language.split("-")[0] === base) ?? texts[0];
}

/** The stages that an assessment passes, in order. */
export const STAGES: readonly AssessmentState[] = [
  "timeline",
  "accounts_sealed",
  "revealed",
  "joint_draft",
  "adopted",
];

/** At which stage an assessment is; one account alone takes the place of both. */
export function stageOf(state: AssessmentState): number {
  if (state === "published") return STAGES.indexOf("revealed");
  return state === "ended_without_joint_text" ? STAGES.length - 1 : STAGES.indexOf(state);
}

/** What our party can do in an assessment now. */
export interface Possible {
  readonly mayWriteAccount: boolean;
  readonly maySeal: boolean;
  /** Publish what we sealed alone, or take it back. */
  readonly mayDecide: boolean;
  readonly mayWriteSheet: boolean;
  readonly mayAdopt: boolean;
  readonly mayEnd: boolean;
}

/** Works out what our party can do; the node decides all the same. */
export function possible(assessment: Assessment, own: PartyId, may: readonly string[]): Possible {
  const { state } = assessment;
  const ours = assessment.accounts.find(({ party }) => party === own);
  const isOver = state === "adopted" || state === "ended_without_joint_text";
  const isFirst = state === "timeline";
  const adopted = assessment.adoptions.find(({ party }) => party === own);
  const isAlone = isFirst && ours !== undefined && assessment.is_after_deadline;
  return {
    mayWriteAccount: isFirst && ours === undefined && may.includes("assessment.write"),
    maySeal: isFirst && ours === undefined && may.includes("assessment.seal"),
    mayDecide: isAlone && may.includes("assessment.seal"),
    mayWriteSheet:
      (state === "revealed" || state === "published" || state === "joint_draft") &&
      may.includes("assessment.write"),
    mayAdopt:
      state === "joint_draft" &&
      assessment.sheet_hash !== null &&
      adopted?.is_current !== true &&
      may.includes("assessment.adopt"),
    mayEnd: !isOver && may.includes("assessment.adopt"),
  };
}

/** Whether our party has its own version of a paragraph, or both have the same. */
export function isOursToo(paragraph: Paragraph, own: PartyId): boolean {
  return paragraph.versions.some(({ party }) => party === null || party === own);
}
