"""What else a crisis measured: line checks, late notifications, our own escalation. A core."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from parley.ids import PartyId


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """A line check that is over."""

    answerer: PartyId
    """Who was to answer it, or fell silent."""
    cause: str | None
    """The last thing proved of the silence; None: it was kept."""


@dataclass(frozen=True, slots=True)
class NotificationSeen:
    """A notification that was provided."""

    author: PartyId
    late_ms: int | None
    """By how much it came too late; None without a rule."""


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """The checks that one party was to answer."""

    party: PartyId
    kept: int
    missed: int
    causes: Mapping[str, int]
    """How often each cause was found, of those that were missed."""


@dataclass(frozen=True, slots=True)
class NotificationFigures:
    """The notifications of one party."""

    party: PartyId
    sent: int
    late: int
    latest_ms: int | None
    """By how much the latest of them was late; None: none was."""


@dataclass(frozen=True, slots=True)
class EscalationFigures:
    """What escalated on our own side; the other's never leaves it."""

    started: int
    steps: int
    latest_ms: int | None
    """How long after it was due the latest of the steps fired; None: none fell due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisMeasures:
    """All that is measured between the first opening and the last closing."""

    begun_ms: int
    ended_ms: int | None
    """None while a side is open."""
    checks: tuple[CheckFigures, ...]
    notifications: tuple[NotificationFigures, ...]
    escalation: EscalationFigures


def check_figures(
    seen: Iterable[CheckSeen], parties: Iterable[PartyId]
) -> tuple[CheckFigures, ...]:
    """Count the checks that each party was to answer."""
    known = list(seen)
    found = []
    for party in parties:
        own = [each.cause for each in known if each.answerer == party]
        causes = Counter(each for each in own if each is not None)
        kept = sum(each is None for each in own)
        found.append(CheckFigures(party, kept, len(own) - kept, dict(sorted(causes.items()))))
    return tuple(found)


def notification_figures(
    seen: Iterable[NotificationSeen], parties: Iterable[PartyId]
) -> tuple[NotificationFigures, ...]:
    """Count the notifications of each party, and those that came late."""
    known = list(seen)
    found = []
    for party in parties:
        own = [each.late_ms or 0 for each in known if each.author == party]
        late = [each for each in own if each > 0]
        found.append(NotificationFigures(party, len(own), len(late), max(late, default=None)))
    return tuple(found)


def escalation_figures(started: int, late_ms: Sequence[int]) -> EscalationFigures:
    """Count our own steps."""
    return EscalationFigures(started, len(late_ms), max(late_ms, default=None))
