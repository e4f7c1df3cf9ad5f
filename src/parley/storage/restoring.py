"""What a database remembers of having come out of a backup.

A backup is older than what the node had already said and shown. Whoever appends after a restore as
if nothing had happened would say something else at the same place of a log. So a restored database
is marked, and the record appends nothing while the mark is unproved: a mirror must first show how
far the own log had come.
"""

import sqlalchemy as sa
from whenever import Instant

from parley.storage.tables import restoration


def mark_restored(connection: sa.Connection, made_at: Instant, now: Instant) -> None:
    """Note that this database was made by restoring a backup of ``made_at``."""
    last = connection.execute(sa.select(sa.func.max(restoration.c.number))).scalar()
    connection.execute(
        restoration.insert().values(
            number=0 if last is None else last + 1, made_at=made_at, restored_at=now
        )
    )


def is_unproved(connection: sa.Connection) -> bool:
    """Say whether the database was restored and nothing has shown since what it lacks."""
    found = connection.execute(
        sa.select(restoration.c.number).where(restoration.c.proved_at.is_(None)).limit(1)
    )
    return found.first() is not None


def restored_from(connection: sa.Connection) -> Instant | None:
    """Return when the backup was made that this database last came out of, None if it never did."""
    query = sa.select(restoration.c.made_at).order_by(restoration.c.number.desc()).limit(1)
    found: Instant | None = connection.execute(query).scalar()
    return found


def restored_at(connection: sa.Connection) -> Instant | None:
    """Return when this database last came out of a backup, None if it never did."""
    query = sa.select(restoration.c.restored_at).order_by(restoration.c.number.desc()).limit(1)
    found: Instant | None = connection.execute(query).scalar()
    return found


def mark_proved(connection: sa.Connection, now: Instant) -> None:
    """Note that the own logs are as far as their mirrors had them."""
    connection.execute(
        restoration.update().where(restoration.c.proved_at.is_(None)).values(proved_at=now)
    )
