"""Who may use a route. Every route declares a guard; one without stops the start."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends
from starlette.requests import HTTPConnection, Request
from starlette.routing import BaseRoute

from parley.errors import GuardMissing, LoopbackOnly, SignInNeeded
from parley.identity.sign_in import SignedIn, find_sign_in, note_seen
from parley.web.parts import Parts, parts_of

C = TypeVar("C", bound=Callable[..., object])
_MARK: Final = "__parley_guard__"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})


class Guard(StrEnum):
    """Who may."""

    ANYONE = "anyone"
    """Needs no sign-in: what is needed to sign in, and the interface's files."""
    SIGNED_IN = "signed_in"
    """A person of our own party."""
    MACHINE = "machine"
    """Programs on the node's own machine."""


async def signed_in(request: Request) -> SignedIn:
    """Return who asks.

    Raises:
        SignInNeeded: nobody who is signed in.
    """
    return await who(request)


async def own_machine(request: Request) -> None:
    """Refuse everybody but programs on this machine.

    Raises:
        LoopbackOnly: the request comes from elsewhere.
    """
    if request.client is None or request.client.host not in LOOPBACK:
        raise LoopbackOnly


async def anyone() -> None:
    """Let everybody through; declared, not forgotten."""


CHECKS: Final[dict[Guard, Callable[..., Any]]] = {
    Guard.ANYONE: anyone,
    Guard.SIGNED_IN: signed_in,
    Guard.MACHINE: own_machine,
}
SignedInPerson = Annotated[SignedIn, Depends(signed_in)]


def route(
    router: APIRouter,
    method: str,
    path: str,
    guard: Guard,
    **options: Any,  # noqa: ANN401  FastAPI's
) -> Callable[[C], C]:
    """Declare an HTTP route and who may use it."""

    def declare(endpoint: C) -> C:
        setattr(endpoint, _MARK, guard)
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            dependencies=[Depends(CHECKS[guard])],
            openapi_extra={"x-guard": guard.value},
            **options,
        )
        return endpoint

    return declare


def socket_route(router: APIRouter, path: str, guard: Guard) -> Callable[[C], C]:
    """Declare a WebSocket route and who may use it.

    The guard runs inside (:func:`who`), because a browser cannot read why a handshake failed.
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
        included = getattr(declared, "original_router", None)
        if isinstance(included, APIRouter):
            check_guards(included.routes)
            continue
        endpoint = getattr(declared, "endpoint", None)
        if not isinstance(getattr(endpoint, _MARK, None), Guard):
            raise GuardMissing(route=str(getattr(declared, "path", declared)))


async def who(connection: HTTPConnection) -> SignedIn:
    """Return who is behind a request or WebSocket, by its cookie, and note that they are there.

    Raises:
        SignInNeeded: nobody who is signed in.
    """
    parts = parts_of(connection)
    secret = connection.cookies.get(parts.cookie)
    if not secret:
        raise SignInNeeded
    return await still_signed_in(parts, secret)


async def still_signed_in(parts: Parts, secret: str) -> SignedIn:
    """Return whose cookie this is, and note that they are there.

    Raises:
        SignInNeeded: nobody's, or the sign-in has ended.
    """
    now = parts.clock.now()
    hours = parts.settings.web.sign_in_hours
    found = await parts.database.read(
        lambda connection: find_sign_in(connection, secret, now, hours)
    )
    await parts.database.write(lambda connection: note_seen(connection, found.id, now))
    return found
