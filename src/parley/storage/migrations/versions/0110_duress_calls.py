"""Passkeys that are kept for duress, and the calls that their use opens."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0110"
down_revision = "0109"


def upgrade() -> None:
    """Add both; no passkey of before is one of them."""
    op.add_column(
        "passkey", sa.Column("is_duress", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "duress_call",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("began_at", whole(), nullable=False),
        sa.Column("seen_at", whole(), nullable=False),
        sa.Column("told_at", whole()),
        sa.Column("settled_at", whole()),
        sa.Column("settled_by", sa.Text, sa.ForeignKey("person.id")),
        sa.Column("words", sa.Text, nullable=False),
        sqlite_strict=True,
    )
