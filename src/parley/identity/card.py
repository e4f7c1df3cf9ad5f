"""The party card: what one party gives another so that a line can be set up.

A card is deterministic CBOR with a signature by the key it names, 8 KiB at most. As text it is
armoured so that it survives a letter, an e-mail or a chat window; ``protocol/pairing.md`` describes
both forms to a stranger, and ``protocol/vectors/pairing`` holds cards every implementation must
read alike.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.config.kinds import ADDRESS, LANGUAGE, TIME_ZONE, Text
from parley.errors import (
    CardExpired,
    CardFromFuture,
    CardMalformed,
    CardSignatureWrong,
    EncodingRefused,
)
from parley.identity.encoding import Value, decode_map, encode
from parley.identity.keys import PartyKey, is_usable, verify
from parley.ids import PartyId

CARD_BYTES_MAX: Final = 8_192
"""A card with eight paths and long names has about 900 bytes; more would only serve an attack."""
PATHS_MAX: Final = 8
LANGUAGES_MAX: Final = 8
PURPOSE: Final = "card"
FUTURE_S_MAX: Final = 86_400
"""A card may be this far ahead: a clock a time zone off still pairs, one a year off does not."""
_FORMAT: Final = 1
_NAME: Final = Text(1, 80)
_PATH_NAME: Final = Text(1, 24)
_BEGIN: Final = "-----BEGIN PARLEY PARTY CARD-----"
_END: Final = "-----END PARLEY PARTY CARD-----"
_ARMOUR: Final = re.compile(rf"{_BEGIN}\s+([A-Za-z0-9+/=\s]+?)\s+=([0-9a-f]{{8}})\s+{_END}")

# Keys of the map, in protocol/pairing.md.
(
    _K_FORMAT,
    _K_KEY,
    _K_NAME,
    _K_LANGUAGES,
    _K_ZONE,
    _K_PATHS,
    _K_CREATED,
    _K_EXPIRES,
    _K_SIGNATURE,
) = range(9)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One network path of a party, as others reach it."""

    name: str
    """The operator's word for the path."""
    address: str
    """``host:port``, or empty when the party only dials out on this path."""
    has_tcp: bool
    """Whether the path also carries packets over TCP."""


@dataclass(frozen=True, slots=True)
class PartyCard:
    """One party's own statement of who it is and where its node is reached."""

    public_key: bytes
    """Ed25519, 32 bytes; its hash is the party's id."""
    name: str
    """What the party calls itself; a label, not an identity."""
    languages: tuple[str, ...]
    """Languages spoken at the desk, the first preferred."""
    time_zone: str
    """IANA name of the zone the desk lives in."""
    endpoints: tuple[Endpoint, ...]
    """The party's paths, in its own order."""
    created_at: Instant
    """First instant at which the card is valid."""
    expires_at: Instant
    """Instant from which the card is no longer valid."""

    @property
    def party(self) -> PartyId:
        """The party's id, computed from the key."""
        return PartyId.of_key(self.public_key)

    def check(self, now: Instant) -> None:
        """Refuse a card outside its time.

        Raises:
            CardExpired: its last instant has passed.
            CardFromFuture: its first instant is more than a day ahead.
        """
        if now >= self.expires_at:
            raise CardExpired
        if self.created_at > now.add(seconds=FUTURE_S_MAX):
            raise CardFromFuture


def sign_card(card: PartyCard, key: PartyKey) -> bytes:
    """Return ``card`` as signed bytes.

    Raises:
        ValueError: ``key`` is not the card's.
    """
    if key.public != card.public_key:
        reason = "a card is signed with its own party's key"
        raise ValueError(reason)
    content = _content(card)
    content[_K_SIGNATURE] = key.sign(PURPOSE, encode(_content(card)))
    return encode(content)


def read_card(encoded: bytes) -> PartyCard:
    """Read foreign bytes as a card; whether its time has come is :meth:`PartyCard.check`'s.

    Raises:
        CardMalformed: the bytes are no card.
        CardSignatureWrong: the card is not signed by the key it names.
    """
    try:
        fields = decode_map(encoded, CARD_BYTES_MAX)
    except EncodingRefused as error:
        raise CardMalformed(field="encoding") from error
    if set(fields) != set(range(9)):
        raise CardMalformed(field="keys")
    if fields[_K_FORMAT] != _FORMAT:
        raise CardMalformed(field="format")
    card = PartyCard(
        public_key=_public_key(fields[_K_KEY]),
        name=_text(_NAME, fields[_K_NAME], "name"),
        languages=_languages(fields[_K_LANGUAGES]),
        time_zone=_time_zone(fields[_K_ZONE]),
        endpoints=_endpoints(fields[_K_PATHS]),
        created_at=_instant(fields[_K_CREATED], "created"),
        expires_at=_instant(fields[_K_EXPIRES], "expires"),
    )
    _check_signature(card, fields)
    return card


