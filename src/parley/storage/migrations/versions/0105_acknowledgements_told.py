"""Acknowledgements of an alert that its other recipients are told of."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0105"
down_revision = "0099"

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "crisis_acknowledgement_owed",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("matter", sa.LargeBinary, nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_acknowledgement_told",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("at", whole(), nullable=False),
        sa.Column("capacity", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
