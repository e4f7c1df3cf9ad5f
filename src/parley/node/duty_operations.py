"""What an operator may ask of watches and escalation, of a running node."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from whenever import Instant

from parley.clock import Clock
from parley.crisis.duty.service import DutyService
from parley.crisis.escalation.plan_text import plan_text, read_plan
from parley.crisis.escalation.policy import Direction
from parley.errors import RequestMalformed
from parley.identity.permission import Act
from parley.record.entry import Precedence

Json = dict[str, Any]


class DutyOperations:
    """The operator's side of watches and escalation; part of ``parley.node.operations.Operations``.

    An operator reads, dry-runs and tries; the plan is changed by people.
    """

    _clock: Clock

    async def duty_show(self, days: int = 7) -> Json:
        """Return every roster over some days."""
        found: Json = _plain(await self.running_duty().duty(days=days))
        return found

    async def duty_notices(self, *, is_failed_only: bool = False, limit: int = 50) -> Json:
        """Return notices, the newest first."""
        found = await self.running_duty().notices(
            is_failed_only=is_failed_only, has_duress=True, limit=limit
        )
        return {"notices": _plain(found)}

    async def escalation_show(self) -> Json:
        """Return escalations that run, and the steps that fell due last."""
        duty = self.running_duty()
        return {
            "escalations": _plain(await duty.escalations()),
            "steps": _plain(await duty.steps()),
        }

    async def escalation_plan(self) -> Json:
        """Return the plan that counts, and its versions."""
        found: Json = _plain(await self.running_duty().plan())
        return found

    async def escalation_check(self, plan: str) -> Json:
        """Read a plan from its text; return it as it is understood."""
        return {"plan": _plain(plan_text(read_plan(plan.encode("utf-8", "surrogatepass"))))}

    async def escalation_dry_run(
        self,
        direction: str,
        precedence: str,
        at: str | None = None,
        plan: str | None = None,
        *,
        is_exercise: bool = False,
    ) -> Json:
        """Return what would happen if an alert came at an instant, and to whom."""
        try:
            wanted = (Direction(direction), Precedence[precedence.upper()])
            instant = self._clock.now() if at is None else Instant.parse_iso(at)
        except (KeyError, ValueError) as error:
            raise RequestMalformed(field="direction, precedence or at") from error
        text = None if plan is None else plan.encode("utf-8", "surrogatepass")
        steps = await self.running_duty().dry_run(
            *wanted, instant, plan=text, is_exercise=is_exercise
        )
        return {"at": instant.format_iso(), "steps": _plain(steps)}

    async def escalation_try(self, target: str) -> Json:
        """Call a target now; return each end, and why it could not be called."""
        found = await self.running_duty().try_target(target)
        return {"ends": [{"end": end, "failure": why} for end, why in found]}

    # What Operations knows.

    def running_duty(self) -> DutyService:
        """Return the watches of the running node; Operations knows."""
        raise NotImplementedError


DUTY_OPERATIONS: Final[Mapping[str, Act]] = {
    "duty_show": Act.DUTY_READ,
    "duty_notices": Act.DUTY_READ,
    "escalation_show": Act.DUTY_READ,
    "escalation_plan": Act.DUTY_READ,
    "escalation_check": Act.DUTY_READ,
    "escalation_dry_run": Act.DUTY_READ,
    "escalation_try": Act.ESCALATION_TRY,
}
"""What the admin socket may call, and which act each is."""


def _plain(views: object) -> Any:  # noqa: ANN401  JSON
    return msgspec.to_builtins(views)
