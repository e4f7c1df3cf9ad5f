"""The life of a line check, and of what two people write about a line: two tables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow


class CheckState(StrEnum):
    """Where a line check stands."""

    PLANNED = "planned"
    DUE = "due"
    SENT = "sent"
    RETURNED = "returned"
    """The code was typed back in time."""
    CONFIRMED = "confirmed"
    MISSED = "missed"
    """With a cause: the last thing proved before."""


class CheckEvent(StrEnum):
    """What happens to a line check."""

    COME_DUE = "come_due"
    SEND = "send"
    RETURN = "return"
    CONFIRM = "confirm"
    DECLINE = "decline"
    """A person says "not now"."""
    SUSPEND = "suspend"
    """The line is suspended, checks included."""
    LAPSE = "lapse"
    """A limit is over."""


class CheckWho(StrEnum):
    """Whose act a step is."""

    NODE = "each node, for itself"
    STARTER = "a duty officer of the party whose turn it is"
    OTHER = "a duty officer of the other party"
    AWAITED = "a duty officer of the party that is waited for"
    EITHER = "two people of either party"


class CheckGuard(StrEnum):
    """What must be true."""

    ON_SCHEDULE = "for a quarter of an hour that is that party's, or for none"
    CODE_ALIKE = "the code as it was sent"
    TYPED_IN_TIME = "typed within ten minutes of the receipt"
    CONFIRMED_IN_TIME = "within fifteen minutes of the sending"


_S, _E, _W, _G = CheckState, CheckEvent, CheckWho, CheckGuard
OPEN: Final = (_S.PLANNED, _S.DUE, _S.SENT, _S.RETURNED)
"""States in which something is waited for."""
CHECK_TRANSITIONS: Final[Mapping[tuple[CheckState, CheckEvent], Step[CheckState]]] = {
    (_S.PLANNED, _E.COME_DUE): Step(_S.DUE, _W.NODE),
    (_S.DUE, _E.SEND): Step(_S.SENT, _W.STARTER, (_G.ON_SCHEDULE,)),
    (_S.SENT, _E.RETURN): Step(_S.RETURNED, _W.OTHER, (_G.CODE_ALIKE, _G.TYPED_IN_TIME)),
    (_S.RETURNED, _E.CONFIRM): Step(_S.CONFIRMED, _W.STARTER, (_G.CONFIRMED_IN_TIME,)),
    **{
        (state, _E.DECLINE): Step(_S.MISSED, _W.AWAITED) for state in (_S.DUE, _S.SENT, _S.RETURNED)
    },
    **{(state, _E.SUSPEND): Step(_S.MISSED, _W.EITHER) for state in OPEN},
    **{(state, _E.LAPSE): Step(_S.MISSED, _W.NODE) for state in OPEN},
}
"""A check that is over stays over: what comes late is kept beside it."""


def step(state: CheckState, event: CheckEvent) -> CheckState:
    """Return a line check's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(CHECK_TRANSITIONS, "line check", state, event).next


class LineStanding(StrEnum):
    """What two people of a party have written about a line, as both parties hold it."""

    IN_USE = "in_use"
    SUSPENDING = "suspending"
    """One person has signed a suspension; without the second it is none."""
    SUSPENDED = "suspended"
    RESUMING = "resuming"
    """Suspended, and one person has signed that it is resumed."""
    ENDING = "ending"
    """In use, and one person has signed its end."""
    ENDED = "ended"


class LineEvent(StrEnum):
    """What people write about a line."""

    SUSPEND = "suspend"
    CONCUR = "concur"
    RESUME = "resume"
    END = "end"
    DROP = "drop"
    """The one person takes it back, before a second has signed."""


class LineWho(StrEnum):
    """Whose act it is."""

    RELEASER = "a releaser"
    OFFICE = "the principal's office: a second person"


class LineGuard(StrEnum):
    """What must be true of it."""

    SIGNED = "signed with a passkey"
    ANOTHER = "another person than the first"
    SAME_PARTY = "of the party that wrote it"


_L, _V, _A, _H = LineStanding, LineEvent, LineWho, LineGuard
_SECOND: Final = (_H.SIGNED, _H.ANOTHER, _H.SAME_PARTY)
LINE_TRANSITIONS: Final[Mapping[tuple[LineStanding, LineEvent], Step[LineStanding]]] = {
    (_L.IN_USE, _V.SUSPEND): Step(_L.SUSPENDING, _A.RELEASER, (_H.SIGNED,)),
    (_L.SUSPENDING, _V.CONCUR): Step(_L.SUSPENDED, _A.OFFICE, _SECOND),
    (_L.SUSPENDING, _V.DROP): Step(_L.IN_USE, _A.RELEASER, (_H.SIGNED, _H.SAME_PARTY)),
    (_L.SUSPENDED, _V.RESUME): Step(_L.RESUMING, _A.RELEASER, (_H.SIGNED, _H.SAME_PARTY)),
    (_L.RESUMING, _V.CONCUR): Step(_L.IN_USE, _A.OFFICE, _SECOND),
    (_L.RESUMING, _V.DROP): Step(_L.SUSPENDED, _A.RELEASER, (_H.SIGNED, _H.SAME_PARTY)),
    (_L.IN_USE, _V.END): Step(_L.ENDING, _A.RELEASER, (_H.SIGNED,)),
    (_L.SUSPENDED, _V.END): Step(_L.ENDING, _A.RELEASER, (_H.SIGNED,)),
    (_L.ENDING, _V.CONCUR): Step(_L.ENDED, _A.OFFICE, _SECOND),
}
"""Each party suspends for itself and resumes what it suspended; a line is in use while neither has
suspended it. An end that only one person signed changes nothing."""


def line_step(state: LineStanding, event: LineEvent) -> LineStanding:
    """Return what becomes of a party's standing about a line.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(LINE_TRANSITIONS, "line standing", state, event).next
