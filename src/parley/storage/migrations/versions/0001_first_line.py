"""Parties, pairing, people, sign-ins and rooms."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0001"
down_revision = None

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "party",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("card", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_ours", sa.Integer, nullable=False),
        sa.Column("imported_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "pairing",
        sa.Column("party", sa.Text, sa.ForeignKey("party.id"), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ours_confirmed_at", whole()),
        sa.Column("theirs_confirmed_at", whole()),
        sa.Column("changed_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("appearance", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "sign_in_link",
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("issued_at", whole(), nullable=False),
        sa.Column("expires_at", whole(), nullable=False),
        sa.Column("used_at", whole()),
        **STRICT,
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("started_at", whole(), nullable=False),
        sa.Column("seen_at", whole(), nullable=False),
        sa.Column("ended_at", whole()),
        **STRICT,
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("opening", sa.LargeBinary, nullable=False),
        sa.Column("opened_at", whole(), nullable=False),
        sa.Column("closing", sa.LargeBinary),
        sa.Column("closed_at", whole()),
        **STRICT,
    )
    op.create_table(
        "room_party",
        sa.Column("room", sa.Text, sa.ForeignKey("room.id"), primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        **STRICT,
    )
