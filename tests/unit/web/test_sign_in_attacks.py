"""Stolen, laid and forged sign-ins: what each attempt comes to."""

import pytest

from parley.identity.cookie import CHANGE_S, GRACE_S
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEWER = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1"
CHANGING = [
    ("POST", "/api/sign-out"),
    ("PATCH", "/api/self"),
    ("POST", "/api/people"),
    ("POST", "/api/offices"),
    ("POST", "/api/passkeys/begin"),
    ("POST", "/api/sign-in/passkey/begin"),
    ("POST", "/api/break-glass"),
    ("DELETE", f"/api/devices/{'a' * 26}"),
]


async def seen(browser: Browser) -> str:
    """Return what a browser is told when it asks who it is."""
    answer = await browser.get("/api/self")
    return "signed in" if answer.status == 200 else answer.code


async def test_a_cookie_changes_and_an_old_copy_ends_the_sign_in_for_both(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """Once both have shown themselves; the trail has it."""
    thief = near.stranger()
    thief.cookies = dict(ingrid.cookies)
    nodes.clock.advance(CHANGE_S)
    before = dict(ingrid.cookies)
    assert await seen(ingrid) == "signed in"
    assert ingrid.cookies != before
    assert await seen(ingrid) == "signed in"
    nodes.clock.advance(GRACE_S)

    assert await seen(thief) == "sign_in.copied"
    assert await seen(ingrid) == "sign_in.copied"
    rows = (await near.node.operations.trail_list())["rows"]
    assert "sign_in.copied" in [row["act"] for row in rows]


async def test_a_thief_who_is_first_is_noticed_when_the_person_comes_back(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """The new cookie went to the thief; the old one, shown again, tells of it."""
    thief = near.stranger()
    thief.cookies = dict(ingrid.cookies)
    nodes.clock.advance(CHANGE_S)
    assert [await seen(thief), await seen(thief)] == ["signed in"] * 2
    nodes.clock.advance(GRACE_S)
    assert await seen(ingrid) == "sign_in.copied"
    assert await seen(thief) == "sign_in.copied"


async def test_requests_under_way_while_the_cookie_changes_are_answered(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """Tabs that load together show the old one for a moment."""
    tab = near.stranger()
    tab.cookies = dict(ingrid.cookies)
    nodes.clock.advance(CHANGE_S)
    assert await seen(ingrid) == "signed in"
    assert await seen(ingrid) == "signed in"
    nodes.clock.advance(GRACE_S - 1)
    assert await seen(tab) == "signed in"


async def test_a_new_cookie_that_never_arrives_costs_nothing(nodes: Nodes, ingrid: Browser) -> None:
    """The old one holds until the new one has been seen."""
    kept = dict(ingrid.cookies)
    nodes.clock.advance(CHANGE_S)
    for _ in range(5):
        ingrid.cookies = dict(kept)
        assert await seen(ingrid) == "signed in"
        nodes.clock.advance(GRACE_S + 1)


async def test_a_cookie_from_another_browser_ends_the_sign_in(near: NodeUnderTest) -> None:
    """What the browser says of itself is compared; numbers in it change by themselves."""
    owner = await near.browser("Ingrid", agent=FIREFOX)
    assert (await owner.get("/api/self", user_agent=NEWER)).status == 200
    assert (await owner.get("/api/self", user_agent=PHONE)).code == "sign_in.copied"
    assert (await owner.get("/api/self", user_agent=FIREFOX)).code == "sign_in.copied"


async def test_a_websocket_with_a_copied_cookie_is_told_so(near: NodeUnderTest) -> None:
    """The same check, before anything is shown."""
    owner = await near.browser("Ingrid", agent=FIREFOX)
    async with owner.page("/api/desk", user_agent=PHONE) as page:
        assert (await page.receive())["code"] == "sign_in.copied"
        assert await page.receive() is None


async def test_a_cookie_laid_into_a_browser_beforehand_is_not_taken_up(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """Signing in makes a fresh secret, whatever the browser brought (fixation)."""
    name = f"parley_{near.party.text[:8]}"
    laid = "L" * 43
    stranger.cookies = {name: laid}
    person = await near.person("Ingrid")
    link = str((await near.node.operations.person_link(person.id.text))["address"])
    await stranger.get(link.removeprefix(near.origin))
    assert stranger.cookies[name] != laid
    attacker = near.stranger()
    attacker.cookies = {name: laid}
    assert await seen(attacker) == "sign_in.needed"


async def test_a_foreign_page_does_not_sign_the_browser_in_as_somebody_else(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """The link is not used up; typed by the person, it works."""
    maria = await near.person("Maria")
    link = str((await near.node.operations.person_link(maria.id.text))["address"])
    path = link.removeprefix(near.origin)

    crossed = await ingrid.get(path, sec_fetch_site="cross-site", accept="text/html")
    assert crossed.headers["location"] == "/?refused=sign_in.taken"
    assert (await ingrid.get(path, sec_fetch_site="cross-site")).code == "sign_in.taken"
    assert (await ingrid.get("/api/self")).json["person"]["name"] == "Ingrid"

    assert (await ingrid.get(path, sec_fetch_site="none")).status == 303
    assert (await ingrid.get("/api/self")).json["person"]["name"] == "Maria"


@pytest.mark.parametrize(("method", "path"), CHANGING)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:7480.evil.example", ""]
)
async def test_nothing_changes_by_a_request_of_another_origin(
    ingrid: Browser, method: str, path: str, origin: str
) -> None:
    """Forms, scripts and frames of elsewhere send another origin, or none."""
    form = {"content-type": "application/x-www-form-urlencoded", "origin": origin}
    answer = await ingrid.request(method, path, chunks=[b"name=x"], headers=form)
    assert (answer.status, answer.code) == (403, "web.origin_refused")
    assert await seen(ingrid) == "signed in"


@pytest.mark.parametrize(("method", "path"), CHANGING)
async def test_nothing_changes_by_a_get(ingrid: Browser, method: str, path: str) -> None:
    """An image on a foreign page can make a GET; none of these answers one."""
    answer = await ingrid.get(path)
    assert answer.status in {200, 404, 405}
    assert await seen(ingrid) == "signed in"
    assert (await ingrid.get("/api/self")).json["person"]["language"] == "en"


@pytest.mark.parametrize("path", ["/api/desk", f"/api/rooms/{'a' * 26}/participate"])
async def test_a_websocket_from_another_origin_is_not_accepted(ingrid: Browser, path: str) -> None:
    """Browsers send cookies with it; its origin gives it away."""
    async with ingrid.page(path, origin="http://evil.example") as page:
        assert await page.receive() is None
        assert not page.is_accepted


@pytest.mark.parametrize("extra", ["next", "url", "return_to", "redirect"])
async def test_a_sign_in_leads_nowhere_else(near: NodeUnderTest, extra: str) -> None:
    """The answer's address never comes from the request (open redirect)."""
    person = await near.person("Ingrid")
    link = str((await near.node.operations.person_link(person.id.text))["address"])
    path = f"{link.removeprefix(near.origin)}&{extra}=https://evil.example/"
    answer = await near.stranger().get(path, accept="text/html")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    again = await near.stranger().get(path, accept="text/html")
    assert again.headers["location"] == "/?refused=sign_in.link_used"


async def test_an_unknown_cookie_is_not_echoed(stranger: Browser) -> None:
    """Nothing a browser brings comes back as its sign-in."""
    stranger.cookies = {"parley_aaaaaaaa": "x"}
    answer = await stranger.get("/api/self")
    assert "set-cookie" not in answer.headers
