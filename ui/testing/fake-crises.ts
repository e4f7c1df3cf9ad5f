/** A crisis as a node tells it: a disputed claim, a request, an agreed fact, and its assessment. */
import type {
  AlertFigures,
  Assessment,
  Crisis,
  CrisisMeasures,
  DrillFigures,
  Spread,
  Statement,
} from "../src/api/crisis-types";
import type { FakeNode } from "./fake-node";
import { SPACE } from "./fake-record";
import { OURS, THEIRS } from "./scenes";

const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-11-01T12:00:00Z");
export const CRISIS = "c4".repeat(32);
const MAY = [
  "crisis.read",
  "crisis.open",
  "crisis.say",
  "crisis.agree",
  "assessment.write",
  "assessment.seal",
  "assessment.adopt",
  "assessment.read_out",
];
const said = (text: string, language = "en") => [{ language, text }];

const CLAIM: Statement = {
  hash: "d1".repeat(32),
  party: THEIRS.id,
  kind: "claim",
  texts: said("两辆卡车于九点越过了边界。", "zh-Hans"),
  at: at(-3),
  came_at: at(-2.9),
  state: "disputed",
  disputes: null,
  disputed_by: ["d2".repeat(32)],
  reply_words: null,
  is_quotable: true,
};

const SEEN: Crisis = {
  hash: CRISIS,
  space: SPACE,
  number: "2026/1",
  opener: THEIRS.id,
  parties: [
    { id: OURS.id, name: OURS.name, is_ours: true },
    { id: THEIRS.id, name: THEIRS.name, is_ours: false },
  ],
  sides: [
    {
      party: OURS.id,
      state: "open",
      title: said("Closed crossing at the northern bridge"),
      grade: "grave",
      start: at(-4),
      opened_at: at(-3.5),
      closed_at: null,
      words: null,
    },
    {
      party: THEIRS.id,
      state: "open",
      title: said("北桥口岸关闭", "zh-Hans"),
      grade: null,
      start: at(-5),
      opened_at: at(-4),
      closed_at: null,
      words: null,
    },
  ],
  is_open: true,
  is_exercise: false,
  last_at: at(-1),
  state: "joint_draft",
  statements: [
    CLAIM,
    {
      ...CLAIM,
      hash: "d2".repeat(32),
      party: OURS.id,
      texts: said("One truck turned back before the bridge."),
      state: "standing",
      disputes: CLAIM.hash,
      disputed_by: [],
    },
    {
      ...CLAIM,
      hash: "d3".repeat(32),
      kind: "request",
      texts: said("请于十二点前开放口岸。", "zh-Hans"),
      state: "standing",
      disputed_by: [],
    },
  ],
  facts: [
    {
      hash: "f1".repeat(32),
      texts: said("The crossing was closed at 09:40."),
      state: "agreed",
      claim: null,
      signed: [
        [OURS.id, "f1".repeat(32), at(-2)],
        [THEIRS.id, "f2".repeat(32), at(-1.5)],
      ],
      is_quotable: true,
    },
  ],
  linked: [],
  breaches: [],
  quiet_since: null,
  room: null,
  check_minutes: 15,
};

const version = (party: string | null, text: string) =>
  ({
    party,
    texts: said(text),
    owner: null,
    due: null,
  }) as Assessment["sheet"][number]["versions"][number];

const ASSESSED: Assessment = {
  crisis: CRISIS,
  state: "joint_draft",
  begun: at(-1),
  deadline: at(300),
  is_after_deadline: false,
  timelines: [
    { party: OURS.id, digest: "11".repeat(32), count: 8, at: at(-1) },
    { party: THEIRS.id, digest: "12".repeat(32), count: 9, at: at(-1) },
  ],
  are_timelines_equal: false,
  differences: [{ head: "13".repeat(32), party: THEIRS.id }],
  accounts: [
    {
      party: OURS.id,
      seal: "21".repeat(32),
      sealed_at: at(-0.9),
      shown: said("We closed the crossing after the second report."),
      shown_at: at(-0.5),
      is_awaited: false,
    },
    {
      party: THEIRS.id,
      seal: "22".repeat(32),
      sealed_at: at(-0.8),
      shown: null,
      shown_at: null,
      is_awaited: true,
    },
  ],
  sheet: [
    {
      key: "k1",
      section: "fact",
      order: 1,
      is_bracketed: false,
      versions: [version(null, "The crossing was closed at 09:40.")],
    },
    {
      key: "k2",
      section: "disputed",
      order: 2,
      is_bracketed: true,
      versions: [version(OURS.id, "One truck turned back."), version(THEIRS.id, "Two crossed.")],
    },
  ],
  sheet_hash: "31".repeat(32),
  adoptions: [],
  ended_by: null,
  readouts: [],
  readout_hours: 24,
  breaches: [],
};

