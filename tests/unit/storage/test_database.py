"""The database: what is durable, what is refused."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.errors import StorageClosed, StorageNewer, StorageTooOld, StorageUnavailable
from parley.ids import PersonId
from parley.storage import Database, people, sqlite, tables

NOW = Instant.from_utc(2026, 11, 1, 12, 30, 15, nanosecond=123_000_000)


def add(connection: sa.Connection, person: PersonId | None = None) -> None:
    """Insert somebody."""
    connection.execute(
        people.person.insert().values(
            id=person or PersonId.new(),
            name="Ingrid",
            language="en",
            appearance="system",
            created_at=NOW,
        )
    )


def count(connection: sa.Connection) -> int:
    """Return how many people there are."""
    query = sa.select(sa.func.count()).select_from(people.person)
    return int(connection.execute(query).scalar_one())


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Give a test a fresh database."""
    return Database.open(tmp_path / "parley.db")


async def test_what_was_written_is_read(database: Database) -> None:
    """With ids and instants as they were."""
    person = PersonId.new()
    await database.write(lambda connection: add(connection, person))

    row = await database.read(lambda connection: connection.execute(sa.select(people.person)).one())

    assert row.id == person
    assert isinstance(row.id, PersonId)
    assert row.created_at == NOW
    database.close()


async def test_a_change_that_fails_takes_nothing_else_with_it(database: Database) -> None:
    """Even in the same transaction."""

    def fail(connection: sa.Connection) -> None:
        add(connection)
        reason = "second thoughts"
        raise ValueError(reason)

    gathered = await asyncio.gather(
        database.write(add), database.write(fail), database.write(add), return_exceptions=True
    )

    assert isinstance(gathered[1], ValueError)
    assert await database.read(count) == 2
    database.close()


async def test_many_changes_at_once_share_transactions(database: Database) -> None:
    """All of them are there afterwards, in their order."""
    await asyncio.gather(*(database.write(add) for _ in range(300)))

    assert await database.read(count) == 300
    database.close()


async def test_a_reader_cannot_write(database: Database) -> None:
    """Nor by mistake."""
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        await database.read(add)
    database.close()


async def test_a_duplicate_is_its_callers_error_alone(database: Database) -> None:
    """A constraint holds for one change, not for its neighbours."""
    person = PersonId.new()

    gathered = await asyncio.gather(
        database.write(lambda connection: add(connection, person)),
        database.write(lambda connection: add(connection, person)),
        database.write(add),
        return_exceptions=True,
    )

    assert isinstance(gathered[1], sa.exc.IntegrityError)
    assert await database.read(count) == 2
    database.close()


def test_every_connection_is_set_as_it_must_be(database: Database) -> None:
    """Durable, checked, and trusting nothing in the file."""
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
        "secure_delete": 1,
        "mmap_size": 0,
    }

    def pragmas(connection: sa.Connection) -> dict[str, object]:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert database.read_now(pragmas) == wanted
    assert database.write_now(pragmas) == wanted
    database.close()


def test_the_file_is_for_its_owner_alone(database: Database) -> None:
    """It names people."""
    assert isinstance(database.source, sqlite.SqliteFile)
    assert database.source.file.stat().st_mode & 0o777 == 0o600
    database.close()


def test_a_database_opens_again_as_it_was(tmp_path: Path) -> None:
    """Without a migration the second time."""
    first = Database.open(tmp_path / "parley.db")
    first.write_now(add)
    first.close()

    second = Database.open(tmp_path / "parley.db")
    assert second.read_now(count) == 1
    second.close()


def test_the_tables_are_those_the_migrations_make(database: Database) -> None:
    """Code and steps describe the same columns."""

    def columns(connection: sa.Connection) -> dict[str, list[str]]:
        inspector = sa.inspect(connection)
        return {
            name: [column["name"] for column in inspector.get_columns(name)]
            for name in tables.metadata.tables
        }

    found = database.read_now(columns)
    assert found == {
        name: [column.name for column in table.columns]
        for name, table in tables.metadata.tables.items()
    }
    database.close()


def test_a_database_of_a_newer_parley_is_refused(tmp_path: Path) -> None:
    """Rather than misread."""
    file = tmp_path / "parley.db"
    first = Database.open(file)
    first.write_now(
        lambda connection: connection.exec_driver_sql(
            "UPDATE alembic_version SET version_num='9999'"
        )
    )
    first.close()

    with pytest.raises(StorageNewer, match="9999"):
        Database.open(file)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    file = tmp_path / "parley.db"
    file.write_bytes(b"not a database" * 100)

    with pytest.raises(StorageUnavailable, match="not a database"):
        Database.open(file)
    assert file.read_bytes().startswith(b"not a database")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the file's name."""
    with pytest.raises(StorageUnavailable, match="unable to open"):
        Database.open(tmp_path / "nowhere" / "parley.db")


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_an_sqlite_with_the_reset_defect_is_refused(version: tuple[int, int, int]) -> None:
    """It can corrupt a write-ahead log."""
    with pytest.raises(StorageTooOld):
        sqlite.check_version(version)


def test_the_sqlite_in_use_is_new_enough() -> None:
    """The bundled one."""
    sqlite.check_version()


async def test_a_closed_database_refuses_work(database: Database) -> None:
    """Closing twice is no error."""
    database.close()
    database.close()

    with pytest.raises(StorageClosed):
        await database.write(add)
    with pytest.raises(StorageClosed):
        await database.read(count)
    with pytest.raises(StorageClosed):
        database.read_now(count)


def test_closing_finishes_what_was_handed_over(tmp_path: Path) -> None:
    """A change that was taken is not lost by an orderly stop."""
    database = Database.open(tmp_path / "parley.db")
    gate = threading.Event()
    database._submit(lambda _: gate.wait(5))
    for _ in range(200):
        database._submit(add)
    gate.set()
    database.close()

    again = Database.open(tmp_path / "parley.db")
    assert again.read_now(count) == 200
    again.close()


async def test_a_commit_that_fails_fails_for_everybody_in_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that something is durable when it is not."""
    broken = sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))

    def fail(*_: object) -> None:
        raise broken

    sa.event.listen(database._writer, "commit", fail)
    with pytest.raises(StorageUnavailable, match="disk I/O error"):
        await database.write(add)
    sa.event.remove(database._writer, "commit", fail)

    assert await database.read(count) == 0
    await database.write(add)
    assert await database.read(count) == 1
    database.close()
