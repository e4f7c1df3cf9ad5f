"""Group 7 of what alerts must stand: politics. Software stays correct and quiet."""

from parley.crisis.alert import AlertState, Standing
from parley.crisis.bodies import AnswerKind
from parley.crisis.due import due_steps
from parley.record.entry import Precedence
from parley.testing.desks import carry, desks_of
from parley.testing.invariants import end_of_desk, hold

S = AlertState
DAY_S = 86_400


def test_whoever_declines_everything_has_answered_everything() -> None:
    """A refusal is an answer, and no limit passes after it."""
    near, far = desks_of("near", "far")
    alerts = [near.release(far, f"question {number}", Precedence.PRIORITY) for number in range(6)]
    carry([near, far])
    for alert in alerts:
        far.acknowledge(alert)
        far.answer(alert, AnswerKind.DECLINE)
    carry([near, far])
    for desk in (near, far):
        desk.clock.advance(9 * DAY_S)
        assert desk.tick() == []
        assert {desk.alert(alert).state for alert in alerts} == {S.ANSWERED}
    hold([end_of_desk(near), end_of_desk(far)])


def test_whoever_never_closes_leaves_a_flash_closing_and_nothing_rings() -> None:
    """One party's closing is one party's; no limit is set for the other's."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).state is S.CLOSING
        assert due_steps(desk.alert(alert)) == ()
        desk.clock.advance(365 * DAY_S)
        assert desk.tick() == []
    hold([end_of_desk(near), end_of_desk(far)])


def test_whoever_never_answers_is_counted_overdue_once_and_not_again() -> None:
    """The screen says what was proved last, for a year if need be."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.acknowledge(alert)
    carry([near, far])
    noted = []
    for _ in range(365):
        near.clock.advance(DAY_S)
        noted += near.tick()
    assert noted == [(alert, "answer/0")]
    assert near.alert(alert).state is S.ACKNOWLEDGED
    hold([end_of_desk(near), end_of_desk(far)])


def test_still_deciding_may_be_said_twice_and_the_clock_runs_on() -> None:
    """The third is shown and moves nothing."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.acknowledge(alert)
    for _ in range(3):
        far.answer(alert, AnswerKind.HOLD, far.now_ms() + 60_000)
    carry([near, far])
    assert near.alert(alert).holds == 2
    assert [each.what for each in near.alert(alert).breaches] == ["holds_left"]
    near.clock.advance(DAY_S)
    assert (alert, "answer/2") in near.tick()
    hold([end_of_desk(near), end_of_desk(far)])


def test_what_is_taken_back_remains_and_may_still_be_read() -> None:
    """A withdrawal deletes nothing, on either side."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    near.withdraw(alert)
    far.acknowledge(alert)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).standing is Standing.WITHDRAWN
        assert desk.alert(alert).state is S.ACKNOWLEDGED
        assert due_steps(desk.alert(alert)) == ()
    hold([end_of_desk(near), end_of_desk(far)])
