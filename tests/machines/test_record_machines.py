"""The record's machines: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.record import log, standing
from parley.record.log import LogEvent, LogState
from parley.record.standing import BEAT_S, GRACE_S, LogWatch, Standing, StandingEvent

L, V = LogState, LogEvent
EXPECTED = {
    L.UNPROVED: {V.HEAD_PROVED: L.OPEN, V.TAIL_MISSING: L.BEHIND, V.BRANCH_FOUND: L.FORKED},
    L.BEHIND: {V.HEAD_PROVED: L.OPEN, V.TAIL_MISSING: L.BEHIND, V.BRANCH_FOUND: L.FORKED},
    L.OPEN: {
        V.HEAD_PROVED: L.OPEN,
        V.TAIL_MISSING: L.FORKED,
        V.BRANCH_FOUND: L.FORKED,
        V.CLOSE: L.CLOSED,
    },
    L.CLOSED: {V.HEAD_PROVED: L.CLOSED, V.TAIL_MISSING: L.FORKED, V.BRANCH_FOUND: L.FORKED},
    L.FORKED: {V.HEAD_PROVED: L.FORKED, V.TAIL_MISSING: L.FORKED, V.BRANCH_FOUND: L.FORKED},
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(L, V)))
def test_every_state_of_a_log_meets_every_event(state: LogState, event: LogEvent) -> None:
    """A pair leads where it should, or is refused by both names."""
    expected = EXPECTED[state].get(event)
    if expected is not None:
        assert log.step(state, event) is expected
        return
    with pytest.raises(TransitionRefused) as refused:
        log.step(state, event)
    assert refused.value.params == {"machine": "log", "state": state, "event": event}


@pytest.mark.parametrize("state", list(L))
def test_a_log_is_opened_by_proof_alone(state: LogState) -> None:
    """Nothing else leads to appending, and nothing leads back from a fork."""
    for event in V:
        after = log.TRANSITIONS.get((state, event))
        assert after is not L.OPEN or event is V.HEAD_PROVED
        assert state is not L.FORKED or after in {L.FORKED, None}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(Standing, StandingEvent)))
def test_every_standing_meets_every_event(state: Standing, event: StandingEvent) -> None:
    """What is said against a log counts in any standing and stays; else what was heard decides."""
    if state is Standing.SILENT and event is StandingEvent.BEAT_MISSED:
        with pytest.raises(TransitionRefused):
            standing.step(state, event)
        return
    said_against = {
        StandingEvent.CONTRADICTED: Standing.DISPUTED,
        StandingEvent.FROZE: Standing.FROZEN,
    }
    heard = {
        StandingEvent.HEARD: Standing.FRESH,
        StandingEvent.BEAT_MISSED: Standing.LATE,
        StandingEvent.BEATS_MISSED: Standing.SILENT,
    }
    stays = state in said_against.values()
    expected = said_against.get(event) or (state if stays else heard[event])
    assert standing.step(state, event) is expected


def test_silence_is_noticed_after_one_beat_and_alarming_after_three() -> None:
    """With a little grace; one word ends it."""
    watch = LogWatch(0)
    due = [(BEAT_S, Standing.FRESH), (BEAT_S + GRACE_S, Standing.LATE), (150, Standing.LATE)]
    for now_s, expected in [*due, (3 * BEAT_S + GRACE_S, Standing.SILENT), (999, Standing.SILENT)]:
        assert watch.tick(now_s) is expected
    assert watch.heard(1_000) is Standing.FRESH
    assert watch.tick(1_000) is Standing.FRESH


def test_a_disputed_log_stays_so_whatever_is_heard() -> None:
    """Across restarts too."""
    watch = LogWatch(0)
    assert watch.contradicted() is Standing.DISPUTED
    again = LogWatch(0, watch.standing)
    assert again.heard(1) is again.tick(100) is again.tick(1_000) is Standing.DISPUTED
