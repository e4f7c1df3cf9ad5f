"""What the words of an alert may be made of. A core without I/O.

A reader must see what was written, in the order in which it was written, and two desks must see the
same. So what cannot be seen, what turns the direction of other characters, what looks like another
letter, and what has two encodings, is found here. At the author's node it is refused with its
place; in a text of the other party it is shown beside the text. Nobody's words are ever changed.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from parley.errors import AlertTextRefused

CHARACTERS_MAX: Final = 1_400
"""Characters of one text: the 200 words of a flash, countable in any script."""
TEXT_BYTES_MAX: Final = 4_096
"""Bytes of one text in UTF-8: 1,400 characters of any living script, and no more."""
LONG_CHARACTERS_MAX: Final = 6_000
LONG_BYTES_MAX: Final = 14_000
"""The same for what is no flash: four texts fit an entry of 65,535 bytes."""
MARKS_MAX: Final = 4
"""Marks on one character. Vietnamese and vowelled Arabic need two or three; more hide the rest."""

_NEW_LINE: Final = "\n"
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_TURNING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_SKIN: Final = range(0x1F3FB, 0x1F400)
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK"})
"""Scripts whose letters pass for each other; nobody mixes them in one word."""


class TextFault(StrEnum):
    """What may be wrong with a text."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_NORMAL = "not_normal"
    """It is not in the normal form NFC: the same words would have two hashes."""
    CONTROL = "control"
    """A control code, a separator of lines, or a character nobody has assigned."""
    TURNING = "turning"
    """It turns the direction of other characters (Unicode TR 9)."""
    INVISIBLE = "invisible"
    """It takes no room, or joins what does not join."""
    STACKED = "stacked"
    """More marks on one character than anybody writes."""
    MIXED = "mixed"
    """A word of letters from scripts that look alike."""


@dataclass(frozen=True, slots=True)
class TextFinding:
    """One thing that is wrong with a text."""

    fault: TextFault
    place: int
    """At which code point, from 0."""


def _is_plain(text: str) -> bool:
    """Say whether a text is of visible ASCII, spaces and line ends: nothing in it misleads."""
    return text.isascii() and text.replace(_NEW_LINE, "").isprintable()


def characters(text: str) -> int:
    """Return how many characters a reader counts.

    A mark, a joiner, what a joiner joins on, a skin tone and the second half of a flag count with
    what stands before them (``protocol/crisis.md``).
    """
    if _is_plain(text):
        return len(text)
    return sum(_begins(text, place) for place in range(len(text)))


def findings(text: str, characters_max: int, bytes_max: int) -> tuple[TextFinding, ...]:
    """Return all that is wrong with a text, the first of each fault."""
    found: dict[TextFault, TextFinding] = {}
    for finding in _find(text, characters_max, bytes_max):
        found.setdefault(finding.fault, finding)
    return tuple(found.values())


def check_text(text: str, characters_max: int, bytes_max: int) -> None:
    """Refuse a text of ours that a reader could misread.

    Raises:
        AlertTextRefused: something is wrong with it; the first thing is named.
    """
    for finding in _find(text, characters_max, bytes_max):
        raise AlertTextRefused(reason=finding.fault.value, place=finding.place)


def _find(text: str, characters_max: int, bytes_max: int) -> Iterator[TextFinding]:
    if not text.strip():
        yield TextFinding(TextFault.EMPTY, 0)
    # Bytes first: what is far too long is not looked through.
    is_long = len(text) > bytes_max or len(text.encode("utf-8", "surrogatepass")) > bytes_max
    if is_long or characters(text) > characters_max:
        yield TextFinding(TextFault.TOO_LONG, characters_max)
        text = text[:bytes_max]
    if _is_plain(text):
        return
    yield from _normal(text)
    marks = 0
    for place, each in enumerate(text):
        marks = marks + 1 if unicodedata.category(each) in {"Mn", "Me"} else 0
        fault = TextFault.STACKED if marks > MARKS_MAX else _fault(text, place)
        if fault is not None:
            yield TextFinding(fault, place)
    yield from _mixed(text)


def _normal(text: str) -> Iterator[TextFinding]:
    normal = unicodedata.normalize("NFC", text)
    if normal != text:
        pairs = enumerate(zip(text, normal, strict=False))
        place = next((at for at, (ours, theirs) in pairs if ours != theirs), len(normal))
        yield TextFinding(TextFault.NOT_NORMAL, place)


def _fault(text: str, place: int) -> TextFault | None:
    each = text[place]
    if each in _TURNING:
        return TextFault.TURNING
    if each in {_NON_JOINER, _JOINER}:
        return None if _joins(text, place) else TextFault.INVISIBLE
    category = unicodedata.category(each)
    if category in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"} and each != _NEW_LINE:
        return TextFault.CONTROL
    return TextFault.INVISIBLE if category == "Cf" or each in "\u115f\u1160\u3164\uffa0" else None


def _joins(text: str, place: int) -> bool:
    """Say whether a joiner stands where it is written: in Arabic script, or between pictures."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not before or not after:
        return False
    if _is_arabic(before) and _is_arabic(after):
        return True
    is_picture = unicodedata.category(before) == "So" or before == "\ufe0f" or ord(before) in _SKIN
    return text[place] == _JOINER and is_picture and unicodedata.category(after) == "So"


def _is_arabic(each: str) -> bool:
    return unicodedata.name(each, "").startswith("ARABIC LETTER")


def _mixed(text: str) -> Iterator[TextFinding]:
    """Find words whose letters come from scripts that look alike."""
    scripts = [_script(each) for each in text]
    for place, (before, after) in enumerate(pairwise(scripts), 1):
        if before in _ALIKE and after in _ALIKE and before != after:
            yield TextFinding(TextFault.MIXED, place)


def _script(each: str) -> str:
    if not each.isalpha():
        return ""
    return unicodedata.name(each, "").partition(" ")[0]


def _begins(text: str, place: int) -> bool:
    each = text[place]
    if unicodedata.category(each) in {"Mn", "Mc", "Me"} or each in {_NON_JOINER, _JOINER}:
        return place == 0
    if place and (text[place - 1] == _JOINER or ord(each) in _SKIN):
        return False
    if ord(each) in _FLAGS:
        first = place
        while first and ord(text[first - 1]) in _FLAGS:
            first -= 1
        return (place - first) % 2 == 0
    return True
