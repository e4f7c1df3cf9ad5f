"""The record's tables.

Entries, hashes and notes are stored as the bytes they are; what is beside them is for looking them
up. ``mark`` is the first eight bytes of an entry's hash as a signed number: a tenth of the room a
hash needs in an index, and whoever looks one up compares the whole hash.
"""

import sqlalchemy as sa

from parley.ids import CaseId, PartyId, SpaceId
from parley.storage.columns import IdColumn, InstantColumn, whole
from parley.storage.tables import metadata

__all__ = [
    "blob",
    "case",
    "early",
    "entry",
    "evidence",
    "fence",
    "log",
    "member",
    "note",
    "ref",
    "set_aside",
    "space",
    "tile",
]

fence = sa.Table(
    "record_fence",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", whole(), nullable=False),
    sqlite_strict=True,
)
"""Which start of a node may write the record: the last one; an earlier one finds another number."""

space = sa.Table(
    "record_space",
    metadata,
    sa.Column("id", IdColumn(SpaceId), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("opened_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Those who keep a record together; of a line the name is empty."""

member = sa.Table(
    "record_member",
    metadata,
    sa.Column("space", IdColumn(SpaceId), sa.ForeignKey("record_space.id"), primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""The parties of a space, our own included, with the Ed25519 keys that their ids are hashes of."""

log = sa.Table(
    "record_log",
    metadata,
    sa.Column("id", whole(), primary_key=True, autoincrement=False),
    sa.Column("space", IdColumn(SpaceId), sa.ForeignKey("record_space.id"), nullable=False),
    sa.Column("party", IdColumn(PartyId), nullable=False),
    sa.Column("epoch", whole(), nullable=False),
    sa.Column("size", whole(), nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Column("pending", sa.LargeBinary),
    sa.Column("shown", sa.LargeBinary),
    sa.Column("cosigned_s", whole(), nullable=False),
    sa.Column("is_disputed", sa.Integer, nullable=False),
    sa.Column("is_closing", sa.Integer, nullable=False),
    sa.UniqueConstraint("space", "party", "epoch"),
    sqlite_strict=True,
)
"""Logs, our own and mirrored ones.

``note`` is of our own log the newest checkpoint signed, of a mirrored one the newest held and
cosigned; ``pending`` the one a mirror is locked onto, ``shown`` the largest it was ever shown.
"""

entry = sa.Table(
    "record_entry",
    metadata,
    sa.Column("number", whole(), primary_key=True, autoincrement=False),
    sa.Column("log", whole(), sa.ForeignKey("record_log.id"), nullable=False),
    sa.Column("place", whole(), nullable=False),
    sa.Column("encoded", sa.LargeBinary, nullable=False),
    sa.Column("mark", whole(), nullable=False),
    sa.Column("kind", sa.Integer),
    sa.Column("thread", sa.LargeBinary),
    sa.Column("precedence", sa.Integer),
    sa.Column("set_aside", sa.Text),
    sa.UniqueConstraint("log", "place"),
    sqlite_strict=True,
)
"""Every entry of every log, numbered in the order in which they came here."""

sa.Index("record_entry_mark", entry.c.mark)
sa.Index("record_entry_kind", entry.c.kind, entry.c.number)
sa.Index(
    "record_entry_thread",
    entry.c.thread,
    entry.c.number,
    sqlite_where=entry.c.thread.is_not(None),
    postgresql_where=entry.c.thread.is_not(None),
)
sa.Index(
    "record_entry_urgent",
    entry.c.log,
    entry.c.place,
    sqlite_where=entry.c.precedence <= 1,
    postgresql_where=entry.c.precedence <= 1,
)

ref = sa.Table(
    "record_ref",
    metadata,
    sa.Column("mark", whole(), primary_key=True),
    sa.Column("number", whole(), sa.ForeignKey("record_entry.number"), primary_key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Which entries refer to a hash."""

tile = sa.Table(
    "record_tile",
    metadata,
    sa.Column("log", whole(), sa.ForeignKey("record_log.id"), primary_key=True),
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("number", whole(), primary_key=True),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""The hashes of logs' trees, 256 at a time; the last one of each level grows."""

note = sa.Table(
    "record_note",
    metadata,
    sa.Column("log", whole(), sa.ForeignKey("record_log.id"), primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("size", whole(), primary_key=True),
    sa.Column("seconds", whole(), primary_key=True),
    sa.Column("note", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""Checkpoints as a party cosigned them: proof of what was held when.

Of one second only the largest is kept, of one size the first and the last: the others prove nothing
that these do not.
"""

early = sa.Table(
    "record_early",
    metadata,
    sa.Column("log", whole(), sa.ForeignKey("record_log.id"), primary_key=True),
    sa.Column("place", whole(), primary_key=True),
    sa.Column("encoded", sa.LargeBinary, nullable=False),
    sa.Column("proof", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""Urgent entries that ran ahead of what is held; gone when the log has caught up with them."""

evidence = sa.Table(
    "record_evidence",
    metadata,
    sa.Column("log", whole(), sa.ForeignKey("record_log.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("evidence", sa.LargeBinary, nullable=False),
    sa.Column("kept_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""What shows that a log's party contradicted itself."""

case = sa.Table(
    "record_case",
    metadata,
    sa.Column("case", IdColumn(CaseId), primary_key=True),
    sa.Column("space", IdColumn(SpaceId), sa.ForeignKey("record_space.id"), nullable=False),
    sa.Column("maker", IdColumn(PartyId), nullable=False),
    sa.Column("erased_at", InstantColumn),
    sa.Column("gone_at", InstantColumn),
    sa.Column("said_at", InstantColumn),
    sqlite_strict=True,
)
"""What is sealed under one key; how far its erasure is. The key itself is elsewhere."""

blob = sa.Table(
    "record_blob",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), sa.ForeignKey("record_space.id"), nullable=False),
    sa.Column("case", IdColumn(CaseId), sa.ForeignKey("record_case.case"), nullable=False),
    sa.Column("author", IdColumn(PartyId), nullable=False),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sa.Column("size", whole(), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sqlite_strict=True,
)
"""Blobs that entries name, the first entry of each, and where they stand here."""

sa.Index("record_blob_case", blob.c.case)
sa.Index(
    "record_blob_wanted",
    blob.c.space,
    sqlite_where=blob.c.state == "wanted",
    postgresql_where=blob.c.state == "wanted",
)

set_aside = sa.Table(
    "record_set_aside",
    metadata,
    sa.Column("log", whole(), sa.ForeignKey("record_log.id"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("count", whole(), nullable=False),
    sqlite_strict=True,
)
"""How often something about a log was refused, by code of ``protocol/errors.toml``."""
