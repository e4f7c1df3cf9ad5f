/** Words of notifications: states, findings, breaches. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Tone } from "../../components/chip";

/** Where a notification stands. */
export const STATE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  draft: msg`Draft`,
  checked: msg`Checked`,
  verified: msg`Verified`,
  sent: msg`Sent, not known to have arrived`,
  provided: msg`Provided`,
  effective: msg`In effect`,
  closed: msg`Closed`,
  corrected: msg`Corrected by another`,
  cancelled: msg`Cancelled`,
};

export const STATE_TONES: Readonly<Record<string, Tone>> = {
  draft: "coming",
  checked: "noted",
  verified: "noted",
  sent: "fair",
  provided: "good",
  effective: "good",
  closed: "over",
  corrected: "over",
  cancelled: "poor",
};

/** Where a question about a notification stands. */
export const QUERY_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  queried: msg`Waits for an answer`,
  overdue: msg`Answer overdue`,
  clarified: msg`Answered`,
};

/** What is wrong with a field; `wanted` says what would do. */
export const REASON_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  missing: msg`This is needed.`,
  unknown: msg`The agreed form has no such field.`,
  wrong_type: msg`This is of another kind than the agreed form has here.`,
  no_choice: msg`Choose one of those that were agreed.`,
  too_short: msg`This is too short, or too few.`,
  too_long: msg`This is too long, or too many.`,
  too_small: msg`This is below what was agreed.`,
  too_large: msg`This is above what was agreed.`,
  wrong_unit: msg`This is not the unit that was agreed.`,
  no_instant: msg`This is no date and time that exists.`,
  no_date: msg`This is no date that exists.`,
  ends_first: msg`It ends before it begins.`,
  swapped: msg`Latitude and longitude seem to be exchanged.`,
  turning_text: msg`It holds a character that turns others round.`,
  hidden_text: msg`It holds a character that is not shown.`,
  mixed_text: msg`A word mixes letters of two scripts that look alike.`,
  decomposed_text: msg`Some letters are written in parts; type them again.`,
  late: msg`Received now, it would be late by the rule.`,
  double: msg`The same was notified already, under another number.`,
  invalid: msg`This does not hold against the agreed form.`,
};

/** What an entry does that it may not. */
export const BREACH_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  malformed: msg`An entry about it cannot be read.`,
  not_theirs: msg`A party did what is the other's to do.`,
  out_of_order: msg`Something was said that does not follow.`,
  second_receipt: msg`It was received again, at another instant.`,
  receipt_too_early: msg`The receipt is older than the notification.`,
  nobody: msg`A person should have said this, and nobody did.`,
  unsigned: msg`No passkey of a person signed what binds their party.`,
  one_person: msg`The same person drafted and verified it.`,
  wrong_year: msg`It is numbered in another year.`,
  type_not_agreed: msg`Both parties have not agreed to its type.`,
  form_unreadable: msg`Its form cannot be read.`,
  wrong_code: msg`Another code was read than the devices give.`,
  commitment_broken: msg`A device showed another key than it had committed to.`,
  held_too_often: msg`It was held more often than agreed.`,
  wrong_office: msg`Somebody spoke in an office that may not say this.`,
};
