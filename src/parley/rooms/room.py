"""A room: one opening, at most one closing, and the machine between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from whenever import Instant

from parley.ids import PartyId, RoomId
from parley.rooms.statement import Closing, Opening


class RoomState(StrEnum):
    """Where a room stands."""

    OPEN = "open"
    CLOSED = "closed"


class RoomEvent(StrEnum):
    """What is learned about a room that is known."""

    OPENED_AGAIN = "opened_again"
    """Its own opening, handed over once more."""
    CLOSED = "closed"
    """A closing by a party it lists."""


TRANSITIONS: Final[Mapping[tuple[RoomState, RoomEvent], RoomState]] = {
    (RoomState.OPEN, RoomEvent.OPENED_AGAIN): RoomState.OPEN,
    (RoomState.OPEN, RoomEvent.CLOSED): RoomState.CLOSED,
    (RoomState.CLOSED, RoomEvent.OPENED_AGAIN): RoomState.CLOSED,
    (RoomState.CLOSED, RoomEvent.CLOSED): RoomState.CLOSED,
}
"""Closed is final, whatever order statements come in; so handing over is idempotent."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room as this node knows it."""

    opening: Opening
    opening_bytes: bytes
    closing: Closing | None = None
    closing_bytes: bytes | None = None

    @property
    def id(self) -> RoomId:
        """The room's id, the same at every party."""
        return self.opening.room

    @property
    def state(self) -> RoomState:
        """Open until somebody listed has closed it."""
        return RoomState.OPEN if self.closing is None else RoomState.CLOSED

    @property
    def members(self) -> frozenset[PartyId]:
        """Whom the room spans."""
        return self.opening.members

    @property
    def opened_at(self) -> Instant:
        """When it was opened, by the opener's clock."""
        return self.opening.opened_at


def closed(room: Room, closing: Closing, closing_bytes: bytes) -> Room:
    """Return ``room`` after a closing; the first closing stays."""
    if TRANSITIONS[room.state, RoomEvent.CLOSED] is room.state:
        return room
    return Room(room.opening, room.opening_bytes, closing, closing_bytes)
