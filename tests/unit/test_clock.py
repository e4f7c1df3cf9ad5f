"""Clocks and instants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whenever import Instant

from parley.clock import Clock, FakeClock, SystemClock, from_milliseconds, milliseconds

LAST_MS = 253_402_300_799_999


def test_a_fake_clock_stands_still_until_it_is_moved() -> None:
    """Two looks without a move see the same."""
    clock: Clock = FakeClock()

    assert clock.now() == clock.now()
    assert clock.monotonic() == clock.monotonic()


def test_advancing_moves_both_times_together() -> None:
    """Wall time and monotonic time pass alike."""
    clock = FakeClock()
    before, monotonic = clock.now(), clock.monotonic()

    clock.advance(1.5)

    assert (clock.now() - before).total("seconds") == 1.5
    assert clock.monotonic() - monotonic == 1.5


def test_setting_the_wall_clock_leaves_monotonic_time() -> None:
    """An operator who sets a clock back does not make time run backwards."""
    clock = FakeClock()
    monotonic = clock.monotonic()

    clock.set_wall(Instant.from_utc(1999, 1, 1))

    assert clock.now() == Instant.from_utc(1999, 1, 1)
    assert clock.monotonic() == monotonic


def test_the_system_clock_goes_forward() -> None:
    """Monotonic time never goes back."""
    clock = SystemClock()

    assert clock.monotonic() <= clock.monotonic()
    assert clock.now() > Instant.from_utc(2026, 1, 1)


@given(st.integers(-62_135_596_800_000, LAST_MS))
def test_milliseconds_survive_the_way_there_and_back(value: int) -> None:
    """What is stored is what was meant."""
    assert milliseconds(from_milliseconds(value)) == value


@pytest.mark.parametrize("value", [LAST_MS + 1, -(10**15), 10**17])
def test_instants_outside_the_calendar_are_refused(value: int) -> None:
    """Foreign numbers do not overflow."""
    with pytest.raises((ValueError, OverflowError)):
        from_milliseconds(value)
