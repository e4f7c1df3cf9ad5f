"""Rooms know who opened them here, and who of our party may enter."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0091"
down_revision = "0089"

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the tables, empty: every room that is open stays open to all of our people."""
    op.create_table(
        "room_owner",
        sa.Column("room", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        **STRICT,
    )
    op.create_table(
        "room_list",
        sa.Column("subject", sa.LargeBinary, primary_key=True),
        sa.Column("set_by", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("set_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "room_named",
        sa.Column("subject", sa.LargeBinary, sa.ForeignKey("room_list.subject"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id")),
        sa.Column("office", sa.Text, sa.ForeignKey("office.id")),
        sa.Column("capacity", sa.Text, nullable=False),
        sa.Column("shown_as", sa.Text),
        **STRICT,
    )
