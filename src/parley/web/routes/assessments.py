"""The assessment after a crisis: timelines, accounts, the joint sheet, readouts, measured times."""

import os
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.clock import milliseconds
from parley.crisis.assessment.bodies import KEY_BYTES, ORDER_MAX, Paragraph, Readout, Section
from parley.crisis.assessment.metrics import AlertTimes, figures
from parley.crisis.conduct.assessment_view import (
    AlertTimesView,
    AssessmentView,
    FiguresView,
    MeasuresView,
    QuoteView,
    TimelineEntryView,
    assessment_view,
    figures_view,
    measures_view,
    quote_view,
    timeline_view,
    times_view,
)
from parley.crisis.conduct.assessments import Assessments
from parley.crisis.conduct.crisis_view import texts_view
from parley.crisis.view import TextView
from parley.errors import CrisisRefused
from parley.identity.permission import Act
from parley.ids import ActorId, PartyId
from parley.record.keeping import PreparedEntry
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.routes.crises import (
    HashText,
    InstantText,
    TextGiven,
    TextsGiven,
    WordsGiven,
    instant_of,
    texts_of,
)
from parley.web.routes.record import NO_STORE, IdText
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
SECTIONS: Final = "^(fact|disputed|lesson|commitment)$"
LanguageText = Annotated[str, Query(max_length=12)]
WHERE: Final = "/api/crises/{crisis}/assessment"
SaidT = TypeVar("SaidT", bound=BaseModel)


class AccountGiven(BaseModel):
    """Our account as it is being written."""

    model_config = ConfigDict(extra="forbid")

    texts: TextsGiven


class ParagraphGiven(BaseModel):
    """Our version of a paragraph; without texts: it is to be struck."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str | None, Field(pattern=r"^[0-9a-f]{32}$")] = None
    section: Annotated[str, Field(pattern=SECTIONS)]
    order: Annotated[int, Field(ge=0, le=ORDER_MAX)] = 0
    texts: Annotated[list[TextGiven], Field(max_length=4)]
    owner: IdText | None = None
    due: InstantText | None = None


class AssessmentActGiven(BaseModel):
    """Nothing is said with it."""

    model_config = ConfigDict(extra="forbid")


class ReadoutGiven(BaseModel):
    """What we say in public, and from when on."""

    model_config = ConfigDict(extra="forbid")

    texts: TextsGiven
    public_from: InstantText


class AccountDraftAnswer(msgspec.Struct, frozen=True):
    """Our account as it is being written."""

    texts: tuple[TextView, ...]
    changed_at: str | None


class TimelineAnswer(msgspec.Struct, frozen=True):
    """What happened, and how long what took."""

    entries: tuple[TimelineEntryView, ...]
    figures: tuple[FiguresView, ...]


class QuotesAnswer(msgspec.Struct, frozen=True):
    """What a readout has word for word from the record."""

    quotes: tuple[QuoteView, ...]


class ExercisesAnswer(msgspec.Struct, frozen=True):
    """How long alerts of exercises took, alike at both ends."""

    times: tuple[AlertTimesView, ...]
    figures: tuple[FiguresView, ...]


@route(router, "GET", "/api/exercises", Act.CRISIS_READ)
async def read_exercises(request: Request) -> Response:
    """Return how long alerts of exercises took, the newest first."""
    times = await parts_of(request).assessments.exercises()
    parties = sorted({each.author for each in times})
    return answer(ExercisesAnswer(tuple(map(times_view, times)), _figures(times, parties)))


@route(router, "GET", WHERE, Act.CRISIS_READ)
async def read_assessment(request: Request, crisis: HashText) -> Response:
    """Return an assessment."""
    return await _shown(parts_of(request), bytes.fromhex(crisis))


@route(router, "GET", "/api/crises/{crisis}/timeline", Act.CRISIS_READ)
async def read_timeline(request: Request, crisis: HashText) -> Response:
    """Return what the record has of a crisis, and how long what took."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    found = await parts.crises.find(which)
    entries = await parts.assessments.timeline(which)
    came = {each.hash: each.came_ms for each in found.entries}
    times = await parts.assessments.times(which)
    return answer(
        TimelineAnswer(
            timeline_view(found, entries, came.get), _figures(times, found.crisis.members)
        )
    )


