"""People of our own party: listing, inviting, changing, revoking."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.config.kinds import Text
from parley.errors import RequestMalformed
from parley.identity.permission import Act, Role, Whose
from parley.identity.person import Person
from parley.identity.sign_in import LINK_HOURS, SignedIn
from parley.identity.staff import PersonChange, RoleGiver, change_staff, invite, invite_again
from parley.line.view import stamp
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.routes.devices import parse_person
from parley.web.serving import first_origin
from parley.web.staff_answers import InvitationAnswer, PeopleAnswer
from parley.web.staff_views import people_views

router = APIRouter()
NAME = Text(1, 80)
PersonText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class PersonInvited(BaseModel):
    """Somebody to invite."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)]
    language: Literal["en", "zh-Hans", "ru", "uz", "prs", "ps"] = "en"
    roles: Roles = Field(default_factory=lambda: [Role.MEMBER])


class PersonChanged(BaseModel):
    """What is to be changed of a person; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)] | None = None
    roles: Roles | None = None
    is_revoked: bool | None = None


@route(router, "GET", "/api/people", Act.PEOPLE_READ)
async def read_people(request: Request) -> Response:
    """Return everybody, with roles, offices, duty and passkeys."""
    people = await parts_of(request).database.read(people_views)
    return answer(PeopleAnswer(tuple(people)))


@route(router, "POST", "/api/people", Act.PEOPLE_INVITE, status_code=CREATED)
async def invite_person(
    request: Request, signed_in: SignedInPerson, invited: PersonInvited
) -> Response:
    """Invite a person; the answer has the address that signs them in once."""
    parts = parts_of(request)
    now, name, giver = parts.clock.now(), read_name(invited.name), giver_of(signed_in)
    roles = frozenset(invited.roles)
    person, code = await parts.database.write(
        lambda connection: invite(connection, giver, name, invited.language, roles, now)
    )
    log.info("person invited", person=person.id.text)
    return await _invitation(parts, person, code)


@route(
    router, "POST", "/api/people/{person}/link", Act.PEOPLE_INVITE, About.LATER, status_code=CREATED
)
async def link_person(request: Request, signed_in: SignedInPerson, person: PersonText) -> Response:
    """Give somebody a fresh address that signs them in once."""
    parts = parts_of(request)
    chosen = parse_person(person)
    require(parts, signed_in, Act.PEOPLE_INVITE, Whose(person=chosen))
    now, giver = parts.clock.now(), giver_of(signed_in)
    found, code = await parts.database.write(
        lambda connection: invite_again(connection, giver, chosen, now)
    )
    return await _invitation(parts, found, code)


@route(router, "PATCH", "/api/people/{person}", Act.PEOPLE_READ, About.LATER)
async def change_person(
    request: Request, signed_in: SignedInPerson, person: PersonText, changed: PersonChanged
) -> Response:
    """Change a person's name or roles, end all their rights, or give them back."""
    parts = parts_of(request)
    chosen = parse_person(person)
    whose = Whose(person=chosen)
    if changed.name is not None or changed.roles is not None:
        require(parts, signed_in, Act.PEOPLE_CHANGE, whose)
    if changed.is_revoked is not None:
        require(parts, signed_in, Act.PEOPLE_REVOKE, whose)
    require(parts, signed_in, Act.PEOPLE_READ, whose)
    now, giver = parts.clock.now(), giver_of(signed_in)
    change = PersonChange(
        None if changed.name is None else read_name(changed.name),
        None if changed.roles is None else frozenset(changed.roles),
        changed.is_revoked,
    )

    await parts.database.write(
        lambda connection: change_staff(connection, giver, chosen, change, now)
    )
    log.info("person changed", person=chosen.text)
    parts.rights.note_change()
    people = await parts.database.read(lambda connection: people_views(connection, chosen))
    return answer(people[0])


def giver_of(signed_in: SignedIn) -> RoleGiver:
    """Return who changes the staff; a lent role gives nobody a role."""
    return RoleGiver(signed_in.person.id.text, signed_in.person.roles)


def read_name(text: str) -> str:
    """Read a person's name.

    Raises:
        RequestMalformed: it is empty, too long, or has characters that are none of a name.
    """
    try:
        return NAME.read(text)
    except ValueError as error:
        raise RequestMalformed(field="name") from error


async def _invitation(parts: Parts, person: Person, code: str) -> Response:
    people = await parts.database.read(lambda connection: people_views(connection, person.id))
    address = f"{first_origin(parts.settings)}/sign-in?code={code}"
    expires_at = stamp(parts.clock.now().add(hours=LINK_HOURS))
    return answer(InvitationAnswer(people[0], address, expires_at), CREATED)
