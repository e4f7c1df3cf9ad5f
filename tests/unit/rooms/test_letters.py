"""Letters, statements and labels about rooms: strangers' bytes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import Instant

from parley.errors import LetterMalformed
from parley.identity.encoding import decode_map, encode
from parley.identity.keys import PartyKey
from parley.ids import ParticipantId, PartyId, RoomId
from parley.rooms.label import Label, read_label, sign_label
from parley.rooms.letters import (
    HopFigures,
    PartyReport,
    Quality,
    RoomLetter,
    Statements,
    read_letter,
    write_letter,
)
from parley.rooms.statement import (
    Closing,
    Opening,
    hash_of,
    read_closing,
    read_opening,
    sign_closing,
    sign_opening,
)

KEY, OTHER = PartyKey(bytes(range(32))), PartyKey(bytes(32))
ROOM, PARTICIPANT = RoomId(b"r" * 16), ParticipantId(b"p" * 16)
NOW = Instant.from_utc(2026, 11, 1)
OPENING = Opening(
    ROOM,
    "Weekly line check",
    KEY.public,
    "Ingrid Solberg",
    NOW,
    tuple(sorted([(KEY.party, "Harbour"), (OTHER.party, "Hospital")])),
)
OPENED = sign_opening(OPENING, KEY)
CLOSING = Closing(ROOM, OTHER.public, NOW, hash_of(OPENED))
CLOSED = sign_closing(CLOSING, OTHER)
LABEL = Label(ROOM, PARTICIPANT, KEY.public, "Ingrid Solberg")
LABELLED = sign_label(LABEL, KEY)
FIGURES = HopFigures(12, 30, None)
LETTERS: list[RoomLetter] = [
    Statements(()),
    Statements(((OPENED, None), (OPENED, CLOSED))),
    Quality(()),
    Quality((PartyReport(ROOM, KEY.party, 7, FIGURES, ((PARTICIPANT, FIGURES),)),)),
]
REPORT = [bytes(16), bytes(16), 0, [1, 2, 3], []]


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_reads_back_as_it_was_written(letter: RoomLetter) -> None:
    """Both kinds, empty and full."""
    assert read_letter(write_letter(letter)) == letter


@pytest.mark.parametrize(
    "content",
    [
        {},
        {0: 1},
        {0: 3, 1: []},
        {0: 1, 1: {}},
        {0: 1, 1: [], 2: 0},
        {0: 1, 1: [1]},
        {0: 1, 1: [[b""]]},
        {0: 1, 1: [[b"", "x"]]},
        {0: 1, 1: [[None, None]]},
        {0: 1, 1: [[b"", None]] * 513},
        {0: 2, 1: [7]},
        {0: 2, 1: [REPORT] * 65},
        {0: 2, 1: [[bytes(15), *REPORT[1:]]]},
        {0: 2, 1: [[REPORT[0], bytes(15), *REPORT[2:]]]},
        {0: 2, 1: [[*REPORT[:2], -1, *REPORT[3:]]]},
        {0: 2, 1: [[*REPORT[:2], True, *REPORT[3:]]]},
        {0: 2, 1: [[*REPORT[:3], [1, 2], []]]},
        {0: 2, 1: [[*REPORT[:3], [1, 1_001, 3], []]]},
        {0: 2, 1: [[*REPORT[:3], ["1", 2, 3], []]]},
        {0: 2, 1: [[*REPORT[:4], [[bytes(16)]]]]},
        {0: 2, 1: [[*REPORT[:4], [[bytes(15), [1, 2, 3]]]]]},
        {0: 2, 1: [[*REPORT[:4], [[bytes(16), [1, 2, 3]]] * 257]]},
        7,
    ],
)
def test_a_letter_that_does_not_hold_is_refused_whole(content: Any) -> None:  # noqa: ANN401  any form
    """Wrong kinds, wrong forms, too much of everything."""
    with pytest.raises(LetterMalformed):
        read_letter(encode(content))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_letter_or_refused(body: bytes) -> None:
    """Nothing else comes out of a hostile letter."""
    try:
        letter = read_letter(body)
    except LetterMalformed:
        return
    assert write_letter(letter) == body


def test_statements_read_back_as_they_were_signed() -> None:
    """With the parties their keys name."""
    assert read_opening(OPENED) == OPENING
    assert read_closing(CLOSED) == CLOSING
    assert OPENING.opener == KEY.party
    assert OPENING.members == {KEY.party, OTHER.party}
    assert CLOSING.closer == OTHER.party


@settings(max_examples=200)
@given(st.sampled_from([OPENED, CLOSED]), st.integers(0, 10**6), st.binary(max_size=4))
def test_any_change_to_a_statement_is_refused(signed: bytes, place: int, put: bytes) -> None:
    """Cut out or put in: never a statement again, unless nothing changed."""
    start = place % len(signed)
    changed = signed[:start] + put + signed[start + len(put) :]
    if changed == signed:
        return
    for read in (read_opening, read_closing):
        try:
            assert read(changed) is None
        except LetterMalformed:
            continue


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (0, 3),
        (1, bytes(15)),
        (1, "room"),
        (2, bytes(32)),
        (2, "key"),
        (3, -(10**15)),
        (3, 10**18),
        (3, True),
        (4, ""),
        (4, " padded"),
        (4, "two\nlines"),
        (4, 7),
        (5, "x" * 81),
        (6, []),
        (6, "parties"),
        (6, [[bytes(16), "a"]] * 33),
        (6, [[bytes(16), "a"], [bytes(16), "a"]]),
        (6, [[b"b" * 16, "b"], [b"a" * 16, "a"]]),
        (6, [[bytes(15), "a"]]),
        (6, [[bytes(16)]]),
    ],
)
def test_an_opening_whose_field_does_not_hold_is_refused(number: int, value: Any) -> None:  # noqa: ANN401  any form
    """Whoever signed it."""
    content = dict(decode_map(OPENED, 9_000))
    del content[7]
    content[number] = value
    content[7] = KEY.sign("room opening", encode(content))

    with pytest.raises(LetterMalformed):
        read_opening(encode(content))


def test_a_closing_quotes_a_hash() -> None:
    """Of the right length."""
    content = dict(decode_map(CLOSED, 9_000))
    content[4] = b"short"
    with pytest.raises(LetterMalformed):
        read_closing(encode(content))


def test_a_statement_signed_by_another_key_is_none() -> None:
    """Nor one whose signature is of another form."""
    content = dict(decode_map(OPENED, 9_000))
    for signature in (OTHER.sign("room opening", b""), b"", "text"):
        content[7] = signature
        assert read_opening(encode(content)) is None


def test_a_label_reads_back_for_its_own_participant_alone() -> None:
    """Not for another room, participant or party."""
    assert read_label(LABELLED, ROOM, PARTICIPANT, KEY.party) == LABEL
    assert LABEL.party == KEY.party
    assert read_label(LABELLED, RoomId.new(), PARTICIPANT, KEY.party) is None
    assert read_label(LABELLED, ROOM, ParticipantId.new(), KEY.party) is None
    assert read_label(LABELLED, ROOM, PARTICIPANT, OTHER.party) is None
    assert read_label(sign_label(LABEL, OTHER), ROOM, PARTICIPANT, KEY.party) is None


@pytest.mark.parametrize(
    ("number", "value"),
    [(0, 2), (3, "key"), (3, b"short"), (4, ""), (4, "e\u0301"), (4, 7), (5, "text"), (6, 0)],
)
def test_a_label_whose_field_does_not_hold_is_none(number: int, value: Any) -> None:  # noqa: ANN401  any form
    """Whoever signed it."""
    content = dict(decode_map(LABELLED, 1_024))
    content[number] = value

    assert read_label(encode(content), ROOM, PARTICIPANT, KEY.party) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_no_label(encoded: bytes) -> None:
    """Without the party's key."""
    assert read_label(encoded, ROOM, PARTICIPANT, PartyId(bytes(16))) is None
