"""Watches that nobody stands: warned of a day ahead, and the releasers called when they begin."""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.config import EscalationSettings
from parley.crisis.duty import tables
from parley.crisis.duty.rows import plan_in_force, read_watch
from parley.crisis.duty.stepping import Cause, EscalationStepper
from parley.crisis.escalation.policy import Target, TargetKind
from parley.crisis.escalation.reaching import Watch, calls
from parley.crisis.escalation.roster import WARN_AHEAD_H, Roster, Shift, gaps
from parley.crisis.escalation.wording import empty_watch
from parley.identity.permission import Role
from parley.ids import PersonId

RELEASERS: Final = Target(TargetKind.ROLE, Role.RELEASER.value)


def look_for_gaps(
    connection: sa.Connection,
    stepper: EscalationStepper,
    settings: EscalationSettings,
    language: str,
    now: Instant,
) -> int:
    """Note empty shifts of the next day and tell of each once; return how many notices are new."""
    plan = plan_in_force(connection)[1]
    if not plan.rosters:
        return 0
    watch = read_watch(connection, settings, now, plan)
    number = 0
    for roster in plan.rosters:
        number += _look_at(connection, stepper, watch, roster, language, now)
    return number


def _look_at(
    connection: sa.Connection,
    stepper: EscalationStepper,
    watch: Watch,
    roster: Roster,
    language: str,
    now: Instant,
) -> int:
    def able(person: PersonId) -> bool:
        return watch.able(roster, person)

    number, now_ms = 0, milliseconds(now)
    words = empty_watch(roster.name, language)
    for gap in gaps(roster, watch.overrides, now, now.add(hours=WARN_AHEAD_H), able):
        starts_at, is_empty = _keep(connection, roster, gap, now)
        cause = f"watch/{roster.key}/{milliseconds(starts_at)}"
        members = sorted(watch.members.get(roster.office, frozenset()) & watch.people.keys())
        targets = [*(Target(TargetKind.PERSON, each.text) for each in members), RELEASERS]
        ahead = calls(targets, watch, now)
        number += stepper.tell(connection, Cause(f"{cause}/ahead", words), ahead, now_ms)
        # A duty kept from the shift before is one that nobody came to take over.
        if is_empty and not watch.is_taken_for(roster, starts_at):
            empty = calls([RELEASERS], watch, now)
            number += stepper.tell(connection, Cause(f"{cause}/empty", words), empty, now_ms)
    return number


def _keep(
    connection: sa.Connection, roster: Roster, gap: Shift, now: Instant
) -> tuple[Instant, bool]:
    """Keep a gap; what lies over one that is known is that one. Return its start, if it began."""
    table = tables.gap
    over = sa.and_(
        table.c.roster == roster.key,
        table.c.starts_at <= gap.ends_at,
        table.c.ends_at >= gap.starts_at,
    )
    known = connection.execute(
        sa.select(table).where(over).order_by(table.c.starts_at).limit(1)
    ).one_or_none()
    has_begun = gap.starts_at <= now
    if known is None:
        connection.execute(
            table.insert().values(
                roster=roster.key,
                starts_at=gap.starts_at,
                ends_at=gap.ends_at,
                warned_at=now,
                empty_at=now if has_begun else None,
            )
        )
        return gap.starts_at, has_begun
    same = sa.and_(table.c.roster == roster.key, table.c.starts_at == known.starts_at)
    connection.execute(
        table.update()
        .where(same)
        .values(
            ends_at=max(known.ends_at, gap.ends_at),
            empty_at=known.empty_at or (now if has_begun else None),
        )
    )
    return known.starts_at, has_begun
