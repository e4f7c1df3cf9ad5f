"""One deadline: what can happen to it, and when this node acts. A core without I/O.

A deadline is known by its kind (who acts on it) and its subject (about what), and is acted on
once. Two instants belong to it. ``due_at`` is what was agreed, by the wall clock, in UTC: no time
zone and no change to summer time moves it. ``acts_at`` is when this node acts by the clock it has
now: the same, until somebody sets the clock while the node runs. Then the one follows the other as
far as time has really passed, so that a deadline is acted on as soon as either the clock or the
time that went by says so: setting a clock back by a day does not make an escalation a day late, and
what is due by a clock put forward by ten years is acted on once, and not again when it is put
right. While a node does not run it has only the wall clock: after a start with a clock that was set
back, a deadline waits for that clock. It is late then, never lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from typing_extensions import override
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.transitions import follow

STEP_MS_MIN: Final = 2_000
"""Difference between wall and monotonic time that counts as a clock being set. More: a small step
goes unnoticed. Less: a pause of the machine between two readings is taken for one."""
WAKE_S_MAX: Final = 60.0
"""Longest sleep. More: fewer wakings. Less: a clock that is set is noticed sooner."""
RETRY_S_MAX: Final = 300
"""Longest wait before a failed act is tried again. More: less noise. Less: it is mended sooner."""
RETRY_DOUBLINGS_MAX: Final = 9


class DeadlineState(StrEnum):
    """Where a deadline stands."""

    UNSET = "unset"
    """There is none; never stored."""
    WAITING = "waiting"
    DONE = "done"
    """It came, and was acted on."""
    CANCELLED = "cancelled"
    """What was awaited happened in time."""


class DeadlineEvent(StrEnum):
    """What happens to a deadline."""

    SET = "set"
    MOVE = "move"
    CANCEL = "cancel"
    ACT = "act"
    FAIL = "fail"
    """What was to be done at it could not be done; it is tried again."""


TRANSITIONS: Final[Mapping[tuple[DeadlineState, DeadlineEvent], DeadlineState]] = {
    (DeadlineState.UNSET, DeadlineEvent.SET): DeadlineState.WAITING,
    (DeadlineState.UNSET, DeadlineEvent.CANCEL): DeadlineState.UNSET,
    (DeadlineState.WAITING, DeadlineEvent.SET): DeadlineState.WAITING,
    (DeadlineState.WAITING, DeadlineEvent.MOVE): DeadlineState.WAITING,
    (DeadlineState.WAITING, DeadlineEvent.CANCEL): DeadlineState.CANCELLED,
    (DeadlineState.WAITING, DeadlineEvent.ACT): DeadlineState.DONE,
    (DeadlineState.WAITING, DeadlineEvent.FAIL): DeadlineState.WAITING,
    (DeadlineState.DONE, DeadlineEvent.SET): DeadlineState.DONE,
    (DeadlineState.DONE, DeadlineEvent.CANCEL): DeadlineState.DONE,
    (DeadlineState.CANCELLED, DeadlineEvent.SET): DeadlineState.CANCELLED,
    (DeadlineState.CANCELLED, DeadlineEvent.CANCEL): DeadlineState.CANCELLED,
}
"""Setting is idempotent and never revives: a cause handed over twice has one deadline, ever."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline."""

    kind: str
    subject: str
    due_at: Instant
    """What was agreed."""
    acts_at: Instant
    """When this node acts, by the clock it has now."""
    set_at: Instant
    body: bytes = b""
    """What whoever acts needs to know besides."""
    state: DeadlineState = DeadlineState.WAITING
    tries: int = 0
    """How often acting has failed."""
    settled_at: Instant | None = None

    @override
    def __repr__(self) -> str:
        """Show what it is about, not what is in it."""
        return f"Deadline({self.kind} {self.subject} {self.state})"


def follow_deadline(state: DeadlineState, event: DeadlineEvent) -> DeadlineState:
    """Return a deadline's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "deadline", state, event)


def moved(deadline: Deadline, due_at: Instant) -> Deadline:
    """Return the deadline with another instant.

    Raises:
        TransitionRefused: it is settled.
    """
    state = follow_deadline(deadline.state, DeadlineEvent.MOVE)
    return replace(deadline, state=state, due_at=due_at, acts_at=due_at, tries=0)


def cancelled(deadline: Deadline, now: Instant) -> Deadline:
    """Return the deadline as it is when what was awaited has happened; a settled one as it was."""
    state = follow_deadline(deadline.state, DeadlineEvent.CANCEL)
    if state is deadline.state:
        return deadline
    return replace(deadline, state=state, settled_at=now)


def acted(deadline: Deadline, now: Instant, again_at: Instant | None) -> Deadline:
    """Return the deadline as it is after its act.

    Args:
        deadline: the one that was due.
        now: the present.
        again_at: when it is due again, for one that comes back; None for one that is done.

    Raises:
        TransitionRefused: it is settled.
    """
    if again_at is not None:
        return moved(deadline, again_at)
    state = follow_deadline(deadline.state, DeadlineEvent.ACT)
    return replace(deadline, state=state, settled_at=now)


def failed(deadline: Deadline, now: Instant) -> Deadline:
    """Return the deadline as it is after an act that failed: tried again, ever more seldom.

    Raises:
        TransitionRefused: it is settled.
    """
    state = follow_deadline(deadline.state, DeadlineEvent.FAIL)
    wait_s = min(RETRY_S_MAX, 2 ** min(deadline.tries, RETRY_DOUBLINGS_MAX))
    return replace(deadline, state=state, tries=deadline.tries + 1, acts_at=now.add(seconds=wait_s))


def is_due(deadline: Deadline, now: Instant) -> bool:
    """Say whether this node is to act."""
    return deadline.state is DeadlineState.WAITING and deadline.acts_at <= now


def shifted(deadline: Deadline, by_ms: int) -> Deadline:
    """Return the deadline after the clock was set by ``by_ms`` (back: negative).

    It is acted on when as much time has passed as was left; never later than its instant by the
    clock as it is now.
    """
    acts_ms = milliseconds(deadline.acts_at)
    latest_ms = max(acts_ms, milliseconds(deadline.due_at))
    return replace(deadline, acts_at=from_milliseconds(max(0, min(latest_ms, acts_ms + by_ms))))


def wake_in(earliest: Instant | None, now: Instant) -> float:
    """Return how many seconds to sleep until something may be due, at most :data:`WAKE_S_MAX`."""
    if earliest is None:
        return WAKE_S_MAX
    left_s = (milliseconds(earliest) - milliseconds(now)) / 1_000
    return min(WAKE_S_MAX, max(0.0, left_s))


class ClockWatch:
    """Notices that somebody set the wall clock, by the clock that never goes back."""

    def __init__(self, now: Instant, monotonic: float) -> None:
        """Begin to watch."""
        self._now_ms = milliseconds(now)
        self._monotonic = monotonic

    def look(self, now: Instant, monotonic: float) -> int:
        """Return by how many milliseconds the wall clock was set since the last look, mostly 0."""
        now_ms = milliseconds(now)
        passed_ms = round((monotonic - self._monotonic) * 1_000)
        set_by_ms = now_ms - self._now_ms - passed_ms
        self._now_ms, self._monotonic = now_ms, monotonic
        return set_by_ms if abs(set_by_ms) >= STEP_MS_MIN else 0
