"""The lives within a crisis: a side of it, a statement, a fact. Tables, alike for both sides."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow


class SideState(StrEnum):
    """Where one party stands in a crisis."""

    NOT_OPEN = "not_open"
    """It has not opened it; it may speak in it all the same."""
    OPEN = "open"
    CLOSED = "closed"


class SideEvent(StrEnum):
    """What a party does about its own side."""

    OPEN = "open"
    """Open it, under its own title; again while it is open: give it another title."""
    CLOSE = "close"


class StatementState(StrEnum):
    """Where a claim, a request or an offer stands."""

    STANDING = "standing"
    DISPUTED = "disputed"
    """The other party has a claim that contradicts it; both are shown."""
    AGREED = "agreed"
    """Both parties have signed a fact that quotes it."""
    TAKEN_UP = "taken_up"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class StatementEvent(StrEnum):
    """What happens to a claim, a request or an offer."""

    DISPUTE = "dispute"
    AGREE = "agree"
    TAKE_UP = "take_up"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class FactState(StrEnum):
    """Where a fact stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"


class FactEvent(StrEnum):
    """What happens to a fact."""

    SIGN = "sign"


class CrisisWho(StrEnum):
    """Whose act a step is."""

    OWN_RELEASER = "a releaser of that party"
    AUTHOR = "a duty officer or releaser of the party that said it"
    OTHER = "a duty officer or releaser of the other party"
    BOTH = "a releaser of each party"


class CrisisGuard(StrEnum):
    """What must be true of a step."""

    SIGNED = "signed with the person's passkey"
    SAME_MARK = "marked as an exercise like the first opening, or like it not marked"
    NO_NUMBER = "has no number of its own"
    BY_AUTHOR = "by the party that said it"
    BY_OTHER = "by the other party"
    IS_CLAIM = "a claim"
    IS_ASKED = "a request or an offer"
    THIS_CRISIS = "names this crisis"


_S, _E, _G, _W = SideState, SideEvent, CrisisGuard, CrisisWho
_OPENS: Final = Step(_S.OPEN, _W.OWN_RELEASER, (_G.SIGNED, _G.SAME_MARK, _G.NO_NUMBER))
SIDE: Final[Mapping[tuple[SideState, SideEvent], Step[SideState]]] = {
    (_S.NOT_OPEN, _E.OPEN): _OPENS,
    (_S.OPEN, _E.OPEN): _OPENS,
    (_S.OPEN, _E.CLOSE): Step(_S.CLOSED, _W.OWN_RELEASER, (_G.SIGNED,)),
    (_S.CLOSED, _E.OPEN): _OPENS,
}
"""Each party's own; no event of one moves the other, and no time closes any."""

_T, _V = StatementState, StatementEvent
_WITHDRAWN: Final = Step(_T.WITHDRAWN, _W.AUTHOR, (_G.BY_AUTHOR,))
_AGREED: Final = Step(_T.AGREED, _W.BOTH, (_G.IS_CLAIM,))
STATEMENT: Final[Mapping[tuple[StatementState, StatementEvent], Step[StatementState]]] = {
    (_T.STANDING, _V.DISPUTE): Step(_T.DISPUTED, _W.OTHER, (_G.BY_OTHER, _G.IS_CLAIM)),
    (_T.STANDING, _V.AGREE): _AGREED,
    (_T.STANDING, _V.TAKE_UP): Step(_T.TAKEN_UP, _W.OTHER, (_G.BY_OTHER, _G.IS_ASKED)),
    (_T.STANDING, _V.DECLINE): Step(_T.DECLINED, _W.OTHER, (_G.BY_OTHER, _G.IS_ASKED)),
    (_T.STANDING, _V.WITHDRAW): _WITHDRAWN,
    (_T.DISPUTED, _V.DISPUTE): Step(_T.DISPUTED, _W.OTHER, (_G.BY_OTHER, _G.IS_CLAIM)),
    (_T.DISPUTED, _V.AGREE): _AGREED,
    (_T.DISPUTED, _V.WITHDRAW): _WITHDRAWN,
    (_T.DECLINED, _V.TAKE_UP): Step(_T.TAKEN_UP, _W.OTHER, (_G.BY_OTHER, _G.IS_ASKED)),
    (_T.DECLINED, _V.WITHDRAW): _WITHDRAWN,
}
"""What both have agreed to, or one has taken up, is not taken back by one alone."""

FACT: Final[Mapping[tuple[FactState, FactEvent], Step[FactState]]] = {
    (FactState.PROPOSED, FactEvent.SIGN): Step(
        FactState.AGREED, _W.OWN_RELEASER, (_G.SIGNED, _G.BY_OTHER, _G.THIS_CRISIS)
    ),
}
"""Proposed by whoever appends it first, agreed once the other has appended the same bytes."""


def side_step(state: SideState, event: SideEvent) -> Step[SideState]:
    """Return what comes of an event on one side.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(SIDE, "side of a crisis", state, event)


def statement_step(state: StatementState, event: StatementEvent) -> Step[StatementState]:
    """Return what comes of an event about a statement.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(STATEMENT, "statement", state, event)


def fact_step(state: FactState, event: FactEvent) -> Step[FactState]:
    """Return what comes of an event about a fact.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(FACT, "fact", state, event)
