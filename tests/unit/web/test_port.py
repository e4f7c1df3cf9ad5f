"""Connections to the web port, over sockets of this machine: who is let in, and who has to go."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import pytest

from parley.node.setup import make_certificate
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.serving import WebListener

pytestmark = pytest.mark.enable_socket

HOST: Final = "127.0.0.1:7480"
PER_SOURCE: Final = 8
PLACES: Final = 16
Connected = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Listening:
    """A node that listens on a port of this machine."""

    def __init__(self, node: NodeUnderTest, address: str) -> None:
        self.node = node
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        self._open: list[asyncio.StreamWriter] = []

    async def connect(self, local: str = "127.0.0.1") -> Connected:
        """Connect from an address of this machine, and let the node take it."""
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=(local, 0))
        self._open.append(writer)
        return reader, writer

    async def connect_many(self, count: int, local: str = "127.0.0.1") -> list[Connected]:
        """Connect so many times."""
        return [await self.connect(local) for _ in range(count)]

    def request(self, path: str, **headers: str) -> bytes:
        """Return a request."""
        given = {"host": HOST, **headers}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
        return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()

    async def ask(self, connected: Connected, path: str, **headers: str) -> int:
        """Ask for something on a connection; return the status."""
        reader, writer = connected
        writer.write(self.request(path, **headers))
        return await answered(reader)

    def counted(self, name: str, **labels: str) -> float:
        """Return a figure of the node's; 0 while there is none."""
        return self.node.node.metrics.registry.get_sample_value(name, labels) or 0

    async def until(self, kind: str, count: int) -> None:
        """Wait until the port has so many connections of a kind."""
        await true(lambda: self.counted("parley_web_connections", kind=kind) == count)

    async def close(self) -> None:
        """Close all connections that were made."""
        for writer in self._open:
            writer.close()
        await asyncio.gather(*(each.wait_closed() for each in self._open), return_exceptions=True)


@asynccontextmanager
async def listening(
    nodes: Nodes, *, is_secure: bool = False, **web: object
) -> AsyncIterator[Listening]:
    """Keep a node with few places on a port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    limits: dict[str, object] = {
        "strangers": PLACES,
        "strangers_per_source": PER_SOURCE,
        "request_s": 1,
        "sockets": 2,
    }
    if is_secure:
        web |= {"certificate": "web.pem", "key": "web.key"}
    web |= {"listen": address, "origins": (f"http://{HOST}",)}
    near = await nodes.add("Harbour", web=web, limits=limits)
    if is_secure:
        make_certificate(near.node.settings)
    node = near.node
    listener = WebListener(node.app, node.settings, node.web_port, node.metrics)
    await listener.start()
    port = Listening(near, address)
    try:
        yield port
    finally:
        await port.close()
        await listener.stop()


async def answered(reader: asyncio.StreamReader) -> int:
    """Read an answer whole; return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
    return int(head.split()[1])


async def true(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    while not is_so():  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.01)


async def cookie_of(port: Listening, name: str) -> str:
    """Sign a person in; return their cookie."""
    browser = await port.node.browser(name)
    return "; ".join(f"{key}={value}" for key, value in browser.cookies.items())


async def test_the_oldest_of_a_source_goes_for_its_newest_and_for_nobody_else(
    nodes: Nodes,
) -> None:
    """Another address keeps its place, though it was there first; the newest is answered."""
    async with listening(nodes) as port:
        other = await port.connect("127.0.0.2")
        first, *_, last = await port.connect_many(PER_SOURCE + 1)
        assert await first[0].read() == b""
        assert await port.ask(last, "/healthz") == 200
        assert await port.ask(other, "/healthz") == 200
        assert port.counted("parley_web_ended_total", why="source") == 1
        await port.until("stranger", PER_SOURCE + 1)


async def test_without_a_place_those_of_the_largest_source_go(nodes: Nodes) -> None:
    """A newcomer of a third address gets in."""
    async with listening(nodes) as port:
        first, *_ = await port.connect_many(PER_SOURCE, "127.0.0.2")
        await port.connect_many(PER_SOURCE, "127.0.0.3")
        newest = await port.connect("127.0.0.4")
        assert await port.ask(newest, "/healthz") == 200
        assert await first[0].read() == b""
        assert port.counted("parley_web_ended_total", why="places") == 1


