"""Line checks and a line's standing: every state with every event."""

import itertools

import pytest

from parley.crisis.checks.machine import (
    CheckEvent,
    CheckState,
    LineEvent,
    LineStanding,
    line_step,
    step,
)
from parley.errors import TransitionRefused

S, E = CheckState, CheckEvent
OPEN = (S.PLANNED, S.DUE, S.SENT, S.RETURNED)
CHECK = {
    (S.PLANNED, E.COME_DUE): S.DUE,
    (S.DUE, E.SEND): S.SENT,
    (S.SENT, E.RETURN): S.RETURNED,
    (S.RETURNED, E.CONFIRM): S.CONFIRMED,
    (S.DUE, E.DECLINE): S.MISSED,
    (S.SENT, E.DECLINE): S.MISSED,
    (S.RETURNED, E.DECLINE): S.MISSED,
    **{(state, event): S.MISSED for state in OPEN for event in (E.SUSPEND, E.LAPSE)},
}
L, V = LineStanding, LineEvent
LINE = {
    (L.IN_USE, V.SUSPEND): L.SUSPENDING,
    (L.IN_USE, V.END): L.ENDING,
    (L.SUSPENDING, V.CONCUR): L.SUSPENDED,
    (L.SUSPENDING, V.DROP): L.IN_USE,
    (L.SUSPENDED, V.RESUME): L.RESUMING,
    (L.SUSPENDED, V.END): L.ENDING,
    (L.RESUMING, V.CONCUR): L.IN_USE,
    (L.RESUMING, V.DROP): L.SUSPENDED,
    (L.ENDING, V.CONCUR): L.ENDED,
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(CheckState, CheckEvent)])
def test_a_line_check_goes_on_as_the_table_says(state: CheckState, event: CheckEvent) -> None:
    """A check that is over stays over."""
    if (state, event) in CHECK:
        assert step(state, event) is CHECK[state, event]
        return
    with pytest.raises(TransitionRefused):
        step(state, event)


@pytest.mark.parametrize(("state", "event"), [*itertools.product(LineStanding, LineEvent)])
def test_a_lines_standing_goes_on_as_the_table_says(state: LineStanding, event: LineEvent) -> None:
    """No single signature suspends, resumes or ends."""
    if (state, event) in LINE:
        assert line_step(state, event) is LINE[state, event]
        return
    with pytest.raises(TransitionRefused):
        line_step(state, event)
