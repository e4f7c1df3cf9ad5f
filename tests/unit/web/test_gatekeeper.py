"""Every request is looked at before any route is."""

import asyncio

import pytest

from parley.config import LimitSettings
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web import gatekeeper
from parley.web.gatekeeper import HEAD_BYTES_MAX

STATE_CHANGING = [
    ("POST", "/api/sign-out"),
    ("POST", "/api/rooms"),
    ("POST", "/api/rooms/aaaaaaaaaaaaaaaaaaaaaaaaaa/close"),
    ("PATCH", "/api/self"),
]
ORIGINS = ["", "null", "https://127.0.0.1:7480", "http://evil.example", "http://127.0.0.1:7481"]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(("method", "path"), STATE_CHANGING)
async def test_another_origin_changes_nothing(
    ingrid: Browser, method: str, path: str, origin: str
) -> None:
    """A page elsewhere cannot act in a signed-in person's name, nor can a form without origin."""
    answer = await ingrid.request(method, path, content={}, headers={"origin": origin})

    assert (answer.status, answer.code) == (403, "web.origin_refused")


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", ["/api/desk", f"/api/rooms/{'a' * 26}/participate"])
async def test_another_origin_gets_no_websocket(ingrid: Browser, path: str, origin: str) -> None:
    """Cross-site WebSocket hijacking ends at the handshake."""
    async with ingrid.page(path, origin=origin) as page:
        assert await page.receive() is None
        assert not page.is_accepted
        assert page.close_code == 1008


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1", "127.0.0.1:7481", "localhost"])
async def test_another_name_for_this_node_is_refused(stranger: Browser, host: str) -> None:
    """A name that was rebound to our address is not ours."""
    answer = await stranger.get("/healthz", host=host)

    assert (answer.status, answer.code) == (421, "web.host_refused")
    assert host not in answer.headers["content-security-policy"] or not host


async def test_both_names_of_the_loopback_are_ours(stranger: Browser) -> None:
    """127.0.0.1 and localhost."""
    assert (await stranger.get("/healthz", host="LocalHost:7480")).status == 200


async def test_every_answer_carries_the_protective_headers(ingrid: Browser) -> None:
    """Refusals too."""
    for path in ("/", "/api/self", "/api/nothing", "/healthz"):
        headers = (await ingrid.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "connect-src 'self' ws://127.0.0.1:7480" in policy
        for bound in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert bound in policy
        assert "strict-transport-security" not in headers


async def test_a_node_reached_by_https_is_asked_by_https_for_a_year(nodes: Nodes) -> None:
    """It and every name below it, also where a proxy before it speaks TLS; refusals too."""
    secure = await nodes.add("Port", web={"origins": ("https://parley.example",)})
    browser = secure.stranger()
    for path, host in (("/", ""), ("/api/self", ""), ("/healthz", "evil.example")):
        asked = {"host": host} if host else {}
        told = (await browser.get(path, **asked)).headers["strict-transport-security"]
        assert told == "max-age=31536000; includeSubDomains"


async def test_answers_with_personal_data_are_kept_by_nobody(ingrid: Browser) -> None:
    """No shared cache, no back button after signing out."""
    for path in ("/api/self", "/api/lines", "/api/rooms", "/api/refusals"):
        assert (await ingrid.get(path)).headers["cache-control"] == "no-store"


async def test_a_body_said_to_be_too_large_is_refused_unread(ingrid: Browser) -> None:
    """By its own word."""
    answer = await ingrid.post("/api/rooms", {}, content_length=str(4 * 2**30))

    assert (answer.status, answer.code) == (413, "web.body_too_large")


async def test_a_body_that_turns_out_too_large_is_refused(ingrid: Browser) -> None:
    """Whatever its head said."""
    limit = LimitSettings().body_bytes
    chunks = [b"x" * 4_096] * (limit // 4_096 + 1)

    answer = await ingrid.request(
        "POST",
        "/api/rooms",
        chunks=chunks,
        headers={"content-type": "application/json"},
    )

    assert (answer.status, answer.code) == (413, "web.body_too_large")


@pytest.mark.parametrize("sent", ["header", "address"])
async def test_a_head_that_is_too_large_is_malformed(ingrid: Browser, sent: str) -> None:
    """Also one that comes whole, in one packet; a WebSocket's too."""
    padding = "a" * HEAD_BYTES_MAX
    path, headers = ("/api/self", {"x": padding}) if sent == "header" else (f"/?{padding}", {})
    answer = await ingrid.get(path, **headers)

    assert (answer.status, answer.code) == (400, "web.malformed")
    async with ingrid.page("/api/desk", **headers) as page:
        first = await page.receive()
        assert page.is_accepted is (sent == "address")
        assert (first is None) is (sent == "header")


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "٣", "1,1"])
async def test_a_length_that_is_no_number_is_malformed(ingrid: Browser, length: str) -> None:
    """No guessing where a request ends."""
    scope_length = length.encode("utf-8").decode("latin-1")
    answer = await ingrid.post("/api/rooms", {}, content_length=scope_length)

    assert (answer.status, answer.code) == (400, "web.malformed")


