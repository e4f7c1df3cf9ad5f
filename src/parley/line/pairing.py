"""How far two parties have confirmed each other: the pairing machine.

::

    IMPORTED --Confirm--> CONFIRMED_HERE --TheyConfirm--> AGREED
                               ^  <------TheyWithdraw------ |
                               |                            |
  (Suspend once confirmed) SUSPENDED --Resume--> CONFIRMED_HERE
        (Expire from any confirmed) EXPIRED --Renew--> CONFIRMED_HERE

The machine returns the next state and what to do; the service does it. A pair that is not in the
table is refused by name.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import follow


class PairingState(StrEnum):
    """How far a pairing has come."""

    IMPORTED = "imported"
    """Their card is here; nobody has confirmed the fingerprint."""
    CONFIRMED_HERE = "confirmed_here"
    """We have confirmed; our end of the line is open."""
    AGREED = "agreed"
    """Both sides have confirmed; letters pass."""
    SUSPENDED = "suspended"
    """Our operator has closed the line for the time being."""
    EXPIRED = "expired"
    """Their card has run out; the line is closed until a newer one by the same key is here."""


class PairingEvent(StrEnum):
    """What happens to a pairing."""

    CONFIRM = "confirm"
    THEY_CONFIRM = "they_confirm"
    THEY_WITHDRAW = "they_withdraw"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXPIRE = "expire"
    RENEW = "renew"


class Act(StrEnum):
    """What the service has to do after a transition."""

    OPEN_LINE = "open_line"
    CLOSE_LINE = "close_line"
    TELL = "tell"
    """Send our hello, so that the other side learns our state."""
    WITHDRAW = "withdraw"
    """Tell the other side that we have closed, then close."""


_S = PairingState
_E = PairingEvent
Step = tuple[PairingState, tuple[Act, ...]]

TRANSITIONS: Final[Mapping[tuple[PairingState, PairingEvent], Step]] = {
    (_S.IMPORTED, _E.CONFIRM): (_S.CONFIRMED_HERE, (Act.OPEN_LINE, Act.TELL)),
    (_S.IMPORTED, _E.RENEW): (_S.IMPORTED, ()),
    (_S.IMPORTED, _E.EXPIRE): (_S.IMPORTED, ()),
    (_S.CONFIRMED_HERE, _E.CONFIRM): (_S.CONFIRMED_HERE, ()),
    (_S.CONFIRMED_HERE, _E.THEY_CONFIRM): (_S.AGREED, (Act.TELL,)),
    (_S.CONFIRMED_HERE, _E.THEY_WITHDRAW): (_S.CONFIRMED_HERE, ()),
    (_S.CONFIRMED_HERE, _E.SUSPEND): (_S.SUSPENDED, (Act.WITHDRAW,)),
    (_S.CONFIRMED_HERE, _E.EXPIRE): (_S.EXPIRED, (Act.CLOSE_LINE,)),
    (_S.CONFIRMED_HERE, _E.RENEW): (_S.CONFIRMED_HERE, ()),
    (_S.AGREED, _E.CONFIRM): (_S.AGREED, ()),
    (_S.AGREED, _E.THEY_CONFIRM): (_S.AGREED, ()),
    (_S.AGREED, _E.THEY_WITHDRAW): (_S.CONFIRMED_HERE, ()),
    (_S.AGREED, _E.SUSPEND): (_S.SUSPENDED, (Act.WITHDRAW,)),
    (_S.AGREED, _E.EXPIRE): (_S.EXPIRED, (Act.CLOSE_LINE,)),
    (_S.AGREED, _E.RENEW): (_S.AGREED, ()),
    (_S.SUSPENDED, _E.SUSPEND): (_S.SUSPENDED, ()),
    (_S.SUSPENDED, _E.RESUME): (_S.CONFIRMED_HERE, (Act.OPEN_LINE, Act.TELL)),
    (_S.SUSPENDED, _E.EXPIRE): (_S.SUSPENDED, ()),
    (_S.SUSPENDED, _E.RENEW): (_S.SUSPENDED, ()),
    (_S.EXPIRED, _E.EXPIRE): (_S.EXPIRED, ()),
    (_S.EXPIRED, _E.SUSPEND): (_S.SUSPENDED, ()),
    (_S.EXPIRED, _E.RENEW): (_S.CONFIRMED_HERE, (Act.OPEN_LINE, Act.TELL)),
}


def step(state: PairingState, event: PairingEvent) -> Step:
    """Return the next state and what to do.

    Raises:
        TransitionRefused: the event does not apply in that state.
    """
    return follow(TRANSITIONS, "pairing", state, event)


OPEN_STATES: Final = frozenset({PairingState.CONFIRMED_HERE, PairingState.AGREED})
"""States in which our end of the line is open."""
