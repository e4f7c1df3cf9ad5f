/** Requests to one's own node: the only machine this page ever speaks to. */
import { FrameError, ProblemError, SilenceError } from "../errors";
import * as frames from "./frames";
import type { Reader } from "./decode";
import type { PartyId, Refusal, RoomId, Self } from "./types";

/** Long enough for a busy node, short enough that a person is told soon that it is silent. */
const ANSWER_WITHIN_MS = 8_000;

/** Who is signed in; throws `ProblemError` 401 when nobody is. */
export async function readSelf(): Promise<Self> {
  return ask("/api/self", frames.self);
}

/** What was set aside, counted by reason. */
export async function readRefusals(): Promise<readonly Refusal[]> {
  return (await ask("/api/refusals", frames.refusals)).refusals;
}

/** Opens a room for our party and the parties named, in the order given. */
export async function openRoom(title: string, parties: readonly PartyId[]): Promise<void> {
  await say("POST", "/api/rooms", { title, parties });
}

/** Closes a room for everybody in it. */
export async function closeRoom(room: RoomId): Promise<void> {
  await say("POST", `/api/rooms/${encodeURIComponent(room)}/close`, {});
}

/** Remembers how the person likes the page with the node, for every browser they use. */
export async function keepTaste(taste: {
  readonly language?: string;
  readonly appearance?: string;
}): Promise<void> {
  await say("PATCH", "/api/self", taste);
}

/** Ends the sign-in of this browser. */
export async function signOut(): Promise<void> {
  await say("POST", "/api/sign-out", {});
}

/** Measures one question and answer with the node, in milliseconds. */
export async function measureRoundTrip(): Promise<number> {
  const from = performance.now();
  await send("/healthz", { method: "GET" });
  return performance.now() - from;
}

/** Address of a WebSocket of this node. */
export function socketAddress(path: string): string {
  const { protocol, host } = window.location;
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}${path}`;
}

/** Asks the node, and reads its answer. */
export async function ask<T>(path: string, reader: Reader<T>): Promise<T> {
  const answer = await send(path, { method: "GET", headers: { accept: "application/json" } });
  return reader(await body(answer), "");
}

/** Asks the node for a text. */
export async function askText(path: string): Promise<string> {
  const answer = await send(path, { method: "GET" });
  return answer.text();
}

/** Asks the node for a file, however long it takes. */
export async function askBlob(path: string, signal: AbortSignal): Promise<Blob> {
  const answer = await send(path, { method: "GET", signal });
  return answer.blob();
}

/** Asks the node to do something. */
export async function say(method: string, path: string, words: unknown): Promise<void> {
  await request(method, path, words);
}

/** Asks the node to do something, and reads what came of it. */
export async function tell<T>(
  method: string,
  path: string,
  words: unknown,
  reader: Reader<T>,
): Promise<T> {
  return reader(await body(await request(method, path, words)), "");
}

async function request(method: string, path: string, words: unknown): Promise<Response> {
  return send(path, {
    method,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(words),
  });
}

async function send(path: string, asked: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...asked,
      cache: "no-store",
      credentials: "same-origin",
    });
  } catch {
    throw new SilenceError();
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

async function refusal(answer: Response): Promise<ProblemError> {
  try {
    const { code, params } = frames.problem(await body(answer), "");
    return new ProblemError(answer.status, code ?? "web.fault", params ?? {});
  } catch {
    return new ProblemError(answer.status, "web.fault", {});
  }
}

async function body(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    throw new FrameError("", "JSON");
  }
}
