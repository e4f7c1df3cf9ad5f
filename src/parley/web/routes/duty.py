"""Watches and escalation: rosters, overrides, the plan, notices, and by what one is called."""

import base64
import binascii
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from whenever import Instant

from parley.config.kinds import Text
from parley.crisis.duty.view import (
    NOTICES_SHOWN_MAX,
    EscalationView,
    NoticeView,
    PlannedStepView,
    StepView,
)
from parley.crisis.escalation.policy import Direction
from parley.errors import RequestMalformed
from parley.identity.permission import Act
from parley.ids import DutyDeviceId, NoticeId, ShiftId
from parley.record.entry import Precedence
from parley.web.answers import answer
from parley.web.guard import About, SignedInPerson, route
from parley.web.parts import parts_of
from parley.web.problems import CREATED
from parley.web.routes.devices import parse_person

router = APIRouter()
IdText = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]
IdPath = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
InstantText = Annotated[str, Field(max_length=40)]
DEVICE_NAME: Final = Text(1, 60)
REMARK: Final = Text(0, 400)


class OverrideGiven(BaseModel):
    """Somebody else, or nobody, for a while."""

    model_config = ConfigDict(extra="forbid")

    roster: Annotated[str, Field(max_length=40)]
    person: IdText | None
    starts_at: InstantText
    ends_at: InstantText


class PlanGiven(BaseModel):
    """A version of the plan that is proposed, and why."""

    model_config = ConfigDict(extra="forbid")

    plan: dict[str, Any]
    words: Annotated[str, Field(max_length=400)] = ""


class DryRunGiven(BaseModel):
    """What is to be tried."""

    model_config = ConfigDict(extra="forbid")

    direction: Annotated[str, Field(pattern="^(inbound|outbound)$")]
    precedence: Annotated[str, Field(pattern="^(flash|immediate|priority|routine)$")]
    at: InstantText
    is_exercise: bool = False
    plan: dict[str, Any] | None = None


class PlanPreviewGiven(BaseModel):
    """A plan that is not in force, and the days over which it is looked at."""

    model_config = ConfigDict(extra="forbid")

    plan: dict[str, Any]
    since: InstantText
    days: Annotated[int, Field(ge=1, le=62)] = 7


class TargetGiven(BaseModel):
    """A target that is to be called, to see whether it can be."""

    model_config = ConfigDict(extra="forbid")

    target: Annotated[str, Field(min_length=1, max_length=80)]


class DutyDeviceGiven(BaseModel):
    """A browser's subscription at its push service."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=120)]
    endpoint: Annotated[str, Field(min_length=8, max_length=1_000)]
    public: Annotated[str, Field(max_length=120)]
    secret: Annotated[str, Field(max_length=60)]


class MailGiven(BaseModel):
    """Where one gets mail; null for nowhere."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str | None, Field(max_length=254)]


class MadeAnswer(msgspec.Struct, frozen=True):
    """What was made."""

    id: str


class PlanMadeAnswer(msgspec.Struct, frozen=True):
    """The number of the version that was proposed."""

    number: int


class DryRunAnswer(msgspec.Struct, frozen=True):
    """What would happen, step by step."""

    steps: tuple[PlannedStepView, ...]


class EscalationsAnswer(msgspec.Struct, frozen=True):
    """Escalations that are not settled, and the steps that fell due last."""

    escalations: tuple[EscalationView, ...]
    steps: tuple[StepView, ...]


class NoticesAnswer(msgspec.Struct, frozen=True):
    """Notices, the newest first."""

    notices: tuple[NoticeView, ...]


class TriedView(msgspec.Struct, frozen=True):
    """One end that was called, and why that failed, if it did."""

    end: str
    failure: str | None


class TriedAnswer(msgspec.Struct, frozen=True):
    """Every end of a target that was called."""

    ends: tuple[TriedView, ...]


