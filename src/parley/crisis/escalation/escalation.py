"""One alert's way through a policy: which step is next, which have fallen due. A core without I/O.

Contract: :func:`begun` when the alert came or was released, :func:`advanced` whenever something is
known anew or an instant has come. Both return the escalation as it is now and the steps that fell
due, each once and in order, however many instants have gone by meanwhile. ``due_ms`` says when to
call again. Nothing is ever returned before its instant.

An instant here is one by the node's clock as it stands now. When somebody sets that clock while the
node runs, whoever holds the escalation says by how much (``offset_ms``): what was left of a delay
is left of it still.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from parley.crisis.alert import AlertState, has_reached
from parley.crisis.escalation.policy import (
    Direction,
    Policy,
    PolicyStep,
    Reached,
    due_s,
    is_met,
    step_of,
)
from parley.transitions import Step, follow


class EscalationState(StrEnum):
    """Where an escalation stands."""

    RUNNING = "running"
    """Another step is to come."""
    EXHAUSTED = "exhausted"
    """Every step was taken, and the alert still waits."""
    SETTLED = "settled"
    """What it waited for has happened, or the alert does not stand any more."""


class EscalationEvent(StrEnum):
    """What happens to it."""

    CALL = "call"
    """A step fell due and its targets are called."""
    SKIP = "skip"
    """A step fell due that is not needed any more."""
    EXHAUST = "exhaust"
    SETTLE = "settle"


class EscalationWho(StrEnum):
    """Whose act it is."""

    CLOCK = "our node's clock"
    ENTRY = "an entry about the alert"


class EscalationGuard(StrEnum):
    """What must be true of it."""

    DUE = "the step is due"
    NEEDED = "what the step waits for has not happened"
    NOT_NEEDED = "what the step waits for has happened"
    LAST = "no step is left"
    OVER = "answered, closed, withdrawn, superseded or expired"


_S, _E, _W, _G = EscalationState, EscalationEvent, EscalationWho, EscalationGuard
ESCALATION_TRANSITIONS: Final[
    Mapping[tuple[EscalationState, EscalationEvent], Step[EscalationState]]
] = {
    (_S.RUNNING, _E.CALL): Step(_S.RUNNING, _W.CLOCK, (_G.DUE, _G.NEEDED)),
    (_S.RUNNING, _E.SKIP): Step(_S.RUNNING, _W.CLOCK, (_G.DUE, _G.NOT_NEEDED)),
    (_S.RUNNING, _E.EXHAUST): Step(_S.EXHAUSTED, _W.CLOCK, (_G.LAST,)),
    (_S.RUNNING, _E.SETTLE): Step(_S.SETTLED, _W.ENTRY, (_G.OVER,)),
    (_S.EXHAUSTED, _E.SETTLE): Step(_S.SETTLED, _W.ENTRY, (_G.OVER,)),
    (_S.SETTLED, _E.SETTLE): Step(_S.SETTLED, _W.ENTRY, (_G.OVER,)),
}
"""An alert that is settled twice (answered, then closed) is settled."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """One policy at work for one alert."""

    matter: bytes
    direction: Direction
    policy: Policy
    """As it was when the escalation began; a change of the plan counts for the next alert."""
    started_ms: int
    """When the alert came, or was released, by our clock."""
    number: int = 0
    """Which step is next, counted through every round."""
    offset_ms: int = 0
    """By how much our clock was set since, so that delays stay what they were."""
    state: EscalationState = EscalationState.RUNNING

    @property
    def due_ms(self) -> int | None:
        """When the next step is due, None if none is to come."""
        after_s = due_s(self.policy, self.number)
        if self.state is not EscalationState.RUNNING or after_s is None:
            return None
        return self.started_ms + after_s * 1_000 + self.offset_ms

    @property
    def next_step(self) -> PolicyStep | None:
        """The step that is next."""
        is_left = due_s(self.policy, self.number) is not None
        return step_of(self.policy, self.number) if is_left else None


@dataclass(frozen=True, slots=True)
class StepReached:
    """One step that fell due."""

    number: int
    due_ms: int
    step: PolicyStep
    is_needed: bool
    """Whether its targets are to be called."""


def follow_escalation(state: EscalationState, event: EscalationEvent) -> EscalationState:
    """Return the next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(ESCALATION_TRANSITIONS, "escalation", state, event).next


def begun(
    matter: bytes,
    direction: Direction,
    policy: Policy,
    started_ms: int,
    reached: Reached,
    now_ms: int,
) -> tuple[Escalation, tuple[StepReached, ...]]:
    """Begin an escalation; steps without a delay are due at once."""
    return advanced(Escalation(matter, direction, policy, started_ms), reached, now_ms)


def advanced(
    escalation: Escalation, reached: Reached, now_ms: int
) -> tuple[Escalation, tuple[StepReached, ...]]:
    """Return an escalation as it is now, and every step that has fallen due since.

    Args:
        escalation: as it was.
        reached: how far its alert has come.
        now_ms: the present, by our clock.
    """
    found: list[StepReached] = []
    if is_over(reached):
        return replace(escalation, state=follow_escalation(escalation.state, _E.SETTLE)), ()
    while (due_ms := escalation.due_ms) is not None and due_ms <= now_ms:
        step = step_of(escalation.policy, escalation.number)
        is_needed = not is_met(step, reached)
        found.append(StepReached(escalation.number, due_ms, step, is_needed))
        state = follow_escalation(escalation.state, _E.CALL if is_needed else _E.SKIP)
        escalation = replace(escalation, number=escalation.number + 1, state=state)
    if escalation.state is _S.RUNNING and escalation.due_ms is None:
        escalation = replace(escalation, state=follow_escalation(escalation.state, _E.EXHAUST))
    return escalation, tuple(found)


def is_over(reached: Reached) -> bool:
    """Say whether nothing is left to escalate for."""
    return reached.is_over or has_reached(reached.state, AlertState.ANSWERED)
