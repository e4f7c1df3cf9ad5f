"""The tables of who of our party may enter a room; private, never told to another party."""

import sqlalchemy as sa

from parley.ids import OfficeId, PersonId, RoomId
from parley.storage.columns import IdColumn, InstantColumn
from parley.storage.tables import metadata

room_owner = sa.Table(
    "room_owner",
    metadata,
    sa.Column("room", IdColumn(RoomId), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sqlite_strict=True,
)
"""Which person of ours opened a room; one that the node opened by itself has no row."""

room_list = sa.Table(
    "room_list",
    metadata,
    sa.Column("subject", sa.LargeBinary, primary_key=True),
    sa.Column("set_by", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("set_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Rooms, by their id, and calls, by their request's hash, that only named people of ours enter."""

room_named = sa.Table(
    "room_named",
    metadata,
    sa.Column("subject", sa.LargeBinary, sa.ForeignKey("room_list.subject"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("office", IdColumn(OfficeId), sa.ForeignKey("office.id")),
    sa.Column("capacity", sa.Text, nullable=False),
    sa.Column("shown_as", sa.Text),
    sqlite_strict=True,
)
"""Who is named there: a person or an office, in which capacity, and what the others see."""
