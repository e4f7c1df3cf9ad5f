"""The tables of line checks and of a line's standing.

``check_entry`` and ``line_entry`` follow from the record. ``line_check`` notes beside it what only
this node knows: when a limit passed here, and the last thing proved by then.
"""

import sqlalchemy as sa

from parley.ids import PartyId, SpaceId
from parley.storage.columns import IdColumn, InstantColumn, entry_columns
from parley.storage.tables import metadata

__all__ = ["check_entry", "check_notice", "edge", "line_check", "line_entry", "line_term"]

check_entry = sa.Table(
    "check_entry",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    *entry_columns(),
    sqlite_strict=True,
)
"""Entries about line checks; ``matter`` is the hash of the check they are about."""
sa.Index("check_entry_matter", check_entry.c.matter)

line_check = sa.Table(
    "line_check",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("due_at", InstantColumn, nullable=False),
    sa.Column("is_scheduled", sa.Integer, nullable=False),
    sa.Column("starter", IdColumn(PartyId), nullable=False),
    sa.Column("hash", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("silent", IdColumn(PartyId)),
    sa.Column("cause", sa.Text),
    sa.Column("proved", sa.Text),
    sa.Column("proved_at", InstantColumn),
    sa.Column("ended_at", InstantColumn),
    sqlite_strict=True,
)
"""Each check, due or sent; ``name`` is its time in milliseconds, or its hash outside the schedule.
``cause`` and ``proved`` are what this node could prove when a limit passed here."""
sa.Index("line_check_due", line_check.c.space, line_check.c.due_at)

line_entry = sa.Table(
    "line_entry",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    *entry_columns(),
    sa.Column("is_signed", sa.Integer, nullable=False),
    sqlite_strict=True,
)
"""Suspensions, resumptions, endings and who concurred; whether a passkey signed each."""
sa.Index("line_entry_space", line_entry.c.space)

line_term = sa.Table(
    "line_term",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("from_at", InstantColumn, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("follows", sa.LargeBinary, nullable=False, server_default=sa.literal(b"")),
    sqlite_strict=True,
)
"""Terms that were proposed, by the hash of the body that agreements quote; ``from_at``: when.
``follows`` is that of the terms before them, empty for the first."""

check_notice = sa.Table(
    "check_notice",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("seen_at", InstantColumn),
    sqlite_strict=True,
)
"""Two misses in a row, by the name of the second: to be told to our engineer and our releaser."""

edge = sa.Table(
    "line_edge",
    metadata,
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("addresses", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("told_at", InstantColumn, nullable=False),
    sa.Column("answered_at", InstantColumn),
    sqlite_strict=True,
)
"""Where another party's edge responder is, and what we ask it with, as its node told."""
