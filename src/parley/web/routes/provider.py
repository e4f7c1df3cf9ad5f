"""Signing in by the party's own provider: the way there, and the way back."""

from typing import Final

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from parley.errors import (
    HostRefused,
    ParleyError,
    ProviderFailed,
    ProviderMalformed,
    ProviderMissing,
    ProviderRefused,
    ProviderSettingsWrong,
    ProviderTokenRefused,
    SignInNotBegun,
    TheirError,
)
from parley.identity.provider import ProviderWay
from parley.identity.sign_in import new_secret
from parley.identity.subject import WAY_S, begin_way, end_way, note_refusal, sign_in_subject
from parley.telemetry import log
from parley.web.answers import ProviderAddressAnswer, WaysInAnswer, answer
from parley.web.guard import Guard, cookie_header, mark_of, route
from parley.web.parts import Parts, host_header_of, parts_of
from parley.web.problems import SEE_OTHER
from parley.web.provider import RETURN_PATH, Provider
from parley.web.routes.sign_in import give_up, note_entry

router = APIRouter()
NO_STORE: Final = {"cache-control": "no-store"}
_REFUSALS: Final = (
    ProviderFailed,
    ProviderMalformed,
    ProviderMissing,
    ProviderRefused,
    ProviderSettingsWrong,
    ProviderTokenRefused,
    SignInNotBegun,
)


@route(router, "GET", "/api/sign-in", Guard.ANYONE)
async def read_ways_in(request: Request) -> Response:
    """Return what else than passkeys and links lets people in here."""
    provider = parts_of(request).provider
    return answer(WaysInAnswer(None if provider is None else provider.name))


@route(router, "POST", "/api/sign-in/provider/begin", Guard.ANYONE)
async def begin(request: Request) -> Response:
    """Begin a way to the provider: say where it is, and let this browser keep its secret.

    A page of this node asks for it, by POST, so that no page of elsewhere can send somebody.
    """
    parts = parts_of(request)
    provider, now = _provider(parts), parts.clock.now()
    way = ProviderWay(new_secret())
    address = await provider.address(way, _origin(request, parts))
    await parts.database.write(lambda connection: begin_way(connection, way.secret, now))
    told = answer(ProviderAddressAnswer(address))
    told.headers.append("set-cookie", _way_cookie(parts, way.secret))
    return told


@route(router, "GET", RETURN_PATH, Guard.ANYONE, status_code=SEE_OTHER, response_class=Response)
async def come_back(request: Request) -> Response:
    """Take in a browser that comes back from the provider: set the cookie and go to the desk."""
    parts = parts_of(request)
    secret: str | ParleyError
    try:
        secret = await _sign_in(request, parts)
    except _REFUSALS as error:
        await _note(parts, error)
        secret = error
    if isinstance(secret, ParleyError):
        parts.security.refused(secret, request.scope)
        told = RedirectResponse(f"/?refused={secret.code}", SEE_OTHER, headers=NO_STORE)
    else:
        await give_up(request, parts)
        await note_entry(request, parts, secret)
        told = RedirectResponse("/", SEE_OTHER, headers=NO_STORE)
        told.headers.append("set-cookie", cookie_header(parts, secret))
    told.headers.append("set-cookie", _way_cookie(parts, ""))
    return told


async def _sign_in(request: Request, parts: Parts) -> str | ParleyError:
    """Return the secret of a new sign-in, or why there is none."""
    provider, mark = _provider(parts), mark_of(request)
    way = ProviderWay(request.cookies.get(_cookie_name(parts), ""))
    began = parts.clock.now()
    refused = await parts.database.write(lambda connection: end_way(connection, way.secret, began))
    if refused is not None:
        return refused
    subject = await provider.subject(way, _origin(request, parts), request.query_params)
    now = parts.clock.now()

    def write(connection: sa.Connection) -> str | ParleyError:
        return sign_in_subject(connection, provider.issuer, subject, mark, now)

    return await parts.database.write(write)


async def _note(parts: Parts, error: ParleyError) -> None:
    """Keep what somebody should look at: a provider that fails, and settings that do not fit."""
    if not isinstance(error, TheirError | ProviderSettingsWrong):
        return
    words = " ".join(str(value) for value in error.params.values())
    log.warning("provider refused", code=error.code, part=words)
    if isinstance(error, ProviderTokenRefused):
        now = parts.clock.now()
        await parts.database.write(
            lambda connection: note_refusal(connection, error.code, words, now)
        )


def _provider(parts: Parts) -> Provider:
    if parts.provider is None:
        raise ProviderMissing
    return parts.provider


def _origin(request: Request, parts: Parts) -> str:
    """Return the origin by which this browser reaches the node; it comes back to the same."""
    host = request.headers.get("host", "").lower()
    for origin in sorted(parts.origins):
        if host_header_of(origin) == host:
            return origin
    raise HostRefused


def _cookie_name(parts: Parts) -> str:
    return f"{parts.cookie}_way"


def _way_cookie(parts: Parts, secret: str) -> str:
    """Return the header that lets a browser keep a way's secret, or forget it.

    Lax, because a browser that comes back from elsewhere must bring it.
    """
    response = Response()
    response.set_cookie(
        _cookie_name(parts),
        secret,
        max_age=WAY_S if secret else 0,
        httponly=True,
        samesite="lax",
        secure=parts.is_secure,
        path="/",
    )
    return response.headers["set-cookie"]
