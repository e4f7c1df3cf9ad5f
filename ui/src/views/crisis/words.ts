/** Words of crises: states, stages, sections. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type {
  AssessmentState,
  CrisisSide,
  Section,
  Statement,
  StatementKind,
} from "../../api/crisis-types";
import type { Tone } from "../../components/chip";
import type { NextStep, Wanted } from "../../state/crisis/waiting";

export const SIDE_WORDS: Readonly<Record<CrisisSide["state"], MessageDescriptor>> = {
  not_open: msg`Not opened`,
  open: msg`Open`,
  closed: msg`Closed`,
};

export const KIND_WORDS: Readonly<Record<StatementKind, MessageDescriptor>> = {
  claim: msg`Claim`,
  request: msg`Request`,
  offer: msg`Offer`,
};

export const STATEMENT_WORDS: Readonly<Record<Statement["state"], MessageDescriptor>> = {
  standing: msg`Standing`,
  disputed: msg`Disputed`,
  agreed: msg`Agreed as a fact`,
  taken_up: msg`Taken up`,
  declined: msg`Declined`,
  withdrawn: msg`Taken back`,
};

export const STATEMENT_TONES: Readonly<Record<Statement["state"], Tone>> = {
  standing: "noted",
  disputed: "fair",
  agreed: "good",
  taken_up: "good",
  declined: "over",
  withdrawn: "over",
};

export const STAGE_WORDS: Readonly<Record<AssessmentState, MessageDescriptor>> = {
  timeline: msg`Timelines compared, accounts being written`,
  accounts_sealed: msg`Both accounts sealed`,
  revealed: msg`Both accounts shown`,
  published: msg`One account published`,
  joint_draft: msg`Joint sheet being written`,
  adopted: msg`Joint sheet adopted`,
  ended_without_joint_text: msg`Ended without a joint text`,
};

export const SECTION_WORDS: Readonly<Record<Section, MessageDescriptor>> = {
  fact: msg`Agreed facts`,
  disputed: msg`Disputed facts`,
  lesson: msg`Lessons`,
  commitment: msg`Commitments`,
};

/** What somebody here can do about what they said. */
export const WANTED_WORDS: Readonly<Record<Wanted, MessageDescriptor>> = {
  sign: msg`Fact to sign`,
  reply: msg`To be answered`,
  look: msg`Claim to look at`,
};

/** What comes next in an assessment. */
export const NEXT_WORDS: Readonly<Record<NextStep, MessageDescriptor>> = {
  seal: msg`Next: write our account, and seal it.`,
  they_seal: msg`Our account is sealed. The other side has sealed none yet.`,
  decide: msg`The deadline is over. Ours is to publish, or to take back.`,
  nodes_show: msg`Both accounts are sealed. The nodes show them by themselves.`,
  they_show: msg`Both accounts are sealed. Ours is shown, theirs is not.`,
  write: msg`Next: write the joint sheet, or end without one.`,
  brackets: msg`A fact or a commitment stands in brackets, or nothing is written: the sheet cannot be adopted yet.`,
  adopt: msg`The sheet can be adopted as it stands.`,
  they_adopt: msg`We adopted the sheet. The other side has not.`,
  read_out: msg`Next: our readout, if there is to be one.`,
  they_read_out: msg`Our readout is signed. The other side has given none.`,
  over: msg`Nothing is left to do. Both readouts are here.`,
};

/** Kinds of entries on a timeline. */
export const ENTRY_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  crisis_opening: msg`Opened, or renamed`,
  crisis_closing: msg`Closed`,
  crisis_statement: msg`Claim, request or offer`,
  crisis_fact: msg`Fact signed`,
  crisis_reply: msg`Request or offer answered`,
  crisis_link: msg`Linked`,
  crisis_withdrawal: msg`Taken back`,
  receipt: msg`Receipt of the node`,
  alert: msg`Alert`,
  acknowledgement: msg`Acknowledgement`,
  answer: msg`Answer`,
  delivery: msg`Shown on a desk`,
  closure: msg`Alert closed`,
};
