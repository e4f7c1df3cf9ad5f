"""What a desk says of a line: every agreement with every state of the engine."""

import itertools

import pytest

from parley.line.link import LINK_STATES, EngineState, LinkState, link_state
from parley.line.pairing import PairingState


@pytest.mark.parametrize(("pairing", "engine"), list(itertools.product(PairingState, EngineState)))
def test_every_combination_has_a_word(pairing: PairingState, engine: EngineState) -> None:
    """The table has no hole."""
    assert link_state(pairing, engine) is LINK_STATES[pairing, engine]


@pytest.mark.parametrize(("pairing", "engine"), list(itertools.product(PairingState, EngineState)))
def test_up_is_said_only_of_an_agreed_and_proved_line(
    pairing: PairingState, engine: EngineState
) -> None:
    """A screen claims only what the node holds proof of."""
    is_up = link_state(pairing, engine) is LinkState.UP

    assert is_up == (pairing is PairingState.AGREED and engine is EngineState.UP)


@pytest.mark.parametrize("engine", list(EngineState))
def test_an_unconfirmed_line_is_never_called_anything_else(engine: EngineState) -> None:
    """One side's confirmation is not an agreement, whatever the network does."""
    for pairing in (PairingState.IMPORTED, PairingState.CONFIRMED_HERE):
        assert link_state(pairing, engine) is LinkState.UNCONFIRMED
