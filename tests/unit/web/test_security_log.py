"""What the log says of who came in and who was refused: enough to look into, and no more."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from parley.testing.authenticator import Authenticator
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.security_log import LINES_A_MINUTE, SOURCE_CHARACTERS

ORIGIN = "http://localhost:7480"


@pytest.fixture
def lines() -> Iterator[list[EventDict]]:
    """Give a test the log's lines as they are written."""
    with capture_logs() as captured:
        yield captured


def refused(lines: list[EventDict]) -> list[dict[str, Any]]:
    """Return what is told of refusals, without the source."""
    told = [each for each in lines if each["event"] == "refused"]
    assert all(len(each.pop("source")) == SOURCE_CHARACTERS for each in told)
    assert all(each.pop("log_level") == "warning" for each in told)
    return [{key: value for key, value in each.items() if key != "event"} for each in told]


async def sign_in(browser: Browser, key: Authenticator) -> Any:  # noqa: ANN401  JSON
    """Use a passkey to sign in."""
    begun = await browser.post("/api/sign-in/passkey/begin")
    used = key.get(begun.json["options"])
    return await browser.post("/api/sign-in/passkey/finish", {"credential": used})


async def test_who_comes_in_is_told_by_what(
    ingrid: Browser, stranger: Browser, lines: list[EventDict]
) -> None:
    """Ids, never a name: who may read the log need not know the people."""
    person = (await ingrid.get("/api/self")).json["person"]["id"]
    key = Authenticator(ORIGIN)
    begun = await ingrid.post("/api/passkeys/begin")
    made = key.create(begun.json["options"])
    await ingrid.post("/api/passkeys/finish", {"credential": made, "name": "Key"})
    assert (await sign_in(stranger, key)).status == 204
    (told,) = [each for each in lines if each["event"] == "signed in"]
    assert (told["way"], told["person"]) == ("passkey", person)
    assert told["sign_in"]
    assert len(told["source"]) == SOURCE_CHARACTERS
    assert "Ingrid" not in str(lines)


async def test_a_way_in_that_does_not_hold_is_told(
    ingrid: Browser, stranger: Browser, lines: list[EventDict]
) -> None:
    """A link that is none, and a passkey that nobody enrolled."""
    await stranger.get("/sign-in?code=" + "x" * 43)
    key = Authenticator(ORIGIN)
    begun = await ingrid.post("/api/passkeys/begin")
    key.create(begun.json["options"])
    await sign_in(stranger, key)
    assert refused(lines) == [
        {"code": "sign_in.link_unknown", "method": "GET", "route": "/sign-in"},
        {
            "code": "passkey.unknown",
            "method": "POST",
            "route": "/api/sign-in/passkey/finish",
        },
    ]


async def test_who_may_not_is_told_with_what_they_asked(
    ingrid: Browser, lines: list[EventDict]
) -> None:
    """The act by its route, the person by their id."""
    person = (await ingrid.get("/api/self")).json["person"]["id"]
    assert (await ingrid.get("/api/trail")).status == 403
    (told,) = refused(lines)
    assert told == {
        "code": "permission.refused",
        "method": "GET",
        "route": "/api/trail",
        "person": person,
    }


async def test_a_page_that_would_stay_open_is_told_too(
    near: NodeUnderTest, lines: list[EventDict]
) -> None:
    """An auditor has no place in a room."""
    await near.node.operations.person_add("Olga", roles=["auditor"])
    olga = await near.browser("Olga")
    async with olga.page("/api/rooms/" + "a" * 26 + "/participate") as page:
        assert (await page.receive())["code"] == "permission.refused"
    (told,) = refused(lines)
    assert (told["method"], told["route"]) == ("WEBSOCKET", "/api/rooms/{room}/participate")
    assert told["person"]


async def test_what_no_page_of_ours_asks_is_told(
    ingrid: Browser, stranger: Browser, lines: list[EventDict]
) -> None:
    """A foreign page, another name for the node, a body that is none."""
    sent = {"origin": "https://elsewhere.example"}
    await ingrid.request("POST", "/api/sign-out", headers=sent)
    await ingrid.patch("/api/self", {"language": "tlh"})
    await stranger.get("/api/desk-of-somebody")
    assert [each["code"] for each in refused(lines)] == [
        "web.origin_refused",
        "web.malformed",
    ]


async def test_what_is_asked_on_the_way_in_is_not_told(
    ingrid: Browser, stranger: Browser, lines: list[EventDict]
) -> None:
    """Nobody is signed in yet, and a passkey is wanted first: every page hears that each day."""
    assert (await stranger.get("/api/self")).status == 401
    assert (await ingrid.post("/api/step-up/begin")).status >= 400
    assert [each["code"] for each in refused(lines) if each["code"] != "passkey.missing"] == []


async def test_a_flood_of_refusals_is_told_as_a_number(
    nodes: Nodes, near: NodeUnderTest, lines: list[EventDict]
) -> None:
    """Whoever is refused decides how often, and must not fill a disk by it; all are counted."""
    stranger = near.stranger()
    sent = {"origin": "https://elsewhere.example"}
    for _ in range(LINES_A_MINUTE + 7):
        await stranger.request("POST", "/api/sign-out", headers=sent)
    assert len(refused(lines)) == LINES_A_MINUTE
    nodes.clock.advance(61)
    lines.clear()
    await stranger.request("POST", "/api/sign-out", headers=sent)
    assert [each["event"] for each in lines] == ["refusals not told", "refused"]
    assert lines[0]["count"] == 7
    counted = near.node.metrics.refusals.labels("web.origin_refused")
    assert counted._value.get() == LINES_A_MINUTE + 8


async def test_lines_of_one_source_are_known_as_such(
    near: NodeUnderTest, lines: list[EventDict]
) -> None:
    """And those of another; neither says an address."""
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        visitor = near.stranger()
        visitor.address = address
        await visitor.get("/sign-in?code=" + "x" * 43)
    first, second, third = (each["source"] for each in lines if each["event"] == "refused")
    assert first == second != third
    assert "192.0.2" not in str(lines)
