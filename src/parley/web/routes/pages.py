"""The two WebSockets: the desk, and a place in a room."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from parley.errors import ParleyError, RequestMalformed
from parley.identity.cookie import note_seen
from parley.identity.permission import Act, may_at_all
from parley.identity.person import Person
from parley.identity.sign_in import SignedIn
from parley.ids import RoomId
from parley.line.view import stamp
from parley.rooms import frames
from parley.rooms.seat import refusal
from parley.web.guard import DATABASE_AWAY, require, socket_route, still, who
from parley.web.parts import Parts, parts_of
from parley.web.routes.rooms import parse_room
from parley.web.socket import PageSocket
from parley.web.staff_views import duress_frame, lent_roles_frame, self_view

router = APIRouter()
BEAT_EVERY_S: Final = 1.0
_decoder = msgspec.json.Decoder(frames.PageFrame)


@socket_route(router, "/api/desk", Act.LINE_WATCH)
async def desk(socket: WebSocket) -> None:
    """Keep a desk page up to date: who is signed in, lines, rooms, a beat each second."""
    parts = parts_of(socket)
    page = PageSocket(socket, parts.settings.limits, parts.clock)
    async with page.open(), _counted(parts, "desk"):
        # Before anything is looked up: what changes meanwhile is then looked at again at once.
        seen = parts.rights.number
        signed_in = await _admit(socket, page, Act.LINE_WATCH)
        if signed_in is None:
            return
        page.send(await self_view(parts, signed_in))
        parts.desks.add(page.post, reads_record=_reads_record(signed_in))
        try:
            await _read_until_gone(parts, page, signed_in, seen)
        finally:
            parts.desks.remove(page.post)


@socket_route(router, "/api/rooms/{room}/participate", Act.ROOM_JOIN)
async def participate(socket: WebSocket, room: str) -> None:
    """Take a page through a room: offer and answer, roster, slots, quality."""
    parts = parts_of(socket)
    page = PageSocket(socket, parts.settings.limits, parts.clock)
    async with page.open(), _counted(parts, "room"):
        seen = parts.rights.number
        signed_in = await _admit(socket, page, Act.ROOM_JOIN)
        if signed_in is None:
            return
        try:
            room_id = parse_room(room)
            parts.rooms.require_open(room_id)
            door = await parts.doors.of_room(room_id)
            require(parts, signed_in, Act.ROOM_JOIN, door.entering)
        except ParleyError as error:
            parts.security.refused(error, socket.scope)
            page.send(refusal(error))
            return
        person = signed_in.person
        shown = person if door.admission is None else door.admission.as_seen(person)
        await _in_room(parts, page, room_id, replace(signed_in, person=shown), seen)


async def _in_room(
    parts: Parts, page: PageSocket, room: RoomId, signed_in: SignedIn, rights_seen: int
) -> None:
    person = signed_in.person
    beats = asyncio.create_task(_beat_until_joined(parts, page, room, person), name="beats")
    watching = _watch_rights(parts, page, room, signed_in, rights_seen)
    watch = asyncio.create_task(watching, name="rights watch")
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


async def _admit(socket: WebSocket, page: PageSocket, act: Act) -> SignedIn | None:
    """Return who is behind a WebSocket; who may not is told so in words, then closed."""
    try:
        return await who(socket, act)
    except ParleyError as error:
        parts_of(socket).security.refused(error, socket.scope)
        page.send(refusal(error))
        return None


async def _read_until_gone(parts: Parts, page: PageSocket, signed_in: SignedIn, seen: int) -> None:
    watch = asyncio.create_task(_watch_desk(parts, page, signed_in, seen), name="rights watch")
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


async def _watch_desk(parts: Parts, page: PageSocket, signed_in: SignedIn, seen: int) -> None:
    """Keep a desk's view of its person's rights, of lent roles and duress calls."""
    lent, duress = frames.LentRoles(()), frames.DuressCalls(())
    while True:
        try:
            now_lent = await lent_roles_frame(parts)
            if now_lent != lent:
                lent = now_lent
                page.send(lent)
            calling = await duress_frame(parts, signed_in)
            if calling != duress:
                duress = calling
                page.send(duress)
            await parts.rights.wait(seen)
            number = parts.rights.number
            found = signed_in = await still(parts, signed_in.id, Act.LINE_WATCH)
            parts.desks.note_reader(page.post, reads_record=_reads_record(found))
            if number != seen:
                page.send(await self_view(parts, found))
                seen = number
            await _note_there(parts, found)
        except DATABASE_AWAY:
            # Nobody can change rights meanwhile, and a desk that goes dark helps nobody.
            await asyncio.sleep(BEAT_EVERY_S)
        except ParleyError as error:
            page.send(refusal(error))
            page.end()
            return


async def _watch_rights(
    parts: Parts, page: PageSocket, room: RoomId, signed_in: SignedIn, seen: int
) -> None:
    """Take a person out of a room at once when they may not be in it any more."""
    while True:
        await parts.rights.wait(seen)
        number = parts.rights.number
        try:
            found = await still(parts, signed_in.id, Act.ROOM_JOIN)
            require(parts, found, Act.ROOM_JOIN, (await parts.doors.of_room(room)).entering)
            await _note_there(parts, found)
            seen = number
        except DATABASE_AWAY:
            # Nobody can change rights meanwhile, and no disk ends a call.
            await asyncio.sleep(BEAT_EVERY_S)
        except ParleyError as error:
            page.send(refusal(error))
            parts.seats.dismiss(room, signed_in.person.id)
            page.end()
            return


def _reads_record(signed_in: SignedIn) -> bool:
    return may_at_all(signed_in.asker, Act.RECORD_READ)


async def _note_there(parts: Parts, signed_in: SignedIn) -> None:
    """Note that a page is open: its person is not silent; a disk that is full ends no page."""
    now = parts.clock.now()
    with contextlib.suppress(*DATABASE_AWAY):
        await parts.database.write(lambda connection: note_seen(connection, signed_in.id, now))


@contextlib.asynccontextmanager
async def _counted(parts: Parts, kind: str) -> AsyncIterator[None]:
    gauge = parts.metrics.sockets.labels(kind)
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()
