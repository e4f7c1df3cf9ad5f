"""What every request is asked before its route runs, in every way that it can end."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import Route

from parley.errors import (
    ActRefused,
    GuardMissing,
    LoopbackOnly,
    MachineTokenUnknown,
    RoomByName,
    SignatureNeeded,
    SignInCopied,
    SignInNeeded,
    StepUpNeeded,
)
from parley.identity.cookie import CHANGE_S, GRACE_S
from parley.identity.permission import OURS, Act, Proof, Whose
from parley.identity.sign_in import SignedIn
from parley.ids import PersonId
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.gatekeeper import Gatekeeper
from parley.web.guard import (
    ONE_FACTOR,
    About,
    Guard,
    anyone,
    check_guards,
    own_machine,
    require,
    route,
    signed_in,
    socket_route,
    still,
    who,
)
from parley.web.parts import Parts


def request(
    near: NodeUnderTest, host: str | None = "127.0.0.1", cookie: str = "", **headers: str
) -> Request:
    """Return a request as the server gives one to the routes."""
    named = {"cookie": cookie, **headers}
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": None if host is None else (host, 1),
            "app": application(near),
        }
    )


def cookie_of(browser: Browser) -> str:
    """Return what a browser sends."""
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


async def asking(near: NodeUnderTest, browser: Browser) -> tuple[Request, SignedIn]:
    """Return a request of a browser, and who it is."""
    asked = request(near, cookie=cookie_of(browser))
    return asked, await who(asked)


def parts(near: NodeUnderTest) -> Parts:
    """Return what the routes of a node use."""
    found = application(near).state.parts
    assert isinstance(found, Parts)
    return found


def application(near: NodeUnderTest) -> FastAPI:
    """Return the routes of a node, behind what refuses a request before them."""
    gate = near.node.app
    assert isinstance(gate, Gatekeeper)
    assert isinstance(gate._app, FastAPI)
    return gate._app


async def test_programs_of_this_machine_pass_and_others_need_a_token(near: NodeUnderTest) -> None:
    """One that gives them the metrics, and no other."""
    await own_machine(request(near))
    for host in ("192.0.2.1", None):
        with pytest.raises(LoopbackOnly):
            await own_machine(request(near, host))
    with pytest.raises(MachineTokenUnknown):
        await own_machine(request(near, authorization="Bearer nothing"))
    watcher = await near.node.operations.machine_add("watcher", ["node.metrics"])
    other = await near.node.operations.machine_add("other", ["node.status"])

    await own_machine(request(near, "192.0.2.1", authorization=f"bearer {watcher['token']}"))
    with pytest.raises(ActRefused):
        await own_machine(request(near, authorization=f"Bearer {other['token']}"))


async def test_who_asks_is_looked_up_once(near: NodeUnderTest, ingrid: Browser) -> None:
    """What the guard found is what the route is given; without a guard it is looked up there."""
    await anyone()
    asked, found = await asking(near, ingrid)
    assert (await signed_in(asked)).person.id == found.person.id
    asked.state.signed_in = found
    assert await signed_in(asked) is found
    with pytest.raises(SignInNeeded):
        await signed_in(request(near))


async def test_an_act_that_no_role_allows_is_refused_at_the_door(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """Before the route runs; and again while its page stays open."""
    asked, found = await asking(near, ingrid)

    assert (await who(asked, Act.RECORD_READ)).id == found.id
    with pytest.raises(ActRefused):
        await who(asked, Act.PEOPLE_INVITE)
    assert (await still(parts(near), found.id, Act.RECORD_READ)).id == found.id
    with pytest.raises(ActRefused):
        await still(parts(near), found.id, Act.PEOPLE_INVITE)


async def test_a_copied_cookie_ends_the_sign_in_and_open_pages_are_told(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """A fresh cookie goes to who comes first; the old one tells of the copy."""
    old, _ = await asking(near, ingrid)
    nodes.clock.advance(CHANGE_S)
    fresh, found = await asking(near, ingrid)
    assert fresh.state.set_cookie.startswith(parts(near).cookie)
    await who(request(near, cookie=fresh.state.set_cookie.partition(";")[0]))
    nodes.clock.advance(GRACE_S)
    number = parts(near).rights.number

    with pytest.raises(SignInCopied):
        await who(old)

    assert parts(near).rights.number == number + 1
    with pytest.raises((SignInCopied, SignInNeeded)):
        await still(parts(near), found.id, Act.RECORD_READ)


async def test_what_binds_wants_more_than_a_cookie(near: NodeUnderTest) -> None:
    """A passkey used a moment ago, or one over the very entry."""
    await near.node.operations.person_add("Rolf", roles=["releaser", "secretary"])
    _, rolf = await asking(near, await near.browser("Rolf"))

    with pytest.raises(StepUpNeeded):
        require(parts(near), rolf, Act.PEOPLE_INVITE, OURS)
    with pytest.raises(SignatureNeeded):
        require(parts(near), rolf, Act.AGREEMENT_SIGN, OURS)
    require(parts(near), rolf, Act.AGREEMENT_SIGN, OURS, shown=Proof.SIGNATURE)
    require(parts(near), rolf, Act.RECORD_READ, OURS)


async def test_where_a_passkey_is_needed_a_link_opens_nothing_but_adding_one(nodes: Nodes) -> None:
    """Whoever came by a link alone is nobody yet, but for what lets them become somebody."""
    port = await nodes.add("Port", web={"passkey_needed": True})
    await port.node.operations.person_add("Rolf", roles=["releaser"])
    asked, found = await asking(port, await port.browser("Rolf"))

    for act in ONE_FACTOR:
        assert (await who(asked, act)).id == found.id
    with pytest.raises(StepUpNeeded):
        await who(asked, Act.RECORD_READ)


async def test_a_route_asks_about_ours_about_mine_or_later(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """As it declares; a route of one's own things is nobody else's."""
    router = APIRouter()
    for about in About:
        act = Act.SELF_USE if about is About.MINE else Act.RECORD_READ

        @route(router, "GET", f"/{about.value}", act, about)
        async def asked_for() -> None:
            """Answer nothing."""

    @route(router, "GET", "/anyone", Guard.ANYONE)
    async def open_to_all() -> None:
        """Answer nothing."""

    @socket_route(router, "/socket", Act.RECORD_READ)
    async def socket() -> None:
        """Answer nothing."""

    check_guards(router.routes)
    guards = [
        each.dependencies[0].dependency for each in router.routes if isinstance(each, APIRoute)
    ]
    asked, found = await asking(near, ingrid)
    for guard in guards[: len(About)]:
        assert guard is not None
        await guard(asked)
    assert asked.state.signed_in.person.id == found.person.id
    assert guards[-1] is anyone
    assert Whose(person=found.person.id) != Whose(person=PersonId(bytes(16)))


def test_a_route_without_a_guard_stops_the_start() -> None:
    """Also one that is included by another router."""

    async def forgotten(_: Request) -> None:
        """Answer nothing."""

    outer, inner = APIRouter(), APIRouter()
    inner.add_api_route("/forgotten", forgotten)
    outer.include_router(inner)

    for routes in (outer.routes, [Route("/forgotten", forgotten)], [object()]):
        with pytest.raises(GuardMissing):
            check_guards(routes)  # type: ignore[arg-type]


async def test_who_is_not_named_is_told_that_it_goes_by_name(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """No role opens the room of a call; being named does."""
    _, found = await asking(near, ingrid)
    with pytest.raises(RoomByName):
        require(parts(near), found, Act.ROOM_JOIN, Whose(named=frozenset()))
    require(parts(near), found, Act.ROOM_JOIN, Whose(named=frozenset({found.person.id})))
