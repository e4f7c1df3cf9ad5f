"""What the crash tests write: the record's rows and deadlines, by the storage's own SQL."""

import contextlib
import hashlib
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from pysqlite3 import dbapi2
from whenever import Instant

from parley.ids import PartyId, SpaceId
from parley.record import tables
from parley.storage import Database, insert
from parley.storage.deadlines import cancel_deadline, set_deadline

NOW: Final = Instant.from_utc(2026, 11, 1, 12)
SPACE, PARTY = SpaceId(b"s" * 16), PartyId(b"p" * 16)
KIND: Final = "acknowledge"
STATE: Final = """
    SELECT (SELECT count(*) FROM record_entry),
           (SELECT coalesce(max(place), -1) + 1 FROM record_entry),
           (SELECT coalesce(sum(mark), 0) FROM record_entry),
           (SELECT size FROM record_log WHERE id = 1),
           (SELECT coalesce(sum(length(hashes)), 0) / 32 FROM record_tile WHERE level = 0),
           (SELECT count(*) FROM deadline),
           (SELECT count(*) FROM deadline WHERE state = 'waiting')
"""
"""One row that differs after every change, and in which every part must fit the others."""


def begin(connection: sa.Connection) -> None:
    """Open the log that is appended to."""
    connection.execute(tables.space.insert().values(id=SPACE, name="", policy="", opened_at=NOW))
    connection.execute(
        tables.log.insert().values(
            id=1,
            space=SPACE,
            party=PARTY,
            epoch=0,
            size=0,
            cosigned_s=0,
            is_disputed=0,
            is_closing=0,
        )
    )


def append(number: int, size: int) -> Callable[[sa.Connection], int]:
    """Return work that appends entry ``number`` with what goes with it, in one change."""
    encoded = hashlib.shake_128(number.to_bytes(8, "big")).digest(size)
    digest = hashlib.sha256(encoded).digest()

    def work(connection: sa.Connection) -> int:
        connection.execute(
            tables.entry.insert().values(
                number=number, log=1, place=number, encoded=encoded, mark=number * 7 + 1, kind=1
            )
        )
        connection.execute(tables.log.update().where(tables.log.c.id == 1).values(size=number + 1))
        tile = tables.tile
        where = (tile.c.log == 1, tile.c.level == 0, tile.c.number == number // 256)
        before = connection.execute(sa.select(tile.c.hashes).where(*where)).scalar()
        grown = insert(connection, tile).values(
            log=1, level=0, number=number // 256, hashes=(before or b"") + digest
        )
        connection.execute(
            grown.on_conflict_do_update(
                index_elements=["log", "level", "number"], set_={"hashes": grown.excluded.hashes}
            )
        )
        set_deadline(connection, KIND, str(number), NOW.add(minutes=5), NOW)
        if number % 3 == 0:
            cancel_deadline(connection, KIND, str(number // 2), NOW)
        return number

    return work


def begun(file: Path) -> bytes:
    """Return a database before the workload, made at a path."""
    database = Database.open(file)
    database.write_now(begin)
    database.write_now(_only_what_is_written)
    database.close()
    _vacuum(file)
    return file.read_bytes()


def recorded(file: Path, groups: int, seed: int) -> list[str]:
    """Run the workload on a real database; return the SQL that ran."""
    chance = random.Random(seed)  # noqa: S311  repeatable
    database = Database.open(file)
    statements: list[str] = []
    assert database._connection is not None
    driver = database._connection.connection.dbapi_connection
    driver.set_trace_callback(statements.append)  # type: ignore[union-attr]
    number = 0
    for _ in range(groups):
        gate = threading.Event()
        together = [database._submit(lambda _, gate=gate: gate.wait(10))]  # type: ignore[misc]
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            together.append(database._submit(append(number, chance.choice((120, 850, 2_500)))))
            number += 1
        gate.set()
        for each in together:
            each.result()
    database.close()
    return statements


def _only_what_is_written(connection: sa.Connection) -> None:
    """Drop the tables that are not written to: each image is read through, several times over."""
    wanted = {"record_space", "record_log", "record_entry", "record_tile", "deadline"}
    for name in sa.inspect(connection).get_table_names():
        if name not in {*wanted, "alembic_version"}:
            connection.execute(sa.text(f"DROP TABLE {name}"))


def _vacuum(file: Path) -> None:
    with contextlib.closing(dbapi2.connect(str(file))) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
