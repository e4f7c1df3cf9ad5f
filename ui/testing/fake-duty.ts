/** Watches as a node tells them: a week of two officers with a gap in it, and one who was not told. */
import type {
  DutyNotice,
  PlanAnswer,
  PlannedEnd,
  PlannedStep,
  PolicyStepText,
  PolicyText,
  Roster,
  RosterText,
  Shift,
  Until,
} from "../src/api/duty-types";
import type { FakeNode } from "./fake-node";

const HOUR_MS = 3_600_000;
/** The last noon: a week is looked at from the present on. */
const NOON = new Date().setUTCHours(12, 0, 0, 0) - 24 * HOUR_MS;
const MAY = ["duty.read", "duty.override", "duty.reach", "escalation.change", "escalation.try"];
const PEOPLE = [
  { id: "p1", name: "Dilnoza Karimova" },
  { id: "p2", name: "Ольга Сергеевна Иванова" },
];
const OFFICE = { id: "o1", name: "Duty desk of the ministry" };

const shift = (index: number, has_person = true): Shift => ({
  starts_at: at(index * 12),
  ends_at: at(index * 12 + 12),
  person: has_person ? (PEOPLE[index % 2]?.id ?? null) : null,
  name: has_person ? (PEOPLE[index % 2]?.name ?? null) : null,
  source: index === 2 ? "override" : "plan",
});

const ROSTER: Roster = {
  key: "desk",
  name: OFFICE.name,
  zone: "Asia/Tashkent",
  office: OFFICE.id,
  office_name: OFFICE.name,
  current: shift(0),
  next: shift(1),
  on_duty: PEOPLE[1]?.name ?? null,
  on_duty_id: "p2",
  is_as_planned: false,
  members: PEOPLE,
  shifts: Array.from({ length: 14 }, (_, index) => shift(index, index !== 3)),
};

const NOTICE: DutyNotice = {
  id: "n1",
  cause: "c1",
  end: "mail:p1",
  target: "person:p1",
  why: "step",
  name: "Dilnoza Karimova",
  words: "A FLASH alert waits.",
  state: "failed",
  tries: 6,
  made_at: at(-1),
  next_at: null,
  sent_at: null,
  failure: "550 no such box",
  matter: "ab".repeat(32),
  number: 2,
};

const WATCH: RosterText = {
  key: "desk",
  name: OFFICE.name,
  zone: "Asia/Tashkent",
  office: OFFICE.id,
  rotations: [
    {
      name: "Day and night",
      people: ["p1", "p2"],
      starts: "2026-11-02T08:00:00",
      length: 12,
      unit: "hours",
      hours: [],
    },
    {
      name: "Weekends",
      people: ["p2"],
      starts: "2026-11-07T00:00:00",
      length: 1,
      unit: "weeks",
      hours: [{ days: [6, 7], start: "09:00", end: "18:00" }],
    },
  ],
};

const step = (
  delay_s: number,
  targets: readonly string[],
  until: Until = "acknowledged",
): PolicyStepText => ({ delay_s, targets, until, acks: 1 });

const FLASH: PolicyText = {
  direction: "inbound",
  precedence: "flash",
  steps: [
    step(0, ["roster:desk"]),
    step(30, ["desk", "role:duty_officer"], "presented"),
    step(90, ["role:releaser", "siren:hall"]),
  ],
  repeats: 3,
  repeat_s: 120,
  calls_in_exercises: false,
};

const PLAN: PlanAnswer = {
  number: 3,
  plan: { rosters: [WATCH], policies: [FLASH] },
  versions: [
    {
      number: 4,
      state: "proposed",
      based_on: 3,
      words: "Two officers by night.",
      proposed_by: "Ольга Сергеевна Иванова",
      proposed_as: ["engineer"],
      proposed_at: at(-3),
      decided_by: null,
      decided_at: null,
      plan: { rosters: [WATCH], policies: [{ ...FLASH, repeats: 5 }] },
    },
  ],
  targets: {
    boxes: ["duty"],
    webhooks: ["pager"],
    sirens: ["hall"],
    devices: [{ id: "d1", name: "Phone", person: "Dilnoza Karimova" }],
    can_push: true,
    can_mail: true,
  },
  people: PEOPLE,
  offices: [OFFICE],
};

const OFFICER: PlannedEnd = {
  end: "desk:p1",
  target: "roster:desk",
  name: "Dilnoza Karimova",
  why: "named",
};
const PHONE: PlannedEnd = { ...OFFICER, end: "push:d1" };
const RELEASER: PlannedEnd = {
  end: "desk:p2",
  target: "role:releaser",
  name: "Ольга Сергеевна Иванова",
  why: "named",
};
const DESK: PlannedEnd = { end: "desk", target: "desk", name: null, why: "named" };
const SIREN: PlannedEnd = { end: "siren:hall", target: "siren:hall", name: null, why: "named" };

/** Two rounds of the flash's three steps; of the first a phone too, of the last the siren. */
function planned(words: Readonly<Record<string, unknown>>): { steps: readonly PlannedStep[] } {
  const began = Date.parse(String(words["at"]));
  const rounds = [0, 240];
  const each = (number: number, after_s: number, ends: readonly PlannedEnd[]): PlannedStep => ({
    number,
    at: new Date(began + after_s * 1_000).toISOString(),
    until: number % 3 === 1 ? "presented" : "acknowledged",
    acks: 1,
    targets: [...new Set(ends.map(({ target }) => target))],
    ends,
  });
  return {
    steps: rounds.flatMap((round, index) => [
      each(index * 3, round, [OFFICER, PHONE]),
      each(index * 3 + 1, round + 30, [DESK, OFFICER, PHONE]),
      each(index * 3 + 2, round + 120, [RELEASER, SIREN]),
    ]),
  };
}

/** Lets a node tell of a roster, its plan and what could not be told. */
export function withDuty(node: FakeNode): void {
  node.behaviour.self = Object.assign({}, node.behaviour.self, {
    may: [...node.behaviour.self.may, ...MAY],
  });
  const override = { id: "x1", roster: "desk", person: "p1", name: PEOPLE[0]?.name ?? null };
  const duty = {
    now: at(0),
    starts_at: at(0),
    ends_at: at(168),
    plan: 3,
    rosters: [ROSTER],
    overrides: [{ ...override, starts_at: at(24), ends_at: at(36) }],
    failed_notices: 1,
  };
  node.behaviour.answers = {
    ...node.behaviour.answers,
    "/api/duty": duty,
    "POST /api/escalation/preview": duty,
    "POST /api/escalation/dry-run": planned,
    "/api/duty/reach": {
      devices: [
        {
          id: "d1",
          name: "Phone",
          service: "push.example",
          added_at: at(-90),
          reached_at: at(-2),
        },
      ],
      mail: "dilnoza@ministry.example",
      can_mail: true,
      push_key: null,
    },
    "/api/escalation/notices": { notices: [NOTICE] },
    "/api/escalation/plan": PLAN,
  };
}

function at(hours: number): string {
  return new Date(NOON + hours * HOUR_MS).toISOString();
}
