"""What a database promises, whichever engine keeps it."""

import asyncio
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.errors import StorageClosed, StorageNewer, StorageTaken, StorageUnavailable
from parley.ids import PersonId
from parley.storage import Database, insert, people, tables
from parley.storage.migrate import STEPS
from parley.storage.source import DatabaseSource

NOW = Instant.from_utc(2026, 11, 1, 12, 30, 15, nanosecond=123_000_000)
NewSource = Callable[[], DatabaseSource]


def add(connection: sa.Connection, person: PersonId | None = None, name: str = "Ingrid") -> None:
    """Insert somebody."""
    connection.execute(
        people.person.insert().values(
            id=person or PersonId.new(),
            name=name,
            language="en",
            appearance="system",
            created_at=NOW,
        )
    )


def seen_by(seen: list[int], number: int) -> Callable[[sa.Connection], None]:
    """Return work that notes when it is done."""
    return lambda _: seen.append(number)


def count(connection: sa.Connection) -> int:
    """Return how many people there are."""
    query = sa.select(sa.func.count()).select_from(people.person)
    return int(connection.execute(query).scalar_one())


async def test_what_was_written_is_read(database: Database) -> None:
    """With ids, instants and words of every script as they were."""
    person = PersonId.new()
    name = "Ольга 王 غلام Gʻulom"  # noqa: RUF001  as Uzbek writes it
    await database.write(lambda connection: add(connection, person, name))

    row = await database.read(lambda connection: connection.execute(sa.select(people.person)).one())

    assert (row.id, row.name, row.created_at) == (person, name, NOW)


async def test_numbers_of_64_bits_and_bytes_come_back(database: Database) -> None:
    """An instant may lie in the year 9999, a body may hold any byte."""
    late = Instant.from_utc(9999, 12, 31)
    body = bytes(range(256)) * 100
    values = {"kind": "k", "subject": "s", "state": "waiting", "tries": 2**31 - 1, "set_at": NOW}
    await database.write(
        lambda connection: connection.execute(
            tables.deadline.insert().values(due_at=late, acts_at=late, body=body, **values)
        )
    )

    row = await database.read(
        lambda connection: connection.execute(sa.select(tables.deadline)).one()
    )

    assert (row.due_at, bytes(row.body), row.settled_at) == (late, body, None)


async def test_what_was_acknowledged_is_there_after_opening_again(new_source: NewSource) -> None:
    """An orderly stop loses nothing."""
    first = Database.open(new_source())
    await first.write(add)
    first.close()

    second = Database.open(new_source())
    assert await second.read(count) == 1
    second.close()


async def test_a_change_that_fails_takes_nothing_else_with_it(database: Database) -> None:
    """Even in the same transaction, and whatever it did before it failed."""

    def fail(connection: sa.Connection) -> None:
        add(connection)
        reason = "second thoughts"
        raise ValueError(reason)

    gathered = await asyncio.gather(
        database.write(add), database.write(fail), database.write(add), return_exceptions=True
    )

    assert isinstance(gathered[1], ValueError)
    assert await database.read(count) == 2


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


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    """Foreign keys are kept."""
    link = people.sign_in_link.insert().values(
        code_hash=b"h", person=PersonId.new(), issued_at=NOW, expires_at=NOW
    )
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(lambda connection: connection.execute(link))


async def test_changes_are_made_in_the_order_they_were_handed_over(database: Database) -> None:
    """However many share a transaction."""
    seen: list[int] = []
    gate = threading.Event()
    first = asyncio.ensure_future(database.write(lambda _: gate.wait(5)))
    rest = [asyncio.ensure_future(database.write(seen_by(seen, number))) for number in range(300)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *rest)

    assert seen == list(range(300))


async def test_changes_that_wait_together_share_a_transaction(database: Database) -> None:
    """That is what makes many of them durable at once."""
    commits: list[int] = []
    gate = threading.Event()
    first = asyncio.ensure_future(database.write(lambda _: gate.wait(5)))
    rest = [asyncio.ensure_future(database.write(add)) for _ in range(100)]
    await asyncio.sleep(0)
    sa.event.listen(database._writer, "commit", lambda _: commits.append(1))
    gate.set()
    await asyncio.gather(first, *rest)

    assert len(commits) <= 3
    assert await database.read(count) == 100


async def test_a_change_sees_what_its_neighbours_did_before_it(database: Database) -> None:
    """Work handed over later reads work handed over earlier."""
    gate = threading.Event()
    first = asyncio.ensure_future(database.write(lambda _: gate.wait(5)))
    adding = asyncio.ensure_future(database.write(add))
    counting = asyncio.ensure_future(database.write(count))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, adding)

    assert await counting == 1


async def test_a_reader_sees_the_last_committed_state(database: Database) -> None:
    """Not what is being written, and nothing older than what was acknowledged."""
    await database.write(add)
    inside, leave = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        add(connection)
        inside.set()
        leave.wait(5)

    writing = asyncio.ensure_future(database.write(slow))
    await asyncio.to_thread(inside.wait, 5)
    during = await database.read(count)
    leave.set()
    await writing

    assert during == 1
    assert await database.read(count) == 2


async def test_a_reader_sees_one_state_throughout(database: Database) -> None:
    """Two questions in one read are answered from the same moment."""
    asked, go_on = threading.Event(), threading.Event()

    def twice(connection: sa.Connection) -> tuple[int, int]:
        first = count(connection)
        asked.set()
        go_on.wait(5)
        return first, count(connection)

    reading = asyncio.ensure_future(database.read(twice))
    await asyncio.to_thread(asked.wait, 5)
    await database.write(add)
    go_on.set()

    assert await reading == (0, 0)
    assert await database.read(count) == 1


