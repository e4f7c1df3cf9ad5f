"""PostgreSQL: how each connection is set, who may write, and what its errors mean."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool

from parley.config.kinds import is_database_near
from parley.config.secret_file import read_secret
from parley.errors import StorageTaken, StorageUnavailable
from parley.storage.source import Fault

PASSWORD_VARIABLE: Final = "PARLEY_STORAGE_PASSWORD"  # noqa: S105  the name of a variable
VERSION_MIN: Final = 140_000
"""PostgreSQL 14: the oldest that its makers still mend, and the first whose
``pg_terminate_backend`` waits for the end."""
LOCK_CLASS: Final = 0x7061_726C  # "parl"
"""Tells our advisory locks from those of others in the same database."""
CONNECT: Final[Mapping[str, int | str]] = {
    "connect_timeout": 10,  # seconds
    # A network that went away is noticed within about 15 s, also in the middle of a commit.
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "parley",
    # A commit that returned survives a power cut, whatever the database's own default is.
    "options": "-c synchronous_commit=on -c timezone=UTC",
}
CONNECT_FAR: Final[Mapping[str, str]] = {"sslmode": "verify-full", "sslrootcert": "system"}
"""What is added where the address says nothing: libpq would go on in the open with a server, or
somebody on the way, that says it has no TLS."""
END_MS_MAX: Final = 5_000
"""How long our own lost connection is given to end before its lock is called taken."""
_END_LAST: Final = """
    SELECT pg_terminate_backend(locks.pid, %s)
    FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE locks.locktype = 'advisory' AND locks.granted AND locks.classid = %s
    AND activity.datname = current_database() AND pid = %s AND activity.backend_start = %s
"""
"""Ends a backend of ours that still holds the lock; its start tells it from a later one of that
number."""
_STATE: Final = "SELECT current_setting('server_version'), pg_database_size(current_database())"
_UNSAFE: Final = """
    SELECT name FROM pg_settings WHERE setting = 'off' AND name IN ('fsync', 'full_page_writes')
