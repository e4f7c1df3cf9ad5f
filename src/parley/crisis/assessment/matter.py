"""What an assessment has come to, as its entries prove. A core without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from parley.crisis.assessment.bodies import Readout, TimelineSaid
from parley.crisis.assessment.machine import AssessmentState
from parley.crisis.assessment.sheet import SheetParagraph, Versions
from parley.crisis.crises.fields import Texts
from parley.crisis.matter import Breach
from parley.ids import ActorId, PartyId


@dataclass(frozen=True, slots=True)
class TimelineGiven:
    """What a node says it found."""

    hash: bytes
    said: TimelineSaid
    at_ms: int


@dataclass(frozen=True, slots=True)
class Account:
    """One party's account: sealed, and perhaps shown."""

    seal: bytes
    """The salted hash."""
    seal_hash: bytes
    """Of the entry that sealed it."""
    sealed_ms: int
    actor: ActorId | None
    shown: Texts | None = None
    shown_hash: bytes | None = None
    shown_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """A sheet that a party adopts."""

    hash: bytes
    body_hash: bytes
    sheet: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class ReadoutGiven:
    """What one side says in public."""

    hash: bytes
    author: PartyId
    said: Readout
    at_ms: int
    came_ms: int
    is_short: bool = False
    """Whether its date leaves the other party less than the agreed hours to read it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One assessment and all that is proved of it."""

    crisis: bytes
    members: tuple[PartyId, PartyId]
    begun_ms: int
    """When a side closed the crisis first, by that side's clock."""
    deadline_ms: int
    """From when on a side that sealed alone may publish or take back."""
    readout_hours: int = 0
    """That the other party has a readout before it is public."""
    state: AssessmentState = AssessmentState.TIMELINE
    timelines: Mapping[PartyId, TimelineGiven]
    """Of each node the newest."""
    timeline_counts: Mapping[PartyId, int]
    accounts: Mapping[PartyId, Account]
    versions: Versions
    sheet: tuple[SheetParagraph, ...] = ()
    adoptions: Mapping[PartyId, Adoption]
    """Of each party the newest."""
    adopted: bytes | None = None
    """Hash of the body that both adopted."""
    ended_by: PartyId | None = None
    readouts: tuple[ReadoutGiven, ...] = ()
    breaches: tuple[Breach, ...] = ()

    @property
    def waits_for(self) -> tuple[PartyId, ...]:
        """Who sealed and is to show, both seals being there; a node shows within seconds."""
        if self.state is not AssessmentState.ACCOUNTS_SEALED:
            return ()
        return tuple(party for party, each in self.accounts.items() if each.shown is None)

    @override
    def __repr__(self) -> str:
        """Show where it stands, not what is said in it."""
        return f"Assessment({self.crisis.hex()[:12]} {self.state})"
