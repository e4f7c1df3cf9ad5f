"""The pairing machine: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.line.pairing import OPEN_STATES, TRANSITIONS, Act, PairingEvent, PairingState, step

S, E = PairingState, PairingEvent
EXPECTED = {
    S.IMPORTED: {E.CONFIRM: S.CONFIRMED_HERE, E.EXPIRE: S.IMPORTED, E.RENEW: S.IMPORTED},
    S.CONFIRMED_HERE: {
        E.CONFIRM: S.CONFIRMED_HERE,
        E.THEY_CONFIRM: S.AGREED,
        E.THEY_WITHDRAW: S.CONFIRMED_HERE,
        E.SUSPEND: S.SUSPENDED,
        E.EXPIRE: S.EXPIRED,
        E.RENEW: S.CONFIRMED_HERE,
    },
    S.AGREED: {
        E.CONFIRM: S.AGREED,
        E.THEY_CONFIRM: S.AGREED,
        E.THEY_WITHDRAW: S.CONFIRMED_HERE,
        E.SUSPEND: S.SUSPENDED,
        E.EXPIRE: S.EXPIRED,
        E.RENEW: S.AGREED,
    },
    S.SUSPENDED: {
        E.SUSPEND: S.SUSPENDED,
        E.RESUME: S.CONFIRMED_HERE,
        E.EXPIRE: S.SUSPENDED,
        E.RENEW: S.SUSPENDED,
    },
    S.EXPIRED: {E.EXPIRE: S.EXPIRED, E.SUSPEND: S.SUSPENDED, E.RENEW: S.CONFIRMED_HERE},
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(S, E)))
def test_every_state_meets_every_event(state: PairingState, event: PairingEvent) -> None:
    """A pair leads where it should, or is refused by both names."""
    expected = EXPECTED[state].get(event)
    if expected is not None:
        assert step(state, event)[0] is expected
        return
    with pytest.raises(TransitionRefused) as refused:
        step(state, event)
    assert refused.value.params["state"] == state.value
    assert refused.value.params["event"] == event.value


@pytest.mark.parametrize(("state", "event"), list(TRANSITIONS))
def test_the_line_is_opened_and_closed_exactly_when_its_state_says_so(
    state: PairingState, event: PairingEvent
) -> None:
    """Entering an open state opens our end; leaving it closes it; nothing else touches it."""
    after, acts = step(state, event)
    was_open, is_open = state in OPEN_STATES, after in OPEN_STATES

    assert (Act.OPEN_LINE in acts) == (is_open and not was_open)
    assert bool({Act.CLOSE_LINE, Act.WITHDRAW} & set(acts)) == (was_open and not is_open)


@pytest.mark.parametrize("event", [event for event in E if event is not E.CONFIRM])
def test_nothing_but_our_own_confirmation_opens_a_line_that_was_never_confirmed(
    event: PairingEvent,
) -> None:
    """Whatever the other side says, an imported card stays an imported card."""
    try:
        after, _ = step(S.IMPORTED, event)
    except TransitionRefused:
        return
    assert after is S.IMPORTED


@pytest.mark.parametrize("state", list(S))
def test_agreed_is_reached_only_by_their_word_after_ours(state: PairingState) -> None:
    """No other way leads to letters passing."""
    for event in E:
        if (state, event) in TRANSITIONS and TRANSITIONS[state, event][0] is S.AGREED:
            assert state in OPEN_STATES
            assert state is S.AGREED or event is E.THEY_CONFIRM
