/** Words that several pages use for the same thing. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { Level, LineState, PathState } from "../api/types";
import type { Params } from "../api/types";
import type { DeviceTrouble } from "../errors";
import type { CallLevel, Place } from "../state/room/quality";
import { reasonWords } from "./reasons";

export const LINE_WORDS: Readonly<Record<LineState, MessageDescriptor>> = {
  unconfirmed: msg`Not confirmed`,
  cold: msg`Not reached yet`,
  up: msg`Up`,
  degraded: msg`Degraded`,
  cut: msg`Cut`,
  suspended: msg`Suspended`,
};

export const PATH_WORDS: Readonly<Record<PathState, MessageDescriptor>> = {
  cold: msg`Not tried yet`,
  up: msg`Up`,
  suspect: msg`Suspect`,
  down: msg`Down`,
};

export const LEVEL_WORDS: Readonly<Record<Level, MessageDescriptor>> = {
  good: msg`Good`,
  fair: msg`Fair`,
  poor: msg`Poor`,
  cut: msg`Cut`,
  unknown: msg`Unknown`,
};

export const CALL_WORDS: Readonly<Record<CallLevel, MessageDescriptor>> = {
  full: msg`Full picture`,
  reduced: msg`Reduced picture`,
  small: msg`Small picture`,
  audio_only: msg`Audio only`,
  no_pictures: msg`No other camera is on`,
  alone: msg`Nobody else here`,
  cut: msg`Cut`,
  unknown: msg`Measuring`,
};

export const PLACE_WORDS: Readonly<Record<Place, MessageDescriptor>> = {
  my_device: msg`My device`,
  my_node: msg`My node`,
  line: msg`The line`,
  their_node: msg`Their node`,
  their_device: msg`Their device`,
};

/** Lanes in order of urgency, as numbered on the line. */
export const LANE_WORDS: readonly MessageDescriptor[] = [
  msg`Alerts`,
  msg`Sound`,
  msg`Base picture`,
  msg`Fine picture`,
  msg`Documents`,
  msg`Images`,
];

/** What a person is to the node. */
export const ROLE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  member: msg`Member`,
  engineer: msg`Engineer`,
  duty_officer: msg`Duty officer`,
  releaser: msg`Releaser`,
  principal: msg`Principal's office`,
  secretary: msg`Secretary`,
  auditor: msg`Auditor`,
};

/** What stands in a device's way, and what to do about it. */
export const TROUBLE_WORDS: Readonly<
  Record<DeviceTrouble, { readonly what: MessageDescriptor; readonly mend: MessageDescriptor }>
> = {
  denied: {
    what: msg`Not allowed`,
    mend: msg`Allow it in the browser: press the sign beside the address, then "Try again".`,
  },
  dismissed: { what: msg`Nothing chosen`, mend: msg`Press again and choose what to share.` },
  missing: {
    what: msg`Not found`,
    mend: msg`Plug it in; it is picked up by itself. You can also join without it.`,
  },
  busy: {
    what: msg`In use elsewhere`,
    mend: msg`Another program holds it. Close that program, then "Try again".`,
  },
  insecure: {
    what: msg`The page is not secure`,
    mend: msg`Browsers give devices only to pages opened by https or on the node itself. Ask the engineer for the https address.`,
  },
  failed: { what: msg`Does not work`, mend: msg`Unplug it, plug it in again, then "Try again".` },
};

