"""What else a crisis measured: checks, late notifications, escalation, paths. A core."""

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
class PathStretch:
    """A stretch in which our node saw a path in one condition, milliseconds since 1970 UTC."""

    path: str
    from_ms: int
    until_ms: int
    is_up: bool


@dataclass(frozen=True, slots=True)
class PathFigures:
    """How much of the time in which our node looked a path carried."""

    path: str | None
    """None: the line, which is up while any path is."""
    seen_ms: int
    """How long our node looked; what it did not see is neither up nor down."""
    up_ms: int
    breaks: int
    """How often it went down, or was when first looked at."""


@dataclass(frozen=True, slots=True)
class EscalationFigures:
    """What escalated on our own side; of the other's what its node told, where terms share it."""

    started: int
    steps: int
    latest_ms: int | None
    """How long after it was due the latest of the steps fired; None: none fell due."""
    told: int = 0
    """Steps that the other side told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisMeasures:
    """All that is measured between the first opening and the last closing."""

    begun_ms: int
    ended_ms: int | None
    """None while a side is open."""
    checks: tuple[CheckFigures, ...]
    notifications: tuple[NotificationFigures, ...]
    escalation: EscalationFigures
    paths: tuple[PathFigures, ...] = ()
    """The line first, then its paths by name; none where our node saw nothing of it."""


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


def escalation_figures(started: int, late_ms: Sequence[int], told: int = 0) -> EscalationFigures:
    """Count our own steps, beside those that the other side told of."""
    return EscalationFigures(started, len(late_ms), max(late_ms, default=None), told)


def path_figures(stretches: Iterable[PathStretch]) -> tuple[PathFigures, ...]:
    """Return how long the line and each of its paths were seen, and up."""
    known = [each for each in stretches if each.until_ms >= each.from_ms]
    if not known:
        return ()
    by_path = [
        _path(name, [each for each in known if each.path == name])
        for name in sorted({each.path for each in known})
    ]
    seen = _joined((each.from_ms, each.until_ms) for each in known)
    up = _joined((each.from_ms, each.until_ms) for each in known if each.is_up)
    line = PathFigures(None, _length(seen), _length(up), len(_without(seen, up)))
    return (line, *by_path)


def _path(name: str, stretches: Sequence[PathStretch]) -> PathFigures:
    seen = _joined((each.from_ms, each.until_ms) for each in stretches)
    up = _joined((each.from_ms, each.until_ms) for each in stretches if each.is_up)
    return PathFigures(name, _length(seen), _length(up), len(_without(seen, up)))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans as those that do not touch, in order."""
    found: list[tuple[int, int]] = []
    for begins, ends in sorted(each for each in spans if each[0] < each[1]):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _without(
    whole: Sequence[tuple[int, int]], part: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return what of some spans is in none of others; both joined, the others within them."""
    found: list[tuple[int, int]] = []
    for begins, ends in whole:
        at = begins
        for first, last in part:
            if first >= ends or last <= begins:
                continue
            if first > at:
                found.append((at, first))
            at = max(at, last)
        if at < ends:
            found.append((at, ends))
    return found


def _length(spans: Iterable[tuple[int, int]]) -> int:
    return sum(ends - begins for begins, ends in spans)
