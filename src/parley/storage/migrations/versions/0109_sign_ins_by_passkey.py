"""A sign-in knows the passkey it began with, and the one it was stepped up with."""

import sqlalchemy as sa
from alembic import op

revision = "0109"
down_revision = "0105"


def upgrade() -> None:
    """Add both, empty: what a passkey began before this ends by itself, or by its person."""
    op.add_column("sign_in", sa.Column("passkey", sa.Text))
    op.add_column("sign_in", sa.Column("stepped_up_with", sa.Text))
