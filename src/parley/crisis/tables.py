"""The tables of alerts and of what a node owes, notices and does about them.

What is true of an alert is its entries; every row of ``crisis_entry`` is one of them, and the row
of ``crisis_alert`` is what they come to, kept so that a desk need not read a thousand of them. Both
can be made anew from the record (:func:`parley.crisis.repository.rebuild`). Drafts and steps that
became overdue are our own and leave the node with nobody.
"""

import sqlalchemy as sa

from parley.ids import (
    ActorId,
    DraftId,
    PartyId,
    PersonId,
    SpaceId,
    ThreadId,
)
from parley.storage.columns import IdColumn, InstantColumn, entry_columns, whole
from parley.storage.tables import metadata

__all__ = [
    "alert",
    "breach",
    "draft",
    "entry",
    "overdue",
    "owed",
    "passkey",
]

entry = sa.Table(
    "crisis_entry",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    *entry_columns(),
    sqlite_strict=True,
)
"""Entries about alerts; ``matter`` is the hash of the alert they are about, itself included. One
that replaces another alert is about both."""
sa.Index("crisis_entry_matter", entry.c.matter)

alert = sa.Table(
    "crisis_alert",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("thread", IdColumn(ThreadId), nullable=False),
    sa.Column("author", IdColumn(PartyId), nullable=False),
    sa.Column("epoch", whole(), nullable=False),
    sa.Column("place", whole(), nullable=False),
    sa.Column("written_at", InstantColumn, nullable=False),
    sa.Column("written", sa.Integer, nullable=False),
    sa.Column("precedence", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("is_exercise", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Integer, nullable=False),
    sa.Column("breaches", sa.Integer, nullable=False),
    sa.Column("started_at", InstantColumn, nullable=False),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""What the entries of each alert come to; ``started_at`` is our own event: release, or receipt.
``written`` is the precedence its author gave it, ``precedence`` what it counts as."""
sa.Index("crisis_alert_started", alert.c.started_at)
sa.Index("crisis_alert_log", alert.c.space, alert.c.author, alert.c.written, alert.c.place)
sa.Index(
    "crisis_alert_open",
    alert.c.started_at,
    sqlite_where=alert.c.is_open == 1,
    postgresql_where=alert.c.is_open == 1,
)

breach = sa.Table(
    "crisis_breach",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("author", IdColumn(PartyId), nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Entries that call themselves alerts and are none; any other breach is in its alert."""

passkey = sa.Table(
    "crisis_passkey",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("actor", IdColumn(ActorId), primary_key=True),
    sa.Column("credential", sa.LargeBinary, primary_key=True),
    sa.Column("public", sa.LargeBinary, nullable=False),
    sa.Column("rp_id", sa.Text, nullable=False),
    sqlite_strict=True,
)
"""Passkeys of people, ours and theirs, as enrolments tell them; the first of each counts."""

owed = sa.Table(
    "crisis_owed",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("thread", IdColumn(ThreadId)),
    sa.Column("precedence", sa.Integer),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Entries whose arrival our node has still to confirm by a receipt."""

overdue = sa.Table(
    "crisis_overdue",
    metadata,
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("due_at", InstantColumn, nullable=False),
    sa.Column("noticed_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Limits that passed here, each once."""

draft = sa.Table(
    "crisis_draft",
    metadata,
    sa.Column("id", IdColumn(DraftId), primary_key=True),
    sa.Column("thread", IdColumn(ThreadId), nullable=False),
    sa.Column("precedence", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("drafter", IdColumn(PersonId), nullable=False),
    sa.Column("drafter_actor", IdColumn(ActorId), nullable=False),
    sa.Column("verifier", IdColumn(PersonId)),
    sa.Column("verifier_actor", IdColumn(ActorId)),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("changed_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Alerts that are being written; ``content`` is the body as it would be released."""
