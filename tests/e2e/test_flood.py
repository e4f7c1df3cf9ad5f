"""A real node whose web port is flooded: the desk hears its alerts, and people get in."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import resource
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest
from websockets.asyncio.client import connect

from parley.node.sample import SampleNode, SamplePair
from parley.testing.pairs import closed, parties_of, reach, write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

FLOOD: Final = 10_000
AT_ONCE: Final = 200
"""Connections that are being opened at any moment."""
TRIES: Final = 20
AGENT: Final = "Parley flood test"
ONE: Final = ("127.0.0.1",)
OTHER: Final = "127.0.0.2"
"""Whoever comes meanwhile. One that shares the flood's address may need a second try."""
MANY: Final = tuple(f"127.1.{high}.{low}" for high in range(8) for low in range(1, 251))
SLOW: Final = b"GET /api/self HTTP/1.1\r\nHost: "


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    """Let this process, and the nodes it starts, open as much as they may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[SamplePair]:
    """Give a test two nodes with a line."""
    with SamplePair.running(tmp_path, profile="lan", seed=1) as running:
        reach(lambda: closed(running), 0)
        yield running


@pytest.mark.parametrize("sources", [ONE, MANY], ids=["one source", "two thousand sources"])
@pytest.mark.parametrize("said", [b"", SLOW], ids=["idle", "slow"])
def test_ten_thousand_connections_silence_no_desk_and_keep_nobody_out(
    pair: SamplePair, sources: tuple[str, ...], said: bytes
) -> None:
    """A signed-in WebSocket hears an alert, and whoever comes is answered, never with 503."""
    in_a_thread(_flooded(pair, sources, said))


def in_a_thread(flooded: Coroutine[Any, Any, None]) -> None:
    """Run it where no loop runs: a browser of an earlier test leaves one in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, flooded).result()


async def _flooded(pair: SamplePair, sources: tuple[str, ...], said: bytes) -> None:
    near, far = pair.nodes
    party, _ = await asyncio.to_thread(parties_of, pair)
    cookie = await asyncio.to_thread(sign_in, near, near.sign_in_address("Ingrid Solberg"))
    late = near.sign_in_address("Мария Волкова")
    async with desk(near, cookie) as heard, flood(near, sources, said) as flooded:
        await flooded.wait()
        for _ in range(TRIES):
            assert await asyncio.to_thread(ask, near, "/api/self") == 401
            assert await asyncio.to_thread(ask, near, "/healthz") == 200
        other = await asyncio.to_thread(sign_in, near, late)
        for _ in range(TRIES):
            assert await asyncio.to_thread(ask, near, "/api/self", other) == 200
        await asyncio.to_thread(write, far, party, 1)
        await heard.until(lambda frame: frame["type"] == "alerts" and frame["number"])
        assert len((await asyncio.to_thread(read, near, "/api/alerts", cookie))["alerts"]) == 1
        told = await heard.until(lambda frame: frame["type"] == "node" and frame["troubles"])
        assert told["troubles"] == ["web.flooded"]
        status = await asyncio.to_thread(near.ask, "status")
        assert [each["code"] for each in status["troubles"]] == ["web.flooded"]
    assert await asyncio.to_thread(ended, near, "source", "places") >= FLOOD // 2


def test_a_head_that_does_not_come_whole_is_told_so_and_counted(pair: SamplePair) -> None:
    """Who said nothing at all is not told anything: it may be a browser that connected ahead."""
    near, _ = pair.nodes
    with (
        socket.create_connection(("127.0.0.1", near.web), timeout=60) as slow,
        socket.create_connection(("127.0.0.1", near.web), timeout=60) as silent,
    ):
        slow.sendall(SLOW)
        answer = http.client.HTTPResponse(slow)
        answer.begin()
        assert (answer.status, json.load(answer)["code"]) == (408, "web.too_slow")
        assert slow.recv(1) == b""
        assert silent.recv(1) == b""
    assert ended(near, "head") == 1
    assert ended(near, "silent") == 1


def test_a_body_that_does_not_come_whole_is_told_so_and_ended(pair: SamplePair) -> None:
    """Though it goes on to come, a byte at a time."""
    near, _ = pair.nodes
    with socket.create_connection(("127.0.0.1", near.web), timeout=60) as slow:
        slow.sendall(
            f"POST /api/sign-in/begin HTTP/1.1\r\nHost: 127.0.0.1:{near.web}\r\n"
            f"Origin: {near.origin}\r\nContent-Length: 100\r\n\r\n{{".encode()
        )
        answer = http.client.HTTPResponse(slow)
        answer.begin()
        assert (answer.status, json.load(answer)["code"]) == (408, "web.too_slow")
        assert slow.recv(1) == b""
    assert ended(near, "body") == 1


