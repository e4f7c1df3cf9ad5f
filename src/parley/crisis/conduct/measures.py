"""The rows of which a crisis is measured: checks, notifications, steps and paths in its time."""

from collections.abc import Collection, Iterable
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.crisis.assessment.measures import (
    CheckSeen,
    CrisisMeasures,
    NotificationSeen,
    PathStretch,
    check_figures,
    escalation_figures,
    notification_figures,
    path_figures,
)
from parley.crisis.checks import tables as check_tables
from parley.crisis.checks.machine import CheckState
from parley.crisis.crises.matter import Crisis
from parley.crisis.duty import tables as duty_tables
from parley.crisis.notifications.matter import work_out
from parley.crisis.papers import repository as papers
from parley.crisis.papers import tables as paper_tables
from parley.crisis.shared_steps import steps_of
from parley.errors import EntryMalformed
from parley.ids import PartyId
from parley.record.kinds import Kind
from parley.record.line_terms import DEFAULT_TERMS
from parley.storage.path_spells import spells_of

ROWS_MAX: Final = 2_000
"""Checks, and notifications, that are counted: three weeks of a check every quarter of an hour."""


def measured(
    connection: sa.Connection, crisis: Crisis, alerts: Collection[bytes], own: PartyId, now: Instant
) -> CrisisMeasures:
    """Return what was measured in the time of a crisis.

    Args:
        connection: of the node's database.
        crisis: the crisis.
        alerts: hashes of the alerts that belong to it.
        own: our party.
        now: until when a crisis that is open has lasted.
    """
    begun = min(start for side in crisis.sides.values() for start, _ in side.spells)
    ends = [side.closed_ms for side in crisis.sides.values() if side.closed_ms is not None]
    ended = None if crisis.is_open else max(ends, default=None)
    return CrisisMeasures(
        begun_ms=begun,
        ended_ms=ended,
        checks=check_figures(_checks(connection, crisis, begun, ended), crisis.members),
        notifications=notification_figures(
            _notifications(connection, crisis, begun, ended), crisis.members
        ),
        escalation=escalation_figures(
            *_steps(connection, {*alerts, crisis.hash}), _told(connection, crisis, alerts, own)
        ),
        paths=path_figures(
            PathStretch(each.path, each.from_ms, each.until_ms, each.is_up)
            for each in spells_of(
                connection,
                crisis.other(own),
                from_milliseconds(begun),
                now if ended is None else from_milliseconds(ended),
            )
        ),
    )


def _within(
    column: sa.ColumnElement[object], begun_ms: int, ended_ms: int | None
) -> sa.ColumnElement[bool]:
    after = column >= from_milliseconds(begun_ms)
    return after if ended_ms is None else after & (column <= from_milliseconds(ended_ms))


def _checks(
    connection: sa.Connection, crisis: Crisis, begun_ms: int, ended_ms: int | None
) -> Iterable[CheckSeen]:
    table = check_tables.line_check.c
    over = (CheckState.CONFIRMED.value, CheckState.MISSED.value)
    query = (
        sa.select(table.state, table.starter, table.silent, table.cause)
        .where(table.space == crisis.space, table.state.in_(over))
        .where(_within(table.due_at, begun_ms, ended_ms))
        .limit(ROWS_MAX)
    )
    for row in connection.execute(query):
        answerer = crisis.other(row.starter) if row.silent is None else row.silent
        is_kept = row.state == CheckState.CONFIRMED.value
        yield CheckSeen(answerer, None if is_kept else (row.cause or "unknown"))


def _notifications(
    connection: sa.Connection, crisis: Crisis, begun_ms: int, ended_ms: int | None
) -> Iterable[NotificationSeen]:
    table = paper_tables.notification.c
    query = (
        sa.select(table.hash)
        .where(table.space == crisis.space, _within(table.came_at, begun_ms, ended_ms))
        .limit(ROWS_MAX)
    )
    for digest in [bytes(each) for each in connection.execute(query).scalars()]:
        row = papers.find_matter(connection, digest)
        if row is None or row.first.entry.kind != Kind.NOTIFICATION:
            continue
        hours = DEFAULT_TERMS.clarification_hours  # of queries, which are not counted
        try:
            matter = work_out(row.first, row.others, None, hours)
            types = papers.types_of(connection, crisis.space, matter.said.type_hash)
            if types and types[0].is_usable(crisis.members):
                matter = work_out(row.first, row.others, types[0].kind, hours)
        except EntryMalformed:
            continue
        if matter.said.is_exercise == crisis.is_exercise:
            yield NotificationSeen(matter.author, matter.late_ms)


def _told(
    connection: sa.Connection, crisis: Crisis, alerts: Collection[bytes], own: PartyId
) -> int:
    """Return how many steps of its escalation the other party told of."""
    steps = [step for each in alerts for step in steps_of(connection, each, crisis.space)]
    return sum(step.author != own for step in steps)


def _steps(connection: sa.Connection, matters: Collection[bytes]) -> tuple[int, list[int]]:
    """Return how many escalations began, and how late each of their steps fired."""
    begun, steps = duty_tables.escalation.c, duty_tables.step.c
    count = sa.select(sa.func.count()).where(begun.matter.in_(matters))
    query = sa.select(steps.due_at, steps.fired_at).where(
        steps.matter.in_(matters), steps.is_needed == 1
    )
    late = [
        max(0, milliseconds(row.fired_at) - milliseconds(row.due_at))
        for row in connection.execute(query)
    ]
    return int(connection.execute(count).scalar_one()), late
