"""The machine of a key file: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.terminal.key_state import KEY_TRANSITIONS, KeyEvent, KeyState, next_key

S, E = KeyState, KeyEvent
LEADS_TO = {
    (S.READY, E.RIGHT_PIN): S.READY,
    (S.READY, E.WRONG_PIN): S.READY,
    (S.READY, E.WRONG_PIN_AGAIN): S.WAITING,
    (S.READY, E.LAST_WRONG_PIN): S.LOCKED,
    (S.WAITING, E.WAITED): S.READY,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(KeyState, KeyEvent)))
def test_every_state_with_every_event(state: KeyState, event: KeyEvent) -> None:
    """What is not listed is refused; nothing leads out of a locked key file."""
    wanted = LEADS_TO.get((state, event))
    if wanted is None:
        with pytest.raises(TransitionRefused) as refused:
            next_key(state, event)
        assert refused.value.params["state"] == state.value
        assert refused.value.params["event"] == event.value
    else:
        assert next_key(state, event) is wanted


def test_the_table_has_nothing_else() -> None:
    """The pairs above are the whole table."""
    assert set(KEY_TRANSITIONS) == set(LEADS_TO)