"""
_FAULTS: Final[Mapping[str, Fault]] = {
    "08": Fault.PASSING,  # connection exception
    "25006": Fault.READ_ONLY,  # a standby, or default_transaction_read_only
    "40": Fault.PASSING,  # transaction rollback
    "53100": Fault.FULL,  # disk full
    "53": Fault.PASSING,  # insufficient resources
    "55P03": Fault.PASSING,  # lock not available
    "57P": Fault.PASSING,  # shutdown, crash of another backend, starting up
    "58": Fault.PASSING,  # system error: PostgreSQL itself ends and recovers after a failed sync
    "XX001": Fault.LASTING,  # corrupted table
    "XX002": Fault.LASTING,  # corrupted index
}
"""By SQLSTATE or the start of it (PostgreSQL's appendix A); every other one is the caller's."""


class PostgresDatabase:
    """One schema of a PostgreSQL database, held by one node at a time.

    The claim is an advisory lock of the writing connection itself: a node whose connection is
    lost loses the claim with it, so no change is ever written by a node that does not hold it.
    A connection pooler that shares sessions between transactions must not be in between.
    """

    def __init__(self, address: str, password: str | None = None) -> None:
        """Take ``postgresql://[role@]host[:port]/database[?option=...]`` and a password, if any."""
        self._url = sa.make_url(address).set(drivername="postgresql+psycopg", password=password)
        is_said = "sslmode" in self._url.query or is_database_near(address)
        unsaid = {} if is_said else CONNECT_FAR
        self._connect = {**CONNECT, **{k: v for k, v in unsaid.items() if k not in self._url.query}}
        self._last: tuple[int, Any] | None = None
        """Process and start of our last writing connection's backend."""

    @property
    def name(self) -> str:
        """The address without the password."""
        shown = self._url.set(drivername="postgresql", password=None)
        return shown.render_as_string(hide_password=True)

    @property
    def can_be_away(self) -> bool:
        """PostgreSQL and the network end connections."""
        return True

    def prepare(self) -> None:
        """Nothing can be checked without a connection."""

    def writer(self) -> sa.Engine:
        """Return an engine for the writing connection, which holds the advisory lock."""
        engine = sa.create_engine(self._url, poolclass=NullPool, connect_args=dict(self._connect))
        sa.event.listen(engine, "connect", self._claim)
        return engine

    def readers(self, number: int) -> sa.Engine:
        """Return an engine whose transactions are READ ONLY and REPEATABLE READ."""
        engine = sa.create_engine(
            self._url,
            poolclass=QueuePool,
            pool_size=number,
            max_overflow=0,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            connect_args=dict(self._connect),
        )
        sa.event.listen(engine, "connect", _only_read)
        return engine

    def opened(self, connection: sa.Connection) -> None:
        """Nothing is left to do."""

    def settle(self, connection: sa.Connection) -> None:
        """PostgreSQL does its checkpoints itself."""

    def examine(self) -> tuple[bool, str]:
        """Ask for its version, its size and whether it keeps what it has acknowledged."""
        engine = self.readers(1)
        try:
            with engine.connect() as connection:
                version, size = connection.execute(sa.text(_STATE)).one()
                unsafe = connection.execute(sa.text(_UNSAFE)).scalars().all()
        finally:
            engine.dispose()
        if unsafe:
            return False, f"{', '.join(unsafe)} is off: a power cut loses what was acknowledged"
        return True, f"PostgreSQL {version}, {size:,} bytes"

    def release(self) -> None:
        """The lock went with the connection."""

    def fault(self, error: BaseException) -> Fault:
        """Say what an exception says about the database, by its SQLSTATE."""
        orig = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if not isinstance(orig, psycopg.Error):
            return Fault.CALLER
        state = orig.sqlstate
        if state is None:
            # No answer of the database: the driver lost it, or never reached it.
            lost = isinstance(orig, psycopg.OperationalError | psycopg.InterfaceError)
            return Fault.PASSING if lost else Fault.CALLER
        starts = (_FAULTS.get(state[:length]) for length in (5, 3, 2))
        return next((fault for fault in starts if fault is not None), Fault.CALLER)

    def _claim(self, connection: Any, _: object) -> None:  # noqa: ANN401  SQLAlchemy's own
        driver = cast("psycopg.Connection[tuple[Any, ...]]", connection)
        try:
            self._check_version(driver.info.server_version)
            with driver.cursor() as cursor:
                self._take_lock(cursor)
            driver.commit()
        except BaseException:
            driver.close()
            raise

    def _check_version(self, found: int) -> None:
        if found < VERSION_MIN:
            needed = f"{VERSION_MIN // 10_000} or newer is needed"
            reason = f"it is PostgreSQL {found // 10_000}, {needed}"
            raise StorageUnavailable(file=self.name, reason=reason)

    def _take_lock(self, cursor: "psycopg.Cursor[tuple[Any, ...]]") -> None:
        is_ours = _lock(cursor)
        if not is_ours and self._last is not None:
            # The database may not have noticed yet that our own last connection is gone.
            cursor.execute(_END_LAST, (END_MS_MAX, LOCK_CLASS, *self._last))
            is_ours = _lock(cursor)
        if not is_ours:
            raise StorageTaken(file=self.name)
        cursor.execute(
            "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        )
        row = cursor.fetchone()
        self._last = None if row is None else (int(row[0]), row[1])


def password_from(file: Path | None) -> str | None:
    """Return the password for the database: from the environment, else from a file, else none.

    Without one, libpq looks where it always does: a socket's peer, certificates, ``~/.pgpass``.

    Raises:
        SettingsUnreadable: the file cannot be read.
        SecretExposed: others on the machine can read it.
    """
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None or file is None:
        return given
    return read_secret(file)


def _lock(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> bool:
    cursor.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(coalesce(current_schema(), '')))", (LOCK_CLASS,)
    )
    row = cursor.fetchone()
    return row is not None and bool(row[0])


def _only_read(connection: Any, _: object) -> None:  # noqa: ANN401  SQLAlchemy's own
    driver = cast("psycopg.Connection[tuple[Any, ...]]", connection)
    driver.read_only = True
