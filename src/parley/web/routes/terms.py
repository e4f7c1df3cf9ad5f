"""The terms of a line's agreement: what the two nodes go by, and what a proposal would change."""

from typing import Annotated

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.crisis.checks.terms import line_agreement
from parley.crisis.checks.view import LineTermsView, terms_view
from parley.errors import RequestMalformed, TermsRefused
from parley.identity.permission import Act
from parley.ids import PartyId, SpaceId
from parley.record.business import HOLIDAYS_MAX, BusinessCalendar
from parley.record.entry import Precedence
from parley.record.line_agreement import (
    TEXT_CHARACTERS_MAX,
    LineVersion,
    newest_terms,
    proposal,
)
from parley.record.line_terms import (
    ACCOUNT_DAYS_MAX,
    CODE_MINUTES_MAX,
    DEFAULT_TERMS,
    HOURS_MAX,
    CheckProfile,
    LineTerms,
    PrecedenceTerms,
    SuspendedAlerts,
    changed_terms,
)
from parley.web.answers import answer
from parley.web.guard import SignedInPerson, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED

router = APIRouter()
PartyText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=80)]], Field(max_length=32)]
Seconds = Annotated[int, Field(ge=1, le=2_592_000)]


class LimitsGiven(BaseModel):
    """How long the steps of an alert may take, in seconds."""

    model_config = ConfigDict(extra="forbid")

    target_s: Seconds
    limit_s: Seconds
    answer_s: Seconds


class MorningGiven(BaseModel):
    """A party's business mornings."""

    model_config = ConfigDict(extra="forbid")

    party: Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]
    zone: Annotated[str, Field(min_length=1, max_length=64)]
    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "09:00"
    holidays: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]],
        Field(max_length=HOLIDAYS_MAX),
    ] = []


class TermsGiven(BaseModel):
    """Terms that are proposed, with their words."""

    model_config = ConfigDict(extra="forbid")

    body: Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)]
    flash: LimitsGiven
    immediate: LimitsGiven
    priority: LimitsGiven
    routine: LimitsGiven
    call_hours: Annotated[int, Field(ge=1, le=720)] = 48
    clarification_hours: Annotated[int, Field(ge=1, le=720)] = 48
    checks: Annotated[str, Field(pattern="^(off|civil|watch)$")] = "civil"
    civil_hours: Annotated[list[int], Field(min_length=2, max_length=2)] = [6, 17]
    levels: Words = list(DEFAULT_TERMS.levels)
    languages: Words = []
    types: Words = []
    suspended_alerts: Annotated[str, Field(pattern="^(none|flash|all)$")] = "flash"
    shares_escalation: bool = False
    account_days: Annotated[int, Field(ge=1, le=ACCOUNT_DAYS_MAX)] = DEFAULT_TERMS.account_days
    readout_hours: Annotated[int, Field(ge=0, le=HOURS_MAX)] = DEFAULT_TERMS.readout_hours
    code_minutes: Annotated[int, Field(ge=1, le=CODE_MINUTES_MAX)] = DEFAULT_TERMS.code_minutes
    shares_acknowledgements: bool = False
    mornings: Annotated[list[MorningGiven], Field(max_length=2)] = []


class TermsVersionView(msgspec.Struct, frozen=True):
    """The terms of one version of an agreement."""

    hash: str
    terms: LineTermsView
    changes: tuple[str, ...]
    """Names of the terms that differ from those in force."""


class LineTermsAnswer(msgspec.Struct, frozen=True):
    """The terms in force on a line, and those of every version that has any."""

    in_force: LineTermsView
    versions: tuple[TermsVersionView, ...]


@route(router, "GET", "/api/lines/{party}/terms", Act.AGREEMENT_READ)
async def read_terms(request: Request, party: PartyText) -> Response:
    """Return the terms in force on a line, and what each version would change."""
    parts = parts_of(request)
    return answer(await _answer(parts, _space(parts, party)))


@route(router, "POST", "/api/lines/{party}/terms", Act.AGREEMENT_PROPOSE, status_code=CREATED)
async def propose_terms(
    request: Request, signed_in: SignedInPerson, party: PartyText, said: TermsGiven
) -> Response:
    """Propose a version with terms; it is signed as any version is."""
    parts = parts_of(request)
    space = _space(parts, party)
    versions = await parts.database.read(lambda c: line_agreement(c, space))
    own, actor = parts.record.keys.party, signed_in.person.actor
    follows = newest_terms(versions, own)
    terms = _terms(said)
    if any(SpaceId.of_pair(own, each) != space and each != own for each, _ in terms.mornings):
        # Nobody else's mornings are waited for on this line.
        raise TermsRefused(term="mornings")
    draft = proposal(space, said.body, actor, terms, follows)
    await parts.record.append_draft(space, draft)
    return answer(await _answer(parts, space), CREATED)


# -------------------------------------------------------------------------------------- details


async def _answer(parts: Parts, space: SpaceId) -> LineTermsAnswer:
    in_force = await parts.checks.terms(space)

    def find(connection: sa.Connection) -> list[LineVersion]:
        return line_agreement(connection, space)

    versions = await parts.database.read(find)
    shown = tuple(
        TermsVersionView(
            each.hash.hex(), terms_view(each.terms), changed_terms(in_force, each.terms)
        )
        for each in versions
        if each.terms is not None
    )
    return LineTermsAnswer(terms_view(in_force), shown)


def _terms(said: TermsGiven) -> LineTerms:
    return LineTerms(
        limits={
            Precedence.FLASH: _limits(said.flash),
            Precedence.IMMEDIATE: _limits(said.immediate),
            Precedence.PRIORITY: _limits(said.priority),
            Precedence.ROUTINE: _limits(said.routine),
        },
        call_hours=said.call_hours,
        clarification_hours=said.clarification_hours,
        checks=CheckProfile[said.checks.upper()],
        civil_hours=tuple(said.civil_hours),
        levels=tuple(said.levels),
        languages=tuple(said.languages),
        types=tuple(said.types),
        suspended_alerts=SuspendedAlerts[said.suspended_alerts.upper()],
        shares_escalation=said.shares_escalation,
        account_days=said.account_days,
        readout_hours=said.readout_hours,
        code_minutes=said.code_minutes,
        shares_acknowledgements=said.shares_acknowledgements,
        mornings=tuple(sorted(map(_morning, said.mornings), key=lambda each: each[0])),
    )


def _morning(said: MorningGiven) -> tuple[PartyId, BusinessCalendar]:
    """Return a party's calendar.

    Raises:
        TermsRefused: this node does not know its zone, and would go by no morning of it.
    """
    hours, minutes = map(int, said.at.split(":"))
    calendar = BusinessCalendar(
        said.zone, tuple(said.days), 60 * hours + minutes, tuple(said.holidays)
    )
    if calendar.next_morning(0) is None:
        raise TermsRefused(term="mornings")
    return _party(said.party), calendar


def _limits(said: LimitsGiven) -> PrecedenceTerms:
    return PrecedenceTerms(said.target_s, said.limit_s, said.answer_s)


def _space(parts: Parts, text: str) -> SpaceId:
    return SpaceId.of_pair(parts.record.keys.party, _party(text))


def _party(text: str) -> PartyId:
    try:
        return PartyId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="party") from error
