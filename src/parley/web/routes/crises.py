"""Crises: our side of them, what is said within, their assessment afterwards, times of exercises.

What binds comes in two requests: the first makes the entry and returns what an authenticator is to
sign, the second brings the signature and appends the entry to the byte.
"""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.conduct.crises import SHOWN_MAX
from parley.crisis.conduct.crisis_view import (
    CrisisSummaryView,
    CrisisView,
    crisis_view,
    summary_view,
)
from parley.crisis.conduct.repository import CrisisFound
from parley.crisis.crises.bodies import (
    Fact,
    Opening,
    Reply,
    ReplyKind,
    Statement,
    StatementKind,
)
from parley.crisis.crises.fields import Texts
from parley.errors import RequestMalformed
from parley.identity.permission import Act
from parley.ids import SpaceId
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.routes.record import IdText
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
HashText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
DigestGiven = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LanguageText = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$")]
TEXT_CHARACTERS_MAX: Final = 6_000
ACCOUNT_CHARACTERS_MAX: Final = 25_000
WordsText = Annotated[str | None, Field(min_length=1, max_length=1_000)]
InstantText = Annotated[str, Field(max_length=40)]


class TextGiven(BaseModel):
    """A text in one language."""

    model_config = ConfigDict(extra="forbid")

    language: LanguageText
    text: Annotated[str, Field(min_length=1, max_length=ACCOUNT_CHARACTERS_MAX)]


TextsGiven = Annotated[list[TextGiven], Field(min_length=1, max_length=4)]


class OpeningGiven(BaseModel):
    """Under which title our side opens a crisis; with a space, one that nobody has opened."""

    model_config = ConfigDict(extra="forbid")

    space: IdText | None = None
    crisis: DigestGiven | None = None
    title: TextsGiven
    grade: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    start: InstantText
    is_exercise: bool = False
    reaches_principals: bool = False


class WordsGiven(BaseModel):
    """Why, if that is said."""

    model_config = ConfigDict(extra="forbid")

    words: WordsText = None


class StatementGiven(BaseModel):
    """A claim, a request or an offer."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(pattern="^(claim|request|offer)$")]
    texts: TextsGiven
    disputes: DigestGiven | None = None
    is_quotable: bool = False


class FactGiven(BaseModel):
    """A fact that we sign: words of our own, or the very ones that they signed."""

    model_config = ConfigDict(extra="forbid")

    texts: TextsGiven | None = None
    claim: DigestGiven | None = None
    is_quotable: bool = False
    same_as: DigestGiven | None = None


class ReplyGiven(BaseModel):
    """What we say to a request or an offer."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(pattern="^(taken_up|declined)$")]
    words: WordsText = None


class LinkGiven(BaseModel):
    """Entries that belong to a crisis."""

    model_config = ConfigDict(extra="forbid")

    entries: Annotated[list[DigestGiven], Field(min_length=1, max_length=32)]
    words: WordsText = None


class CrisesAnswer(msgspec.Struct, frozen=True):
    """Crises, the last one something was said in first."""

    crises: tuple[CrisisSummaryView, ...]


@route(router, "GET", "/api/crises", Act.CRISIS_READ)
async def read_crises(
    request: Request,
    space: IdText | None = None,
    open: bool = False,  # noqa: A002, FBT001, FBT002  FastAPI's form of a query
    limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 50,
) -> Response:
    """Return crises, the last one something was said in first; ``open``: those a side has open."""
    parts = parts_of(request)
    wanted = None if space is None else SpaceId.parse(space)
    found = await parts.crises.crises(wanted, limit, is_open_only=open)
    own, name = parts.record.keys.party, parts.lines.name_of
    return answer(CrisesAnswer(tuple(summary_view(each, own, name) for each in found)))


@route(router, "POST", "/api/crises/open/begin", Act.CRISIS_OPEN, About.LATER)
async def begin_opening(
    request: Request, signed_in: SignedInPerson, said: OpeningGiven
) -> Response:
    """Make the entry that opens our side; return what is to be signed."""
    crises, actor = parts_of(request).crises, signed_in.person.actor
    opening = Opening(
        title=texts_of(said.title),
        grade=said.grade,
        start_ms=instant_of(said.start, "start"),
        is_exercise=said.is_exercise,
        reaches_principals=said.reaches_principals,
    )
    if (said.space is None) == (said.crisis is None):
        raise RequestMalformed(field="space")
    if said.crisis is not None:
        own = await crises.prepare_own_opening(bytes.fromhex(said.crisis), actor, opening)
        return await begin_signing(request, signed_in, Act.CRISIS_OPEN, own)
    new = await crises.prepare_opening(SpaceId.parse(said.space or ""), actor, opening)
    return await begin_signing(request, signed_in, Act.CRISIS_OPEN, new)


@route(router, "POST", "/api/crises/open", Act.CRISIS_OPEN, About.LATER)
async def open_crisis(
    request: Request, signed_in: SignedInPerson, given: CredentialGiven
) -> Response:
    """Open our side of a crisis, with a passkey over the very entry."""
    parts = parts_of(request)
    appended = await finish_signing(request, signed_in, Act.CRISIS_OPEN, given)
    crisis = await parts.crises.crisis_of(appended.hash)
    await parts.crises.keep_room(crisis, signed_in.person)
    return await shown(parts, crisis)


