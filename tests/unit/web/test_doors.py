"""Who of our party may enter a room: named people alone, where a room is for them."""

import asyncio
from typing import Any

import pytest

from parley.ids import SpaceId
from parley.testing.browser import Answer, Browser, Page
from parley.testing.keyed_people import enrolled, keyed_person, signed, step_up
from parley.testing.nodes import Nodes, NodeUnderTest

MUTED = {"microphone": False, "camera": False, "screen": True}
JOIN = {"type": "join", "offer": "v=0\r\n", "resume": None, "muted": MUTED}


async def person(node: NodeUnderTest, name: str, *roles: str, stepped_up: bool = False) -> Browser:
    """Return the browser of a person with roles, whose passkey was used just now if asked."""
    await node.node.operations.person_add(name, roles=[*roles])
    browser = await node.browser(name)
    if stepped_up:
        await step_up(browser, await enrolled(browser))
    return browser


async def put(browser: Browser, path: str, named: object) -> Answer:
    """Say who may enter."""
    return await browser.request("PUT", path, content={"named": named})


async def join(nodes: Nodes, page: Page) -> None:
    """Join as a page does, and let the engine answer."""
    await page.send(JOIN)
    while not page.to_node.empty():  # noqa: ASYNC110  turns of the loop, no time passes
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)
    await nodes.settle()


async def tried(nodes: Nodes, browser: Browser, room: str) -> Any:  # noqa: ANN401  JSON
    """Try to join, and return the refusal, or the roster that names oneself."""
    async with browser.page(f"/api/rooms/{room}/participate") as page:
        first = await page.receive()
        if first["type"] == "refused":
            return first
        await join(nodes, page)
        while not (roster := await page.until("roster"))["participants"]:
            pass
        await page.send({"type": "leave"})
        await page.until("ended")
        return roster


async def id_of(node: NodeUnderTest, name: str) -> str:
    """Return a person's id."""
    return (await node.person(name)).id.text


async def office(node: NodeUnderTest, name: str, *people: str) -> str:
    """Make an office."""
    maker = await person(node, f"Sofia of {name}", "secretary", stepped_up=True)
    members = [await id_of(node, each) for each in people]
    made = await maker.post("/api/offices", {"name": name, "people": members})
    assert made.status == 201, made.body
    return str(made.json["id"])


async def call_room(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, *, is_exercise: bool = False
) -> tuple[Browser, Browser, str, str]:
    """Agree on a call and open its room; return both releasers, the call and the room."""
    rolf, rolf_key = await keyed_person(near, "Rolf", "releaser")
    await step_up(rolf, rolf_key)
    fatima, fatima_key = await keyed_person(far, "Fatima", "releaser")
    await step_up(fatima, fatima_key)
    asked = await signed(
        *(rolf, rolf_key, "/api/call-requests"),
        {
            "space": SpaceId.of_pair(near.party, far.party).text,
            "who_asks": "Harbour master",
            "who_is_asked": "Chief physician",
            "level": "director",
            "earliest": "2026-11-02T08:00:00Z",
            "latest": "2026-11-03T08:00:00Z",
            "mode": "voice",
            "languages": ["uz"],
            "interpreter": "asker",
            "is_exercise": is_exercise,
        },
    )
    await nodes.seconds(3)
    call = str(asked.json["hash"])
    yes = {"answer": "accept", "earliest": "2026-11-02T09:00:00Z"}
    accepted = await signed(fatima, fatima_key, f"/api/call-requests/{call}/answers", yes)
    assert accepted.status == 201, accepted.body
    await nodes.seconds(2)
    opening = {"title": f"Call {call[:8]}", "parties": [far.party.text]}
    opened = await rolf.post("/api/rooms", opening)
    assert opened.status == 201, opened.body
    await nodes.seconds(2)
    return rolf, fatima, call, str(opened.json["id"])