async def test_who_is_signed_in_keeps_their_connection(nodes: Nodes) -> None:
    """However many come from the same address; when it is closed, its place is free."""
    async with listening(nodes) as port:
        desk = await port.connect()
        cookie = await cookie_of(port, "Ingrid")
        assert await port.ask(desk, "/api/self", cookie=cookie) == 200
        await port.until("signed_in", 1)
        await port.connect_many(3 * PER_SOURCE)
        assert await port.ask(desk, "/healthz") == 200
        desk[1].close()
        await port.until("signed_in", 0)


async def test_a_cookie_that_signs_nobody_in_keeps_no_place(nodes: Nodes) -> None:
    """Anybody can send one."""
    async with listening(nodes) as port:
        name = (await cookie_of(port, "Ingrid")).partition("=")[0]
        forged = await port.connect()
        assert await port.ask(forged, "/api/self", cookie=f"{name}={'a' * 43}") == 401
        await port.connect_many(PER_SOURCE)
        assert await forged[0].read() == b""


async def test_signed_in_beyond_all_places_are_strangers(nodes: Nodes) -> None:
    """They are answered all the same, and have a place when one is free."""
    async with listening(nodes) as port:
        cookie = await cookie_of(port, "Ingrid")
        desks = await port.connect_many(3)
        for desk in desks:
            assert await port.ask(desk, "/api/self", cookie=cookie) == 200
        await port.until("signed_in", 2)
        desks[0][1].close()
        await port.until("signed_in", 1)
        assert await port.ask(desks[2], "/api/self", cookie=cookie) == 200
        await port.until("signed_in", 2)


