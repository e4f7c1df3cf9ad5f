"""The embedded SQLite: which one, and how each connection is set."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import sqlalchemy as sa
from pysqlite3 import dbapi2
from sqlalchemy.pool import NullPool, QueuePool

from parley.errors import StorageTooOld

VERSION_MIN: Final = (3, 51, 3)
"""First SQLite without the WAL-reset defect (3.7.0 to 3.51.2), which can corrupt a database."""
PRAGMAS: Final = (
    "journal_mode=WAL",  # readers go on while the writer commits
    "synchronous=FULL",  # a commit that returned survives a power cut
    "foreign_keys=ON",
    "trusted_schema=OFF",  # a crafted file must not run functions
    "busy_timeout=5000",  # ms; `parley pair` beside a running node waits rather than fails
    "secure_delete=ON",  # sign-ins and links that were deleted are gone from the file
    "mmap_size=0",  # an I/O error is an error, not a signal
)


def check_version(version: tuple[int, ...] = dbapi2.sqlite_version_info) -> None:
    """Refuse an SQLite that can corrupt the database.

    Raises:
        StorageTooOld: the SQLite in use is older than :data:`VERSION_MIN`.
    """
    if version < VERSION_MIN:
        raise StorageTooOld(found=_dotted(version), needed=_dotted(VERSION_MIN))


def writer_engine(file: Path) -> sa.Engine:
    """Return an engine whose connections may write; transactions start with BEGIN IMMEDIATE."""
    engine = sa.create_engine(
        f"sqlite:///{file}",
        module=dbapi2,
        poolclass=NullPool,
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _on_connect("PRAGMA query_only=OFF"))
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def reader_engine(file: Path, readers: int) -> sa.Engine:
    """Return an engine whose connections may only read."""
    engine = sa.create_engine(
        f"sqlite:///{file}",
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=readers,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _on_connect("PRAGMA query_only=ON"))
    return engine


def _on_connect(last: str) -> Callable[[Any, object], None]:
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the driver ships no types
        opened = cast("sqlite3.Connection", connection)
        # The driver must not start transactions of its own: BEGIN is ours to say.
        opened.isolation_level = None
        for pragma in PRAGMAS:
            opened.execute(f"PRAGMA {pragma}")
        opened.execute(last)

    return prepare


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
