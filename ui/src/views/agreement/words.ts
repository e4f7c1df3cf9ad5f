/** Words for the terms of a line. */
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";

import type { TermFault } from "../../state/agreement/terms";

/** The terms besides the limits, in the order in which they are read. */
export const TERM_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  call_hours: msg`To answer a call request`,
  clarification_hours: msg`To clarify a notification`,
  checks: msg`Line checks by people`,
  civil_hours: msg`Checks of a day`,
  levels: msg`Levels`,
  languages: msg`Languages of texts`,
  types: msg`Types of notification`,
  suspended_alerts: msg`While a party has suspended the line`,
  account_days: msg`Days until a side that sealed its account alone may decide`,
  readout_hours: msg`Hours the other party has a readout before it is public`,
  code_minutes: msg`Minutes to type the code of a line check back`,
  shares_escalation: msg`The other is told which step of an escalation is reached`,
  mornings: msg`A routine alert is to be acknowledged by the next business morning`,
  shares_acknowledgements: msg`Recipients of an alert are told who of the others acknowledged it`,
};

/** Why a term will not do. */
export const TERM_FAULT_WORDS: Readonly<Record<TermFault, MessageDescriptor>> = {
  no_minutes: msg`Write minutes, at most 30 days of them.`,
  target_over_limit: msg`The aim cannot be later than the limit.`,
  no_hours: msg`Write whole hours: 1 to 720 to answer, 0 to 23 of the day.`,
  out_of_bounds: msg`Write a whole number: 1 to 365 days, 0 to 720 hours, 1 to 60 minutes.`,
  no_morning: msg`Choose a working day, a time and a zone that exist; write each holiday as 2027-03-21.`,
  same_parity: msg`One hour must be even and the other odd: each party begins one check.`,
};
