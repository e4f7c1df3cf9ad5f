"""Letters about the line itself (topic 17): hello, withdrawal, clocks compared, a key seen twice.

``protocol/pairing.md`` describes the bytes. Every letter is a deterministic CBOR map whose key 0 is
its kind; a letter that does not hold is set aside whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from parley.errors import EncodingRefused, LetterMalformed
from parley.identity.card import CARD_BYTES_MAX
from parley.identity.encoding import Value, decode_map, encode
from parley.ids import ID_BYTES, BootId

TOPIC: Final = 17
LANE: Final = 2
LETTER_BYTES_MAX: Final = CARD_BYTES_MAX + 1_024
PAIR_BYTES: Final = 32
_KIND, _FIRST, _SECOND, _THIRD = range(4)
_HELLO, _WITHDRAWAL, _QUESTION, _ANSWER, _WARNING = 1, 2, 3, 4, 5
_MS_MAX: Final = 253_402_300_799_999
"""Last millisecond of the year 9999."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Says: we have confirmed this pair of keys, and this is our newest card."""

    boot: BootId
    """Which start of the node speaks; another one means that it has forgotten what it was told."""
    pair: bytes
    """SHA-256 of both keys in sorted order: which pair was confirmed."""
    card: bytes
    """The sender's signed card."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Says: we have closed our end until further notice."""


@dataclass(frozen=True, slots=True)
class ClockQuestion:
    """Asks: what time is it at yours?"""

    number: int
    """Repeated in the answer."""


@dataclass(frozen=True, slots=True)
class ClockAnswer:
    """Says: it was this time here when your question came."""

    number: int
    """The question's number."""
    at_ms: int
    """The sender's wall clock, milliseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class KeyWarning:
    """Says: while you were here, another node showed your key and wanted this line."""


LineLetter: TypeAlias = Hello | Withdrawal | ClockQuestion | ClockAnswer | KeyWarning


def write_letter(letter: LineLetter) -> bytes:
    """Return a letter's bytes."""
    content: dict[int, Value]
    match letter:
        case Hello():
            content = {
                _KIND: _HELLO,
                _FIRST: bytes(letter.boot),
                _SECOND: letter.pair,
                _THIRD: letter.card,
            }
        case Withdrawal():
            content = {_KIND: _WITHDRAWAL}
        case ClockQuestion():
            content = {_KIND: _QUESTION, _FIRST: letter.number}
        case ClockAnswer():
            content = {_KIND: _ANSWER, _FIRST: letter.number, _SECOND: letter.at_ms}
        case KeyWarning():
            content = {_KIND: _WARNING}
    return encode(content)


def read_letter(body: bytes) -> LineLetter:
    """Read foreign bytes as a letter about the line.

    Raises:
        LetterMalformed: they are none.
    """
    try:
        content = decode_map(body, LETTER_BYTES_MAX)
    except EncodingRefused as error:
        raise LetterMalformed(topic=TOPIC) from error
    letter = _letter(content)
    if letter is None:
        raise LetterMalformed(topic=TOPIC)
    return letter


def _letter(content: Mapping[int, Value]) -> LineLetter | None:
    keys = sorted(content)
    if keys != list(range(len(keys))):
        return None
    letter: LineLetter | None = None
    match [content[key] for key in keys]:
        case [1, bytes() as boot, bytes() as pair, bytes() as card]:
            if len(boot) == ID_BYTES and len(pair) == PAIR_BYTES:
                letter = Hello(BootId(boot), pair, card)
        case [2]:
            letter = Withdrawal()
        case [3, int() as number] if _is_whole(number, 2**32):
            letter = ClockQuestion(number)
        case [4, int() as number, int() as at_ms]:
            if _is_whole(number, 2**32) and _is_whole(at_ms, _MS_MAX):
                letter = ClockAnswer(number, at_ms)
        case [5]:
            letter = KeyWarning()
        case _:
            pass
    return letter


def _is_whole(value: int, limit: int) -> bool:
    return not isinstance(value, bool) and 0 <= value <= limit
