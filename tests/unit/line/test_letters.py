"""Letters about the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import LetterMalformed
from parley.identity.encoding import Value, encode
from parley.ids import BootId
from parley.line.letters import (
    LETTER_BYTES_MAX,
    ClockAnswer,
    ClockQuestion,
    Hello,
    KeyWarning,
    LineLetter,
    Withdrawal,
    read_letter,
    write_letter,
)

LETTERS: list[LineLetter] = [
    Hello(BootId(bytes(16)), bytes(32), b"card"),
    Withdrawal(),
    ClockQuestion(7),
    ClockAnswer(7, 1_793_534_400_000),
    KeyWarning(),
]


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_reads_back_as_it_was_written(letter: LineLetter) -> None:
    """Each kind."""
    assert read_letter(write_letter(letter)) == letter


@pytest.mark.parametrize(
    "content",
    [
        {},
        {0: 9},
        {0: 2, 1: 0},
        {1: 2},
        {0: True},
        {0: 1, 1: bytes(15), 2: bytes(32), 3: b""},
        {0: 1, 1: bytes(16), 2: bytes(31), 3: b""},
        {0: 1, 1: bytes(16), 2: bytes(32), 3: "card"},
        {0: 1, 1: bytes(16), 2: bytes(32)},
        {0: 3, 1: -1},
        {0: 3, 1: True},
        {0: 3, 1: 2**32 + 1},
        {0: 3, 2: 1},
        {0: 4, 1: 7, 2: 253_402_300_800_000},
        {0: 4, 1: 7, 2: -1},
        {0: 4, 1: False, 2: 1},
        [1],
        7,
    ],
)
def test_a_letter_that_does_not_hold_is_refused_whole(content: Value) -> None:
    """Unknown kinds, missing fields, values out of range."""
    with pytest.raises(LetterMalformed):
        read_letter(encode(content))


def test_a_letter_that_is_too_long_is_refused_unread() -> None:
    """A hello carries one card."""
    with pytest.raises(LetterMalformed):
        read_letter(encode({0: 1, 1: bytes(16), 2: bytes(32), 3: bytes(LETTER_BYTES_MAX)}))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_letter_or_refused(body: bytes) -> None:
    """Nothing else comes out of a hostile letter."""
    try:
        letter = read_letter(body)
    except LetterMalformed:
        return
    assert write_letter(letter) == body
