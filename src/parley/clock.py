"""Time as an argument: the only two places in Parley that may read a clock.

Everything that decides something takes ``now`` (an :class:`~whenever.Instant`, always UTC) as an
argument. Shells read it from a :class:`Clock`. Tests use :class:`FakeClock`, which moves only when
told to.
"""

import ctypes
import struct
import sys
import time
from typing import Final, Protocol

from whenever import Instant

_TIMEX_BYTES: Final = 256
"""Room for the kernel's ``struct timex``, 208 bytes on 64-bit Linux."""
_TIMEX_BOUND_AT: Final = 3 * struct.calcsize("@l")
"""``maxerror``, in microseconds, stands after ``modes`` (padded), ``offset`` and ``freq``."""
_NOT_SYNCHRONISED: Final = 5
"""``TIME_ERROR``: no time service keeps this clock."""
_NEVER_BACK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux alone counts on while the machine sleeps (clock_gettime(2))."""


class Clock(Protocol):
    """A source of wall time and of time that never goes back."""

    def now(self) -> Instant:
        """Return the present instant by the wall clock, which an operator may set back."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never goes back, as the wall clock may."""

    def error_bound_ms(self) -> int | None:
        """Return how far the wall clock may be off, None if nothing is known of that."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Return the machine's wall time."""
        return Instant.now()

    def monotonic(self) -> float:
        """Return the machine's monotonic time in seconds, its sleep included where that is known.

        Otherwise a machine that wakes from its sleep would look as if its clock had been set.
        """
        return time.clock_gettime(_NEVER_BACK)

    def error_bound_ms(self) -> int | None:
        """Return what the kernel says, as the time service of the machine told it (adjtimex(2)).

        Without such a service, and on other systems than Linux, nothing is known.
        """
        if not sys.platform.startswith("linux"):
            return None
        kernel = ctypes.CDLL(None)
        told = ctypes.create_string_buffer(_TIMEX_BYTES)
        state = kernel.adjtimex(told)
        bound_us = struct.unpack_from("@l", told, _TIMEX_BOUND_AT)[0]
        return None if state in {-1, _NOT_SYNCHRONISED} else max(0, bound_us) // 1_000


class FakeClock:
    """A clock for tests: stands still until it is moved."""

    def __init__(self, start: Instant | None = None) -> None:
        """Start at ``start``, by default at noon UTC on 1 November 2026."""
        self._now = start or Instant.from_utc(2026, 11, 1, 12)
        self._monotonic = 1_000.0
        self.bound_ms: int | None = 200

    def now(self) -> Instant:
        """Return the instant last set."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds advanced so far, from an arbitrary start."""
        return self._monotonic

    def error_bound_ms(self) -> int | None:
        """Return what the test says."""
        return self.bound_ms

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
