"""An alert's machines: how far it has come, whether it stands, how it was understood. No I/O.

How far it has come is proved entry by entry: nothing but an entry of the party concerned takes it a
step on. Whether it still stands is its author's word, or the time it was given. The two are apart
because an alert that was taken back may still be read, acknowledged and answered by somebody who
has not heard of that yet, and both remain. How it was understood is a matter of its own: it may be
said at any time after somebody read it, holds up no answer and no closing, and changes neither.

The tables say who may do what and what must be true of it. The author's node asks them before it
writes an entry (:mod:`parley.crisis.service`), and the other party's again when it reads one
(:mod:`parley.crisis.projection`); the guards are the same functions (:mod:`parley.crisis.guards`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow


class Who(StrEnum):
    """Whose act a step is."""

    DRAFTER = "drafter"
    VERIFIER = "verifier"
    """Another person than the drafter."""
    RELEASER = "releaser"
    OTHER_NODE = "the other party's node"
    OTHER_DESK = "the other party's desk"
    OTHER_OFFICER = "the other party's duty officer"
    OTHER_RELEASER = "the other party's releaser"
    EITHER = "either party"
    CLOCK = "the clock of each end"


class AlertState(StrEnum):
    """How far an alert has come, as far as it is proved."""

    DRAFT = "draft"
    """Being written; nobody else knows of it."""
    VERIFIED = "verified"
    """A second person vouches for it; nobody else knows of it."""
    DISCARDED = "discarded"
    """It was never released."""
    RELEASED = "released"
    """In our log; not known to have arrived."""
    DELIVERED = "delivered"
    """On the other party's disk."""
    PRESENTED = "presented"
    """On a desk of the other party."""
    ACKNOWLEDGED = "acknowledged"
    """Read by a person there; that admits nothing and promises nothing."""
    HELD = "held"
    """They are still deciding, until when they say."""
    ANSWERED = "answered"
    CLOSING = "closing"
    """A flash that one of the two parties has closed."""
    CLOSED = "closed"


class AlertEvent(StrEnum):
    """What takes it on."""

    CHANGE = "change"
    VERIFY = "verify"
    DISCARD = "discard"
    RELEASE = "release"
    RECEIVE = "receive"
    PRESENT = "present"
    ACKNOWLEDGE = "acknowledge"
    HOLD = "hold"
    ANSWER = "answer"
    CLOSE_FIRST = "close_first"
    """One party closes what both must close."""
    CLOSE = "close"


class Standing(StrEnum):
    """Whether an alert still stands."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    """The time it gave is over; it is shown and never deleted."""
    SUPERSEDED = "superseded"
    """Another alert takes its place."""
    WITHDRAWN = "withdrawn"
    """Its author took it back, whether or not it had arrived."""


class StandingEvent(StrEnum):
    """What becomes of it."""

    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


class ParaphraseState(StrEnum):
    """Whether its author knows how an alert was understood, and says so."""

    UNSAID = "unsaid"
    """Nobody has said how they understood it."""
    WAITING = "waiting"
    """It was said; the alert's author has not said a word on it."""
    CONFIRMED = "confirmed"
    """It was meant so."""
    CORRECTED = "corrected"
    """It was meant otherwise, as its author says; it may be put in other words again."""


class ParaphraseEvent(StrEnum):
    """What is said of that."""

    PARAPHRASE = "paraphrase"
    CONFIRM = "confirm"
    CORRECT = "correct"


class AlertGuard(StrEnum):
    """What must be true; each name has its check in :mod:`parley.crisis.guards`."""

    BY_ANOTHER = "by another person than drafted it"
    TEXT_ALLOWED = "text allowed"
    SECOND_PERSON = "verified, if it is a flash"
    SIGNED = "signed with a passkey"
    BY_AUTHOR = "by the alert's author"
    BY_ADDRESSEE = "by a party it goes to"
    SENTENCE = "says that a receipt is no consent"
    HOLDS_LEFT = "held less than twice before"
    WATCH_OFFICE = "as duty officer or releaser"
    BINDING_OFFICE = "as releaser with a passkey; as duty officer, that it is not our matter"
    RELEASING_OFFICE = "as releaser"
    SETTLED = "answered, expired, superseded or withdrawn"
    BY_AUTHOR_OR_BOTH = "by the author; a flash by both"
    READ_BEFORE = "acknowledged before"
    PARAPHRASE_WAITS = "about the paraphrase that waits"


