"""Steps of escalations that the other party is told of, and when each path of a line was up."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0088"
down_revision = "0087"

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "crisis_step_owed",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("direction", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("reached_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_shared_step",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("matter", sa.LargeBinary, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reached_at", whole(), nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_index("crisis_shared_step_matter", "crisis_shared_step", ["matter"])
    op.create_table(
        "line_path_spell",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("from_at", whole(), primary_key=True, autoincrement=False),
        sa.Column("seen_at", whole(), nullable=False),
        sa.Column("is_up", sa.Integer, nullable=False),
        **STRICT,
    )
    op.create_index("line_path_spell_seen", "line_path_spell", ["party", "seen_at"])