# ----------------------------------------------------------------------------------------- details


@contextlib.asynccontextmanager
async def flood(
    node: SampleNode, sources: tuple[str, ...], said: bytes
) -> AsyncIterator[asyncio.Event]:
    """Open connections that say too little, for ever; say when there have been enough."""
    flooded = asyncio.Event()
    loop = asyncio.get_running_loop()
    held: list[socket.socket] = []
    count = 0

    async def keep_opening(number: int) -> None:
        nonlocal count
        while True:
            each = socket.socket()
            each.setblocking(False)
            try:
                # The port is chosen with the other end, so that there are enough of them.
                each.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
                each.bind((sources[(count + number) % len(sources)], 0))
                await loop.sock_connect(each, ("127.0.0.1", node.web))
                await loop.sock_sendall(each, said)
            except OSError:
                each.close()
                await asyncio.sleep(0.01)
                continue
            except asyncio.CancelledError:
                each.close()
                raise
            held.append(each)
            count += 1
            if len(held) > FLOOD:
                flooded.set()
                held.pop(0).close()

    opening = [asyncio.create_task(keep_opening(number)) for number in range(AT_ONCE)]
    try:
        yield flooded
    finally:
        for task in opening:
            task.cancel()
        ended = await asyncio.gather(*opening, return_exceptions=True)
        for each in held:
            each.close()
        assert all(isinstance(each, asyncio.CancelledError) for each in ended)


IP_BIND_ADDRESS_NO_PORT: Final = 24
"""Of Linux's <linux/in.h>; Python has no name for it."""


@contextlib.asynccontextmanager
async def desk(node: SampleNode, cookie: str) -> AsyncIterator[Heard]:
    """Keep a desk page open; give back what it hears, and fail if it is closed."""
    heard = Heard()
    headers = {"Cookie": cookie, "Origin": node.origin}
    address = f"ws://127.0.0.1:{node.web}/api/desk"
    async with connect(
        address, additional_headers=headers, user_agent_header=AGENT, open_timeout=60, proxy=None
    ) as page:

        async def listen() -> None:
            async for frame in page:
                heard.take(json.loads(frame))

        listening = asyncio.create_task(listen())
        try:
            yield heard
            assert not listening.done()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


class Heard:
    """All that a desk page heard."""

    def __init__(self) -> None:
        self._frames: list[dict[str, Any]] = []
        self._more = asyncio.Event()

    def take(self, frame: dict[str, Any]) -> None:
        """Keep a frame."""
        self._frames.append(frame)
        self._more.set()

    async def until(self, is_it: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Return the first frame that is what is waited for, before or from now on."""
        seen = 0
        while True:
            for frame in self._frames[seen:]:
                if is_it(frame):
                    return frame
            seen = len(self._frames)
            self._more.clear()
            await self._more.wait()


def ended(node: SampleNode, *reasons: str) -> float:
    """Return how many connections the node says it ended for these reasons."""
    figures = node.metrics()
    return sum(figures.get(f"parley_web_ended_total{{why={why}}}", 0) for why in reasons)


def ask(node: SampleNode, path: str, cookie: str = "") -> int:
    """Ask for a page over a connection of its own; return the status."""
    return _get(node, path, cookie)[0]


def read(node: SampleNode, path: str, cookie: str) -> dict[str, Any]:
    """Return what a page reads."""
    status, _, content = _get(node, path, cookie)
    assert status == 200
    found: dict[str, Any] = json.loads(content)
    return found


def sign_in(node: SampleNode, address: str) -> str:
    """Open a one-time address; return the cookie."""
    status, cookie, _ = _get(node, address.removeprefix(node.origin), "")
    assert status == 303
    return cookie.partition(";")[0]


def _get(node: SampleNode, path: str, cookie: str) -> tuple[int, str, bytes]:
    asking = http.client.HTTPConnection(
        "127.0.0.1", node.web, timeout=60, source_address=(OTHER, 0)
    )
    try:
        asking.request("GET", path, headers={"User-Agent": AGENT, "Cookie": cookie})
        answer = asking.getresponse()
        content = answer.read()
        return answer.status, answer.headers.get("set-cookie", ""), content
    finally:
        asking.close()
