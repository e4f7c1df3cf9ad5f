"""Who of our party may enter a room, or the room of a call."""

from typing import Annotated, Final

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.errors import RequestMalformed
from parley.identity.office import all_offices
from parley.identity.permission import Act, Proof, may
from parley.identity.person import all_people
from parley.identity.sign_in import SignedIn
from parley.ids import OfficeId, PersonId
from parley.rooms.admission import (
    NAMED_MAX,
    SHOWN_CHARACTERS_MAX,
    Admission,
    Capacity,
    Named,
    id_of,
)
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.doors import Door
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import Parts, parts_of
from parley.web.routes.rooms import parse_room

router = APIRouter()
IdText = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]
RoomText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
DigestText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_ID: Final = "^(official|interpreter|staff)$"


class NamedGiven(BaseModel):
    """A person or an office of ours that may enter."""

    model_config = ConfigDict(extra="forbid")

    capacity: Annotated[str, Field(pattern=_ID)]
    person: IdText | None = None
    office: IdText | None = None
    shown_as: Annotated[str | None, Field(min_length=1, max_length=SHOWN_CHARACTERS_MAX)] = None


class ListGiven(BaseModel):
    """Who may enter; null: no list of ours."""

    model_config = ConfigDict(extra="forbid")

    named: Annotated[list[NamedGiven] | None, Field(max_length=NAMED_MAX)]


class NamedView(msgspec.Struct, frozen=True):
    """A person or an office that may enter."""

    capacity: str
    """official, interpreter or staff."""
    person: str | None
    office: str | None
    name: str
    """What the person or office is called here."""
    shown_as: str | None
    """What everybody in the room sees instead, if anything."""


class DoorView(msgspec.Struct, frozen=True):
    """Who of our party may enter a room."""

    is_restricted: bool
    """Whether only those named may."""
    is_set: bool
    """Whether somebody made the list; else it follows from the call's request."""
    call: str | None
    """Hash of the request, where the room is a call's."""
    official: str | None
    """Who of ours speaks in the call, in the words of the request; what the other side sees."""
    named: tuple[NamedView, ...]
    may_enter: bool
    """Whether the asking person may."""
    may_change: bool
    """Whether the asking person may change it, with a passkey where that is asked."""


@route(router, "GET", "/api/rooms/{room}/door", Act.ROOM_READ)
async def read_room_door(request: Request, signed_in: SignedInPerson, room: RoomText) -> Response:
    """Return who of our party may enter a room."""
    parts = parts_of(request)
    return await _shown(parts, signed_in, await parts.doors.of_room(parse_room(room)))


@route(router, "PUT", "/api/rooms/{room}/door", Act.ROOM_RESTRICT, About.LATER)
async def change_room_door(
    request: Request, signed_in: SignedInPerson, room: RoomText, given: ListGiven
) -> Response:
    """Let only named people and offices of ours enter a room, or everybody again."""
    parts, chosen = parts_of(request), parse_room(room)
    await _change(parts, signed_in, await parts.doors.of_room(chosen), given)
    return await _shown(parts, signed_in, await parts.doors.of_room(chosen))


@route(router, "GET", "/api/call-requests/{digest}/door", Act.CALL_READ)
async def read_call_door(
    request: Request, signed_in: SignedInPerson, digest: DigestText
) -> Response:
    """Return who of our party may enter the room of a call."""
    parts = parts_of(request)
    return await _shown(parts, signed_in, await parts.doors.of_call(bytes.fromhex(digest)))


@route(router, "PUT", "/api/call-requests/{digest}/door", Act.ROOM_RESTRICT, About.LATER)
async def change_call_door(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: ListGiven
) -> Response:
    """Name who of ours enters the room of a call, or leave it to the request again."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    await _change(parts, signed_in, await parts.doors.of_call(wanted), given)
    return await _shown(parts, signed_in, await parts.doors.of_call(wanted))


async def _change(parts: Parts, asking: SignedIn, door: Door, given: ListGiven) -> None:
    require(parts, asking, Act.ROOM_RESTRICT, door.listing)
    named = None if given.named is None else [_named(each) for each in given.named]
    is_call = door.admission is not None and door.admission.side is not None
    if is_call and any(
        each.capacity is not Capacity.OFFICIAL and each.shown_as is None for each in named or ()
    ):
        # What the other side is to see of them must not fall back to the official's name.
        raise RequestMalformed(field="named.shown_as")
    await parts.doors.lists.restrict(door.subject, named, asking.person.id, parts.clock.now())
    log.info("who may enter a room changed", subject=door.subject.hex())
    parts.rights.note_change()
    parts.rooms.changed()


def _named(given: NamedGiven) -> Named:
    return Named(
        Capacity(given.capacity),
        None if given.person is None else PersonId.parse(given.person),
        None if given.office is None else OfficeId.parse(given.office),
        given.shown_as,
    )


async def _shown(parts: Parts, asking: SignedIn, door: Door) -> Response:
    admission, now = door.admission, parts.clock.now()
    rights = asking.asker
    side = None if admission is None else admission.side
    names = await parts.database.read(_names)
    return answer(
        DoorView(
            is_restricted=admission is not None,
            is_set=admission is not None and admission.is_set,
            call=None if side is None else side.call.hex(),
            official=None if side is None else side.official,
            named=() if admission is None else tuple(_listed(admission, names)),
            may_enter=bool(may(rights, Act.ROOM_JOIN, door.entering, now)),
            may_change=bool(
                may(rights, Act.ROOM_RESTRICT, door.listing, now, shown=Proof.SIGNATURE)
            ),
        )
    )


def _names(connection: sa.Connection) -> dict[str, str]:
    people = {each.id.text: each.name for each in all_people(connection)}
    return {**people, **{each.id.text: each.name for each in all_offices(connection)}}


def _listed(admission: Admission, names: dict[str, str]) -> list[NamedView]:
    return [
        NamedView(
            each.capacity.value,
            None if each.person is None else each.person.text,
            None if each.office is None else each.office.text,
            names.get(id_of(each), ""),
            each.shown_as,
        )
        for each in admission.named
    ]
