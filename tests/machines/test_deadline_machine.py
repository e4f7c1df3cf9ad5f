"""Deadlines: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.storage.deadline import DeadlineEvent, DeadlineState, follow_deadline

UNSET, WAITING, DONE, CANCELLED = DeadlineState
SET, MOVE, CANCEL, ACT, FAIL = DeadlineEvent
TABLE = {
    (UNSET, SET): WAITING,
    (UNSET, CANCEL): UNSET,
    (WAITING, SET): WAITING,
    (WAITING, MOVE): WAITING,
    (WAITING, CANCEL): CANCELLED,
    (WAITING, ACT): DONE,
    (WAITING, FAIL): WAITING,
    (DONE, SET): DONE,
    (DONE, CANCEL): DONE,
    (CANCELLED, SET): CANCELLED,
    (CANCELLED, CANCEL): CANCELLED,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(DeadlineState, DeadlineEvent)))
def test_a_deadline_is_acted_on_once_and_never_revived(
    state: DeadlineState, event: DeadlineEvent
) -> None:
    """Only a waiting one is acted on, moved or put off; what is settled stays so."""
    if (state, event) in TABLE:
        assert follow_deadline(state, event) is TABLE[state, event]
    else:
        with pytest.raises(TransitionRefused, match=f"{state.value}|{event.value}"):
            follow_deadline(state, event)
