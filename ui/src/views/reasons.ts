/** Why the node refused, where one refusal has several causes. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Params } from "../api/types";

/** By the code of the refusal and the cause that it names (protocol/errors.toml). */
export const REASON_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  "crisis.refused fact": msg`There is no such fact in this crisis.`,
  "crisis.refused sealed": msg`Our account is sealed: it cannot be changed any more.`,
  "crisis.refused seals_once": msg`Our account is sealed: it cannot be changed any more.`,
  "crisis.refused no_account": msg`There is no account of ours to seal or to publish.`,
  "crisis.refused has_sealed": msg`Nothing is sealed, or it is shown already.`,
  "crisis.refused after_deadline": msg`The deadline for accounts has not passed yet.`,
  "crisis.refused brackets": msg`A fact or a commitment stands in brackets, or nothing is written: the sheet cannot be adopted yet.`,
  "crisis.refused no_brackets": msg`A fact or a commitment stands in brackets, or nothing is written: the sheet cannot be adopted yet.`,
  "crisis.refused own_commitment": msg`A commitment's owner must be one of both parties.`,
  "crisis.refused readout": msg`There is no such readout, or not in this language.`,
  "crisis.refused notice": msg`The agreement gives the other party hours to read it before it is public. Choose a later date.`,
  "crisis.refused no_side_has_closed": msg`Neither side has closed the crisis yet: the assessment begins when one has.`,
  "crisis.refused impossible": msg`As it stands now this is not possible; somebody may have been faster.`,
  "crisis.refused by_author": msg`Only the party that said it may do this.`,
  "crisis.refused by_other": msg`Only the other party may do this: it is our own.`,
  "crisis.refused is_claim": msg`Only a claim can be disputed or agreed on.`,
  "crisis.refused is_asked": msg`Only a request or an offer can be answered.`,
  "crisis.refused same_mark": msg`Both sides of a crisis are an exercise, or neither is.`,
  "crisis.refused signed": msg`It must be signed with a passkey.`,
  "call_request.answer_refused window": msg`The time must lie ahead, and end after it begins.`,
  "call_request.answer_refused outside_window": msg`The time is not within what was asked for. Offer another time instead.`,
  "call_request.answer_refused until": msg`The time until which we decide must lie ahead.`,
  "call_request.answer_refused not_our_turn": msg`It is the other party's turn.`,
  "check.refused not_our_turn": msg`It is the other party's turn.`,
  "call_request.answer_refused incomplete": msg`This answer needs something more: a time, a level, or until when.`,
  "call_request.answer_refused held_too_often": msg`"Still deciding" was said twice already: give an answer now.`,
  "call_request.answer_refused over": msg`The call has begun, or the request is over.`,
  "call_request.answer_refused not_accepted": msg`The call is not agreed on yet.`,
  "call_request.answer_refused not_started": msg`The call has not begun, or is over.`,
  "call_request.answer_refused code": msg`That is not the code that the two devices give. Read it aloud again.`,
  "call_request.answer_refused mismatch": msg`That is not the code that the two devices give. Read it aloud again.`,
  "call_request.answer_refused no_code": msg`There is no code to compare yet.`,
  "call_request.answer_refused group": msg`A call is asked for between two parties.`,
  "check.refused not_due": msg`No line check is due now.`,
  "check.refused code": msg`That is not the code that was sent. Read it again, character by character.`,
  "check.refused too_late": msg`The time for this step is over; the check counts as missed.`,
  "line.standing_refused another": msg`Another person than the first must sign it.`,
  "plan.guard_refused another": msg`Another person than the first must sign it.`,
  "plan.guard_refused both_roles": msg`One of the two must be an engineer and the other a releaser.`,
  "plan.guard_refused unchanged": msg`Another version came in force meanwhile. Read it, and propose yours anew.`,
  "permission.refused role": msg`None of your roles allows this.`,
  "permission.refused self": msg`It is your own: somebody else must do this.`,
  "permission.refused own": msg`It is our own party's: only the other party may do this.`,
  "permission.refused foreign": msg`It is another party's: only they may do this.`,
  "permission.refused named": msg`It is for named people, and you are not one of them. Ask a releaser to name you or your office.`,
  "permission.refused machine": msg`Only a person may do this, signed in.`,
  "permission.refused operator": msg`Only a person may do this, signed in.`,
};

/** The sentence for a cause, undefined where nobody has words for it. */
export function reasonWords(code: string, params: Params): MessageDescriptor | undefined {
  const [kind, what] = String(params["reason"] ?? params["guard"] ?? "").split(": ");
  return REASON_WORDS[`${code} ${kind === "guard" ? what : kind}`];
}
