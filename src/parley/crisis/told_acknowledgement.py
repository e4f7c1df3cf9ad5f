"""A recipient's acknowledgement of an alert, told to another, with what proves it. A core.

An alert to several parties is one entry on each line, with the same bytes as body. What a party
acknowledged is the entry on its own line, which the others do not have. So who tells them gives
three things: what stands before the body in that entry (with the body, which they have, it is the
entry that was acknowledged), the acknowledgement itself with its proof in that party's log, and the
party's key, of which its id is the hash. A reader needs no line with that party and no trust in who
tells. What is shown is the word of that party's node, which says that a person acknowledged; that
the person's passkey signed is not shown, for its enrolment is on a line the reader is not part of.
"""

from dataclasses import dataclass
from typing import Final

from parley.crisis.bodies import Acknowledged, read_acknowledged, read_alert
from parley.errors import (
    EncodingRefused,
    EntryMalformed,
    NoteMalformed,
    NoteSignatureWrong,
    ProofWrong,
)
from parley.ids import PartyId, SpaceId
from parley.record.cbor import Value
from parley.record.checkpoint import read_checkpoint
from parley.record.entry import Entry, entry_hash, read_body, read_entry
from parley.record.keyring import KEY_BYTES, log_keys
from parley.record.kinds import Kind
from parley.record.merkle import check_inclusion
from parley.record.note import Note
from parley.record.proof import EntryProof, read_proof
from parley.record.signing import NoteVerifier, verified

BEFORE_BODY_BYTES_MAX: Final = 4_096
"""An entry with 64 references and 32 heads has more; an alert has one and nearly never a head."""
PROOF_BYTES_MAX: Final = 32_768
_KEYS: Final = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class ToldAcknowledgement:
    """That a party acknowledged an alert which went to others too."""

    party: PartyId
    """Who acknowledged."""
    at_ms: int
    """When, by that party's clock."""
    said: Acknowledged
    """What its person said."""


def told_body(
    alert: bytes, alert_body: bytes, proof: EntryProof, public: bytes
) -> dict[int, Value] | None:
    """Return the map that tells of an acknowledgement; None while its party has not signed for it.

    Args:
        alert: the entry that was acknowledged.
        alert_body: its body, which it ends with.
        proof: of the acknowledgement in its party's log, with the entry as its extra.
        public: that party's key.
    """
    checkpoint = read_checkpoint(proof.note.text)
    keys = log_keys(checkpoint.origin, public)
    lines = tuple(
        each for each in proof.note.signatures if keys.log.made(each) or keys.cosigner.made(each)
    )
    if not lines:
        return None
    # Signatures of others say nothing here, and one of them has 2,420 bytes.
    own = EntryProof(proof.index, proof.hashes, Note(proof.note.text, lines), proof.extra)
    return {0: alert[: len(alert) - len(alert_body)], 1: own.encoded(), 2: public}


def read_told(told: Entry, alert: Entry) -> ToldAcknowledgement:
    """Return what is told of an acknowledgement, once it is proved.

    Args:
        told: the entry that tells of it.
        alert: the alert that it refers to, as it came over its reader's own line.

    Raises:
        EntryMalformed: it is not of the form.
        ProofWrong: it does not show what it says.
    """
    before, encoded_proof, public = _fields(told)
    try:
        proof = read_proof(encoded_proof)
        said = read_entry(proof.extra)
    except (EncodingRefused, NoteMalformed) as error:
        raise EntryMalformed(field="proof") from error
    acknowledged = before + (alert.body or b"")
    if PartyId.of_key(public) != said.author:
        raise ProofWrong(reason="another party's key")
    _check_alike(acknowledged, alert, said)
    if said.kind != Kind.ACKNOWLEDGEMENT or entry_hash(acknowledged) not in said.refs:
        raise ProofWrong(reason="it acknowledges something else")
    _check_proof(proof, said, public)
    return ToldAcknowledgement(said.author, said.time_ms, read_acknowledged(said))


def _fields(told: Entry) -> tuple[bytes, bytes, bytes]:
    body = read_body(told)
    if tuple(body) != _KEYS or len(told.refs) != 1:
        raise EntryMalformed(field="keys")
    match [body[0], body[1], body[2]]:
        case [bytes(before), bytes(proof), bytes(public)] if (
            len(before) <= BEFORE_BODY_BYTES_MAX
            and len(proof) <= PROOF_BYTES_MAX
            and len(public) == KEY_BYTES
        ):
            return before, proof, public
        case _:
            raise EntryMalformed(field="body")


def _check_alike(acknowledged: bytes, alert: Entry, said: Entry) -> None:
    """Accept an alert to another party as the same one: same author, thread, kind and body."""
    try:
        theirs = read_entry(acknowledged)
    except (EncodingRefused, EntryMalformed) as error:
        # What stands before a body names its length.
        raise ProofWrong(reason="another alert") from error
    is_alike = (
        theirs.kind == alert.kind == Kind.ALERT
        and theirs.author == alert.author
        and theirs.thread == alert.thread
        and theirs.body == alert.body
        and theirs.space == said.space == SpaceId.of_pair(alert.author, said.author)
    )
    if not is_alike or theirs.space == alert.space:
        raise ProofWrong(reason="another alert")
    if said.author not in read_alert(alert).parties:
        raise ProofWrong(reason="it did not go to that party")


def _check_proof(proof: EntryProof, said: Entry, public: bytes) -> None:
    """Accept that the entry is in its party's log, by what that party signed alone."""
    try:
        checkpoint = read_checkpoint(proof.note.text)
        origin = checkpoint.origin
        keys = log_keys(origin, public)
        # A log that was handed over to another key has its party's cosignature all the same.
        verifiers: list[NoteVerifier] = [keys.log, keys.cosigner]
        is_signed = keys.log.is_sound() and bool(verified(proof.note, verifiers))
    except (NoteMalformed, NoteSignatureWrong) as error:
        raise ProofWrong(reason="a signature does not hold") from error
    if not is_signed or (origin.space, origin.party) != (said.space, said.author):
        raise ProofWrong(reason="its party has not signed it")
    leaf = entry_hash(proof.extra)
    check_inclusion(proof.index, leaf, checkpoint.size, checkpoint.root, list(proof.hashes))
