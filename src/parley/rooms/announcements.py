"""The rooms a node knows, and what it may believe of what others hand over.

The whole trust rule: a statement counts if its signature holds, its signer is one of the parties
the opening lists, we are listed, and whoever handed it over is listed. Everything else is set
aside. Nothing here does I/O; the service writes what :meth:`Catalogue.take` returns.
"""

from collections.abc import Callable, Iterable
from typing import Final

from parley.errors import (
    ClaimName,
    RoomConflict,
    RoomForged,
    RoomNotTheirs,
    RoomsFlooded,
    RoomUnknown,
)
from parley.identity.names import resembles
from parley.ids import PartyId, RoomId
from parley.rooms.letters import STATEMENTS_MAX, Statements
from parley.rooms.room import Room, RoomState, closed
from parley.rooms.statement import Closing, Opening, hash_of, read_closing, read_opening

CLOSED_KEPT: Final = STATEMENTS_MAX // 2
"""Closed rooms handed over until they are delivered. More: bigger letters after a long cut."""


class Catalogue:
    """Every room of one node, open or lately closed. Owned by the event loop's thread."""

    def __init__(
        self, own: PartyId, names: Callable[[], Iterable[tuple[PartyId, str]]], open_max: int
    ) -> None:
        """Start empty.

        Args:
            own: our own party.
            names: the labels under which parties are pinned here, our own included.
            open_max: how many rooms may be open at once, and how many one party may open.
        """
        self._own = own
        self._names = names
        self._open_max = open_max
        self._rooms: dict[RoomId, Room] = {}

    def load(self, rooms: Iterable[Room]) -> None:
        """Take rooms from the database."""
        self._rooms = {room.id: room for room in rooms}

    def all(self) -> list[Room]:
        """Return every room, the newest first."""
        return sorted(self._rooms.values(), key=lambda room: room.opened_at, reverse=True)

    def open_rooms(self) -> list[Room]:
        """Return the rooms that are open."""
        return [room for room in self._rooms.values() if room.state is RoomState.OPEN]

    def get(self, room: RoomId) -> Room:
        """Return one room.

        Raises:
            RoomUnknown: no such room is known here.
        """
        try:
            return self._rooms[room]
        except KeyError as error:
            raise RoomUnknown(room=room.text) from error

    def put(self, room: Room) -> None:
        """Keep a room of our own, or its new state."""
        self._rooms[room.id] = room

    def forget(self, rooms: Iterable[RoomId]) -> None:
        """Drop rooms that were closed long ago; their rows stay."""
        for room in rooms:
            self._rooms.pop(room, None)

    def take(
        self, opening_bytes: bytes, closing_bytes: bytes | None, came_from: PartyId
    ) -> Room | None:
        """Judge one room that a party handed over.

        Returns:
            The room if something about it is new here, for the service to write and keep.

        Raises:
            LetterMalformed: the bytes are no statements.
            RoomForged: a signature does not hold.
            RoomNotTheirs: a signer, or the party that handed it over, is not listed, or we are not.
            RoomConflict: another opening of the same room is known.
            RoomsFlooded: the opener has too many rooms open.
            ClaimName: a listed party goes by a name that belongs to another one here.
        """
        opening = read_opening(opening_bytes)
        if opening is None:
            raise RoomForged(party=came_from.text)
        if not {came_from, self._own, opening.opener} <= opening.members:
            raise RoomNotTheirs(party=came_from.text)
        known = self._rooms.get(opening.room)
        if known is not None and known.opening_bytes != opening_bytes:
            raise RoomConflict(party=came_from.text)
        room = known
        if room is None:
            self._check_names(opening)
            if closing_bytes is None:
                self._check_flood(opening.opener)
            room = Room(opening, opening_bytes)
        if closing_bytes is not None:
            room = closed(room, self._closing(room, closing_bytes, came_from), closing_bytes)
        return None if room == known else room

    def statements_for(self, party: PartyId, delivered: set[RoomId]) -> Statements:
        """Return all a party is to know: open rooms it is in, and closed ones not yet delivered."""
        mine = [room for room in self.all() if party in room.members]
        still_open = [room for room in mine if room.state is RoomState.OPEN]
        lately = [
            room for room in mine if room.state is RoomState.CLOSED and room.id not in delivered
        ]
        chosen = (still_open + lately[:CLOSED_KEPT])[:STATEMENTS_MAX]
        return Statements(tuple((room.opening_bytes, room.closing_bytes) for room in chosen))

    def _closing(self, room: Room, closing_bytes: bytes, came_from: PartyId) -> Closing:
        closing = read_closing(closing_bytes)
        if closing is None or closing.room != room.id:
            raise RoomForged(party=came_from.text)
        if closing.opening_hash != hash_of(room.opening_bytes):
            raise RoomForged(party=came_from.text)
        if closing.closer not in room.members:
            raise RoomNotTheirs(party=came_from.text)
        return closing

    def _check_names(self, opening: Opening) -> None:
        """Refuse a room in which a party we do not know goes by the name of one we do."""
        pinned = dict(self._names())
        for party, name in opening.parties:
            if party in pinned:
                continue
            if any(resembles(name, taken) for taken in pinned.values()):
                raise ClaimName(party=party.text)

    def _check_flood(self, opener: PartyId) -> None:
        theirs = sum(1 for room in self.open_rooms() if room.opening.opener == opener)
        if theirs >= self._open_max or len(self.open_rooms()) >= STATEMENTS_MAX // 2:
            raise RoomsFlooded(party=opener.text, rooms_max=self._open_max)
