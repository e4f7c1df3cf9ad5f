"""Notifications: entries, types, agreements, drafts, reminders; call requests."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0050"
down_revision = "0040"

STRICT = {"sqlite_strict": True}


def _of_the_record() -> None:
    """Make what follows from the record."""
    op.create_table(
        "formal_entry",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_index("formal_entry_matter", "formal_entry", ["matter"])
    op.create_table(
        "notification",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("type_hash", sa.LargeBinary, nullable=False),
        sa.Column("type_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("form_hash", sa.LargeBinary, nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    numbered = ["space", "author", "type_id", "year", "number"]
    op.create_index("notification_number", "notification", numbered)
    op.create_index("notification_came", "notification", ["came_at"])
    op.create_table(
        "notification_type",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("proposer", sa.Text, nullable=False),
        sa.Column("type_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("definition", sa.LargeBinary, nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "notification_agreement",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "call_request",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_index("call_request_came", "call_request", ["came_at"])


def _our_own() -> None:
    """Make what is ours alone."""
    op.create_table(
        "notification_draft",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("type_hash", sa.LargeBinary, nullable=False),
        sa.Column("form", sa.LargeBinary, nullable=False),
        sa.Column("corrects", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("drafter", sa.Text, nullable=False),
        sa.Column("drafter_actor", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text),
        sa.Column("verifier_actor", sa.Text),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("changed_at", whole(), nullable=False),
        sa.Column("sent_hash", sa.LargeBinary),
        **STRICT,
    )
    op.create_table(
        "notification_reminder",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("type_id", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("due_at", whole(), nullable=False),
        sa.Column("raised_at", whole(), nullable=False),
        **STRICT,
    )


def upgrade() -> None:
    """Make the tables."""
    _of_the_record()
    _our_own()
