"""When a contact is there: wall clocks, nights, weekends, and clocks that are set."""

import pytest
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.contacts.hours import (
    ALWAYS,
    ContactHours,
    HoursSpan,
    Presence,
    is_known_zone,
    presence_at,
)

WORKDAYS = (1, 2, 3, 4, 5)
OFFICE = ContactHours("Asia/Tashkent", (HoursSpan(WORKDAYS, 8 * 60, 18 * 60),))
NIGHT = ContactHours("Europe/Vilnius", (HoursSpan((5, 6), 22 * 60, 6 * 60),))


def at(text: str) -> int:
    """Return an instant in milliseconds."""
    return milliseconds(Instant.parse_iso(text))


@pytest.mark.parametrize(
    ("hours", "instant", "is_open", "changes"),
    [
        # Tashkent is five hours ahead of UTC; 2026-11-23 is a Monday.
        (OFFICE, "2026-11-23T02:59:00Z", False, "2026-11-23T03:00:00Z"),
        (OFFICE, "2026-11-23T03:00:00Z", True, "2026-11-23T13:00:00Z"),
        (OFFICE, "2026-11-23T13:00:00Z", False, "2026-11-24T03:00:00Z"),
        (OFFICE, "2026-11-27T13:00:00Z", False, "2026-11-30T03:00:00Z"),
        # A night that begins on Saturday ends on Sunday; Vilnius is two hours ahead in winter.
        (NIGHT, "2026-11-29T03:59:00Z", True, "2026-11-29T04:00:00Z"),
        (NIGHT, "2026-11-29T20:00:00Z", False, "2026-12-04T20:00:00Z"),
        # The night in which clocks there go from three to four is an hour shorter.
        (NIGHT, "2026-03-28T20:00:00Z", True, "2026-03-29T03:00:00Z"),
    ],
)
def test_a_contact_is_there_by_its_own_wall_clock(
    hours: ContactHours, instant: str, is_open: object, changes: str
) -> None:
    """And says when that changes."""
    assert presence_at(hours, at(instant)) == Presence(bool(is_open), at(changes))


def test_stretches_that_meet_are_one() -> None:
    """Two shifts that follow each other, and a night that goes into the day."""
    shifts = ContactHours("UTC", (HoursSpan((1,), 0, 8 * 60), HoursSpan((1,), 8 * 60, 20 * 60)))
    assert presence_at(shifts, at("2026-11-23T01:00:00Z")) == Presence(
        True, at("2026-11-23T20:00:00Z")
    )


def test_somebody_who_is_always_there_never_goes() -> None:
    """By having no hours, or hours without a gap."""
    assert presence_at(None, 0) == ALWAYS
    round_the_clock = ContactHours("UTC", (HoursSpan((1, 2, 3, 4, 5, 6, 7), 0, 1_440),))
    assert presence_at(round_the_clock, at("2026-11-23T01:00:00Z")) == ALWAYS


def test_of_a_zone_nobody_here_knows_nothing_is_said() -> None:
    """It may be in a newer edition of the database than ours."""
    hours = ContactHours("Mars/Olympus", (HoursSpan((1,), 0, 60),))
    assert presence_at(hours, 0) == Presence(None)
    assert [is_known_zone(each) for each in ("Asia/Kabul", "Mars/Olympus", "a/../b")] == [
        True,
        False,
        False,
    ]
