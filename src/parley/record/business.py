"""When a party's next business morning is, by its own calendar and wall clock. A core.

The calendar stands in the terms that both parties sign, so both nodes compute the same instant from
the same one, wherever they stand. The zone is a name of the IANA database, not an offset: a desk
opens at nine in summer and winter.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from whenever import Date, PlainDateTime, TimeZoneNotFoundError

from parley.clock import from_milliseconds, milliseconds
from parley.errors import TermsRefused
from parley.record.cbor import Value

DAYS_A_WEEK: Final = 7
HOLIDAYS_MAX: Final = 64
"""Of a few years. A longer list fills terms that a person is to read before signing."""
MINUTES_A_DAY: Final = 24 * 60
SEARCHED_DAYS: Final = (HOLIDAYS_MAX + 2) * DAYS_A_WEEK
"""With one working day a week, and a holiday on each of as many as there may be."""
_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TERM: Final = "mornings"


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """When a party's office opens."""

    zone: str
    """IANA name."""
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    """Working days, 1 Monday to 7 Sunday, rising."""
    morning_minute: int = 9 * 60
    """When the morning begins, minutes after midnight on its wall clock."""
    holidays: tuple[str, ...] = ()
    """Dates on which nobody works, as YYYY-MM-DD, rising."""

    def next_morning(self, at_ms: int) -> int | None:
        """Return the first business morning at or after an instant, None in a zone not known here.

        A morning in an hour that a clock leaves out is as much later; one in an hour that comes
        twice is the first.
        """
        try:
            day = from_milliseconds(at_ms).to_tz(self.zone).date()
        except (TimeZoneNotFoundError, ValueError):
            return None
        # Where a clock was put back over midnight, a day's morning may lie after the next one's.
        day = day.subtract(days=1)
        for _ in range(SEARCHED_DAYS):
            if self._is_working(day):
                morning_ms = self._morning(day)
                if morning_ms >= at_ms:
                    return morning_ms
            day = day.add(days=1)
        return None

    def _is_working(self, day: Date) -> bool:
        return day.day_of_week().value in self.days and day.format_iso() not in self.holidays

    def _morning(self, day: Date) -> int:
        hour, minute = divmod(self.morning_minute, 60)
        local = PlainDateTime(day.year, day.month, day.day, hour, minute)
        return milliseconds(local.assume_tz(self.zone, disambiguation="compatible").to_instant())


def calendar_value(calendar: BusinessCalendar) -> list[Value]:
    """Return a calendar as it stands in terms."""
    return [
        calendar.zone,
        [*calendar.days],
        calendar.morning_minute,
        [*calendar.holidays],
    ]


def read_calendar(value: Value) -> BusinessCalendar:
    """Return a calendar of terms.

    Raises:
        TypeError, ValueError: it is none.
        TermsRefused: something in it cannot be.
    """
    if not isinstance(value, list):
        raise TypeError
    zone, days, minute, holidays = value
    if not isinstance(days, list) or not isinstance(holidays, list) or not isinstance(zone, str):
        raise TypeError
    numbers = [each for each in (minute, *days) if type(each) is int]
    dates = [each for each in holidays if isinstance(each, str)]
    if len(numbers) != len(days) + 1 or len(dates) != len(holidays):
        raise TypeError
    found = BusinessCalendar(zone, tuple(numbers[1:]), numbers[0], tuple(dates))
    check_calendar(found)
    return found


def check_calendar(calendar: BusinessCalendar) -> None:
    """Accept a calendar; whether a node knows its zone is no matter of the terms.

    Raises:
        TermsRefused: something in it cannot be.
    """
    days, holidays = calendar.days, calendar.holidays
    is_sound = (
        _ZONE.fullmatch(calendar.zone)
        and days
        and [*days] == sorted(set(days))
        and 1 <= days[0] <= days[-1] <= DAYS_A_WEEK
        and 0 <= calendar.morning_minute < MINUTES_A_DAY
        and len(holidays) <= HOLIDAYS_MAX
        and [*holidays] == sorted(set(holidays))
        and all(map(_is_date, holidays))
    )
    if not is_sound:
        raise TermsRefused(term=_TERM)


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
