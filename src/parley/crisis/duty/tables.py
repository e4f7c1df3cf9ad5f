"""The tables of watches, escalation and notices. All of it is a party's own and never leaves it."""

import sqlalchemy as sa

from parley.ids import DutyDeviceId, NoticeId, PersonId, ShiftId, SpaceId
from parley.storage.columns import IdColumn, InstantColumn, whole
from parley.storage.tables import metadata

__all__ = ["device", "escalation", "gap", "mail", "notice", "override", "plan", "step"]

plan = sa.Table(
    "crisis_plan",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("based_on", sa.Integer, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("proposed_by", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("proposed_as", sa.Text, nullable=False),
    sa.Column("proposed_at", InstantColumn, nullable=False),
    sa.Column("decided_by", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("decided_at", InstantColumn),
    sqlite_strict=True,
)
"""Every version of rosters and policies; ``proposed_as`` are the roles of that moment."""

override = sa.Table(
    "crisis_override",
    metadata,
    sa.Column("id", IdColumn(ShiftId), primary_key=True),
    sa.Column("roster", sa.Text, nullable=False),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("starts_at", InstantColumn, nullable=False),
    sa.Column("ends_at", InstantColumn, nullable=False),
    sa.Column("made_by", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("ended_at", InstantColumn),
    sqlite_strict=True,
)
"""Exceptions to rosters; one that was taken back has ended."""
sa.Index("crisis_override_ends", override.c.ends_at)

escalation = sa.Table(
    "crisis_escalation",
    metadata,
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("precedence", sa.Integer, nullable=False),
    sa.Column("place", whole(), nullable=False),
    sa.Column("is_exercise", sa.Integer, nullable=False),
    sa.Column("plan", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("started_at", InstantColumn, nullable=False),
    sa.Column("offset_ms", whole(), nullable=False),
    sa.Column("ended_at", InstantColumn),
    sqlite_strict=True,
)
"""Policies at work, and those that were; ``content`` is the policy as it was when it began."""
sa.Index("crisis_escalation_state", escalation.c.state, escalation.c.started_at)

step = sa.Table(
    "crisis_step",
    metadata,
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("until", sa.Text, nullable=False),
    sa.Column("is_needed", sa.Integer, nullable=False),
    sa.Column("due_at", InstantColumn, nullable=False),
    sa.Column("fired_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Steps that fell due, each once; both instants by the clock as it was when it fired."""
sa.Index("crisis_step_fired", step.c.fired_at)

notice = sa.Table(
    "crisis_notice",
    metadata,
    sa.Column("id", IdColumn(NoticeId), primary_key=True),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("end", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("person", IdColumn(PersonId)),
    sa.Column("matter", sa.LargeBinary),
    sa.Column("direction", sa.Text),
    sa.Column("number", sa.Integer),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("next_at", InstantColumn),
    sa.Column("sent_at", InstantColumn),
    sa.Column("failure", sa.Text),
    sa.UniqueConstraint("cause", "end"),
    sqlite_strict=True,
)
"""Who is told of what; a cause and an end come together once. ``words`` is what is said outside."""
sa.Index("crisis_notice_next", notice.c.next_at)
sa.Index("crisis_notice_made", notice.c.made_at)

device = sa.Table(
    "crisis_device",
    metadata,
    sa.Column("id", IdColumn(DutyDeviceId), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False, unique=True),
    sa.Column("public", sa.LargeBinary, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("added_at", InstantColumn, nullable=False),
    sa.Column("reached_at", InstantColumn),
    sqlite_strict=True,
)
"""Browsers that are called by Web Push; a subscription is a secret of its browser."""
sa.Index("crisis_device_person", device.c.person)

mail = sa.Table(
    "crisis_mail",
    metadata,
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("changed_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Where a person of ours gets mail."""

gap = sa.Table(
    "crisis_gap",
    metadata,
    sa.Column("roster", sa.Text, primary_key=True),
    sa.Column("starts_at", InstantColumn, primary_key=True),
    sa.Column("ends_at", InstantColumn, nullable=False),
    sa.Column("warned_at", InstantColumn, nullable=False),
    sa.Column("empty_at", InstantColumn),
    sqlite_strict=True,
)
"""Shifts of nobody: when that was warned of, and since when nobody stands watch."""
