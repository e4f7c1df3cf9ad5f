"""Periodic types raise their own reminders: a deadline's row a year, and a row that it came."""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.crisis.notifications.definition import Period
from parley.crisis.papers import tables
from parley.crisis.papers.notification_view import ReminderView
from parley.crisis.papers.repository import TypeRow, types_of
from parley.ids import PartyId, SpaceId
from parley.storage import insert
from parley.storage.deadline import Deadline
from parley.storage.deadlines import set_deadline

PERIODIC: Final = "notification.period"
"""Kind of the deadlines at which we are reminded."""
REMINDERS_MAX: Final = 100
YEARS_AHEAD: Final = 2


def due_in(period: Period, year: int) -> Instant:
    """Return when a type is due in a year: its day, from its beginning on, in UTC."""
    return Instant.from_utc(year, period.month, period.day)


def raised_in(period: Period, year: int) -> Instant:
    """Return when the reminder of a year is raised."""
    return due_in(period, year).subtract(hours=24 * period.reminder_days)


def next_year(period: Period, now: Instant) -> int:
    """Return the first year whose day is still ahead."""
    this = now.to_tz("UTC").year
    years = range(this, this + YEARS_AHEAD)
    return next(year for year in years if due_in(period, year) > now)


def keep_reminders(connection: sa.Connection, row: TypeRow, now: Instant) -> None:
    """Set the next reminder of a type that both parties agreed to; once a year, whatever comes."""
    if row.kind.period is not None:
        _set(
            connection,
            row.space,
            row.kind.id,
            row.kind.period,
            next_year(row.kind.period, now),
            now,
        )


def remind(connection: sa.Connection, deadline: Deadline, now: Instant) -> None:
    """Raise a reminder, and set that of the year after."""
    space_text, type_id, year_text = deadline.subject.split("/")
    space, year = SpaceId.parse(space_text), int(year_text)
    rows = [row for row in types_of(connection, space) if row.kind.id == type_id]
    agreed = [row for row in rows if len(row.agreed) > 1]
    period = agreed[-1].kind.period if agreed else None
    if period is None:
        # The newest version that was agreed to is not periodic any more.
        return
    values = {
        "space": space,
        "type_id": type_id,
        "year": year,
        "due_at": due_in(period, year),
        "raised_at": now,
    }
    add = insert(connection, tables.reminder).values(**values).on_conflict_do_nothing()
    connection.execute(add)
    _set(connection, space, type_id, period, year + 1, now)


def reminders(connection: sa.Connection, own: PartyId) -> list[ReminderView]:
    """Return the reminders that were raised, the last one first."""
    table, sent = tables.reminder, tables.notification
    query = sa.select(table).order_by(table.c.raised_at.desc()).limit(REMINDERS_MAX)
    found: list[ReminderView] = []
    for row in connection.execute(query).all():
        since = sa.select(sa.func.count()).where(
            sent.c.space == row.space,
            sent.c.author == own,
            sent.c.type_id == row.type_id,
            sent.c.is_exercise == 0,
            sent.c.came_at >= row.raised_at,
        )
        is_met = bool(connection.execute(since).scalar())
        due_at = row.due_at.format_iso()
        found.append(ReminderView(row.space.text, row.type_id, row.year, due_at, is_met))
    return found


def _set(
    connection: sa.Connection,
    space: SpaceId,
    type_id: str,
    period: Period,
    year: int,
    now: Instant,
) -> None:
    subject = f"{space.text}/{type_id}/{year}"
    set_deadline(connection, PERIODIC, subject, raised_in(period, year), now)
