"""What a reader makes of a person's entry by its signature, and the page that lists it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.identity.permission import TABLE, Proof
from parley.record.acts import KIND_ACTS
from parley.record.kinds import Kind
from parley.record.office import OFFICE_KEYS


class Judged(StrEnum):
    """What a node makes of another party's entry that no assertion holds for."""

    NO_EFFECT = "has no effect, and is shown as a breach"
    NO_RECEIPT = "proves a delivery, and nothing of a person; in an alert it is a breach"
    BINDS_NOT = (
        "what binds has no effect, and is shown as a breach; a hold, and *not our matter*, stand"
    )
    COUNTS_NOT = "does not count"
    STANDS = "stands as evidence, and is shown as a breach"
    RINGS = "rings all the same, and is shown as not signed"
    BELIEVED = (
        "is believed: the node of the party that made the case could say as much in its own name"
    )
    CARRIES = "is the key, or the proof"


JUDGED: Final[Mapping[Kind, Judged]] = {
    Kind.ACKNOWLEDGEMENT: Judged.NO_RECEIPT,
    Kind.AGREEMENT: Judged.COUNTS_NOT,
    Kind.ASSERTION: Judged.CARRIES,
    Kind.ENROLMENT: Judged.CARRIES,
    Kind.ERASURE: Judged.BELIEVED,
    Kind.ALERT: Judged.RINGS,
    Kind.ANSWER: Judged.BINDS_NOT,
    Kind.WITHDRAWAL: Judged.NO_EFFECT,
    Kind.PARAPHRASE: Judged.NO_EFFECT,
    Kind.PARAPHRASE_WORD: Judged.NO_EFFECT,
    Kind.NOTIFICATION: Judged.STANDS,
    Kind.CLARIFICATION: Judged.NO_EFFECT,
    Kind.CANCELLATION: Judged.NO_EFFECT,
    Kind.CONCLUSION: Judged.NO_EFFECT,
    Kind.CALL_REQUEST: Judged.STANDS,
    Kind.CALL_ANSWER: Judged.NO_EFFECT,
    Kind.CALL_WITHDRAWAL: Judged.NO_EFFECT,
    Kind.SUSPENSION: Judged.NO_EFFECT,
    Kind.CONCURRENCE: Judged.NO_EFFECT,
    Kind.RESUMPTION: Judged.NO_EFFECT,
    Kind.LINE_ENDING: Judged.NO_EFFECT,
    Kind.CONTACT_LIST: Judged.NO_EFFECT,
    Kind.CRISIS_OPENING: Judged.NO_EFFECT,
    Kind.CRISIS_CLOSING: Judged.NO_EFFECT,
    Kind.CRISIS_FACT: Judged.NO_EFFECT,
    Kind.ACCOUNT_SEAL: Judged.NO_EFFECT,
    Kind.ACCOUNT_WITHDRAWAL: Judged.NO_EFFECT,
    Kind.ACCOUNT_PUBLICATION: Judged.NO_EFFECT,
    Kind.ADOPTION: Judged.NO_EFFECT,
    Kind.ASSESSMENT_END: Judged.NO_EFFECT,
    Kind.READOUT: Judged.NO_EFFECT,
}
"""Every kind of which an act asks for a signature."""
_ASKED: Final = {
    Proof.SIGN_IN: "a sign-in",
    Proof.STEP_UP: "a passkey used just before",
    Proof.SIGNATURE: "a passkey over the entry's hash",
}


def reference() -> str:
    """Return what binds and by what, as a page of the reference."""
    lines = [
        "# What binds, and by what",
        "",
        "Generated from `parley.record.bindings` by `just docs`; change the source instead.",
        "",
        "Every kind of entry that a person appends: the acts it is appended by, what the author's",
        "node asks of the person, whether an assertion (protocol/record.md) goes into the log with",
        "it, and what the other party's node makes of one without. Where none is asked for, the",
        "other party has the word of the author's node that a person did it. Last, under which",
        "key the body says in which office the person spoke; the reader holds it to the offices",
        "of protocol/crisis.md and protocol/notifications.md.",
        "",
        "| kind | act | the author's node asks | in the log | without it, at the reader | office |",
        "|---|---|---|---|---|---|",
        *(_line(kind) for kind in KIND_ACTS),
        "",
    ]
    return "\n".join(lines)


def asks_signature(kind: Kind) -> bool:
    """Say whether an act by which a kind of entry is appended asks for a signature."""
    return any(TABLE[act].proof is Proof.SIGNATURE for act in KIND_ACTS[kind])


def _line(kind: Kind) -> str:
    name, judged = kind.name.lower().replace("_", " "), JUDGED.get(kind)
    if judged is Judged.CARRIES:
        return f"| {name} | with any that is signed | | | {judged.value} | |"
    acts = sorted(KIND_ACTS[kind])
    asked = sorted({TABLE[act].proof for act in acts})
    cells = (
        ", ".join(f"`{act.value}`" for act in acts),
        " or ".join(_ASKED[proof] for proof in asked),
        "assertion" if judged else "",
        judged.value if judged else "as its node says",
        f"key {OFFICE_KEYS[kind]}" if kind in OFFICE_KEYS else "",
    )
    return f"| {name} | {' | '.join(cells)} |"
