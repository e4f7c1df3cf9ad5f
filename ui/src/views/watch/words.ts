/** Words for alerts: what is proved, what is due, what is wrong. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { AlertLevel, AnswerKind, Precedence } from "../../api/alert-types";
import type { Hearing } from "../../state/watch/bell";
import type { DraftLack } from "../../state/watch/draft";
import type { TextFault } from "../../state/watch/text";

type Words = Readonly<Record<string, MessageDescriptor>>;

export const PRECEDENCE_WORDS: Readonly<Record<Precedence, MessageDescriptor>> = {
  flash: msg`FLASH`,
  immediate: msg`IMMEDIATE`,
  priority: msg`PRIORITY`,
  routine: msg`ROUTINE`,
};

/** By when it is to reach a reader; importance is another thing. */
export const PRECEDENCE_MEANINGS: Readonly<Record<Precedence, MessageDescriptor>> = {
  flash: msg`Read within 10 minutes, answered within 30 more. At most 1,400 characters; a second person must verify it.`,
  immediate: msg`Read within 30 minutes, answered within 2 hours more.`,
  priority: msg`Read within 3 hours, answered within 24 hours more.`,
  routine: msg`Read within 24 hours, answered within 3 days more.`,
};

export const ALERT_LEVEL_WORDS: Readonly<Record<AlertLevel, MessageDescriptor>> = {
  watch: msg`Watch`,
  director: msg`Director`,
  commander: msg`Commander`,
  minister: msg`Minister`,
  head: msg`Head of state or government`,
};

export const CAPACITY_WORDS: Words = {
  duty_officer: msg`duty officer`,
  releaser: msg`releaser`,
  translator: msg`translator`,
  not_said: msg`office not said`,
};

/** How an alert was understood, and what its author says to that. */
export const PARAPHRASE_WORDS: Words = {
  understood: msg`Understood as`,
  meant: msg`What was meant`,
  waiting: msg`Waits for its author's word`,
  ours: msg`How it was understood waits for our word`,
  confirmed: msg`Confirmed by its author`,
  corrected: msg`Corrected by its author`,
};

export const ANSWER_WORDS: Readonly<Record<AnswerKind, MessageDescriptor>> = {
  reply: msg`Reply`,
  hold: msg`Still deciding, until`,
  accept_call: msg`Accept a call`,
  other_time: msg`Propose another time`,
  other_level: msg`Name another level`,
  decline: msg`Decline`,
  not_our_matter: msg`Not our matter`,
};

export const GIVEN_WORDS: Words = {
  reply: msg`Replied`,
  hold: msg`Still deciding`,
  accept_call: msg`Accepts a call`,
  other_time: msg`Proposes another time`,
  other_level: msg`Names another level`,
  decline: msg`Declined`,
  not_our_matter: msg`Says that it is not their matter`,
};

export const STANDING_WORDS: Words = {
  expired: msg`EXPIRED`,
  superseded: msg`SUPERSEDED`,
  withdrawn: msg`WITHDRAWN`,
};

export const DUTY_WORDS: Words = {
  nobody: msg`Nothing more is waited for.`,
  their_receipt: msg`Waiting for proof that it arrived.`,
  their_acknowledgement: msg`Waiting for a person there to acknowledge it.`,
  their_answer: msg`Waiting for their answer.`,
  our_acknowledgement: msg`To be acknowledged here.`,
  our_answer: msg`To be answered here.`,
  our_closing: msg`To be closed here.`,
};

export const LIMIT_WORDS: Words = {
  target: msg`Acknowledged, as aimed at`,
  limit: msg`Acknowledged at the latest`,
  answer: msg`Answered`,
  expiry: msg`Stands until`,
};

export const FAULT_WORDS: Readonly<Record<TextFault, MessageDescriptor>> = {
  empty: msg`There is no text yet.`,
  too_long: msg`It is too long.`,
  not_normal: msg`A letter is written in two pieces; type it anew.`,
  control: msg`There is a control character, a tab or a character nobody has assigned.`,
  turning: msg`There is a character that turns the direction of others.`,
  invisible: msg`There is a character that cannot be seen.`,
  stacked: msg`Too many marks stand on one letter.`,
  mixed: msg`A word mixes letters of alphabets that look alike.`,
};

export const BREACH_WORDS: Words = {
  malformed: msg`An entry is not of its form`,
  no_person: msg`A person's act without a person, or a node's with one`,
  impossible: msg`A step that is not possible from where it stood`,
  guard: msg`What must be true of it was not`,
  text: msg`A text could be misread`,
  not_addressed: msg`It names other parties than it went to`,
  backdated: msg`It says that it is older than what it answers`,
  too_many: msg`More entries about one alert than are read`,
  suspended: msg`The line is suspended or ended: this is not accepted on it.`,
};

/** What the node refuses an act for. */
export const GUARD_WORDS: Words = {
  by_another: msg`Whoever drafted it cannot verify it: a second person must.`,
  text_allowed: msg`The text could be misread, or is too long.`,
  second_person: msg`A flash must be verified by a second person first.`,
  signed: msg`It must be signed with a passkey.`,
  by_author: msg`Only the party that wrote it may do this.`,
  by_addressee: msg`Only a party it goes to may do this.`,
  watch_office: msg`Only a duty officer or a releaser may do this.`,
  binding_office: msg`This binds the party: a releaser must sign it with a passkey.`,
  releasing_office: msg`Only a releaser may take it back.`,
  holds_left: msg`"Still deciding" was said twice already: give an answer now.`,
  settled: msg`It is neither answered nor over: it cannot be closed yet.`,
  by_author_or_both: msg`Its author closes it; only a flash is closed by both.`,
  sentence: msg`It must say that a receipt is no consent.`,
  read_before: msg`Somebody must have acknowledged it before.`,
  paraphrase_waits: msg`No paraphrase waits for a word: it has one already, or another came after it.`,
};

export const HEARING_WORDS: Readonly<Record<Hearing, MessageDescriptor>> = {
  heard: msg`This desk can be heard`,
  unchecked: msg`Not checked whether this desk can be heard`,
  held_back: msg`The browser holds the sound back`,
  muted: msg`Muted at this desk`,
  none: msg`This browser has no sound`,
};

export const LACK_WORDS: Readonly<Record<DraftLack, MessageDescriptor>> = {
  no_recipient: msg`Choose to whom it goes.`,
  no_text: msg`Write what it says.`,
  faulty_text: msg`Mend what is wrong with the text first.`,
  same_language: msg`Two texts are in the same language.`,
};

/** How long an alert may stand, by seconds; without it, until somebody ends it. */
export const STANDS_WORDS: Words = {
  "": msg`until somebody ends it`,
  "3600": msg`one hour`,
  "21600": msg`six hours`,
  "86400": msg`one day`,
  "604800": msg`one week`,
};
