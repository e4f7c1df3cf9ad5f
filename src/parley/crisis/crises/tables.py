"""The tables of crises and their assessments.

``crisis_matter`` and ``crisis_matter_entry`` follow from the record and can be made anew from it
(:func:`parley.crisis.conduct.repository.rebuild`). Accounts, rooms, tasks and reminders are our own
and leave the node with nobody; accounts are encrypted.
"""

import sqlalchemy as sa

from parley.ids import PartyId, SpaceId, ThreadId
from parley.storage.columns import IdColumn, InstantColumn, entry_columns
from parley.storage.tables import metadata

__all__ = ["account", "entry", "matter", "reminder", "room", "task"]

entry = sa.Table(
    "crisis_matter_entry",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("crisis", sa.LargeBinary, primary_key=True),
    *entry_columns(),
    sqlite_strict=True,
)
"""Entries within a crisis and its assessment, with the passkeys' assertions over them."""
sa.Index("crisis_matter_entry_crisis", entry.c.crisis)

matter = sa.Table(
    "crisis_matter",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("thread", IdColumn(ThreadId), nullable=False),
    sa.Column("opener", IdColumn(PartyId), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("is_exercise", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Integer, nullable=False),
    sa.Column("is_open_here", sa.Integer, nullable=False),
    sa.Column("state", sa.Text),
    sa.Column("breaches", sa.Integer, nullable=False),
    sa.Column("opened_at", InstantColumn, nullable=False),
    sa.Column("last_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""What the entries of each crisis come to; ``state`` is its assessment's, once it has begun."""
sa.Index("crisis_matter_last", matter.c.last_at)
sa.Index("crisis_matter_number", matter.c.space, matter.c.opener, matter.c.year, matter.c.number)

task = sa.Table(
    "crisis_task",
    metadata,
    sa.Column("crisis", sa.LargeBinary, primary_key=True),
    sa.Column("task", sa.Text, primary_key=True),
    sa.Column("made_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""What our node is to say by itself: a timeline, an account that both seals have opened."""

account = sa.Table(
    "crisis_account",
    metadata,
    sa.Column("crisis", sa.LargeBinary, primary_key=True),
    sa.Column("seal", sa.LargeBinary, primary_key=True),
    sa.Column("words", sa.LargeBinary, nullable=False),
    sa.Column("changed_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Our account of a crisis, encrypted: the draft under an empty seal, and what was offered to be
sealed under its seal."""

reminder = sa.Table(
    "crisis_reminder",
    metadata,
    sa.Column("crisis", sa.LargeBinary, primary_key=True),
    sa.Column("raised_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""When we were last reminded of a crisis that is open here and quiet."""

room = sa.Table(
    "crisis_room",
    metadata,
    sa.Column("crisis", sa.LargeBinary, primary_key=True),
    sa.Column("room", sa.Text, nullable=False),
    sa.Column("is_shared", sa.Integer, nullable=False),
    sqlite_strict=True,
)
"""The room that stands open here while a crisis does."""
