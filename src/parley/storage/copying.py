"""Whole databases, copied: out of a running node into one file, and out of that file into either.

A copy is always an SQLite file, whichever engine it comes from, so that it is examined in one way
and restored into either engine. What it holds is one committed state: SQLite's is copied page by
page within one read transaction (sqlite.org/backup.html), PostgreSQL's row by row within one
REPEATABLE READ transaction. Neither keeps the writer from writing.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import sqlalchemy as sa
from pysqlite3 import dbapi2

from parley.errors import BackupUnusable
from parley.storage import sqlite
from parley.storage.database import Database
from parley.storage.migrate import STEPS, schema_of
from parley.storage.source import DatabaseSource

PAGES: Final = 2_048
"""Pages copied at once (8 MiB). More: faster. Less: progress is told more often."""
ROWS: Final = 2_000
"""Rows copied at once. More: fewer round trips. Less: less memory; an entry has up to 64 KiB."""
VERSION_TABLE: Final = "alembic_version"

Tell = Callable[[int, int], None]
"""Is told how much of how much is copied."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """How far one log of the record is in a copy."""

    space: str
    party: str
    epoch: int
    size: int
    note_sha256: str
    """Of the newest checkpoint; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Contents:  # glossary: of a copy of the database
    """What a database holds, to compare a copy with what it was made from."""

    schema: str
    rows: Mapping[str, int]
    """How many rows each table has."""
    logs: tuple[LogHead, ...]


def contents(connection: sa.Connection) -> Contents:
    """Count a database's rows and read the heads of its logs, in the transaction as it is."""
    names = sorted(set(sa.inspect(connection).get_table_names()) - {VERSION_TABLE})
    rows = {
        name: int(
            connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
        )
        for name in names
    }
    return Contents(schema_of(connection) or "", rows, _heads(connection, names))


def copy_out(source: DatabaseSource, target: Path, tell: Tell) -> Contents:
    """Copy a database, in use or not, into a new SQLite file; return what it held at that moment.

    Raises:
        sqlalchemy.exc.DBAPIError: the database cannot be read, or the file not be written.
        OSError: (the same)
    """
    engine = source.readers(1)
    try:
        with engine.connect() as connection, connection.begin():
            held = contents(connection)
            if connection.dialect.name == "sqlite":
                _copy_pages(connection, target, tell)
            else:
                _copy_rows_to_file(connection, target, held, tell)
            return held
    finally:
        engine.dispose()


def examine(file: Path, wanted: Contents) -> None:
    """Open a copy and compare it with what it was made from.

    Raises:
        BackupUnusable: it is damaged, or holds something else.
    """
    engine = sqlite.reader_engine(file, 1)
    try:
        with engine.connect() as connection:
            verdicts = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            found = contents(connection)
            gaps = _gaps(connection)
    except sa.exc.DBAPIError as error:
        raise BackupUnusable(folder=str(file.parent), reason=str(error.orig)) from error
    finally:
        engine.dispose()
    reason = ""
    if list(verdicts) != ["ok"]:
        reason = f"the database is damaged: {verdicts[0]}"
    elif orphans:
        reason = f"{len(orphans)} rows name others that are missing"
    elif found != wanted:
        reason = "the database does not hold what it held when it was copied"
    elif gaps:
        reason = f"{gaps} logs of the record have gaps"
    if reason:
        raise BackupUnusable(folder=str(file.parent), reason=reason)


def copy_in(file: Path, source: DatabaseSource, tell: Tell) -> None:
    """Copy an SQLite file of the newest schema into another, empty engine's database.

    Everything that is there is replaced; all of it in one transaction.

    Raises:
        StorageTaken: a node has that database open.
        sqlalchemy.exc.DBAPIError: it cannot be written.
    """
    database = Database.open(source)
    reader = sqlite.reader_engine(file, 1)
    try:
        with reader.connect() as reading:
            held = contents(reading)
            database.write_now(
                lambda writing: _copy_rows(reading, writing, sum(held.rows.values()), tell)
            )
    finally:
        reader.dispose()
        database.close()


def is_empty(source: DatabaseSource) -> bool:
    """Say whether a database holds no row of ours."""
    engine = source.readers(1)
    try:
        with engine.connect() as connection:
            return not any(contents(connection).rows.values())
    finally:
        engine.dispose()


def _copy_pages(connection: sa.Connection, target: Path, tell: Tell) -> None:
    reading = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    writing = dbapi2.connect(str(target))
    try:
        # An open read transaction keeps the copy at one state; without it every change by
        # another process would begin it anew.
        reading.backup(
            writing,
            pages=PAGES,
            progress=lambda _, left, total: tell(total - left, total),
            sleep=0,
        )
        # One file: a copy has no log beside it.
        writing.execute("PRAGMA journal_mode=DELETE")
    finally:
        writing.close()


def _copy_rows_to_file(connection: sa.Connection, target: Path, held: Contents, tell: Tell) -> None:
    if held.schema != STEPS[-1]:
        reason = (
            f"the database has schema {held.schema}; start the node once, it will be {STEPS[-1]}"
        )
        raise BackupUnusable(folder=str(target.parent), reason=reason)
    database = Database.open(target)
    try:
        database.write_now(
            lambda writing: _copy_rows(connection, writing, sum(held.rows.values()), tell)
        )
    finally:
        database.close()
    for name in (f"{target.name}{sqlite.LOCK_SUFFIX}",):
        target.with_name(name).unlink(missing_ok=True)


def _copy_rows(reading: sa.Connection, writing: sa.Connection, total: int, tell: Tell) -> None:
    """Copy every row of every table, those that others refer to first."""
    tables = sa.MetaData()
    tables.reflect(writing)
    ordered = [table for table in tables.sorted_tables if table.name != VERSION_TABLE]
    for table in reversed(ordered):
        writing.execute(table.delete())
    done = 0
    for table in ordered:
        columns: list[sa.ColumnClause[Any]] = [sa.column(column.name) for column in table.columns]
        rows = reading.execution_options(yield_per=ROWS).execute(
            sa.select(*columns).select_from(sa.table(table.name))
        )
        for part in rows.mappings().partitions():
            writing.execute(table.insert(), [dict(row) for row in part])
            done += len(part)
            tell(done, total)


def _heads(connection: sa.Connection, names: list[str]) -> tuple[LogHead, ...]:
    if "record_log" not in names:
        return ()
    rows = connection.execute(
        sa.text(
            "SELECT space, party, epoch, size, note FROM record_log ORDER BY space, party, epoch"
        )
    )
    heads = [
        LogHead(
            row.space,
            row.party,
            row.epoch,
            row.size,
            "" if row.note is None else hashlib.sha256(bytes(row.note)).hexdigest(),
        )
        for row in rows
    ]
    # The two engines need not sort text alike.
    return tuple(sorted(heads, key=lambda head: (head.space, head.party, head.epoch)))


def _gaps(connection: sa.Connection) -> int:
    """Return how many logs do not have exactly the entries their size says."""
    if not sa.inspect(connection).has_table("record_entry"):
        return 0
    return int(
        connection.execute(
            sa.text(
                "SELECT count(*) FROM record_log AS log WHERE size <>"
                " (SELECT count(*) FROM record_entry AS entry"
                "  WHERE entry.log = log.id AND entry.place < log.size)"
            )
        ).scalar_one()
    )
