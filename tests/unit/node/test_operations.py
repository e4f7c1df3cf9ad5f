"""What an operator may ask, through the admin socket and without a running node."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.errors import (
    NodeNotRunning,
    NodeRunning,
    PartyUnknown,
    PersonUnknown,
    RequestMalformed,
)
from parley.node import admin
from parley.node.admin import AdminListener
from parley.node.asking import SOCKET_FILE, ask
from parley.node.lifecycle import is_running, only_node
from parley.node.offline import operate_offline
from parley.node.operations import OPERATIONS
from parley.storage import Database, people
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in, write_folder


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


@pytest.fixture
async def near(nodes: Nodes) -> NodeUnderTest:
    """Give a test one node."""
    return await nodes.add("Harbour")


@pytest.fixture
async def listening(near: NodeUnderTest) -> AsyncIterator[Path]:
    """Give a test the folder of a node that listens."""
    listener = AdminListener(near.folder, near.node.operations)
    await listener.start()
    yield near.folder
    await listener.stop()
    assert not (near.folder / SOCKET_FILE).exists()


async def test_a_running_node_answers_through_its_socket(
    near: NodeUnderTest, listening: Path
) -> None:
    """One request, one answer."""
    told = await asyncio.to_thread(ask, listening, "status", {})

    assert told["party"]["id"] == near.party.text
    assert told["lines"] == []


async def test_a_refusal_comes_back_as_the_error_it_is(listening: Path) -> None:
    """With its parameters."""
    with pytest.raises(PartyUnknown) as refused:
        await asyncio.to_thread(ask, listening, "pair_words", {"party": "nobody"})
    assert refused.value.params == {"party": "nobody"}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("nonsense", {}),
        ("call", {"name": "status", "arguments": {}}),
        ("find_party", {"text": "x"}),
        ("status", {"more": 1}),
        ("pair_words", {}),
    ],
)
async def test_only_operations_with_their_arguments_are_answered(
    listening: Path, operation: str, arguments: dict[str, object]
) -> None:
    """Nothing else of the object can be reached."""
    with pytest.raises(RequestMalformed):
        await asyncio.to_thread(ask, listening, operation, arguments)


async def test_every_operation_exists(near: NodeUnderTest) -> None:
    """The list names methods."""
    for name in OPERATIONS:
        assert callable(getattr(near.node.operations, name))


async def test_rubbish_on_the_socket_is_hung_up_on(listening: Path) -> None:
    """And the next caller is answered."""
    for line in (b"rubbish\n", b"{}\n", b"[]\n", b"\n", b"\xff\n"):
        reader, writer = await asyncio.open_unix_connection(str(listening / SOCKET_FILE))
        writer.write(line)
        assert await reader.read() == b""
        writer.close()

    assert await asyncio.to_thread(ask, listening, "pair_list", {})


async def test_another_user_of_the_machine_is_hung_up_on(
    listening: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel says who is calling."""
    monkeypatch.setattr(admin, "_caller", lambda _: 12_345)

    with pytest.raises(NodeNotRunning):
        await asyncio.to_thread(ask, listening, "status", {})


async def test_the_socket_is_for_its_owner_alone(listening: Path) -> None:
    """By its mode, too."""
    assert (listening / SOCKET_FILE).stat().st_mode & 0o777 == 0o600


def test_the_kernel_names_the_caller() -> None:
    """Both ends of a pair are ours."""
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        credentials = here.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        assert admin._caller(here) == struct.unpack("3i", credentials)[1]


async def test_a_folder_however_deep_has_a_socket(nodes: Nodes, tmp_path: Path) -> None:
    """Socket paths end at 107 bytes; the folder is reached through /proc."""
    nodes.folder = tmp_path / ("x" * 120)
    node = await nodes.add("Harbour")
    listener = AdminListener(node.folder, node.node.operations)
    await listener.start()
    try:
        assert len(str(node.folder)) > 107
        assert await asyncio.to_thread(ask, node.folder, "pair_list", {})
    finally:
        await listener.stop()


async def test_a_socket_left_by_a_killed_node_is_replaced(near: NodeUnderTest) -> None:
    """A file without a listener is no running node."""
    (near.folder / SOCKET_FILE).touch()
    with pytest.raises(NodeNotRunning):
        ask(near.folder, "status", {})

    listener = AdminListener(near.folder, near.node.operations)
    await listener.start()
    assert await asyncio.to_thread(ask, near.folder, "status", {})
    await listener.stop()


