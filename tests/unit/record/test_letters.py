"""Letters about logs: read as they are, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import LetterMalformed, LetterUnknown
from parley.ids import PartyId, SpaceId
from parley.record.cbor import Value, decode_map, encode
from parley.record.checkpoint import Origin
from parley.record.entry import SIZE_MAX
from parley.record.letters import (
    LETTER_BYTES_MAX,
    WAIT_MS_MAX,
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    Question,
    RecordLetter,
    Showing,
    read_letter,
    write_letter,
)

ORIGIN = Origin(SpaceId(bytes(16)), PartyId(bytes(16)))
HASH = bytes(32)
GROWTH = Growth(ORIGIN, 1, (HASH,), b"note")
UNPROVED = Growth(ORIGIN, 1, (HASH,), b"note", is_unproved=True)
PACKAGE = Package(ORIGIN, 9, 1, (b"entry",), (HASH,))
ANSWER = Answer(ORIGIN, AnswerKind.STORED, 3, 2, "", 7)
QUESTION = Question(ORIGIN)
RESTORED = Question(ORIGIN, is_restored=True)
SHOWING = Showing(ORIGIN, b"note", b"")
PROVED = ProvedEntry(ORIGIN, b"entry", b"proof")


@pytest.mark.parametrize(
    "letter",
    [GROWTH, UNPROVED, PACKAGE, ANSWER, QUESTION, RESTORED, SHOWING, PROVED],
)
def test_a_letter_reads_back_as_it_was_written(letter: RecordLetter) -> None:
    """Each kind, with whatever may be added to it."""
    assert read_letter(write_letter(letter)) == letter


@pytest.mark.parametrize(
    ("letter", "changes"),
    [
        (GROWTH, {0: 4}),
        (GROWTH, {0: None}),
        (GROWTH, {1: "example.com/log"}),
        (GROWTH, {1: 1}),
        (GROWTH, {2: -1}),
        (GROWTH, {2: True}),
        (GROWTH, {2: SIZE_MAX + 1}),
        (GROWTH, {3: HASH}),
        (GROWTH, {3: [bytes(31)]}),
        (GROWTH, {3: ["hash"]}),
        (GROWTH, {3: [HASH] * 64}),
        (GROWTH, {4: "note"}),
        (GROWTH, {4: bytes(65_536)}),
        (GROWTH, {5: 0}),
        (GROWTH, {5: 1}),
        (GROWTH, {5: False}),
        (PACKAGE, {4: []}),
        (PACKAGE, {4: [b""] * 257}),
        (PACKAGE, {4: [bytes(65_536)]}),
        (PACKAGE, {4: ["entry"]}),
        (PACKAGE, {5: None}),
        (ANSWER, {2: 6}),
        (ANSWER, {2: "held"}),
        (ANSWER, {3: 2**63}),
        (ANSWER, {5: b""}),
        (ANSWER, {5: "x" * 65_536}),
        (ANSWER, {6: -1}),
        (QUESTION, {1: "example.com/log"}),
        (QUESTION, {2: b""}),
        (SHOWING, {2: "note"}),
        (SHOWING, {2: bytes(65_536)}),
        (SHOWING, {3: bytes(65_536)}),
        (PROVED, {2: bytes(65_536)}),
        (PROVED, {3: bytes(70_000)}),
        (PROVED, {3: "proof"}),
    ],
)
def test_what_is_not_a_letter_is_refused(letter: RecordLetter, changes: dict[int, Value]) -> None:
    """Each one change away from one that is read."""
    fields = decode_map(write_letter(letter)) | changes
    encoded = encode({key: value for key, value in fields.items() if value is not None})
    with pytest.raises(LetterMalformed):
        read_letter(encoded)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_letter_or_are_refused(body: bytes) -> None:
    """With one code."""
    with pytest.raises(LetterMalformed):
        read_letter(body)


def test_a_letter_longer_than_the_line_carries_is_refused_unread() -> None:
    """The bound comes first."""
    with pytest.raises(LetterMalformed):
        read_letter(bytes(LETTER_BYTES_MAX + 1))


def test_nobody_makes_us_wait_for_ever() -> None:
    """Ten minutes at most."""
    long = write_letter(Answer(ORIGIN, AnswerKind.LATER, wait_ms=SIZE_MAX))
    answer = read_letter(long)
    assert isinstance(answer, Answer)
    assert answer.wait_ms == WAIT_MS_MAX


def test_a_letter_of_a_later_version_is_told_from_one_that_is_none() -> None:
    """By its number: somebody has to update, and nobody is at fault."""
    with pytest.raises(LetterUnknown):
        read_letter(encode({0: 8, 1: "whatever it says"}))
    wrong: list[dict[int, Value]] = [
        {0: 6, 1: "whatever it says"},
        {0: 7, 1: ORIGIN.text(), 2: bytes(65_536)},
    ]
    for body in wrong:
        with pytest.raises(LetterMalformed):
            read_letter(encode(body))
    with pytest.raises(LetterMalformed):
        read_letter(encode({0: True}))
