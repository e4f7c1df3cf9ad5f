"""Watches and escalation: plans, overrides, escalations, steps, notices, devices, mail, gaps."""

import sqlalchemy as sa
from alembic import op

from parley.storage.columns import whole

revision = "0086"
down_revision = "0080"

STRICT = {"sqlite_strict": True}
FORMER = ("crisis_notice", "crisis_escalation", "crisis_shift", "crisis_policy")
"""Tables of 0040 that nothing ever wrote to."""


def _person(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.ForeignKey("person.id"), nullable=nullable)


def _plans() -> None:
    op.create_table(
        "crisis_plan",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        _person("proposed_by"),
        sa.Column("proposed_as", sa.Text, nullable=False),
        sa.Column("proposed_at", whole(), nullable=False),
        _person("decided_by", nullable=True),
        sa.Column("decided_at", whole()),
        **STRICT,
    )
    op.create_table(
        "crisis_override",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("roster", sa.Text, nullable=False),
        _person("person", nullable=True),
        sa.Column("starts_at", whole(), nullable=False),
        sa.Column("ends_at", whole(), nullable=False),
        _person("made_by"),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("ended_at", whole()),
        **STRICT,
    )
    op.create_index("crisis_override_ends", "crisis_override", ["ends_at"])
    op.create_table(
        "crisis_gap",
        sa.Column("roster", sa.Text, primary_key=True),
        sa.Column("starts_at", whole(), primary_key=True, autoincrement=False),
        sa.Column("ends_at", whole(), nullable=False),
        sa.Column("warned_at", whole(), nullable=False),
        sa.Column("empty_at", whole()),
        **STRICT,
    )


def _escalations() -> None:
    op.create_table(
        "crisis_escalation",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("direction", sa.Text, primary_key=True),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("precedence", sa.Integer, nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("is_exercise", sa.Integer, nullable=False),
        sa.Column("plan", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", whole(), nullable=False),
        sa.Column("offset_ms", whole(), nullable=False),
        sa.Column("ended_at", whole()),
        **STRICT,
    )
    op.create_index("crisis_escalation_state", "crisis_escalation", ["state", "started_at"])
    op.create_table(
        "crisis_step",
        sa.Column("matter", sa.LargeBinary, primary_key=True),
        sa.Column("direction", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("is_needed", sa.Integer, nullable=False),
        sa.Column("due_at", whole(), nullable=False),
        sa.Column("fired_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_index("crisis_step_fired", "crisis_step", ["fired_at"])


def _notices() -> None:
    op.create_table(
        "crisis_notice",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("end", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("person", sa.Text),
        sa.Column("matter", sa.LargeBinary),
        sa.Column("direction", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("next_at", whole()),
        sa.Column("sent_at", whole()),
        sa.Column("failure", sa.Text),
        sa.UniqueConstraint("cause", "end"),
        **STRICT,
    )
    op.create_index("crisis_notice_next", "crisis_notice", ["next_at"])
    op.create_index("crisis_notice_made", "crisis_notice", ["made_at"])
    op.create_table(
        "crisis_device",
        sa.Column("id", sa.Text, primary_key=True),
        _person("person"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False, unique=True),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("added_at", whole(), nullable=False),
        sa.Column("reached_at", whole()),
        **STRICT,
    )
    op.create_index("crisis_device_person", "crisis_device", ["person"])
    op.create_table(
        "crisis_mail",
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("changed_at", whole(), nullable=False),
        **STRICT,
    )


def upgrade() -> None:
    """Make the tables."""
    for name in FORMER:
        op.drop_table(name)
    _plans()
    _escalations()
    _notices()
