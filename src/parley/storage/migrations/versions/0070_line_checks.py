"""Line checks, a line's standing and terms, edge responders of other parties."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0070"
down_revision = "0050"

STRICT = {"sqlite_strict": True}


def _entries() -> None:
    """Make what follows from the record."""
    op.create_table(
        "check_entry",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_index("check_entry_matter", "check_entry", ["matter"])
    op.create_table(
        "line_entry",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
        sa.Column("is_signed", sa.Integer, nullable=False),
        **STRICT,
    )
    op.create_index("line_entry_space", "line_entry", ["space"])
    op.create_table(
        "line_term",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("from_at", whole(), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        **STRICT,
    )


def _noticed() -> None:
    """Make what only this node knows."""
    op.create_table(
        "line_check",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("due_at", whole(), nullable=False),
        sa.Column("is_scheduled", sa.Integer, nullable=False),
        sa.Column("starter", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("silent", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("proved", sa.Text),
        sa.Column("proved_at", whole()),
        sa.Column("ended_at", whole()),
        **STRICT,
    )
    op.create_index("line_check_due", "line_check", ["space", "due_at"])
    op.create_table(
        "check_notice",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("seen_at", whole()),
        **STRICT,
    )
    op.create_table(
        "line_edge",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("told_at", whole(), nullable=False),
        sa.Column("answered_at", whole()),
        **STRICT,
    )


def upgrade() -> None:
    """Make the tables."""
    _entries()
    _noticed()
