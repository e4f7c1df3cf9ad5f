"""Typed ids and their text."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.ids import (
    ID_CHARACTERS,
    Id,
    ParticipantId,
    PartyId,
    RoomId,
    SpaceId,
    parse_track,
    track_text,
)


@given(st.binary(min_size=16, max_size=16))
def test_an_id_survives_the_way_to_text_and_back(raw: bytes) -> None:
    """Text is 26 letters and digits, in one spelling alone."""
    text = RoomId(raw).text

    assert len(text) == ID_CHARACTERS
    assert RoomId.parse(text) == raw


@given(st.text(max_size=40))
def test_any_text_is_an_id_in_its_one_spelling_or_refused(text: str) -> None:
    """Nothing but the canonical text is read."""
    try:
        parsed = RoomId.parse(text)
    except ValueError:
        return
    assert parsed.text == text


@pytest.mark.parametrize("text", ["", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "1", "a" * 25 + "b"])
def test_other_spellings_are_refused(text: str) -> None:
    """Wrong length, capitals, digits outside the alphabet, bits after the last byte."""
    with pytest.raises(ValueError, match="an id"):
        RoomId.parse(text)


def test_an_id_has_sixteen_bytes() -> None:
    """No other length is an id."""
    with pytest.raises(ValueError, match="16 bytes"):
        PartyId(b"short")


def test_a_party_is_named_by_the_hash_of_its_key() -> None:
    """The first sixteen bytes of SHA-256."""
    assert PartyId.of_key(b"k" * 32) == hashlib.sha256(b"k" * 32).digest()[:16]


def test_both_parties_of_a_line_name_its_space_alike() -> None:
    """Whichever counts itself first; another pair has another space."""
    first, second, third = PartyId(b"a" * 16), PartyId(b"b" * 16), PartyId(b"c" * 16)

    assert SpaceId.of_pair(first, second) == SpaceId.of_pair(second, first)
    assert SpaceId.of_pair(first, second) != SpaceId.of_pair(first, third)


def test_fresh_ids_differ() -> None:
    """They are random."""
    assert len({RoomId.new() for _ in range(64)}) == 64


def test_an_id_shows_its_type_and_text() -> None:
    """In logs a room is not taken for a party."""
    room = RoomId(bytes(16))
    assert repr(room) == str(room) == f"RoomId({'a' * 26})"
    assert isinstance(room, Id)


def test_a_track_is_a_participant_and_an_index() -> None:
    """Written with a slash between."""
    participant = ParticipantId.new()

    assert parse_track(track_text(participant, 2)) == (participant, 2)


@pytest.mark.parametrize("text", ["", "/", "x/0", "a" * 26, "a" * 26 + "/3", "a" * 26 + "/00"])
def test_other_texts_are_no_track(text: str) -> None:
    """Three tracks a participant, no more."""
    with pytest.raises(ValueError, match=r"a track|an id"):
        parse_track(text)
