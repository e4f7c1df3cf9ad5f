"""Line checks that were missed twice: an engineer and a releaser of ours are told, nobody else."""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.config import EscalationSettings
from parley.crisis.checks import tables as checks
from parley.crisis.duty import tables
from parley.crisis.duty.rows import read_watch
from parley.crisis.duty.stepping import Cause, EscalationStepper
from parley.crisis.escalation.policy import Target, TargetKind
from parley.crisis.escalation.reaching import calls
from parley.crisis.escalation.wording import checks_missed
from parley.identity.permission import Role

TOLD: Final = (
    Target(TargetKind.ROLE, Role.ENGINEER.value),
    Target(TargetKind.ROLE, Role.RELEASER.value),
)
AT_ONCE_MAX: Final = 50


def untold_checks(connection: sa.Connection) -> list[str]:
    """Return the causes of missed checks that nobody has been told of yet."""
    table = checks.check_notice.c
    query = sa.select(table.space, table.name).where(table.seen_at.is_(None)).limit(AT_ONCE_MAX)
    causes = [f"check/{row.space.text}/{row.name}" for row in connection.execute(query)]
    if not causes:
        return []
    notice = tables.notice.c
    told = set(connection.scalars(sa.select(notice.cause).where(notice.cause.in_(causes))))
    return [cause for cause in causes if cause not in told]


def tell_missed_checks(
    connection: sa.Connection,
    stepper: EscalationStepper,
    settings: EscalationSettings,
    language: str,
    now: Instant,
) -> int:
    """Make the notices of missed checks that nobody has been told of; return how many."""
    causes = untold_checks(connection)
    if not causes:
        return 0
    reached = calls(TOLD, read_watch(connection, settings, now), now)
    words = checks_missed(language)
    return sum(
        stepper.tell(connection, Cause(cause, words), reached, milliseconds(now))
        for cause in causes
    )