async def test_the_owner_of_a_room_names_who_enters_and_nobody_else_does(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """By person or by office, until the list is taken away; others are told why, with its code."""
    maria = await near.browser("Maria")
    olga = await near.browser("Olga")
    desk = await office(near, "Watch desk", "Olga")
    room = (await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})).json["id"]
    door = f"/api/rooms/{room}/door"
    assert (await maria.get(door)).json["is_restricted"] is False

    named = [
        {"capacity": "official", "person": await id_of(near, "Ingrid")},
        {"capacity": "staff", "office": desk, "shown_as": "Watch"},
    ]
    said = await put(ingrid, door, named)
    assert said.status == 200, said.body
    assert [each["name"] for each in said.json["named"]] == ["Ingrid", "Watch desk"]
    assert (said.json["may_enter"], said.json["may_change"]) == (True, True)
    listed = (await maria.get("/api/rooms")).json["rooms"]
    assert [each["is_restricted"] for each in listed] == [True]

    seen = await tried(nodes, olga, room)
    assert [each["name"] for each in seen["participants"]] == ["Watch"]
    assert (await tried(nodes, maria, room))["code"] == "room.by_name"
    refused = await maria.post(f"/api/rooms/{room}/close")
    assert (refused.status, refused.code) == (403, "room.by_name")
    assert (await maria.get(door)).json["may_enter"] is False

    assert (await put(ingrid, door, None)).json["is_restricted"] is False
    assert (await tried(nodes, maria, room))["type"] == "roster"


async def test_who_is_taken_off_the_list_is_out_of_the_room_at_once(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """As who loses a role is; and who leaves the office that was named."""
    maria = await near.browser("Maria")
    room = (await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})).json["id"]
    async with maria.page(f"/api/rooms/{room}/participate") as page:
        await join(nodes, page)
        assert await page.until("joined") is not None
        me = {"capacity": "official", "person": await id_of(near, "Ingrid")}
        await put(ingrid, f"/api/rooms/{room}/door", [me])
        assert (await page.until("refused"))["code"] == "room.by_name"
        assert near.node.seats.count() == 0


async def test_only_the_owner_and_a_releaser_with_a_passkey_change_a_list(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """A member does not let themselves in."""
    room = (await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})).json["id"]
    door = f"/api/rooms/{room}/door"
    maria = await near.browser("Maria")
    me = [{"capacity": "official", "person": await id_of(near, "Maria")}]
    refused = await put(maria, door, me)
    assert (refused.status, refused.json["params"]["reason"]) == (403, "own")
    rolf = await person(near, "Rolf", "releaser")
    assert (await put(rolf, door, me)).code == "permission.step_up_needed"
    await step_up(rolf, await enrolled(rolf))
    assert (await put(rolf, door, me)).status == 200
    assert (await put(near.stranger(), door, me)).status == 401
    trail = (await rolf.get("/api/trail")).json["rows"]
    assert "room.restrict" in {row["act"] for row in trail}


HOSTILE = [
    {"capacity": "official"},
    {"capacity": "owner", "person": "a" * 26},
    {"capacity": "official", "person": "a" * 26, "office": "a" * 26},
    {"capacity": "official", "person": "A"},
    {"capacity": "official", "person": "a" * 26, "is_admin": True},
    {"capacity": "staff", "person": "a" * 26, "shown_as": "\u202eretsiniM"},
    {"capacity": "staff", "person": "a" * 26, "shown_as": "x" * 81},
    "everybody",
]


@pytest.mark.parametrize("wrong", HOSTILE)
async def test_a_list_that_cannot_be_changes_nothing(
    ingrid: Browser, wrong: dict[str, object]
) -> None:
    """The room stays as it was."""
    room = (await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})).json["id"]
    door = f"/api/rooms/{room}/door"
    assert (await put(ingrid, door, [wrong])).status == 400
    assert (await ingrid.get(door)).json["is_restricted"] is False


async def test_nobody_is_named_who_is_nobody_of_ours_or_named_twice(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """An unknown id is no empty chair."""
    room = (await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})).json["id"]
    door = f"/api/rooms/{room}/door"
    unknown = [{"capacity": "official", "person": "a" * 26}]
    assert (await put(ingrid, door, unknown)).status == 404
    unknown = [{"capacity": "official", "office": "a" * 26}]
    assert (await put(ingrid, door, unknown)).status == 404
    me = {"capacity": "official", "person": await id_of(near, "Ingrid")}
    assert (await put(ingrid, door, [me, me])).status == 400
    assert (await ingrid.get(door)).json["is_restricted"] is False
    assert (await ingrid.get(f"/api/rooms/{'a' * 26}/door")).status == 404


