/** Requests to one's own node about notifications and call requests. */
import { ask, askBlob, say, tell } from "./node";
import * as frames from "./paper-frames";
import type {
  CallAnswer,
  CallAsked,
  CallRequest,
  JsonMap,
  Notification,
  NotificationDraft,
  NotificationType,
  NumberFault,
  Reminder,
  StarterType,
} from "./paper-types";
import { signed, use } from "./passkey";
import type { SpaceId } from "./record-types";

const ALL = 200;

/** The types that were proposed for a line, and who agreed to them. */
export async function readTypes(space: SpaceId): Promise<readonly NotificationType[]> {
  const { types } = await ask(`/api/notification-types?space=${space}`, frames.types);
  return types.map((type) => Object.assign({}, type, { space }));
}
/** The types to begin with. */
export async function readStarterTypes(): Promise<readonly StarterType[]> {
  return (await ask("/api/notification-types/starter", frames.starters)).types;
}
/** Proposes a type: one of the starter set, or a definition. */
export async function proposeType(
  space: SpaceId,
  what: { readonly starter: string } | { readonly definition: JsonMap },
): Promise<void> {
  await say("POST", "/api/notification-types", { space, ...what });
}
/** Agrees to a type for our party, with a passkey over the very entry. */
export async function agreeToType(space: SpaceId, hash: string): Promise<void> {
  const path = `/api/notification-types/${space}/${hash}/agree`;
  await say("POST", path, await use(path));
}

/** What is being written here. */
export async function readDrafts(): Promise<readonly NotificationDraft[]> {
  return (await ask("/api/notifications/drafts", frames.drafts)).drafts;
}
/** Begins a draft. */
export async function beginDraft(draft: {
  readonly space: SpaceId;
  readonly type_hash: string;
  readonly form: JsonMap;
  readonly corrects?: string;
  readonly is_exercise?: boolean;
}): Promise<NotificationDraft> {
  return tell("POST", "/api/notifications/drafts", draft, frames.draft);
}
/** Gives a draft other words. */
export async function changeDraft(id: string, form: JsonMap): Promise<NotificationDraft> {
  return tell("PATCH", draftPath(id), { form }, frames.draft);
}
/** Holds a draft against its type. */
export async function checkDraft(id: string): Promise<NotificationDraft> {
  return tell("POST", `${draftPath(id)}/check`, {}, frames.draft);
}
/** Vouches for what somebody else drafted. */
export async function verifyDraft(id: string): Promise<NotificationDraft> {
  return tell("POST", `${draftPath(id)}/verify`, {}, frames.draft);
}
/** Throws a draft away. */
export async function discardDraft(id: string): Promise<void> {
  await say("POST", `${draftPath(id)}/discard`, {});
}
/** Sends a verified draft under its number, with a passkey. */
export async function sendDraft(id: string): Promise<Notification> {
  return signed(`${draftPath(id)}/send`, {}, frames.notification);
}

/** The newest notifications of every line. */
export async function readNotifications(): Promise<readonly Notification[]> {
  return (await ask(`/api/notifications?limit=${ALL}`, frames.notifications)).notifications;
}
/** One notification as both sides hold it. */
export async function readNotification(hash: string): Promise<Notification> {
  return ask(`/api/notifications/${hash}`, frames.notification);
}
/** Numbers that are missing or come twice. */
export async function readNumberFaults(): Promise<readonly NumberFault[]> {
  return (await ask("/api/notifications/numbers", frames.numbers)).faults;
}
/** Periodic notifications that we were reminded of. */
export async function readReminders(): Promise<readonly Reminder[]> {
  return (await ask("/api/notifications/reminders", frames.reminders)).reminders;
}
/** Asks about the other party's notification. */
export async function askAbout(hash: string, words: string): Promise<void> {
  await say("POST", `/api/notifications/${hash}/queries`, { words });
}
/** Answers what the other party asked about ours, with a passkey. */
export async function clarify(hash: string, query: string, words: string): Promise<Notification> {
  const path = `/api/notifications/${hash}/queries/${query}/clarification`;
  return signed(path, { words }, frames.notification);
}
/** Says that a notification of ours does not stand any more or has run its course, signed. */
export async function endNotification(
  hash: string,
  how: "cancel" | "close",
  words: string,
): Promise<Notification> {
  return signed(`/api/notifications/${hash}/${how}`, { words }, frames.notification);
}
/** A notification as a file: PDF/A for people, CAP for programs. */
export async function readPaper(
  hash: string,
  kind: "paper" | "cap",
  language: string,
): Promise<Blob> {
  // The node sets a paper within 30 seconds or says why not.
  const path = `/api/notifications/${hash}/${kind}?language=${encodeURIComponent(language)}`;
  return askBlob(path, AbortSignal.timeout(40_000));
}

/** The newest call requests of every line. */
export async function readCalls(): Promise<readonly CallRequest[]> {
  return (await ask(`/api/call-requests?limit=${ALL}`, frames.calls)).calls;
}
/** One call request as both sides hold it. */
export async function readCall(hash: string): Promise<CallRequest> {
  return ask(callPath(hash), frames.call);
}
/** Asks for a call between officials, with a passkey. */
export async function askForCall(asked: CallAsked): Promise<CallRequest> {
  return signed("/api/call-requests", asked, frames.call);
}
/** Answers a request or the last offer about it, with a passkey. */
export async function answerCall(hash: string, answer: CallAnswer): Promise<CallRequest> {
  return signed(`${callPath(hash)}/answers`, answer, frames.call);
}
/** Gives a request up, with a passkey. */
export async function withdrawCall(hash: string, words: string | null): Promise<CallRequest> {
  return signed(`${callPath(hash)}/withdraw`, { words }, frames.call);
}
/** Lets our device commit to its key. */
export async function commitToKey(hash: string, commitment: string): Promise<CallRequest> {
  return tell("POST", `${callPath(hash)}/commitment`, { commitment }, frames.call);
}
/** Shows our device's key, in base64. */
export async function showKey(
  hash: string,
  shown: { readonly public_key: string; readonly nonce: string },
): Promise<CallRequest> {
  return tell("POST", `${callPath(hash)}/key`, shown, frames.call);
}
/** Says that our official speaks, and which code was read aloud; none for a call in writing. */
export async function startCall(hash: string, code: string | null): Promise<CallRequest> {
  return tell("POST", `${callPath(hash)}/start`, { code }, frames.call);
}
/** Says that what was heard is not the code. */
export async function reportMismatch(hash: string, heard: string | null): Promise<CallRequest> {
  return tell("POST", `${callPath(hash)}/mismatch`, { heard }, frames.call);
}
/** Says that the call is over. */
export async function endCall(hash: string, words: string | null): Promise<CallRequest> {
  return tell("POST", `${callPath(hash)}/end`, { words }, frames.call);
}

function draftPath(id: string): string {
  return `/api/notifications/drafts/${encodeURIComponent(id)}`;
}

function callPath(hash: string): string {
  return `/api/call-requests/${encodeURIComponent(hash)}`;
}
