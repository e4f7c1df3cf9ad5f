"""What would happen, and to whom, if an alert came and nobody did anything. A core."""

from dataclasses import dataclass

from whenever import Instant

from parley.crisis.escalation.policy import Policy, PolicyStep, due_s, step_of
from parley.crisis.escalation.reaching import Call, CallReason, End, EndKind, Watch, calls
from parley.identity.permission import Role

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
            PlannedStep(
                number, instant, step, told(reached, policy, watch, is_exercise=is_exercise)
            )
        )
    return tuple(found)


def told(
    reached: tuple[Call, ...],
    policy: Policy,
    watch: Watch,
    *,
    is_exercise: bool,
    reaches_principals: bool = False,
) -> tuple[Call, ...]:
    """Return which are told: of an exercise the desks alone, unless the policy says more.

    Nobody of the principal's office is told of an exercise that does not ask for it, whatever the
    policy says. If that leaves nobody, every desk is told: somebody is to see that the step came.
    """
    if not is_exercise:
        return reached
    is_wide = policy.calls_in_exercises
    heard = tuple(call for call in reached if is_wide or not call.end.is_outside)
    if reaches_principals:
        return heard
    others = tuple(call for call in heard if not _is_principal(call, watch))
    if heard and not others:
        return (Call(End(EndKind.DESK), heard[0].target, why=CallReason.NOBODY),)
    return others


def _is_principal(call: Call, watch: Watch) -> bool:
    found = None if call.person is None else watch.people.get(call.person)
    return found is not None and Role.PRINCIPAL in found.roles
