/** Requests to one's own node about crises. What binds is signed with a passkey in between. */
import * as frames from "./crisis-frames";
import type {
  Assessment,
  Crisis,
  CrisisMeasures,
  CrisisSummary,
  CrisisText,
  DrillFigures,
  Quote,
  Section,
  StatementKind,
  TimelineEntry,
} from "./crisis-types";
import { ask, askBlob, say, tell } from "./node";
import { use } from "./passkey";
import type { SpaceId } from "./record-types";

const ROOT = "/api/crises";

/** Crises, the last one something was said in first. */
export async function readCrises(): Promise<readonly CrisisSummary[]> {
  return (await ask(ROOT, frames.crises)).crises;
}
/** One crisis. */
export async function readCrisis(hash: string): Promise<Crisis> {
  return ask(`${ROOT}/${hash}`, frames.crisis);
}
/** What the record has of a crisis. */
export async function readTimeline(hash: string): Promise<readonly TimelineEntry[]> {
  return (await ask(`${ROOT}/${hash}/timeline`, frames.timeline)).entries;
}
/** What is measured of a crisis. */
export async function readMeasures(hash: string): Promise<CrisisMeasures> {
  return ask(`${ROOT}/${hash}/measures`, frames.measures);
}
/** How long alerts of exercises took, at both ends alike. */
export async function readExercises(): Promise<DrillFigures> {
  return ask("/api/exercises", frames.exercises);
}

/** Under which title our side opens a crisis. */
export interface OpeningWords {
  readonly space?: SpaceId;
  readonly crisis?: string;
  readonly title: readonly CrisisText[];
  readonly grade: string | null;
  readonly start: string;
  readonly is_exercise?: boolean;
}
/** Opens our side, with a passkey; returns the crisis. */
export async function openCrisis(words: OpeningWords): Promise<Crisis> {
  const path = `${ROOT}/open`;
  return tell("POST", path, await use(path, words), frames.crisis);
}
/** Closes our side, with a passkey. */
export async function closeCrisis(hash: string, words: string | null): Promise<void> {
  await sign(`${ROOT}/${hash}/close`, { words });
}
/** Claims, asks or offers something. */
export async function sayStatement(
  hash: string,
  words: {
    readonly kind: StatementKind;
    readonly texts: readonly CrisisText[];
    readonly disputes: string | null;
    readonly is_quotable: boolean;
  },
): Promise<void> {
  await say("POST", `${ROOT}/${hash}/statements`, words);
}
/** Takes a request or an offer up, or declines it. */
export async function replyTo(
  hash: string,
  statement: string,
  kind: "taken_up" | "declined",
): Promise<void> {
  await say("POST", `${ROOT}/${hash}/statements/${statement}/reply`, { kind });
}
/** Takes back what we said. */
export async function takeBack(hash: string, statement: string): Promise<void> {
  await say("POST", `${ROOT}/${hash}/statements/${statement}/take-back`, {});
}
/** Signs a fact, with a passkey: words of ours, or the very ones that they signed. */
export async function signFact(
  hash: string,
  fact:
    | { readonly same_as: string }
    | {
        readonly texts: readonly CrisisText[];
        readonly claim: string | null;
        readonly is_quotable: boolean;
      },
): Promise<void> {
  await sign(`${ROOT}/${hash}/facts`, fact);
}

/** The assessment after a crisis. */
export async function readAssessment(hash: string): Promise<Assessment> {
  return ask(where(hash), frames.assessment);
}
/** Our account as it is being written. */
export async function readAccount(hash: string): Promise<readonly CrisisText[]> {
  return (await ask(`${where(hash)}/account`, frames.accountDraft)).texts;
}
/** Keeps our account; it leaves the node with nobody. */
export async function keepAccount(hash: string, texts: readonly CrisisText[]): Promise<void> {
  await say("PUT", `${where(hash)}/account`, { texts });
}
/** What is signed in an assessment: path below it, and what is said with it. */
export type AssessmentAct = "seal" | "publish" | "take-back" | "adopt" | "end";
/** Seals, publishes, takes back, adopts or ends, with a passkey. */
export async function bind(hash: string, act: AssessmentAct): Promise<void> {
  await sign(`${where(hash)}/${act}`, {});
}
/** Says our version of a paragraph; without texts it is to be struck. */
export async function writeParagraph(
  hash: string,
  words: {
    readonly key: string | null;
    readonly section: Section;
    readonly order: number;
    readonly texts: readonly CrisisText[];
    readonly owner: string | null;
    readonly due: string | null;
  },
): Promise<void> {
  await say("POST", `${where(hash)}/paragraphs`, words);
}
/** What a readout has word for word from the record. */
export async function checkReadout(
  hash: string,
  texts: readonly CrisisText[],
): Promise<readonly Quote[]> {
  const path = `${where(hash)}/readout/check`;
  return (await tell("POST", path, { texts }, frames.quotes)).quotes;
}
/** Signs our readout, with a passkey. */
export async function readOut(
  hash: string,
  texts: readonly CrisisText[],
  publicFrom: string,
): Promise<void> {
  await sign(`${where(hash)}/readout`, { texts, public_from: publicFrom });
}

/** Our readout as it is given to the public; the node refuses until it may be. */
export async function readReadoutText(
  hash: string,
  readout: string,
  language: string,
): Promise<Blob> {
  const path = `${where(hash)}/readouts/${readout}/text?language=${encodeURIComponent(language)}`;
  return askBlob(path, AbortSignal.timeout(20_000));
}

function where(hash: string): string {
  return `${ROOT}/${hash}/assessment`;
}

async function sign(path: string, words: object): Promise<void> {
  await say("POST", path, await use(path, words));
}
