"""One notice: one end that is told because of one step, until it worked. A core without I/O.

A try is noted before it is made, so a node that dies in the middle makes it again: whoever is told
may be told twice, never not at all. What is sent is that whoever carries it on (a push service, a
mail server, a program, a command) has taken it; nobody is said to have read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow

RETRY_S: Final = (2, 5, 10, 20, 30, 60, 120)
"""Seconds between tries; the last one again and again. More: a service that is back is used later.
Less: one that is down is asked for nothing."""
TRIES_MAX: Final = 40
"""About an hour. More: somebody is woken for what was long over. Less: a service that is away for
half an hour costs the notice."""
LAPSE_S: Final = 60
"""Seconds after which a try that came to no end is made again: longer than any end may take."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    TRYING = "trying"
    SENT = "sent"
    """Whoever carries it on has taken it."""
    JOINED = "joined"
    """Another notice of the same instant tells the same end."""
    DROPPED = "dropped"
    """It was tried, and before it worked the alert was settled."""
    FAILED = "failed"
    """Given up; it is shown on the desk and by the doctor until somebody looks after it."""


class NoticeEvent(StrEnum):
    """What happens to it."""

    JOIN = "join"
    TRY = "try"
    LAPSE = "lapse"
    """The node went down in the middle of a try."""
    SUCCEED = "succeed"
    FAIL = "fail"
    GIVE_UP = "give_up"
    DROP = "drop"
    TRY_ANEW = "try_anew"


class NoticeWho(StrEnum):
    """Whose act it is."""

    NODE = "our node"
    CARRIER = "whoever carries it on"
    PERSON = "a person of ours"


class NoticeGuard(StrEnum):
    """What must be true of it."""

    SAME_END = "another of the same instant tells the same end"
    TRIES_LEFT = "tries are left"
    NO_TRIES_LEFT = "no tries are left, or it can never work"
    SETTLED = "the alert is settled, and it was tried"


_S, _E, _W, _G = NoticeState, NoticeEvent, NoticeWho, NoticeGuard
NOTICE_TRANSITIONS: Final[Mapping[tuple[NoticeState, NoticeEvent], Step[NoticeState]]] = {
    (_S.WAITING, _E.JOIN): Step(_S.JOINED, _W.NODE, (_G.SAME_END,)),
    (_S.WAITING, _E.TRY): Step(_S.TRYING, _W.NODE),
    (_S.WAITING, _E.DROP): Step(_S.DROPPED, _W.NODE, (_G.SETTLED,)),
    (_S.TRYING, _E.LAPSE): Step(_S.WAITING, _W.NODE),
    (_S.TRYING, _E.SUCCEED): Step(_S.SENT, _W.CARRIER),
    (_S.TRYING, _E.FAIL): Step(_S.WAITING, _W.CARRIER, (_G.TRIES_LEFT,)),
    (_S.TRYING, _E.GIVE_UP): Step(_S.FAILED, _W.CARRIER, (_G.NO_TRIES_LEFT,)),
    (_S.FAILED, _E.TRY_ANEW): Step(_S.WAITING, _W.PERSON),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """How one end is told."""

    made_ms: int
    state: NoticeState = NoticeState.WAITING
    tries: int = 0
    next_ms: int | None = None
    """When it is tried next, None if never."""
    sent_ms: int | None = None
    failure: str | None = None
    """Why the last try did not work, in one line."""


def follow_notice(state: NoticeState, event: NoticeEvent) -> NoticeState:
    """Return the next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(NOTICE_TRANSITIONS, "notice", state, event).next


def made(now_ms: int) -> Notice:
    """Return a notice that is to be tried at once."""
    return Notice(now_ms, next_ms=now_ms)


def joined(now_ms: int) -> Notice:
    """Return a notice whose end is told by another of the same instant."""
    return Notice(now_ms, state=follow_notice(_S.WAITING, _E.JOIN))


def tried(notice: Notice, now_ms: int, *, is_settled: bool) -> Notice:
    """Return a notice as it is before a try: trying, or dropped because its alert is settled.

    The first try is always made: who was to be called is called.
    """
    if notice.state is _S.TRYING:
        notice = replace(notice, state=follow_notice(notice.state, _E.LAPSE))
    if is_settled and notice.tries:
        return replace(notice, state=follow_notice(notice.state, _E.DROP), next_ms=None)
    state = follow_notice(notice.state, _E.TRY)
    # Should the node die now, the try counts and is made again after a while.
    return replace(notice, state=state, tries=notice.tries + 1, next_ms=now_ms + LAPSE_S * 1_000)


def succeeded(notice: Notice, now_ms: int) -> Notice:
    """Return a notice that was taken."""
    state = follow_notice(notice.state, _E.SUCCEED)
    return replace(notice, state=state, next_ms=None, sent_ms=now_ms, failure=None)


def failed(notice: Notice, now_ms: int, why: str, *, is_final: bool) -> Notice:
    """Return a notice whose try did not work: tried again later, or given up."""
    if is_final or notice.tries >= TRIES_MAX:
        state = follow_notice(notice.state, _E.GIVE_UP)
        return replace(notice, state=state, next_ms=None, failure=why)
    wait_s = RETRY_S[min(notice.tries, len(RETRY_S)) - 1]
    state = follow_notice(notice.state, _E.FAIL)
    return replace(notice, state=state, next_ms=now_ms + wait_s * 1_000, failure=why)


def tried_anew(notice: Notice, now_ms: int) -> Notice:
    """Return a notice that was given up, to be tried from the beginning."""
    state = follow_notice(notice.state, _E.TRY_ANEW)
    return replace(notice, state=state, tries=0, next_ms=now_ms)