@route(router, "GET", "/api/crises/{crisis}", Act.CRISIS_READ)
async def read_crisis(request: Request, crisis: HashText) -> Response:
    """Return one crisis."""
    return await shown(parts_of(request), bytes.fromhex(crisis))


@route(router, "POST", "/api/crises/{crisis}/close/begin", Act.CRISIS_OPEN, About.LATER)
async def begin_closing(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: WordsGiven
) -> Response:
    """Make the entry that closes our side; return what is to be signed."""
    prepared = await parts_of(request).crises.prepare_closing(
        bytes.fromhex(crisis), signed_in.person.actor, said.words
    )
    return await begin_signing(request, signed_in, Act.CRISIS_OPEN, prepared)


@route(router, "POST", "/api/crises/{crisis}/close", Act.CRISIS_OPEN, About.LATER)
async def close(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Close our side, with a passkey over the very entry."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    await finish_signing(request, signed_in, Act.CRISIS_OPEN, given, which)
    await parts.crises.keep_room(which, signed_in.person)
    return await shown(parts, which)


@route(router, "POST", "/api/crises/{crisis}/statements", Act.CRISIS_SAY, status_code=CREATED)
async def say(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: StatementGiven
) -> Response:
    """Claim, ask or offer something."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    statement = Statement(
        kind=StatementKind[said.kind.upper()],
        texts=texts_of(said.texts),
        disputes=None if said.disputes is None else bytes.fromhex(said.disputes),
        is_quotable=said.is_quotable,
    )
    await parts.crises.say(which, signed_in.person.actor, statement)
    return await shown(parts, which, is_new=True)


@route(router, "POST", "/api/crises/{crisis}/statements/{statement}/reply", Act.CRISIS_SAY)
async def reply(
    request: Request,
    signed_in: SignedInPerson,
    crisis: HashText,
    statement: HashText,
    said: ReplyGiven,
) -> Response:
    """Take their request or offer up, or decline it."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    given = Reply(ReplyKind[said.kind.upper()], said.words)
    await parts.crises.reply(which, signed_in.person.actor, bytes.fromhex(statement), given)
    return await shown(parts, which)


@route(router, "POST", "/api/crises/{crisis}/statements/{statement}/take-back", Act.CRISIS_SAY)
async def take_back(
    request: Request,
    signed_in: SignedInPerson,
    crisis: HashText,
    statement: HashText,
    said: WordsGiven,
) -> Response:
    """Take back what we said."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    what = bytes.fromhex(statement)
    await parts.crises.take_back(which, signed_in.person.actor, what, said.words)
    return await shown(parts, which)


@route(router, "POST", "/api/crises/{crisis}/links", Act.CRISIS_SAY, status_code=CREATED)
async def link(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: LinkGiven
) -> Response:
    """Say that entries belong to a crisis."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    entries = [bytes.fromhex(each) for each in said.entries]
    await parts.crises.link(which, signed_in.person.actor, entries, said.words)
    return await shown(parts, which, is_new=True)


@route(router, "POST", "/api/crises/{crisis}/facts/begin", Act.CRISIS_AGREE, About.LATER)
async def begin_fact(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: FactGiven
) -> Response:
    """Make the entry by which we sign a fact; return what is to be signed."""
    crises, which = parts_of(request).crises, bytes.fromhex(crisis)
    actor = signed_in.person.actor
    if (said.same_as is None) == (said.texts is None):
        raise RequestMalformed(field="texts")
    if said.same_as is not None:
        same = await crises.prepare_same_fact(which, actor, bytes.fromhex(said.same_as))
        return await begin_signing(request, signed_in, Act.CRISIS_AGREE, same)
    fact = Fact(
        texts=texts_of(said.texts or []),
        crisis=which,
        claim=None if said.claim is None else bytes.fromhex(said.claim),
        is_quotable=said.is_quotable,
    )
    prepared = await crises.prepare_fact(which, actor, fact)
    return await begin_signing(request, signed_in, Act.CRISIS_AGREE, prepared)


@route(router, "POST", "/api/crises/{crisis}/facts", Act.CRISIS_AGREE, About.LATER)
async def sign_fact(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Sign a fact, with a passkey over the very entry."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    await finish_signing(request, signed_in, Act.CRISIS_AGREE, given, which)
    return await shown(parts, which)


# ------------------------------------------------------------------------------ what others share


def texts_of(given: list[TextGiven]) -> Texts:
    """Return texts as given.

    Raises:
        RequestMalformed: a language comes twice.
    """
    texts = {each.language: each.text for each in given}
    if len(texts) != len(given):
        raise RequestMalformed(field="texts")
    return tuple(texts.items())


def instant_of(text: str, field: str) -> int:
    """Return an instant as milliseconds since 1970 UTC.

    Raises:
        RequestMalformed: it is none.
    """
    try:
        return milliseconds(Instant.parse_iso(text))
    except ValueError as error:
        raise RequestMalformed(field=field) from error


async def shown(parts: Parts, crisis: bytes, *, is_new: bool = False) -> Response:
    """Answer with a crisis as it stands."""
    found: CrisisFound = await parts.crises.find(crisis)
    view: CrisisView = crisis_view(
        found,
        parts.record.keys.party,
        parts.lines.name_of,
        await parts.crises.quiet_since(crisis),
        await parts.crises.room(crisis),
    )
    return answer(view, CREATED) if is_new else answer(view)
