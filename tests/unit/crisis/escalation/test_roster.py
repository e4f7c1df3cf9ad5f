"""Who is on watch: by the wall clock, through summer time, overrides and hours."""

import random
from itertools import pairwise

import pytest
from whenever import Instant, PlainDateTime

from parley.crisis.escalation.roster import (
    OVERRIDE,
    Hours,
    Override,
    Roster,
    Rotation,
    ShiftUnit,
    current_and_next,
    gaps,
    on_watch,
    shifts,
)
from parley.ids import OfficeId, PersonId, ShiftId

ADA, BEN, CAI = (PersonId(bytes([n]) * 16) for n in (1, 2, 3))
OFFICE = OfficeId(b"o" * 16)
ZONES = ("Europe/Oslo", "Asia/Tashkent", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kabul")


def roster(*rotations: Rotation, zone: str = "Europe/Oslo") -> Roster:
    """Return a roster of an office."""
    return Roster("watch", "Watch", zone, OFFICE, rotations)


def daily(*people: PersonId, hours: tuple[Hours, ...] = ()) -> Rotation:
    """Return people who follow one another at eight in the morning."""
    return Rotation("daily", people, PlainDateTime(2026, 1, 1, 8), 1, ShiftUnit.DAYS, hours)


def utc(text: str) -> Instant:
    """Return an instant."""
    return Instant.parse_iso(text)


def override(person: PersonId | None, since: str, until: str, made: int = 0) -> Override:
    """Return an exception to the roster."""
    made_at = utc("2026-01-01T00:00:00Z").add(seconds=made)
    return Override(ShiftId(bytes([made]) * 16), "watch", person, utc(since), utc(until), made_at)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-06-01", 24)]
)
def test_hand_over_is_at_eight_whatever_the_clocks_do(day: str, hours: int) -> None:
    """The night of the change is an hour shorter or longer."""
    chosen = roster(daily(ADA, BEN))
    at = PlainDateTime.parse_iso(f"{day}T12:00:00").assume_tz("Europe/Oslo").to_instant()

    current, following = current_and_next(chosen, [], at)

    assert (current.ends_at - current.starts_at).total("hours") == hours
    assert current.ends_at.to_tz("Europe/Oslo").hour == 8
    assert following is not None
    assert {current.person, following.person} == {ADA, BEN}


def test_a_hand_over_at_a_time_that_does_not_exist_is_after_the_gap() -> None:
    """02:30 on the night when clocks go from 02:00 to 03:00 is 03:30."""
    night = Rotation("night", (ADA, BEN), PlainDateTime(2026, 3, 1, 2, 30), 1, ShiftUnit.DAYS)
    found = shifts(roster(night), [], utc("2026-03-28T00:00:00Z"), utc("2026-03-30T12:00:00Z"))

    assert utc("2026-03-29T01:30:00Z") in [each.starts_at for each in found]


def test_a_hand_over_at_a_time_that_comes_twice_is_at_the_first() -> None:
    """02:30 on the night when clocks go back from 03:00 to 02:00."""
    night = Rotation("night", (ADA, BEN), PlainDateTime(2026, 10, 1, 2, 30), 1, ShiftUnit.DAYS)
    found = shifts(roster(night), [], utc("2026-10-24T12:00:00Z"), utc("2026-10-26T12:00:00Z"))

    assert utc("2026-10-25T00:30:00Z") in [each.starts_at for each in found]


def test_hourly_hand_overs_leave_no_hole_through_a_fold_and_a_gap() -> None:
    """An hour that is missing is nobody's, one that comes twice is one person's."""
    hourly = Rotation("hourly", (ADA, BEN, CAI), PlainDateTime(2026, 1, 1), 1, ShiftUnit.HOURS)
    for day in ("2026-03-28", "2026-10-24"):
        since = utc(f"{day}T12:00:00Z")
        found = shifts(roster(hourly), [], since, since.add(hours=24))
        assert all(each.person for each in found)
        assert found[0].starts_at == since
        assert all(a.ends_at == b.starts_at for a, b in pairwise(found))


