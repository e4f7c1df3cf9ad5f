"""Synthetic viewers on the far side, and what their number costs on the line.

Each viewer is a person of the far party with a sign-in, a room socket and a synthetic participant:
the way a page takes, without its picture. However many watch, each layer is to cross the line once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from parley.errors import SampleFailed
from parley.node.sample import SamplePair
from parley.rooms.synthetic import SyntheticParticipant

WATCH_HEIGHT_PX = 720
"""High enough to ask for every layer: the largest is the one that would hurt most twice."""
SETTLE_S = 4.0
"""Viewers arriving ask for key frames; the window opens when that is over."""
WINDOW_S = 8.0
"""Shorter windows count the packets in flight at their ends as copies; 8 s keeps that below 5 %."""
LAYERS = ("q", "h", "f")
RETRY_S = 5.0
"""A node lets in so many a minute from one address, and all viewers come from one."""
VIEWER = "Parley viewer"
"""What a viewer says of itself, always alike: a cookie out of another browser is a copy."""


def copies_per_layer(pair: SamplePair, count: int) -> list[float]:
    """Return, for each layer that crossed, packets given to the line per packet its sender gave.

    Args:
        pair: Two running nodes; a publisher is already in the room on the near side.
        count: How many viewers to put on the far side.
    """
    # Playwright's synchronous interface keeps a loop of its own in this thread.
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, _copies(pair, count)).result()


async def _copies(pair: SamplePair, count: int) -> list[float]:
    async with AsyncExitStack() as stack:
        for index in range(count):
            address = await asyncio.to_thread(pair.invite, 1, f"Viewer {index + 1}")
            await stack.enter_async_context(participant_in_room(address, pair.room))
        await asyncio.sleep(SETTLE_S)
        before = await asyncio.to_thread(pair.metrics, 0)
        await asyncio.sleep(WINDOW_S)
        after = await asyncio.to_thread(pair.metrics, 0)
    return [copies for layer in LAYERS if (copies := _copies_of(layer, before, after)) is not None]


def _copies_of(layer: str, before: Mapping[str, float], after: Mapping[str, float]) -> float | None:
    def counted(way: str) -> float:
        name = f"parley_relay_layer_packets_{way}_{layer}"
        return after[name] - before[name]

    given, crossed = counted("from_publishers"), counted("to_lines")
    return crossed / given if given and crossed else None


@asynccontextmanager
async def participant_in_room(
    address: str, room: str, *, sends_video: bool = False
) -> AsyncIterator[None]:
    """Keep a synthetic participant in a room who sends sound, video if wanted, and watches all."""
    cookie = await asyncio.to_thread(_signed_in_cookie, address)
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    participant = SyntheticParticipant(sends_audio=True, sends_video=sends_video)
    headers = {"Cookie": cookie, "Origin": origin}
    uri = f"ws://{parts.netloc}/api/rooms/{room}/participate"
    async with connect(uri, additional_headers=headers, user_agent_header=VIEWER) as socket:
        muted = {"microphone": False, "camera": not sends_video, "screen": True}
        await _say(
            socket, {"type": "join", "offer": participant.offer(), "resume": None, "muted": muted}
        )
        watching = asyncio.create_task(_watch(socket, participant))
        try:
            yield
        finally:
            watching.cancel()
            participant.stop()
            await _say(socket, {"type": "leave"})


async def _watch(socket: ClientConnection, participant: SyntheticParticipant) -> None:
    async for frame in socket:
        seen: dict[str, Any] = msgspec.json.decode(frame)
        if seen["type"] == "joined":
            participant.accept(seen["answer"])
        elif seen["type"] == "roster":
            await _say(socket, {"type": "watch", "slots": _slots(seen["participants"])})
        elif seen["type"] == "beat":
            await _say(socket, {"type": "beat"})


def _slots(participants: list[dict[str, Any]]) -> list[dict[str, object]]:
    cameras = [
        track["id"]
        for participant in participants
        if not participant["is_local"]
        for track in participant["tracks"]
        if track["kind"] == "camera"
    ]
    return [
        {"slot": slot, "track": track, "height": WATCH_HEIGHT_PX}
        for slot, track in enumerate(cameras[:8])
    ]


async def _say(socket: ClientConnection, frame: dict[str, object]) -> None:
    await socket.send(msgspec.json.encode(frame).decode())


def _signed_in_cookie(address: str) -> str:
    cookies: SimpleCookie = SimpleCookie()
    while (pause_s := _sign_in(address, cookies)) > 0:
        time.sleep(pause_s)
    return "; ".join(f"{morsel.key}={morsel.value}" for morsel in cookies.values())


def _sign_in(address: str, cookies: SimpleCookie) -> float:
    """Open a one-time address; return how long to wait where the node asks to come back later.

    Raises:
        SampleFailed: the node does not sign the viewer in.
    """
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"User-Agent": VIEWER})
    answer = connection.getresponse()
    for name, value in answer.getheaders():
        if name.lower() == "set-cookie":
            cookies.load(value)
    connection.close()
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return float(answer.headers.get("retry-after", RETRY_S))
    if not cookies:
        raise SampleFailed(folder=parts.netloc)
    return 0
