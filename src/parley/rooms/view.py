"""What a desk is shown of a room."""

import msgspec

from parley.line.view import PartyView, stamp
from parley.rooms.room import Room


class OpenedByView(msgspec.Struct, frozen=True):
    """Who opened a room."""

    party: PartyView
    person_name: str


class RoomParticipantView(msgspec.Struct, frozen=True):
    """Somebody who is in a room, as the desk lists them."""

    id: str
    name: str
    party: PartyView


class RoomView(msgspec.Struct, frozen=True):
    """One room, as shown on the desk."""

    id: str
    title: str
    opened_by: OpenedByView
    opened_at: str
    closed_at: str | None
    parties: tuple[PartyView, ...]
    participants: tuple[RoomParticipantView, ...]
    state: str
    is_restricted: bool
    """Whether only named people of ours may enter."""
    is_exercise: bool
    """Whether it is the room of an exercise's call."""


def room_view(
    room: Room,
    opened_by: PartyView,
    parties: tuple[PartyView, ...],
    participants: tuple[RoomParticipantView, ...],
    *,
    is_restricted: bool,
    is_exercise: bool,
) -> RoomView:
    """Return what is shown of one room, with names as this node knows them."""
    return RoomView(
        room.id.text,
        room.opening.title,
        OpenedByView(opened_by, room.opening.person_name),
        stamp(room.opened_at),
        None if room.closing is None else stamp(room.closing.closed_at),
        parties,
        participants,
        room.state.value,
        is_restricted,
        is_exercise,
    )
