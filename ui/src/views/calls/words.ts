/** Words of call requests. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Tone } from "../../components/chip";

/** Where a call request stands. */
export const CALL_STATE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  asked: msg`Asked`,
  held: msg`Still being decided`,
  time_offered: msg`Another time offered`,
  level_named: msg`Another level named`,
  accepted: msg`Accepted`,
  declined: msg`Declined`,
  withdrawn: msg`Given up`,
  started: msg`They speak`,
  ended: msg`Over`,
};

export const CALL_STATE_TONES: Readonly<Record<string, Tone>> = {
  asked: "fair",
  held: "fair",
  time_offered: "fair",
  level_named: "fair",
  accepted: "good",
  declined: "over",
  withdrawn: "over",
  started: "good",
  ended: "over",
};

export const MODE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  voice: msg`By voice`,
  video: msg`By video`,
  text: msg`In writing`,
};

export const INTERPRETER_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  nobody: msg`Nobody interprets`,
  asker: msg`Who asks brings an interpreter`,
  asked: msg`Who is asked brings an interpreter`,
  both: msg`Both bring an interpreter`,
};

export const CALL_ANSWER_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  accept: msg`Accept`,
  other_time: msg`Offer another time`,
  other_level: msg`Name another level`,
  decline: msg`Decline`,
  deciding: msg`Still deciding`,
};
