"""When a readout may be given to the public: one table, and the instant. A core without I/O.

A readout is an entry that the other party has as soon as the line carries it. Where the line's
agreement gives it hours to read one before the public does, they count from when its node had the
entry on its disk, by the receipt in its own log: both ends come to the same, and a readout that was
signed while the line was cut gives its author no head start.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.record.line_terms import HOUR_S
from parley.transitions import Step, follow

HOUR_MS: Final = HOUR_S * 1_000


class ReadoutState(StrEnum):
    """Where a readout stands."""

    ANNOUNCED = "announced"
    """In its author's log; not known to have arrived."""
    WAITING = "waiting"
    """The other party has it; the public has not."""
    PUBLIC = "public"
    """It may be given out."""


class ReadoutEvent(StrEnum):
    """What happens to a readout."""

    ARRIVE = "arrive"
    PASS = "pass"  # noqa: S105  the hours pass


class ReadoutWho(StrEnum):
    """Whose act a step is."""

    OTHER_NODE = "the other party's node"
    CLOCK = "the clock"


class ReadoutGuard(StrEnum):
    """What must be true of a step."""

    DURABLE = "on the other party's disk"
    DATED = "the date it was given has come"
    NOT_AGREED = "no hours are agreed"
    READ = "the agreed hours have passed since it arrived"
    NOTICE = "dated so that the other party has the agreed hours to read it"
    """Of signing one: what is otherwise is a breach, shown beside the readout."""


_S, _E, _W, _G = ReadoutState, ReadoutEvent, ReadoutWho, ReadoutGuard
TRANSITIONS: Final[Mapping[tuple[ReadoutState, ReadoutEvent], Step[ReadoutState]]] = {
    (_S.ANNOUNCED, _E.ARRIVE): Step(_S.WAITING, _W.OTHER_NODE, (_G.DURABLE,)),
    (_S.ANNOUNCED, _E.PASS): Step(_S.PUBLIC, _W.CLOCK, (_G.DATED, _G.NOT_AGREED)),
    (_S.WAITING, _E.PASS): Step(_S.PUBLIC, _W.CLOCK, (_G.DATED, _G.READ)),
}
"""Nothing is called back: what was announced will be public."""


def step(state: ReadoutState, event: ReadoutEvent) -> ReadoutState:
    """Return a readout's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "readout", state, event).next


def free_ms(public_from_ms: int, hours: int, held_ms: int | None) -> int | None:
    """Return from when a readout may be given out, None while that cannot be known.

    Args:
        public_from_ms: the date its author gave it.
        hours: that the other party has it before, as the line's agreement says; 0: none.
        held_ms: since when the other party's node has it, by that node's clock.
    """
    if hours == 0:
        return public_from_ms
    return None if held_ms is None else max(public_from_ms, held_ms + hours * HOUR_MS)


def earliest_ms(hours: int, now_ms: int) -> int:
    """Return the earliest date that a readout signed now may bear."""
    return now_ms + hours * HOUR_MS if hours else 0


def readout_state(
    public_from_ms: int, hours: int, held_ms: int | None, now_ms: int
) -> ReadoutState:
    """Return where a readout stands at an instant; its arguments are those of :func:`free_ms`."""
    state = ReadoutState.ANNOUNCED
    if held_ms is not None:
        state = step(state, ReadoutEvent.ARRIVE)
    free = free_ms(public_from_ms, hours, held_ms)
    return step(state, ReadoutEvent.PASS) if free is not None and now_ms >= free else state
