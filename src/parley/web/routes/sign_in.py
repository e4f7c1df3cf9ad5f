"""Signing in by a one-time link, signing out, and who is signed in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from parley import __version__
from parley.errors import (
    ParleyError,
    RequestMalformed,
    SignInLinkExpired,
    SignInLinkUnknown,
    SignInLinkUsed,
    SignInNeeded,
)
from parley.identity.person import Appearance, Person, change_person
from parley.identity.sign_in import end_sign_in, open_link
from parley.line.view import stamp
from parley.rooms import frames
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.guard import Guard, SignedInPerson, route, who
from parley.web.parts import Parts, parts_of
from parley.web.problems import NO_CONTENT, SEE_OTHER, problem

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
    now = parts.clock.now()
    try:
        secret = await parts.database.write(lambda connection: open_link(connection, code, now))
    except (SignInLinkUnknown, SignInLinkUsed, SignInLinkExpired) as error:
        return await _not_signed_in(request, parts, error)
    log.info("signed in")
    response = RedirectResponse("/", SEE_OTHER, headers={"cache-control": "no-store"})
    response.set_cookie(
        parts.cookie,
        secret,
        max_age=parts.settings.web.sign_in_hours * 3_600 * 14,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


@route(router, "POST", "/api/sign-out", Guard.SIGNED_IN, status_code=NO_CONTENT)
async def sign_out(request: Request, signed_in: SignedInPerson) -> Response:
    """End this browser's sign-in."""
    parts = parts_of(request)
    now = parts.clock.now()
    await parts.database.write(lambda connection: end_sign_in(connection, signed_in.id, now))
    log.info("signed out", person=signed_in.person.id.text)
    response = Response(status_code=NO_CONTENT, headers={"cache-control": "no-store"})
    response.delete_cookie(parts.cookie, path="/")
    return response


@route(router, "GET", "/api/self", Guard.SIGNED_IN)
async def read_self(request: Request, signed_in: SignedInPerson) -> Response:
    """Return who is signed in, for which party, on which node."""
    return answer(self_view(parts_of(request), signed_in.person))


@route(router, "PATCH", "/api/self", Guard.SIGNED_IN)
async def change_self(request: Request, signed_in: SignedInPerson, change: SelfChange) -> Response:
    """Change the language or the colours of one's own pages."""
    parts = parts_of(request)
    person = await parts.database.write(
        lambda connection: change_person(
            connection, signed_in.person.id, change.language, change.appearance
        )
    )
    return answer(self_view(parts, person))


def self_view(parts: Parts, person: Person) -> frames.SelfView:
    """Return who is signed in, as pages read it."""
    own = parts.lines.book.own
    return frames.SelfView(
        frames.PersonView(
            person.id.text,
            person.name,
            person.language,
            person.appearance.value,
            person.role.value,
        ),
        frames.OwnPartyView(own.id.text, own.name, own.card.languages, own.card.time_zone),
        frames.NodeView(__version__, stamp(parts.started_at)),
    )


async def _not_signed_in(request: Request, parts: Parts, error: ParleyError) -> Response:
    """Answer a link that does not work: a browser that is signed in goes on to the desk."""
    parts.metrics.refusals.labels(error.code).inc()
    if "text/html" not in request.headers.get("accept", ""):
        return problem(error)
    target = f"/?refused={error.code}"
    try:
        await who(request)
        target = "/"
    except (SignInNeeded, RequestMalformed):
        pass
    return RedirectResponse(target, SEE_OTHER, headers={"cache-control": "no-store"})
