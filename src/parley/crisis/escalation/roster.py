"""Who is to be on watch, at which instant: rotations, hours, overrides. A core without I/O.

A roster is read from the wall clock of its own time zone, because people hand over at eight in the
morning and not at a fixed number of seconds after the last time. So all reckoning is in local time
and only its result is turned into instants. Where a local time does not exist (the clock goes
forward), the instant after the gap is meant; where it exists twice (the clock goes back), the
first. A shift of that night is then an hour shorter or longer, and no instant is without a shift
or in two because of it.

Rotations lie over one another: the last one that has somebody at an instant counts. Overrides lie
over all of them, the one made last on top; an override without a person leaves its time empty on
purpose. What nobody fills is a **gap**: a shift of nobody.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from whenever import Instant, PlainDateTime

from parley.clock import milliseconds
from parley.ids import OfficeId, PersonId, ShiftId

MINUTES_A_DAY: Final = 1_440
HOURS_A_DAY: Final = 24
DAYS_A_WEEK: Final = 7
ROTATIONS_MAX: Final = 12
"""Rotations of a roster. More: reckoning a month takes longer. Less: day, night and weekend with a
second line each must still find room."""
PEOPLE_MAX: Final = 60
SHIFTS_MAX: Final = 5_000
"""Shifts of one answer: a year of hourly hand-overs would be 8,760. More takes longer to show."""
WARN_AHEAD_H: Final = 24
"""Hours before an empty shift at which it is warned of."""

Able = Callable[[PersonId], bool]
"""Whether somebody can stand watch at all: of our party still, and belonging to the office."""


class ShiftUnit(StrEnum):
    """In what a rotation's shifts are counted."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of the day, on some days of the week, for which a rotation counts."""

    days: frozenset[int]
    """1 is Monday, 7 Sunday: the day on which it begins."""
    from_minute: int
    until_minute: int
    """Minutes after midnight; not after ``from_minute``: it ends on the next day."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """People who follow one another in shifts of equal length."""

    name: str
    people: tuple[PersonId, ...]
    starts: PlainDateTime
    """The first hand-over, by the roster's clock on the wall."""
    length: int
    unit: ShiftUnit
    hours: tuple[Hours, ...] = ()
    """When it counts; always, if there are none."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is to be on watch in an office."""

    key: str
    name: str
    zone: str
    office: OfficeId
    rotations: tuple[Rotation, ...]
    """The later ones lie over the earlier ones."""


@dataclass(frozen=True, slots=True)
class Override:
    """An exception to a roster: somebody else, or nobody, for a while."""

    id: ShiftId
    roster: str
    person: PersonId | None
    starts_at: Instant
    ends_at: Instant
    made_at: Instant


@dataclass(frozen=True, slots=True)
class Shift:
    """A time for which one person is to be on watch; a gap if it is nobody's."""

    starts_at: Instant
    ends_at: Instant
    person: PersonId | None
    source: str
    """The rotation's name, ``override``, or empty for what nothing covers."""

    @property
    def is_gap(self) -> bool:
        """Whether nobody is to be on watch."""
        return self.person is None


OVERRIDE: Final = "override"
_Span = tuple[int, int, PersonId | None, str]
"""From, until (milliseconds), who, by what."""


def shifts(
    roster: Roster,
    overrides: Iterable[Override],
    since: Instant,
    until: Instant,
    able: Able | None = None,
) -> tuple[Shift, ...]:
    """Return every shift between two instants; together they cover all of it, gaps included.

    Args:
        roster: whose.
        overrides: of any roster; those of others are left out.
        since: the beginning; the first shift is cut off there.
        until: the end; the last shift is cut off there.
        able: whether a person can stand watch; who cannot leaves a gap where they would be.
    """
    start, end = milliseconds(since), milliseconds(until)
    layers = [list(_rotation_spans(roster, each, start, end)) for each in roster.rotations]
    mine = sorted((o for o in overrides if o.roster == roster.key), key=lambda o: (o.made_at, o.id))
    layers += [[_override_span(each)] for each in mine]
    if able is not None:
        # Nobody can take the place of somebody who cannot come but who is named to: a gap shows.
        layers = [[_unless_able(span, able) for span in layer] for layer in layers]
    found = _overlaid(layers, start, end)
    return tuple(
        Shift(
            Instant.from_timestamp(a, unit="millisecond"),
            Instant.from_timestamp(b, unit="millisecond"),
            person,
            source,
        )
        for a, b, person, source in found[:SHIFTS_MAX]
    )


def on_watch(
    roster: Roster, overrides: Iterable[Override], at: Instant, able: Able | None = None
) -> PersonId | None:
    """Return who is to be on watch at an instant."""
    return shifts(roster, overrides, at, at.add(milliseconds=1), able)[0].person


def current_and_next(
    roster: Roster, overrides: Sequence[Override], at: Instant, able: Able | None = None
) -> tuple[Shift, Shift | None]:
    """Return the shift of an instant, whole, and the one after it if one begins within 35 days."""
    window = shifts(roster, overrides, at.subtract(hours=840), at.add(hours=840), able)
    index = next(i for i, each in enumerate(window) if each.starts_at <= at < each.ends_at)
    return window[index], window[index + 1] if index + 1 < len(window) else None


