"""What only PostgreSQL can do to us: end a connection, die, be somewhere else."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.config import Settings
from parley.errors import SecretExposed, SettingsBadValue, StorageTaken, StorageUnavailable
from parley.storage import Database, tables
from parley.storage.opening import source_of
from parley.storage.postgres import PASSWORD_VARIABLE, PostgresDatabase, password_from
from parley.storage.source import Fault
from parley.testing.postgres import PostgresCluster


@pytest.fixture
def address(cluster: PostgresCluster) -> str:
    """Give a test an empty database's address."""
    return cluster.new_node_database()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """Give a test an open database on PostgreSQL."""
    opened = Database.open(PostgresDatabase(address))
    yield opened
    opened.close()


def name_of(address: str) -> str:
    """Return the name of the database behind an address."""
    return str(sa.make_url(address).database)


def note(number: int) -> Callable[[sa.Connection], None]:
    """Return work that keeps a number."""

    def work(connection: sa.Connection) -> None:
        connection.execute(
            sa.text("INSERT INTO restoration VALUES (:n, :n, :n, NULL)"), {"n": number}
        )

    return work


def notes(connection: sa.Connection) -> list[int]:
    """Return the numbers kept."""
    number = tables.restoration.c.number
    return list(connection.execute(sa.select(number).order_by(number)).scalars())


async def test_an_idle_connection_that_was_ended_is_made_anew(
    cluster: PostgresCluster, database: Database, address: str
) -> None:
    """No caller notices: nothing of the change had run."""
    await database.write(note(1))
    assert await database.read(notes) == [1]
    assert cluster.end_connections(name_of(address)) >= 2

    await database.write(note(2))

    assert await database.read(notes) == [1, 2]


async def test_a_connection_lost_in_the_middle_is_told_and_the_next_change_works(
    cluster: PostgresCluster, database: Database, address: str
) -> None:
    """What had run is not run again by itself: its caller decides."""
    runs = []

    def cut_off(connection: sa.Connection) -> None:
        runs.append(1)
        note(1)(connection)
        cluster.end_connections(name_of(address))
        note(2)(connection)

    with pytest.raises(StorageUnavailable, match="terminat"):
        await database.write(cut_off)

    assert len(runs) == 1
    await database.write(note(3))
    assert await database.read(notes) == [3]


async def test_neighbours_of_a_lost_connection_are_told_too(
    cluster: PostgresCluster, database: Database, address: str
) -> None:
    """None of them is acknowledged, and none is kept."""
    gate = threading.Event()

    def cut_off(connection: sa.Connection) -> None:
        cluster.end_connections(name_of(address))
        note(9)(connection)

    works = [lambda _: gate.wait(5), note(1), cut_off, note(2)]
    waiting = [asyncio.ensure_future(database.write(work)) for work in works]
    await asyncio.sleep(0)
    gate.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    refused = [isinstance(outcome, StorageUnavailable) for outcome in outcomes]
    assert refused[1:] == [True, True, True]
    assert await database.read(notes) == []


async def test_what_was_acknowledged_survives_a_crash_of_postgresql(
    cluster: PostgresCluster, database: Database
) -> None:
    """And the node goes on when it is back, without being restarted."""
    cluster.stop()
    cluster.start(fsync="on", full_page_writes="on")
    await asyncio.gather(*(database.write(note(number)) for number in range(100)))
    cluster.stop("immediate")
    with pytest.raises(StorageUnavailable):
        await database.write(note(100))
    with pytest.raises(StorageUnavailable):
        await database.read(notes)
    cluster.start()

    await database.write(note(101))
    assert await database.read(notes) == [*range(100), 101]


async def test_commits_are_durable_whatever_the_database_says_itself(
    cluster: PostgresCluster, address: str
) -> None:
    """A commit that returned is on the disk, not on its way there."""
    with cluster.admin() as admin:
        admin.execute(f"ALTER DATABASE {name_of(address)} SET synchronous_commit = off".encode())
    database = Database.open(PostgresDatabase(address))
    show = sa.text("SHOW synchronous_commit")
    found = await database.write(lambda connection: connection.execute(show).scalar_one())
    database.close()

    assert found == "on"


async def test_a_node_that_lost_the_lock_to_another_writes_no_more(
    cluster: PostgresCluster, database: Database, address: str
) -> None:
    """The claim goes with the connection; nobody writes without it."""
    await database.write(note(1))
    cluster.end_connections(name_of(address))
    second = Database.open(PostgresDatabase(address))
    await second.write(note(2))

    with pytest.raises(StorageTaken):
        await database.write(note(3))
    assert await second.read(notes) == [1, 2]

    second.close()
    await database.write(note(4))
    assert await database.read(notes) == [1, 2, 4]


async def test_our_own_half_open_connection_does_not_lock_us_out(
    database: Database, address: str
) -> None:
    """The database may notice a dead network minutes after we did."""
    await database.write(note(1))
    source = database.source
    assert isinstance(source, PostgresDatabase)
    engine = source.writer()
    engine.connect().close()  # takes the lock from the first one, which is still open

    await database.write(note(2))
    assert await database.read(notes) == [1, 2]
    engine.dispose()


