/** The verifier in a Worker of its own, started when it is first asked and ended with its answer. */
import { VerificationError } from "../errors";
import type { RecordVerifier, VerifierAnswer, VerifierRequest } from "../record/contract";

/** A verifier that starts one Worker for each question. */
export const recordVerifier: RecordVerifier = {
  async checkExport(file, trusted, onProgress, signal) {
    const answer = await ask({ type: "export", file, trusted }, onProgress, signal);
    if (answer.type !== "account") throw new VerificationError(reasonOf(answer));
    return answer.account;
  },
  async checkProof(proof, hash, policy) {
    const answer = await ask({ type: "proof", proof, hash, policy });
    if (answer.type !== "proved") throw new VerificationError(reasonOf(answer));
    return answer.proof;
  },
};

async function ask(
  question: VerifierRequest,
  onProgress: (share: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<VerifierAnswer> {
  const worker = new Worker(new URL("../record/worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise<VerifierAnswer>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
      worker.addEventListener("error", () => reject(new VerificationError("it did not start")));
      worker.addEventListener("message", (event: MessageEvent<VerifierAnswer>) => {
        const answer = event.data;
        if (answer.type === "progress") onProgress(answer.done / Math.max(1, answer.total));
        else resolve(answer);
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage(question);
    });
  } finally {
    worker.terminate();
  }
}

function reasonOf(answer: VerifierAnswer): string {
  return answer.type === "unreadable" ? answer.reason : "an answer to another question";
}
