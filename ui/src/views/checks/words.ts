import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Accepted, LineStanding, Proved, Silence } from "../../api/check-types";

export const SILENCE_WORDS: Readonly<Record<Silence, MessageDescriptor>> = {
  path: msg`Path`,
  node: msg`Node`,
  path_or_node: msg`Path or node`,
  unstaffed: msg`Unstaffed`,
  no_answer: msg`No answer`,
  declined: msg`Declined`,
  suspended: msg`Suspended`,
};

export const PROVED_WORDS: Readonly<Record<Proved, MessageDescriptor>> = {
  nothing: msg`nothing`,
  edge: msg`the site answers`,
  node: msg`the node is heard`,
  receipt: msg`the node has the check`,
  desk: msg`a desk shows the check`,
  person: msg`a person acted`,
};

export const LINE_STANDING_WORDS: Readonly<Record<LineStanding, MessageDescriptor>> = {
  in_use: msg`In use`,
  suspending: msg`Suspension waits for a second person`,
  suspended: msg`Suspended`,
  resuming: msg`Resumption waits for a second person`,
  ending: msg`The end waits for a second person`,
  ended: msg`Ended`,
};

export const ACCEPTED_WORDS: Readonly<Record<Accepted, MessageDescriptor>> = {
  none: msg`No alerts are accepted`,
  flash: msg`Only flash alerts are accepted`,
  all: msg`Alerts are accepted`,
};

export const PROFILE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  off: msg`No checks by schedule`,
  civil: msg`Twice a day`,
  watch: msg`Every hour`,
};
