"""How long a browser may take to say what it wants."""

import asyncio
import dataclasses
import socket

import pytest
import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.server import ServerState

from parley.errors import PortTaken
from parley.testing.nodes import NodeUnderTest
from parley.web.serving import PatientProtocol, WebListener


class Transport(asyncio.Transport):
    """A connection in memory that behaves as asyncio's TLS does once it is closing."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 7443)})
        self.protocol: asyncio.BaseProtocol | None = None
        self.times_closed = 0

    @override
    def get_protocol(self) -> asyncio.BaseProtocol:
        if self.protocol is None:
            msg = "'NoneType' object has no attribute '_app_protocol'"
            raise AttributeError(msg)
        return self.protocol

    @override
    def is_closing(self) -> bool:
        return self.protocol is None

    @override
    def close(self) -> None:
        self.protocol = None
        self.times_closed += 1

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass


async def _nothing(scope: object, receive: object, send: object) -> None:
    """The application these tests never get to."""


def _connect(near: NodeUnderTest) -> Transport:
    """Let a browser in that may take no time at all to say what it wants."""
    config = uvicorn.Config(_nothing, log_config=None)
    config.load()
    chosen = {"head_s": 0, "port": near.node.web_port, "metrics": near.node.metrics}
    kind = type("Protocol", (PatientProtocol,), chosen)
    protocol = kind(config, ServerState(), {}, asyncio.get_running_loop())
    transport = Transport()
    transport.protocol = protocol
    protocol.connection_made(transport)
    return transport


async def _let_timers_run() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_head_that_does_not_come_closes_the_connection(near: NodeUnderTest) -> None:
    """A browser that says nothing holds no place."""
    transport = _connect(near)
    await _let_timers_run()
    assert transport.times_closed == 1


async def test_a_connection_that_is_closing_already_is_left_alone(near: NodeUnderTest) -> None:
    """A closed TLS connection does not know its protocol any more, and raises when asked."""
    failures: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    transport = _connect(near)
    transport.close()
    await _let_timers_run()
    assert (transport.times_closed, failures) == (1, [])


@pytest.mark.enable_socket
async def test_a_port_that_is_taken_is_named(near: NodeUnderTest) -> None:
    """The operator reads which address to free, before anything else has been opened."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = near.node.settings
        moved = dataclasses.replace(settings, web=dataclasses.replace(settings.web, listen=address))

        with pytest.raises(PortTaken) as refused:
            await WebListener(_nothing, moved, near.node.web_port, near.node.metrics).start()

    assert refused.value.params == {"address": address}


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "head",
    [
        b"Host: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
        b"Host: x\r\nContent-Length: +3\r\n",
        b"Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Host: x\r\nTransfer-Encoding: xchunked\r\n",
        b"Host: x\r\nContent-Length : 3\r\n",
        b"Host: x\r\nX: a\x00b\r\n",
        b"Host: x\r\nHost: y\r\n",
    ],
)
async def test_a_head_that_two_readers_would_read_differently_gets_nowhere(
    near: NodeUnderTest, head: bytes
) -> None:
    """Nothing is smuggled in behind it: the connection closes, and the application never hears."""
    answer, heard = await _told(
        near, b"POST /api/rooms HTTP/1.1\r\n" + head + b"\r\nGET /smuggled HTTP/1.1\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert heard == []


KEY = b"Sec-WebSocket-Key: " + b"AAAAAAAAAAAAAAAAAAAAAA==" + b"\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "request_line",
    [
        b"NONSENSE\r\n",
        b"GET /api/desk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        b"GET /api/desk HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + KEY,
        b"POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + KEY
        + VERSION,
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: ?\r\n" + VERSION,
    ],
)
async def test_what_no_application_is_asked_for_is_refused_as_guarded_as_all_else(
    near: NodeUnderTest, request_line: bytes
) -> None:
    """By the listener itself: a problem document that no page frames, sniffs or keeps."""
    answer, heard = await _told(near, request_line + b"\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400")
    for said in (
        b"content-type: application/problem+json",
        b"x-content-type-options: nosniff",
        b"frame-ancestors 'none'",
        b"cache-control: no-store",
        b"connection: close",
    ):
        assert said in head.lower()
    assert b'"web.malformed"' in body
    assert heard == []


@pytest.mark.enable_socket
async def test_a_refused_websocket_is_told_why_as_guarded_as_all_else(near: NodeUnderTest) -> None:
    """A handshake of another origin ends with a problem document, not with an empty answer."""
    asked = (
        b"GET /api/desk HTTP/1.1\r\nHost: 127.0.0.1:7480\r\nOrigin: http://evil.example\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n" + KEY + VERSION + b"\r\n"
    )
    answer, _ = await _told(near, asked, near.node.app)
    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 403")
    assert b"x-content-type-options: nosniff" in head.lower()
    assert b"frame-ancestors 'none'" in head.lower()
    assert b'"web.origin_refused"' in body


async def _told(
    near: NodeUnderTest, asked: bytes, app: ASGIApp | None = None
) -> tuple[bytes, list[object]]:
    """Return what a port of this machine answers to some bytes, and what its application heard."""
    heard: list[object] = []

    async def hear(scope: object, receive: object, send: object) -> None:
        heard.append((scope, receive, send))

    settings = near.node.settings
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    at = dataclasses.replace(settings.web, listen=f"127.0.0.1:{port}")
    moved = dataclasses.replace(settings, web=at)
    listener = WebListener(app or hear, moved, near.node.web_port, near.node.metrics)
    await listener.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        answer = await reader.read()
        writer.close()
    finally:
        await listener.stop()
    return answer, heard