_S, _E, _G, _W = AlertState, AlertEvent, AlertGuard, Who
_RELEASE: Final = Step(_S.RELEASED, _W.RELEASER, (_G.TEXT_ALLOWED, _G.SECOND_PERSON, _G.SIGNED))
_ACKNOWLEDGE: Final = (_G.BY_ADDRESSEE, _G.SENTENCE, _G.WATCH_OFFICE, _G.SIGNED)
_HOLD: Final = (_G.BY_ADDRESSEE, _G.WATCH_OFFICE, _G.HOLDS_LEFT)
_ANSWER: Final = (_G.BY_ADDRESSEE, _G.BINDING_OFFICE)
_CLOSE: Final = (_G.SETTLED, _G.BY_AUTHOR_OR_BOTH)


def _stays(
    event: AlertEvent, who: Who, guards: tuple[AlertGuard, ...], *states: AlertState
) -> dict[tuple[AlertState, AlertEvent], Step[AlertState]]:
    """Return the steps of what is proved again, or late: it counts, and leads nowhere else."""
    return {(state, event): Step(state, who, guards) for state in states}


_SENT: Final = (_S.RELEASED, _S.DELIVERED, _S.PRESENTED, _S.ACKNOWLEDGED, _S.HELD, _S.ANSWERED)
_AFTER_ACKNOWLEDGEMENT: Final = (*(_S.ACKNOWLEDGED, _S.HELD, _S.ANSWERED, _S.CLOSING, _S.CLOSED),)

ALERT_TRANSITIONS: Final[Mapping[tuple[AlertState, AlertEvent], Step[AlertState]]] = {
    (_S.DRAFT, _E.CHANGE): Step(_S.DRAFT, _W.DRAFTER),
    (_S.DRAFT, _E.VERIFY): Step(_S.VERIFIED, _W.VERIFIER, (_G.BY_ANOTHER, _G.TEXT_ALLOWED)),
    (_S.DRAFT, _E.DISCARD): Step(_S.DISCARDED, _W.DRAFTER),
    (_S.DRAFT, _E.RELEASE): _RELEASE,
    (_S.VERIFIED, _E.CHANGE): Step(_S.DRAFT, _W.DRAFTER),
    (_S.VERIFIED, _E.DISCARD): Step(_S.DISCARDED, _W.DRAFTER),
    (_S.VERIFIED, _E.RELEASE): _RELEASE,
    (_S.RELEASED, _E.RECEIVE): Step(_S.DELIVERED, _W.OTHER_NODE, (_G.BY_ADDRESSEE,)),
    **_stays(
        *(_E.RECEIVE, _W.OTHER_NODE, (_G.BY_ADDRESSEE,), _S.DELIVERED, _S.PRESENTED),
        *_AFTER_ACKNOWLEDGEMENT,
    ),
    (_S.RELEASED, _E.PRESENT): Step(_S.PRESENTED, _W.OTHER_DESK, (_G.BY_ADDRESSEE,)),
    (_S.DELIVERED, _E.PRESENT): Step(_S.PRESENTED, _W.OTHER_DESK, (_G.BY_ADDRESSEE,)),
    **_stays(
        *(_E.PRESENT, _W.OTHER_DESK, (_G.BY_ADDRESSEE,), _S.PRESENTED, *_AFTER_ACKNOWLEDGEMENT)
    ),
    **{
        (state, _E.ACKNOWLEDGE): Step(_S.ACKNOWLEDGED, _W.OTHER_OFFICER, _ACKNOWLEDGE)
        for state in (_S.RELEASED, _S.DELIVERED, _S.PRESENTED)
    },
    **_stays(_E.ACKNOWLEDGE, _W.OTHER_OFFICER, _ACKNOWLEDGE, *_AFTER_ACKNOWLEDGEMENT),
    **{
        (state, _E.HOLD): Step(_S.HELD, _W.OTHER_OFFICER, _HOLD)
        for state in (_S.ACKNOWLEDGED, _S.HELD)
    },
    **{
        (state, _E.ANSWER): Step(_S.ANSWERED, _W.OTHER_RELEASER, _ANSWER)
        for state in (_S.ACKNOWLEDGED, _S.HELD, _S.ANSWERED)
    },
    **_stays(_E.ANSWER, _W.OTHER_RELEASER, _ANSWER, _S.CLOSING, _S.CLOSED),
    **{(state, _E.CLOSE_FIRST): Step(_S.CLOSING, _W.EITHER, _CLOSE) for state in _SENT},
    **{(state, _E.CLOSE): Step(_S.CLOSED, _W.EITHER, _CLOSE) for state in (*_SENT, _S.CLOSING)},
    **_stays(_E.CLOSE_FIRST, _W.EITHER, _CLOSE, _S.CLOSING),
}
"""What is proved twice stays where it is: duplicates and two officers at once are no fault."""

