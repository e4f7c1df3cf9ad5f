/** Line checks as a node tells them: one that waits for us, and one miss of each cause. */
import type { CheckLine, LineCheck, PartyStanding } from "../src/api/check-types";
import { SILENCES } from "../src/api/check-types";
import type { FakeNode } from "./fake-node";

const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-11-01T12:00:00Z");
const MAY = ["check.read", "check.send", "check.answer", "line.suspend", "line.concur"];

const CHECK: LineCheck = {
  name: String(NOON),
  hash: "ab".repeat(32),
  is_scheduled: true,
  is_exercise: false,
  is_ours: false,
  due_at: at(0),
  state: "sent",
  turn: "us",
  may: ["type", "decline"],
  limit_at: at(0.2),
  passage: [
    { language: "ru", text: "Река медленно течёт мимо старой мельницы. У берега стоят две лодки." },
    { language: "zh-Hans", text: "河水缓缓流过老磨坊。岸边停着两条小船。" },
    { language: "prs", text: "دریا آهسته از کنار آسیاب کهنه می‌گذرد." },
  ],
  code: "AC349K",
  cause: null,
  silent: null,
  proved: null,
  proved_at: null,
  words: null,
  ended_at: null,
};

/** A check that was missed for each cause, and one that was kept. */
const PAST: readonly LineCheck[] = [
  ...SILENCES.map((cause, index): LineCheck => {
    const hours = -1 - index;
    return Object.assign({}, CHECK, {
      name: String(NOON + hours * HOUR_MS),
      due_at: at(hours),
      state: "missed",
      turn: "nobody",
      may: [],
      limit_at: null,
      cause,
      silent: "them",
      proved: "receipt",
      proved_at: at(hours),
    });
  }),
  { ...CHECK, name: "1", due_at: at(-9), state: "confirmed", turn: "nobody", may: [] },
];

const SCOPE = { alerts: "flash", has_checks: false } as const;
const STANDING: PartyStanding = {
  is_ours: true,
  standing: "in_use",
  from_at: null,
  reason: null,
  alerts: null,
  has_checks: null,
  waits_for_second: false,
  asked_by_me: false,
};

/** Lets a node tell of one line with a check that waits for us. */
export function withChecks(node: FakeNode): void {
  const [line] = node.behaviour.lines;
  if (line === undefined) return;
  const told: CheckLine = {
    space: "s",
    party: line.party.name,
    party_id: line.party.id,
    profile: "watch",
    next: [
      { due_at: at(1), is_ours: true },
      { due_at: at(2), is_ours: false },
    ],
    now: CHECK,
    history: [CHECK, ...PAST],
    site: { has_edge: true, edge_at: at(0), node_at: at(0) },
    standings: [
      STANDING,
      { ...STANDING, is_ours: false, standing: "suspended", from_at: at(-2), ...SCOPE },
    ],
    notices: [{ name: "2", made_at: at(-1) }],
  };
  node.behaviour.self = Object.assign({}, node.behaviour.self, {
    may: [...node.behaviour.self.may, ...MAY],
  });
  node.behaviour.answers = { ...node.behaviour.answers, "/api/checks": { lines: [told] } };
}

function at(hours: number): string {
  return new Date(NOON + hours * HOUR_MS).toISOString();
}
