"""What a running node writes beside entries about notifications and call requests."""

import sqlalchemy as sa
from whenever import Instant

from parley.crisis.papers.repository import KEPT, keep
from parley.record.keeping import Record
from parley.record.ports import EntryCame


def attach(record: Record) -> None:
    """Let rows be written in the transactions of their entries; before the record starts."""
    own = record.keys.party

    def keeper(connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        keep(connection, came, now, own)

    record.keep_with(KEPT, keeper)
