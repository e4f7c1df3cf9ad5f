"""Who may use a route: what each declares, and how it is asked at each request.

Every route declares an act of the permission table, or one of two guards that need no person; one
that declares nothing stops the start.

A request is looked up in this order: the cookie, whose sign-in it is, the rights of that person at
this instant, the act and the thing. Nothing of it is kept for the next request.
"""

import contextlib
from collections.abc import Callable, Iterable
from enum import Enum, StrEnum
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from parley.errors import (
    ActRefused,
    GuardMissing,
    LoopbackOnly,
    ParleyError,
    RoomByName,
    SignatureNeeded,
    SignInCopied,
    SignInNeeded,
    StepUpNeeded,
    StorageFailed,
    StorageFull,
    StorageReadOnly,
    StorageUnavailable,
)
from parley.identity.cookie import Finding, browser_mark, keep_up, look_again, look_up
from parley.identity.machine_account import find_machine
from parley.identity.permission import (
    OURS,
    Act,
    Proof,
    Reason,
    Verdict,
    Whose,
    machine_may,
    may,
    may_at_all,
)
from parley.identity.sign_in import BrowserMark, SignedIn
from parley.ids import SignInId
from parley.web.parts import Parts, parts_of
from parley.web.port import keep_place

C = TypeVar("C", bound=Callable[..., object])
_MARK: Final = "__parley_guard__"
_ABOUT: Final = "__parley_about__"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
BEARER: Final = "bearer "
ONE_FACTOR: Final = frozenset({Act.SELF_USE, Act.DEVICE_READ, Act.DEVICE_ENROL})
"""What a link or the provider alone opens where a passkey is needed: enough to add one."""
DATABASE_AWAY: Final = (StorageFull, StorageReadOnly, StorageFailed, StorageUnavailable)
"""What says nothing about whoever asks: the disk, or the way to the database, is at fault."""


class Guard(StrEnum):
    """Who may, where no person is asked for."""

    ANYONE = "anyone"
    """Needs no sign-in: what is needed to sign in, and the interface's files."""
    MACHINE = "machine"
    """Programs on the node's own machine, and those with a token that gives the act."""


class About(Enum):
    """What a route's act is done to."""

    OURS = "ours"
    """A thing of our party, and nobody's in particular."""
    MINE = "mine"
    """Whatever is the asking person's own."""
    LATER = "later"
    """The route finds the thing first and then calls :func:`require` itself; until then it is only
    checked that there is anything the person may do this to."""


async def signed_in(request: Request) -> SignedIn:
    """Return who asks; the route's guard has looked them up.

    Raises:
        SignInNeeded: nobody who is signed in.
    """
    found = getattr(request.state, "signed_in", None)
    return found if isinstance(found, SignedIn) else await who(request)


async def anyone() -> None:
    """Let everybody through; declared, not forgotten."""


async def own_machine(request: Request) -> None:
    """Let programs on this machine through, and those whose token gives them the metrics.

    Raises:
        LoopbackOnly: the request comes from elsewhere, without a token.
        MachineTokenUnknown: with a token that is none.
        ActRefused: the program was not given this.
    """
    given = request.headers.get("authorization", "")
    if given.lower().startswith(BEARER):
        token = given[len(BEARER) :].strip()
        parts = parts_of(request)
        account = await parts.database.read(lambda connection: find_machine(connection, token))
        refuse(Act.NODE_METRICS, machine_may(account.acts, Act.NODE_METRICS))
        return
    if request.client is None or request.client.host not in LOOPBACK:
        raise LoopbackOnly


SignedInPerson = Annotated[SignedIn, Depends(signed_in)]


def route(
    router: APIRouter,
    method: str,
    path: str,
    guard: Guard | Act,
    about: About = About.OURS,
    **options: Any,  # noqa: ANN401  FastAPI's
) -> Callable[[C], C]:
    """Declare an HTTP route, what it does and to what."""
    check = _person_check(guard, about) if isinstance(guard, Act) else _CHECKS[guard]

    def declare(endpoint: C) -> C:
        setattr(endpoint, _MARK, guard)
        setattr(endpoint, _ABOUT, about)
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            dependencies=[Depends(check)],
            openapi_extra={"x-guard": guard.value},
            **options,
        )
        return endpoint

    return declare


def socket_route(router: APIRouter, path: str, guard: Act) -> Callable[[C], C]:
    """Declare a WebSocket route and what it does.

    The guard runs inside (:func:`who`, :func:`still`), because a browser cannot read why a
    handshake failed.
    """

    def declare(endpoint: C) -> C:
        setattr(endpoint, _MARK, guard)
        router.add_api_websocket_route(path, endpoint)
        return endpoint

    return declare


def check_guards(routes: Iterable[BaseRoute]) -> None:
    """Refuse an application with a route that nobody guards.

    Raises:
        GuardMissing: a route declares no guard.
    """
    for declared in routes:
        endpoint = getattr(declared, "endpoint", None)
        if not isinstance(getattr(endpoint, _MARK, None), Guard | Act):
            raise GuardMissing(route=str(getattr(declared, "path", declared)))


