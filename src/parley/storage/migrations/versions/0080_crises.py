"""Crises and their assessments: entries, what they come to, and what is our own alone."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0080"
down_revision = "0070"

STRICT = {"sqlite_strict": True}


def _of_the_record() -> None:
    op.create_table(
        "crisis_matter_entry",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("crisis", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_index("crisis_matter_entry_crisis", "crisis_matter_entry", ["crisis"])
    op.create_table(
        "crisis_matter",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("opener", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("is_exercise", sa.Integer, nullable=False),
        sa.Column("is_open", sa.Integer, nullable=False),
        sa.Column("is_open_here", sa.Integer, nullable=False),
        sa.Column("state", sa.Text),
        sa.Column("breaches", sa.Integer, nullable=False),
        sa.Column("opened_at", whole(), nullable=False),
        sa.Column("last_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_index("crisis_matter_last", "crisis_matter", ["last_at"])
    numbered = ["space", "opener", "year", "number"]
    op.create_index("crisis_matter_number", "crisis_matter", numbered)


def _our_own() -> None:
    op.create_table(
        "crisis_task",
        sa.Column("crisis", sa.LargeBinary, primary_key=True),
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("made_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_account",
        sa.Column("crisis", sa.LargeBinary, primary_key=True),
        sa.Column("seal", sa.LargeBinary, primary_key=True),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_reminder",
        sa.Column("crisis", sa.LargeBinary, primary_key=True),
        sa.Column("raised_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_room",
        sa.Column("crisis", sa.LargeBinary, primary_key=True),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("is_shared", sa.Integer, nullable=False),
        **STRICT,
    )


def upgrade() -> None:
    """Make the tables."""
    _of_the_record()
    _our_own()
