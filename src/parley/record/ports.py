"""What the record asks of the node around it, and what it tells those who listen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import sqlalchemy as sa
from msgspec import Struct
from whenever import Instant

from parley.ids import PartyId
from parley.record.checkpoint import Origin
from parley.record.entry import Entry
from parley.record.log import LogState
from parley.record.standing import Standing


class RecordPort(Protocol):
    """The lines, as far as the record knows of them."""

    def is_up(self, party: PartyId) -> bool:
        """Say whether letters to a party can arrive."""

    def wake(self, party: PartyId) -> None:
        """Take note that :meth:`Record.due` may have something for a party."""

    def count(self, code: str, party: PartyId | None, number: int = 1) -> None:
        """Count what was set aside."""


class EntryCame(Struct, frozen=True):
    """An entry that counts is on our disk."""

    origin: Origin
    """The log it is in."""
    place: int
    """Its place there."""
    hash: bytes
    """What others refer to it by."""
    entry: Entry
    """What it says."""
    is_early: bool = False
    """Whether it ran ahead of its log, proved and not yet held; it is not told again."""


@dataclass(frozen=True, slots=True)
class DeadlineDue:
    """The time that an entry gives is over at our place, and nobody has cancelled its deadline.

    The row is settled when this is told, so it is told once; a node that dies in between tells
    nobody. What must not be lost is therefore a row of whoever cares: see
    :meth:`parley.record.keeping.Record.keep_with`.
    """

    origin: Origin
    """The log the entry is in."""
    place: int
    """Its place there."""
    hash: bytes
    """What others refer to it by."""
    due_at: Instant
    """When its time was over, by our clock."""


@dataclass(frozen=True, slots=True)
class LogHeld:
    """A party proved that it holds a log up to a size."""

    origin: Origin
    """The log."""
    party: PartyId
    """Who holds it."""
    size: int
    """How many entries."""
    seconds: int
    """When, by that party's clock, POSIX seconds."""


@dataclass(frozen=True, slots=True)
class StandingChanged:
    """Another party's log is relied on more or less than before."""

    origin: Origin
    """The log."""
    standing: Standing
    """What may be said of it."""


@dataclass(frozen=True, slots=True)
class EvidenceKept:
    """A log's party contradicted itself, and what shows it is on our disk."""

    origin: Origin
    """The log."""
    evidence: bytes
    """For :func:`parley.record.evidence.read_evidence`."""


@dataclass(frozen=True, slots=True)
class LogStateChanged:
    """Our own log may grow, or may not."""

    origin: Origin
    """Our log."""
    state: LogState
    """What became of it."""


RecordEvent: TypeAlias = (
    EntryCame | DeadlineDue | LogHeld | StandingChanged | EvidenceKept | LogStateChanged
)


@dataclass(frozen=True, slots=True)
class LiveLog:
    """How a log does in a running node."""

    state: str
    """Of our own whether it may grow; of a copy, "mirrored"."""
    standing: str
    """How much it can be relied on."""
    waits_for: tuple[PartyId, ...] = ()
    """Mirrors that must show how far our own had come before it may grow."""


Listener: TypeAlias = Callable[[RecordEvent], None]
"""Called after the commit, in the order things happened; must not wait for anything."""
Keeper: TypeAlias = Callable[[sa.Connection, EntryCame, Instant], None]
"""Writes rows in the transaction in which an entry becomes durable here, on the writer's thread;
given the entry and the present. It writes rows and does nothing else."""
