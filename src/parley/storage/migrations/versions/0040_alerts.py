"""Alerts: their entries, drafts, limits that passed; escalation: policies, shifts, notices."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0040"
down_revision = "0032"

STRICT = {"sqlite_strict": True}


def _alerts() -> None:
    op.create_table(
        "crisis_entry",
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
    op.create_index("crisis_entry_matter", "crisis_entry", ["matter"])
    op.create_table(
        "crisis_alert",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("written_at", whole(), nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.Column("precedence", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("is_exercise", sa.Integer, nullable=False),
        sa.Column("is_open", sa.Integer, nullable=False),
        sa.Column("breaches", sa.Integer, nullable=False),
        sa.Column("started_at", whole(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        **STRICT,
    )
    op.create_index("crisis_alert_started", "crisis_alert", ["started_at"])
    op.create_index("crisis_alert_log", "crisis_alert", ["space", "author", "written", "place"])
    op.create_index(
        "crisis_alert_open",
        "crisis_alert",
        ["started_at"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open = 1"),
    )
    op.create_table(
        "crisis_breach",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_passkey",
        sa.Column("space", sa.Text, primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("credential", sa.LargeBinary, primary_key=True),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("rp_id", sa.Text, nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_owed",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("thread", sa.Text),
        sa.Column("precedence", sa.Integer),
        sa.Column("came_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_overdue",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("due_at", whole(), nullable=False),
        sa.Column("noticed_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_draft",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("precedence", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("drafter", sa.Text, nullable=False),
        sa.Column("drafter_actor", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text),
        sa.Column("verifier_actor", sa.Text),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("changed_at", whole(), nullable=False),
        **STRICT,
    )


def _escalation() -> None:
    op.create_table(
        "crisis_policy",
        sa.Column("direction", sa.Text, primary_key=True),
        sa.Column("precedence", sa.Integer, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "crisis_shift",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("office", sa.Text, sa.ForeignKey("office.id"), nullable=False),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("starts_at", whole(), nullable=False),
        sa.Column("ends_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_index("crisis_shift_office", "crisis_shift", ["office", "starts_at"])
    op.create_table(
        "crisis_escalation",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("direction", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("started_at", whole(), nullable=False),
        sa.Column("ended_at", whole()),
        **STRICT,
    )
    op.create_table(
        "crisis_notice",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("direction", sa.Text, primary_key=True),
        sa.Column("round", sa.Integer, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("due_at", whole(), nullable=False),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", whole()),
        sa.Column("sent_at", whole()),
        sa.Column("failure", sa.Text),
        **STRICT,
    )
    op.create_index("crisis_notice_next", "crisis_notice", ["next_at"])


def upgrade() -> None:
    """Make the tables of the desk."""
    _alerts()
    _escalation()
