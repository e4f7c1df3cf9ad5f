/** Files of the record: given to one's own node, and got from it. */
import { ProblemError, SilenceError } from "../errors";
import * as frames from "./frames";
import { say } from "./node";
import { use } from "./passkey";
import { entry } from "./record-frames";
import type { Entry, SpaceId } from "./record-types";

/**
 * Attaches a file to a record; the node seals it as it comes.
 *
 * `fetch` does not tell how much of a body has gone, so this asks the older way.
 */
export async function attachFile(
  space: SpaceId,
  file: File,
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<Entry> {
  const query = new URLSearchParams({
    space,
    name: file.name,
    ...(file.type === "" ? {} : { type: file.type }),
  });
  const { status, text } = await send(`/api/record/attachments?${query}`, file, onShare, signal);
  if (status >= 400) throw refusal(status, text);
  return entry(JSON.parse(text), "");
}

/** Erases what an entry seals and everything its case sealed besides, by a passkey over the word. */
export async function eraseFile(hash: string): Promise<void> {
  const path = `${fileAddress(hash)}/erase`;
  await say("POST", path, await use(path));
}

/** Where a file is downloaded from, by its entry's hash. */
export function fileAddress(hash: string): string {
  return `/api/record/attachments/${encodeURIComponent(hash)}`;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(
  path: string,
  file: File,
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", path);
    asked.setRequestHeader("content-type", "application/octet-stream");
    asked.upload.addEventListener("progress", (event) => onShare(event.loaded / file.size));
    asked.addEventListener("load", () =>
      resolve({ status: asked.status, text: asked.responseText }),
    );
    asked.addEventListener("error", () => reject(new SilenceError()));
    asked.addEventListener("abort", () => reject(signal.reason as Error));
    signal.addEventListener("abort", () => asked.abort());
    asked.send(file);
  });
}

function refusal(status: number, text: string): ProblemError {
  try {
    const { code, params } = frames.problem(JSON.parse(text), "");
    return new ProblemError(status, code ?? "web.fault", params ?? {});
  } catch {
    return new ProblemError(status, "web.fault", {});
  }
}
