"""Alerts: every state with every event, for how far one has come and for whether it stands."""

import itertools

import pytest

from parley.crisis.alert import (
    ALERT_TRANSITIONS,
    PARAPHRASE_TRANSITIONS,
    RANK,
    STANDING_TRANSITIONS,
    UNRELEASED,
    AlertEvent,
    AlertGuard,
    AlertState,
    ParaphraseEvent,
    ParaphraseState,
    Standing,
    StandingEvent,
    Who,
    stand,
    step,
    understand,
)
from parley.errors import TransitionRefused
from parley.transitions import drawing, rows, tabulated

S, E, T, V = AlertState, AlertEvent, Standing, StandingEvent
LATE = dict.fromkeys((E.RECEIVE, E.PRESENT, E.ACKNOWLEDGE))
EXPECTED: dict[AlertState, dict[AlertEvent, AlertState]] = {
    S.DRAFT: {
        E.CHANGE: S.DRAFT,
        E.VERIFY: S.VERIFIED,
        E.DISCARD: S.DISCARDED,
        E.RELEASE: S.RELEASED,
    },
    S.VERIFIED: {E.CHANGE: S.DRAFT, E.DISCARD: S.DISCARDED, E.RELEASE: S.RELEASED},
    S.DISCARDED: {},
    S.RELEASED: {
        E.RECEIVE: S.DELIVERED,
        E.PRESENT: S.PRESENTED,
        E.ACKNOWLEDGE: S.ACKNOWLEDGED,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.DELIVERED: {
        E.RECEIVE: S.DELIVERED,
        E.PRESENT: S.PRESENTED,
        E.ACKNOWLEDGE: S.ACKNOWLEDGED,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.PRESENTED: {
        E.RECEIVE: S.PRESENTED,
        E.PRESENT: S.PRESENTED,
        E.ACKNOWLEDGE: S.ACKNOWLEDGED,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.ACKNOWLEDGED: {
        **dict.fromkeys(LATE, S.ACKNOWLEDGED),
        E.HOLD: S.HELD,
        E.ANSWER: S.ANSWERED,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.HELD: {
        **dict.fromkeys(LATE, S.HELD),
        E.HOLD: S.HELD,
        E.ANSWER: S.ANSWERED,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.ANSWERED: {
        **dict.fromkeys(LATE, S.ANSWERED),
        E.ANSWER: S.ANSWERED,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.CLOSING: {
        **dict.fromkeys(LATE, S.CLOSING),
        E.ANSWER: S.CLOSING,
        E.CLOSE_FIRST: S.CLOSING,
        E.CLOSE: S.CLOSED,
    },
    S.CLOSED: {**dict.fromkeys(LATE, S.CLOSED), E.ANSWER: S.CLOSED},
}
STANDINGS: dict[Standing, dict[StandingEvent, Standing]] = {
    T.IN_FORCE: {V.EXPIRE: T.EXPIRED, V.SUPERSEDE: T.SUPERSEDED, V.WITHDRAW: T.WITHDRAWN},
    T.EXPIRED: {V.SUPERSEDE: T.SUPERSEDED, V.WITHDRAW: T.WITHDRAWN},
    T.SUPERSEDED: {V.EXPIRE: T.SUPERSEDED, V.WITHDRAW: T.WITHDRAWN},
    T.WITHDRAWN: {V.EXPIRE: T.WITHDRAWN},
}


P, Q = ParaphraseState, ParaphraseEvent
UNDERSTOOD: dict[ParaphraseState, dict[ParaphraseEvent, ParaphraseState]] = {
    P.UNSAID: {Q.PARAPHRASE: P.WAITING},
    P.WAITING: {Q.CONFIRM: P.CONFIRMED, Q.CORRECT: P.CORRECTED},
    P.CONFIRMED: {},
    P.CORRECTED: {Q.PARAPHRASE: P.WAITING},
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(S, E)))
def test_every_state_of_an_alert_meets_every_event(state: AlertState, event: AlertEvent) -> None:
    """A pair leads where it should, or is refused by both names."""
    wanted = EXPECTED[state].get(event)
    if wanted is not None:
        assert step(state, event).next is wanted
        return
    with pytest.raises(TransitionRefused) as refused:
        step(state, event)
    assert refused.value.params == {"machine": "alert", "state": state, "event": event}


@pytest.mark.parametrize(("standing", "event"), list(itertools.product(T, V)))
def test_every_standing_meets_every_event(standing: Standing, event: StandingEvent) -> None:
    """What is withdrawn is neither replaced nor withdrawn again; what expired may be either."""
    wanted = STANDINGS[standing].get(event)
    if wanted is not None:
        assert stand(standing, event).next is wanted
        return
    with pytest.raises(TransitionRefused, match=f"{standing.value}|{event.value}"):
        stand(standing, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(P, Q)))
def test_every_state_of_a_paraphrase_meets_every_event(
    state: ParaphraseState, event: ParaphraseEvent
) -> None:
    """One waits at a time; what is corrected may be said anew, what is confirmed is understood."""
    wanted = UNDERSTOOD[state].get(event)
    if wanted is not None:
        assert understand(state, event).next is wanted
        return
    with pytest.raises(TransitionRefused) as refused:
        understand(state, event)
    assert refused.value.params == {"machine": "paraphrase", "state": state, "event": event}


@pytest.mark.parametrize(("state", "event"), list(PARAPHRASE_TRANSITIONS))
def test_what_was_understood_is_said_by_one_party_and_judged_by_the_other(
    state: ParaphraseState, event: ParaphraseEvent
) -> None:
    """Each with a passkey."""
    guards = understand(state, event).guards
    is_theirs = event is Q.PARAPHRASE
    assert (AlertGuard.BY_ADDRESSEE in guards) == is_theirs
    assert (AlertGuard.BY_AUTHOR in guards) == (not is_theirs)
    assert AlertGuard.SIGNED in guards


@pytest.mark.parametrize(("state", "event"), list(ALERT_TRANSITIONS))
def test_no_step_of_a_released_alert_leads_back(state: AlertState, event: AlertEvent) -> None:
    """What was proved stays proved."""
    after = step(state, event).next
    assert state in UNRELEASED or RANK[after] >= RANK[state]
    assert state in UNRELEASED or after not in UNRELEASED


@pytest.mark.parametrize(("state", "event"), list(ALERT_TRANSITIONS))
def test_the_other_party_s_steps_are_guarded_as_such(state: AlertState, event: AlertEvent) -> None:
    """Nobody but a party it goes to has it delivered, shown, read, held or answered."""
    found = step(state, event)
    theirs = {Who.OTHER_NODE, Who.OTHER_DESK, Who.OTHER_OFFICER, Who.OTHER_RELEASER}
    assert (found.who in theirs) == (AlertGuard.BY_ADDRESSEE in found.guards)


def test_the_tables_are_drawn_and_told_from_themselves() -> None:
    """The picture has every step, the table says who and under which guards."""
    told = [*rows(ALERT_TRANSITIONS), *rows(STANDING_TRANSITIONS)]
    assert len(told) == len(ALERT_TRANSITIONS) + len(STANDING_TRANSITIONS)
    assert all(row.who for row in told)
    assert len(drawing(STANDING_TRANSITIONS)) == len(STANDING_TRANSITIONS) + 3
    assert len(tabulated(ALERT_TRANSITIONS)) == len(ALERT_TRANSITIONS) + 2
    assert any("held less than twice" in line for line in tabulated(ALERT_TRANSITIONS))
