"""What a party has decided beforehand: rosters and policies in one version. A core without I/O.

Rosters and policies are one document, because policies name rosters: a version is whole, or it is
not put in force. Somebody proposes it, and somebody else puts it in force; one of the two is an
engineer and the other a releaser, so that neither the words nor the wires are changed by one alone.
It is private to the party and never crosses the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from parley.crisis.escalation.policy import (
    Direction,
    Policies,
    Policy,
    PolicyStep,
    Target,
    TargetKind,
    Until,
)
from parley.crisis.escalation.roster import Roster
from parley.identity.permission import Role
from parley.record.entry import Precedence
from parley.transitions import Step, follow

ROSTERS_MAX: Final = 20
_DESK: Final = Target(TargetKind.DESK)
_OFFICERS: Final = Target(TargetKind.ROLE, Role.DUTY_OFFICER.value)
_RELEASERS: Final = Target(TargetKind.ROLE, Role.RELEASER.value)


class PlanState(StrEnum):
    """Where a version of the plan stands."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    """It was never in force."""
    REPLACED = "replaced"
    """Another version is in force."""


class PlanEvent(StrEnum):
    """What happens to it."""

    CONFIRM = "confirm"
    REJECT = "reject"
    REPLACE = "replace"


class PlanWho(StrEnum):
    """Whose act it is."""

    SECOND = "an engineer for a releaser's proposal, a releaser for an engineer's"
    EITHER = "an engineer or a releaser"
    NODE = "our node"


class PlanGuard(StrEnum):
    """What must be true of it."""

    ANOTHER = "another person than proposed it"
    BOTH_ROLES = "one is an engineer and the other a releaser"
    UNCHANGED = "no other version came in force meanwhile"


_S, _E, _W, _G = PlanState, PlanEvent, PlanWho, PlanGuard
PLAN_TRANSITIONS: Final[Mapping[tuple[PlanState, PlanEvent], Step[PlanState]]] = {
    (_S.PROPOSED, _E.CONFIRM): Step(
        _S.IN_FORCE, _W.SECOND, (_G.ANOTHER, _G.BOTH_ROLES, _G.UNCHANGED)
    ),
    (_S.PROPOSED, _E.REJECT): Step(_S.REJECTED, _W.EITHER),
    (_S.PROPOSED, _E.REPLACE): Step(_S.REJECTED, _W.NODE),
    (_S.IN_FORCE, _E.REPLACE): Step(_S.REPLACED, _W.NODE),
}
"""A proposal that another overtakes was never in force; it can be proposed anew."""
KEEPERS: Final = frozenset({Role.ENGINEER, Role.RELEASER})
"""The roles of which both must have a hand in a version."""


def follow_plan(state: PlanState, event: PlanEvent) -> PlanState:
    """Return the next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(PLAN_TRANSITIONS, "plan", state, event).next


def are_both(first: frozenset[Role], second: frozenset[Role]) -> bool:
    """Say whether of two people one acts as an engineer and the other as a releaser."""
    return (Role.ENGINEER in first and Role.RELEASER in second) or (
        Role.RELEASER in first and Role.ENGINEER in second
    )


def _step(delay_s: int, until: Until, *targets: Target) -> PolicyStep:
    return PolicyStep(delay_s, targets, until)


DEFAULT_POLICIES: Final[Policies] = {
    (Direction.INBOUND, Precedence.FLASH): Policy(
        (
            _step(0, Until.ACKNOWLEDGED, _OFFICERS),
            _step(30, Until.PRESENTED, _DESK, _OFFICERS),
            _step(60, Until.ACKNOWLEDGED, _DESK, _OFFICERS),
            _step(90, Until.ACKNOWLEDGED, _DESK, _RELEASERS),
            _step(600, Until.ANSWERED, _RELEASERS),
        ),
        repeats=3,
        repeat_s=120,
    ),
    (Direction.INBOUND, Precedence.IMMEDIATE): Policy(
        (
            _step(0, Until.ACKNOWLEDGED, _OFFICERS),
            _step(300, Until.ACKNOWLEDGED, _DESK, _OFFICERS),
            _step(900, Until.ACKNOWLEDGED, _RELEASERS),
            _step(3_600, Until.ANSWERED, _RELEASERS),
        ),
        repeats=2,
        repeat_s=900,
    ),
    (Direction.INBOUND, Precedence.PRIORITY): Policy(
        (
            _step(1_800, Until.ACKNOWLEDGED, _OFFICERS),
            _step(7_200, Until.ACKNOWLEDGED, _RELEASERS),
        ),
        repeats=1,
        repeat_s=7_200,
    ),
    (Direction.INBOUND, Precedence.ROUTINE): Policy(
        (_step(21_600, Until.ACKNOWLEDGED, _OFFICERS),)
    ),
    (Direction.OUTBOUND, Precedence.FLASH): Policy(
        (
            _step(10, Until.DELIVERED, _DESK, _OFFICERS),
            _step(60, Until.DELIVERED, _RELEASERS),
            _step(120, Until.ACKNOWLEDGED, _OFFICERS),
            _step(420, Until.ACKNOWLEDGED, _RELEASERS),
        )
    ),
    (Direction.OUTBOUND, Precedence.IMMEDIATE): Policy(
        (
            _step(60, Until.DELIVERED, _DESK, _OFFICERS),
            _step(600, Until.DELIVERED, _RELEASERS),
            _step(1_200, Until.ACKNOWLEDGED, _RELEASERS),
        )
    ),
    (Direction.OUTBOUND, Precedence.PRIORITY): Policy(
        (
            _step(1_800, Until.DELIVERED, _OFFICERS),
            _step(9_000, Until.ACKNOWLEDGED, _RELEASERS),
        )
    ),
    (Direction.OUTBOUND, Precedence.ROUTINE): Policy((_step(7_200, Until.DELIVERED, _OFFICERS),)),
}
"""What holds before anybody has made a plan: the duty officers, then the releasers. Shorter delays
wake people for what a desk would have taken in a moment; longer ones leave a flash unread."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of what a party has decided."""

    rosters: tuple[Roster, ...] = ()
    policies: Policies = field(default_factory=lambda: DEFAULT_POLICIES)

    def policy(self, direction: Direction, precedence: Precedence) -> Policy:
        """Return how a precedence is escalated; what a plan does not name, as by default."""
        return self.policies.get((direction, precedence), DEFAULT_POLICIES[direction, precedence])


DEFAULT_PLAN: Final = Plan()