/** Refusals a person meets on these pages; codes from protocol/errors.toml. */
export const REFUSAL_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  "node.silent": msg`Your node does not answer.`,
  "sign_in.needed": msg`You are not signed in any more.`,
  "check.unknown": msg`There is no such line check.`,
  "check.refused": msg`The line check does not stand so that this fits. Read it again.`,
  "line.is_suspended": msg`The line is suspended or ended: this is not accepted on it.`,
  "line.standing_refused": msg`The line does not stand so that this fits.`,
  "line.start_refused": msg`It can hold at once or from a later time, a year ahead at most. Choose another start, or leave it empty.`,
  "contact.unknown": msg`There is no such contact any more. Read the list again.`,
  "contact.refused": msg`These contacts cannot be sent as they are: a text could be misread or is too long, or a time zone is unknown.`,
  "agreement.overtaken": msg`This version does not follow what was signed since it was proposed. Propose it anew, then both sign that.`,
  "agreement.terms_refused": msg`A term of the agreement cannot be like this.`,
  "sign_in.link_unknown": msg`This sign-in link is not one of this node's.`,
  "sign_in.link_used": msg`This sign-in link has been used; ask for a new one.`,
  "sign_in.link_expired": msg`This sign-in link has expired; ask for a new one.`,
  "sign_in.copied": msg`This sign-in was used in two places, so it was ended. Sign in again, and tell the engineer if you do not know why.`,
  "sign_in.taken": msg`Somebody else is signed in on this browser. Sign out first.`,
  "sign_in.not_begun": msg`This sign-in was not begun in this browser, or too long ago. Try again.`,
  "provider.missing": msg`Nobody else signs people in here.`,
  "provider.settings_wrong": msg`Where you sign in does not know your node. Call the engineer; a one-time link or a passkey still works.`,
  "provider.subject_unknown": msg`Where you signed in knows you, but your node was not told who that is. Ask the engineer.`,
  "provider.failed": msg`Where you sign in does not answer as it should. Try again; a one-time link or a passkey still works.`,
  "provider.malformed": msg`What came from where you sign in does not hold. Call the engineer; a one-time link or a passkey still works.`,
  "provider.token_refused": msg`The word for you from where you sign in does not hold, so you were not let in. Try again, and call the engineer if it stays so.`,
  "provider.refused": msg`You were not let in where you sign in. Try again.`,
  "person.unknown": msg`Your node does not know this person.`,
  "person.revoked": msg`This person has no rights here any more.`,
  "passkey.unknown": msg`This passkey is not one of this node's.`,
  "passkey.refused": msg`The passkey's answer does not hold. Try again.`,
  "passkey.suspect": msg`This passkey's counter went back, so a copy of it may exist. It is locked; revoke it and use another.`,
  "passkey.exists": msg`This passkey is enrolled already.`,
  "passkey.too_many": msg`You have as many passkeys as you may. Revoke one first.`,
  "passkey.missing": msg`This needs a passkey. Add one first.`,
  "passkey.challenge_unknown": msg`This was not asked, or too long ago. Try again.`,
  "plan.refused": msg`The plan cannot stand like this. The node says where it is wrong.`,
  "plan.unknown": msg`There is no such version of the plan.`,
  "plan.guard_refused": msg`An engineer and a releaser must agree to it, and nothing may have changed meanwhile.`,
  "override.unknown": msg`There is no such exception any more.`,
  "notice.unknown": msg`There is no such notice.`,
  "duty_device.refused": msg`Your node does not call this device: its push service is not one the engineer wrote down, or you have too many.`,
  "duty_device.unknown": msg`There is no such device.`,
  "permission.refused": msg`You may not do this.`,
  "permission.step_up_needed": msg`Use your passkey first.`,
  "permission.signature_needed": msg`Sign this with your passkey.`,
  "permission.role_not_given": msg`This touches a role that you cannot give.`,
  "permission.role_not_lent": msg`This role is never lent.`,
  "break_glass.unknown": msg`Nobody asked for this role.`,
  "duress.unknown": msg`Somebody has already said what came of it.`,
  "office.unknown": msg`Your node does not know this office.`,
  "office.not_in_it": msg`This person does not belong to the office.`,
  "device.unknown": msg`This device is not there any more.`,
  "state.refused": msg`This is not possible now; somebody may have been faster.`,
  "room.unknown": msg`Your node does not know this room.`,
  "room.closed": msg`This room is closed.`,
  "room.by_name": msg`This room is for named people of your party, and you are not one of them. Ask a releaser to name you or your office.`,
  "room.too_many": msg`Your node has as many rooms open as it may. Close one first.`,
  "room.offer_refused": msg`Your node could not answer this browser's media offer.`,
  "party.unknown": msg`One of the parties is not known to your node.`,
  "party.unconfirmed": msg`The line to one of the parties is not confirmed by both sides.`,
  "web.too_many": msg`Too many requests at once; it will be tried again.`,
  "web.fault": msg`Your node could not do this; the engineer finds the reason in its log.`,
  "web.origin_refused": msg`This page was not opened at your node's own address.`,
  "device.dismissed": msg`No passkey was used.`,
  "device.busy": msg`This device already has a passkey of yours.`,
  "device.insecure": msg`This browser cannot use passkeys at this address. Open the https address of your node.`,
  "device.failed": msg`The passkey did not work. Try again.`,
  "storage.full": msg`Your node's disk is full; nothing more is kept until the engineer frees space.`,
  "storage.read_only": msg`Your node's disk cannot be written; nothing more is kept. Call the engineer.`,
  "storage.failed": msg`Your node's disk failed; nothing more is kept. Call the engineer.`,
  "storage.unavailable": msg`Your node does not reach its database. It may nevertheless have kept this: look before you repeat it.`,
  "blob.missing": msg`This file is not here yet.`,
  "blob.damaged": msg`This file is not what was sealed; it cannot be read.`,
  "notification.form_refused": msg`The form does not hold against the agreed type. Check it again.`,
  "notification.unknown": msg`There is no such notification here.`,
  "notification.not_ready": msg`It is not as far as this needs; somebody may have changed it.`,
  "notification_type.refused": msg`This is no type of notification: something in it is not as agreed types may be.`,
  "notification_type.unusable": msg`Both parties have not agreed to this type.`,
  "call_request.unknown": msg`There is no such call request here.`,
  "call_request.answer_refused": msg`This cannot be said to this request now: check whose turn it is, the times and the code.`,
  "paper.font_missing": msg`Your node has no font for one of the scripts of this paper. Ask the engineer to install it.`,
  "paper.not_set": msg`The paper could not be made. The engineer finds the reason in the log.`,
  "case.erased": msg`This was erased; nobody can read it again.`,
  "case.key_missing": msg`The key of this file is not here yet.`,
  "entry.unknown": msg`This entry is not here.`,
  "entry.too_old": msg`This took too long. Begin again.`,
  "record.space_unknown": msg`This record is not kept here.`,
  "record.fenced": msg`Another node of your party writes this record. Call the engineer.`,
  "node.memory_short": msg`Your node has hardly any memory left and may end. Call the engineer.`,
  "node.threads_short": msg`Your node's machine starts no more threads. What runs goes on. Call the engineer.`,
  "web.flooded": msg`So many connections come to your node that old ones are closed. Who is signed in stays. Call the engineer.`,
  "log.not_open": msg`Your log cannot be written yet, or has ended.`,
  "alert.unknown": msg`There is no such alert here.`,
  "alert.draft_unknown": msg`This draft is not here any more.`,
  "alert.text_refused": msg`The text cannot go like this: it could be misread, or is too long.`,
  "alert.guard_refused": msg`Something must be true before this may be done with an alert, and it is not.`,
  "crisis.unknown": msg`There is no such crisis here.`,
  "crisis.refused": msg`That cannot be done in this crisis as it stands now.`,
  "readout.too_early": msg`The agreement gives the other party hours to read it before it is public. Choose a later date.`,
  "readout.waits": msg`It may not be given out yet: its date is ahead, or the other party has not had it long enough.`,
  "crisis.text_refused": msg`The words cannot go like this: they could be misread, or are too long.`,
  "web.malformed": msg`Your node and this page do not understand each other. Load the page anew.`,
};