def test_a_node_that_does_not_run_is_operated_on_its_database(tmp_path: Path) -> None:
    """Pair before the first start, add people, print the card."""
    for name in ("Harbour", "Hospital"):
        write_folder(tmp_path / name, name)
    here, there = tmp_path / "Harbour", tmp_path / "Hospital"

    card = operate_offline(there, "pair_card", {})["card"]
    party = operate_offline(here, "pair_import", {"card": card})["party"]["id"]
    words = operate_offline(here, "pair_words", {"party": "Hospital", "language": "ru"})
    assert len(words["words"]) == 12
    assert operate_offline(here, "pair_confirm", {"party": party[:6]})["state"] == "confirmed_here"
    assert operate_offline(here, "pair_suspend", {"party": party})["state"] == "suspended"
    assert operate_offline(here, "pair_resume", {"party": party})["state"] == "confirmed_here"
    assert operate_offline(here, "pair_list", {})["pairings"][0]["party"]["name"] == "Hospital"
    assert operate_offline(here, "pair_remove", {"party": party}) == {"removed": party}
    added = operate_offline(here, "person_add", {"name": "Ingrid", "roles": ["engineer"]})
    assert added["address"].startswith("http://127.0.0.1:7480/sign-in?code=")
    again = operate_offline(here, "person_link", {"person": "ingrid"})
    assert again["address"] != added["address"]
    assert operate_offline(here, "person_list", {})["people"][0]["roles"] == ["engineer"]


def test_a_new_node_has_nobody_in_it_who_could_sign_in(tmp_path: Path) -> None:
    """No account comes with the program, no link, no token of a machine."""
    write_folder(tmp_path / "n", "Harbour")

    assert operate_offline(tmp_path / "n", "person_list", {})["people"] == []
    assert operate_offline(tmp_path / "n", "machine_list", {})["machines"] == []
    database = Database.open(tmp_path / "n" / "parley.db")

    def rows(connection: sa.Connection) -> int:
        tables = (people.sign_in_link, people.sign_in, people.passkey)
        return sum(len(connection.execute(sa.select(table)).all()) for table in tables)

    assert database.read_now(rows) == 0
    database.close()


@pytest.mark.parametrize("operation", ["status", "room_open"])
def test_what_needs_a_running_node_says_so(tmp_path: Path, operation: str) -> None:
    """With the command that starts it."""
    write_folder(tmp_path / "n", "Harbour")
    arguments = {"status": {}, "room_open": {"person": "x", "title": "x", "parties": []}}

    with pytest.raises(NodeNotRunning, match="parley serve"):
        operate_offline(tmp_path / "n", operation, arguments[operation])


@pytest.mark.parametrize(
    "arguments",
    [{"name": ""}, {"name": "x", "language": "english"}, {"name": "x", "roles": ["king"]}],
)
def test_a_person_that_cannot_be_is_refused(tmp_path: Path, arguments: dict[str, str]) -> None:
    """Name, language and role are checked."""
    write_folder(tmp_path / "n", "Harbour")

    with pytest.raises(RequestMalformed):
        operate_offline(tmp_path / "n", "person_add", arguments)


async def test_somebody_who_is_not_one_person_is_unknown(near: NodeUnderTest) -> None:
    """Nobody, or more than one of a name."""
    operations = near.node.operations
    await operations.person_add("Ingrid")
    await operations.person_add("Ingrid")

    for name in ("Ingrid", "Nobody"):
        with pytest.raises(PersonUnknown):
            await operations.person_link(name)


async def test_rooms_are_opened_and_closed_in_somebodys_name(near: NodeUnderTest) -> None:
    """As `parley try` does."""
    operations = near.node.operations
    await operations.person_add("Ingrid")
    room = (await operations.room_open("Ingrid", "Weekly", []))["room"]
    assert (await operations.status())["rooms"][0]["id"] == room

    assert await operations.room_close(room) == {"closed": room}
    with pytest.raises(RequestMalformed):
        await operations.room_close(room)


def test_one_process_holds_a_folder(tmp_path: Path) -> None:
    """The second is told; the lock goes with the first."""
    assert not is_running(tmp_path)
    with only_node(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(NodeRunning), only_node(tmp_path):
            pass
    assert not is_running(tmp_path)
