/** Alerts as a watch reads them: what rings, what is to be done here, what is waited for. */
import type { Alert, Precedence } from "../../api/alert-types";
import { PRECEDENCES } from "../../api/alert-types";
import type { Self } from "../../api/types";

/** What ended an alert before its time, and what time ended. */
const NOT_RINGING: ReadonlySet<string> = new Set(["superseded", "withdrawn"]);

/** Where a duty officer may say "still deciding", or that it is not our matter. */
const WATCH_MAY_ANSWER: ReadonlySet<string> = new Set(["acknowledged", "held"]);

/** Acts of the page on an alert; each is offered to whom the node would let do it. */
export type AlertAct =
  | "acknowledge"
  | "translate"
  | "paraphrase"
  | "judge"
  | "hold"
  | "answer"
  | "close"
  | "withdraw"
  | "supersede";

/** Whether an alert rings a desk: it is theirs, stands, and nobody of us has acknowledged it. */
export function rings(alert: Alert): boolean {
  return (
    !alert.is_ours &&
    alert.saying.duty === "our_acknowledgement" &&
    !NOT_RINGING.has(alert.standing)
  );
}

/** Alerts that ring, the most urgent first and of those the oldest. */
export function ringing(alerts: readonly Alert[]): readonly Alert[] {
  return alerts
    .filter(rings)
    .toSorted(
      (one, other) =>
        rankOf(one.precedence) - rankOf(other.precedence) ||
        one.started_at.localeCompare(other.started_at),
    );
}

/**
 * Whether what rings is heard at this person's desk: of those who may acknowledge, whoever is on
 * duty; where nobody is, everybody, because silence would be worse.
 */
export function isRungHere(
  self: Pick<Self, "may" | "offices"> | null,
  isAnybodyOnDuty: boolean,
): boolean {
  if (self === null || !self.may.includes("alert.acknowledge")) return false;
  return !isAnybodyOnDuty || self.offices.some((office) => office.is_on_duty);
}

/** Urgency as a number, the most urgent first. */
export function rankOf(precedence: Precedence): number {
  return PRECEDENCES.indexOf(precedence);
}

/** Whose turn it is. */
export type Turn = "ours" | "theirs" | "nobody";

/** Whose turn it is with an alert. */
export function turnOf(alert: Alert): Turn {
  const { duty } = alert.saying;
  if (duty === "nobody") return "nobody";
  return duty.startsWith("our_") ? "ours" : "theirs";
}

/** Open alerts in the two heaps of a watch: ours to do, and theirs; by what is due first. */
export function heaps(alerts: readonly Alert[]): {
  readonly ours: readonly Alert[];
  readonly theirs: readonly Alert[];
} {
  const sorted = alerts.toSorted(
    (one, other) =>
      nextDue(one).localeCompare(nextDue(other)) || one.started_at.localeCompare(other.started_at),
  );
  return {
    ours: sorted.filter((each) => turnOf(each) === "ours"),
    theirs: sorted.filter((each) => turnOf(each) !== "ours"),
  };
}

/** When the next thing of an alert is due; what is due never sorts last. */
function nextDue(alert: Alert): string {
  const sorted = alert.due.map((each) => each.due_at).toSorted();
  return sorted[0] ?? "9999";
}

/**
 * How long is left of a limit, or by how much it is over, in whole seconds that have passed. Never
 * rounded up: the page's clock is up to a second old, and a limit would begin with more than it gives.
 */
export function leftOf(due_at: string, node_now_ms: number): TimeLeft {
  const left_ms = Date.parse(due_at) - node_now_ms;
  return { isOver: left_ms <= 0, seconds: Math.floor(Math.abs(left_ms) / 1_000) };
}

/** What a countdown shows. */
export interface TimeLeft {
  readonly isOver: boolean;
  readonly seconds: number;
}

/** "07:31", "1:07:31". */
export function countdown(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  const rest = `${pad(Math.floor((seconds % 3_600) / 60))}:${pad(seconds % 60)}`;
  return hours === 0 ? rest : `${hours}:${rest}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** What the person may do about an alert now, in the order in which it is offered. */
export function actsOn(alert: Alert, may: readonly string[]): readonly AlertAct[] {
  const isGone = NOT_RINGING.has(alert.standing);
  const isClosed = alert.state === "closed";
  const isRead = alert.acknowledgements.length > 0;
  const isAnswered = alert.answers.some((each) => each.kind !== "hold");
  const isOver = isGone || alert.standing === "expired";
  const acts: AlertAct[] = [];
  const offer = (act: AlertAct, needs: string, isOpen: boolean) => {
    if (isOpen && may.includes(needs)) acts.push(act);
  };
  offer("acknowledge", "alert.acknowledge", !alert.is_ours && !isRead && !isClosed);
  offer("answer", "alert.answer", !alert.is_ours && isRead && !isClosed);
  offer("hold", "alert.hold", !alert.is_ours && WATCH_MAY_ANSWER.has(alert.state));
  offer("translate", "alert.translate", true);
  const isAsked = alert.paraphrase_state === "waiting";
  const isUnderstood = isAsked || alert.paraphrase_state === "confirmed";
  offer("paraphrase", "alert.paraphrase", !alert.is_ours && isRead && !isUnderstood);
  offer("judge", "alert.judge", alert.is_ours && isAsked);
  offer("supersede", "alert.draft", alert.is_ours && !isGone && !isClosed);
  offer("withdraw", "alert.release", alert.is_ours && alert.standing !== "withdrawn" && !isClosed);
  offer("close", "alert.close", !isClosed && (isAnswered || isOver) && mayClose(alert));
  return acts;
}

/** A flash is closed by both, anything else by its author; each once. */
function mayClose(alert: Alert): boolean {
  const isFlash = alert.written === "flash";
  // Whose closing it is: of the two parties, the one that is not at the other end.
  const isClosedByUs = alert.closings.some(({ party }) => party !== alert.party_id);
  return !isClosedByUs && (alert.is_ours || isFlash);
}

/** A hash in groups that two people can read to each other. */
export function spelled(hash: string): string {
  return hash.match(/.{1,8}/gu)?.join(" ") ?? hash;
}

/** The text that the reader of a language reads first: in that language if there is one. */
export function textFor(alert: Pick<Alert, "texts">, language: string) {
  const short = language.split("-")[0] ?? language;
  return (
    alert.texts.find((each) => each.language === language) ??
    alert.texts.find((each) => each.language.split("-")[0] === short) ??
    alert.texts[0]
  );
}
