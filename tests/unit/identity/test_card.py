"""The party card: what a stranger's bytes may be."""

import base64
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import Instant

from parley.errors import (
    CardExpired,
    CardFromFuture,
    CardMalformed,
    CardSignatureWrong,
    ParleyError,
)
from parley.identity.card import (
    CARD_BYTES_MAX,
    PURPOSE,
    Endpoint,
    PartyCard,
    armour,
    card_from,
    read_card,
    sign_card,
    unarmour,
)
from parley.identity.encoding import Value, decode_map, encode
from parley.identity.keys import PartyKey

KEY = PartyKey(bytes(range(32)))
NOW = Instant.from_utc(2026, 11, 1)
CARD = PartyCard(
    public_key=KEY.public,
    name="Saint Orlan Hospital",
    languages=("uz", "zh-Hans"),
    time_zone="Asia/Tashkent",
    endpoints=(Endpoint("main", "192.0.2.1:7400", has_tcp=True), Endpoint("spare", "", False)),
    created_at=NOW,
    expires_at=NOW.add(hours=24),
)
SIGNED = sign_card(CARD, KEY)


def test_a_card_reads_back_as_it_was_signed() -> None:
    """Every field comes through, and the party is the hash of the key."""
    assert read_card(SIGNED) == CARD
    assert read_card(SIGNED).party == KEY.party


def test_a_card_survives_as_text_inside_a_letter() -> None:
    """Armour is found whatever surrounds it, with any line ends."""
    text = f"Dear colleague,\r\n\r\n{armour(SIGNED)}\r\nYours".replace("\n", "\r\n")

    assert card_from(text.encode()) == (CARD, SIGNED)
    assert card_from(SIGNED) == (CARD, SIGNED)


@pytest.mark.parametrize("position", range(0, len(SIGNED), 7))
def test_one_changed_byte_is_refused(position: int) -> None:
    """Wherever it is."""
    changed = bytearray(SIGNED)
    changed[position] ^= 1

    with pytest.raises((CardMalformed, CardSignatureWrong)):
        read_card(bytes(changed))


def test_a_card_signed_by_another_key_is_refused() -> None:
    """A card speaks for the key it names and no other."""
    other = PartyKey(bytes(32))
    content = dict(decode_map(SIGNED, CARD_BYTES_MAX))
    del content[8]
    content[8] = other.sign(PURPOSE, encode(content))

    with pytest.raises(CardSignatureWrong):
        read_card(encode(content))


def test_a_signature_for_another_purpose_is_refused() -> None:
    """What was signed as something else is no card."""
    content = dict(decode_map(SIGNED, CARD_BYTES_MAX))
    del content[8]
    content[8] = KEY.sign("room opening", encode(content))

    with pytest.raises(CardSignatureWrong):
        read_card(encode(content))


def test_only_the_own_key_signs_a_card() -> None:
    """Signing somebody else's card is a fault of the caller."""
    with pytest.raises(ValueError, match="own party's key"):
        sign_card(CARD, PartyKey(bytes(32)))


@pytest.mark.parametrize(
    ("number", "value", "field"),
    [
        (0, 2, "format"),
        (1, b"short", "key"),
        (1, "text", "key"),
        (1, bytes(32), "key"),
        (1, b"\xff" * 32, "key"),
        (2, "", "name"),
        (2, "x" * 81, "name"),
        (2, " padded ", "name"),
        (2, "two\nlines", "name"),
        (2, "evil\u202egnp", "name"),
        (2, "e\u0301", "name"),
        (2, 7, "name"),
        (3, [], "languages"),
        (3, ["en"] * 9, "languages"),
        (3, ["English"], "languages"),
        (3, "en", "languages"),
        (4, "Mars/Olympus", "time_zone"),
        (4, 0, "time_zone"),
        (5, [], "paths"),
        (5, [["a", "192.0.2.1:1", False]] * 2, "paths"),
        (5, [[str(number), "", False] for number in range(9)], "paths"),
        (5, [["a", "192.0.2.1:1", 0]], "paths"),
        (5, [["a", "no port", False]], "paths"),
        (5, [["", "", False]], "paths"),
        (5, ["a"], "paths"),
        (5, "a", "paths"),
        (6, True, "created"),
        (6, "now", "created"),
        (7, 10**18, "expires"),
        (7, 2**63, "expires"),
        (8, "text", None),
        (8, b"short", None),
    ],
)
def test_a_field_that_does_not_hold_is_named(number: int, value: Value, field: str | None) -> None:
    """The refusal says which field; a signature of the wrong form is a wrong signature."""
    content = dict(decode_map(SIGNED, CARD_BYTES_MAX))
    content[number] = value

    with pytest.raises((CardMalformed, CardSignatureWrong)) as refused:
        read_card(encode(content))
    assert refused.value.params.get("field") == field


