/** Requests to one's own node about watches, escalation and by what one is called. */
import * as frames from "./duty-frames";
import type {
  Direction,
  Duty,
  DutyCard,
  DutyNotice,
  DutyReach,
  PlanAnswer,
  PlanDocument,
  PlannedStep,
  Precedence,
  TriedEnd,
} from "./duty-types";
import { ask, say, tell } from "./node";

/** Every roster over some days from an instant on. */
export async function readDuty(since: string, days: number): Promise<Duty> {
  const query = new URLSearchParams({ since, days: String(days) });
  return ask(`/api/duty?${query}`, frames.duty);
}

/** Who is on watch now and what escalates next. */
export async function readDutyCard(): Promise<DutyCard> {
  return ask("/api/duty/card", frames.dutyCard);
}

/** Puts somebody else, or nobody, on a roster for a while. */
export async function makeOverride(wanted: {
  readonly roster: string;
  readonly person: string | null;
  readonly starts_at: string;
  readonly ends_at: string;
}): Promise<void> {
  await say("POST", "/api/duty/overrides", wanted);
}

/** Takes an override back. */
export async function endOverride(id: string): Promise<void> {
  await say("DELETE", `/api/duty/overrides/${id}`, {});
}

/** Who was told of what, the newest first. */
export async function readNotices(): Promise<readonly DutyNotice[]> {
  return (await ask("/api/escalation/notices", frames.dutyNotices)).notices;
}

/** Tries a notice anew that was given up. */
export async function tryNoticeAgain(id: string): Promise<void> {
  await say("POST", `/api/escalation/notices/${id}/again`, {});
}

/** The plan that counts, and its versions. */
export async function readPlan(): Promise<PlanAnswer> {
  return ask("/api/escalation/plan", frames.plan);
}

/** Proposes a version of the plan. */
export async function proposePlan(plan: PlanDocument, words: string): Promise<void> {
  await say("POST", "/api/escalation/plan", { plan, words });
}

/** Puts a proposal in force, or rejects it. */
export async function decidePlan(number: number, verb: "confirm" | "reject"): Promise<void> {
  await say("POST", `/api/escalation/plan/${number}/${verb}`, {});
}

/** What would happen if an alert came at an instant, and to whom. */
export async function dryRun(wanted: {
  readonly direction: Direction;
  readonly precedence: Precedence;
  readonly at: string;
  readonly is_exercise?: boolean;
  readonly plan?: PlanDocument;
}): Promise<readonly PlannedStep[]> {
  return (await tell("POST", "/api/escalation/dry-run", wanted, frames.dryRun)).steps;
}

/** The rosters of a plan that is not in force, over some days from an instant on. */
export async function previewPlan(plan: PlanDocument, since: string, days: number): Promise<Duty> {
  return tell("POST", "/api/escalation/preview", { plan, since, days }, frames.duty);
}

/** Calls a target now, to see whether it can be. */
export async function tryTarget(target: string): Promise<readonly TriedEnd[]> {
  return (await tell("POST", "/api/escalation/try", { target }, frames.tried)).ends;
}

/** By what the person who asks is called. */
export async function readReach(): Promise<DutyReach> {
  return ask("/api/duty/reach", frames.reach);
}

/** Lets this browser be called. */
export async function addDutyDevice(wanted: {
  readonly name: string;
  readonly endpoint: string;
  readonly public: string;
  readonly secret: string;
}): Promise<void> {
  await say("POST", "/api/duty/devices", wanted);
}

/** Calls a browser no more. */
export async function removeDutyDevice(id: string): Promise<void> {
  await say("DELETE", `/api/duty/devices/${id}`, {});
}

/** Says where one gets mail, null for nowhere. */
export async function setMail(address: string | null): Promise<void> {
  await say("PUT", "/api/duty/mail", { address });
}
