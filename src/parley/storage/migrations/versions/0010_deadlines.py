"""Deadlines, and what is remembered of a restored backup."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0010"
down_revision = "0001"

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deadline",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", whole(), nullable=False),
        sa.Column("acts_at", whole(), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("set_at", whole(), nullable=False),
        sa.Column("settled_at", whole()),
        **STRICT,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "deadline_waiting",
        "deadline",
        ["acts_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "restoration",
        sa.Column("number", whole(), primary_key=True, autoincrement=False),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("restored_at", whole(), nullable=False),
        sa.Column("proved_at", whole()),
        **STRICT,
    )
