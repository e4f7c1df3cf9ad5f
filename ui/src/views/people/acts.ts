/** What can be done at a node, in words: the permission table and the trail name acts by codes. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";

const ACT_WORDS: Readonly<Record<string, MessageDescriptor>> = {
  "self.use": msg`Choose one's own language and colours, sign out`,
  "line.watch": msg`Watch the lines`,
  "line.pair": msg`Pair with another party, suspend a line`,
  "room.read": msg`See which rooms there are`,
  "room.open": msg`Open a room`,
  "room.join": msg`Join a room`,
  "room.close": msg`Close a room for everybody`,
  "record.read": msg`Read the record and its proofs`,
  "record.remark": msg`Write a remark into the record`,
  "record.acknowledge": msg`Acknowledge what the other party wrote`,
  "record.attach": msg`Attach a file, sealed`,
  "record.fetch": msg`Read an attached file`,
  "record.erase": msg`Erase a sealed body`,
  "record.keep": msg`Begin a new log, or a record of several parties`,
  "record.exercise": msg`Append made-up entries for a drill`,
  "record.export": msg`Take a copy of the record away`,
  "agreement.read": msg`Read line agreements`,
  "agreement.propose": msg`Propose a version of an agreement`,
  "agreement.sign": msg`Sign an agreement for the party`,
  "alert.read": msg`Read alerts`,
  "alert.draft": msg`Draft an alert`,
  "alert.verify": msg`Vouch for an alert that somebody else drafted`,
  "alert.release": msg`Let an alert go, replace it, take it back`,
  "alert.acknowledge": msg`Acknowledge an alert`,
  "alert.translate": msg`Translate an alert`,
  "alert.hold": msg`Answer that we are still deciding`,
  "alert.answer": msg`Answer an alert`,
  "alert.close": msg`Close an alert`,
  "notification.read": msg`Read notifications`,
  "notification.draft": msg`Fill in a notification`,
  "notification.verify": msg`Vouch for a notification that somebody else filled in`,
  "notification.send": msg`Send a notification`,
  "notification.query": msg`Ask about a notification`,
  "notification.clarify": msg`Answer a question about a notification`,
  "notification.cancel": msg`Cancel a notification`,
  "notification.close": msg`Close a notification`,
  "call.read": msg`Read call requests`,
  "call.ask": msg`Ask for a call between officials`,
  "call.answer": msg`Answer a call request`,
  "call.start": msg`Begin and end a call that was agreed on`,
  "check.read": msg`Read line checks, and whether a line is suspended`,
  "check.send": msg`Send a line check, confirm what came back`,
  "check.answer": msg`Type the code of a line check back`,
  "line.suspend": msg`Suspend, resume or end a line in writing`,
  "line.concur": msg`Concur in a suspension, resumption or ending`,
  "people.read": msg`See who works here`,
  "people.invite": msg`Invite a person, make a fresh link`,
  "people.change": msg`Change somebody's name or roles`,
  "people.revoke": msg`End somebody's rights, or give them back`,
  "office.read": msg`See offices and who is on duty`,
  "office.change": msg`Make, change and close offices`,
  "duty.take": msg`Take the duty of an office`,
  "duty.hand_over": msg`Hand one's duty over, or lay it down`,
  "duty.read": msg`See watches, escalation and who is called`,
  "duty.override": msg`Put somebody else on a watch for a while`,
  "duty.reach": msg`Say on which device and mail one is called`,
  "escalation.change": msg`Change watches and escalation, together with another`,
  "escalation.try": msg`Try whether somebody can be called`,
  "device.read": msg`See browsers and passkeys`,
  "device.enrol": msg`Add a passkey of one's own`,
  "device.revoke": msg`Revoke a browser or a passkey`,
  "permission.read": msg`Read this table`,
  "trail.read": msg`Read the trail`,
  "break_glass.open": msg`Ask for a role in an emergency`,
  "break_glass.second": msg`Agree to a role in an emergency`,
  "break_glass.end": msg`Take a lent role back`,
  "machine.change": msg`Make and revoke accounts of programs`,
  "node.status": msg`Ask how the node does`,
  "node.metrics": msg`Read the node's metrics`,
  // What the node notices by itself; only the trail has these.
  "sign_in.copied": msg`Saw a sign-in in two places`,
  "sign_in.provider": msg`Saw a sign-in at the provider come to nothing`,
  "passkey.counter_back": msg`Saw a passkey's counter go back`,
};

/** An act in words; one that has none by its code. */
export function useActWord(): (act: string) => string {
  const { _ } = useLingui();
  return (act) => {
    const words = ACT_WORDS[act];
    return words === undefined ? act : _(words);
  };
}
