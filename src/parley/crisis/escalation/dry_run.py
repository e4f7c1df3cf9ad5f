"""What would happen, and to whom, if an alert came and nobody did anything. A core."""

from dataclasses import dataclass

from whenever import Instant

from parley.crisis.escalation.policy import Policy, PolicyStep, due_s, step_of
from parley.crisis.escalation.reaching import Call, Watch, calls

PLANNED_MAX = 200
"""Steps shown; a policy with every round has at most 420."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step that would be taken."""

    number: int
    at: Instant
    step: PolicyStep
    calls: tuple[Call, ...]


def dry_run(
    policy: Policy, watch: Watch, at: Instant, *, is_exercise: bool = False
) -> tuple[PlannedStep, ...]:
    """Return every step of a policy for an alert that comes at an instant and is never read.

    Who has the duty at that instant nobody knows; the roster says who is to have it.
    """
    found: list[PlannedStep] = []
    while len(found) < PLANNED_MAX and (after_s := due_s(policy, len(found))) is not None:
        number = len(found)
        step, instant = step_of(policy, number), at.add(seconds=after_s)
        reached = calls(step.targets, watch, instant, is_now=False)
        found.append(
            PlannedStep(number, instant, step, told(reached, policy, is_exercise=is_exercise))
        )
    return tuple(found)


def told(reached: tuple[Call, ...], policy: Policy, *, is_exercise: bool) -> tuple[Call, ...]:
    """Return which are told: of an exercise the desks alone, unless the policy says more."""
    if not is_exercise or policy.calls_in_exercises:
        return reached
    return tuple(call for call in reached if not call.end.is_outside)
