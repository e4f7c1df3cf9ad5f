"""The record: spaces, logs, entries, trees, cosigned checkpoints, evidence."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0020"
down_revision = "0010"

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the record's tables."""
    op.create_table(
        "record_fence",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "record_space",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("opened_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "record_member",
        sa.Column("space", sa.Text, sa.ForeignKey("record_space.id"), primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    _make_logs()
    _make_entries()
    _make_proofs()


def _make_logs() -> None:
    op.create_table(
        "record_log",
        sa.Column("id", whole(), primary_key=True, autoincrement=False),
        sa.Column("space", sa.Text, sa.ForeignKey("record_space.id"), nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("size", whole(), nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("pending", sa.LargeBinary),
        sa.Column("shown", sa.LargeBinary),
        sa.Column("cosigned_s", whole(), nullable=False),
        sa.Column("is_disputed", sa.Integer, nullable=False),
        sa.Column("is_closing", sa.Integer, nullable=False),
        sa.UniqueConstraint("space", "party", "epoch"),
        **STRICT,
    )
    op.create_table(
        "record_tile",
        _of_log(),
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("number", whole(), primary_key=True),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_table(
        "record_set_aside",
        _of_log(),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("count", whole(), nullable=False),
        **STRICT,
    )


def _make_entries() -> None:
    entry = op.create_table(
        "record_entry",
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
        **STRICT,
    )
    op.create_index("record_entry_mark", "record_entry", ["mark"])
    op.create_index("record_entry_kind", "record_entry", ["kind", "number"])
    in_thread, is_urgent = entry.c.thread.is_not(None), entry.c.precedence <= 1
    op.create_index(
        "record_entry_thread",
        "record_entry",
        ["thread", "number"],
        sqlite_where=in_thread,
        postgresql_where=in_thread,
    )
    op.create_index(
        "record_entry_urgent",
        "record_entry",
        ["log", "place"],
        sqlite_where=is_urgent,
        postgresql_where=is_urgent,
    )
    op.create_table(
        "record_ref",
        sa.Column("mark", whole(), primary_key=True),
        sa.Column("number", whole(), sa.ForeignKey("record_entry.number"), primary_key=True),
        sqlite_with_rowid=False,
        **STRICT,
    )


def _make_proofs() -> None:
    op.create_table(
        "record_note",
        _of_log(),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("size", whole(), primary_key=True),
        sa.Column("seconds", whole(), primary_key=True),
        sa.Column("note", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_table(
        "record_early",
        _of_log(),
        sa.Column("place", whole(), primary_key=True),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
        sa.Column("proof", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_table(
        "record_evidence",
        _of_log(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("evidence", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", whole(), nullable=False),
        **STRICT,
    )


def _of_log() -> sa.Column[int]:
    return sa.Column("log", whole(), sa.ForeignKey("record_log.id"), primary_key=True)