@route(router, "GET", "/api/crises/{crisis}/measures", Act.CRISIS_READ)
async def read_measures(request: Request, crisis: HashText) -> Response:
    """Return what was measured of a crisis: alerts, line checks, notifications, our escalation."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    members = (await parts.crises.find(which)).crisis.members
    measures = await parts.assessments.measures(which)
    alerts = figures(await parts.assessments.times(which), members)
    view: MeasuresView = measures_view(measures, alerts)
    return answer(view)


@route(router, "GET", f"{WHERE}/account", Act.ASSESSMENT_WRITE)
async def read_account(request: Request, crisis: HashText) -> Response:
    """Return our account as it is being written."""
    kept = await parts_of(request).assessments.draft(bytes.fromhex(crisis))
    if kept is None:
        return answer(AccountDraftAnswer((), None))
    return answer(AccountDraftAnswer(texts_view(kept[0]), kept[1].format_iso()))


@route(router, "PUT", f"{WHERE}/account", Act.ASSESSMENT_WRITE)
async def save_account(request: Request, crisis: HashText, said: AccountGiven) -> Response:
    """Keep our account as it is being written; it leaves the node with nobody."""
    assessments, which = parts_of(request).assessments, bytes.fromhex(crisis)
    await assessments.save_draft(which, texts_of(said.texts))
    return await read_account(request, crisis)


@route(router, "POST", f"{WHERE}/paragraphs", Act.ASSESSMENT_WRITE, status_code=CREATED)
async def write_paragraph(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: ParagraphGiven
) -> Response:
    """Say our version of a paragraph of the joint sheet."""
    parts, which = parts_of(request), bytes.fromhex(crisis)
    paragraph = Paragraph(
        key=os.urandom(KEY_BYTES) if said.key is None else bytes.fromhex(said.key),
        section=Section[said.section.upper()],
        order=said.order,
        texts=texts_of(said.texts),
        owner=None if said.owner is None else PartyId.parse(said.owner),
        due_ms=None if said.due is None else instant_of(said.due, "due"),
    )
    await parts.assessments.write(which, signed_in.person.actor, paragraph)
    return await _shown(parts, which, is_new=True)


@route(router, "POST", f"{WHERE}/readout/check", Act.ASSESSMENT_WRITE)
async def check_readout(request: Request, crisis: HashText, said: AccountGiven) -> Response:
    """Return what a readout has word for word from the record, and whether it may be quoted."""
    found = await parts_of(request).assessments.quotes(bytes.fromhex(crisis), texts_of(said.texts))
    return answer(QuotesAnswer(tuple(map(quote_view, found))))


@route(
    router,
    "GET",
    f"{WHERE}/readouts/{{readout}}/text",
    Act.CRISIS_READ,
    response_class=Response,
)
async def read_readout_text(
    request: Request, crisis: HashText, readout: HashText, language: LanguageText
) -> Response:
    """Return a readout as it is given to the public; refused until it may be."""
    found = await parts_of(request).assessments.readout_text(
        bytes.fromhex(crisis), bytes.fromhex(readout), language
    )
    return Response(found, media_type="text/plain; charset=utf-8", headers=NO_STORE)


# ------------------------------------------------------------------------- what is signed, in pairs

Prepare = Callable[[Assessments, bytes, ActorId, SaidT], Awaitable[PreparedEntry]]


def add_pair(name: str, act: Act, said: type[SaidT], prepare: Prepare[SaidT], what: str) -> None:
    """Add the two routes of an act that binds: one makes its entry, one appends it signed.

    Args:
        name: its path below the assessment.
        act: of the permission table.
        said: what comes with it.
        prepare: makes the entry.
        what: what the act does, for the reference.
    """

    async def begin(
        request: Request, signed_in: SignedInPerson, crisis: HashText, said: SaidT
    ) -> Response:
        which, actor = bytes.fromhex(crisis), signed_in.person.actor
        prepared = await prepare(parts_of(request).assessments, which, actor, said)
        return await begin_signing(request, signed_in, act, prepared)

    async def finish(
        request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
    ) -> Response:
        which = bytes.fromhex(crisis)
        await finish_signing(request, signed_in, act, given, which)
        return await _shown(parts_of(request), which)

    # FastAPI reads the body's form from the annotation, which here is a variable.
    begin.__annotations__["said"] = said
    begin.__doc__ = f"Make the entry that {what}; return what is to be signed."
    finish.__doc__ = f"Append the entry that {what}, with a passkey over the very entry."
    verb = name.replace("-", "_")
    begin.__name__, finish.__name__ = f"begin_{verb}", f"finish_{verb}"
    route(router, "POST", f"{WHERE}/{name}/begin", act, About.LATER)(begin)
    route(router, "POST", f"{WHERE}/{name}", act, About.LATER)(finish)


def _readout_said(given: ReadoutGiven) -> Readout:
    at_ms = instant_of(given.public_from, "public_from")
    return Readout(texts=texts_of(given.texts), public_from_ms=at_ms)


add_pair(
    *("seal", Act.ASSESSMENT_SEAL, AssessmentActGiven),
    lambda to, crisis, actor, _: to.prepare_seal(crisis, actor),
    "seals our account as it is; nothing changes it any more",
)
add_pair(
    *("publish", Act.ASSESSMENT_SEAL, AssessmentActGiven),
    lambda to, crisis, actor, _: to.prepare_publication(crisis, actor),
    "shows what we sealed alone",
)
add_pair(
    *("take-back", Act.ASSESSMENT_SEAL, WordsGiven),
    lambda to, crisis, actor, said: to.prepare_taking_back(crisis, actor, said.words),
    "takes our sealed account back",
)
add_pair(
    *("adopt", Act.ASSESSMENT_ADOPT, AssessmentActGiven),
    lambda to, crisis, actor, _: to.prepare_adoption(crisis, actor),
    "adopts the sheet as it stands",
)
add_pair(
    *("end", Act.ASSESSMENT_ADOPT, WordsGiven),
    lambda to, crisis, actor, said: to.prepare_end(crisis, actor, said.words),
    "ends it without a joint text",
)
add_pair(
    *("readout", Act.ASSESSMENT_READ_OUT, ReadoutGiven),
    lambda to, crisis, actor, said: to.prepare_readout(crisis, actor, _readout_said(said)),
    "has our readout",
)


# -------------------------------------------------------------------------------------- details


async def _shown(parts: Parts, crisis: bytes, *, is_new: bool = False) -> Response:
    found = await parts.crises.find(crisis)
    if found.assessment is None:
        raise CrisisRefused(reason="no_side_has_closed")
    now_ms = milliseconds(parts.clock.now())
    view: AssessmentView = assessment_view(found, found.assessment, now_ms)
    return answer(view, CREATED) if is_new else answer(view)


def _figures(
    times: tuple[AlertTimes, ...], parties: tuple[PartyId, ...] | list[PartyId]
) -> tuple[FiguresView, ...]:
    return tuple(map(figures_view, figures(times, parties)))
