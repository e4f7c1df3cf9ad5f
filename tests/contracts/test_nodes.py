"""A whole node on PostgreSQL beside one on SQLite: neither notices what the other runs on."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley import verify
from parley.ids import SpaceId
from parley.record.handover import export_space
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.postgres import PostgresCluster


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


@pytest.mark.parametrize("is_killed", [False, True])
async def test_a_record_is_kept_between_the_two_engines(
    nodes: Nodes, cluster: PostgresCluster, *, is_killed: bool
) -> None:
    """Paired, appended on both sides, started again, and proved from either."""
    storage: dict[str, object] = {"address": cluster.new_node_database()}
    near = await nodes.add("Harbour", storage=storage)
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    space = SpaceId.of_pair(near.party, far.party)
    await say(near, space, 300)
    await say(far, space, 20)
    await nodes.settle()
    await nodes.restart(near, is_killed=is_killed)
    await nodes.seconds(2)
    await say(near, space, 5)
    await nodes.seconds(61)

    assert sizes(near, space, far) == sizes(far, space, near)[::-1]
    assert sizes(near, space, far)[0] >= 305
    assert [await findings(each, space) for each in (near, far)] == [[], []]
    assert not (near.folder / "parley.db").exists()


async def say(node: NodeUnderTest, space: SpaceId, count: int) -> None:
    """Append so many statements at once."""
    append = node.node.record.append
    await asyncio.gather(
        *(append(space, Kind.STATEMENT, {0: f"words {number}"}) for number in range(count))
    )


def sizes(node: NodeUnderTest, space: SpaceId, other: NodeUnderTest) -> tuple[int, int]:
    """Return how many entries a node has of its own log and of the other's."""
    kept = node.node.record.space(space)
    return kept.own.log.tree.size, kept.mirrors[other.party, 0].mirror.tree.size


async def findings(node: NodeUnderTest, space: SpaceId) -> object:
    """Return what the verifier finds wrong with a node's export."""
    into = io.BytesIO()
    keys, now = RecordKeys(node.node.key), node.clock.now()
    await node.node.database.read(
        lambda connection: export_space(connection, into, space, keys, {}, now)
    )
    return verify.verify(into, set())["findings"]
