"""Group 3 of what alerts must stand: clocks. Limits neither pass early nor vanish."""

import pytest
from whenever import Instant

from parley.clock import FakeClock
from parley.crisis.precedence import DEFAULT_LIMITS
from parley.record.entry import Precedence
from parley.testing.desks import Desk, carry, desks_of
from parley.testing.invariants import end_of_desk, hold

LIMIT_S = DEFAULT_LIMITS[Precedence.FLASH].limit_s
TARGET_S = DEFAULT_LIMITS[Precedence.FLASH].target_s
HOUR_S = 3_600


@pytest.mark.parametrize("jump_s", [-HOUR_S, -1, 1, 27, HOUR_S])
def test_a_clock_that_jumps_moves_no_limit_in_time_that_passes(jump_s: int) -> None:
    """What was left of it is left of it, whatever the wall clock says; forward it acts at once."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    near.clock.advance(60)
    assert near.tick() == []
    near.clock.set_wall(near.clock.now().add(seconds=jump_s))
    early = near.tick()
    if jump_s < HOUR_S:
        assert early == []
    # A step of less than two seconds is not made good: it moves a limit by as much.
    near.clock.advance(LIMIT_S - 60 + 1.5)
    noted = [*early, *near.tick()]
    assert sorted(noted) == [(alert, "limit/0"), (alert, "target/0")]
    near.clock.set_wall(near.clock.now().add(seconds=-jump_s))
    near.clock.advance(10 * HOUR_S)
    assert near.tick() == []
    judge(near, far)


def test_a_leap_second_passes_unnoticed() -> None:
    """POSIX time repeats a second: one second is no jump."""
    near, far = desks_of("near", "far")
    near.clock = FakeClock(Instant.from_utc(2016, 12, 31, 23, 59, 30))
    near.restart()
    alert = near.release(far)
    near.clock.advance(30)
    near.clock.set_wall(near.clock.now().subtract(seconds=1))
    near.clock.advance(TARGET_S - 30 + 1)
    assert near.tick() == [(alert, "target/0")]
    judge(near, far)


@pytest.mark.parametrize(
    "start",
    [
        Instant.from_utc(2038, 1, 19, 3, 14, 0),
        Instant.from_utc(2026, 3, 29, 0, 59, 0),
        Instant.from_utc(2026, 10, 25, 0, 59, 0),
        Instant.from_utc(2099, 12, 31, 23, 59, 0),
    ],
)
def test_limits_pass_in_time_over_the_ends_of_eras_and_of_summer_time(start: Instant) -> None:
    """Everything is UTC and counted in more than 32 bits."""
    near, far = desks_of("near", "far")
    for desk in (near, far):
        desk.clock = FakeClock(start)
        desk.restart()
    alert = near.release(far)
    carry([near, far])
    for desk in (near, far):
        desk.clock.advance(TARGET_S - 1)
        assert desk.tick() == []
        desk.clock.advance(2)
        assert desk.tick() == [(alert, "target/0")]
    far.acknowledge(alert)
    carry([near, far])
    judge(near, far)


@pytest.mark.parametrize("years", [-20, 20])
def test_the_other_party_s_clock_may_be_years_off(years: int) -> None:
    """Each end counts from its own event by its own clock."""
    near, far = desks_of("near", "far")
    far.clock = FakeClock(near.clock.now().add(hours=years * 8_766))
    far.restart()
    alert = near.release(far)
    carry([near, far])
    for desk in (near, far):
        desk.clock.advance(LIMIT_S - 1)
        assert (alert, "limit/0") not in desk.tick()
        desk.clock.advance(2)
        assert (alert, "limit/0") in desk.tick()
    far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    assert near.alert(alert).answers
    judge(near, far)


def test_a_suspended_machine_notes_each_limit_once_when_it_wakes() -> None:
    """Eight hours pass between two looks."""
    near, far = desks_of("near", "far")
    alert = near.release(far, given_ms=HOUR_S * 1_000)
    near.clock.advance(8 * HOUR_S)
    noted = near.tick()
    assert sorted(noted) == [(alert, "expiry/0"), (alert, "limit/0"), (alert, "target/0")]
    assert near.tick() == []
    judge(near, far)


def test_a_clock_set_back_while_the_node_was_down_makes_a_limit_late_and_never_lost() -> None:
    """There is nothing but the wall clock then."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    near.clock.advance(60)
    near.clock.set_wall(near.clock.now().subtract(hours=1))
    near.restart()
    near.clock.advance(LIMIT_S)
    assert near.tick() == []
    near.clock.advance(HOUR_S)
    assert sorted(near.tick()) == [(alert, "limit/0"), (alert, "target/0")]
    judge(near, far)


# ----------------------------------------------------------------------------------------- details


def judge(near: Desk, far: Desk) -> None:
    """Hold both to every invariant, once everything has arrived."""
    carry([near, far])
    hold([end_of_desk(near), end_of_desk(far)])
