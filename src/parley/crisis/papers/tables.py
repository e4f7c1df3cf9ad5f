"""The tables of notifications and call requests.

All but drafts and reminders follow from the record and can be made anew from it
(:func:`parley.crisis.papers.repository.rebuild`).
"""

import sqlalchemy as sa

from parley.ids import ActorId, DraftId, PartyId, PersonId, SpaceId
from parley.storage.columns import IdColumn, InstantColumn, entry_columns
from parley.storage.tables import metadata

__all__ = [
    "agreement",
    "call_request",
    "draft",
    "entry",
    "notification",
    "notification_type",
    "reminder",
]

entry = sa.Table(
    "formal_entry",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    *entry_columns(),
    sqlite_strict=True,
)
"""Entries about notifications and call requests, each under every matter it refers to."""
sa.Index("formal_entry_matter", entry.c.matter)

notification = sa.Table(
    "notification",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("author", IdColumn(PartyId), nullable=False),
    sa.Column("type_hash", sa.LargeBinary, nullable=False),
    sa.Column("type_id", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("form_hash", sa.LargeBinary, nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sa.Column("is_exercise", sa.Integer, nullable=False, server_default="0"),
    sqlite_strict=True,
)
"""Every notification that can be read; ``form_hash`` finds the same form said twice."""
sa.Index(
    "notification_number",
    notification.c.space,
    notification.c.author,
    notification.c.type_id,
    notification.c.year,
    notification.c.number,
)
sa.Index("notification_came", notification.c.came_at)

notification_type = sa.Table(
    "notification_type",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sa.Column("proposer", IdColumn(PartyId), nullable=False),
    sa.Column("type_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("definition", sa.LargeBinary, nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Types that were proposed; ``hash`` is what an agreement quotes, ``entry`` the first proposal."""

agreement = sa.Table(
    "notification_agreement",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Which bodies a party agreed to with both parties of the line named, types among them."""

draft = sa.Table(
    "notification_draft",
    metadata,
    sa.Column("id", IdColumn(DraftId), primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("type_hash", sa.LargeBinary, nullable=False),
    sa.Column("form", sa.LargeBinary, nullable=False),
    sa.Column("corrects", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("drafter", IdColumn(PersonId), nullable=False),
    sa.Column("drafter_actor", IdColumn(ActorId), nullable=False),
    sa.Column("verifier", IdColumn(PersonId)),
    sa.Column("verifier_actor", IdColumn(ActorId)),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("changed_at", InstantColumn, nullable=False),
    sa.Column("sent_hash", sa.LargeBinary),
    sa.Column("is_exercise", sa.Integer, nullable=False, server_default="0"),
    sqlite_strict=True,
)
"""Notifications that are being written; they leave the node with nobody."""

reminder = sa.Table(
    "notification_reminder",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("type_id", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("due_at", InstantColumn, nullable=False),
    sa.Column("raised_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Periodic notifications that we were reminded of."""

call_request = sa.Table(
    "call_request",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("author", IdColumn(PartyId), nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Every call request that can be read."""
sa.Index("call_request_came", call_request.c.came_at)
