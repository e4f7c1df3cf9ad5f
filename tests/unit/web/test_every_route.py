"""Every route there is, asked by everybody who might: what the table says is what happens.

The routes are found, not listed, so that one added tomorrow is asked too.
"""

import re
from typing import Final, NamedTuple

import pytest
from fastapi import APIRouter

from parley.errors import ActRefused, SignatureNeeded, StepUpNeeded
from parley.identity.machine_account import make_machine
from parley.identity.permission import TABLE, Act, MachineAct, Proof, Reach, Role
from parley.node import operations
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.app import ROUTERS
from parley.web.guard import ONE_FACTOR, About, Guard
from parley.web.routes import interface, text
from parley.web.routes.notifications import CAP_MEDIA_TYPE


class Door(NamedTuple):
    """One method of one address, and who it says may use it."""

    method: str
    path: str
    guard: Guard | Act
    about: About


class SocketDoor(NamedTuple):
    """One WebSocket, and the act it stands for."""

    path: str
    act: Act


FILLED: Final = {
    "digest": "a" * 64,
    "alert": "a" * 64,
    "check": "a" * 64,
    "crisis": "a" * 64,
    "statement": "a" * 64,
    "step": "suspend",
    "number": "1",
    "file": "page.css",
}
"""What stands in an address where anything of the form will do; otherwise an id that nobody has."""


ASKED_INSIDE: Final = {Act.LINE_SUSPEND, Act.DUTY_HAND_OVER, Act.NODE_METRICS}
"""Acts of routes that have several, of which they name another one first."""
FILES: Final = {f"/{'a' * 26}", "/text/page.css"}


def _filled(path: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: FILLED.get(found[1], "a" * 26), path)


def _doors() -> tuple[list[Door], list[SocketDoor]]:
    doors: list[Door] = []
    sockets: list[SocketDoor] = []
    for router in ROUTERS:
        assert isinstance(router, APIRouter)
        for each in router.routes:
            path, endpoint = getattr(each, "path", ""), getattr(each, "endpoint", None)
            guard = getattr(endpoint, "__parley_guard__", None)
            about = getattr(endpoint, "__parley_about__", About.OURS)
            methods = getattr(each, "methods", None)
            if methods is None:
                assert isinstance(guard, Act)
                sockets.append(SocketDoor(_filled(path), guard))
                continue
            assert guard is not None
            doors.extend(Door(method, _filled(path), guard, about) for method in sorted(methods))
    return doors, sockets


DOORS, SOCKETS = _doors()
PASSED: Final = "passed"
REFUSED: Final = ActRefused.code
STEP_UP: Final = StepUpNeeded.code
SIGNATURE: Final = SignatureNeeded.code
FOR_PEOPLE: Final = [door for door in DOORS if isinstance(door.guard, Act)]
CHANGING: Final = [door for door in DOORS if door.method != "GET"]


def _name(door: Door) -> str:
    return f"{door.method} {door.path}"


async def _ask(browser: Browser, door: Door, **headers: str) -> Answer:
    """Use a door with nothing in hand."""
    content: dict[str, object] | None = None if door.method == "GET" else {}
    return await browser.request(door.method, door.path, content=content, headers=headers)


