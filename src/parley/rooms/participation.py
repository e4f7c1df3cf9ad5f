"""One person's place in a room on this node, from the page's offer to leaving: a machine.

::

    OFFERED --ANSWERED--> PRESENT --PAGE_LOST--> ABSENT --OFFER--> OFFERED
       |                     |                      |
       +--REFUSED--> GONE <--+--LEAVE, REPLACED,----+--TOO_LONG
                                ENGINE_DROPPED
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import follow


class PlaceState(StrEnum):
    """Where a participant stands."""

    OFFERED = "offered"
    """The page's offer is with the engine."""
    PRESENT = "present"
    """The engine has answered; media flows."""
    ABSENT = "absent"
    """The page has fallen silent; its place is kept for a while."""
    GONE = "gone"
    """The place is given up."""


class PlaceEvent(StrEnum):
    """What happens to a participant."""

    OFFER = "offer"
    ANSWERED = "answered"
    REFUSED = "refused"
    PAGE_LOST = "page_lost"
    LEAVE = "leave"
    REPLACED = "replaced"
    ENGINE_DROPPED = "engine_dropped"
    TOO_LONG = "too_long"


_S = PlaceState
_E = PlaceEvent

TRANSITIONS: Final[Mapping[tuple[PlaceState, PlaceEvent], PlaceState]] = {
    (_S.OFFERED, _E.OFFER): _S.OFFERED,
    (_S.OFFERED, _E.ANSWERED): _S.PRESENT,
    (_S.OFFERED, _E.REFUSED): _S.GONE,
    (_S.OFFERED, _E.PAGE_LOST): _S.ABSENT,
    (_S.OFFERED, _E.LEAVE): _S.GONE,
    (_S.OFFERED, _E.REPLACED): _S.GONE,
    (_S.OFFERED, _E.ENGINE_DROPPED): _S.OFFERED,
    (_S.PRESENT, _E.OFFER): _S.OFFERED,
    (_S.PRESENT, _E.PAGE_LOST): _S.ABSENT,
    (_S.PRESENT, _E.LEAVE): _S.GONE,
    (_S.PRESENT, _E.REPLACED): _S.GONE,
    (_S.PRESENT, _E.ENGINE_DROPPED): _S.ABSENT,
    (_S.ABSENT, _E.OFFER): _S.OFFERED,
    (_S.ABSENT, _E.ANSWERED): _S.ABSENT,
    (_S.ABSENT, _E.REFUSED): _S.GONE,
    (_S.ABSENT, _E.PAGE_LOST): _S.ABSENT,
    (_S.ABSENT, _E.LEAVE): _S.GONE,
    (_S.ABSENT, _E.REPLACED): _S.GONE,
    (_S.ABSENT, _E.ENGINE_DROPPED): _S.ABSENT,
    (_S.ABSENT, _E.TOO_LONG): _S.GONE,
    (_S.GONE, _E.ANSWERED): _S.GONE,
    (_S.GONE, _E.REFUSED): _S.GONE,
    (_S.GONE, _E.PAGE_LOST): _S.GONE,
    (_S.GONE, _E.LEAVE): _S.GONE,
    (_S.GONE, _E.REPLACED): _S.GONE,
    (_S.GONE, _E.ENGINE_DROPPED): _S.GONE,
    (_S.GONE, _E.TOO_LONG): _S.GONE,
}


def step(state: PlaceState, event: PlaceEvent) -> PlaceState:
    """Return a participant's next state.

    Raises:
        TransitionRefused: the event does not apply in that state.
    """
    return follow(TRANSITIONS, "place in a room", state, event)
