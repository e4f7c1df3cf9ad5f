"""Signing in by a one-time link or a passkey, signing out, and who is signed in."""

from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from parley.errors import (
    ParleyError,
    PersonRevoked,
    RequestMalformed,
    SignInLinkExpired,
    SignInLinkUnknown,
    SignInLinkUsed,
    SignInNeeded,
    SignInTaken,
)
from parley.identity.cookie import look_up
from parley.identity.passkey import CeremonyPurpose, begin_sign_in, finish_use
from parley.identity.permission import Act
from parley.identity.person import Appearance, change_person
from parley.identity.sign_in import (
    Way,
    end_sign_in,
    leave,
    open_link,
    owner_of_link,
    start_sign_in,
)
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven, ceremony_answer, options_answer
from parley.web.guard import (
    About,
    Guard,
    SignedInPerson,
    cookie_header,
    mark_of,
    route,
    still,
    who,
)
from parley.web.parts import Parts, parts_of
from parley.web.problems import NO_CONTENT, SEE_OTHER, problem
from parley.web.staff_views import self_view

router = APIRouter()


class SelfChange(BaseModel):
    """What a person may choose for their own pages."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["en", "zh-Hans", "ru", "uz", "prs", "ps"] | None = None
    appearance: Appearance | None = None


@route(router, "GET", "/sign-in", Guard.ANYONE, status_code=SEE_OTHER, response_class=Response)
async def sign_in(request: Request, code: Annotated[str, Query(max_length=64)]) -> Response:
    """Use up a one-time link: set the cookie and go to the desk."""
    parts = parts_of(request)
    now, mark = parts.clock.now(), mark_of(request)
    try:
        await _check_nobody_else(request, parts, code)
        secret = await parts.database.write(
            lambda connection: open_link(connection, code, mark, now)
        )
        await give_up(request, parts)
    except (
        SignInLinkUnknown,
        SignInLinkUsed,
        SignInLinkExpired,
        SignInTaken,
        PersonRevoked,
    ) as error:
        return await _not_signed_in(request, parts, error)
    await note_entry(request, parts, secret)
    response = RedirectResponse("/", SEE_OTHER, headers={"cache-control": "no-store"})
    response.headers.append("set-cookie", cookie_header(parts, secret))
    return response


@route(router, "POST", "/api/sign-in/passkey/begin", Guard.ANYONE)
async def begin_passkey(request: Request) -> Response:
    """Return what the browser's authenticators are to be asked."""
    parts = parts_of(request)
    now, party = parts.clock.now(), parts.relying_party
    return options_answer(
        await parts.database.write(lambda connection: begin_sign_in(connection, party, now))
    )


@route(router, "POST", "/api/sign-in/passkey/finish", Guard.ANYONE)
async def finish_passkey(request: Request, given: CredentialGiven) -> Response:
    """Sign in whoever's passkey answered: set the cookie, say who it is."""
    parts = parts_of(request)
    now, mark, party = parts.clock.now(), mark_of(request), parts.relying_party
    text = ceremony_answer(given)

    def finish(connection: sa.Connection) -> str | ParleyError:
        used = finish_use(connection, party, CeremonyPurpose.SIGN_IN, text, now)
        if isinstance(used, ParleyError):
            return used
        try:
            owner, passkey = used.passkey.person, used.passkey.id
            return start_sign_in(connection, owner, Way.PASSKEY, mark, now, passkey)
        except PersonRevoked as error:
            return error

    secret = await parts.database.write(finish)
    if isinstance(secret, ParleyError):
        raise secret
    await give_up(request, parts)
    await note_entry(request, parts, secret)
    return Response(
        status_code=NO_CONTENT,
        headers={"cache-control": "no-store", "set-cookie": cookie_header(parts, secret)},
    )


@route(router, "POST", "/api/sign-out", Act.SELF_USE, About.MINE, status_code=NO_CONTENT)
async def sign_out(request: Request, signed_in: SignedInPerson) -> Response:
    """End this browser's sign-in."""
    parts = parts_of(request)
    now = parts.clock.now()
    await parts.database.write(lambda connection: end_sign_in(connection, signed_in.id, now))
    parts.rights.note_change()
    log.info("signed out", person=signed_in.person.id.text)
    response = Response(status_code=NO_CONTENT, headers={"cache-control": "no-store"})
    response.delete_cookie(
        parts.cookie, path="/", secure=parts.is_secure, httponly=True, samesite="strict"
    )
    return response


@route(router, "GET", "/api/self", Act.SELF_USE, About.MINE)
async def read_self(request: Request, signed_in: SignedInPerson) -> Response:
    """Return who is signed in, for which party, on which node, and what they may do."""
    return answer(await self_view(parts_of(request), signed_in))


@route(router, "PATCH", "/api/self", Act.SELF_USE, About.MINE)
async def change_self(request: Request, signed_in: SignedInPerson, change: SelfChange) -> Response:
    """Change the language or the colours of one's own pages."""
    parts = parts_of(request)
    await parts.database.write(
        lambda connection: change_person(
            connection, signed_in.person.id, change.language, change.appearance
        )
    )
    return answer(await self_view(parts, await still(parts, signed_in.id, Act.SELF_USE)))


async def give_up(request: Request, parts: Parts) -> None:
    """End the sign-in that a browser had before the one that it is about to be given."""
    secret, now = request.cookies.get(parts.cookie), parts.clock.now()
    await parts.database.write(lambda connection: leave(connection, secret, now))
    parts.rights.note_change()


async def note_entry(request: Request, parts: Parts, secret: str) -> None:
    """Tell the log who has just signed in, by what."""
    now, mark, limits = parts.clock.now(), mark_of(request), parts.sign_in_limits
    found = await parts.database.read(
        lambda connection: look_up(connection, secret, mark, now, limits)
    )
    parts.security.came_in(request, found.signed_in)


async def _check_nobody_else(request: Request, parts: Parts, code: str) -> None:
    """Refuse a link that a foreign page opens over somebody else's sign-in.

    Otherwise a page of anywhere could sign this browser in as somebody of its choosing, and what
    the person then writes would be under that name. Typed or opened from a mail program, a link
    comes from no page.

    Raises:
        SignInTaken: another person is signed in on this browser.
    """
    if request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return
    try:
        present = (await who(request)).person.id
    except ParleyError:
        return
    owner = await parts.database.read(lambda connection: owner_of_link(connection, code))
    if owner is not None and owner != present:
        raise SignInTaken


async def _not_signed_in(request: Request, parts: Parts, error: ParleyError) -> Response:
    """Answer a link that does not work: a browser that is signed in goes on to the desk."""
    parts.security.refused(error, request.scope)
    if "text/html" not in request.headers.get("accept", ""):
        return problem(error)
    target = f"/?refused={error.code}"
    try:
        await who(request)
        target = target if isinstance(error, SignInTaken) else "/"
    except (SignInNeeded, RequestMalformed):
        pass
    return RedirectResponse(target, SEE_OTHER, headers={"cache-control": "no-store"})