async def test_nobody_gets_in_by_any_route_without_signing_in(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """Whatever it is for."""
    for door in FOR_PEOPLE:
        near.clock.advance(60)
        answer = await _ask(stranger, door)
        assert (door, answer.status, answer.code) == (door, 401, "sign_in.needed")
    for path, _ in SOCKETS:
        async with stranger.page(path) as page:
            assert (await page.receive())["code"] == "sign_in.needed"
            assert await page.receive() is None


def test_every_act_is_asked_for_somewhere() -> None:
    """The table promises nothing that no route, page or command offers."""
    asked = {door.guard for door in FOR_PEOPLE} | {door.act for door in SOCKETS}
    assert asked | set(operations.OPERATIONS.values()) | ASKED_INSIDE == set(Act)


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_by_each_route_what_the_table_says(
    near: NodeUnderTest, role: Role
) -> None:
    """Nothing where its cell is empty; a step-up where one is asked for; no word of roles else."""
    await near.node.operations.person_add("Somebody", roles=[role.value])
    browser = await near.browser("Somebody")
    wrong: dict[str, tuple[str, set[str]]] = {}
    for door in FOR_PEOPLE:
        near.clock.advance(60)
        if door.path == "/api/sign-out":
            continue
        told, expected = _verdict(await _ask(browser, door)), _expected(door, role)
        if told not in expected:
            wrong[_name(door)] = told, expected
    assert wrong == {}


@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_by_each_websocket_what_the_table_says(
    near: NodeUnderTest, role: Role
) -> None:
    """The refusal is told inside, because a browser cannot read why a handshake failed."""
    await near.node.operations.person_add("Somebody", roles=[role.value])
    browser = await near.browser("Somebody")
    for path, act in SOCKETS:
        async with browser.page(path) as page:
            first = await page.receive()
        is_refused = first.get("code") == "permission.refused"
        assert (path, is_refused) == (path, not TABLE[act].people.get(role))


async def test_a_program_gets_no_act_of_a_person_by_any_route(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """With every act a program can be given, as a bearer and laid into the cookie."""
    now = near.clock.now()
    _, token = await near.node.database.write(
        lambda connection: make_machine(connection, "watcher", frozenset(MachineAct), now)
    )
    for sent in ({"authorization": f"Bearer {token}"}, {"cookie": f"{_cookie(near)}={token}"}):
        for door in FOR_PEOPLE:
            near.clock.advance(60)
            answer = await _ask(stranger, door, **sent)
            assert (door, answer.status, answer.code) == (door, 401, "sign_in.needed")
        for path, _ in SOCKETS:
            async with stranger.page(path, **sent) as page:
                assert (await page.receive())["code"] == "sign_in.needed"


async def test_a_page_of_elsewhere_changes_nothing_by_any_route(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """Whoever is signed in, and whether the page says where it is from or not."""
    for origin in ("http://evil.example", "null", ""):
        for door in CHANGING:
            near.clock.advance(60)
            answer = await _ask(ingrid, door, origin=origin)
            assert (door, answer.status, answer.code) == (door, 403, "web.origin_refused")
        for path, _ in SOCKETS:
            async with ingrid.page(path, origin=origin) as page:
                assert await page.receive() is None
                assert not page.is_accepted
    assert (await ingrid.get("/api/self")).status == 200


async def test_what_a_node_answers_is_kept_by_no_cache(near: NodeUnderTest) -> None:
    """Not in the browser, not between; only files that carry their hash in the name are."""
    await near.node.operations.person_add("Rolf", roles=["releaser", "engineer", "auditor"])
    browser = await near.browser("Rolf")
    kept: dict[str, str] = {}
    for door in DOORS:
        near.clock.advance(60)
        if door.path != "/api/sign-out":
            kept[_name(door)] = (await _ask(browser, door)).headers.get("cache-control", "nothing")
    # Files of the interface and of the text page are nobody's, and asked for again each time.
    files = {_name(door): kept.pop(_name(door)) for door in DOORS if door.path in FILES}
    assert set(files.values()) <= {"no-cache", "no-store"}
    assert {name: said for name, said in kept.items() if said != "no-store"} == {}


async def test_where_a_passkey_is_needed_a_link_alone_opens_nothing_but_adding_one(
    nodes: Nodes,
) -> None:
    """Two factors for everybody: by any route and any WebSocket, until a passkey is used here."""
    port = await nodes.add("Port", web={"passkey_needed": True})
    await port.node.operations.person_add("Rolf", roles=[role.value for role in Role])
    browser = await port.browser("Rolf")
    open_to_one: set[Act] = set()
    for door in FOR_PEOPLE:
        nodes.clock.advance(1)
        if door.path == "/api/sign-out":
            continue
        assert isinstance(door.guard, Act)
        if _verdict(await _ask(browser, door)) != STEP_UP:
            open_to_one.add(door.guard)
    assert open_to_one == ONE_FACTOR
    for path, _ in SOCKETS:
        async with browser.page(path) as page:
            assert (await page.receive())["code"] == STEP_UP
    assert b"/api/sign-in/passkey/begin" in (await browser.get("/text")).body

    key = Authenticator("http://localhost:7480")
    begun = await browser.post("/api/passkeys/begin")
    given = {"credential": key.create(begun.json["options"]), "name": "Key"}
    assert (await browser.post("/api/passkeys/finish", given)).status == 201
    nodes.clock.advance(3_600)
    assert (await browser.get("/api/lines")).status == 200
    async with browser.page("/api/desk") as page:
        await page.until("rooms")


async def test_every_answer_says_what_it_is_and_is_framed_by_nobody(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """Whatever a page, an old browser or a proxy would guess otherwise."""
    await near.node.operations.person_add("Rolf", roles=["releaser", "engineer", "auditor"])
    browser = await near.browser("Rolf")
    wrong: dict[str, str] = {}
    for door in DOORS:
        near.clock.advance(60)
        if door.path == "/api/sign-out":
            continue
        for who, asking in (("rolf", browser), ("stranger", stranger)):
            answer = await _ask(asking, door)
            said = answer.headers.get("content-type", "")
            if answer.body and not _says_characters(said):
                wrong[f"{who} {_name(door)}"] = said
            if [each for each in answer.headers if each.startswith("access-control-")]:
                wrong[f"{who} {_name(door)}"] = "another origin is allowed something"
            policy = answer.headers["content-security-policy"]
            if "frame-ancestors 'none'" not in policy or "nosniff" not in answer.headers.get(
                "x-content-type-options", ""
            ):
                wrong[f"{who} {_name(door)}"] = policy
    assert wrong == {}


@pytest.mark.parametrize(
    "said", sorted({*interface.TYPES.values(), *text.TYPES.values(), CAP_MEDIA_TYPE})
)
def test_every_type_of_text_that_is_served_names_its_characters(said: str) -> None:
    """Those of files and papers, which the doors above may not have to show."""
    assert _says_characters(said)


def _says_characters(said: str) -> bool:
    """Say whether a type is there, and names UTF-8 where it would be guessed at (RFC 6838)."""
    kind, _, given = said.partition(";")
    is_text = kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
    return "/" in kind and (not is_text or "charset=utf-8" in given)


def _cookie(node: NodeUnderTest) -> str:
    return node.node.parts.cookie


def _verdict(answer: Answer) -> str:
    """Return what a guard said: refused, a passkey, or nothing against it."""
    is_refused = answer.status in {401, 403} and answer.code.startswith("permission.")
    return answer.code if is_refused else PASSED


def _expected(door: Door, role: Role) -> set[str]:
    assert isinstance(door.guard, Act)
    reach, proof = TABLE[door.guard].people.get(role, Reach.NOTHING), TABLE[door.guard].proof
    needed = {Proof.SIGN_IN: PASSED, Proof.STEP_UP: STEP_UP, Proof.SIGNATURE: SIGNATURE}[proof]
    if not reach:
        return {REFUSED}
    if door.about is About.LATER:
        # The thing is looked for first, and there is none; some say first what they need for any.
        return {PASSED, needed}
    if door.about is About.MINE:
        return {PASSED if Reach.SELF in reach else REFUSED}
    return {needed if Reach.OWN in reach else REFUSED}
