"""Line checks: what is due, what came of the last ones; and a line's standing, in writing."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.bodies import Presented
from parley.crisis.checks.bodies import (
    TYPED_CHARACTERS_MAX,
    WORDS_CHARACTERS_MAX,
    StandingWords,
    Suspended,
)
from parley.crisis.checks.repository import HISTORY_MAX
from parley.crisis.checks.view import CheckLineView, CheckView, check_view, line_view
from parley.errors import RequestMalformed
from parley.identity.permission import OURS, THEIRS, Act
from parley.identity.sign_in import SignedIn
from parley.ids import PartyId, SpaceId
from parley.record.keeping import PreparedEntry
from parley.record.line_terms import SuspendedAlerts
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
PartyText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
HashText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
NameText = Annotated[str, Path(pattern=r"^([0-9]{1,15}|[0-9a-f]{64})$")]
Words = Annotated[str, Field(max_length=WORDS_CHARACTERS_MAX)]
MaybeInstant = Annotated[str | None, Field(max_length=30)]
ALERTS: Final = "^(none|flash|all)$"
STEPS: Final = "^(suspend|resume|end|concur|drop)$"


class CheckSendGiven(BaseModel):
    """Which check is sent: for a time that is due, or one outside the schedule."""

    model_config = ConfigDict(extra="forbid")

    due: MaybeInstant = None
    is_exercise: bool = False
    """Only outside the schedule."""


class CodeTyped(BaseModel):
    """The code, as a person typed it."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=TYPED_CHARACTERS_MAX)]


class CheckDeclineGiven(BaseModel):
    """Why not now, if that is said."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str | None, Field(max_length=WORDS_CHARACTERS_MAX)] = None


class CheckShownGiven(BaseModel):
    """Which desk shows a check, and whether it can be heard."""

    model_config = ConfigDict(extra="forbid")

    desk: Annotated[str, Field(min_length=1, max_length=60)]
    has_sound: bool


class StandingGiven(BaseModel):
    """What is written about a line; the reason may be empty."""

    model_config = ConfigDict(extra="forbid")

    step: Annotated[str, Field(pattern=STEPS)]
    reason: Words = ""
    starts: MaybeInstant = None
    alerts: Annotated[str, Field(pattern=ALERTS)] = "flash"
    has_checks: bool = True


class CheckLinesAnswer(msgspec.Struct, frozen=True):
    """The checks of every line."""

    lines: tuple[CheckLineView, ...]


class CheckShownAnswer(msgspec.Struct, frozen=True):
    """What came of saying that a desk shows a check."""

    is_new: bool
    """Whether our node had not said so before."""


class NoticesSeenAnswer(msgspec.Struct, frozen=True):
    """What came of taking note of missed checks."""

    seen: int
    """Notices taken note of now."""


@route(router, "GET", "/api/checks", Act.CHECK_READ)
async def read_checks(
    request: Request,
    signed_in: SignedInPerson,
    limit: Annotated[int, Query(ge=1, le=HISTORY_MAX)] = 48,
) -> Response:
    """Return when each line is checked, what is due now, and what came of the last checks."""
    parts = parts_of(request)
    own, actor = parts.record.keys.party, signed_in.person.actor
    found = await parts.checks.lines(limit)
    lines = tuple(line_view(each, own, parts.lines.name_of, bytes(actor)) for each in found)
    return answer(CheckLinesAnswer(lines))


@route(router, "POST", "/api/lines/{party}/checks", Act.CHECK_SEND, status_code=CREATED)
async def send_check(
    request: Request, signed_in: SignedInPerson, party: PartyText, said: CheckSendGiven
) -> Response:
    """Send a line check."""
    parts = parts_of(request)
    due_ms = None if said.due is None else _instant(said.due, "due")
    space, person = _space(parts, party), signed_in.person
    row = await parts.checks.send(space, person, due_ms, is_exercise=said.is_exercise)
    return answer(await _shown(parts, row.space, row.name), CREATED)


@route(router, "POST", "/api/lines/{party}/checks/{name}/decline", Act.CHECK_READ)
async def decline_check(
    request: Request,
    signed_in: SignedInPerson,
    party: PartyText,
    name: NameText,
    said: CheckDeclineGiven,
) -> Response:
    """Say "not now" to a check."""
    parts, space = parts_of(request), _space(parts_of(request), party)
    kept = await parts.checks.line(space)
    row = next((row for row, _ in kept.checks if row.name == name), None)
    is_ours = row is None or row.starter == parts.record.keys.party
    act, whose = (Act.CHECK_SEND, OURS) if is_ours else (Act.CHECK_ANSWER, THEIRS)
    require(parts, signed_in, act, whose)
    await parts.checks.decline(space, name, said.words, signed_in.person)
    return answer(await _shown(parts, space, name))


@route(router, "POST", "/api/checks/{check}/type", Act.CHECK_ANSWER, About.LATER)
async def type_code(
    request: Request, signed_in: SignedInPerson, check: HashText, said: CodeTyped
) -> Response:
    """Type the code of the other party's check back."""
    parts, digest = parts_of(request), bytes.fromhex(check)
    await _require(parts, signed_in, Act.CHECK_ANSWER, digest)
    row = await parts.checks.answer(digest, said.code, signed_in.person)
    return answer(await _shown(parts, row.space, row.name))