async def test_a_reader_cannot_write(database: Database) -> None:
    """Nor by mistake."""
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
        await database.read(add)


async def test_a_change_whose_caller_has_gone_is_not_made(database: Database) -> None:
    """And the writer goes on."""
    inside, leave = threading.Event(), threading.Event()

    def slow(_: sa.Connection) -> None:
        inside.set()
        leave.wait(5)

    first = asyncio.ensure_future(database.write(slow))
    await asyncio.to_thread(inside.wait, 5)
    given_up = asyncio.ensure_future(database.write(add))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    leave.set()
    await first

    await database.write(add)
    assert await database.read(count) == 1


async def test_a_caller_that_leaves_during_its_change_does_not_undo_it(database: Database) -> None:
    """What has begun is finished; the writer goes on."""
    inside, leave = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        add(connection)
        inside.set()
        leave.wait(5)

    writing = asyncio.ensure_future(database.write(slow))
    await asyncio.to_thread(inside.wait, 5)
    writing.cancel()
    await asyncio.sleep(0)
    leave.set()

    await database.write(add)
    assert await database.read(count) == 2


async def test_closing_finishes_what_was_handed_over(new_source: NewSource) -> None:
    """A change that was taken is not lost by an orderly stop; later ones are refused."""
    database = Database.open(new_source())
    gate = threading.Event()
    database._submit(lambda _: gate.wait(5))
    for _ in range(200):
        database._submit(add)
    gate.set()
    database.close()
    with pytest.raises(StorageClosed):
        await database.write(add)
    with pytest.raises(StorageClosed):
        await database.read(count)

    again = Database.open(new_source())
    assert await again.read(count) == 200
    again.close()


async def test_a_commit_that_fails_fails_for_everybody_in_it(database: Database) -> None:
    """Nobody is told that something is durable when it is not."""
    broken = sa.exc.OperationalError("COMMIT", {}, Exception("the cable is out"))

    def fail(*_: object) -> None:
        raise broken

    sa.event.listen(database._writer, "commit", fail)
    gate = threading.Event()
    gathered = [
        asyncio.ensure_future(database.write(work)) for work in (lambda _: gate.wait(5), add, add)
    ]
    await asyncio.sleep(0)
    gate.set()
    outcomes = await asyncio.gather(*gathered, return_exceptions=True)
    sa.event.remove(database._writer, "commit", fail)

    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable] * 3
    await database.write(add)
    assert await database.read(count) == 1


def test_two_nodes_never_have_one_database(new_source: NewSource) -> None:
    """The second is told so, and may have it when the first has gone."""
    first = Database.open(new_source())
    with pytest.raises(StorageTaken, match="one database serves one node"):
        Database.open(new_source())
    first.write_now(add)
    first.close()

    second = Database.open(new_source())
    assert second.read_now(count) == 1
    second.close()


def test_a_database_of_a_newer_parley_is_refused(new_source: NewSource) -> None:
    """Rather than misread, and it is free for the newer one afterwards."""
    first = Database.open(new_source())
    newer = sa.text("UPDATE alembic_version SET version_num = '9999'")
    first.write_now(lambda connection: connection.execute(newer))
    first.close()

    for _ in range(2):
        with pytest.raises(StorageNewer, match="9999"):
            Database.open(new_source())


def test_the_tables_are_those_the_migrations_make(database: Database) -> None:
    """Code and steps describe the same columns, keys, indices and kinds."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  slow to import
    from alembic.migration import MigrationContext  # noqa: PLC0415  (the same)

    import parley.crisis.checks.tables  # noqa: PLC0415  (the same)
    import parley.crisis.crises.tables  # noqa: PLC0415  (the same)
    import parley.crisis.duty.tables  # noqa: PLC0415  (the same)
    import parley.crisis.papers.tables  # noqa: PLC0415  (the same)
    import parley.crisis.shared_steps  # noqa: PLC0415  (the same)
    import parley.crisis.tables  # noqa: PLC0415  its tables join the metadata
    import parley.crisis.told_rows  # noqa: PLC0415  (the same)
    import parley.record.tables  # noqa: PLC0415  (the same)
    import parley.storage.doors  # noqa: PLC0415  (the same)
    import parley.storage.enrolments  # noqa: PLC0415  (the same)
    import parley.storage.path_spells  # noqa: F401, PLC0415  (the same)

    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, tables.metadata))

    assert database.read_now(differences) == []


def test_every_step_from_nothing_ends_at_the_newest(database: Database) -> None:
    """The chain of steps is one line."""
    found = database.read_now(
        lambda connection: connection.execute(
            sa.text("SELECT version_num FROM alembic_version")
        ).scalar_one()
    )
    assert found == STEPS[-1]


async def test_an_upsert_is_said_the_same_way(database: Database) -> None:
    """One INSERT for a row that may be there."""
    person = PersonId.new()
    row = {
        "id": person,
        "name": "Ingrid",
        "language": "en",
        "appearance": "system",
        "created_at": NOW,
    }

    def put(connection: sa.Connection) -> None:
        statement = insert(connection, people.person).values(row)
        connection.execute(statement.on_conflict_do_nothing())
        connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"name": "Åse"})
        )

    await database.write(put)
    name = await database.read(
        lambda connection: connection.execute(sa.select(people.person.c.name)).scalar_one()
    )
    assert name == "Åse"
