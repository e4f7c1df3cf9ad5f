"""Notifications and their drafts know whether they are exercises."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"


def upgrade() -> None:
    """Mark what is there as no exercise: nothing could be one."""
    for table in ("notification", "notification_draft"):
        mark = sa.Column("is_exercise", sa.Integer, nullable=False, server_default="0")
        op.add_column(table, mark)
