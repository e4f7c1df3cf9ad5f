"""The two WebSockets."""

import asyncio
import json
from typing import Any

import pytest

from parley.testing.browser import Browser, Page
from parley.testing.nodes import Nodes, NodeUnderTest

MUTED = {"microphone": False, "camera": False, "screen": True}
JOIN = {"type": "join", "offer": "v=0\r\n", "resume": None, "muted": MUTED}


@pytest.fixture
async def room(near: NodeUnderTest, ingrid: Browser) -> str:
    """Give a test an open room."""
    opened = await ingrid.post("/api/rooms", {"title": "Weekly", "parties": []})
    return f"/api/rooms/{opened.json['id']}/participate"


async def joined(nodes: Nodes, page: Page, **changes: object) -> str:
    """Join and return the participant."""
    await page.send({**JOIN, **changes})
    await arrived(nodes, page)
    return str((await page.until("joined"))["participant_id"])


async def arrived(nodes: Nodes, page: Page) -> None:
    """Let the node take what was sent, and the engine what follows from it."""
    while not page.to_node.empty():  # noqa: ASYNC110  turns of the loop, no time passes
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)
    await nodes.settle()


async def roster_where(page: Page, muted: list[bool]) -> dict[str, Any]:
    """Return the one participant once the roster says what it has muted."""
    while True:
        roster = await page.until("roster")
        for seen in roster["participants"]:
            if [track["muted"] for track in seen["tracks"]] == muted:
                return dict(seen)


async def test_a_desk_is_told_everything_at_once_and_then_what_changes(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """Self, lines and rooms in full; a new room and a beat as they come."""
    async with ingrid.page("/api/desk") as page:
        first = [await page.receive() for _ in range(3)]
        assert [frame["type"] for frame in first] == ["self", "lines", "rooms"]
        assert first[0]["person"]["name"] == "Ingrid"

        await ingrid.post("/api/rooms", {"title": "Weekly", "parties": []})
        assert (await page.until("rooms"))["rooms"][0]["title"] == "Weekly"

        await nodes.seconds(1)
        assert "at" in await page.until("beat")

        far = await nodes.add("Hospital")
        await nodes.pair(near, far)
        await nodes.seconds(1)
        assert (await page.until("lines"))["lines"][0]["state"] == "up"


@pytest.mark.parametrize("path", ["/api/desk", f"/api/rooms/{'a' * 26}/participate"])
async def test_nobody_who_is_not_signed_in_gets_past_the_door(stranger: Browser, path: str) -> None:
    """Told in words, because a browser cannot read why a handshake failed; then closed."""
    async with stranger.page(path) as page:
        assert await page.receive() == {"type": "refused", "code": "sign_in.needed", "params": {}}
        assert await page.receive() is None
        assert page.close_code == 1000


@pytest.mark.parametrize(
    ("room_id", "code"), [("a" * 26, "room.unknown"), ("nonsense", "web.malformed")]
)
async def test_a_room_that_is_none_is_said_so(ingrid: Browser, room_id: str, code: str) -> None:
    """And the WebSocket closed."""
    async with ingrid.page(f"/api/rooms/{room_id}/participate") as page:
        assert (await page.receive())["code"] == code
        assert await page.receive() is None


async def test_a_closed_room_is_said_to_be_closed(ingrid: Browser, room: str) -> None:
    """Before anything is offered."""
    await ingrid.post(room.replace("participate", "close"))
    async with ingrid.page(room) as page:
        assert (await page.receive())["code"] == "room.closed"


async def test_a_page_offers_and_is_answered(nodes: Nodes, ingrid: Browser, room: str) -> None:
    """The answer names participant and slots; the roster follows."""
    async with ingrid.page(room) as page:
        await page.send(JOIN)
        await arrived(nodes, page)
        answer = await page.until("joined")
        assert len(answer["slots"]["video"]) == 8
        assert len(answer["slots"]["audio"]) == 3
        seen = await roster_where(page, [False, False, True])
        assert seen["id"] == answer["participant_id"]
        assert seen["is_self"]
        assert [track["kind"] for track in seen["tracks"]] == ["microphone", "camera", "screen"]


async def test_watching_and_muting_reach_the_engine(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser, room: str
) -> None:
    """In full each time."""
    async with ingrid.page(room) as page:
        participant = await joined(nodes, page)
        await page.send(
            {
                "type": "watch",
                "slots": [{"slot": 0, "track": f"{participant}/1", "height": 360}],
            }
        )
        await page.send({"type": "muted", "microphone": True, "camera": True, "screen": False})
        await arrived(nodes, page)
        slots = await page.until("slots")
        assert slots["video"] == [
            {"slot": 0, "track": f"{participant}/1", "layer": 1, "withheld": None}
        ]
        await roster_where(page, [True, True, False])


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        json.dumps({"type": "nonsense"}),
        json.dumps({"type": "join"}),
        json.dumps({**JOIN, "offer": 7}),
        json.dumps({**JOIN, "admin": True}),
        json.dumps({"type": "watch", "slots": [{"slot": "0"}]}),
        '"' + "\ud800" + '"',
    ],
)
async def test_a_frame_that_is_none_is_refused_and_the_page_goes_on(
    nodes: Nodes, ingrid: Browser, room: str, frame: str
) -> None:
    """One bad frame is not the end of a call."""
    async with ingrid.page(room) as page:
        await page.send_text(frame)
        assert (await page.until("refused"))["code"] == "web.malformed"
        await joined(nodes, page)


