"""What a machine does to a database besides failing its disk: kills, locks, no descriptors left."""

import asyncio
import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from pysqlite3 import dbapi2
from whenever import Instant

from parley.errors import StorageUnavailable
from parley.ids import RoomId
from parley.storage import Database, migrate, sqlite, tables
from parley.storage.migrate import STEPS

OLD_STEP = "0020"
"""A step of long ago, with the record's first tables."""
IMAGE_EVERY = 3
"""Statements between two images: some forty of them."""


def add_room(connection: sa.Connection) -> RoomId:
    """Write a row that every schema has."""
    room = RoomId.new()
    now = Instant("2026-11-01T00:00Z")
    connection.execute(tables.room.insert().values(id=room, opening=b"\x01", opened_at=now))
    return room


def rooms(database: Database) -> list[RoomId]:
    """Return the rows."""
    return database.read_now(lambda c: list(c.scalars(sa.select(tables.room.c.id))))


def old_database(file: Path, monkeypatch: pytest.MonkeyPatch) -> RoomId:
    """Make a database as an earlier version did, with a row in it."""
    upgrade = ScriptDirectory._upgrade_revs
    with monkeypatch.context() as earlier:
        earlier.setattr(migrate, "STEPS", STEPS[: STEPS.index(OLD_STEP) + 1])
        earlier.setattr(
            ScriptDirectory, "_upgrade_revs", lambda self, _, found: upgrade(self, OLD_STEP, found)
        )
        database = Database.open(file)
        room = database.write_now(add_room)
        database.close()
    return room


@pytest.mark.timeout(120)
def test_a_migration_that_is_killed_anywhere_is_made_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files as a kill leaves them at forty moments: all steps or none, and every row."""
    file = tmp_path / "parley.db"
    room = old_database(file, monkeypatch)
    images: list[Path] = []
    seen = 0

    def look(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen % IMAGE_EVERY == 0:
            image = tmp_path / str(seen)
            image.mkdir()
            for each in (file, file.with_name("parley.db-wal")):
                if each.exists():
                    shutil.copyfile(each, image / each.name)
            images.append(image)

    sa.event.listen(sa.Engine, "after_cursor_execute", look)
    try:
        Database.open(file).close()
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", look)

    assert len(images) >= 20
    for image in images:
        with dbapi2.connect(image / "parley.db") as found:
            assert found.execute("SELECT version_num FROM alembic_version").fetchone() in {
                (OLD_STEP,),
                (STEPS[-1],),
            }
        found.close()
    for image in images[:: max(1, len(images) // 8)]:
        database = Database.open(image / "parley.db")
        assert rooms(database) == [room]
        database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock for 10 ms instead of five seconds."""
    shorter = tuple(
        "busy_timeout=10" if each.startswith("busy_timeout") else each for each in sqlite.PRAGMAS
    )
    monkeypatch.setattr(sqlite, "PRAGMAS", shorter)


def is_well(database: Database) -> bool:
    """Say whether the last change was kept."""
    return database.trouble is None


@pytest.mark.usefixtures("impatient")
def test_a_database_that_somebody_holds_is_said_to_be_away_and_is_back_when_they_let_go(
    tmp_path: Path,
) -> None:
    """A tool that was left open on the file: what was refused is not kept, what was kept stays."""
    database = Database.open(tmp_path / "parley.db")
    before = database.write_now(add_room)
    holder = dbapi2.connect(tmp_path / "parley.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    for _ in range(3):
        with pytest.raises(StorageUnavailable, match="locked"):
            database.write_now(add_room)
    assert not is_well(database)
    assert rooms(database) == [before]

    holder.execute("ROLLBACK")
    holder.close()
    after = database.write_now(add_room)
    assert is_well(database)
    assert set(rooms(database)) == {before, after}
    database.close()


@pytest.fixture
def descriptors() -> Iterator[list[int]]:
    """Leave this process no descriptors; give them back afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    yield held
    for each in held:
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def take_all(descriptors: list[int]) -> None:
    """Open until nothing more can be opened."""
    while True:
        descriptors.append(os.open("/dev/null", os.O_RDONLY))


def test_without_descriptors_what_is_open_goes_on_and_the_rest_is_refused_for_now(
    tmp_path: Path, descriptors: list[int]
) -> None:
    """A flood of sockets must not stop the record; a reader that cannot be opened is told of."""
    database = Database.open(tmp_path / "parley.db", readers=2)
    before = database.write_now(add_room)
    with pytest.raises(OSError, match="Too many open files"):
        take_all(descriptors)

    after = database.write_now(add_room)
    with pytest.raises(StorageUnavailable):
        rooms(database)

    while descriptors:
        os.close(descriptors.pop())
    assert set(rooms(database)) == {before, after}
    database.close()


@pytest.mark.usefixtures("impatient")
async def test_a_change_that_waits_for_a_held_database_is_told_with_the_others(
    tmp_path: Path,
) -> None:
    """Nobody waits for ever, and nobody is told that it was kept."""
    database = Database.open(tmp_path / "parley.db")
    holder = dbapi2.connect(tmp_path / "parley.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    told: list[Any] = await asyncio.gather(
        *(database.write(add_room) for _ in range(5)), return_exceptions=True
    )
    holder.execute("ROLLBACK")
    holder.close()
    assert [type(each) for each in told] == [StorageUnavailable] * 5
    assert rooms(database) == []
    database.close()
