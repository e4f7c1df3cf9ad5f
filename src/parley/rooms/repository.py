"""Rooms as rows: the signed statements themselves, and whom each room spans."""

import sqlalchemy as sa
from whenever import Instant

from parley.errors import LetterMalformed
from parley.ids import RoomId
from parley.rooms.room import Room
from parley.rooms.statement import read_closing, read_opening
from parley.storage import tables


def all_rooms(connection: sa.Connection, closed_since: Instant) -> list[Room]:
    """Return every open room and those closed after ``closed_since``, oldest first."""
    room = tables.room.c
    rows = connection.execute(
        sa.select(tables.room)
        .where(sa.or_(room.closed_at.is_(None), room.closed_at > closed_since))
        .order_by(room.opened_at, room.id)
    )
    rooms = (_room(row.opening, row.closing) for row in rows)
    return [room for room in rooms if room is not None]


def save_room(connection: sa.Connection, room: Room) -> None:
    """Insert a room, or add the closing to one that is known."""
    closing = {
        "closing": room.closing_bytes,
        "closed_at": room.closing.closed_at if room.closing else None,
    }
    changed = connection.execute(
        tables.room.update().where(tables.room.c.id == room.id).values(**closing)
    )
    if changed.rowcount:
        return
    connection.execute(
        tables.room.insert().values(
            id=room.id, opening=room.opening_bytes, opened_at=room.opened_at, **closing
        )
    )
    connection.execute(
        tables.room_party.insert(),
        [{"room": room.id, "party": party, "name": name} for party, name in room.opening.parties],
    )


def is_known(connection: sa.Connection, room: RoomId) -> bool:
    """Say whether a row for the room exists, however long ago it was closed."""
    found = connection.execute(sa.select(tables.room.c.id).where(tables.room.c.id == room))
    return found.first() is not None


def _room(opening_bytes: bytes, closing_bytes: bytes | None) -> Room | None:
    """Read a row; one that does not hold any more (an edited database) is left out."""
    try:
        opening = read_opening(opening_bytes)
        closing = None if closing_bytes is None else read_closing(closing_bytes)
    except LetterMalformed:
        return None
    return None if opening is None else Room(opening, opening_bytes, closing, closing_bytes)
