/** The words of contacts that more than one place says. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { ContactStanding, ListStanding, TrialOutcome, WayKind } from "../../api/contact-types";
import type { Task } from "../../state/contacts/contacts";

export const LIST_STANDING_WORDS: Readonly<Record<ListStanding, MessageDescriptor>> = {
  none: msg`No list published`,
  current: msg`Confirmed`,
  due: msg`To be confirmed soon`,
  doubtful: msg`Doubtful: not confirmed for 90 days`,
};

export const CONTACT_STANDING_WORDS: Readonly<Record<ContactStanding, MessageDescriptor>> = {
  untried: msg`Not tried yet`,
  reached: msg`Worked when last used`,
  failed: msg`Doubtful: failed when last used`,
};

export const OUTCOME_WORDS: Readonly<Record<TrialOutcome, MessageDescriptor>> = {
  reached: msg`Reached`,
  no_answer: msg`No answer`,
  wrong: msg`Wrong: somebody else, or nothing, is there`,
};

export const WAY_WORDS: Readonly<Record<WayKind, MessageDescriptor>> = {
  telephone: msg`Telephone`,
  mail: msg`E-mail`,
  other: msg`Another way`,
};

export const TASK_WORDS: Readonly<Record<Task, MessageDescriptor>> = {
  publish: msg`We have published no contacts`,
  confirm: msg`Our contacts are to be confirmed`,
  mend: msg`A contact of ours failed when it was used`,
  beware: msg`Contacts of theirs are doubtful`,
};

/** Why an entry about contacts has no effect, by what the node calls it. */
export const CONTACT_BREACH_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  malformed: msg`An entry is not of its form`,
  text: msg`A text could be misread`,
  no_person: msg`A person's act without a person, or a node's with one`,
  signed: msg`It must be signed with a passkey.`,
  "another contact": msg`It is about a contact that the list does not have`,
  "tried later than written": msg`It says that it was used later than it was written`,
};

/** In which part of a contact it is wrong. */
export const CONTACT_FIELD_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  title: msg`Title of the post`,
  duty: msg`What they turn to it for`,
  level: msg`Level`,
  hours: msg`Hours`,
  zone: msg`Time zone, by its place`,
  languages: msg`Languages spoken there`,
  ways: msg`Ways to reach it, the first to be tried first`,
};
