"""The life of a notification: one table for the draft at home and for what both sides hold.

Draft, checked and verified are its author's alone; from *sent* on both parties have it. What
happens to it then is said by either party in its own log, and reaches the two nodes in different
orders, so the steps are always taken in one order that both can work out
(:mod:`parley.crisis.notifications.matter`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow


class NotificationState(StrEnum):
    """Where a notification stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    """The form holds against its type; warnings may stand."""
    VERIFIED = "verified"
    """A second person has read it."""
    DISCARDED = "discarded"
    """Given up before anybody else saw it."""
    SENT = "sent"
    """In our log; not known to have arrived."""
    PROVIDED = "provided"
    """The other party's node has said when it had it on its disk."""
    EFFECTIVE = "effective"
    CLOSED = "closed"
    CORRECTED = "corrected"
    """Another notification stands in its place."""
    CANCELLED = "cancelled"


class NotificationEvent(StrEnum):
    """What happens to a notification."""

    CHANGE = "change"
    CHECK = "check"
    VERIFY = "verify"
    SEND = "send"
    DISCARD = "discard"
    PROVIDE = "provide"
    TAKE_EFFECT = "take_effect"
    CLOSE = "close"
    CORRECT = "correct"
    CANCEL = "cancel"


class NotificationWho(StrEnum):
    """Whose act a step is."""

    DRAFTER = "anybody at the author's desk"
    NODE = "the author's node"
    VERIFIER = "another person of the author's party"
    OFFICER = "the author's duty officer or releaser"
    RELEASER = "the author's releaser"
    OTHER_NODE = "the other party's node"
    CLOCK = "the clock"
    OTHER_OFFICER = "the other party's duty officer or releaser"


class NotificationGuard(StrEnum):
    """What must be true."""

    FORM_HOLDS = "the form holds against its type"
    TYPE_AGREED = "both parties agreed to the type"
    ANOTHER_PERSON = "not who drafted it"
    NUMBERED = "under the next number"
    DURABLE = "on the other party's disk"
    SAME_TYPE = "by a notification of the same type that names it, an exercise by an exercise"
    LIMIT_PASSED = "the limit of the type has passed"
    SIGNED = "a passkey of theirs signed it"
    OFFICE = "in an office of theirs, if the entry says in which"


_S, _E, _W, _G = NotificationState, NotificationEvent, NotificationWho, NotificationGuard
_CHANGE: Final = Step(_S.DRAFT, _W.DRAFTER)
_DISCARD: Final = Step(_S.DISCARDED, _W.DRAFTER)
_CORRECT: Final = Step(_S.CORRECTED, _W.OFFICER, (_G.SAME_TYPE, _G.SIGNED, _G.OFFICE))
_CANCEL: Final = Step(_S.CANCELLED, _W.RELEASER, (_G.SIGNED, _G.OFFICE))
_CLOSE: Final = Step(_S.CLOSED, _W.OFFICER, (_G.SIGNED, _G.OFFICE))
TRANSITIONS: Final[
    Mapping[tuple[NotificationState, NotificationEvent], Step[NotificationState]]
] = {
    (_S.DRAFT, _E.CHANGE): _CHANGE,
    (_S.DRAFT, _E.CHECK): Step(_S.CHECKED, _W.NODE, (_G.TYPE_AGREED, _G.FORM_HOLDS)),
    (_S.DRAFT, _E.DISCARD): _DISCARD,
    (_S.CHECKED, _E.CHANGE): _CHANGE,
    (_S.CHECKED, _E.VERIFY): Step(_S.VERIFIED, _W.VERIFIER, (_G.ANOTHER_PERSON,)),
    (_S.CHECKED, _E.DISCARD): _DISCARD,
    (_S.VERIFIED, _E.CHANGE): _CHANGE,
    (_S.VERIFIED, _E.SEND): Step(_S.SENT, _W.OFFICER, (_G.TYPE_AGREED, _G.NUMBERED, _G.SIGNED)),
    (_S.VERIFIED, _E.DISCARD): _DISCARD,
    (_S.SENT, _E.PROVIDE): Step(_S.PROVIDED, _W.OTHER_NODE, (_G.DURABLE,)),
    (_S.SENT, _E.CORRECT): _CORRECT,
    (_S.SENT, _E.CANCEL): _CANCEL,
    (_S.PROVIDED, _E.TAKE_EFFECT): Step(_S.EFFECTIVE, _W.CLOCK),
    (_S.PROVIDED, _E.CLOSE): _CLOSE,
    (_S.PROVIDED, _E.CORRECT): _CORRECT,
    (_S.PROVIDED, _E.CANCEL): _CANCEL,
    (_S.EFFECTIVE, _E.CLOSE): _CLOSE,
    (_S.EFFECTIVE, _E.CORRECT): _CORRECT,
    (_S.EFFECTIVE, _E.CANCEL): _CANCEL,
}
"""A change sends a draft back to its beginning: what was verified is what is sent. Nothing leaves
the last three states; a correction is itself a notification."""


class QueryState(StrEnum):
    """Where a query about a notification stands."""

    UNASKED = "unasked"
    QUERIED = "queried"
    OVERDUE = "overdue"
    """Not answered within the limit of its type."""
    CLARIFIED = "clarified"


class QueryEvent(StrEnum):
    """What happens to a query."""

    ASK = "ask"
    PASS = "pass"  # noqa: S105  the limit passes
    CLARIFY = "clarify"


_Q, _A = QueryState, QueryEvent
_CLARIFY: Final = Step(_Q.CLARIFIED, _W.RELEASER, (_G.SIGNED, _G.OFFICE))
QUERY_TRANSITIONS: Final[Mapping[tuple[QueryState, QueryEvent], Step[QueryState]]] = {
    (_Q.UNASKED, _A.ASK): Step(_Q.QUERIED, _W.OTHER_OFFICER, (_G.OFFICE,)),
    (_Q.QUERIED, _A.PASS): Step(_Q.OVERDUE, _W.CLOCK, (_G.LIMIT_PASSED,)),
    (_Q.QUERIED, _A.CLARIFY): _CLARIFY,
    (_Q.OVERDUE, _A.CLARIFY): _CLARIFY,
    (_Q.CLARIFIED, _A.CLARIFY): _CLARIFY,
}
"""A clarification may be added to, and may come late; a query is never taken back."""


def step(state: NotificationState, event: NotificationEvent) -> NotificationState:
    """Return a notification's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "notification", state, event).next


def step_query(state: QueryState, event: QueryEvent) -> QueryState:
    """Return a query's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(QUERY_TRANSITIONS, "query", state, event).next