_T, _V = Standing, StandingEvent
_WITHDRAW: Final = (_G.BY_AUTHOR, _G.RELEASING_OFFICE, _G.SIGNED)
STANDING_TRANSITIONS: Final[Mapping[tuple[Standing, StandingEvent], Step[Standing]]] = {
    (_T.IN_FORCE, _V.EXPIRE): Step(_T.EXPIRED, _W.CLOCK),
    (_T.IN_FORCE, _V.SUPERSEDE): Step(_T.SUPERSEDED, _W.RELEASER, (_G.BY_AUTHOR, _G.SIGNED)),
    (_T.IN_FORCE, _V.WITHDRAW): Step(_T.WITHDRAWN, _W.RELEASER, _WITHDRAW),
    (_T.EXPIRED, _V.SUPERSEDE): Step(_T.SUPERSEDED, _W.RELEASER, (_G.BY_AUTHOR, _G.SIGNED)),
    (_T.EXPIRED, _V.WITHDRAW): Step(_T.WITHDRAWN, _W.RELEASER, _WITHDRAW),
    (_T.SUPERSEDED, _V.EXPIRE): Step(_T.SUPERSEDED, _W.CLOCK),
    (_T.SUPERSEDED, _V.WITHDRAW): Step(_T.WITHDRAWN, _W.RELEASER, _WITHDRAW),
    (_T.WITHDRAWN, _V.EXPIRE): Step(_T.WITHDRAWN, _W.CLOCK),
}
"""A withdrawal is the author's last word: nothing replaces what is taken back."""

_P, _Q = ParaphraseState, ParaphraseEvent
_PARAPHRASE: Final = Step(
    _P.WAITING, _W.OTHER_OFFICER, (_G.BY_ADDRESSEE, _G.READ_BEFORE, _G.SIGNED)
)
_WORD: Final = (_G.BY_AUTHOR, _G.RELEASING_OFFICE, _G.PARAPHRASE_WAITS, _G.SIGNED)
PARAPHRASE_TRANSITIONS: Final[
    Mapping[tuple[ParaphraseState, ParaphraseEvent], Step[ParaphraseState]]
] = {
    (_P.UNSAID, _Q.PARAPHRASE): _PARAPHRASE,
    (_P.WAITING, _Q.CONFIRM): Step(_P.CONFIRMED, _W.RELEASER, _WORD),
    (_P.WAITING, _Q.CORRECT): Step(_P.CORRECTED, _W.RELEASER, _WORD),
    (_P.CORRECTED, _Q.PARAPHRASE): _PARAPHRASE,
}
"""One waits at a time, so that a word is on one alone; what is confirmed is understood."""

UNRELEASED: Final = frozenset({_S.DRAFT, _S.VERIFIED, _S.DISCARDED})
"""States that nobody outside our party knows of."""
RANK: Final[Mapping[AlertState, int]] = {state: rank for rank, state in enumerate(AlertState)}
"""How far each state is; a proof of a later one is a proof of all before it."""


def step(state: AlertState, event: AlertEvent) -> Step[AlertState]:
    """Return where an event leads, whose act it is and what must be true of it.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(ALERT_TRANSITIONS, "alert", state, event)


def stand(standing: Standing, event: StandingEvent) -> Step[Standing]:
    """Return whether an alert still stands after an event.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(STANDING_TRANSITIONS, "standing", standing, event)


def understand(state: ParaphraseState, event: ParaphraseEvent) -> Step[ParaphraseState]:
    """Return what is known of how an alert was understood after an event.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(PARAPHRASE_TRANSITIONS, "paraphrase", state, event)


def has_reached(state: AlertState, wanted: AlertState) -> bool:
    """Say whether an alert has come at least as far as ``wanted``."""
    return RANK[state] >= RANK[wanted]
