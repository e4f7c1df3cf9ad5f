"""What a readout takes from the record, and whether that may be quoted. A core without I/O.

A readout is compared with every text of the crisis. What it has word for word, over a stretch long
enough to be no accident, is listed, with whether its author marked it as one that may be quoted.
The list is for the person who signs the readout: nothing is decided by it.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from parley.crisis.crises.fields import Texts
from parley.ids import PartyId

RUN_LETTERS: Final = 20
"""Letters in a row that are the same: four or five words. Less lists what everybody says, more
misses a phrase."""
RUN_SIGNS: Final = 8
"""The same where a sign is a word or a syllable."""
QUOTES_MAX: Final = 500
_SIGNS: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


@dataclass(frozen=True, slots=True)
class QuoteSource:
    """A text of the record that a readout may have quoted."""

    hash: bytes
    author: PartyId
    kind: str
    texts: Texts
    is_quotable: bool
    """Whether its author marked it as one that may be quoted."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a readout that stands in the record too."""

    hash: bytes
    author: PartyId
    kind: str
    language: str
    """In which language of the readout."""
    place: int
    """At which character of the readout, from 0."""
    words: str
    """The stretch, as the readout has it."""
    may_be_quoted: bool


def quotes(readout: Texts, items: Iterable[QuoteSource]) -> tuple[Quote, ...]:
    """Return every stretch of a readout that stands word for word in a text of the record."""
    texts = [(language, text, _letters(text)) for language, text in readout]
    found: dict[tuple[bytes, str, int], Quote] = {}
    for item in items:
        for _, source in item.texts:
            plain = "".join(letter for letter, _ in _letters(source))
            for language, text, letters in texts:
                for start, end in _runs(letters, plain):
                    words = text[start:end]
                    quote = Quote(
                        *(item.hash, item.author, item.kind, language, start, words),
                        item.is_quotable,
                    )
                    found.setdefault((item.hash, language, start), quote)
                    if len(found) >= QUOTES_MAX:
                        return _sorted(found)
    return _sorted(found)


def _sorted(found: Mapping[tuple[bytes, str, int], Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(found.values(), key=lambda each: (each.language, each.place, each.hash)))


def _letters(text: str) -> list[tuple[str, int]]:
    """Return letters and digits, without case or marks, each with its place in the text."""
    found: list[tuple[str, int]] = []
    for place, character in enumerate(text):
        plain = unicodedata.normalize("NFKD", character).casefold()
        found.extend((each, place) for each in plain if each.isalnum())
    return found


def _runs(letters: list[tuple[str, int]], source: str) -> Iterable[tuple[int, int]]:
    """Yield from where to where a text has what stands in a source, the longest stretches."""
    plain = "".join(letter for letter, _ in letters)
    at = 0
    while at < len(plain):
        least = RUN_SIGNS if _is_sign(plain[at]) else RUN_LETTERS
        if at + least > len(plain) or plain[at : at + least] not in source:
            at += 1
            continue
        end = at + least
        while end < len(plain) and plain[at : end + 1] in source:
            end += 1
        yield letters[at][1], letters[end - 1][1] + 1
        at = end


def _is_sign(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(_SIGNS)
