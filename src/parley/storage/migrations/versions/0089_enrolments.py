"""Passkeys are found by the log that told them; a node fills the rows at its next start."""

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "record_enrolment",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("credential", sa.LargeBinary, primary_key=True),
        sqlite_strict=True,
    )
