"""Offices and duty: who belongs where, who is on watch, handing over."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.config.kinds import Text
from parley.errors import RequestMalformed
from parley.identity.office import (
    Office,
    change_office,
    find_office,
    make_office,
    offer_duty,
    take_duty,
)
from parley.identity.permission import OURS, Act, Whose
from parley.ids import OfficeId, PersonId
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.handover import handed_over_words, open_now
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.routes.devices import parse_person
from parley.web.staff_answers import OfficesAnswer, OfficeView
from parley.web.staff_views import office_views

router = APIRouter()
OFFICE_NAME = Text(1, 80)
IdText = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]
OfficeText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
Members = Annotated[list[IdText], Field(max_length=200)]


class OfficeMade(BaseModel):
    """An office to make."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)]
    people: Members = Field(default_factory=list)


class OfficeChanged(BaseModel):
    """What is to be changed of an office; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)] | None = None
    people: Members | None = None
    is_closed: bool | None = None


class DutyTo(BaseModel):
    """Who is to be on duty; null to lay it down."""

    model_config = ConfigDict(extra="forbid")

    person: IdText | None


@route(router, "GET", "/api/offices", Act.OFFICE_READ)
async def read_offices(request: Request) -> Response:
    """Return every office, with who belongs to it and who is on duty."""
    return answer(OfficesAnswer(await _offices(parts_of(request))))


@route(router, "GET", "/api/handover", Act.ALERT_READ)
async def read_handover(request: Request) -> Response:
    """Return what is open now: what whoever takes a duty takes with it."""
    return answer(await open_now(parts_of(request)))


@route(router, "POST", "/api/offices", Act.OFFICE_CHANGE, status_code=CREATED)
async def open_office(request: Request, signed_in: SignedInPerson, made: OfficeMade) -> Response:
    """Make an office."""
    parts = parts_of(request)
    now, asker, name = parts.clock.now(), signed_in.person.id.text, read_name(made.name)
    members = [parse_person(each) for each in made.people]
    office = await parts.database.write(
        lambda connection: make_office(connection, name, members, asker, now)
    )
    return await _told(parts, office, CREATED)


@route(router, "PATCH", "/api/offices/{office}", Act.OFFICE_CHANGE)
async def patch_office(
    request: Request, signed_in: SignedInPerson, office: OfficeText, changed: OfficeChanged
) -> Response:
    """Change an office's name or people, or close it."""
    parts = parts_of(request)
    now, asker, chosen = parts.clock.now(), signed_in.person.id.text, parse_office(office)
    name = None if changed.name is None else read_name(changed.name)
    members = None if changed.people is None else [parse_person(each) for each in changed.people]
    found = await parts.database.write(
        lambda connection: change_office(
            connection,
            chosen,
            asker,
            now,
            name=name,
            members=members,
            is_closed=changed.is_closed,
        )
    )
    return await _told(parts, found)


@route(router, "POST", "/api/offices/{office}/duty", Act.DUTY_TAKE, About.LATER)
async def pass_duty(
    request: Request, signed_in: SignedInPerson, office: OfficeText, to: DutyTo
) -> Response:
    """Take duty, offer it, accept it, take the offer back, or lay it down.

    Whoever is on duty names the next (an offer), themselves (the offer is taken back) or nobody
    (it is laid down). Anybody else names themselves: they accept what was offered to them, or take
    the duty of an office where nobody is. What is open at that moment goes into the trail.
    """
    parts = parts_of(request)
    now, own, chosen = parts.clock.now(), signed_in.person.id, parse_office(office)
    next_one = None if to.person is None else parse_person(to.person)
    found = await parts.database.read(lambda connection: find_office(connection, chosen))
    is_on_duty = found.duty is not None and found.duty.person == own
    if is_on_duty:
        require(parts, signed_in, Act.DUTY_HAND_OVER, Whose(person=own))
    else:
        require(parts, signed_in, Act.DUTY_TAKE, OURS)
        if next_one != own:
            # Nobody puts somebody else on duty.
            raise RequestMalformed(field="person")
    open_words = "" if is_on_duty else handed_over_words(await open_now(parts))

    def write(connection: sa.Connection) -> Office:
        if is_on_duty:
            return offer_duty(connection, chosen, own, next_one, now)
        return take_duty(connection, chosen, PersonId(own), now, open_words)

    changed = await parts.database.write(write)
    log.info("duty passed", office=chosen.text)
    return await _told(parts, changed)


def parse_office(text: str) -> OfficeId:
    """Read an office's id from an address.

    Raises:
        RequestMalformed: it is none.
    """
    try:
        return OfficeId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="office") from error


def read_name(text: str) -> str:
    """Read an office's name.

    Raises:
        RequestMalformed: it is empty, too long, or has characters that are none of a name.
    """
    try:
        return OFFICE_NAME.read(text)
    except ValueError as error:
        raise RequestMalformed(field="name") from error


async def _told(parts: Parts, office: Office, status: int = 200) -> Response:
    parts.rights.note_change()
    shown = await _offices(parts)
    return answer(next(each for each in shown if each.id == office.id.text), status)


async def _offices(parts: Parts) -> tuple[OfficeView, ...]:
    now, settings = parts.clock.now(), parts.settings.escalation
    return await parts.database.read(lambda connection: office_views(connection, settings, now))
