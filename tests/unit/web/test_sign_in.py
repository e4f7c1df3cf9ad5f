"""Signing in and out over HTTP."""

import pytest

from parley.identity.sign_in import LINK_HOURS
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest


async def link(node: NodeUnderTest, name: str = "Ingrid") -> str:
    """Return the path of a fresh one-time link."""
    person = await node.person(name)
    address = str((await node.node.operations.person_link(person.id.text))["address"])
    return address.removeprefix(node.origin)


async def test_a_link_signs_in_and_leads_to_the_desk(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """The cookie cannot be read by scripts and goes to no other site."""
    answer = await stranger.get(await link(near))

    assert answer.status == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"parley_{near.party.text[:8]}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert (await stranger.get("/api/self")).status == 200


async def test_a_node_reached_by_https_gives_a_cookie_that_no_other_host_can_lay_or_read(
    nodes: Nodes,
) -> None:
    """The only one there is; its value stands nowhere else in the answer."""
    port = await nodes.add("Port", web={"origins": ("https://parley.example",)})
    answer = await port.stranger().get(await link(port), host="parley.example")
    name, _, rest = answer.headers["set-cookie"].partition("=")
    value, *attributes = rest.split("; ")
    assert name == f"__Host-parley_{port.party.text[:8]}"
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(attributes)
    assert not [each for each in attributes if each.startswith("Domain")]
    assert value.encode() not in answer.body


async def test_who_is_signed_in_is_told_with_party_and_node(ingrid: Browser) -> None:
    """The page shows all three."""
    told = (await ingrid.get("/api/self")).json

    assert told["person"]["name"] == "Ingrid"
    assert told["person"]["language"] == "en"
    assert told["party"]["name"] == "Harbour"
    assert told["node"]["started_at"].startswith("2026-11-01T12:00:00")


async def test_a_link_works_once(near: NodeUnderTest, stranger: Browser) -> None:
    """The second browser is told that it has been used."""
    path = await link(near)
    await stranger.get(path)

    answer = await near.stranger().get(path)

    assert answer.status == 410
    assert answer.code == "sign_in.link_used"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_late_link_is_refused(nodes: Nodes, near: NodeUnderTest, stranger: Browser) -> None:
    """After a day."""
    path = await link(near)
    nodes.clock.advance(LINK_HOURS * 3_600)

    answer = await stranger.get(path)

    assert (answer.status, answer.code) == (410, "sign_in.link_expired")


@pytest.mark.parametrize("code", ["x", "%00", "a" * 64, "%F0%9F%98%80"])
async def test_a_made_up_link_is_refused(stranger: Browser, code: str) -> None:
    """Nothing says whether it was nearly right."""
    answer = await stranger.get(f"/sign-in?code={code}")

    assert (answer.status, answer.code) == (403, "sign_in.link_unknown")
    assert not stranger.cookies


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in?code=" + "a" * 65])
async def test_a_link_without_a_code_is_malformed(stranger: Browser, path: str) -> None:
    """Or with one that is too long."""
    answer = await stranger.get(path)

    assert (answer.status, answer.code) == (400, "web.malformed")


async def test_a_browser_with_a_used_link_is_sent_to_a_page_that_says_so(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """A person sees words; one who is signed in already sees the desk."""
    path = await link(near)
    await stranger.get(path)

    again = await stranger.get(path, accept="text/html")
    elsewhere = await near.stranger().get(path, accept="text/html")

    assert (again.status, again.headers["location"]) == (303, "/")
    assert elsewhere.headers["location"] == "/?refused=sign_in.link_used"


async def test_signing_out_ends_the_sign_in(near: NodeUnderTest, ingrid: Browser) -> None:
    """A kept copy of the cookie is worth nothing afterwards."""
    kept = dict(ingrid.cookies)

    answer = await ingrid.post("/api/sign-out")

    assert answer.status == 204
    assert not ingrid.cookies
    ingrid.cookies = kept
    assert (await ingrid.get("/api/self")).code == "sign_in.needed"


async def test_a_sign_in_expires_by_silence_and_lives_by_use(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """Twelve hours without a request; each request starts them anew."""
    hours = near.node.settings.web.sign_in_hours
    for _ in range(3):
        nodes.clock.advance(hours * 3_600 - 60)
        assert (await ingrid.get("/api/self")).status == 200

    nodes.clock.advance(hours * 3_600)
    assert (await ingrid.get("/api/self")).code == "sign_in.needed"


async def test_a_sign_in_survives_a_restart(nodes: Nodes, near: NodeUnderTest) -> None:
    """Pages come back by themselves."""
    browser = await near.browser("Ingrid")

    await nodes.restart(near, is_killed=True)

    browser.app = near.node.app
    assert (await browser.get("/api/self")).status == 200


async def test_a_person_chooses_language_and_colours(ingrid: Browser) -> None:
    """And finds them again."""
    changed = await ingrid.patch("/api/self", {"language": "uz", "appearance": "dark"})
    again = await ingrid.patch("/api/self", {})

    for answer in (changed, again, await ingrid.get("/api/self")):
        assert answer.json["person"]["language"] == "uz"
        assert answer.json["person"]["appearance"] == "dark"


@pytest.mark.parametrize(
    "change", [{"language": "xx"}, {"appearance": "pink"}, {"name": "Admin"}, [], "uz", None]
)
async def test_a_choice_that_is_none_is_malformed(ingrid: Browser, change: object) -> None:
    """Nothing else about oneself can be changed."""
    answer = await ingrid.patch("/api/self", change)

    assert (answer.status, answer.code) == (400, "web.malformed")