def test_the_last_override_counts_and_nobody_is_a_gap() -> None:
    """Whoever puts nobody on a watch means it."""
    chosen = roster(daily(ADA))
    over = [
        override(BEN, "2026-06-01T10:00:00Z", "2026-06-01T14:00:00Z", 1),
        override(None, "2026-06-01T12:00:00Z", "2026-06-01T13:00:00Z", 2),
    ]
    found = shifts(chosen, over, utc("2026-06-01T09:00:00Z"), utc("2026-06-01T15:00:00Z"))

    assert [each.person for each in found] == [ADA, BEN, None, BEN, ADA]
    assert [each.source for each in found if each.is_gap] == [OVERRIDE]


def test_a_later_rotation_lies_over_an_earlier_one_in_its_hours() -> None:
    """Nights of the weekend, over midnight, by the roster's own clock."""
    nights = Hours(frozenset({6, 7}), 22 * 60, 6 * 60)
    over = Rotation("nights", (CAI,), PlainDateTime(2026, 1, 1), 1, ShiftUnit.WEEKS, (nights,))
    chosen = roster(daily(ADA), over)

    assert on_watch(chosen, [], utc("2026-06-06T19:59:00Z")) == ADA
    assert on_watch(chosen, [], utc("2026-06-06T20:00:00Z")) == CAI
    assert on_watch(chosen, [], utc("2026-06-08T03:59:00Z")) == CAI
    assert on_watch(chosen, [], utc("2026-06-08T04:00:00Z")) == ADA


def test_who_cannot_come_leaves_a_gap_and_is_not_replaced() -> None:
    """Somebody whose rights ended is on no watch."""
    chosen, since = roster(daily(ADA, BEN)), utc("2026-06-01T06:00:00Z")
    found = gaps(chosen, [], since, since.add(hours=96), lambda person: person != BEN)

    assert [(each.ends_at - each.starts_at).total("hours") for each in found] == [24, 24]


def test_a_roster_without_rotations_is_one_gap() -> None:
    """And so is the time before a rotation begins."""
    since = utc("2025-12-01T00:00:00Z")
    assert len(gaps(roster(), [], since, since.add(hours=24))) == 1
    assert gaps(roster(daily(ADA)), [], since, since.add(hours=24))[0].person is None


def test_seeded_years_are_covered_without_holes_and_alike_from_wherever_one_looks() -> None:
    """Whatever zone, unit and length: every instant is in one shift, and always the same one's."""
    seed = 60
    random_ = random.Random(seed)  # noqa: S311  a seeded plan, no secret
    for _ in range(60):
        rotations = tuple(
            Rotation(
                f"r{n}",
                tuple(random_.sample([ADA, BEN, CAI], random_.randint(1, 3))),
                PlainDateTime(
                    2026, random_.randint(1, 3), random_.randint(1, 28), random_.randint(0, 23), 30
                ),
                random_.randint(1, 13),
                random_.choice(list(ShiftUnit)),
                (
                    Hours(
                        frozenset(random_.sample(range(1, 8), 3)),
                        random_.randrange(1_440),
                        random_.randrange(1_440),
                    ),
                )
                if n
                else (),
            )
            for n in range(random_.randint(1, 3))
        )
        chosen = roster(*rotations, zone=random_.choice(ZONES))
        since = utc("2026-03-20T00:00:00Z").add(hours=random_.randint(0, 5_000))
        found = shifts(chosen, [], since, since.add(hours=400))
        assert found[0].starts_at == since, f"seed {seed}"
        assert found[-1].ends_at == since.add(hours=400), f"seed {seed}"
        assert all(a.ends_at == b.starts_at for a, b in pairwise(found))
        for _ in range(5):
            at = since.add(minutes=random_.randrange(400 * 60))
            inside = next(each for each in found if each.starts_at <= at < each.ends_at)
            assert on_watch(chosen, [], at) == inside.person, f"seed {seed} at {at}"
