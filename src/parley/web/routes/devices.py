"""Passkeys and browsers: enrolling, stepping up, listing, revoking."""

from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from parley.config.kinds import Text
from parley.errors import ParleyError, RequestMalformed, StepUpNeeded
from parley.identity.cookie import change_cookie
from parley.identity.device import devices_of, find_device, revoke_device
from parley.identity.passkey import (
    CeremonyPurpose,
    begin_enrolment,
    begin_use,
    finish_enrolment,
    finish_use,
)
from parley.identity.permission import Act, Whose
from parley.identity.person import find_person
from parley.identity.sign_in import SignedIn, Way, note_step_up
from parley.ids import PersonId
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven, ceremony_answer, options_answer
from parley.web.guard import About, SignedInPerson, cookie_header, require, route, still
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED, NO_CONTENT
from parley.web.staff_answers import DevicesAnswer
from parley.web.staff_views import device_view, self_view

router = APIRouter()
FRESH_S: Final = 1_800
"""Seconds after signing in in which one's own passkeys and browsers can be changed without using a
passkey. More: time to find the key. Less: a stolen cookie is turned into a passkey of the thief's,
or locks the person out, less easily."""
DEVICE_NAME: Final = Text(1, 60)


class PasskeyGiven(CredentialGiven):
    """A new passkey, and what the person calls it."""

    name: Annotated[str, Field(max_length=200)] = "Passkey"
    is_duress: bool = False
    """Whether they keep it for when they are forced; no answer ever says which ones those are."""


@route(router, "POST", "/api/passkeys/begin", Act.DEVICE_ENROL, About.MINE)
async def begin_passkey(request: Request, signed_in: SignedInPerson) -> Response:
    """Return how the browser is to make a passkey."""
    parts = parts_of(request)
    _check_fresh(parts, signed_in, Act.DEVICE_ENROL)
    now, party = parts.clock.now(), parts.relying_party
    person, sign_in = signed_in.person, signed_in.id
    return options_answer(
        await parts.database.write(
            lambda connection: begin_enrolment(connection, party, person, sign_in, now)
        )
    )


@route(
    router,
    "POST",
    "/api/passkeys/finish",
    Act.DEVICE_ENROL,
    About.MINE,
    status_code=CREATED,
)
async def finish_passkey(
    request: Request, signed_in: SignedInPerson, given: PasskeyGiven
) -> Response:
    """Take in a new passkey; it counts as used just now."""
    parts = parts_of(request)
    _check_fresh(parts, signed_in, Act.DEVICE_ENROL)
    now, party = parts.clock.now(), parts.relying_party
    try:
        name = DEVICE_NAME.read(given.name)
    except ValueError as error:
        raise RequestMalformed(field="name") from error
    text = ceremony_answer(given)

    def finish(connection: sa.Connection) -> ParleyError | str | None:
        person, sign_in = signed_in.person, signed_in.id
        made = finish_enrolment(
            connection, party, person, sign_in, text, name, now, is_duress=given.is_duress
        )
        if isinstance(made, ParleyError):
            return made
        note_step_up(connection, sign_in, made.id, now)
        return change_cookie(connection, sign_in, now)

    _keep_secret(request, parts, await parts.database.write(finish))
    log.info("passkey enrolled", person=signed_in.person.id.text)
    parts.rights.note_change()
    listed = await _devices(parts, signed_in, signed_in.person.id)
    return answer(listed, CREATED)


@route(router, "POST", "/api/step-up/begin", Act.SELF_USE, About.MINE)
async def begin_step_up(request: Request, signed_in: SignedInPerson) -> Response:
    """Return what the person's authenticators are to be asked."""
    parts = parts_of(request)
    now, party = parts.clock.now(), parts.relying_party
    person, sign_in = signed_in.person.id, signed_in.id
    return options_answer(
        await parts.database.write(
            lambda connection: begin_use(connection, party, person, sign_in, now)
        )
    )


