"""Comparing two clocks over a line."""

import pytest

from parley.clock import FakeClock, milliseconds
from parley.line.letters import ClockAnswer, ClockQuestion
from parley.line.skew import ASK_EVERY_S, ROUND_TRIP_S_MAX, ClockComparison


def ask(clocks: ClockComparison, clock: FakeClock) -> ClockQuestion:
    """Ask now."""
    question = clocks.ask(clock.now(), clock.monotonic())
    assert question is not None
    return question


@pytest.mark.parametrize("ahead_s", [-3_600, -1, 0, 0.25, 86_400])
def test_the_difference_is_measured_half_way(ahead_s: float) -> None:
    """Whatever the round trip, if it is the same both ways."""
    clock, clocks = FakeClock(), ClockComparison()
    question = ask(clocks, clock)
    clock.advance(0.25)
    theirs = milliseconds(clock.now().add(seconds=ahead_s))
    clock.advance(0.25)

    assert clocks.take(ClockAnswer(question.number, theirs), clock.now(), clock.monotonic())
    assert clocks.skew_s == pytest.approx(ahead_s, abs=0.002)


def test_an_answer_nobody_asked_for_tells_nothing() -> None:
    """Nor one that comes twice."""
    clock, clocks = FakeClock(), ClockComparison()
    question = ask(clocks, clock)
    answer = ClockAnswer(question.number, milliseconds(clock.now()))

    assert not clocks.take(ClockAnswer(question.number + 1, 0), clock.now(), clock.monotonic())
    assert clocks.take(answer, clock.now(), clock.monotonic())
    assert not clocks.take(answer, clock.now(), clock.monotonic())


def test_an_answer_that_waited_through_an_outage_tells_nothing() -> None:
    """Its half-way point may be anywhere."""
    clock, clocks = FakeClock(), ClockComparison()
    question = ask(clocks, clock)
    clock.advance(ROUND_TRIP_S_MAX + 1)

    answer = ClockAnswer(question.number, milliseconds(clock.now()))
    assert not clocks.take(answer, clock.now(), clock.monotonic())
    assert clocks.skew_s is None


def test_it_is_asked_now_and_then_and_at_once_after_a_cut() -> None:
    """Not with every beat."""
    clock, clocks = FakeClock(), ClockComparison()
    ask(clocks, clock)
    assert clocks.ask(clock.now(), clock.monotonic()) is None

    clock.advance(ASK_EVERY_S)
    ask(clocks, clock)
    clocks.restart()
    ask(clocks, clock)