const spread = (median_ms: number | null, longest_ms: number | null): Spread => ({
  count: median_ms === null ? 0 : 3,
  median_ms,
  longest_ms,
});
const FIGURES: AlertFigures = {
  party: THEIRS.id,
  alerts: 3,
  deliver: spread(251, 403),
  present: spread(340, 5_200),
  acknowledge: spread(47_000, 71_000),
  answer: spread(null, null),
};
const MEASURES: CrisisMeasures = {
  begun_at: at(-4),
  ended_at: null,
  alerts: [{ ...FIGURES, party: OURS.id }, FIGURES],
  checks: [
    { party: OURS.id, kept: 7, missed: 0, causes: {} },
    { party: THEIRS.id, kept: 5, missed: 2, causes: { path: 1, unstaffed: 1 } },
  ],
  notifications: [
    { party: OURS.id, sent: 1, late: 0, latest_ms: null },
    { party: THEIRS.id, sent: 2, late: 1, latest_ms: 11_520_000 },
  ],
  escalation: { started: 3, steps: 2, latest_ms: 120, told: 1 },
  paths: [
    { path: null, seen_ms: 14_400_000, up_ms: 14_400_000, breaks: 0 },
    { path: "fibre", seen_ms: 14_400_000, up_ms: 14_155_200, breaks: 2 },
  ],
};
const DRILLS: DrillFigures = { times: [{ hash: "41" }, { hash: "42" }], figures: MEASURES.alerts };

/** Before either account is sealed. */
export const FIRST: Assessment = {
  ...ASSESSED,
  state: "timeline",
  are_timelines_equal: true,
  differences: [],
  accounts: [],
  sheet: [],
  sheet_hash: null,
};
/** Over without a joint text, with both readouts. */
export const OVER: Assessment = {
  ...ASSESSED,
  state: "ended_without_joint_text",
  ended_by: THEIRS.id,
  readouts: [OURS.id, THEIRS.id].map((party, number) => ({
    hash: `5${number}`.repeat(32),
    party,
    texts: said("The matter is closed. The crossing is open again."),
    public_from: at(number + 26),
    at: at(0),
    state: number === 0 ? ("waiting" as const) : ("announced" as const),
    held_at: number === 0 ? at(0) : null,
    free_at: number === 0 ? at(26) : null,
    is_short: number === 1,
  })),
};
/** A crisis of an exercise that only they have opened, with what waits for our side. */
export const ASKED: Crisis = {
  ...SEEN,
  is_exercise: true,
  state: null,
  check_minutes: null,
  sides: SEEN.sides.map((side, number) =>
    number > 0
      ? side
      : Object.assign({}, side, { state: "not_open", title: [], grade: null, start: null }),
  ),
  facts: SEEN.facts.map((fact) =>
    Object.assign({}, fact, { state: "proposed", signed: [[THEIRS.id, fact.hash, at(-1.5)]] }),
  ),
};

const QUOTE = {
  hash: "f1".repeat(32),
  party: OURS.id,
  kind: "fact",
  language: "en",
  place: 0,
  words: "The crossing",
  may_be_quoted: true,
};

/** Lets a node tell of one open crisis and its assessment. */
export function withCrises(
  node: FakeNode,
  crisis: Crisis = SEEN,
  assessment: Assessment = ASSESSED,
): void {
  node.behaviour.self = Object.assign({}, node.behaviour.self, {
    may: [...node.behaviour.self.may, ...MAY],
  });
  const place = `/api/crises/${CRISIS}`;
  const entry = {
    hash: CLAIM.hash,
    party: THEIRS.id,
    kind: "crisis_statement",
    at: at(-3),
    is_linked: false,
    office: null,
  };
  node.behaviour.answers = {
    ...node.behaviour.answers,
    "/api/crises": { crises: [crisis] },
    "/api/exercises": DRILLS,
    [place]: crisis,
    [`${place}/timeline`]: { entries: [{ ...entry, came_at: at(-2.9) }] },
    [`${place}/measures`]: MEASURES,
    [`${place}/assessment`]: assessment,
    [`${place}/assessment/account`]: { texts: [], changed_at: null },
    [`POST ${place}/assessment/readout/check`]: { quotes: [QUOTE] },
  };
}

function at(hours: number): string {
  return new Date(NOON + hours * HOUR_MS).toISOString();
}
