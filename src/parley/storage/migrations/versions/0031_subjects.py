"""Subjects: what a provider of sign-ins calls people of ours."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "subject",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("tied_at", whole(), nullable=False),
        sqlite_strict=True,
    )
