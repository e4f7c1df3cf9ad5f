"""A place in a room, and a room: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.rooms.participation import TRANSITIONS, PlaceEvent, PlaceState, step
from parley.rooms.room import TRANSITIONS as ROOM_TRANSITIONS
from parley.rooms.room import RoomEvent, RoomState

S, E = PlaceState, PlaceEvent
REFUSED = {
    (S.OFFERED, E.TOO_LONG),
    (S.PRESENT, E.ANSWERED),
    (S.PRESENT, E.REFUSED),
    (S.PRESENT, E.TOO_LONG),
    (S.GONE, E.OFFER),
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(S, E)))
def test_every_place_meets_every_event(state: PlaceState, event: PlaceEvent) -> None:
    """A pair has a next state, or is refused by both names; none is forgotten."""
    if (state, event) not in REFUSED:
        assert step(state, event) is TRANSITIONS[state, event]
        return
    with pytest.raises(TransitionRefused) as refused:
        step(state, event)
    assert (refused.value.params["state"], refused.value.params["event"]) == (state, event)


@pytest.mark.parametrize("event", list(E))
def test_nobody_comes_back_to_a_place_that_was_given_up(event: PlaceEvent) -> None:
    """Late answers from the engine find it gone and leave it gone."""
    if event is not E.OFFER:
        assert step(S.GONE, event) is S.GONE


@pytest.mark.parametrize("state", [S.OFFERED, S.PRESENT, S.ABSENT])
@pytest.mark.parametrize("event", [E.LEAVE, E.REPLACED])
def test_whoever_leaves_or_is_replaced_is_gone(state: PlaceState, event: PlaceEvent) -> None:
    """From wherever they were."""
    assert step(state, event) is S.GONE


@pytest.mark.parametrize(("state", "event"), list(itertools.product(RoomState, RoomEvent)))
def test_a_closed_room_stays_closed(state: RoomState, event: RoomEvent) -> None:
    """Whatever order statements come in, closed is final."""
    after = ROOM_TRANSITIONS[state, event]

    is_closed = state is RoomState.CLOSED or event is RoomEvent.CLOSED
    assert (after is RoomState.CLOSED) == is_closed
