"""What one turn of the record does: rows in one transaction, and what follows after it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from whenever import Instant

from parley.ids import PartyId
from parley.record.checkpoint import Origin
from parley.record.letters import Answer, AnswerKind, RecordLetter
from parley.record.ports import RecordEvent
from parley.record.repository import RecordChanges
from parley.record.shelf import LogShelf

_ON_COURSE: Final = frozenset({AnswerKind.HELD, AnswerKind.STORED})


@dataclass(slots=True)
class RecordBatch:
    """Collected by the cores while they take letters and appends; committed as one."""

    changes: RecordChanges
    """The rows."""
    now: Instant
    """The wall clock when the turn began."""
    monotonic: float
    """Time that never goes back, in seconds."""
    number: int
    """Number of the entry that came last."""
    letters: list[tuple[PartyId, RecordLetter]] = field(default_factory=list)
    """What leaves after the commit, answers above all."""
    events: list[RecordEvent] = field(default_factory=list)
    """What listeners are told after the commit."""
    then: list[Callable[[], None]] = field(default_factory=list)
    """What the cores do in memory after the commit."""
    refused: list[tuple[str, PartyId | None]] = field(default_factory=list)
    """What was set aside, by code and whose letter it was."""
    shelves: set[LogShelf] = field(default_factory=set)
    """Shelves that took entries."""
    _stored: dict[tuple[PartyId, Origin], int] = field(default_factory=dict)
    """Place among the letters of the last answer about a log that more is wanted."""

    def next_number(self) -> int:
        """Return the number for one more entry."""
        self.number += 1
        return self.number

    def send(self, party: PartyId, letter: RecordLetter) -> None:
        """Send a letter after the commit."""
        self.letters.append((party, letter))

    def answer(self, party: PartyId, answer: Answer) -> None:
        """Answer for a copy of ours after the commit.

        An answer says where the mirror is. So one that more is wanted says nothing beside a later
        one of the same turn, and would cost its reader a turn.
        """
        place = self._stored.pop((party, answer.origin), None)
        if place is not None and answer.kind in _ON_COURSE:
            self.letters[place] = (party, answer)
        else:
            place = len(self.letters)
            self.letters.append((party, answer))
        if answer.kind is AnswerKind.STORED:
            self._stored[party, answer.origin] = place

    def refuse(self, code: str, party: PartyId | None, log: int | None = None) -> None:
        """Count something that was set aside; of a log that is kept, also in its rows."""
        self.refused.append((code, party))
        if log is not None:
            self.changes.set_aside[log, code] += 1
