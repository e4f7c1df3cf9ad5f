/** Words of the record: kinds, receipts, standings, findings. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { ReceiptWord, Standing } from "../../api/record-types";
import type { IconName } from "../../components/icon";
import type { Trouble } from "../../state/record/findings";

/** Kinds of entries by their names in protocol/kinds.toml. */
export const KIND_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  opening: msg`Opening of the log`,
  closing: msg`End of the log`,
  sighting: msg`Sighting`,
  delivery: msg`Delivery`,
  acknowledgement: msg`Acknowledgement`,
  agreement: msg`Agreement`,
  assertion: msg`Signature of a person`,
  erasure: msg`Erasure`,
  dispute: msg`Dispute`,
  statement: msg`Remark`,
  enrolment: msg`Passkey of a person`,
  alert: msg`Alert`,
  answer: msg`Answer to an alert`,
  withdrawal: msg`Withdrawal of an alert`,
  closure: msg`Closing of an alert`,
  translation: msg`Translation of an alert`,
  paraphrase: msg`How an alert was understood`,
  paraphrase_word: msg`Author's word on how an alert was understood`,
  receipt: msg`Receipt`,
  erased: msg`Erasure of a sealed body`,
  attachment: msg`File`,
  root: msg`Word of a party's root`,
  freeze: msg`Freezing of a log`,
  notification_type: msg`Type of notification proposed`,
  notification: msg`Notification`,
  query: msg`Question about a notification`,
  clarification: msg`Answer to a question about a notification`,
  cancellation: msg`Cancellation of a notification`,
  conclusion: msg`Closing of a notification`,
  call_request: msg`Request for a call`,
  call_answer: msg`Answer to a call request`,
  call_withdrawal: msg`Giving up of a call request`,
  call_commitment: msg`Commitment of a device for a call`,
  call_key: msg`Key of a device for a call`,
  call_start: msg`Beginning of a call`,
  call_end: msg`End of a call`,
  call_mismatch: msg`Another identity code was heard`,
  line_check: msg`Line check`,
  check_return: msg`Code typed back`,
  check_confirmation: msg`Line check confirmed`,
  check_decline: msg`"Not now" to a line check`,
  suspension: msg`Suspension of the line`,
  concurrence: msg`Second signature`,
  resumption: msg`Resumption of the line`,
  line_ending: msg`End of the line`,
  contact_list: msg`List of contacts`,
  contact_trial: msg`Contact used`,
};

/** The five words, each with its drawing and what it is the proof of. */
export const RECEIPTS: Readonly<
  Record<
    ReceiptWord,
    {
      readonly word: MessageDescriptor;
      readonly meaning: MessageDescriptor;
      readonly icon: IconName;
    }
  >
> = {
  queued: {
    word: msg`queued`,
    meaning: msg`On your own node's disk. Nothing proves yet that the other party has it.`,
    icon: "cold",
  },
  held: {
    word: msg`held`,
    meaning: msg`The other party's node has it on disk and has signed that it does.`,
    icon: "node",
  },
  delivered: {
    word: msg`delivered`,
    meaning: msg`The other party has written down that it reached one of its desks.`,
    icon: "device",
  },
  acknowledged: {
    word: msg`acknowledged`,
    meaning: msg`A person of the other party has taken it, and this is written down.`,
    icon: "person",
  },
  agreed: {
    word: msg`agreed`,
    meaning: msg`All parties named have signed the very same words.`,
    icon: "people",
  },
};

export const STANDING_WORDS: Readonly<Record<Standing, MessageDescriptor>> = {
  fresh: msg`Fresh`,
  late: msg`Late`,
  silent: msg`Not heard`,
  disputed: msg`Disputed`,
  frozen: msg`Frozen`,
  unknown: msg`Unknown`,
};

export const PRECEDENCE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  flash: msg`Flash`,
  immediate: msg`Immediate`,
  priority: msg`Priority`,
  routine: msg`Routine`,
};

export const TROUBLE_FOUND: Readonly<Record<Trouble, MessageDescriptor>> = {
  missing: msg`Something is missing`,
  file: msg`A file is not as it was exported`,
  entry: msg`Entries are not those that were signed`,
  signature: msg`A signature does not hold`,
  history: msg`A log is not what others saw of it`,
  time: msg`A time does not fit the signed times`,
  dispute: msg`A party contradicted itself`,
  frozen: msg`A log's key was stolen; it counts up to where it was frozen`,
  evidence: msg`Evidence that shows nothing`,
  party: msg`A party that does not belong here`,
  silence: msg`A log says nothing for some time before the export`,
  crisis: msg`A crisis is told otherwise than it was sealed or recorded`,
};
