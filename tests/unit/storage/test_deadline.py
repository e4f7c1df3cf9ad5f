"""One deadline and the clock."""

import pytest
from whenever import Instant, ZonedDateTime

from parley.errors import TransitionRefused
from parley.storage.deadline import (
    RETRY_S_MAX,
    STEP_MS_MIN,
    WAKE_S_MAX,
    ClockWatch,
    Deadline,
    acted,
    cancelled,
    failed,
    is_due,
    moved,
    shifted,
    wake_in,
)

NOW = Instant.from_utc(2026, 11, 1, 12)
DAY_MS = 86_400_000


def five_minutes() -> Deadline:
    """Return a deadline in five minutes."""
    due_at = NOW.add(minutes=5)
    return Deadline("escalation", "n1", due_at, due_at, NOW, b"who")


def test_a_deadline_is_due_from_its_instant_on() -> None:
    """Not a millisecond earlier."""
    deadline = five_minutes()

    assert not is_due(deadline, deadline.due_at.subtract(milliseconds=1))
    assert is_due(deadline, deadline.due_at)


def test_a_settled_deadline_is_never_due() -> None:
    """Whatever the clock says."""
    late = NOW.add(hours=100_000)
    assert not is_due(acted(five_minutes(), NOW, None), late)
    assert not is_due(cancelled(five_minutes(), NOW), late)


def test_a_settled_deadline_is_not_moved_or_acted_on_again() -> None:
    """A second escalation would wake people for nothing."""
    done = acted(five_minutes(), NOW, None)

    with pytest.raises(TransitionRefused):
        moved(done, NOW)
    with pytest.raises(TransitionRefused):
        acted(done, NOW, None)
    with pytest.raises(TransitionRefused):
        failed(done, NOW)
    assert cancelled(done, NOW.add(hours=1)) == done


def test_a_deadline_that_comes_back_waits_for_its_next_instant() -> None:
    """As a monthly line check does."""
    again = acted(five_minutes(), NOW, NOW.add(hours=700))

    assert not is_due(again, NOW.add(hours=699))
    assert is_due(again, NOW.add(hours=700))


def test_an_act_that_fails_is_tried_again_ever_more_seldom() -> None:
    """After 1, 2, 4 seconds, and at last every five minutes."""
    deadline, now, waits = five_minutes(), NOW, []
    for _ in range(12):
        deadline = failed(deadline, now)
        waits.append(round((deadline.acts_at - now).total("seconds")))
        now = deadline.acts_at

    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-2:] == [RETRY_S_MAX, RETRY_S_MAX]
    assert deadline.tries == 12
    assert deadline.due_at == five_minutes().due_at


def test_a_clock_set_back_by_a_day_makes_nothing_late() -> None:
    """What counts then is the time that went by."""
    deadline = shifted(five_minutes(), -DAY_MS)

    assert is_due(deadline, NOW.add(minutes=5).subtract(hours=24))
    assert deadline.due_at == five_minutes().due_at


def test_a_clock_put_right_again_restores_the_instant() -> None:
    """And never makes it later than agreed."""
    assert shifted(shifted(five_minutes(), -DAY_MS), DAY_MS) == five_minutes()
    assert shifted(five_minutes(), DAY_MS) == five_minutes()


def test_a_clock_set_back_to_1970_is_an_instant_still() -> None:
    """A machine without a battery starts there."""
    assert shifted(five_minutes(), -100 * 365 * DAY_MS).acts_at == Instant.from_timestamp(0)


def test_a_deadline_that_is_tried_again_is_not_put_off_by_a_clock() -> None:
    """Its next try comes at the latest when it would have."""
    trying = failed(five_minutes(), NOW.add(hours=1))

    assert shifted(trying, DAY_MS) == trying
    assert shifted(trying, -DAY_MS).acts_at == trying.acts_at.subtract(hours=24)


@pytest.mark.parametrize(
    ("seconds", "wanted"), [(-5, 0.0), (0, 0.0), (1.5, 1.5), (3_600, WAKE_S_MAX)]
)
def test_the_next_waking_is_when_something_may_be_due(seconds: float, wanted: float) -> None:
    """Never longer than a minute, so that a clock that is set is noticed."""
    assert wake_in(NOW.add(seconds=seconds), NOW) == wanted


def test_with_nothing_to_wait_for_a_node_wakes_all_the_same() -> None:
    """Something may have been set meanwhile."""
    assert wake_in(None, NOW) == WAKE_S_MAX


def test_a_clock_that_runs_is_not_taken_for_one_that_was_set() -> None:
    """Nor are drift and a late reading."""
    watch = ClockWatch(NOW, 10.0)

    assert watch.look(NOW.add(seconds=3_600), 3_610.0) == 0
    assert watch.look(NOW.add(seconds=3_601, milliseconds=STEP_MS_MIN - 1), 3_611.0) == 0


@pytest.mark.parametrize("by_s", [-86_400, 315_360_000, 2, -2])
def test_a_clock_that_was_set_is_noticed_once(by_s: int) -> None:
    """By how much, whichever way."""
    watch = ClockWatch(NOW, 10.0)

    assert watch.look(NOW.add(seconds=by_s + 1), 11.0) == by_s * 1_000
    assert watch.look(NOW.add(seconds=by_s + 2), 12.0) == 0


def test_summer_time_moves_no_deadline() -> None:
    """Instants are UTC; the hour that comes twice is two hours of them."""
    zone = "Europe/Helsinki"
    first = ZonedDateTime(2026, 10, 25, 3, 30, tz=zone, disambiguation="earlier").to_instant()
    second = ZonedDateTime(2026, 10, 25, 3, 30, tz=zone, disambiguation="later").to_instant()
    deadline = Deadline("k", "s", second, second, first)

    assert not is_due(deadline, first.add(minutes=59))
    assert is_due(deadline, first.add(minutes=60))


def test_a_deadline_shows_itself_without_its_body() -> None:
    """The body may name people."""
    assert repr(five_minutes()) == "Deadline(escalation n1 waiting)"
