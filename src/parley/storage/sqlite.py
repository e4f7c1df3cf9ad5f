"""The embedded SQLite: which one, how each connection is set, and what its errors mean."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy.pool import NullPool, QueuePool

from parley.errors import StorageTaken, StorageTooOld
from parley.storage.source import Fault

VERSION_MIN: Final = (3, 51, 3)
"""First SQLite without the WAL-reset defect (3.7.0 to 3.51.2), which can corrupt a database."""
PRAGMAS: Final = (
    "journal_mode=WAL",  # readers go on while the writer commits
    "synchronous=FULL",  # a commit that returned survives a power cut
    "foreign_keys=ON",
    "trusted_schema=OFF",  # a crafted file must not run functions
    "busy_timeout=5000",  # ms; a backup beside a running node waits rather than fails
    "secure_delete=ON",  # sign-ins and links that were deleted are gone from the file
    "mmap_size=0",  # an I/O error is an error, not a signal
    "wal_autocheckpoint=0",  # the writer thread does it, when callers have been told
    "journal_size_limit=67108864",  # bytes a log keeps after a long read had made it grow
)
LOCK_SUFFIX: Final = ".lock"
CHECKPOINT_GROUPS: Final = 64
"""Transactions between two checkpoints. More: a longer log to read at a start. Less: more syncs."""
_FAULTS: Final[Mapping[int, Fault]] = {
    sqlite3.SQLITE_BUSY: Fault.PASSING,
    sqlite3.SQLITE_LOCKED: Fault.PASSING,
    sqlite3.SQLITE_NOMEM: Fault.PASSING,
    sqlite3.SQLITE_INTERRUPT: Fault.PASSING,
    sqlite3.SQLITE_PROTOCOL: Fault.PASSING,
    sqlite3.SQLITE_CANTOPEN: Fault.PASSING,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR: Fault.LASTING,
    sqlite3.SQLITE_CORRUPT: Fault.LASTING,
    sqlite3.SQLITE_NOTADB: Fault.LASTING,
}
"""By primary result code (sqlite.org/rescode.html); every other one is the caller's."""


_NOT_OF_THE_DISK: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR_NOMEM,
        # The log's index, which no power cut needs to survive; it wants space of its own.
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMLOCK,
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)


def check_version(version: tuple[int, ...] = dbapi2.sqlite_version_info) -> None:
    """Refuse an SQLite that can corrupt the database.

    Raises:
        StorageTooOld: the SQLite in use is older than :data:`VERSION_MIN`.
    """
    if version < VERSION_MIN:
        raise StorageTooOld(found=_dotted(version), needed=_dotted(VERSION_MIN))


class SqliteFile:
    """A database in one file beside the node, with its log (``-wal``) and its lock (``.lock``)."""

    def __init__(self, file: Path) -> None:
        """Name the file; nothing is opened."""
        self.file = file
        self._lock: int | None = None
        # Owned by the writer thread.
        self._groups = 0

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self.file)

    @property
    def can_be_away(self) -> bool:
        """A file that is open stays open."""
        return False

    def prepare(self) -> None:
        """Check SQLite's version and take the lock.

        A lock of its own beside the database: closing any descriptor of the database file itself
        would drop the locks that SQLite holds on it (sqlite.org/howtocorrupt.html §2.2).

        Raises:
            StorageTooOld: the SQLite in use can corrupt a database.
            StorageTaken: another process holds the file.
            OSError: the folder cannot be used.
        """
        check_version()
        if not self.file.parent.is_dir():
            return  # SQLite says so in its own words
        path = self.file.with_name(self.file.name + LOCK_SUFFIX)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StorageTaken(file=self.name) from error
        self._lock = descriptor

    def writer(self) -> sa.Engine:
        """Return an engine for the writing connection; transactions start with BEGIN IMMEDIATE."""
        engine = _engine(self.file, "query_only=OFF", poolclass=NullPool)
        sa.event.listen(engine, "begin", _begin("BEGIN IMMEDIATE"))
        return engine

    def readers(self, number: int) -> sa.Engine:
        """Return an engine whose connections may only read."""
        return reader_engine(self.file, number)

    def opened(self, connection: sa.Connection) -> None:
        """Make the file its owner's alone, and move what the log holds into the database.

        After a failed sync the kernel may hold pages of the log as clean that never reached the
        disk (Rebello et al., USENIX ATC 2020). A log that outlives a process is therefore not
        built upon: it is copied into the database, synced, and begun anew. Whoever reads just then
        is not waited for.
        """
        self.file.chmod(0o600)
        truncate_log(connection)

    def settle(self, connection: sa.Connection) -> None:
        """Move the log into the database now and then, as far as no reader still needs it.

        SQLite would do so within a commit, and would keep quiet about a disk that fails then.
        """
        self._groups += 1
        if self._groups >= CHECKPOINT_GROUPS:
            self._groups = 0
            driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
            driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def examine(self) -> tuple[bool, str]:
        """Check the file's structure."""
        engine = reader_engine(self.file, 1)
        try:
            with engine.connect() as connection:
                verdict = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
        finally:
            engine.dispose()
        if verdict != "ok":
            return False, f"damaged: {verdict}"
        return True, f"{self.file.name}, {self.file.stat().st_size:,} bytes"

    def release(self) -> None:
        """Give up the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def fault(self, error: BaseException) -> Fault:
        """Say what an exception says about the database, by SQLite's result code."""
        orig = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        code = getattr(orig, "sqlite_errorcode", None)
        if code in _NOT_OF_THE_DISK:
            return Fault.PASSING
        return Fault.CALLER if code is None else _FAULTS.get(code & 0xFF, Fault.CALLER)


def truncate_log(connection: sa.Connection) -> bool:
    """Move the log into the database and empty it; say whether no reader was in the way."""
    driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    driver.execute("PRAGMA busy_timeout=0")
    try:
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        driver.execute("PRAGMA busy_timeout=5000")
    return not busy


def reader_engine(file: Path, number: int) -> sa.Engine:
    """Return an engine that reads ``file`` without a claim; each transaction sees one state."""
    engine = _engine(file, "query_only=ON", poolclass=QueuePool, pool_size=number, max_overflow=0)
    sa.event.listen(engine, "begin", _begin("BEGIN"))
    return engine


def _engine(file: Path, last: str, **pool: Any) -> sa.Engine:  # noqa: ANN401  SQLAlchemy's own
    engine = sa.create_engine(
        f"sqlite:///{file}", module=dbapi2, connect_args={"check_same_thread": False}, **pool
    )
    sa.event.listen(engine, "connect", _on_connect(last))
    return engine


def _on_connect(last: str) -> Callable[[Any, object], None]:
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the driver ships no types
        opened = cast("sqlite3.Connection", connection)
        # The driver must not start transactions of its own: BEGIN is ours to say.
        opened.isolation_level = None
        try:
            for pragma in (*PRAGMAS, last):
                opened.execute(f"PRAGMA {pragma}")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                opened.close()
            raise

    return prepare


def _begin(statement: str) -> Callable[[sa.Connection], None]:
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
