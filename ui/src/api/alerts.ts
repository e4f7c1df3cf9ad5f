/** Requests to one's own node about alerts. What binds is signed with a passkey in between. */
import * as frames from "./alert-frames";
import type { Alert, AlertDraft, AlertText, AnswerWords, DraftWords } from "./alert-types";
import { ask, say, tell } from "./node";
import { use } from "./passkey";

const DRAFTS = "/api/alerts/drafts";
/** Enough for the last day of a busy line. */
const LATELY = 30;

/** Alerts with something left to do, the newest first. */
export async function readOpenAlerts(): Promise<readonly Alert[]> {
  return (await ask("/api/alerts?open=true&limit=200", frames.alerts)).alerts;
}

/** The last alerts, whatever became of them. */
export async function readLateAlerts(): Promise<readonly Alert[]> {
  return (await ask(`/api/alerts?limit=${LATELY}`, frames.alerts)).alerts;
}

/** One alert. */
export async function readAlert(hash: string): Promise<Alert> {
  return ask(`/api/alerts/${hash}`, frames.alert);
}

/** What is being written. */
export async function readDrafts(): Promise<readonly AlertDraft[]> {
  return (await ask(DRAFTS, frames.drafts)).drafts;
}

/** Keeps a new draft, or an older one's new words; it is to be verified anew. */
export async function keepDraft(id: string | null, words: DraftWords): Promise<AlertDraft> {
  return id === null
    ? tell("POST", DRAFTS, words, frames.draft)
    : tell("PATCH", `${DRAFTS}/${id}`, words, frames.draft);
}

/** Throws a draft away. */
export async function discardDraft(id: string): Promise<void> {
  await say("DELETE", `${DRAFTS}/${id}`, {});
}

/** Vouches for a draft that somebody else wrote. */
export async function verifyDraft(id: string): Promise<void> {
  await say("POST", `${DRAFTS}/${id}/verify`, {});
}

/** Releases a draft to one party, with a passkey over the very entry. */
export async function releaseDraft(id: string, party: string): Promise<void> {
  await sign(`${DRAFTS}/${id}/release/${party}`, {});
}

/** Says that an alert was read, in a language, with a passkey. */
export async function acknowledge(hash: string, language: string): Promise<void> {
  await sign(`/api/alerts/${hash}/acknowledge`, {
    language,
    offset_minutes: -new Date().getTimezoneOffset(),
  });
}

/** Answers for the party, with a passkey. */
export async function giveAnswer(hash: string, words: AnswerWords): Promise<void> {
  await sign(`/api/alerts/${hash}/answer`, words);
}

/** Answers that we are still deciding, or that it is not our matter. */
export async function hold(hash: string, words: AnswerWords): Promise<void> {
  await say("POST", `/api/alerts/${hash}/hold`, words);
}

/** Takes an alert of ours back, with a passkey. */
export async function withdraw(hash: string, words: string | null): Promise<void> {
  await sign(`/api/alerts/${hash}/withdraw`, { words });
}

/** Says that nothing more is to be done about an alert. */
export async function close(hash: string, words: string | null): Promise<void> {
  await say("POST", `/api/alerts/${hash}/close`, { words });
}

/** Puts an alert into another language, and says that it was understood. */
export async function translate(
  hash: string,
  language: string,
  text: string | null,
): Promise<void> {
  await say("POST", `/api/alerts/${hash}/translations`, { language, text });
}

/** Says in one's own words how an alert was understood, with a passkey. */
export async function paraphrase(hash: string, language: string, text: string): Promise<void> {
  await sign(`/api/alerts/${hash}/paraphrases`, { language, text });
}

/** Confirms a paraphrase, or says what was meant, with a passkey. */
export async function judge(
  hash: string,
  paraphrased: string,
  correction: AlertText | null,
): Promise<void> {
  await sign(`/api/alerts/${hash}/paraphrases/${paraphrased}/word`, { correction });
}

/** Says that this desk shows an alert, and whether it can be heard. */
export async function present(hash: string, desk: string, has_sound: boolean): Promise<void> {
  await say("POST", `/api/alerts/${hash}/presented`, { desk, has_sound });
}

async function sign(path: string, words: object): Promise<void> {
  await say("POST", path, await use(path, words));
}
