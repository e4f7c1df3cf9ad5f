"""Escalations kept beside the record's entries, in the transaction that makes each durable.

Named to the record after the keeper of alerts, so that the alert's row is as it is by then.
"""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.crisis import tables as crisis_tables
from parley.crisis.duty import tables
from parley.crisis.duty.stepping import EscalationStepper
from parley.crisis.escalation.escalation import EscalationState
from parley.record.kinds import Kind
from parley.record.ports import EntryCame

LOOKED_MAX: Final = 20
"""Escalations looked at again when a passkey is told late, as alerts are."""
_MATTERS: Final = sa.select(crisis_tables.entry.c.matter).where(
    crisis_tables.entry.c.hash == sa.bindparam("hash")
)


class EscalationKeeper:
    """Looks at the escalations of alerts that an entry is about."""

    def __init__(self, stepper: EscalationStepper) -> None:
        """Keep them by a stepper."""
        self._stepper = stepper

    def keep(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Begin, go on with or settle what an entry is about."""
        for matter in self._matters(connection, came):
            self._stepper.look(connection, matter, now)

    def _matters(self, connection: sa.Connection, came: EntryCame) -> list[bytes]:
        if came.entry.kind == Kind.ENROLMENT:
            table = tables.escalation.c
            query = (
                sa.select(table.matter)
                .where(
                    table.space == came.entry.space,
                    table.state == EscalationState.RUNNING.value,
                )
                .order_by(table.started_at.desc())
                .limit(LOOKED_MAX)
            )
        else:
            query = _MATTERS
        return [bytes(each) for each in connection.execute(query, {"hash": came.hash}).scalars()]
