"""What open pages are told, and for how long: no more than their person may, at any moment."""

import pytest

from parley.ids import RoomId
from parley.testing.browser import Browser, Page
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.doors import Door


async def test_a_page_is_told_of_the_record_while_its_person_may_read_it(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser
) -> None:
    """The desk brings nobody what the route refuses them."""
    await near.node.operations.person_add("Erik", roles=["engineer"])
    erik = await near.browser("Erik")
    await nodes.seconds(2)
    async with erik.page("/api/desk") as his, ingrid.page("/api/desk") as hers:
        await say(ingrid, f"{near.name} to {far.name}")
        await nodes.seconds(1)
        assert "record" in await until_beat(nodes, hers)
        assert "record" not in await until_beat(nodes, his)

        await near.node.operations.person_change("Erik", roles=["auditor"])
        assert await his.until("record") is not None

        await near.node.operations.person_change("Erik", roles=["engineer"])
        while (await his.until("self"))["roles"] != ["engineer"]:
            pass
        await say(ingrid, "again")
        await nodes.seconds(1)
        assert "record" in await until_beat(nodes, hers)
        assert "record" not in await until_beat(nodes, his)


async def test_rights_that_end_while_a_page_opens_are_not_overlooked(
    near: NodeUnderTest, ingrid: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look at the cookie and before the first wait: it is not a minute until the next."""
    opened = await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})
    doors = near.node.parts.doors
    real = doors.of_room

    async def meanwhile(room: RoomId) -> Door:
        monkeypatch.setattr(doors, "of_room", real)
        await near.node.operations.person_revoke("Ingrid")
        return await real(room)

    monkeypatch.setattr(doors, "of_room", meanwhile)
    async with ingrid.page(f"/api/rooms/{opened.json['id']}/participate") as page:
        assert (await page.until("refused"))["code"] == "sign_in.needed"


async def say(browser: Browser, text: str) -> None:
    """Append a remark."""
    spaces = (await browser.get("/api/record/spaces")).json["spaces"]
    said = {"space": spaces[0]["id"], "text": text}
    assert (await browser.post("/api/record/remarks", said)).status == 201


async def until_beat(nodes: Nodes, page: Page) -> set[str]:
    """Return the types of the frames up to the first beat that was sent after this began."""
    await nodes.seconds(1)
    found: set[str] = set()
    beats = 0
    while beats == 0 or not page.from_node.empty():
        frame = await page.receive()
        found.add(frame["type"])
        beats += frame["type"] == "beat"
    return found
