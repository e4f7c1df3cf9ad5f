"""Call requests between officials: ask, answer, withdraw, read the code, begin, end."""

import base64
import binascii
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.calls.bodies import (
    ANSWER_HOURS_DEFAULT,
    ANSWER_HOURS_MAX,
    LANGUAGE_CHARACTERS_MAX,
    LANGUAGES_MAX,
    REASON_CHARACTERS_MAX,
    SUBJECT_CHARACTERS_MAX,
    WHO_CHARACTERS_MAX,
    CallAnswer,
    CallAnswerKind,
    CallAsked,
    CallMode,
    Interpreter,
)
from parley.crisis.calls.identity_code import DIGITS, KEY_BYTES_MAX, DeviceKey
from parley.crisis.papers.calls import SHOWN_MAX
from parley.errors import RequestMalformed
from parley.identity.permission import OURS, THEIRS, Act, Whose
from parley.identity.sign_in import SignedIn
from parley.ids import SpaceId
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.paper_answers import CallsAnswer
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.routes.record import IdText
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
DigestText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
WhoText = Annotated[str, Field(min_length=1, max_length=WHO_CHARACTERS_MAX)]
ReasonText = Annotated[str | None, Field(max_length=REASON_CHARACTERS_MAX)]
InstantText = Annotated[str, Field(max_length=30)]
LanguageText = Annotated[str, Field(min_length=1, max_length=LANGUAGE_CHARACTERS_MAX)]
MODES: Final = "^(voice|video|text)$"
INTERPRETERS: Final = "^(nobody|asker|asked|both)$"
ANSWERS: Final = "^(accept|other_time|other_level|decline|deciding)$"


class CallAskedGiven(BaseModel):
    """Who asks whom to speak, when, how and about what."""

    model_config = ConfigDict(extra="forbid")

    space: IdText
    who_asks: WhoText
    who_is_asked: WhoText
    level: WhoText
    subject: Annotated[str | None, Field(min_length=1, max_length=SUBJECT_CHARACTERS_MAX)] = None
    earliest: InstantText
    latest: InstantText
    mode: Annotated[str, Field(pattern=MODES)]
    languages: Annotated[list[LanguageText], Field(min_length=1, max_length=LANGUAGES_MAX)]
    interpreter: Annotated[str, Field(pattern=INTERPRETERS)] = "nobody"
    answer_hours: Annotated[int, Field(ge=1, le=ANSWER_HOURS_MAX)] = ANSWER_HOURS_DEFAULT
    is_exercise: bool = False


class CallAnswerGiven(BaseModel):
    """What is said to a request, or to the last offer about it."""

    model_config = ConfigDict(extra="forbid")

    answer: Annotated[str, Field(pattern=ANSWERS)]
    earliest: InstantText | None = None
    latest: InstantText | None = None
    level: Annotated[str | None, Field(min_length=1, max_length=WHO_CHARACTERS_MAX)] = None
    until: InstantText | None = None
    reason: ReasonText = None


class ReasonGiven(BaseModel):
    """Why, if anything is said."""

    model_config = ConfigDict(extra="forbid")

    words: ReasonText = None


class CommitmentGiven(BaseModel):
    """What a device commits to."""

    model_config = ConfigDict(extra="forbid")

    commitment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class KeyGiven(BaseModel):
    """A device's key and its random number, in base64."""

    model_config = ConfigDict(extra="forbid")

    public_key: Annotated[str, Field(max_length=KEY_BYTES_MAX * 2)]
    nonce: Annotated[str, Field(max_length=64)]


class CodeGiven(BaseModel):
    """The code that was read aloud; nothing for a call in writing."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str | None, Field(pattern=rf"^[0-9]{{{DIGITS}}}$")] = None


class MismatchGiven(BaseModel):
    """What was heard instead of the code, if anybody wrote it down."""

    model_config = ConfigDict(extra="forbid")

    heard: Annotated[str | None, Field(pattern=rf"^[0-9]{{1,{DIGITS}}}$")] = None


@route(router, "GET", "/api/call-requests", Act.CALL_READ)
async def read_calls(
    request: Request,
    space: Annotated[str | None, Query(pattern=r"^[a-z2-7]{26}$")] = None,
    limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 50,
) -> Response:
    """Return the newest call requests, the newest first."""
    wanted = None if space is None else _space(space)
    return answer(CallsAnswer(await parts_of(request).calls.calls(wanted, limit)))


@route(router, "POST", "/api/call-requests/begin", Act.CALL_ASK, About.LATER)
async def begin_asking(
    request: Request, signed_in: SignedInPerson, given: CallAskedGiven
) -> Response:
    """Make the entry that asks for a call between officials; return what is to be signed."""
    asked = CallAsked(
        asker=given.who_asks,
        asked=given.who_is_asked,
        level=given.level,
        subject=given.subject,
        earliest_ms=_instant(given.earliest, "earliest"),
        latest_ms=_instant(given.latest, "latest"),
        mode=CallMode[given.mode.upper()],
        languages=tuple(given.languages),
        interpreter=Interpreter[given.interpreter.upper()],
        answer_hours=given.answer_hours,
        is_exercise=given.is_exercise,
    )
    calls = parts_of(request).calls
    prepared = await calls.prepare_request(_space(given.space), asked, signed_in.person.actor)
    return await begin_signing(request, signed_in, Act.CALL_ASK, prepared)


@route(router, "POST", "/api/call-requests", Act.CALL_ASK, About.LATER, status_code=CREATED)
async def ask(request: Request, signed_in: SignedInPerson, given: CredentialGiven) -> Response:
    """Ask for a call between officials, with a passkey over the very entry."""
    asked = await finish_signing(request, signed_in, Act.CALL_ASK, given)
    return answer(await parts_of(request).calls.call(asked.hash), CREATED)


@route(router, "GET", "/api/call-requests/{digest}", Act.CALL_READ)
async def read_call(request: Request, digest: DigestText) -> Response:
    """Return one call request as both sides hold it."""
    return answer(await parts_of(request).calls.call(bytes.fromhex(digest)))


@route(router, "POST", "/api/call-requests/{digest}/answers/begin", Act.CALL_ANSWER, About.LATER)
async def begin_answer(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: CallAnswerGiven
) -> Response:
    """Make an acceptance, another time, another level, a refusal or until when we decide."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    whose = await _whose(parts, wanted)
    said = CallAnswer(
        kind=CallAnswerKind[given.answer.upper()],
        earliest_ms=_maybe_instant(given.earliest, "earliest"),
        latest_ms=_maybe_instant(given.latest, "latest"),
        level=given.level,
        until_ms=_maybe_instant(given.until, "until"),
        reason=given.reason or None,
    )
    prepared = await parts.calls.prepare_answer(wanted, said, signed_in.person.actor)
    return await begin_signing(request, signed_in, Act.CALL_ANSWER, prepared, whose)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/answers",
    Act.CALL_ANSWER,
    About.LATER,
    status_code=CREATED,
)
async def give_answer(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: CredentialGiven
) -> Response:
    """Answer a request, or the last offer about it, with a passkey over the very entry."""
    calls, wanted = parts_of(request).calls, bytes.fromhex(digest)
    await finish_signing(
        *(request, signed_in, Act.CALL_ANSWER, given, wanted),
        accept=lambda prepared: calls.accept_answer(wanted, prepared),
    )
    return answer(await calls.call(wanted), CREATED)