def armour(encoded: bytes) -> str:
    """Return a signed card as text for a letter, an e-mail or a file."""
    body = base64.b64encode(encoded).decode("ascii")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join((_BEGIN, "", *lines, f"={zlib.crc32(encoded):08x}", _END, ""))


def unarmour(text: str) -> bytes:
    """Return the bytes inside card text, whatever surrounds it.

    Raises:
        CardMalformed: there is no card in the text, or it was damaged on the way.
    """
    if len(text) > CARD_BYTES_MAX * 4:
        raise CardMalformed(field="length")
    found = _ARMOUR.search(text)
    if found is None:
        raise CardMalformed(field="armour")
    try:
        encoded = base64.b64decode("".join(found[1].split()), validate=True)
    except binascii.Error as error:
        raise CardMalformed(field="armour") from error
    if f"{zlib.crc32(encoded):08x}" != found[2]:
        raise CardMalformed(field="checksum")
    return encoded


def card_from(content: bytes) -> tuple[PartyCard, bytes]:
    """Read a card file, armoured or not; return the card and its signed bytes.

    Raises:
        CardMalformed: neither form of a card.
        CardSignatureWrong: the card is not signed by the key it names.
    """
    encoded = content
    if b"-----BEGIN" in content:
        encoded = unarmour(content.decode("utf-8", errors="replace"))
    return read_card(encoded), encoded


def _content(card: PartyCard) -> dict[int, Value]:
    return {
        _K_FORMAT: _FORMAT,
        _K_KEY: card.public_key,
        _K_NAME: card.name,
        _K_LANGUAGES: list(card.languages),
        _K_ZONE: card.time_zone,
        _K_PATHS: [[path.name, path.address, path.has_tcp] for path in card.endpoints],
        _K_CREATED: milliseconds(card.created_at),
        _K_EXPIRES: milliseconds(card.expires_at),
    }


def _check_signature(card: PartyCard, fields: Mapping[int, Value]) -> None:
    signature = fields[_K_SIGNATURE]
    signed = encode({key: value for key, value in fields.items() if key != _K_SIGNATURE})
    if not isinstance(signature, bytes) or not verify(card.public_key, PURPOSE, signed, signature):
        raise CardSignatureWrong


def _public_key(value: Value) -> bytes:
    if not isinstance(value, bytes) or not is_usable(value):
        raise CardMalformed(field="key")
    return value


def _text(kind: Text, value: Value, field: str) -> str:
    """Read text that must already be normal, so that the signed bytes are what is shown."""
    try:
        text = kind.read(value)
    except ValueError as error:
        raise CardMalformed(field=field) from error
    if text != value:
        raise CardMalformed(field=field)
    return text


def _languages(value: Value) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= LANGUAGES_MAX:
        raise CardMalformed(field="languages")
    try:
        return tuple(LANGUAGE.read(item) for item in value)
    except ValueError as error:
        raise CardMalformed(field="languages") from error


def _time_zone(value: Value) -> str:
    try:
        return TIME_ZONE.read(value)
    except ValueError as error:
        raise CardMalformed(field="time_zone") from error


def _endpoints(value: Value) -> tuple[Endpoint, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= PATHS_MAX:
        raise CardMalformed(field="paths")
    endpoints = tuple(_endpoint(item) for item in value)
    if len({endpoint.name for endpoint in endpoints}) != len(endpoints):
        raise CardMalformed(field="paths")
    return endpoints


def _endpoint(value: Value) -> Endpoint:
    match value:
        case [str() as name, str() as address, bool() as has_tcp]:
            try:
                return Endpoint(_text(_PATH_NAME, name, "paths"), ADDRESS.read(address), has_tcp)
            except ValueError as error:
                raise CardMalformed(field="paths") from error
        case _:
            raise CardMalformed(field="paths")


def _instant(value: Value, field: str) -> Instant:
    if isinstance(value, bool) or not isinstance(value, int):
        raise CardMalformed(field=field)
    try:
        return from_milliseconds(value)
    except (ValueError, OverflowError) as error:
        raise CardMalformed(field=field) from error