/** The sentence for a refusal, by its cause where it has several; an unknown one by its code. */
export function refusalWords(code: string, params: Params): MessageDescriptor {
  return reasonWords(code, params) ?? REFUSAL_WORDS[code] ?? msg`Your node refused (${code}).`;
}

/** What is wrong with one's own node, where a refusal is worded for another occasion. */
export const NODE_TROUBLE_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  "storage.unavailable": msg`Your node does not reach its database; nothing more is kept. Call the engineer.`,
  "log.forked": msg`Somebody else wrote under your party's key: a log of yours has ended. Call the engineer.`,
  "line.our_key_in_use_twice": msg`Two nodes use your party's key. Call the engineer at once.`,
};

/** The sentence for what is wrong with one's own node. */
export function troubleWords(code: string): MessageDescriptor {
  return NODE_TROUBLE_WORDS[code] ?? refusalWords(code, {});
}

/** Reasons for setting something aside; codes from protocol/errors.toml. */
const SET_ASIDE: Readonly<Record<string, MessageDescriptor>> = {
  "card.malformed": msg`A party card that cannot be read`,
  "card.signature_wrong": msg`A party card with a wrong signature`,
  "card.expired": msg`A party card that has expired`,
  "card.from_future": msg`A party card dated in the future`,
  "claim.our_key": msg`Somebody claimed our own key`,
  "claim.name": msg`Somebody claimed another party's name`,
  "claim.key_swapped": msg`A party came with another key than the one confirmed`,
  "claim.unknown_key": msg`An unknown key tried to open a line`,
  "claim.clock_skewed": msg`A party's clock is far from ours`,
  "letter.malformed": msg`A letter that cannot be read`,
  "blob.wrong": msg`A file with other bytes than its entry commits to`,
  "blob.not_asked": msg`More of files than was asked for`,
  "letter.unagreed": msg`A letter on a line that is not confirmed`,
  "letter.unknown": msg`A letter of a kind not known here: your node may need an update`,
  "room.forged": msg`A room announced in another party's name`,
  "room.not_theirs": msg`An order for a room that is not theirs`,
  "room.conflict": msg`Two accounts of one room`,
  "room.flooded": msg`Too many rooms from one party`,
  "room.label_forged": msg`A participant under another party's name`,
  "line.refused": msg`A datagram that belongs to no line`,
  "relay.unwanted": msg`Sound or picture that nobody here asked for`,
  "relay.alias_unknown": msg`Sound or picture of nobody who was announced`,
  "relay.packet_unknown": msg`A packet of a browser that has not joined`,
  "entry.malformed": msg`Bytes that are no entry`,
  "entry.newer": msg`An entry of a later version: your node needs an update`,
  "entry.kind_unknown": msg`An entry of a kind not known here: your node may need an update`,
  "line.version": msg`A line of another version: the older of the two nodes needs an update`,
  "entry.misplaced": msg`An entry of another party or space`,
  "web.malformed": msg`A request that cannot be read`,
  "web.origin_refused": msg`A request from a page of another origin`,
};

/** The sentence for something set aside; a reason nobody has words for is quoted. */
export function setAsideWords(reason: string): MessageDescriptor {
  return SET_ASIDE[reason] ?? msg`Other (${reason})`;
}
