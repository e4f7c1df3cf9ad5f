"""Terms name those that they follow."""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0091"


def upgrade() -> None:
    """Add what a version follows; of those that did not say so the last that was agreed holds."""
    op.add_column(
        "line_term",
        sa.Column("follows", sa.LargeBinary, nullable=False, server_default=sa.literal(b"")),
    )
