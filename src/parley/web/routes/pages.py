"""The two WebSockets: the desk, and a place in a room."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from parley.errors import ParleyError, RequestMalformed
from parley.identity.person import Person
from parley.identity.sign_in import SignedIn
from parley.ids import RoomId
from parley.line.view import stamp
from parley.rooms import frames
from parley.rooms.seat import refusal
from parley.web.guard import Guard, socket_route, still_signed_in, who
from parley.web.parts import Parts, parts_of
from parley.web.routes.rooms import parse_room
from parley.web.routes.sign_in import self_view
from parley.web.socket import PageSocket

router = APIRouter()
CHECK_EVERY_S: Final = 60.0
"""Seconds between looks at whether the person is still signed in."""
BEAT_EVERY_S: Final = 1.0
_decoder = msgspec.json.Decoder(frames.PageFrame)


@socket_route(router, "/api/desk", Guard.SIGNED_IN)
async def desk(socket: WebSocket) -> None:
    """Keep a desk page up to date: who is signed in, lines, rooms, a beat each second."""
    parts = parts_of(socket)
    page = PageSocket(socket, parts.settings.limits, parts.clock)
    async with page.open(), _counted(parts, "desk"):
        signed_in = await _admit(socket, page)
        if signed_in is None:
            return
        page.send(self_view(parts, signed_in.person))
        parts.desks.add(page.post)
        try:
            await _read_until_gone(parts, socket, page)
        finally:
            parts.desks.remove(page.post)


@socket_route(router, "/api/rooms/{room}/participate", Guard.SIGNED_IN)
async def participate(socket: WebSocket, room: str) -> None:
    """Take a page through a room: offer and answer, roster, slots, quality."""
    parts = parts_of(socket)
    page = PageSocket(socket, parts.settings.limits, parts.clock)
    async with page.open(), _counted(parts, "room"):
        signed_in = await _admit(socket, page)
        if signed_in is None:
            return
        try:
            room_id = parse_room(room)
            parts.rooms.require_open(room_id)
        except ParleyError as error:
            page.send(refusal(error))
            return
        await _in_room(parts, socket, page, room_id, signed_in.person)


async def _in_room(
    parts: Parts, socket: WebSocket, page: PageSocket, room: RoomId, person: Person
) -> None:
    beats = asyncio.create_task(_beat_until_joined(parts, page, room, person), name="beats")
    watch = asyncio.create_task(_watch_sign_in(parts, socket, page), name="sign-in watch")
    sink = page.send
    try:
        while True:
            encoded = await page.receive()
            try:
                frame = _decoder.decode(encoded)
                parts.seats.take(room, person, sink, frame)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                page.send(refusal(RequestMalformed(field="frame")))
            except ParleyError as error:
                page.send(refusal(error))
    except WebSocketDisconnect:
        pass
    except ParleyError as error:
        page.send(refusal(error))
    finally:
        parts.seats.page_lost(room, person, sink)
        beats.cancel()
        watch.cancel()
        await asyncio.gather(beats, watch, return_exceptions=True)


async def _beat_until_joined(parts: Parts, page: PageSocket, room: RoomId, person: Person) -> None:
    """Send beats while the page is still checking its devices; afterwards its place does."""
    while True:
        if not parts.seats.is_seated(room, person.id):
            page.send(frames.Beat(stamp(parts.clock.now())))
        await asyncio.sleep(BEAT_EVERY_S)


async def _admit(socket: WebSocket, page: PageSocket) -> SignedIn | None:
    """Return who is behind a WebSocket; nobody is told so in words, then closed."""
    try:
        return await who(socket)
    except ParleyError as error:
        page.send(refusal(error))
        return None


async def _read_until_gone(parts: Parts, socket: WebSocket, page: PageSocket) -> None:
    watch = asyncio.create_task(_watch_sign_in(parts, socket, page), name="sign-in watch")
    try:
        while True:
            await page.receive()
    except WebSocketDisconnect:
        pass
    except ParleyError as error:
        page.send(refusal(error))
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch_sign_in(parts: Parts, socket: WebSocket, page: PageSocket) -> None:
    """Close a page whose person has signed out; note for the others that they are there."""
    secret = socket.cookies.get(parts.cookie, "")
    while True:
        await asyncio.sleep(CHECK_EVERY_S)
        try:
            await still_signed_in(parts, secret)
        except ParleyError as error:
            page.send(refusal(error))
            page.end()


@contextlib.asynccontextmanager
async def _counted(parts: Parts, kind: str) -> AsyncIterator[None]:
    gauge = parts.metrics.sockets.labels(kind)
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()
