"""Which act of the permission table a person does by appending an entry of each kind."""

from collections.abc import Mapping
from typing import Final

from parley.errors import GuardMissing
from parley.identity.permission import TABLE, Act, Proof
from parley.record.kinds import DOMAIN_MACHINE_KINDS, MACHINE_KINDS, Kind

SIGNED: Final = frozenset(act for act in Act if TABLE[act].proof is Proof.SIGNATURE)
"""Acts that want a passkey over the entry itself."""
KIND_ACTS: Final[Mapping[Kind, frozenset[Act]]] = {
    Kind.ACKNOWLEDGEMENT: frozenset({Act.ALERT_ACKNOWLEDGE}),
    Kind.AGREEMENT: frozenset({Act.AGREEMENT_SIGN}),
    Kind.ENROLMENT: SIGNED,
    Kind.ASSERTION: SIGNED,
    Kind.ERASURE: frozenset({Act.RECORD_ERASE}),
    Kind.STATEMENT: frozenset({Act.RECORD_REMARK, Act.AGREEMENT_PROPOSE}),
    Kind.ATTACHMENT: frozenset({Act.RECORD_ATTACH}),
    Kind.ALERT: frozenset({Act.ALERT_RELEASE}),
    Kind.ANSWER: frozenset({Act.ALERT_HOLD, Act.ALERT_ANSWER}),
    Kind.WITHDRAWAL: frozenset({Act.ALERT_RELEASE}),
    Kind.CLOSURE: frozenset({Act.ALERT_CLOSE}),
    Kind.TRANSLATION: frozenset({Act.ALERT_TRANSLATE}),
    Kind.PARAPHRASE: frozenset({Act.ALERT_PARAPHRASE}),
    Kind.PARAPHRASE_WORD: frozenset({Act.ALERT_JUDGE}),
    Kind.NOTIFICATION_TYPE: frozenset({Act.AGREEMENT_PROPOSE}),
    Kind.NOTIFICATION: frozenset({Act.NOTIFICATION_SEND}),
    Kind.QUERY: frozenset({Act.NOTIFICATION_QUERY}),
    Kind.CLARIFICATION: frozenset({Act.NOTIFICATION_CLARIFY}),
    Kind.CANCELLATION: frozenset({Act.NOTIFICATION_CANCEL}),
    Kind.CONCLUSION: frozenset({Act.NOTIFICATION_CLOSE}),
    Kind.CALL_REQUEST: frozenset({Act.CALL_ASK}),
    Kind.CALL_ANSWER: frozenset({Act.CALL_ANSWER}),
    Kind.CALL_WITHDRAWAL: frozenset({Act.CALL_ASK, Act.CALL_ANSWER}),
    Kind.CALL_COMMITMENT: frozenset({Act.CALL_START}),
    Kind.CALL_KEY: frozenset({Act.CALL_START}),
    Kind.CALL_START: frozenset({Act.CALL_START}),
    Kind.CALL_END: frozenset({Act.CALL_START}),
    Kind.CALL_MISMATCH: frozenset({Act.CALL_START}),
    Kind.LINE_CHECK: frozenset({Act.CHECK_SEND}),
    Kind.CHECK_RETURN: frozenset({Act.CHECK_ANSWER}),
    Kind.CHECK_CONFIRMATION: frozenset({Act.CHECK_SEND}),
    Kind.CHECK_DECLINE: frozenset({Act.CHECK_SEND, Act.CHECK_ANSWER}),
    Kind.SUSPENSION: frozenset({Act.LINE_SUSPEND}),
    Kind.CONCURRENCE: frozenset({Act.LINE_CONCUR}),
    Kind.RESUMPTION: frozenset({Act.LINE_SUSPEND}),
    Kind.LINE_ENDING: frozenset({Act.LINE_SUSPEND}),
    Kind.CONTACT_LIST: frozenset({Act.CONTACT_PUBLISH}),
    Kind.CONTACT_TRIAL: frozenset({Act.CONTACT_TRY}),
    Kind.CRISIS_OPENING: frozenset({Act.CRISIS_OPEN}),
    Kind.CRISIS_CLOSING: frozenset({Act.CRISIS_OPEN}),
    Kind.CRISIS_STATEMENT: frozenset({Act.CRISIS_SAY}),
    Kind.CRISIS_FACT: frozenset({Act.CRISIS_AGREE}),
    Kind.CRISIS_REPLY: frozenset({Act.CRISIS_SAY}),
    Kind.CRISIS_LINK: frozenset({Act.CRISIS_SAY}),
    Kind.CRISIS_WITHDRAWAL: frozenset({Act.CRISIS_SAY}),
    Kind.ACCOUNT_SEAL: frozenset({Act.ASSESSMENT_SEAL}),
    Kind.ACCOUNT_WITHDRAWAL: frozenset({Act.ASSESSMENT_SEAL}),
    Kind.SHEET_PARAGRAPH: frozenset({Act.ASSESSMENT_WRITE}),
    Kind.ADOPTION: frozenset({Act.ASSESSMENT_ADOPT}),
    Kind.ASSESSMENT_END: frozenset({Act.ASSESSMENT_ADOPT}),
    Kind.READOUT: frozenset({Act.ASSESSMENT_READ_OUT}),
    Kind.ACCOUNT_PUBLICATION: frozenset({Act.ASSESSMENT_SEAL}),
}
"""The acts by any of which an entry of a kind is appended. Assertions and enrolments come with the
entry that is signed, so they are the acts that want a signature."""


def check_kinds() -> None:
    """Refuse to start with a kind of entry that a person can append and that names no act.

    Raises:
        GuardMissing: there is one.
    """
    for kind in Kind:
        if kind not in MACHINE_KINDS | DOMAIN_MACHINE_KINDS and not KIND_ACTS.get(kind):
            raise GuardMissing(route=f"entries of kind {kind.name.lower()}")
