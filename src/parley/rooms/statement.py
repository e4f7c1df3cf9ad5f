"""Signed statements about rooms: that one was opened, that it was closed.

``protocol/room.md`` describes the bytes. A statement names its signer by key, so a party without a
line to the signer can still check it: the key's hash is the party id that the room lists.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.config.kinds import Text
from parley.errors import EncodingRefused, LetterMalformed
from parley.identity.encoding import Value, decode_map, encode
from parley.identity.keys import PartyKey, is_usable, verify
from parley.ids import ID_BYTES, PartyId, RoomId

TOPIC: Final = 16
STATEMENT_BYTES_MAX: Final = 8_192
"""Thirty-two parties with long names take 4 KiB."""
PARTIES_MAX: Final = 32
TITLE: Final = Text(1, 120)
NAME: Final = Text(1, 80)
_OPENING, _CLOSING = 1, 2
_FORM, _ROOM, _KEY, _AT, _SUBJECT, _PERSON, _PARTIES, _SIGNATURE = range(8)
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Opening:
    """A party says that it opened a room for itself and others."""

    room: RoomId
    title: str
    opener_key: bytes
    """Public key of the party that opened it."""
    person_name: str
    """Who opened it, as that party names the person."""
    opened_at: Instant
    parties: tuple[tuple[PartyId, str], ...]
    """Whom the room spans, in the order of their ids, as the opener names them."""

    @property
    def opener(self) -> PartyId:
        """The party that opened the room."""
        return PartyId.of_key(self.opener_key)

    @property
    def members(self) -> frozenset[PartyId]:
        """Whom the room spans."""
        return frozenset(party for party, _ in self.parties)


@dataclass(frozen=True, slots=True)
class Closing:
    """A party of a room says that it closed it."""

    room: RoomId
    closer_key: bytes
    closed_at: Instant
    opening_hash: bytes
    """SHA-256 of the opening's bytes: which room of that id."""

    @property
    def closer(self) -> PartyId:
        """The party that closed the room."""
        return PartyId.of_key(self.closer_key)


def sign_opening(opening: Opening, key: PartyKey) -> bytes:
    """Return an opening as signed bytes."""
    content: dict[int, Value] = {
        _FORM: _OPENING,
        _ROOM: bytes(opening.room),
        _KEY: opening.opener_key,
        _AT: milliseconds(opening.opened_at),
        _SUBJECT: opening.title,
        _PERSON: opening.person_name,
        _PARTIES: [[bytes(party), name] for party, name in opening.parties],
    }
    return encode({**content, _SIGNATURE: key.sign("room opening", encode(content))})


def sign_closing(closing: Closing, key: PartyKey) -> bytes:
    """Return a closing as signed bytes."""
    content: dict[int, Value] = {
        _FORM: _CLOSING,
        _ROOM: bytes(closing.room),
        _KEY: closing.closer_key,
        _AT: milliseconds(closing.closed_at),
        _SUBJECT: closing.opening_hash,
    }
    return encode({**content, _SIGNATURE: key.sign("room closing", encode(content))})


def read_opening(encoded: bytes) -> Opening | None:
    """Read foreign bytes as an opening; None if its signature does not hold.

    Raises:
        LetterMalformed: the bytes are no opening.
    """
    fields = _fields(encoded, _OPENING, {*range(8)})
    parties = _parties(fields[_PARTIES])
    opening = Opening(
        _room(fields[_ROOM]),
        _text(TITLE, fields[_SUBJECT]),
        _key(fields[_KEY]),
        _text(NAME, fields[_PERSON]),
        _instant(fields[_AT]),
        parties,
    )
    return opening if _is_signed("room opening", fields) else None


def read_closing(encoded: bytes) -> Closing | None:
    """Read foreign bytes as a closing; None if its signature does not hold.

    Raises:
        LetterMalformed: the bytes are no closing.
    """
    fields = _fields(encoded, _CLOSING, {*range(5), _SIGNATURE})
    opening_hash = fields[_SUBJECT]
    if not isinstance(opening_hash, bytes) or len(opening_hash) != _HASH_BYTES:
        raise LetterMalformed(topic=TOPIC)
    closing = Closing(_room(fields[_ROOM]), _key(fields[_KEY]), _instant(fields[_AT]), opening_hash)
    return closing if _is_signed("room closing", fields) else None


def hash_of(encoded: bytes) -> bytes:
    """Return what a closing quotes of an opening."""
    return hashlib.sha256(encoded).digest()


def _fields(encoded: bytes, form: int, keys: set[int]) -> Mapping[int, Value]:
    try:
        fields = decode_map(encoded, STATEMENT_BYTES_MAX)
    except EncodingRefused as error:
        raise LetterMalformed(topic=TOPIC) from error
    if set(fields) != keys or fields[_FORM] != form:
        raise LetterMalformed(topic=TOPIC)
    return fields


def _is_signed(purpose: str, fields: Mapping[int, Value]) -> bool:
    key, signature = fields[_KEY], fields[_SIGNATURE]
    signed = encode({number: value for number, value in fields.items() if number != _SIGNATURE})
    return (
        isinstance(key, bytes)
        and isinstance(signature, bytes)
        and verify(key, purpose, signed, signature)
    )


def _room(value: Value) -> RoomId:
    if not isinstance(value, bytes) or len(value) != ID_BYTES:
        raise LetterMalformed(topic=TOPIC)
    return RoomId(value)


def _key(value: Value) -> bytes:
    if not isinstance(value, bytes) or not is_usable(value):
        raise LetterMalformed(topic=TOPIC)
    return value


def _text(kind: Text, value: Value) -> str:
    try:
        text = kind.read(value)
    except ValueError as error:
        raise LetterMalformed(topic=TOPIC) from error
    if text != value:
        raise LetterMalformed(topic=TOPIC)
    return text


def _instant(value: Value) -> Instant:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LetterMalformed(topic=TOPIC)
    try:
        return from_milliseconds(value)
    except (ValueError, OverflowError) as error:
        raise LetterMalformed(topic=TOPIC) from error


def _parties(value: Value) -> tuple[tuple[PartyId, str], ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= PARTIES_MAX:
        raise LetterMalformed(topic=TOPIC)
    parties = tuple(_party(item) for item in value)
    ids = [party for party, _ in parties]
    if ids != sorted(set(ids)):
        raise LetterMalformed(topic=TOPIC)
    return parties


def _party(value: Value) -> tuple[PartyId, str]:
    match value:
        case [bytes() as party, str() as name] if len(party) == ID_BYTES:
            return PartyId(party), _text(NAME, name)
        case _:
            raise LetterMalformed(topic=TOPIC)
