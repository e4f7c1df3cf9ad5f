"""The life of a call request: one table, alike for both sides."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow


class CallState(StrEnum):
    """Where a call request stands."""

    ASKED = "asked"
    HELD = "held"
    """Received, and still being decided until an instant that was named."""
    TIME_OFFERED = "time_offered"
    LEVEL_NAMED = "level_named"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    STARTED = "started"
    """Both sides have said that they speak, and which code they read."""
    ENDED = "ended"


class CallEvent(StrEnum):
    """What happens to a call request."""

    HOLD = "hold"
    OFFER_TIME = "offer_time"
    NAME_LEVEL = "name_level"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    START = "start"
    END = "end"


class CallWho(StrEnum):
    """Whose act a step is."""

    ASKED = "the releaser of the party whose turn it is"
    EITHER = "a releaser of either party"
    BOTH = "a duty officer or releaser of each party"
    ONE = "a duty officer or releaser of either party"


class CallGuard(StrEnum):
    """What must be true."""

    LAST_OFFER = "answers the last offer"
    HOLDS_LEFT = "held less than twice before"
    NOT_BEGUN = "before that party began to speak"
    CODE_READ = "the code both devices give, unless in writing"
    SIGNED = "a passkey of theirs signed it"
    OFFICE = "as releaser, if the entry says in which office"


_S, _E, _W, _G = CallState, CallEvent, CallWho, CallGuard
OPEN: Final = (_S.ASKED, _S.HELD, _S.TIME_OFFERED, _S.LEVEL_NAMED)
"""States in which an answer is awaited."""
_WITHDRAW: Final = Step(_S.WITHDRAWN, _W.EITHER, (_G.NOT_BEGUN, _G.SIGNED, _G.OFFICE))
_ANSWERS: Final = {
    _E.HOLD: Step(_S.HELD, _W.ASKED, (_G.LAST_OFFER, _G.HOLDS_LEFT, _G.SIGNED, _G.OFFICE)),
    _E.OFFER_TIME: Step(_S.TIME_OFFERED, _W.ASKED, (_G.LAST_OFFER, _G.SIGNED, _G.OFFICE)),
    _E.NAME_LEVEL: Step(_S.LEVEL_NAMED, _W.ASKED, (_G.LAST_OFFER, _G.SIGNED, _G.OFFICE)),
    _E.ACCEPT: Step(_S.ACCEPTED, _W.ASKED, (_G.LAST_OFFER, _G.SIGNED, _G.OFFICE)),
    _E.DECLINE: Step(_S.DECLINED, _W.ASKED, (_G.LAST_OFFER, _G.SIGNED, _G.OFFICE)),
    _E.WITHDRAW: _WITHDRAW,
}
TRANSITIONS: Final[Mapping[tuple[CallState, CallEvent], Step[CallState]]] = {
    **{(state, event): outcome for state in OPEN for event, outcome in _ANSWERS.items()},
    (_S.ACCEPTED, _E.WITHDRAW): _WITHDRAW,
    (_S.ACCEPTED, _E.START): Step(_S.STARTED, _W.BOTH, (_G.CODE_READ,)),
    (_S.STARTED, _E.END): Step(_S.ENDED, _W.ONE),
}
"""Whatever was offered may be answered in every way; an accepted call may still be given up."""


def step(state: CallState, event: CallEvent) -> CallState:
    """Return a call request's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "call request", state, event).next