@route(router, "GET", "/api/duty", Act.DUTY_READ)
async def read_duty(
    request: Request,
    since: Annotated[str | None, Query(max_length=40)] = None,
    days: Annotated[int, Query(ge=1, le=62)] = 7,
) -> Response:
    """Return every roster over some days: shifts, gaps, who is on watch now and next."""
    start = None if since is None else parse_instant(since, "since")
    return answer(await parts_of(request).duty.duty(start, days))


@route(router, "GET", "/api/duty/card", Act.DUTY_READ)
async def read_card(request: Request) -> Response:
    """Return who is on watch now and what escalates next."""
    return answer(await parts_of(request).duty.card())


@route(router, "POST", "/api/duty/overrides", Act.DUTY_OVERRIDE, status_code=CREATED)
async def make_override(
    request: Request, signed_in: SignedInPerson, given: OverrideGiven
) -> Response:
    """Put somebody else, or nobody, on a roster for a while."""
    person = None if given.person is None else parse_person(given.person)
    starts_at = parse_instant(given.starts_at, "starts_at")
    ends_at = parse_instant(given.ends_at, "ends_at")
    made = await parts_of(request).duty.override(
        given.roster, person, starts_at, ends_at, signed_in.person.id
    )
    return answer(MadeAnswer(made.text), CREATED)


@route(router, "DELETE", "/api/duty/overrides/{override}", Act.DUTY_OVERRIDE)
async def end_override(request: Request, signed_in: SignedInPerson, override: IdPath) -> Response:
    """Take an override back."""
    duty = parts_of(request).duty
    await duty.end_override(_id(ShiftId, override), signed_in.person.id)
    return answer(MadeAnswer(override))


@route(router, "GET", "/api/duty/reach", Act.DUTY_REACH, About.MINE)
async def read_reach(request: Request, signed_in: SignedInPerson) -> Response:
    """Return by what the person who asks is called."""
    return answer(await parts_of(request).duty.reach(signed_in.person.id))


@route(router, "POST", "/api/duty/devices", Act.DUTY_REACH, About.MINE, status_code=CREATED)
async def add_device(
    request: Request, signed_in: SignedInPerson, given: DutyDeviceGiven
) -> Response:
    """Let the browser that asks be called by Web Push."""
    try:
        name = DEVICE_NAME.read(given.name)
    except ValueError as error:
        raise RequestMalformed(field="name") from error
    made = await parts_of(request).duty.add_device(
        signed_in.person.id,
        name,
        given.endpoint,
        _base64url(given.public, "public"),
        _base64url(given.secret, "secret"),
    )
    return answer(MadeAnswer(made.text), CREATED)


@route(router, "DELETE", "/api/duty/devices/{device}", Act.DUTY_REACH, About.MINE)
async def remove_device(request: Request, signed_in: SignedInPerson, device: IdPath) -> Response:
    """Call a browser of one's own no more."""
    duty = parts_of(request).duty
    await duty.remove_device(signed_in.person.id, _id(DutyDeviceId, device))
    return answer(MadeAnswer(device))


@route(router, "PUT", "/api/duty/mail", Act.DUTY_REACH, About.MINE)
async def put_mail(request: Request, signed_in: SignedInPerson, given: MailGiven) -> Response:
    """Say where one gets mail."""
    duty = parts_of(request).duty
    await duty.set_mail(signed_in.person.id, given.address)
    return answer(await duty.reach(signed_in.person.id))


@route(router, "GET", "/api/escalation", Act.DUTY_READ)
async def read_escalations(request: Request) -> Response:
    """Return escalations that are not settled, and the steps that fell due last."""
    duty = parts_of(request).duty
    return answer(EscalationsAnswer(await duty.escalations(), await duty.steps()))


@route(router, "GET", "/api/escalation/plan", Act.DUTY_READ)
async def read_plan(request: Request) -> Response:
    """Return the plan that counts, and its versions."""
    return answer(await parts_of(request).duty.plan())


