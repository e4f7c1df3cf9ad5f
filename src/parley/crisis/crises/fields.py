"""Reading the map of a body strictly. A core without I/O."""

import re
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Final, TypeVar

from parley.errors import EntryMalformed
from parley.record.cbor import Value
from parley.record.entry import Entry, read_body

LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
TEXTS_MAX: Final = 4
"""Languages of one text."""
Texts = tuple[tuple[str, str], ...]
"""Pairs of language tag and text."""
_Choice = TypeVar("_Choice", bound=IntEnum)


class Fields:
    """The map of one entry's body: keys that must be there, and keys that may be."""

    def __init__(self, entry: Entry, needed: Collection[int], may: Collection[int] = ()) -> None:
        """Read a body.

        Raises:
            EntryMalformed: a key is missing, or is none of those.
        """
        self._given: Mapping[int, Value] = read_body(entry)
        if not self._given.keys() >= {*needed} or not self._given.keys() <= {*needed, *may}:
            raise EntryMalformed(field="keys")

    def whole(self, key: int, most: int) -> int:
        """Return a number from 0 to ``most``; raises EntryMalformed."""
        value = self._given.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise EntryMalformed(field=str(key))
        return value

    def maybe_whole(self, key: int, most: int) -> int | None:
        """Return a number if there is one; raises EntryMalformed."""
        return self.whole(key, most) if key in self._given else None

    def choice(self, key: int, kind: type[_Choice]) -> _Choice:
        """Return one of several; raises EntryMalformed."""
        return kind(self.whole(key, max(kind)))

    def flag(self, key: int) -> bool:
        """Return whether a mark is there; raises EntryMalformed if it is anything but true."""
        if key in self._given and self._given[key] is not True:
            raise EntryMalformed(field=str(key))
        return key in self._given

    def text(self, key: int, bytes_max: int) -> str:
        """Return a text that is not empty; raises EntryMalformed."""
        value = self._given.get(key)
        if not isinstance(value, str) or not value or len(value.encode()) > bytes_max:
            raise EntryMalformed(field=str(key))
        return value

    def maybe_text(self, key: int, bytes_max: int) -> str | None:
        """Return a text if there is one; raises EntryMalformed."""
        return self.text(key, bytes_max) if key in self._given else None

    def texts(self, key: int, bytes_max: int, least: int = 1) -> Texts:
        """Return a text in its languages; raises EntryMalformed."""
        return read_texts(self._given.get(key), bytes_max, least)

    def bytes_of(self, key: int, length: int) -> bytes:
        """Return bytes of one length; raises EntryMalformed."""
        value = self._given.get(key)
        if not isinstance(value, bytes) or len(value) != length:
            raise EntryMalformed(field=str(key))
        return value

    def maybe_bytes(self, key: int, length: int) -> bytes | None:
        """Return bytes if they are there; raises EntryMalformed."""
        return self.bytes_of(key, length) if key in self._given else None

    def blob(self, key: int, most: int) -> bytes:
        """Return bytes of any length up to ``most``; raises EntryMalformed."""
        value = self._given.get(key)
        if not isinstance(value, bytes) or len(value) > most:
            raise EntryMalformed(field=str(key))
        return value

    def rows(self, key: int, most: int) -> list[list[Value]]:
        """Return a list of lists; raises EntryMalformed."""
        value = self._given.get(key)
        if not isinstance(value, list) or len(value) > most:
            raise EntryMalformed(field=str(key))
        found = [each for each in value if isinstance(each, list)]
        if len(found) != len(value):
            raise EntryMalformed(field=str(key))
        return found


def read_texts(value: Value, bytes_max: int, least: int = 1) -> Texts:
    """Return a text in its languages, each once; raises EntryMalformed."""
    if not isinstance(value, list) or not least <= len(value) <= TEXTS_MAX:
        raise EntryMalformed(field="texts")
    found: dict[str, str] = {}
    for each in value:
        match each:
            case [str(language), str(text)] if LANGUAGE.fullmatch(language) and text:
                if language in found or len(text.encode()) > bytes_max:
                    raise EntryMalformed(field="texts")
                found[language] = text
            case _:
                raise EntryMalformed(field="texts")
    return tuple(found.items())


def written_texts(texts: Texts) -> list[Value]:
    """Return a text in its languages as a body has it."""
    return [[language, text] for language, text in texts]


def present(fields: Mapping[int, Value]) -> dict[int, Value]:
    """Return a body's map without what is not there; a mark that is not set is not there."""
    return {key: value for key, value in fields.items() if value is not None and value is not False}
