"""Every state of an escalation, a notice and a plan with every event."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from parley.crisis.alert import AlertState
from parley.crisis.escalation.escalation import (
    ESCALATION_TRANSITIONS,
    EscalationEvent,
    EscalationState,
    advanced,
    begun,
    follow_escalation,
)
from parley.crisis.escalation.notice import (
    NOTICE_TRANSITIONS,
    RETRY_S,
    TRIES_MAX,
    NoticeEvent,
    NoticeState,
    failed,
    follow_notice,
    joined,
    made,
    succeeded,
    tried,
    tried_anew,
)
from parley.crisis.escalation.plan import (
    DEFAULT_POLICIES,
    PLAN_TRANSITIONS,
    PlanEvent,
    PlanState,
    are_both,
    follow_plan,
)
from parley.crisis.escalation.policy import (
    Direction,
    Policy,
    PolicyStep,
    Reached,
    Target,
    TargetKind,
    Until,
    due_s,
)
from parley.errors import TransitionRefused
from parley.identity.permission import Role
from parley.record.entry import Precedence

DESK = (Target(TargetKind.DESK),)
POLICY = Policy(
    (
        PolicyStep(0, DESK, Until.PRESENTED),
        PolicyStep(30, DESK, Until.ACKNOWLEDGED, acks=2),
        PolicyStep(60, DESK, Until.ANSWERED),
    ),
    repeats=1,
    repeat_s=100,
)
UNREAD = Reached(AlertState.RELEASED)


@pytest.mark.parametrize(
    ("table", "follow", "states", "events"),
    [
        (ESCALATION_TRANSITIONS, follow_escalation, EscalationState, EscalationEvent),
        (NOTICE_TRANSITIONS, follow_notice, NoticeState, NoticeEvent),
        (PLAN_TRANSITIONS, follow_plan, PlanState, PlanEvent),
    ],
)
def test_a_pair_that_is_not_in_the_table_is_refused(
    table: Mapping[tuple[StrEnum, StrEnum], object],
    follow: object,
    states: type[StrEnum],
    events: type[StrEnum],
) -> None:
    """State by event, each one."""
    assert callable(follow)
    for state in states:
        for event in events:
            if (state, event) in table:
                assert follow(state, event) is table[state, event].next  # type: ignore[attr-defined]
            else:
                with pytest.raises(TransitionRefused):
                    follow(state, event)


def test_steps_fall_due_one_after_the_other_through_every_round() -> None:
    """A later round begins so long after the last step, whatever delay the first one has."""
    assert [due_s(POLICY, n) for n in range(7)] == [0, 30, 90, 190, 220, 280, None]


def test_everything_that_is_overdue_comes_once_and_in_order() -> None:
    """However many instants went by."""
    escalation, first = begun(b"m" * 32, Direction.INBOUND, POLICY, 1_000, UNREAD, 1_000)
    assert [each.number for each in first] == [0]
    escalation, later = advanced(escalation, UNREAD, 1_000 + 190_000)
    assert [(each.number, each.due_ms) for each in later] == [
        (1, 31_000),
        (2, 91_000),
        (3, 191_000),
    ]
    assert advanced(escalation, UNREAD, 1_000 + 219_999) == (escalation, ())
    escalation, rest = advanced(escalation, UNREAD, 10**9)
    assert [each.number for each in rest] == [4, 5]
    assert escalation.state is EscalationState.EXHAUSTED
    assert escalation.due_ms is None


def test_a_step_is_left_out_when_what_it_waits_for_has_happened() -> None:
    """Presented, then read by one of the two who must, then by both."""
    escalation, _ = begun(b"m" * 32, Direction.INBOUND, POLICY, 0, UNREAD, -1)
    presented = Reached(AlertState.PRESENTED)
    escalation, found = advanced(escalation, presented, 0)
    assert [each.is_needed for each in found] == [False]
    one = advanced(escalation, Reached(AlertState.ACKNOWLEDGED, acks=1), 30_000)[1]
    both = advanced(escalation, Reached(AlertState.ACKNOWLEDGED, acks=2), 30_000)[1]
    assert [each.is_needed for each in one] == [True]
    assert [each.is_needed for each in both] == [False]
    held = advanced(escalation, Reached(AlertState.HELD, acks=2), 90_000)[1]
    assert [each.is_needed for each in held] == [False, True]


@pytest.mark.parametrize(
    "reached", [Reached(AlertState.ANSWERED), Reached(AlertState.RELEASED, is_over=True)]
)
def test_what_is_answered_or_over_settles_an_escalation(reached: Reached) -> None:
    """In the middle, after the last step, and twice."""
    escalation, _ = begun(b"m" * 32, Direction.INBOUND, POLICY, 0, UNREAD, 0)
    for before in (escalation, advanced(escalation, UNREAD, 10**9)[0]):
        after, found = advanced(before, reached, 10**9)
        assert (after.state, found) == (EscalationState.SETTLED, ())
        assert advanced(after, reached, 10**9) == (after, ())


def test_there_is_a_policy_for_every_precedence_of_both_directions() -> None:
    """Before anybody has made a plan."""
    assert set(DEFAULT_POLICIES) == {(d, p) for d in Direction for p in Precedence}


def test_a_notice_is_tried_less_and_less_often_and_then_given_up() -> None:
    """And from the beginning when a person wants it."""
    notice, now_ms, waits = made(0), 0, []
    while notice.state is NoticeState.WAITING:
        now_ms = notice.next_ms or 0
        trying = tried(notice, now_ms, is_settled=False)
        notice = failed(trying, now_ms, "no answer", is_final=False)
        waits.append(((notice.next_ms or now_ms) - now_ms) // 1_000)
    assert waits[: len(RETRY_S)] == list(RETRY_S)
    assert (notice.state, notice.tries) == (NoticeState.FAILED, TRIES_MAX)
    assert tried_anew(notice, 5).tries == 0


def test_the_first_try_is_made_though_the_alert_is_settled_and_no_second_one() -> None:
    """Who was to be called is called."""
    trying = tried(made(0), 0, is_settled=True)
    assert trying.state is NoticeState.TRYING
    again = failed(trying, 0, "no answer", is_final=False)
    assert tried(again, 2_000, is_settled=True).state is NoticeState.DROPPED


def test_a_try_that_came_to_no_end_is_made_again() -> None:
    """The node went down in its middle."""
    trying = tried(made(0), 0, is_settled=False)
    again = tried(trying, trying.next_ms or 0, is_settled=False)
    assert (again.state, again.tries) == (NoticeState.TRYING, 2)
    assert succeeded(again, 7).sent_ms == 7
    assert joined(3).next_ms is None


def test_a_plan_wants_an_engineer_and_a_releaser() -> None:
    """Neither alone, and nobody who is neither."""
    engineer, releaser = frozenset({Role.ENGINEER}), frozenset({Role.RELEASER})
    assert are_both(engineer, releaser)
    assert are_both(releaser, engineer)
    assert not are_both(engineer, engineer)
    assert not are_both(releaser, frozenset({Role.SECRETARY}))
