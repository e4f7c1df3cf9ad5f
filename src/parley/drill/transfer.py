"""A large file that goes over the line beside a drill: attached here, fetched by the other node."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import httpx

from parley.drill.person import Person
from parley.drill.steps import Steps
from parley.errors import SampleFailed
from parley.node.sample import SampleNode
from parley.terminal.node import AGENT

GIGABYTE: Final = 1_000_000_000
PIECE_BYTES: Final = 1 << 20
CROSSING_BYTES: Final = 1 << 18
"""What must have crossed before a drill counts on the transfer. Less might be anything else."""
CROSSING_S_MAX: Final = 90.0
POLL_S: Final = 0.5
_RECEIVED: Final = "parley_lane_received_bytes"


@asynccontextmanager
async def transfer(person: Person, far: SampleNode, size: int, steps: Steps) -> AsyncIterator[None]:
    """Keep a file under way for as long as the block lasts.

    It is on this node's disk, sealed, before a byte of it crosses; the block begins when the other
    node takes it in.

    Raises:
        SampleFailed: it does not begin to cross.
    """
    sending = asyncio.create_task(_attach(person, size, steps))
    try:
        await _cross(sending, far)
        yield
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            await sending


async def _cross(sending: asyncio.Task[None], far: SampleNode) -> None:
    await asyncio.wait_for(asyncio.shield(sending), CROSSING_S_MAX)
    before = await asyncio.to_thread(_received, far)
    for _ in range(round(CROSSING_S_MAX / POLL_S)):
        await asyncio.sleep(POLL_S)
        if await asyncio.to_thread(_received, far) - before > CROSSING_BYTES:
            return
    raise SampleFailed(folder="the transfer")


def _received(node: SampleNode) -> float:
    found = node.metrics()
    return sum(value for name, value in found.items() if name.startswith(_RECEIVED))


async def _attach(person: Person, size: int, steps: Steps) -> None:
    """Attach a file of random bytes."""
    node = person.node
    spaces = await person.get("/api/record/spaces")
    space = spaces["spaces"][0]["id"]

    async def pieces() -> AsyncIterator[bytes]:
        done = 0
        while done < size:
            piece = os.urandom(min(PIECE_BYTES, size - done))
            done += len(piece)
            yield piece
            steps.count("MiB given to the node", done >> 20, size >> 20)

    headers = {"origin": node.origin.text, "content-type": "application/octet-stream"}
    headers |= {"cookie": node.cookie_header(), "user-agent": AGENT}
    async with httpx.AsyncClient(base_url=node.origin.text, timeout=CROSSING_S_MAX) as http:
        asked = {"space": space, "name": "image.bin", "type": "application/octet-stream"}
        answer = await http.post(
            "/api/record/attachments", params=asked, headers=headers, content=pieces()
        )
        answer.raise_for_status()
