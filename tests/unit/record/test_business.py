"""Business mornings: by working days, holidays and the wall clock of a zone."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import TermsRefused
from parley.record.business import (
    HOLIDAYS_MAX,
    BusinessCalendar,
    calendar_value,
    check_calendar,
    read_calendar,
)
from parley.record.cbor import Value

BERLIN = BusinessCalendar("Europe/Berlin")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Tashkent",
    "Asia/Kabul",
    "Asia/Shanghai",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
)
DAY_MS = 86_400_000


def ms(text: str) -> int:
    """Return an instant of ISO 8601 in milliseconds."""
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        ("2026-11-20T20:00:00+01:00", "2026-11-23T09:00:00+01:00"),  # Friday evening
        ("2026-11-21T12:00:00+01:00", "2026-11-23T09:00:00+01:00"),  # Saturday
        ("2026-11-24T08:59:59+01:00", "2026-11-24T09:00:00+01:00"),  # Tuesday, early
        ("2026-11-24T09:00:00+01:00", "2026-11-24T09:00:00+01:00"),  # at the very instant
        ("2026-11-24T09:00:01+01:00", "2026-11-25T09:00:00+01:00"),
        ("2026-03-27T20:00:00+01:00", "2026-03-30T09:00:00+02:00"),  # clocks go forward on Sunday
        ("2026-10-23T20:00:00+02:00", "2026-10-26T09:00:00+01:00"),  # clocks go back on Sunday
    ],
)
def test_the_next_morning_is_by_the_wall_clock_there(at: str, morning: str) -> None:
    """Over weekends and through both changes of the clock."""
    assert BERLIN.next_morning(ms(at)) == ms(morning)


def test_holidays_and_other_weeks_are_gone_by() -> None:
    """A week may begin on Sunday; a holiday is a date and no hour."""
    off = dataclasses.replace(BERLIN, holidays=("2026-12-24", "2026-12-25"))
    assert off.next_morning(ms("2026-12-23T12:00:00+01:00")) == ms("2026-12-28T09:00:00+01:00")
    kabul = BusinessCalendar("Asia/Kabul", (1, 2, 3, 6, 7), 8 * 60)
    assert kabul.next_morning(ms("2026-11-25T12:00:00+04:30")) == ms("2026-11-28T08:00:00+04:30")


def test_a_morning_that_a_clock_leaves_out_is_as_much_later_and_of_two_the_first() -> None:
    """Both ends come to one instant in these hours too."""
    early = BusinessCalendar("Europe/Berlin", (7,), 2 * 60 + 30)
    assert early.next_morning(ms("2026-03-28T12:00:00+01:00")) == ms("2026-03-29T03:30:00+02:00")
    assert early.next_morning(ms("2026-10-24T12:00:00+02:00")) == ms("2026-10-25T02:30:00+02:00")


def test_a_zone_that_is_not_known_here_has_no_morning() -> None:
    """Then the limit is the agreed seconds."""
    assert BusinessCalendar("Nowhere/Atlantis").next_morning(0) is None


def test_with_one_working_day_and_every_holiday_on_it_there_is_a_morning() -> None:
    """The search goes as far as the longest list can put a morning off."""
    first = date(2026, 11, 23)
    holidays = tuple(str(first + timedelta(weeks=each)) for each in range(HOLIDAYS_MAX))
    rare = BusinessCalendar("UTC", (1,), 0, holidays)
    check_calendar(rare)
    after = first + timedelta(weeks=HOLIDAYS_MAX)
    assert rare.next_morning(ms(f"{first}T00:00:00+00:00")) == ms(f"{after}T00:00:00+00:00")


calendars = st.builds(
    BusinessCalendar,
    st.sampled_from(ZONES),
    st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    st.integers(0, 24 * 60 - 1),
    st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=20).map(
        lambda dates: tuple(sorted(map(str, dates)))
    ),
)


@given(calendars, st.integers(ms("2026-01-01T00:00:00+00:00"), ms("2027-12-31T00:00:00+00:00")))
def test_the_next_morning_is_the_first_that_another_library_finds(
    calendar: BusinessCalendar, at_ms: int
) -> None:
    """In every zone, through every change of a clock: zoneinfo says the same."""
    found = calendar.next_morning(at_ms)
    assert found == read_calendar(calendar_value(calendar)).next_morning(at_ms)
    assert found == _by_zoneinfo(calendar, at_ms)


def _by_zoneinfo(calendar: BusinessCalendar, at_ms: int) -> int:
    zone = ZoneInfo(calendar.zone)
    near = datetime.fromtimestamp(at_ms / 1_000, UTC).date()
    hour, minute = divmod(calendar.morning_minute, 60)
    mornings = []
    for ahead in range(-3, 400):
        day = near + timedelta(days=ahead)
        if day.isoweekday() in calendar.days and str(day) not in calendar.holidays:
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            mornings.append(round(local.timestamp() * 1_000))
    return min(each for each in mornings if each >= at_ms)


@pytest.mark.parametrize(
    "change",
    [
        {"zone": ""},
        {"zone": "../etc/passwd"},
        {"zone": "a/b/c/d"},
        {"days": ()},
        {"days": (0,)},
        {"days": (8,)},
        {"days": (2, 1)},
        {"days": (1, 1)},
        {"morning_minute": -1},
        {"morning_minute": 1_440},
        {"holidays": ("2026-02-30",)},
        {"holidays": ("20260201",)},
        {"holidays": ("2026-12-25", "2026-12-24")},
        {"holidays": ("2026-12-25", "2026-12-25")},
        {"holidays": tuple(f"20{each:02d}-01-01" for each in range(HOLIDAYS_MAX + 1))},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    """Whoever writes it is told which term it is; one that comes is not read."""
    wrong = dataclasses.replace(BERLIN, **change)  # type: ignore[arg-type]
    with pytest.raises(TermsRefused) as refused:
        check_calendar(wrong)
    assert refused.value.params == {"term": "mornings"}
    with pytest.raises(TermsRefused):
        read_calendar(calendar_value(wrong))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        ["UTC", [1], 540],
        ["UTC", [1], 540, [], 0],
        [5, [1], 540, []],
        ["UTC", 1, 540, []],
        ["UTC", [True], 540, []],
        ["UTC", ["1"], 540, []],
        ["UTC", [1], True, []],
        ["UTC", [1], 540, [5]],
        ["UTC", [1], 540, "2026-01-01"],
    ],
)
def test_what_is_no_calendar_is_not_read(value: Value) -> None:
    """Of whatever another party put there."""
    with pytest.raises((TypeError, ValueError)):
        read_calendar(value)
