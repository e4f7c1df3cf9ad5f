"""What is done, and when, while an alert waits: the steps of a policy. A core without I/O.

A policy belongs to a precedence and a direction. **Inbound**: they wrote, and we have not done what
we owe. **Outbound**: we wrote, and they have not. Its steps come one after the other, each so many
seconds after the one before it (the first after the alert came, or was released), and a step is
left out when what it waits for has happened by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from parley.crisis.alert import AlertState, has_reached
from parley.crisis.precedence import HOUR_S, MINUTE_S
from parley.record.entry import Precedence

STEPS_MAX: Final = 20
TARGETS_MAX: Final = 12
REPEATS_MAX: Final = 20
"""Times a policy is gone through again. More: a siren nobody hears sounds on through the night.
Less: who comes back after an hour finds it silent."""
DELAY_S_MAX: Final = 7 * 24 * HOUR_S
ACKS_MAX: Final = 5


class Direction(StrEnum):
    """Who owes whom."""

    INBOUND = "inbound"
    """They wrote."""
    OUTBOUND = "outbound"
    """We wrote."""


class Until(StrEnum):
    """What makes a step unnecessary."""

    DELIVERED = "delivered"
    """It is on the other party's disk; always so of what they wrote."""
    PRESENTED = "presented"
    """A desk shows it."""
    ACKNOWLEDGED = "acknowledged"
    """A person has read it."""
    ANSWERED = "answered"


class TargetKind(StrEnum):
    """Who, or what, a step calls."""

    ROLE = "role"
    """Everybody of a role."""
    ROSTER = "roster"
    """Who is on watch: who has the duty of its office, or else whose shift it is."""
    PERSON = "person"
    DEVICE = "device"
    """One device that takes Web Push."""
    DESK = "desk"
    """Every desk that is open, also those of other offices."""
    MAIL = "mail"
    """A mail box that is nobody's own, by its name in the settings."""
    WEBHOOK = "webhook"
    """A program of ours, by its name in the settings."""
    SIREN = "siren"
    """A command of the node's machine, by its name in the settings."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One target of a step."""

    kind: TargetKind
    name: str = ""
    """A role's word, a roster's key, an id, or a name of the settings; empty for the desk."""

    @property
    def text(self) -> str:
        """The target in one word, as it stands in rows."""
        return f"{self.kind.value}:{self.name}" if self.name else self.kind.value


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One step of a policy."""

    delay_s: int
    """Seconds after the step before it; the first: after the alert came or was released."""
    targets: tuple[Target, ...]
    until: Until = Until.ACKNOWLEDGED
    acks: int = 1
    """How many different people must have acknowledged, if it waits for that."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How one precedence of one direction is escalated."""

    steps: tuple[PolicyStep, ...]
    repeats: int = 0
    """How often all of it is gone through again."""
    repeat_s: int = 5 * MINUTE_S
    """Seconds from the last step to the first of the next round."""
    calls_in_exercises: bool = False
    """Whether targets outside the desk are called for an exercise too."""


Policies = Mapping[tuple[Direction, Precedence], Policy]


@dataclass(frozen=True, slots=True)
class Reached:
    """How far an alert has come, as a policy looks at it."""

    state: AlertState
    acks: int = 0
    """How many different people have acknowledged it."""
    is_over: bool = False
    """Withdrawn, superseded, expired or closed: nothing is to be done any more."""


def is_met(step: PolicyStep, reached: Reached) -> bool:
    """Say whether a step is not needed any more."""
    if reached.is_over or has_reached(reached.state, AlertState.ANSWERED):
        return True
    if step.until is Until.ANSWERED:
        return False
    if not has_reached(reached.state, _STATES[step.until]):
        return False
    return step.until is not Until.ACKNOWLEDGED or reached.acks >= step.acks


def due_s(policy: Policy, number: int) -> int | None:
    """Return how many seconds after its beginning a step is due, None if there is no such step.

    Args:
        policy: which.
        number: counts from 0, through every round.
    """
    if not policy.steps or number >= len(policy.steps) * (policy.repeats + 1):
        return None
    rounds, index = divmod(number, len(policy.steps))
    delays = [step.delay_s for step in policy.steps]
    # A later round begins so many seconds after the last step, whatever delay the first step has.
    round_s = sum(delays[1:]) + policy.repeat_s
    return delays[0] + rounds * round_s + sum(delays[1 : index + 1])


def step_of(policy: Policy, number: int) -> PolicyStep:
    """Return the step of a number that counts through every round."""
    return policy.steps[number % len(policy.steps)]


_STATES: Final[Mapping[Until, AlertState]] = {
    Until.DELIVERED: AlertState.DELIVERED,
    Until.PRESENTED: AlertState.PRESENTED,
    Until.ACKNOWLEDGED: AlertState.ACKNOWLEDGED,
    Until.ANSWERED: AlertState.ANSWERED,
}