@route(router, "POST", "/api/escalation/plan", Act.ESCALATION_CHANGE, status_code=CREATED)
async def propose_plan(request: Request, signed_in: SignedInPerson, given: PlanGiven) -> Response:
    """Propose a version of the plan."""
    try:
        words = REMARK.read(given.words)
    except ValueError as error:
        raise RequestMalformed(field="words") from error
    person, roles = signed_in.person.id, signed_in.asker.roles
    number = await parts_of(request).duty.propose(_encoded(given.plan), words, person, roles)
    return answer(PlanMadeAnswer(number), CREATED)


@route(router, "POST", "/api/escalation/plan/{number}/confirm", Act.ESCALATION_CHANGE)
async def confirm_plan(
    request: Request, signed_in: SignedInPerson, number: Annotated[int, Path(ge=1, le=10**9)]
) -> Response:
    """Put in force what the other of the two proposed."""
    duty = parts_of(request).duty
    await duty.confirm(number, signed_in.person.id, signed_in.asker.roles)
    return answer(PlanMadeAnswer(number))


@route(router, "POST", "/api/escalation/plan/{number}/reject", Act.ESCALATION_CHANGE)
async def reject_plan(
    request: Request, signed_in: SignedInPerson, number: Annotated[int, Path(ge=1, le=10**9)]
) -> Response:
    """Reject a proposal."""
    await parts_of(request).duty.reject(number, signed_in.person.id)
    return answer(PlanMadeAnswer(number))


@route(router, "POST", "/api/escalation/dry-run", Act.DUTY_READ)
async def dry_run(request: Request, given: DryRunGiven) -> Response:
    """Return what would happen if an alert came at an instant, and to whom."""
    steps = await parts_of(request).duty.dry_run(
        Direction(given.direction),
        Precedence[given.precedence.upper()],
        parse_instant(given.at, "at"),
        plan=None if given.plan is None else _encoded(given.plan),
        is_exercise=given.is_exercise,
    )
    return answer(DryRunAnswer(steps))


@route(router, "POST", "/api/escalation/preview", Act.DUTY_READ)
async def preview_plan(request: Request, given: PlanPreviewGiven) -> Response:
    """Return the rosters of a plan that is not in force, gaps and exceptions included."""
    since = parse_instant(given.since, "since")
    shown = await parts_of(request).duty.duty(since, given.days, plan=_encoded(given.plan))
    return answer(shown)


@route(router, "POST", "/api/escalation/try", Act.ESCALATION_TRY)
async def try_target(request: Request, given: TargetGiven) -> Response:
    """Call a target now, and say for each end whether it could be."""
    found = await parts_of(request).duty.try_target(given.target)
    return answer(TriedAnswer(tuple(TriedView(end, why) for end, why in found)))


@route(router, "GET", "/api/escalation/notices", Act.DUTY_READ)
async def read_notices(
    request: Request,
    is_failed_only: Annotated[bool, Query()] = False,  # noqa: FBT002  FastAPI's form
    limit: Annotated[int, Query(ge=1, le=NOTICES_SHOWN_MAX)] = 100,
) -> Response:
    """Return notices, the newest first, and what came of each."""
    duty = parts_of(request).duty
    return answer(NoticesAnswer(await duty.notices(is_failed_only=is_failed_only, limit=limit)))


@route(router, "POST", "/api/escalation/notices/{notice}/again", Act.ESCALATION_TRY)
async def notice_again(request: Request, notice: IdPath) -> Response:
    """Try a notice anew that was given up."""
    await parts_of(request).duty.again(_id(NoticeId, notice))
    return answer(MadeAnswer(notice))


def parse_instant(text: str, field: str) -> Instant:
    """Read an instant from a request.

    Raises:
        RequestMalformed: it is none.
    """
    try:
        return Instant.parse_iso(text)
    except ValueError as error:
        raise RequestMalformed(field=field) from error


def _encoded(plan: dict[str, Any]) -> bytes:
    return msgspec.json.encode(plan)


def _id(kind: type[Any], text: str) -> Any:  # noqa: ANN401  an id of that kind
    try:
        return kind.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="id") from error


def _base64url(text: str, field: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(field=field) from error
