"""When a readout may be given out: every state with every event, and the instant."""

import itertools

import pytest

from parley.crisis.assessment.readout_life import (
    HOUR_MS,
    ReadoutEvent,
    ReadoutState,
    earliest_ms,
    free_ms,
    readout_state,
    step,
)
from parley.errors import TransitionRefused

S, E = ReadoutState, ReadoutEvent
STEPS = {
    (S.ANNOUNCED, E.ARRIVE): S.WAITING,
    (S.ANNOUNCED, E.PASS): S.PUBLIC,
    (S.WAITING, E.PASS): S.PUBLIC,
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(S, E)])
def test_a_readout_arrives_waits_and_is_public(state: ReadoutState, event: ReadoutEvent) -> None:
    """Nothing takes it back."""
    if (state, event) in STEPS:
        assert step(state, event) is STEPS[state, event]
    else:
        with pytest.raises(TransitionRefused):
            step(state, event)


@pytest.mark.parametrize(
    ("held_ms", "now_h", "state"),
    [
        (None, 1_000, S.ANNOUNCED),
        (6 * HOUR_MS, 29.99, S.WAITING),
        (6 * HOUR_MS, 30, S.PUBLIC),
        (HOUR_MS, 25.99, S.WAITING),
        (HOUR_MS, 26, S.PUBLIC),
    ],
)
def test_the_agreed_hours_count_from_the_receipt_and_its_date_from_itself(
    held_ms: int | None, now_h: float, state: ReadoutState
) -> None:
    """24 hours, dated 26 hours ahead: a cut line gives no head start, however long it lasts."""
    assert readout_state(26 * HOUR_MS, 24, held_ms, round(now_h * HOUR_MS)) is state


def test_without_agreed_hours_its_date_alone_counts() -> None:
    """Whether or not it is known to have arrived."""
    assert free_ms(5, 0, None) == free_ms(5, 0, 1_000) == 5
    assert readout_state(5, 0, None, 4) is S.ANNOUNCED
    assert readout_state(5, 0, None, 5) is S.PUBLIC
    assert readout_state(5, 0, 1, 5) is S.PUBLIC
    assert earliest_ms(0, 77) == 0
    assert earliest_ms(2, 77) == 77 + 2 * HOUR_MS