async def test_a_call_s_room_lets_in_who_spoke_for_us_and_the_office_that_is_named(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Nobody else, without anybody having made a list; on both sides, each by its own node."""
    maria, olga = await near.browser("Maria"), await near.browser("Olga")
    await office(near, "harbour Master", "Olga")
    karim = await far.browser("Karim")
    rolf, fatima, call, room = await call_room(nodes, near, far)

    door = (await rolf.get(f"/api/rooms/{room}/door")).json
    assert (door["call"], door["official"], door["is_set"]) == (call, "Harbour master", False)
    assert [each["name"] for each in door["named"]] == ["harbour Master", "Rolf"]
    for browser in (maria, karim):
        assert (await tried(nodes, browser, room))["code"] == "room.by_name"
    assert (await tried(nodes, olga, room))["type"] == "roster"
    seen = await tried(nodes, rolf, room)
    assert {each["name"] for each in seen["participants"]} == {"Harbour master"}
    seen = await tried(nodes, fatima, room)
    assert "Chief physician" in {each["name"] for each in seen["participants"]}
    (told,) = (await fatima.get("/api/rooms")).json["rooms"]
    assert told["opened_by"]["person_name"] == "Harbour"
    assert told["is_restricted"] is True


@pytest.mark.parametrize("is_exercise", [True, False])
async def test_the_room_of_an_exercise_s_call_has_its_mark_on_both_sides(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, *, is_exercise: bool
) -> None:
    """Each node works it out of its own record; a room of anything else has none."""
    rolf, fatima, _, room = await call_room(nodes, near, far, is_exercise=is_exercise)
    other = (await rolf.post("/api/rooms", {"title": "Talks", "parties": [far.party.text]})).json
    await nodes.seconds(3)
    for browser in (rolf, fatima):
        rooms = (await browser.get("/api/rooms")).json["rooms"]
        assert {each["id"]: each["is_exercise"] for each in rooms} == {
            room: is_exercise,
            other["id"]: False,
        }


async def test_each_side_names_its_own_for_a_call_with_interpreter_and_staff(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The room sees their parts; a list takes the place of what follows from the request."""
    maria = await near.browser("Maria")
    rolf, _, call, room = await call_room(nodes, near, far)
    door = f"/api/call-requests/{call}/door"
    who = {"person": await id_of(near, "Maria"), "capacity": "interpreter"}
    refused = await put(rolf, door, [who])
    assert (refused.status, refused.json["params"]) == (400, {"field": "named.shown_as"})
    said = await put(rolf, door, [{**who, "shown_as": "Interpreter"}])
    assert (said.status, said.json["is_set"], said.json["may_enter"]) == (200, True, False)

    seen = await tried(nodes, maria, room)
    assert {each["name"] for each in seen["participants"]} == {"Interpreter"}
    assert (await tried(nodes, rolf, room))["code"] == "room.by_name"
    sofia = await person(near, "Sofia", "secretary", stepped_up=True)
    assert (await put(sofia, door, None)).code == "permission.refused"
    assert (await put(rolf, door, None)).json["is_set"] is False
    assert (await tried(nodes, rolf, room))["type"] == "roster"
    assert (await rolf.get(f"/api/call-requests/{'0' * 64}/door")).status == 404


async def test_a_room_under_a_call_s_title_without_such_a_call_lets_nobody_in(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """A closed door is opened by a releaser; what was overheard stays overheard."""
    rolf = await person(near, "Rolf", "releaser", stepped_up=True)
    opening = {"title": "Call 00000000", "parties": [far.party.text]}
    room = (await rolf.post("/api/rooms", opening)).json["id"]
    assert (await tried(nodes, rolf, room))["code"] == "room.by_name"
    alone = await rolf.post("/api/rooms", {"title": "Call 00000000", "parties": []})
    assert (await tried(nodes, rolf, alone.json["id"]))["type"] == "roster"


async def test_a_list_is_kept_through_a_restart(near: NodeUnderTest, ingrid: Browser) -> None:
    """It is a row, and the desk is told anew."""
    room = (await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})).json["id"]
    me = {"capacity": "official", "person": await id_of(near, "Ingrid")}
    await put(ingrid, f"/api/rooms/{room}/door", [me])
    await near.stop()
    await near.start()
    again = await near.browser("Ingrid")
    assert [each["is_restricted"] for each in (await again.get("/api/rooms")).json["rooms"]] == [
        True
    ]
