/** Words for what the node says of watches and escalation in one word each. */
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";

import type { Direction, NoticeState, Precedence } from "../../api/duty-types";
import type { Tone } from "../../components/chip";

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