@route(router, "POST", "/api/call-requests/{digest}/withdraw/begin", Act.CALL_ANSWER, About.LATER)
async def begin_withdrawal(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: ReasonGiven
) -> Response:
    """Make what gives a request up, or the call that was agreed on."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    whose, actor = await _whose(parts, wanted), signed_in.person.actor
    prepared = await parts.calls.prepare_withdrawal(wanted, given.words, actor)
    return await begin_signing(request, signed_in, Act.CALL_ANSWER, prepared, whose)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/withdraw",
    Act.CALL_ANSWER,
    About.LATER,
    status_code=CREATED,
)
async def withdraw(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: CredentialGiven
) -> Response:
    """Give a request up, with a passkey over the very entry."""
    calls, wanted = parts_of(request).calls, bytes.fromhex(digest)
    await finish_signing(request, signed_in, Act.CALL_ANSWER, given, wanted)
    return answer(await calls.call(wanted), CREATED)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/commitment",
    Act.CALL_START,
    About.LATER,
    status_code=CREATED,
)
async def commit(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: CommitmentGiven
) -> Response:
    """Let our device commit to its key; the side that asked begins."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    await _require(parts, signed_in, wanted, Act.CALL_START)
    commitment = bytes.fromhex(given.commitment)
    return answer(await parts.calls.commit(wanted, commitment, signed_in.person), CREATED)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/key",
    Act.CALL_START,
    About.LATER,
    status_code=CREATED,
)
async def show_key(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: KeyGiven
) -> Response:
    """Show our device's key, each side in its turn."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    await _require(parts, signed_in, wanted, Act.CALL_START)
    shown = DeviceKey(_bytes(given.public_key, "public_key"), _bytes(given.nonce, "nonce"))
    return answer(await parts.calls.show_key(wanted, shown, signed_in.person), CREATED)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/start",
    Act.CALL_START,
    About.LATER,
    status_code=CREATED,
)
async def start(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: CodeGiven
) -> Response:
    """Say that our official speaks, and which code was read aloud."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    await _require(parts, signed_in, wanted, Act.CALL_START)
    return answer(await parts.calls.start(wanted, given.code, signed_in.person), CREATED)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/mismatch",
    Act.CALL_START,
    About.LATER,
    status_code=CREATED,
)
async def report_mismatch(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: MismatchGiven
) -> Response:
    """Say that what was heard read aloud is not the code."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    await _require(parts, signed_in, wanted, Act.CALL_START)
    return answer(await parts.calls.mismatch(wanted, given.heard, signed_in.person), CREATED)


@route(
    router,
    "POST",
    "/api/call-requests/{digest}/end",
    Act.CALL_START,
    About.LATER,
    status_code=CREATED,
)
async def end(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: ReasonGiven
) -> Response:
    """Say that the call is over."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    await _require(parts, signed_in, wanted, Act.CALL_START)
    return answer(await parts.calls.end(wanted, given.words, signed_in.person), CREATED)


# ----------------------------------------------------------------------------------------- details


async def _require(parts: Parts, asking: SignedIn, digest: bytes, act: Act) -> None:
    require(parts, asking, act, await _whose(parts, digest))


async def _whose(parts: Parts, digest: bytes) -> Whose:
    is_ours = await parts.calls.asker_of(digest) == parts.record.keys.party
    return OURS if is_ours else THEIRS


def _space(text: str) -> SpaceId:
    try:
        return SpaceId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="space") from error


def _instant(text: str, field: str) -> int:
    try:
        return milliseconds(Instant.parse_iso(text))
    except ValueError as error:
        raise RequestMalformed(field=field) from error


def _maybe_instant(text: str | None, field: str) -> int | None:
    return None if text is None else _instant(text, field)


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestMalformed(field=field) from error
