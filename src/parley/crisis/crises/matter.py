"""What a crisis has come to, as its entries prove. A core without I/O.

A :class:`Crisis` is computed by :mod:`parley.crisis.crises.projection`, never changed by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from parley.crisis.crises.bodies import Fact, Opening, Reply, Statement
from parley.crisis.crises.machine import FactState, SideState, StatementState
from parley.crisis.matter import Breach
from parley.ids import ActorId, PartyId, SpaceId, ThreadId


@dataclass(frozen=True, slots=True)
class Side:
    """One party's side."""

    state: SideState = SideState.NOT_OPEN
    opening: Opening | None = None
    """Its own title, grade and start, the newest; None if it never opened it."""
    opened_ms: int | None = None
    """When it opened it last, by its own clock."""
    closed_ms: int | None = None
    """When it closed it last."""
    words: str | None = None
    """Why, if that was said."""
    openings: int = 0
    spells: tuple[tuple[int, int | None], ...] = ()
    """From when until when it was open, by its own clock, each time; None while it is."""

    def was_open(self, at_ms: int) -> bool:
        """Say whether it was open at an instant of its own clock."""
        return any(
            begun <= at_ms and (ended is None or at_ms < ended) for begun, ended in self.spells
        )


@dataclass(frozen=True, slots=True)
class StatementMade:
    """A claim, a request or an offer, and what became of it."""

    hash: bytes
    author: PartyId
    actor: ActorId | None
    said: Statement
    at_ms: int
    came_ms: int
    state: StatementState = StatementState.STANDING
    disputed_by: tuple[bytes, ...] = ()
    """Hashes of the claims that contradict it."""
    reply: Reply | None = None
    fact: bytes | None = None
    """Hash of the fact's body that quotes it, once that is agreed."""


@dataclass(frozen=True, slots=True)
class FactMade:
    """A fact, and who has signed it."""

    body_hash: bytes
    """What both parties' entries have alike."""
    said: Fact
    signed: Mapping[PartyId, tuple[bytes, int]]
    """By whom: the entry, and when by that party's clock."""
    state: FactState = FactState.PROPOSED


@dataclass(frozen=True, slots=True)
class Linked:
    """An entry that belongs to a crisis."""

    hash: bytes
    by: PartyId
    at_ms: int
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crisis:
    """One crisis and all that is proved of it."""

    hash: bytes
    space: SpaceId
    thread: ThreadId
    opener: PartyId
    """Who opened it first; its number is one of theirs."""
    members: tuple[PartyId, PartyId]
    """Both parties, in rising order."""
    year: int
    number: int
    is_exercise: bool
    reaches_principals: bool
    sides: Mapping[PartyId, Side]
    statements: tuple[StatementMade, ...] = ()
    facts: tuple[FactMade, ...] = ()
    linked: tuple[Linked, ...] = ()
    first_closed_ms: int | None = None
    """When a side closed it for the first time, by its clock: the assessment begins then."""
    last_ms: int = 0
    """When something was last said in it."""
    breaches: tuple[Breach, ...] = ()

    @property
    def open_by(self) -> tuple[PartyId, ...]:
        """Whose side is open."""
        return tuple(party for party in self.members if self.sides[party].state is SideState.OPEN)

    @property
    def is_open(self) -> bool:
        """Whether a side is open."""
        return bool(self.open_by)

    @property
    def may_reach_principals(self) -> bool:
        """Whether it may be brought before those who decide: no exercise, unless they asked."""
        return not self.is_exercise or self.reaches_principals

    def other(self, party: PartyId) -> PartyId:
        """Return the other party."""
        return self.members[0] if party == self.members[1] else self.members[1]

    @override
    def __repr__(self) -> str:
        """Show where it stands, not what is said in it."""
        return f"Crisis({self.hash.hex()[:12]} {self.year}/{self.number} {len(self.open_by)} open)"
