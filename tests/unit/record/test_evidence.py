"""Evidence: shows a contradiction to a third person, or is refused."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import EvidenceWrong, NoteSignatureWrong, NoteUnsigned
from parley.ids import SpaceId
from parley.record.cbor import Value, encode
from parley.record.checkpoint import Checkpoint, Origin
from parley.record.evidence import (
    EvidenceKind,
    LogEvidence,
    check_evidence,
    read_evidence,
    write_evidence,
)
from parley.record.merkle import joined, leaf_hash
from parley.record.note import Note
from parley.testing.records import PartySigners

SPACE = SpaceId(b"s" * 16)
AUTHOR, OTHER = PartySigners("author"), PartySigners("other")
ORIGIN = AUTHOR.origin(SPACE)
KEYS = AUTHOR.keys(SPACE)
ONE, TWO, THREE = (leaf_hash(bytes([number])) for number in range(3))


def note(size: int, root: bytes, seconds: int = 9, origin: Origin = ORIGIN) -> bytes:
    """Return a checkpoint the author signed."""
    text = Checkpoint(origin, size, root).text()
    signatures = (AUTHOR.signer(SPACE).sign(text), AUTHOR.cosigners[0].cosign(text, seconds))
    return Note(text, signatures).encoded()


SAME = LogEvidence(EvidenceKind.SAME_SIZE, note(2, ONE), note(2, TWO))
BRANCH = LogEvidence(
    EvidenceKind.OTHER_BRANCH, note(1, THREE), note(2, joined(ONE, TWO)), ONE, (TWO,)
)
ROLLED = LogEvidence(EvidenceKind.ROLLED_BACK, note(1, ONE, 10), note(2, joined(ONE, TWO), 9))


@pytest.mark.parametrize("evidence", [SAME, BRANCH, ROLLED])
def test_evidence_shows_what_it_says(evidence: LogEvidence) -> None:
    """To anybody who has the party's keys, from its bytes alone."""
    handed_over = read_evidence(write_evidence(evidence))
    assert handed_over == evidence
    first, second = check_evidence(handed_over, KEYS.log, KEYS.cosigner)
    assert first.origin == second.origin == ORIGIN


@pytest.mark.parametrize(
    "evidence",
    [
        dataclasses.replace(SAME, second=SAME.first),
        dataclasses.replace(SAME, second=note(3, TWO)),
        dataclasses.replace(BRANCH, first=note(1, ONE)),
        dataclasses.replace(BRANCH, root=TWO),
        dataclasses.replace(BRANCH, root=b""),
        dataclasses.replace(BRANCH, proof=()),
        dataclasses.replace(ROLLED, first=note(1, ONE, 9)),
        dataclasses.replace(ROLLED, first=note(2, ONE, 10)),
        dataclasses.replace(SAME, first=b"x"),
        dataclasses.replace(
            SAME,
            first=note(2, ONE, origin=OTHER.origin(SPACE)),
            second=note(2, TWO, origin=OTHER.origin(SPACE)),
        ),
        dataclasses.replace(SAME, first=note(2, ONE, origin=Origin(SPACE, AUTHOR.party, 1))),
    ],
)
def test_what_is_no_contradiction_is_refused(evidence: LogEvidence) -> None:
    """A party is not accused by what two of its checkpoints do not say."""
    with pytest.raises(EvidenceWrong):
        check_evidence(evidence, KEYS.log, KEYS.cosigner)


def test_nobody_else_can_make_evidence_against_a_party() -> None:
    """Both statements must be its own."""
    theirs = OTHER.keys(SPACE)
    with pytest.raises(NoteUnsigned):
        check_evidence(SAME, theirs.log, theirs.cosigner)
    with pytest.raises(NoteUnsigned):
        check_evidence(ROLLED, KEYS.log, theirs.cosigner)
    forged = SAME.first.replace(b"\n2\n", b"\n3\n")
    with pytest.raises(NoteSignatureWrong):
        check_evidence(dataclasses.replace(SAME, first=forged), KEYS.log, KEYS.cosigner)


FIELDS: dict[int, Value] = {0: 1, 1: 0, 2: b"", 3: b"", 4: b"", 5: []}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        FIELDS | {0: 2},
        FIELDS | {1: 3},
        FIELDS | {2: "note"},
        FIELDS | {5: ["hash"]},
        FIELDS | {6: 0},
    ],
)
def test_what_is_no_evidence_is_refused(fields: dict[int, Value]) -> None:
    """Another version, another kind, another form."""
    with pytest.raises(EvidenceWrong, match="form"):
        read_evidence(encode(fields))


@given(st.binary(max_size=60))
def test_any_bytes_are_evidence_or_are_refused(encoded: bytes) -> None:
    """Mostly refused."""
    with pytest.raises(EvidenceWrong):
        read_evidence(encoded)
