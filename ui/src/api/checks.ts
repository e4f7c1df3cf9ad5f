/** Requests to one's own node about line checks and a line's standing. */
import * as frames from "./check-frames";
import type { CheckLine, LineCheck, StandingWords } from "./check-types";
import { ask, say } from "./node";
import { use } from "./passkey";

/** When each line is checked, what is due now, and what came of the last checks. */
export async function readChecks(): Promise<readonly CheckLine[]> {
  return (await ask("/api/checks", frames.checkLines)).lines;
}

/** Sends a check: the one that is due, or one outside the schedule, which may be an exercise. */
export async function sendCheck(
  party: string,
  due: string | null,
  is_exercise = false,
): Promise<void> {
  await say("POST", `/api/lines/${party}/checks`, { due, is_exercise });
}

/** Types the code of the other party's check back. */
export async function typeCode(hash: string, code: string): Promise<void> {
  await say("POST", `/api/checks/${hash}/type`, { code });
}

/** Confirms what came back. */
export async function confirmCheck(hash: string): Promise<void> {
  await say("POST", `/api/checks/${hash}/confirm`, {});
}

/** Says "not now". */
export async function declineCheck(party: string, check: LineCheck): Promise<void> {
  await say("POST", `/api/lines/${party}/checks/${check.name}/decline`, {});
}

/** Says that this desk shows a check; nothing sounds for one. */
export async function presentCheck(hash: string): Promise<void> {
  await say("POST", `/api/checks/${hash}/presented`, { desk: "line checks", has_sound: false });
}

/** Takes note of two missed checks in a row. */
export async function seeNotices(party: string): Promise<void> {
  await say("POST", `/api/lines/${party}/checks/notices/seen`, {});
}

/** Suspends, resumes or ends a line, or concurs, with a passkey over the very entry. */
export async function writeStanding(party: string, words: StandingWords): Promise<void> {
  const path = `/api/lines/${party}/standing`;
  await say("POST", `${path}/${words.step}`, await use(path, words));
}
