"""Which letters of the record a line has not delivered, and which need not be given to it again.

The record sends anew whenever the other side begins or is silent for long, and an urgent entry
until something proves that it arrived; it knows nothing of how long the line takes. A path of a
thousand bytes per second takes seconds for one entry: repeated by the clock alone they would fill
it for ever, and nothing could prove anything. So what is under way is not given again; and an
urgent entry that was delivered waits for its answer at least as long as its delivery took, twice as
long after each further one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from parley.record.entry import entry_hash
from parley.record.letters import Growth, Package, ProvedEntry, RecordLetter

REMEMBERED_MAX: Final = 256
"""Entries whose wait is remembered; four times what one log repeats. One that is forgotten is
repeated by the clock of the record."""

SLOWEST: Final = 500
"""Bytes per second of the slowest path a line uses. What is under way for longer than that path
takes for it and all before it, and a minute more, is given again whatever the line says."""
MARGIN_S: Final = 60.0

_Subject: TypeAlias = tuple[str, int, int, bytes]
"""What a letter brings: the same subject a second time brings nothing new."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A letter that a line was given."""

    subject: _Subject | None
    is_entry: bool
    is_bulk: bool
    length: int
    at_s: float


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long an entry that was delivered is not to be repeated."""

    for_s: float
    until_s: float


@dataclass(slots=True)
class LettersUnderWay:
    """What one line was given of the record. A core without I/O."""

    bulk_bytes: int = 0
    """How many bytes on the lane of documents are not delivered."""
    urgent_bytes: int = 0
    """How many bytes on the lanes before it are not delivered."""
    _given: dict[int, _Given] = field(default_factory=dict)
    _until_s: dict[_Subject, float] = field(default_factory=dict)
    """Until when what is under way is not given again."""
    _waits: dict[_Subject, _Wait] = field(default_factory=dict)

    def __iter__(self) -> Iterator[int]:
        """Yield the numbers of the letters that are not delivered."""
        return iter(self._given)

    def may_give(self, letter: RecordLetter, now_s: float) -> bool:
        """Say whether a letter may be given to the line now, for the first time or again.

        Args:
            letter: what it says.
            now_s: time that never goes back, in seconds.
        """
        subject = _subject(letter)
        if subject is None:
            return True
        wait = self._waits.get(subject)
        until_s = 0.0 if wait is None else wait.until_s
        return now_s >= max(until_s, self._until_s.get(subject, 0.0))

    def give(
        self, number: int, letter: RecordLetter, length: int, now_s: float, *, is_bulk: bool
    ) -> None:
        """Take note of a letter that the line was given.

        Args:
            number: what the line calls it.
            letter: what it says.
            length: how many bytes it has.
            now_s: time that never goes back, in seconds.
            is_bulk: whether it goes on the lane of documents.
        """
        subject = _subject(letter)
        is_entry = isinstance(letter, ProvedEntry)
        self._given[number] = _Given(subject, is_entry, is_bulk, length, now_s)
        self._count(length, is_bulk=is_bulk)
        if subject is not None:
            under_way = self.bulk_bytes + self.urgent_bytes
            self._until_s[subject] = now_s + MARGIN_S + under_way / SLOWEST

    def deliver(self, number: int, now_s: float) -> bool:
        """Take note of a letter that the line delivered; say whether it was one of these."""
        given = self._given.pop(number, None)
        if given is None:
            return False
        self._count(-given.length, is_bulk=given.is_bulk)
        if given.subject is not None:
            self._until_s.pop(given.subject, None)
            if given.is_entry:
                self._let_wait(given.subject, now_s - given.at_s, now_s)
        return True

    def _count(self, length: int, *, is_bulk: bool) -> None:
        if is_bulk:
            self.bulk_bytes += length
        else:
            self.urgent_bytes += length

    def _let_wait(self, subject: _Subject, took_s: float, now_s: float) -> None:
        before = self._waits.pop(subject, None)
        for_s = took_s if before is None else max(took_s, 2 * before.for_s)
        self._waits[subject] = _Wait(for_s, now_s + for_s)
        if len(self._waits) > REMEMBERED_MAX:
            del self._waits[next(iter(self._waits))]


def _subject(letter: RecordLetter) -> _Subject | None:
    match letter:
        case ProvedEntry():
            return letter.origin.text(), 0, 0, entry_hash(letter.entry)
        case Growth():
            return letter.origin.text(), 1, letter.old_size, letter.note
        case Package():
            return letter.origin.text(), 2, letter.start, entry_hash(letter.entries[-1])
        case _:
            return None