@route(router, "POST", "/api/step-up/finish", Act.SELF_USE, About.MINE)
async def finish_step_up(
    request: Request, signed_in: SignedInPerson, given: CredentialGiven
) -> Response:
    """Note that the person has just used a passkey of theirs."""
    parts = parts_of(request)
    now, party = parts.clock.now(), parts.relying_party
    asking = (signed_in.person.id, signed_in.id)
    text = ceremony_answer(given)

    def finish(connection: sa.Connection) -> ParleyError | str | None:
        used = finish_use(connection, party, CeremonyPurpose.STEP_UP, text, now, asking)
        if isinstance(used, ParleyError):
            return used
        note_step_up(connection, signed_in.id, used.passkey.id, now)
        return change_cookie(connection, signed_in.id, now)

    _keep_secret(request, parts, await parts.database.write(finish))
    return answer(await self_view(parts, await still(parts, signed_in.id, Act.SELF_USE)))


@route(router, "GET", "/api/devices", Act.DEVICE_READ, About.LATER)
async def read_devices(
    request: Request,
    signed_in: SignedInPerson,
    person: Annotated[str | None, Query(pattern=r"^[a-z2-7]{26}$")] = None,
) -> Response:
    """Return one's own browsers and passkeys, or another person's."""
    parts = parts_of(request)
    owner = signed_in.person.id if person is None else parse_person(person)
    require(parts, signed_in, Act.DEVICE_READ, Whose(person=owner))
    await parts.database.read(lambda connection: find_person(connection, owner))
    return answer(await _devices(parts, signed_in, owner))


@route(
    router,
    "DELETE",
    "/api/devices/{device}",
    Act.DEVICE_REVOKE,
    About.LATER,
    status_code=NO_CONTENT,
)
async def delete_device(
    request: Request,
    signed_in: SignedInPerson,
    device: Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")],
) -> Response:
    """End a browser's sign-in at once, or let a passkey and what it began count for nothing."""
    parts = parts_of(request)
    found = await parts.database.read(lambda connection: find_device(connection, device))
    require(parts, signed_in, Act.DEVICE_REVOKE, Whose(person=found.person))
    if found.id != signed_in.id:
        _check_fresh(parts, signed_in, Act.DEVICE_REVOKE, is_browser=found.kind == "browser")
    now, asker, by = parts.clock.now(), signed_in.person.id.text, signed_in.id
    await parts.database.write(lambda connection: revoke_device(connection, found, asker, now, by))
    log.info("device revoked", person=found.person.text, kind=found.kind)
    parts.rights.note_change()
    return Response(status_code=NO_CONTENT, headers={"cache-control": "no-store"})


def parse_person(text: str) -> PersonId:
    """Read a person's id from an address or a body.

    Raises:
        RequestMalformed: it is none.
    """
    try:
        return PersonId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="person") from error


def _keep_secret(request: Request, parts: Parts, secret: ParleyError | str | None) -> None:
    """Let the browser have a new secret with whatever is answered; raise what refused it one."""
    if isinstance(secret, ParleyError):
        raise secret
    if secret is not None:
        request.state.set_cookie = cookie_header(parts, secret)


def _check_fresh(parts: Parts, signed_in: SignedIn, act: Act, *, is_browser: bool = False) -> None:
    """Refuse to change what lets a person in on the strength of a cookie alone.

    Raises:
        StepUpNeeded: they signed in too long ago, or by the provider, and used no passkey since.
    """
    now = parts.clock.now()
    until = signed_in.stepped_up_until
    # Who came by the provider has the provider's word alone: no key is made or ended by it.
    is_enough = is_browser or signed_in.way is not Way.OIDC
    if (is_enough and now < signed_in.started_at.add(seconds=FRESH_S)) or (
        until is not None and now < until
    ):
        return
    raise StepUpNeeded(act=act.value)


async def _devices(parts: Parts, asking: SignedIn, owner: PersonId) -> DevicesAnswer:
    devices = await parts.database.read(lambda connection: devices_of(connection, owner))
    return DevicesAnswer(tuple(device_view(device, asking) for device in devices))
