"""Notifications, queries and call requests: every state with every event."""

import itertools

import pytest

from parley.crisis.calls import machine as calls
from parley.crisis.calls.machine import CallEvent, CallState
from parley.crisis.notifications import machine as notifications
from parley.crisis.notifications.machine import (
    NotificationEvent,
    NotificationState,
    QueryEvent,
    QueryState,
)
from parley.errors import TransitionRefused

N, M = NotificationState, NotificationEvent
AT_HOME = {
    (N.DRAFT, M.CHANGE): N.DRAFT,
    (N.DRAFT, M.CHECK): N.CHECKED,
    (N.DRAFT, M.DISCARD): N.DISCARDED,
    (N.CHECKED, M.CHANGE): N.DRAFT,
    (N.CHECKED, M.VERIFY): N.VERIFIED,
    (N.CHECKED, M.DISCARD): N.DISCARDED,
    (N.VERIFIED, M.CHANGE): N.DRAFT,
    (N.VERIFIED, M.SEND): N.SENT,
    (N.VERIFIED, M.DISCARD): N.DISCARDED,
}
BETWEEN = {
    (N.SENT, M.PROVIDE): N.PROVIDED,
    (N.SENT, M.CORRECT): N.CORRECTED,
    (N.SENT, M.CANCEL): N.CANCELLED,
    (N.PROVIDED, M.TAKE_EFFECT): N.EFFECTIVE,
    (N.PROVIDED, M.CLOSE): N.CLOSED,
    (N.PROVIDED, M.CORRECT): N.CORRECTED,
    (N.PROVIDED, M.CANCEL): N.CANCELLED,
    (N.EFFECTIVE, M.CLOSE): N.CLOSED,
    (N.EFFECTIVE, M.CORRECT): N.CORRECTED,
    (N.EFFECTIVE, M.CANCEL): N.CANCELLED,
}
QUERY = {
    (QueryState.UNASKED, QueryEvent.ASK): QueryState.QUERIED,
    (QueryState.QUERIED, QueryEvent.PASS): QueryState.OVERDUE,
    (QueryState.QUERIED, QueryEvent.CLARIFY): QueryState.CLARIFIED,
    (QueryState.OVERDUE, QueryEvent.CLARIFY): QueryState.CLARIFIED,
    (QueryState.CLARIFIED, QueryEvent.CLARIFY): QueryState.CLARIFIED,
}
ANSWERS = {
    CallEvent.HOLD: CallState.HELD,
    CallEvent.OFFER_TIME: CallState.TIME_OFFERED,
    CallEvent.NAME_LEVEL: CallState.LEVEL_NAMED,
    CallEvent.ACCEPT: CallState.ACCEPTED,
    CallEvent.DECLINE: CallState.DECLINED,
    CallEvent.WITHDRAW: CallState.WITHDRAWN,
}
OPEN = (CallState.ASKED, CallState.HELD, CallState.TIME_OFFERED, CallState.LEVEL_NAMED)
CALL = {(state, event): after for state in OPEN for event, after in ANSWERS.items()} | {
    (CallState.ACCEPTED, CallEvent.WITHDRAW): CallState.WITHDRAWN,
    (CallState.ACCEPTED, CallEvent.START): CallState.STARTED,
    (CallState.STARTED, CallEvent.END): CallState.ENDED,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(N, M)))
def test_a_notification_is_checked_verified_and_only_then_leaves(
    state: NotificationState, event: NotificationEvent
) -> None:
    """What was verified is what is sent; nothing leaves the last states."""
    table = AT_HOME | BETWEEN
    if (state, event) in table:
        assert notifications.step(state, event) is table[state, event]
    else:
        with pytest.raises(TransitionRefused, match=event.value):
            notifications.step(state, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(QueryState, QueryEvent)))
def test_a_query_is_answered_however_late(state: QueryState, event: QueryEvent) -> None:
    """It is never taken back, and its answer may be added to."""
    if (state, event) in QUERY:
        assert notifications.step_query(state, event) is QUERY[state, event]
    else:
        with pytest.raises(TransitionRefused, match=event.value):
            notifications.step_query(state, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(CallState, CallEvent)))
def test_a_call_is_agreed_on_before_it_begins(state: CallState, event: CallEvent) -> None:
    """Whatever is offered may be answered in every way; what was declined stays declined."""
    if (state, event) in CALL:
        assert calls.step(state, event) is CALL[state, event]
    else:
        with pytest.raises(TransitionRefused, match=event.value):
            calls.step(state, event)