@pytest.mark.parametrize(
    "slots",
    [
        [{"slot": 8, "track": "a" * 26 + "/1", "height": 1}],
        [{"slot": -1, "track": "a" * 26 + "/1", "height": 1}],
        [{"slot": 0, "track": "a" * 26 + "/1", "height": -1}],
        [{"slot": 0, "track": "nonsense", "height": 1}],
        [{"slot": 0, "track": "a" * 26 + "/1", "height": 1}] * 2,
    ],
)
async def test_slots_that_cannot_be_are_refused(
    nodes: Nodes, ingrid: Browser, room: str, slots: list[object]
) -> None:
    """Out of range, twice, or of no track."""
    async with ingrid.page(room) as page:
        await joined(nodes, page)
        await page.send({"type": "watch", "slots": slots})
        assert (await page.until("refused"))["code"] == "web.malformed"


@pytest.mark.parametrize("kind", ["watch", "muted", "report", "leave"])
async def test_what_needs_a_place_is_refused_before_joining(
    ingrid: Browser, room: str, kind: str
) -> None:
    """A page that checks its devices has none yet; its beats are welcome."""
    frames: dict[str, dict[str, Any]] = {"watch": {"slots": []}, "muted": MUTED}
    extra = frames.get(kind, {})
    async with ingrid.page(room) as page:
        await page.send({"type": "beat"})
        await page.send({"type": kind, **extra})
        assert (await page.until("refused"))["code"] == "room.not_joined"


async def test_an_offer_that_is_none_is_refused_with_a_reason(
    nodes: Nodes, ingrid: Browser, room: str
) -> None:
    """The engine said why."""
    async with ingrid.page(room) as page:
        await page.send({**JOIN, "offer": "rubbish"})
        await arrived(nodes, page)
        refused = await page.until("refused")
        assert refused["code"] == "room.offer_refused"
        assert refused["params"] == {"reason": "media.offer"}


async def test_a_page_that_floods_is_closed(
    near: NodeUnderTest, ingrid: Browser, room: str
) -> None:
    """Five seconds' worth at once, no more."""
    limit = near.node.settings.limits.frames_per_second * 5
    async with ingrid.page(room) as page:
        for _ in range(limit + 1):
            await page.send({"type": "beat"})
        assert (await page.until("refused"))["code"] == "web.too_many"
        assert await page.until("never") is None
        assert page.close_code == 1008


async def test_a_frame_that_is_too_large_closes_the_page(
    near: NodeUnderTest, ingrid: Browser, room: str
) -> None:
    """Whatever it holds."""
    async with ingrid.page(room) as page:
        await page.send_bytes(b" " * (near.node.settings.limits.frame_bytes + 1))
        assert (await page.until("refused"))["code"] == "web.malformed"
        assert await page.until("never") is None
        assert page.close_code == 1009


async def test_a_second_tab_replaces_the_first(nodes: Nodes, ingrid: Browser, room: str) -> None:
    """The first is told so in its own WebSocket."""
    async with ingrid.page(room) as first, ingrid.page(room) as second:
        await joined(nodes, first)
        await joined(nodes, second)
        assert await first.until("replaced") == {"type": "replaced"}


async def test_a_closed_tab_keeps_its_place_for_a_while(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser, room: str
) -> None:
    """And takes it up again by resuming."""
    async with ingrid.page(room) as page:
        participant = await joined(nodes, page)
    assert near.node.seats.count() == 1

    async with ingrid.page(room) as page:
        assert await joined(nodes, page, resume=participant) == participant


async def test_a_room_that_is_closed_ends_every_place_in_it(
    nodes: Nodes, ingrid: Browser, room: str
) -> None:
    """With the reason."""
    async with ingrid.page(room) as page:
        await joined(nodes, page)
        await ingrid.post(room.replace("participate", "close"))
        assert (await page.until("ended"))["reason"] == "closed"


async def test_a_stopping_node_says_so_to_every_page(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser, room: str
) -> None:
    """Pages then come back by themselves."""
    async with ingrid.page(room) as page:
        await joined(nodes, page)
        near.node.seats.stop()
        assert (await page.until("ended"))["reason"] == "stopping"
