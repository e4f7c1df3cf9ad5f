"""Cases and blobs that entries of the record name."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0032"
down_revision = "0031"

STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    """Make the tables of sealed bodies."""
    op.create_table(
        "record_case",
        sa.Column("case", sa.Text, primary_key=True),
        sa.Column("space", sa.Text, sa.ForeignKey("record_space.id"), nullable=False),
        sa.Column("maker", sa.Text, nullable=False),
        sa.Column("erased_at", whole()),
        sa.Column("gone_at", whole()),
        sa.Column("said_at", whole()),
        **STRICT,
    )
    op.create_table(
        "record_blob",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, sa.ForeignKey("record_space.id"), nullable=False),
        sa.Column("case", sa.Text, sa.ForeignKey("record_case.case"), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("size", whole(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        **STRICT,
    )
    op.create_index("record_blob_case", "record_blob", ["case"])
    op.create_index(
        "record_blob_wanted",
        "record_blob",
        ["space"],
        sqlite_where=sa.text("state = 'wanted'"),
        postgresql_where=sa.text("state = 'wanted'"),
    )