@route(router, "POST", "/api/checks/{check}/confirm", Act.CHECK_SEND, About.LATER)
async def confirm_check(request: Request, signed_in: SignedInPerson, check: HashText) -> Response:
    """Confirm what came back."""
    parts, digest = parts_of(request), bytes.fromhex(check)
    await _require(parts, signed_in, Act.CHECK_SEND, digest)
    row = await parts.checks.confirm(digest, signed_in.person)
    return answer(await _shown(parts, row.space, row.name))


@route(router, "POST", "/api/checks/{check}/presented", Act.CHECK_ANSWER, About.LATER)
async def present_check(request: Request, check: HashText, said: CheckShownGiven) -> Response:
    """Say that this desk shows a check of the other party's: to somebody who may answer it."""
    parts = parts_of(request)
    is_new = await parts.checks.present(bytes.fromhex(check), Presented(said.desk, said.has_sound))
    return answer(CheckShownAnswer(is_new))


@route(router, "POST", "/api/lines/{party}/checks/notices/seen", Act.CHECK_SEND)
async def see_notices(request: Request, party: PartyText) -> Response:
    """Take note of two missed checks in a row."""
    parts = parts_of(request)
    return answer(NoticesSeenAnswer(await parts.checks.see_notices(_space(parts, party))))


@route(router, "POST", "/api/lines/{party}/standing/begin", Act.LINE_CONCUR, About.LATER)
async def begin_standing(
    request: Request, signed_in: SignedInPerson, party: PartyText, said: StandingGiven
) -> Response:
    """Make an entry about a line's standing; return what is to be signed."""
    parts = parts_of(request)
    prepared = await _standing_entry(parts, signed_in, _space(parts, party), said)
    return await begin_signing(request, signed_in, _act(said.step), prepared)


@route(router, "POST", "/api/lines/{party}/standing/{step}", Act.LINE_CONCUR, About.LATER)
async def write_standing(
    request: Request,
    signed_in: SignedInPerson,
    party: PartyText,
    step: Annotated[str, Path(pattern=STEPS)],
    given: CredentialGiven,
) -> Response:
    """Suspend, resume or end a line, or concur, with a passkey over the very entry."""
    parts = parts_of(request)
    await finish_signing(request, signed_in, _act(step), given)
    kept = await parts.checks.line(_space(parts, party))
    own, actor = parts.record.keys.party, bytes(signed_in.person.actor)
    return answer(line_view(kept, own, parts.lines.name_of, actor))


# -------------------------------------------------------------------------------------- details


async def _standing_entry(
    parts: Parts, asking: SignedIn, space: SpaceId, said: StandingGiven
) -> PreparedEntry:
    standings, actor = parts.standings, asking.person.actor
    starts_ms = standings.now_ms() if said.starts is None else _instant(said.starts, "starts")
    words = StandingWords(starts_ms, said.reason)
    match said.step:
        case "suspend":
            alerts = SuspendedAlerts[said.alerts.upper()]
            suspended = Suspended(starts_ms, said.reason, alerts, said.has_checks)
            return await standings.suspend(space, suspended, actor)
        case "resume":
            return await standings.resume(space, words, actor)
        case "end":
            return await standings.end(space, words, actor)
        case _:
            return await standings.concur(space, actor, concurs=said.step == "concur")


def _act(step: str) -> Act:
    return Act.LINE_CONCUR if step == "concur" else Act.LINE_SUSPEND


async def _require(parts: Parts, asking: SignedIn, act: Act, digest: bytes) -> None:
    author = await parts.checks.author_of(digest)
    require(parts, asking, act, OURS if author == parts.record.keys.party else THEIRS)


async def _shown(parts: Parts, space: SpaceId, name: str) -> CheckView:
    kept = await parts.checks.line(space, HISTORY_MAX)
    row, matter = next(each for each in kept.checks if each[0].name == name)
    return check_view(row, matter, parts.record.keys.party)


def _space(parts: Parts, text: str) -> SpaceId:
    try:
        party = PartyId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="party") from error
    return SpaceId.of_pair(parts.record.keys.party, party)


def _instant(text: str, field: str) -> int:
    try:
        return milliseconds(Instant.parse_iso(text))
    except ValueError as error:
        raise RequestMalformed(field=field) from error
