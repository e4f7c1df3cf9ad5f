"""Rooms: list, open, close."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.errors import RequestMalformed
from parley.identity.permission import Act
from parley.ids import PartyId, RoomId
from parley.rooms.admission import digits_of
from parley.rooms.view import RoomView
from parley.web.answers import RoomsAnswer, answer
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED

router = APIRouter()
IdText = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]


class RoomOpening(BaseModel):
    """A room to open: its title and the other parties it is for."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=120)]
    parties: Annotated[list[IdText], Field(max_length=31)]


@route(router, "GET", "/api/rooms", Act.ROOM_READ)
async def read_rooms(request: Request) -> Response:
    """Return open rooms and those closed within a day."""
    return answer(RoomsAnswer(tuple(parts_of(request).rooms.views())))


@route(router, "POST", "/api/rooms", Act.ROOM_OPEN, status_code=CREATED)
async def open_room(request: Request, signed_in: SignedInPerson, opening: RoomOpening) -> Response:
    """Open a room for one's own party and others."""
    parts = parts_of(request)
    try:
        parties = [PartyId.parse(text) for text in opening.parties]
    except ValueError as error:
        raise RequestMalformed(field="parties") from error
    if digits_of(opening.title) is None:
        room = await parts.rooms.open(signed_in.person, opening.title, parties)
        await parts.doors.lists.own(room.id, signed_in.person.id)
    else:
        # The other side of a call is told the party that opened its room, and nobody's name.
        own = parts.lines.book.own.name
        room = await parts.rooms.open_as(own, opening.title, parties)
    return answer(_view(parts, room.id), CREATED)


@route(router, "POST", "/api/rooms/{room}/close", Act.ROOM_CLOSE, About.LATER)
async def close_room(
    request: Request,
    signed_in: SignedInPerson,
    room: Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")],
) -> Response:
    """Close a room for everyone in it."""
    parts = parts_of(request)
    chosen = parse_room(room)
    require(parts, signed_in, Act.ROOM_CLOSE, (await parts.doors.of_room(chosen)).entering)
    return answer(_view(parts, (await parts.rooms.close(chosen)).id))


def parse_room(text: str) -> RoomId:
    """Read a room id from an address.

    Raises:
        RequestMalformed: it is none.
    """
    try:
        return RoomId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="room") from error


def _view(parts: Parts, room: RoomId) -> RoomView:
    return next(view for view in parts.rooms.views() if view.id == room.text)
