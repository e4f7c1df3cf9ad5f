/** Watches as a node tells them: a week of two officers with a gap in it, and one who was not told. */
import type { DutyNotice, PlanAnswer, Roster, Shift } from "../src/api/duty-types";
import type { FakeNode } from "./fake-node";

const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-11-02T12:00:00Z");
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
  shifts: Array.from({ length: 14 }, (_, index) => shift(index, index !== 5)),
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

const PLAN: PlanAnswer = {
  number: 3,
  plan: { rosters: [{ key: "desk", office: OFFICE.id, zone: "Asia/Tashkent" }], policies: [] },
  versions: [
    {
      number: 4,
      state: "proposed",
      based_on: 3,
      words: "Two officers by night.",
      proposed_by: "p2",
      proposed_as: ["engineer"],
      proposed_at: at(-3),
      decided_by: null,
      decided_at: null,
      plan: { rosters: [], policies: [] },
    },
  ],
  targets: {
    boxes: ["duty@ministry.example"],
    webhooks: ["pager"],
    sirens: ["hall"],
    can_push: true,
    can_mail: true,
  },
  people: PEOPLE,
  offices: [OFFICE],
};

/** Lets a node tell of a roster, its plan and what could not be told. */
export function withDuty(node: FakeNode): void {
  node.behaviour.self = Object.assign({}, node.behaviour.self, {
    may: [...node.behaviour.self.may, ...MAY],
  });
  const override = { id: "x1", roster: "desk", person: "p1", name: PEOPLE[0]?.name ?? null };
  node.behaviour.answers = {
    ...node.behaviour.answers,
    "/api/duty": {
      now: at(0),
      starts_at: at(0),
      ends_at: at(168),
      plan: 3,
      rosters: [ROSTER],
      overrides: [{ ...override, starts_at: at(24), ends_at: at(36) }],
      failed_notices: 1,
    },
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