def test_a_postgresql_that_is_not_there_is_named_without_its_secret(tmp_path: Path) -> None:
    """The address is told, the password never."""
    source = PostgresDatabase(f"postgresql://parley@/nothing?host={tmp_path}", "hush hush")
    with pytest.raises(StorageUnavailable) as told:
        Database.open(source)

    assert "/nothing" in str(told.value)
    assert "hush" not in str(told.value)
    assert "hush" not in repr(source)


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        ("53100", Fault.FULL),
        ("25006", Fault.READ_ONLY),
        ("57P01", Fault.PASSING),
        ("08006", Fault.PASSING),
        ("40001", Fault.PASSING),
        ("58030", Fault.PASSING),
        ("XX001", Fault.LASTING),
        ("23505", Fault.CALLER),
        ("42601", Fault.CALLER),
    ],
)
def test_what_postgresql_says_tells_whose_fault_it_is(
    database: Database, state: str, fault: Fault
) -> None:
    """By its SQLSTATE, raised by a real database."""
    raising = sa.text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")
    with (
        database._reader.connect() as connection,
        pytest.raises(sa.exc.DBAPIError) as raised,
    ):
        connection.execute(raising)

    assert database.source.fault(raised.value) is fault


def test_a_password_comes_from_the_environment_or_a_private_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never from the settings, never from a file that others can read."""
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    file.chmod(0o640)
    with pytest.raises(SecretExposed, match="0640"):
        password_from(file)
    file.chmod(0o600)
    assert password_from(file) == "from the file"
    monkeypatch.setenv(PASSWORD_VARIABLE, "from the environment")
    assert password_from(file) == "from the environment"
    assert password_from(None) == "from the environment"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://parley:secret@db.example/parley",
        "postgresql://parley@db.example/parley?password=secret",
        "postgresql://parley@db.example/",
        "postgresql://parley@db.example:port/parley",
        "postgresql://parley@db.example/parley?sslmode=prefer",
        "postgresql://parley@db.example/parley?sslmode=require",
        "postgresql://parley@db.example/parley?sslmode=verify-full&sslmode=disable",
        "postgresql:///parley?host=/run/postgresql,db.example&sslmode=disable",
        "postgresql:///parley?hostaddr=192.0.2.7&sslmode=allow",
        "mysql://db.example/parley",
        "sqlite:///parley.db",
    ],
)
def test_an_address_with_a_secret_or_of_something_else_is_refused(address: str) -> None:
    """A settings file is copied around; a password in it would be too."""
    with pytest.raises(SettingsBadValue, match=r"storage\.address"):
        Settings.parse(Path("/x"), f'[party]\nname = "V"\n[storage]\naddress = "{address}"\n')


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://parley@db.example/parley?sslmode=verify-ca",
        "postgresql://parley@localhost/parley?sslmode=disable",
        "postgresql:///parley?host=/run/postgresql&sslmode=disable",
    ],
)
def test_an_address_that_is_near_or_knows_whom_it_speaks_to_is_taken(address: str) -> None:
    """What does not leave the machine needs no TLS."""
    text = f'[party]\nname = "V"\n[storage]\naddress = "{address}"\n'
    assert Settings.parse(Path("/x"), text).storage.address == address


@pytest.mark.enable_socket
@pytest.mark.parametrize("option", ["", "?sslmode=verify-full&sslrootcert=system"])
async def test_a_database_elsewhere_is_never_spoken_to_in_the_open(option: str) -> None:
    """By whoever says for it that it has no TLS: neither role nor password leave this machine."""
    heard = bytearray()

    async def say_no(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1_024):
            heard.extend(piece)
            writer.write(b"N")  # PostgreSQL's protocol §54.2.12: no TLS here
        writer.close()

    # An address of this machine that is not one of those it is known by.
    async with await asyncio.start_server(say_no, "127.0.0.2", 0) as server:
        host, port = server.sockets[0].getsockname()
        source = PostgresDatabase(f"postgresql://parley@{host}:{port}/parley{option}", "hush hush")
        with pytest.raises(sa.exc.OperationalError, match="SSL"):
            await asyncio.to_thread(source.examine)
    asked = bytes.fromhex("0000000804d2162f")
    assert heard
    assert bytes(heard).replace(asked, b"") == b""


async def test_a_postgresql_that_does_not_sync_is_found_out(database: Database) -> None:
    """The tests' own does not, for speed; an operator must be told."""
    is_well, found = await asyncio.to_thread(database.source.examine)

    assert not is_well
    assert "fsync" in found
    assert "loses what was acknowledged" in found


def test_settings_name_the_database(tmp_path: Path) -> None:
    """With an address it is PostgreSQL, without one the file."""
    with_address = '[party]\nname = "V"\n[storage]\naddress = "postgresql://p@db.example/parley"\n'
    assert source_of(Settings.parse(tmp_path, with_address)).name == (
        "postgresql://p@db.example/parley"
    )
    assert source_of(Settings.parse(tmp_path, '[party]\nname = "V"\n')).name == str(
        tmp_path / "parley.db"
    )
