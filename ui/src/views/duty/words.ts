/** Words for what the node says of watches and escalation in one word each. */
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";

import type { Direction, NoticeState, Precedence, ShiftUnit, Until } from "../../api/duty-types";
import type { Tone } from "../../components/chip";
import type { TimeUnit } from "../../state/duty/plan";
import type { PlanFault } from "../../state/duty/plan-faults";

type Words<T extends string> = Readonly<Record<T, MessageDescriptor>>;

export const DIRECTION_WORDS: Words<Direction> = {
  inbound: msg`They wrote, and we owe`,
  outbound: msg`We wrote, and they owe`,
};

export const PRECEDENCE_NAMES: Words<Precedence> = {
  flash: msg`Flash`,
  immediate: msg`Immediate`,
  priority: msg`Priority`,
  routine: msg`Routine`,
};

export const NOTICE_WORDS: Words<NoticeState> = {
  waiting: msg`Waits for its next try`,
  trying: msg`Being tried`,
  sent: msg`Taken over`,
  joined: msg`Told with a later step`,
  dropped: msg`Not needed any more`,
  failed: msg`Given up`,
};

export const NOTICE_TONES: Readonly<Record<NoticeState, Tone>> = {
  waiting: "fair",
  trying: "noted",
  sent: "good",
  joined: "noted",
  dropped: "unknown",
  failed: "cut",
};

/** Ends by the word before the colon. */
export const END_WORDS: Words<string> = {
  desk: msg`Desk`,
  push: msg`Device`,
  mail: msg`Mail`,
  box: msg`Mail box`,
  webhook: msg`Webhook`,
  siren: msg`Siren`,
};

export const UNTIL_WORDS: Words<string> = {
  delivered: msg`until delivered`,
  presented: msg`until shown`,
  acknowledged: msg`until acknowledged`,
  answered: msg`until answered`,
};

export const WHY_WORDS: Words<string> = {
  empty_shift: msg`nobody stands this watch`,
  nobody: msg`nobody holds this role`,
  unknown: msg`the settings know no such name`,
  unreachable: msg`this device is not called any more`,
};

export const PLAN_WORDS: Words<string> = {
  proposed: msg`Proposed`,
  in_force: msg`In force`,
  rejected: msg`Rejected`,
  replaced: msg`Replaced`,
};

/** Targets by the word before the colon. */
export const TARGET_WORDS: Words<string> = {
  roster: msg`Who is on watch`,
  desk: msg`Every desk that is open`,
  role: msg`Everybody of a role`,
  person: msg`Person`,
  device: msg`Device`,
  mail: msg`Mail box`,
  webhook: msg`Webhook`,
  siren: msg`Siren`,
};

/** What a step waits for, as it is chosen. */
export const UNTIL_CHOICES: Words<Until> = {
  delivered: msg`It is on the other party's disk`,
  presented: msg`A desk shows it`,
  acknowledged: msg`It is acknowledged`,
  answered: msg`It is answered`,
};

export const TIME_UNIT_WORDS: Words<TimeUnit> = {
  s: msg`seconds`,
  min: msg`minutes`,
  h: msg`hours`,
};

export const SHIFT_UNIT_WORDS: Words<ShiftUnit> = {
  hours: msg`hours`,
  days: msg`days`,
  weeks: msg`weeks`,
};

/** Why a field of the plan will not do. */
export const PLAN_FAULT_WORDS: Words<PlanFault> = {
  no_delay: msg`Write a time: at most 7 days, in whole seconds; between two rounds at least 10 seconds.`,
  no_target: msg`Name somebody: a step that calls nobody helps nobody.`,
  too_many_targets: msg`At most 12 of them in one step.`,
  unknown_target: msg`One of them is not there any more. Take it off.`,
  no_number: msg`This number will not do.`,
  no_name: msg`Write a name of at most 80 characters.`,
  taken: msg`This name is taken.`,
  no_zone: msg`This is no time zone; Asia/Tashkent is one.`,
  no_office: msg`Choose the office that stands this watch.`,
  no_people: msg`Name at least one person.`,
  no_start: msg`Say when the first of them begins.`,
  no_days: msg`Choose at least one day.`,
  no_hour: msg`Write both times as 08:00; 24:00 is midnight.`,
};
