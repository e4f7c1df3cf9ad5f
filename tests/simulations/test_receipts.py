"""Receipts of whole nodes: paid as soon as they are owed, and once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.crisis import tables
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, RecordEvent
from parley.testing.alerts import released
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def test_a_receipt_is_paid_without_waiting_for_the_next_second(nodes: Nodes) -> None:
    """The other party's desk is told within a round trip."""
    near, far = await two(nodes)
    far.node.receipts.run()
    alert = await released(near, far, "now")
    for _ in range(50):
        await nodes.settle()
        await asyncio.sleep(0)
        if await state_of(near, alert) == "delivered":
            break
    assert await state_of(near, alert) == "delivered"
    await far.node.receipts.stop()


async def test_a_receipt_is_paid_once_however_often_it_is_asked_for(nodes: Nodes) -> None:
    """By the beat and by what came, at the same time."""
    near, far = await two(nodes)
    for number in range(5):
        await released(near, far, f"now {number}", Precedence.ROUTINE)
    receipts: list[EntryCame] = []

    def listen(event: RecordEvent) -> None:
        if isinstance(event, EntryCame) and event.entry.kind == Kind.RECEIPT:
            receipts.append(event)

    near.node.record.listen(listen)
    await nodes.settle()
    paid = asyncio.gather(*(far.node.receipts.pay() for _ in range(4)))
    for _ in range(50):
        await nodes.settle()
        await asyncio.sleep(0)
    assert sum(await paid) == 5
    await nodes.seconds(2)
    assert len(receipts) == 5
    assert await owed(far) == 0


# ----------------------------------------------------------------------------------------- details


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest]:
    """Return two nodes with a line."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    return near, far


async def state_of(node: NodeUnderTest, alert: bytes) -> str:
    """Return how far an alert is proved to have come."""
    return (await node.node.alerts.find(alert)).state.value


async def owed(node: NodeUnderTest) -> int:
    """Return how many receipts a node owes."""
    count = sa.select(sa.func.count()).select_from(tables.owed)
    return int(await node.node.database.read(lambda c: c.execute(count).scalar_one()))
