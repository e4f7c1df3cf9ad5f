"""What one alert has come to, as the entries about it prove. A core without I/O.

An :class:`Alert` is computed by :mod:`parley.crisis.projection` and never changed by hand.
"""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct
from typing_extensions import override

from parley.crisis.alert import AlertState, ParaphraseState, Standing, has_reached
from parley.crisis.bodies import (
    Acknowledged,
    AlertBody,
    Answer,
    AnswerKind,
    Paraphrase,
    ParaphraseWord,
    Presented,
    Translation,
    Words,
)
from parley.crisis.text import TextFinding
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.entry import Entry, Precedence


@dataclass(frozen=True, slots=True)
class MatterEntry:
    """An entry about an alert, and what this node knows of it besides."""

    hash: bytes
    entry: Entry
    epoch: int
    place: int
    """Its place in its author's log."""
    came_ms: int
    """When it was durable here, by our clock; of our own, when it was written."""
    is_signed: bool = False
    """Whether the person's passkey is proved to have signed it."""

    @override
    def __repr__(self) -> str:
        """Show what it is, not what it says."""
        return f"MatterEntry({self.hash.hex()[:12]} {self.entry!r})"


class BreachKind(StrEnum):
    """What is wrong about an entry."""

    MALFORMED = "malformed"
    """It is not of the form its kind has."""
    NO_PERSON = "no_person"
    """A person's act without a person, or a node's with one."""
    IMPOSSIBLE = "impossible"
    """The alert's table has no such step from where it was."""
    GUARD = "guard"
    """What must be true of it is not."""
    TEXT = "text"
    """A text could be misread, or is too long."""
    NOT_ADDRESSED = "not_addressed"
    """It names parties that it does not go to, or not those it goes to."""
    BACKDATED = "backdated"
    """It says that it is older than what it answers."""
    TOO_MANY = "too_many"
    """More entries about one alert than anybody needs."""
    SUSPENDED = "suspended"
    """Its author knew that the line does not take it."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Something wrong about an entry: shown, and without effect."""

    hash: bytes
    author: PartyId
    kind: BreachKind
    what: str
    """The guard, the step, the field or the fault."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person's word that an alert was read."""

    hash: bytes
    actor: ActorId
    said: Acknowledged
    at_ms: int
    """By the clock of that person's node."""
    came_ms: int
    """By ours."""


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """An answer, and when."""

    hash: bytes
    said: Answer
    at_ms: int
    came_ms: int
    actor: ActorId | None


@dataclass(frozen=True, slots=True)
class TranslationGiven:
    """A translation, and whose."""

    hash: bytes
    author: PartyId
    said: Translation
    at_ms: int


@dataclass(frozen=True, slots=True)
class ParaphraseWordGiven:
    """The author's word on a paraphrase, and when."""

    hash: bytes
    said: ParaphraseWord
    at_ms: int


@dataclass(frozen=True, slots=True)
class ParaphraseGiven:
    """How the other party understood an alert, when, and its author's word on that."""

    hash: bytes
    said: Paraphrase
    at_ms: int
    word: ParaphraseWordGiven | None = None


@dataclass(frozen=True, slots=True)
class ClosingGiven:
    """A party's word that it is done with an alert, and when."""

    hash: bytes
    author: PartyId
    said: Words
    at_ms: int
    """By that party's clock."""
    came_ms: int
    """By ours."""


class Alert(Struct, frozen=True, kw_only=True):
    """One alert and all that is proved of it.

    A struct, because one is made for every entry about it: that takes a tenth of a dataclass's
    time (``msgspec.structs.replace``).
    """

    hash: bytes
    space: SpaceId
    thread: ThreadId
    author: PartyId
    other: PartyId
    """The party at the other end of the line it went over."""
    releaser: ActorId | None
    body: AlertBody
    body_hash: bytes
    """The same at every party it went to, or somebody was told something else."""
    written: Precedence
    """What its author gave it."""
    precedence: Precedence
    """What it counts as: a flash after too many is immediate."""
    released_ms: int
    """By its author's clock."""
    given_ms: int | None
    """How long it stands, from each end's own event; None: until somebody ends it."""
    started_ms: int
    """Our own event by our clock: the release, or the arrival."""
    is_signed: bool
    """Whether the releaser's passkey is proved to have signed it."""
    text_findings: tuple[TextFinding, ...] = ()
    state: AlertState = AlertState.RELEASED
    standing: Standing = Standing.IN_FORCE
    received_ms: int | None = None
    """Since when the other party has it, by its clock; its receipt says so."""
    received_bound_ms: int | None = None
    """How far that clock may have been off; unknown if the receipt does not say."""
    presented: tuple[tuple[Presented, int], ...] = ()
    """Desks of the other party it was shown on, and when by that party's clock."""
    acknowledgements: tuple[Acknowledgement, ...] = ()
    answers: tuple[AnswerGiven, ...] = ()
    translations: tuple[TranslationGiven, ...] = ()
    paraphrases: tuple[ParaphraseGiven, ...] = ()
    paraphrase_state: ParaphraseState = ParaphraseState.UNSAID
    closings: tuple[ClosingGiven, ...] = ()
    """One of a party, the first that counted."""
    withdrawal: Words | None = None
    superseded_by: bytes | None = None
    confirmed: frozenset[bytes] = frozenset()
    """Entries whose arrival at the party they were for is proved by its receipt."""
    arrivals: tuple[tuple[bytes, int], ...] = ()
    """The same entries, and since when that party has each, by its clock."""
    breaches: tuple[Breach, ...] = ()

    @property
    def is_demoted(self) -> bool:
        """Whether it counts as less than it was meant as."""
        return self.precedence is not self.written or self.body.demoted_from is not None

    @property
    def is_excluded(self) -> bool:
        """Whether a suspension leaves it out: it is kept and shown, and calls nobody."""
        return any(each.kind is BreachKind.SUSPENDED for each in self.breaches)

    @property
    def may_reach_principals(self) -> bool:
        """Whether it may be brought before those who decide: no exercise, unless they asked."""
        return not self.body.is_exercise or self.body.reaches_principals

    def arrived_ms(self, digest: bytes) -> int | None:
        """Return since when the party that an entry was for has it, by that party's clock."""
        return next((at_ms for each, at_ms in self.arrivals if each == digest), None)

    @property
    def closed_by(self) -> tuple[PartyId, ...]:
        """Which parties have closed it."""
        return tuple(each.author for each in self.closings)

    @property
    def holds(self) -> int:
        """How often the other party said that it is still deciding."""
        return sum(each.said.kind is AnswerKind.HOLD for each in self.answers)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to be waited for but its closing."""
        return has_reached(self.state, AlertState.ANSWERED) or self.standing is not (
            Standing.IN_FORCE
        )

    @property
    def expires_ms(self) -> int | None:
        """When it expires here, by our clock."""
        return None if self.given_ms is None else self.started_ms + self.given_ms

    def standing_at(self, now_ms: int) -> Standing:
        """Return whether it stands now: what its author says, and what its time says."""
        if self.standing is Standing.IN_FORCE and self._is_over(now_ms):
            return Standing.EXPIRED
        return self.standing

    def _is_over(self, now_ms: int) -> bool:
        is_answered = has_reached(self.state, AlertState.ANSWERED)
        return self.expires_ms is not None and now_ms >= self.expires_ms and not is_answered

    @override
    def __repr__(self) -> str:
        """Show where it stands, not what it says."""
        return f"Alert({self.hash.hex()[:12]} {self.precedence.name} {self.state} {self.standing})"
