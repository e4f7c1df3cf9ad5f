"""When a contact can be reached, by the wall clock where it is. A core without I/O.

The zone is a name of the IANA database, not an offset: a desk opens at eight in summer and winter.
A zone that this node's database does not have is no fault of whoever wrote it; then nothing is said
of the present.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from whenever import Instant, PlainDateTime, TimeZoneNotFoundError

from parley.clock import from_milliseconds, milliseconds

DAYS_A_WEEK: Final = 7
MINUTES_A_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class HoursSpan:
    """A stretch of some days of the week."""

    days: tuple[int, ...]
    """1 Monday to 7 Sunday, rising."""
    from_minute: int
    """Minutes after midnight, 0 to 1,439."""
    until_minute: int
    """1 to 1,440; not after the beginning: on the next day."""


@dataclass(frozen=True, slots=True)
class ContactHours:
    """The hours of a contact in its own zone."""

    zone: str
    """IANA name."""
    spans: tuple[HoursSpan, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a contact says that it is there."""

    is_open: bool | None
    """None: this node does not know the zone."""
    changes_ms: int | None = None
    """When that changes next, if it does within a week."""


ALWAYS: Final = Presence(is_open=True)


def is_known_zone(zone: str) -> bool:
    """Say whether this node knows a zone."""
    try:
        Instant.from_timestamp(0).to_tz(zone)
    except (TimeZoneNotFoundError, ValueError):
        return False
    return True


def presence_at(hours: ContactHours | None, at_ms: int) -> Presence:
    """Return whether a contact can be reached at an instant, and when that changes.

    Args:
        hours: of the contact; None: always.
        at_ms: milliseconds since 1970 UTC.
    """
    if hours is None:
        return ALWAYS
    if not is_known_zone(hours.zone):
        return Presence(is_open=None)
    until_ms: int | None = None
    for begins_ms, ends_ms in sorted(_stretches(hours, at_ms)):
        if ends_ms <= at_ms:
            continue
        if begins_ms > (at_ms if until_ms is None else until_ms):
            break
        until_ms = max(ends_ms, until_ms or 0)
    if until_ms is not None:
        is_always = until_ms - at_ms > DAYS_A_WEEK * MINUTES_A_DAY * 60_000
        return Presence(is_open=True, changes_ms=None if is_always else until_ms)
    following = (begins for begins, ends in _stretches(hours, at_ms) if begins > at_ms < ends)
    return Presence(is_open=False, changes_ms=min(following, default=None))


def _stretches(hours: ContactHours, at_ms: int) -> Iterator[tuple[int, int]]:
    """Yield when a contact is there, from the day before an instant to nine days after it."""
    first = from_milliseconds(at_ms).to_tz(hours.zone).date().subtract(days=1)
    for ahead in range(DAYS_A_WEEK + 3):
        day = first.add(days=ahead)
        for span in hours.spans:
            if day.day_of_week().value in span.days:
                is_overnight = span.until_minute <= span.from_minute
                until = span.until_minute + (MINUTES_A_DAY if is_overnight else 0)
                midnight = PlainDateTime(day.year, day.month, day.day)
                begins = _instant(midnight, span.from_minute, hours.zone)
                yield begins, _instant(midnight, until, hours.zone)


def _instant(midnight: PlainDateTime, minutes: int, zone: str) -> int:
    """Return the instant of a wall time: after a gap of the clock, the first of a fold."""
    local = midnight.add(minutes=minutes, naive_arithmetic_ok=True)
    return milliseconds(local.assume_tz(zone, disambiguation="compatible").to_instant())
