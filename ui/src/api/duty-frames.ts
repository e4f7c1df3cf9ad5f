/** Readers of everything the node says of watches and escalation. */
import * as read from "./decode";
import * as wire from "./duty-types";

const shift = read.shape<wire.Shift>({
  starts_at: read.text,
  ends_at: read.text,
  person: read.orNull(read.text),
  name: read.orNull(read.text),
  source: read.text,
});

const member = read.shape<wire.Member>({ id: read.text, name: read.text });

const roster = read.shape<wire.Roster>({
  key: read.text,
  name: read.text,
  zone: read.text,
  office: read.text,
  office_name: read.text,
  current: shift,
  next: read.orNull(shift),
  on_duty: read.orNull(read.text),
  on_duty_id: read.orNull(read.text),
  is_as_planned: read.flag,
  members: read.list(member),
  shifts: read.list(shift),
});

const escalation = read.shape<wire.Escalation>({
  matter: read.text,
  direction: read.oneOf(wire.DIRECTIONS),
  precedence: read.oneOf(wire.PRECEDENCES),
  number: read.number,
  is_exercise: read.flag,
  state: read.text,
  started_at: read.text,
  steps_taken: read.number,
  next_at: read.orNull(read.text),
  next_targets: read.list(read.text),
  until: read.orNull(read.text),
});

/** Reads the answer of `GET /api/duty`. */
export const duty = read.shape<wire.Duty>({
  now: read.text,
  starts_at: read.text,
  ends_at: read.text,
  plan: read.number,
  rosters: read.list(roster),
  overrides: read.list(
    read.shape<wire.Override>({
      id: read.text,
      roster: read.text,
      person: read.orNull(read.text),
      name: read.orNull(read.text),
      starts_at: read.text,
      ends_at: read.text,
    }),
  ),
  failed_notices: read.number,
});

/** Reads the answer of `GET /api/duty/card`. */
export const dutyCard = read.shape<wire.DutyCard>({
  rosters: read.list(roster),
  escalations: read.list(escalation),
  gaps: read.list(shift),
  failed_notices: read.number,
});

/** Reads the answer of `GET /api/escalation/notices`. */
export const dutyNotices = read.shape<{ notices: readonly wire.DutyNotice[] }>({
  notices: read.list(
    read.shape<wire.DutyNotice>({
      id: read.text,
      cause: read.text,
      end: read.text,
      target: read.text,
      why: read.text,
      name: read.orNull(read.text),
      words: read.text,
      state: read.oneOf(wire.NOTICE_STATES),
      tries: read.number,
      made_at: read.text,
      next_at: read.orNull(read.text),
      sent_at: read.orNull(read.text),
      failure: read.orNull(read.text),
      matter: read.orNull(read.text),
      number: read.orNull(read.number),
    }),
  ),
});

const rotationText = read.shape<wire.RotationText>({
  name: read.text,
  people: read.list(read.text),
  starts: read.text,
  length: read.number,
  unit: read.oneOf(wire.SHIFT_UNITS),
  hours: read.list(
    read.shape<wire.HoursText>({ days: read.list(read.number), start: read.text, end: read.text }),
  ),
});

const planDocument = read.shape<wire.PlanDocument>({
  rosters: read.list(
    read.shape<wire.RosterText>({
      key: read.text,
      name: read.text,
      zone: read.text,
      office: read.text,
      rotations: read.list(rotationText),
    }),
  ),
  policies: read.list(
    read.shape<wire.PolicyText>({
      direction: read.oneOf(wire.DIRECTIONS),
      precedence: read.oneOf(wire.PRECEDENCES),
      steps: read.list(
        read.shape<wire.PolicyStepText>({
          delay_s: read.number,
          targets: read.list(read.text),
          until: read.oneOf(wire.UNTIL_STATES),
          acks: read.number,
        }),
      ),
      repeats: read.number,
      repeat_s: read.number,
      calls_in_exercises: read.flag,
    }),
  ),
});

/** Reads the answer of `GET /api/escalation/plan`. */
export const plan = read.shape<wire.PlanAnswer>({
  number: read.number,
  plan: planDocument,
  versions: read.list(
    read.shape<wire.PlanVersion>({
      number: read.number,
      state: read.text,
      based_on: read.number,
      words: read.text,
      proposed_by: read.text,
      proposed_as: read.list(read.text),
      proposed_at: read.text,
      decided_by: read.orNull(read.text),
      decided_at: read.orNull(read.text),
      plan: planDocument,
    }),
  ),
  targets: read.shape({
    boxes: read.list(read.text),
    webhooks: read.list(read.text),
    sirens: read.list(read.text),
    devices: read.list(
      read.shape<wire.DeviceRef>({ id: read.text, name: read.text, person: read.text }),
    ),
    can_push: read.flag,
    can_mail: read.flag,
  }),
  people: read.list(member),
  offices: read.list(member),
});

/** Reads the answer of `POST /api/escalation/dry-run`. */
export const dryRun = read.shape<{ steps: readonly wire.PlannedStep[] }>({
  steps: read.list(
    read.shape<wire.PlannedStep>({
      number: read.number,
      at: read.text,
      until: read.text,
      acks: read.number,
      targets: read.list(read.text),
      ends: read.list(
        read.shape<wire.PlannedEnd>({
          end: read.text,
          target: read.text,
          name: read.orNull(read.text),
          why: read.text,
        }),
      ),
    }),
  ),
});

/** Reads the answer of `POST /api/escalation/try`. */
export const tried = read.shape<{ ends: readonly wire.TriedEnd[] }>({
  ends: read.list(read.shape<wire.TriedEnd>({ end: read.text, failure: read.orNull(read.text) })),
});

/** Reads the answer of `GET /api/duty/reach`. */
export const reach = read.shape<wire.DutyReach>({
  devices: read.list(
    read.shape<wire.DutyDevice>({
      id: read.text,
      name: read.text,
      service: read.text,
      added_at: read.text,
      reached_at: read.orNull(read.text),
    }),
  ),
  mail: read.orNull(read.text),
  can_mail: read.flag,
  push_key: read.orNull(read.text),
});