async def who(connection: HTTPConnection, act: Act | None = None) -> SignedIn:
    """Return who is behind a request or WebSocket, by its cookie, and note that they are there.

    Args:
        connection: the request or WebSocket.
        act: what they must be able to do to something; None to know only who they are.

    Raises:
        SignInNeeded: nobody who is signed in.
        SignInCopied: the cookie is a copy; its sign-in has been ended.
        ActRefused: none of their roles allows the act.
        StepUpNeeded: this node wants a passkey, and none was used in this browser.
    """
    parts = parts_of(connection)
    secret = connection.cookies.get(parts.cookie)
    if not secret:
        raise SignInNeeded
    now, mark, limits = parts.clock.now(), mark_of(connection), parts.sign_in_limits
    found = await parts.database.read(lambda opened: look_up(opened, secret, mark, now, limits))
    if found.finding is not Finding.NOTHING:
        fresh: str | None = None
        with contextlib.suppress(*DATABASE_AWAY):
            # Who is signed in stays so on a full disk: that it was used is all that is not noted.
            fresh = await parts.database.write(lambda opened: keep_up(opened, secret, found, now))
        if found.finding is Finding.COPY:
            parts.rights.note_change()
            raise SignInCopied
        if fresh is not None and connection.scope["type"] == "http":
            connection.state.set_cookie = cookie_header(parts, fresh)
    keep_place(connection.scope)
    connection.state.asked_by = found.signed_in.person.id.text
    if act is not None:
        _check_way_in(parts, found.signed_in, act)
    return found.signed_in


async def still(parts: Parts, sign_in: SignInId, act: Act) -> SignedIn:
    """Return a sign-in again, with the rights of this instant; for pages that stay open.

    Raises:
        SignInNeeded, SignInCopied: it has ended or expired.
        ActRefused: none of the person's roles allows the act any more.
        StepUpNeeded: the passkey that was used in this browser counts no more, and one is needed.
    """
    now, limits = parts.clock.now(), parts.sign_in_limits
    found = await parts.database.read(lambda opened: look_again(opened, sign_in, now, limits))
    _check_way_in(parts, found, act)
    return found


def require(
    parts: Parts, asking: SignedIn, act: Act, whose: Whose, *, shown: Proof = Proof.SIGN_IN
) -> None:
    """Refuse unless a person may do something to a thing now.

    Raises:
        ActRefused: they may not.
        StepUpNeeded: they may, after using a passkey.
        SignatureNeeded: they may, by signing the entry with a passkey.
        RoomByName: it is a room for named people, and they are none of them.
    """
    refuse(act, may(asking.asker, act, whose, parts.clock.now(), shown=shown))


def refuse(act: Act, verdict: Verdict) -> None:
    """Raise what a verdict means, unless it is yes."""
    if verdict.reason is None:
        return
    raise _refusal(act, verdict.reason)


def mark_of(connection: HTTPConnection) -> BrowserMark:
    """Return what the browser behind a request says of itself.

    Sec-CH-UA-Platform comes with secure origins alone, and not with WebSockets in every browser,
    so it is left out: the mark must be the same for all requests of one browser.
    """
    return browser_mark(connection.headers.get("user-agent", ""))


def cookie_header(parts: Parts, secret: str) -> str:
    """Return the Set-Cookie header that gives a browser its sign-in."""
    response = Response()
    response.set_cookie(
        parts.cookie,
        secret,
        max_age=parts.sign_in_limits.total_hours * 3_600,
        httponly=True,
        samesite="strict",
        secure=parts.is_secure,
        path="/",
    )
    return response.headers["set-cookie"]


def _check_way_in(parts: Parts, asking: SignedIn, act: Act) -> None:
    """Refuse whoever may do this to nothing, or has shown too little of who they are."""
    if not may_at_all(asking.asker, act):
        raise ActRefused(act=act.value, reason=Reason.ROLE.value)
    has_one_factor = asking.stepped_up_until is None
    if parts.settings.web.passkey_needed and has_one_factor and act not in ONE_FACTOR:
        raise StepUpNeeded(act=act.value)


def _refusal(act: Act, reason: Reason) -> ParleyError:
    if reason is Reason.STEP_UP:
        return StepUpNeeded(act=act.value)
    if reason is Reason.SIGNATURE:
        return SignatureNeeded(act=act.value)
    if reason is Reason.NAMED:
        return RoomByName(act=act.value)
    return ActRefused(act=act.value, reason=reason.value)


def _person_check(act: Act, about: About) -> Callable[[Request], Any]:
    async def check(request: Request) -> None:
        found = await who(request, act)
        if about is not About.LATER:
            whose = OURS if about is About.OURS else Whose(person=found.person.id)
            require(parts_of(request), found, act, whose)
        request.state.signed_in = found

    return check


_CHECKS: Final[dict[Guard, Callable[..., Any]]] = {
    Guard.ANYONE: anyone,
    Guard.MACHINE: own_machine,
}
