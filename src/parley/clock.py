"""Time as an argument: the only two places in Parley that may read a clock.

Everything that decides something takes ``now`` (an :class:`~whenever.Instant`, always UTC) as an
argument. Shells read it from a :class:`Clock`. Tests use :class:`FakeClock`, which moves only when
told to.
"""

import time
from typing import Protocol

from whenever import Instant


class Clock(Protocol):
    """A source of wall time and of time that never goes back."""

    def now(self) -> Instant:
        """Return the present instant by the wall clock, which an operator may set back."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never goes back, as the wall clock may."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Return the machine's wall time."""
        return Instant.now()

    def monotonic(self) -> float:
        """Return the machine's monotonic time in seconds."""
        return time.monotonic()


class FakeClock:
    """A clock for tests: stands still until it is moved."""

    def __init__(self, start: Instant | None = None) -> None:
        """Start at ``start``, by default at noon UTC on 1 November 2026."""
        self._now = start or Instant.from_utc(2026, 11, 1, 12)
        self._monotonic = 1_000.0

    def now(self) -> Instant:
        """Return the instant last set."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds advanced so far, from an arbitrary start."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move wall time and monotonic time forward together."""
        self._now = self._now.add(seconds=seconds)
        self._monotonic += seconds

    def set_wall(self, now: Instant) -> None:
        """Set the wall clock alone, as an operator or a bad time source would."""
        self._now = now


def milliseconds(instant: Instant) -> int:
    """Return ``instant`` as milliseconds since 1970 UTC, as stored and as put into letters."""
    return instant.timestamp(unit="millisecond")


def from_milliseconds(value: int) -> Instant:
    """Return the instant ``value`` milliseconds after 1970 UTC.

    Raises:
        ValueError: ``value`` lies outside the years 1 to 9999.
    """
    return Instant.from_timestamp(value, unit="millisecond")
