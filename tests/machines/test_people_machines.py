"""Duty and broken glass: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.identity import broken_glass, office
from parley.identity.broken_glass import GlassEvent, GlassState
from parley.identity.office import DutyEvent, DutyState

DUTY = {
    (DutyState.HELD, DutyEvent.OFFER): DutyState.OFFERED,
    (DutyState.HELD, DutyEvent.LAY_DOWN): DutyState.ENDED,
    (DutyState.OFFERED, DutyEvent.OFFER): DutyState.OFFERED,
    (DutyState.OFFERED, DutyEvent.WITHDRAW): DutyState.HELD,
    (DutyState.OFFERED, DutyEvent.ACCEPT): DutyState.ENDED,
    (DutyState.OFFERED, DutyEvent.LAY_DOWN): DutyState.ENDED,
}
GLASS = {
    (GlassState.ASKED, GlassEvent.SECOND): GlassState.OPEN,
    (GlassState.ASKED, GlassEvent.END): GlassState.ENDED,
    (GlassState.ASKED, GlassEvent.EXPIRE): GlassState.LAPSED,
    (GlassState.OPEN, GlassEvent.END): GlassState.ENDED,
    (GlassState.OPEN, GlassEvent.EXPIRE): GlassState.EXPIRED,
    (GlassState.ENDED, GlassEvent.EXPIRE): GlassState.ENDED,
    (GlassState.EXPIRED, GlassEvent.EXPIRE): GlassState.EXPIRED,
    (GlassState.LAPSED, GlassEvent.EXPIRE): GlassState.LAPSED,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(DutyState, DutyEvent)))
def test_duty_ends_when_the_next_accepts_or_it_is_laid_down(
    state: DutyState, event: DutyEvent
) -> None:
    """An offer that was not made cannot be accepted; what has ended stays so."""
    if (state, event) in DUTY:
        assert office.step(state, event) is DUTY[state, event]
    else:
        with pytest.raises(TransitionRefused, match=event.value):
            office.step(state, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(GlassState, GlassEvent)))
def test_a_lent_role_needs_a_second_person_and_ends(state: GlassState, event: GlassEvent) -> None:
    """Nothing is agreed to twice, or after it is over."""
    if (state, event) in GLASS:
        assert broken_glass.step(state, event) is GLASS[state, event]
    else:
        with pytest.raises(TransitionRefused, match=event.value):
            broken_glass.step(state, event)