def test_a_missing_or_additional_field_is_refused() -> None:
    """A card has nine fields."""
    content = dict(decode_map(SIGNED, CARD_BYTES_MAX))
    for changed in ({**content, 9: 1}, {key: content[key] for key in range(8)}):
        with pytest.raises(CardMalformed, match="keys"):
            read_card(encode(changed))


def test_a_card_longer_than_it_may_be_is_refused_unread() -> None:
    """Even if it were well-formed."""
    with pytest.raises(CardMalformed):
        read_card(SIGNED + bytes(CARD_BYTES_MAX))


def test_a_card_is_valid_from_its_first_to_its_last_instant() -> None:
    """A day's grace before, none after."""
    CARD.check(NOW)
    CARD.check(NOW.subtract(hours=24))
    CARD.check(CARD.expires_at.subtract(nanoseconds=1))
    with pytest.raises(CardExpired):
        CARD.check(CARD.expires_at)
    with pytest.raises(CardFromFuture):
        CARD.check(NOW.subtract(hours=25))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN PARLEY PARTY CARD-----",
        armour(SIGNED).replace("=", "!", 1),
        armour(SIGNED)[: len(armour(SIGNED)) // 2],
        armour(SIGNED).replace("A", "B", 1),
        "x" * (CARD_BYTES_MAX * 4 + 1),
    ],
)
def test_damaged_armour_is_refused(text: str) -> None:
    """Cut off, mistyped or too long."""
    with pytest.raises(CardMalformed):
        unarmour(text)


def test_armour_around_what_is_no_base64_is_refused() -> None:
    """The alphabet alone does not make base64."""
    body = "abcde"
    text = (
        f"-----BEGIN PARLEY PARTY CARD-----\n\n{body}\n={zlib.crc32(b''):08x}\n"
        "-----END PARLEY PARTY CARD-----"
    )
    with pytest.raises(CardMalformed, match="armour"):
        unarmour(text)
    with pytest.raises(ValueError, match=r"padding|multiple"):
        base64.b64decode(body, validate=True)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_card_or_refused(content: bytes) -> None:
    """No bytes get through to anything but a refusal of ours."""
    with pytest.raises(ParleyError):
        card_from(content)


@settings(max_examples=300)
@given(st.data())
def test_any_change_to_a_card_is_refused(data: st.DataObject) -> None:  # glossary: Hypothesis' own
    """Cut out, put in, turned over: never a card again, unless nothing changed."""
    start = data.draw(st.integers(0, len(SIGNED)))
    end = data.draw(st.integers(start, min(len(SIGNED), start + 8)))
    changed = SIGNED[:start] + data.draw(st.binary(max_size=8)) + SIGNED[end:]
    if changed == SIGNED:
        return
    with pytest.raises((CardMalformed, CardSignatureWrong)):
        read_card(changed)


@given(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=80),
    st.integers(0, 10**12),
)
def test_any_card_we_sign_reads_back(name: str, at_ms: int) -> None:
    """Names of any script come through once they are in normal form."""
    import unicodedata  # noqa: PLC0415  here alone

    normal = unicodedata.normalize("NFC", name)
    if len(normal) > 80:
        return
    created = Instant.from_timestamp(at_ms, unit="millisecond")
    card = replace(CARD, name=normal, created_at=created, expires_at=created.add(hours=1))

    assert read_card(sign_card(card, KEY)) == card