async def test_a_head_that_does_not_come_whole_is_too_slow(nodes: Nodes) -> None:
    """It is told so; who says nothing at all is told nothing."""
    async with listening(nodes) as port:
        (slow, slow_out), (silent, _) = await port.connect_many(2)
        slow_out.write(port.request("/healthz")[:-2])
        head, _, body = (await slow.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in head.lower()
        assert json.loads(body)["code"] == "web.too_slow"
        assert await silent.read() == b""
        assert port.counted("parley_web_ended_total", why="head") == 1
        assert port.counted("parley_web_ended_total", why="silent") == 1
        assert port.counted("parley_refusals_total", code="web.too_slow") == 1


async def test_a_second_request_that_does_not_come_whole_is_too_slow(nodes: Nodes) -> None:
    """As the first one."""
    async with listening(nodes) as port:
        connected = await port.connect()
        assert await port.ask(connected, "/healthz") == 200
        connected[1].write(b"GET /heal")
        assert (await connected[0].read()).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_is_not_kept_after_a_body_that_was_too_slow(nodes: Nodes) -> None:
    """What is still to come would be waited for."""
    async with listening(nodes) as port:
        reader, writer = await port.connect()
        origin = f"origin: http://{HOST}\r\ncontent-length: 9\r\n\r\n"
        writer.write(
            port.request("/api/sign-out").replace(b"GET", b"POST")[:-2] + origin.encode() + b"{"
        )
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        assert port.counted("parley_web_ended_total", why="body") == 1


async def test_tls_that_does_not_come_whole_is_ended_and_counted(nodes: Nodes) -> None:
    """A connection has a place from when it comes in, and no longer than a request may take."""
    async with listening(nodes, is_secure=True) as port:
        silent, *_ = await port.connect_many(PER_SOURCE + 1)
        assert await silent[0].read() == b""
        assert port.counted("parley_web_ended_total", why="source") == 1
        trust = ssl.create_default_context(cafile=port.node.folder / "web.pem")
        reader, writer = await asyncio.open_connection("127.0.0.1", port.port, ssl=trust)
        assert await port.ask((reader, writer), "/healthz") == 200
        writer.close()
        await port.until("stranger", 0)
        assert port.counted("parley_web_ended_total", why="handshake") == PER_SOURCE - 1


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_of_before_or_without_a_key_of_its_own_is_refused(nodes: Nodes) -> None:
    """TLS 1.3 where both speak it; 1.2 with a fresh key and one seal; nothing older or weaker."""
    async with listening(nodes, is_secure=True) as port:

        async def spoken(newest: ssl.TLSVersion, ciphers: str) -> str | None:
            trust = ssl.create_default_context(cafile=port.node.folder / "web.pem")
            trust.minimum_version, trust.maximum_version = ssl.TLSVersion.TLSv1, newest
            trust.set_ciphers(f"{ciphers}:@SECLEVEL=0")
            _, writer = await asyncio.open_connection("127.0.0.1", port.port, ssl=trust)
            found: ssl.SSLObject = writer.get_extra_info("ssl_object")
            writer.close()
            return found.version()

        assert await spoken(ssl.TLSVersion.TLSv1_3, "ALL") == "TLSv1.3"
        assert await spoken(ssl.TLSVersion.TLSv1_2, "ALL") == "TLSv1.2"
        for newest, ciphers in (
            (ssl.TLSVersion.TLSv1_1, "ALL"),
            (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256"),
            (ssl.TLSVersion.TLSv1_2, "AES128-GCM-SHA256"),
        ):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await spoken(newest, ciphers)


async def test_a_proxy_that_is_named_is_believed_and_may_bring_many(nodes: Nodes) -> None:
    """Whom it asks for counts, each with places of their own; an empty name changes nothing."""
    async with listening(nodes, proxies=("127.0.0.1",)) as port:
        first, second, *_, last = await port.connect_many(2 * PER_SOURCE)
        assert await port.ask(last, "/healthz") == 200
        for connected in (first, second):
            forwarded = "203.0.113.9, 198.51.100.7"
            assert await port.ask(connected, "/healthz", x_forwarded_for=forwarded) == 200
        assert port.counted("parley_web_ended_total", why="source") == 0
        assert await port.ask(last, "/metrics", x_forwarded_for="198.51.100.7") == 403


async def test_what_a_proxy_brings_of_one_source_is_bounded(nodes: Nodes) -> None:
    """And a sign-in counts for the request it came with, not for the next person's."""
    async with listening(nodes, proxies=("127.0.0.1",)) as port:
        cookie = await cookie_of(port, "Ingrid")
        first, *others = await port.connect_many(PER_SOURCE + 1)
        signed_in = {"cookie": cookie, "x_forwarded_for": "198.51.100.8"}
        assert await port.ask(first, "/api/self", **signed_in) == 200
        await port.until("signed_in", 1)
        for connected in (first, *others):
            assert await port.ask(connected, "/healthz", x_forwarded_for="198.51.100.7") == 200
        await port.until("signed_in", 0)
        assert await first[0].read() == b""
        assert port.counted("parley_web_ended_total", why="source") == 1


async def test_who_is_no_proxy_cannot_say_where_it_comes_from(nodes: Nodes) -> None:
    """Each would have as many places as it likes, and be this machine to whom it likes."""
    async with listening(nodes, proxies=("127.0.0.9",)) as port:
        first, *others = await port.connect_many(PER_SOURCE)
        for number, connected in enumerate((first, *others)):
            named = f"198.51.100.{number}"
            assert await port.ask(connected, "/healthz", x_forwarded_for=named) == 200
        await port.connect()
        assert await first[0].read() == b""


async def test_a_flood_is_told_while_it_lasts(nodes: Nodes) -> None:
    """On every page, by `parley status` and to monitoring."""
    async with listening(nodes) as port:
        await port.connect_many(PER_SOURCE + 100)
        await true(lambda: port.counted("parley_web_ended_total", why="source") == 100)
        troubles = port.node.node.troubles
        assert [each.code for each in troubles.found()] == ["web.flooded"]
        assert b'parley_trouble{code="web.flooded"} 1.0' in port.node.node.metrics.exposition()
        nodes.clock.advance(61)
        assert troubles.found() == []