async def test_a_body_that_never_ends_is_given_up(
    ingrid: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the seconds the settings allow; here the clock runs out at once."""

    def at_once(_: float) -> asyncio.Timeout:
        return asyncio.timeout_at(asyncio.get_running_loop().time() - 1)

    monkeypatch.setattr(gatekeeper, "waiting", at_once)
    answer = await ingrid.request("POST", "/api/rooms", chunks=[])

    assert (answer.status, answer.code) == (408, "web.too_slow")


async def test_an_address_that_asks_too_often_is_told_when_to_come_back(
    nodes: Nodes, near: NodeUnderTest, stranger: Browser
) -> None:
    """Its purse refills with time; other addresses are not concerned."""
    for _ in range(near.node.settings.limits.requests_per_minute):
        assert (await stranger.get("/healthz")).status == 200

    answer = await stranger.get("/healthz")

    assert (answer.status, answer.code) == (429, "web.too_many")
    assert int(answer.headers["retry-after"]) >= 1
    stranger.address = "192.0.2.9"
    assert (await stranger.get("/healthz")).status == 200
    stranger.address = "127.0.0.1"
    nodes.clock.advance(60)
    assert (await stranger.get("/healthz")).status == 200


async def test_links_cannot_be_guessed_at_speed(near: NodeUnderTest, stranger: Browser) -> None:
    """Twenty a minute and address."""
    limit = near.node.settings.limits.sign_ins_per_minute
    for number in range(limit):
        assert (await stranger.get(f"/sign-in?code={number}")).status == 403

    assert (await stranger.get("/sign-in?code=x")).code == "web.too_many"


async def test_refusals_are_counted(near: NodeUnderTest, ingrid: Browser) -> None:
    """By code, without who or what."""
    await ingrid.post("/api/rooms", {}, origin="http://evil.example")
    await ingrid.post("/api/rooms", {})

    told = near.node.metrics.exposition()
    assert b'parley_refusals_total{code="web.origin_refused"} 1.0' in told


async def test_one_network_of_addresses_is_one_source(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """Of IPv6 everybody has more addresses than requests a minute."""
    for number in range(near.node.settings.limits.requests_per_minute):
        stranger.address = f"2001:db8::{number:x}"
        assert (await stranger.get("/healthz")).status == 200

    stranger.address = "2001:db8::ffff:1"
    assert (await stranger.get("/healthz")).status == 429
    stranger.address = "2001:db8:0:1::1"
    assert (await stranger.get("/healthz")).status == 200


async def test_sources_that_ask_no_more_make_room_for_others(
    nodes: Nodes, near: NodeUnderTest, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever came once from many addresses does not leave one purse for everybody, for ever."""
    monkeypatch.setattr(gatekeeper, "SOURCES_MAX", 3)
    most = near.node.settings.limits.requests_per_minute
    for number in range(most + 3):
        stranger.address = f"192.0.2.{number}"
        assert (await stranger.get("/healthz")).status == 200
    assert (await stranger.get("/healthz")).status == 429

    nodes.clock.advance(60)
    stranger.address = "198.51.100.1"
    for _ in range(most):
        assert (await stranger.get("/healthz")).status == 200
    stranger.address = "198.51.100.2"
    assert (await stranger.get("/healthz")).status == 200
