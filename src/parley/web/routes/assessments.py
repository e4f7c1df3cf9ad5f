"""The assessment after a crisis: timelines, accounts, the joint sheet, readouts, measured times."""

import os
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter
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
    QuoteView,
    TimelineEntryView,
    assessment_view,
    figures_view,
    quote_view,
    timeline_view,
    times_view,
)
from parley.crisis.conduct.crisis_view import texts_view
from parley.crisis.view import TextView
from parley.errors import CrisisRefused
from parley.identity.permission import Act
from parley.identity.sign_in import SignedIn
from parley.ids import PartyId
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
from parley.web.routes.record import IdText
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
SECTIONS: Final = "^(fact|disputed|lesson|commitment)$"
WHERE: Final = "/api/crises/{crisis}/assessment"


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


@route(router, "POST", f"{WHERE}/seal/begin", Act.ASSESSMENT_SEAL, About.LATER)
async def begin_seal(request: Request, signed_in: SignedInPerson, crisis: HashText) -> Response:
    """Make the entry that seals our account as it is now; return what is to be signed."""
    prepared = await parts_of(request).assessments.prepare_seal(
        bytes.fromhex(crisis), signed_in.person.actor
    )
    return await begin_signing(request, signed_in, Act.ASSESSMENT_SEAL, prepared)


@route(router, "POST", f"{WHERE}/seal", Act.ASSESSMENT_SEAL, About.LATER)
async def seal(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Seal our account, with a passkey over the very entry; nothing changes it any more."""
    return await _finish(request, signed_in, Act.ASSESSMENT_SEAL, crisis, given)


@route(router, "POST", f"{WHERE}/publish/begin", Act.ASSESSMENT_SEAL, About.LATER)
async def begin_publication(
    request: Request, signed_in: SignedInPerson, crisis: HashText
) -> Response:
    """Make the entry that shows what we sealed alone; return what is to be signed."""
    prepared = await parts_of(request).assessments.prepare_publication(
        bytes.fromhex(crisis), signed_in.person.actor
    )
    return await begin_signing(request, signed_in, Act.ASSESSMENT_SEAL, prepared)


@route(router, "POST", f"{WHERE}/publish", Act.ASSESSMENT_SEAL, About.LATER)
async def publish(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Show what we sealed alone, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ASSESSMENT_SEAL, crisis, given)


@route(router, "POST", f"{WHERE}/take-back/begin", Act.ASSESSMENT_SEAL, About.LATER)
async def begin_taking_back(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: WordsGiven
) -> Response:
    """Make the entry that takes our sealed account back; return what is to be signed."""
    prepared = await parts_of(request).assessments.prepare_taking_back(
        bytes.fromhex(crisis), signed_in.person.actor, said.words
    )
    return await begin_signing(request, signed_in, Act.ASSESSMENT_SEAL, prepared)


@route(router, "POST", f"{WHERE}/take-back", Act.ASSESSMENT_SEAL, About.LATER)
async def take_account_back(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Take our sealed account back, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ASSESSMENT_SEAL, crisis, given)


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


@route(router, "POST", f"{WHERE}/adopt/begin", Act.ASSESSMENT_ADOPT, About.LATER)
async def begin_adoption(request: Request, signed_in: SignedInPerson, crisis: HashText) -> Response:
    """Make the entry that adopts the sheet as it stands; return what is to be signed."""
    prepared = await parts_of(request).assessments.prepare_adoption(
        bytes.fromhex(crisis), signed_in.person.actor
    )
    return await begin_signing(request, signed_in, Act.ASSESSMENT_ADOPT, prepared)


@route(router, "POST", f"{WHERE}/adopt", Act.ASSESSMENT_ADOPT, About.LATER)
async def adopt(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Adopt the sheet, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ASSESSMENT_ADOPT, crisis, given)


@route(router, "POST", f"{WHERE}/end/begin", Act.ASSESSMENT_ADOPT, About.LATER)
async def begin_end(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: WordsGiven
) -> Response:
    """Make the entry that ends it without a joint text; return what is to be signed."""
    prepared = await parts_of(request).assessments.prepare_end(
        bytes.fromhex(crisis), signed_in.person.actor, said.words
    )
    return await begin_signing(request, signed_in, Act.ASSESSMENT_ADOPT, prepared)


@route(router, "POST", f"{WHERE}/end", Act.ASSESSMENT_ADOPT, About.LATER)
async def end(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """End it without a joint text, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ASSESSMENT_ADOPT, crisis, given)


@route(router, "POST", f"{WHERE}/readout/check", Act.ASSESSMENT_WRITE)
async def check_readout(request: Request, crisis: HashText, said: AccountGiven) -> Response:
    """Return what a readout has word for word from the record, and whether it may be quoted."""
    found = await parts_of(request).assessments.quotes(bytes.fromhex(crisis), texts_of(said.texts))
    return answer(QuotesAnswer(tuple(map(quote_view, found))))


@route(router, "POST", f"{WHERE}/readout/begin", Act.ASSESSMENT_READ_OUT, About.LATER)
async def begin_readout(
    request: Request, signed_in: SignedInPerson, crisis: HashText, said: ReadoutGiven
) -> Response:
    """Make the entry with our readout; return what is to be signed."""
    readout = Readout(
        texts=texts_of(said.texts), public_from_ms=instant_of(said.public_from, "public_from")
    )
    prepared = await parts_of(request).assessments.prepare_readout(
        bytes.fromhex(crisis), signed_in.person.actor, readout
    )
    return await begin_signing(request, signed_in, Act.ASSESSMENT_READ_OUT, prepared)


@route(router, "POST", f"{WHERE}/readout", Act.ASSESSMENT_READ_OUT, About.LATER)
async def read_out(
    request: Request, signed_in: SignedInPerson, crisis: HashText, given: CredentialGiven
) -> Response:
    """Sign our readout, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ASSESSMENT_READ_OUT, crisis, given)


# -------------------------------------------------------------------------------------- details


async def _finish(
    request: Request, signed_in: SignedIn, act: Act, crisis: str, given: CredentialGiven
) -> Response:
    which = bytes.fromhex(crisis)
    await finish_signing(request, signed_in, act, given, which)
    return await _shown(parts_of(request), which)


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
