/** The verifier in a Worker: a large record is checked while the page goes on answering. */
import type { VerifierAnswer, VerifierRequest } from "./contract";
import { MalformedEntry, UnreadableExport } from "./malformed";
import { checkProof } from "./proof";
import { verify } from "./verify";

/** Often enough to be seen moving; more only keeps the page busy. */
const PROGRESS_EVERY_MS = 100;

const say = (words: VerifierAnswer) => {
  // To the page that started it: a Worker has no other.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  globalThis.postMessage(words);
};

globalThis.addEventListener("message", (event: MessageEvent<VerifierRequest>) => {
  void answer(event.data).then(say);
});

async function answer(asked: VerifierRequest): Promise<VerifierAnswer> {
  try {
    if (asked.type === "proof") {
      const proof = await checkProof(asked.proof, asked.hash, asked.policy);
      return { type: "proved", proof };
    }
    return { type: "account", account: await check(asked.file, asked.trusted) };
  } catch (error) {
    const is_known = error instanceof MalformedEntry || error instanceof UnreadableExport;
    return { type: "unreadable", reason: is_known ? error.message : String(error) };
  }
}

async function check(file: Blob, trusted: readonly string[]) {
  let told_at = 0;
  return verify(
    {
      size: file.size,
      bytes: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
    },
    {
      trusted: new Set(trusted),
      onProgress(done, total) {
        if (Date.now() - told_at < PROGRESS_EVERY_MS) return;
        told_at = Date.now();
        say({ type: "progress", done, total });
      },
    },
  );
}