def gaps(
    roster: Roster,
    overrides: Iterable[Override],
    since: Instant,
    until: Instant,
    able: Able | None = None,
) -> tuple[Shift, ...]:
    """Return the times between two instants at which nobody is to be on watch."""
    return tuple(each for each in shifts(roster, overrides, since, until, able) if each.is_gap)


def instant_of(local: PlainDateTime, zone: str) -> int:
    """Return the instant, in milliseconds, of a local time: after a gap, first of a fold."""
    return milliseconds(local.assume_tz(zone, disambiguation="compatible").to_instant())


# ------------------------------------------------------------------------------------------ details


def _local(at_ms: int, zone: str) -> PlainDateTime:
    return Instant.from_timestamp(at_ms, unit="millisecond").to_tz(zone).to_plain()


def _hours_of(rotation: Rotation) -> int:
    unit = {
        ShiftUnit.HOURS: 1,
        ShiftUnit.DAYS: HOURS_A_DAY,
        ShiftUnit.WEEKS: HOURS_A_DAY * DAYS_A_WEEK,
    }[rotation.unit]
    return rotation.length * unit


def _boundary(rotation: Rotation, index: int, zone: str) -> int:
    """Return when a rotation's shift of a number begins: the same time of day as always."""
    hours = _hours_of(rotation) * index
    return instant_of(rotation.starts.add(hours=hours, naive_arithmetic_ok=True), zone)


def _rotation_spans(roster: Roster, rotation: Rotation, start: int, end: int) -> Iterable[_Span]:
    """Yield who a rotation has when, within its hours."""
    if not rotation.people:
        return
    zone, hours = roster.zone, _hours_of(rotation)
    passed = _local(start, zone).difference(rotation.starts, naive_arithmetic_ok=True)
    # Local and real time are at most a day apart, whatever a country does to its clocks.
    index = max(0, int(passed.total("hours") // hours) - 1 - HOURS_A_DAY // hours)
    windows = None if not rotation.hours else list(_windows(rotation, zone, start, end))
    begins = _boundary(rotation, index, zone)
    while begins < end:
        ends = _boundary(rotation, index + 1, zone)
        person = rotation.people[index % len(rotation.people)]
        if ends > max(begins, start):
            yield from _within((begins, ends, person, rotation.name), windows)
        begins, index = ends, index + 1


def _windows(rotation: Rotation, zone: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Yield the times at which a rotation counts, from a day before to a day after."""
    day = _local(start, zone).date().subtract(days=2)
    last = _local(end, zone).date().add(days=1)
    while day <= last:
        for each in rotation.hours:
            if day.day_of_week().value in each.days:
                is_overnight = each.until_minute <= each.from_minute
                until = each.until_minute + (MINUTES_A_DAY if is_overnight else 0)
                yield _minute(day, each.from_minute, zone), _minute(day, until, zone)
        day = day.add(days=1)


def _minute(day: object, minute: int, zone: str) -> int:
    midnight = PlainDateTime.parse_iso(f"{day}T00:00:00")
    return instant_of(midnight.add(minutes=minute, naive_arithmetic_ok=True), zone)


def _within(span: _Span, windows: Sequence[tuple[int, int]] | None) -> Iterable[_Span]:
    if windows is None:
        yield span
        return
    begins, ends, person, source = span
    for opens, closes in windows:
        if max(begins, opens) < min(ends, closes):
            yield max(begins, opens), min(ends, closes), person, source


def _override_span(override: Override) -> _Span:
    return (
        milliseconds(override.starts_at),
        milliseconds(override.ends_at),
        override.person,
        OVERRIDE,
    )


def _unless_able(span: _Span, able: Able) -> _Span:
    begins, ends, person, source = span
    return span if person is None or able(person) else (begins, ends, None, source)


def _overlaid(layers: Sequence[Sequence[_Span]], start: int, end: int) -> list[_Span]:
    """Lay spans over one another, the later layers on top; what is alike and adjoins is one."""
    marks = {start, end}
    for layer in layers:
        for begins, ends, _, _ in layer:
            marks |= {max(start, min(end, begins)), max(start, min(end, ends))}
    edges = sorted(marks)
    at_edge: list[tuple[PersonId | None, str]] = [(None, "")] * len(edges)
    place = {edge: index for index, edge in enumerate(edges)}
    for layer in layers:
        for begins, ends, person, source in layer:
            first, last = max(start, min(end, begins)), max(start, min(end, ends))
            for index in range(place[first], place[last]):
                at_edge[index] = (person, source)
    found: list[_Span] = []
    for index in range(len(edges) - 1):
        person, source = at_edge[index]
        span = (edges[index], edges[index + 1], person, source)
        if found and found[-1][2:] == (person, source):
            span = (found.pop()[0], edges[index + 1], person, source)
        found.append(span)
    return found
