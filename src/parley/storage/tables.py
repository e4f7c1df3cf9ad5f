"""The tables of a node, the same in SQLite and PostgreSQL."""

import sqlalchemy as sa

from parley.ids import ParticipantId, PartyId, RoomId
from parley.storage.columns import IdColumn, InstantColumn, whole

__all__ = ["IdColumn", "InstantColumn", "ParticipantId", "metadata"]

metadata = sa.MetaData()

party = sa.Table(
    "party",
    metadata,
    sa.Column("id", IdColumn(PartyId), primary_key=True),
    sa.Column("card", sa.LargeBinary, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_ours", sa.Integer, nullable=False),
    sa.Column("imported_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Our own card and the other parties'; the name is pinned when the card is first imported."""

pairing = sa.Table(
    "pairing",
    metadata,
    sa.Column("party", IdColumn(PartyId), sa.ForeignKey("party.id"), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("ours_confirmed_at", InstantColumn),
    sa.Column("theirs_confirmed_at", InstantColumn),
    sa.Column("changed_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""How far both sides have confirmed each line."""

room = sa.Table(
    "room",
    metadata,
    sa.Column("id", IdColumn(RoomId), primary_key=True),
    sa.Column("opening", sa.LargeBinary, nullable=False),
    sa.Column("opened_at", InstantColumn, nullable=False),
    sa.Column("closing", sa.LargeBinary),
    sa.Column("closed_at", InstantColumn),
    sqlite_strict=True,
)
"""Rooms: the opener's signed statement, and the closer's once there is one."""

room_party = sa.Table(
    "room_party",
    metadata,
    sa.Column("room", IdColumn(RoomId), sa.ForeignKey("room.id"), primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sqlite_strict=True,
)
"""Which parties a room spans, under the name the opener knows them by."""

deadline = sa.Table(
    "deadline",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", InstantColumn, nullable=False),
    sa.Column("acts_at", InstantColumn, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("set_at", InstantColumn, nullable=False),
    sa.Column("settled_at", InstantColumn),
    sqlite_strict=True,
)
"""By when something must have happened, and what became of it; see parley.storage.deadlines."""
sa.Index(
    "deadline_waiting",
    deadline.c.acts_at,
    sqlite_where=deadline.c.state == "waiting",
    postgresql_where=deadline.c.state == "waiting",
)

restoration = sa.Table(
    "restoration",
    metadata,
    sa.Column("number", whole(), primary_key=True, autoincrement=False),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("restored_at", InstantColumn, nullable=False),
    sa.Column("proved_at", InstantColumn),
    sqlite_strict=True,
)
"""Backups this database was restored from; while one is unproved, the record appends nothing."""
