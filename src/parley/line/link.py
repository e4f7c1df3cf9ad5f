"""What a desk may say about a line: one table of what is agreed and what the engine has proof of.

"Up" is said only of a line that both sides have confirmed and on which the other party's key has
been proved lately; everything else has a word of its own.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.line.pairing import PairingState


class EngineState(StrEnum):
    """What the engine has proof of, for one line."""

    CLOSED = "closed"
    """Our end is not open."""
    COLD = "cold"
    """Open, and not proved since the start."""
    UP = "up"
    """Every path is proved."""
    DEGRADED = "degraded"
    """Some path is proved."""
    CUT = "cut"
    """Was proved, and no path is."""


class LinkState(StrEnum):
    """What the desk shows."""

    UNCONFIRMED = "unconfirmed"
    COLD = "cold"
    UP = "up"
    DEGRADED = "degraded"
    CUT = "cut"
    SUSPENDED = "suspended"


_P = PairingState
_G = EngineState
_L = LinkState

LINK_STATES: Final[Mapping[tuple[PairingState, EngineState], LinkState]] = {
    **{(_P.IMPORTED, engine): _L.UNCONFIRMED for engine in _G},
    **{(_P.CONFIRMED_HERE, engine): _L.UNCONFIRMED for engine in _G},
    **{(_P.SUSPENDED, engine): _L.SUSPENDED for engine in _G},
    **{(_P.EXPIRED, engine): _L.SUSPENDED for engine in _G},
    (_P.AGREED, _G.CLOSED): _L.COLD,
    (_P.AGREED, _G.COLD): _L.COLD,
    (_P.AGREED, _G.UP): _L.UP,
    (_P.AGREED, _G.DEGRADED): _L.DEGRADED,
    (_P.AGREED, _G.CUT): _L.CUT,
}


def link_state(pairing: PairingState, engine: EngineState) -> LinkState:
    """Return the word for a line."""
    return LINK_STATES[pairing, engine]
