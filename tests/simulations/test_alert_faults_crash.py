"""Group 2 of what alerts must stand: nodes that die at any moment, whole ones on real databases.

Torn writes, full and read-only disks and power cuts are in ``tests/crash``; backups that are put
back are in ``tests/simulations/test_record_restores.py``.
"""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.crisis import tables
from parley.crisis.bodies import Presented
from parley.testing.alerts import released
from parley.testing.invariants import end_of_rows, hold
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Nodes, NodeUnderTest, NodeUnderTest]]:
    """Give a test two nodes with a line."""
    async with nodes_in(tmp_path) as nodes:
        near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
        await nodes.pair(near, far)
        await nodes.seconds(2)
        yield nodes, near, far


async def test_a_node_killed_between_an_alert_and_its_receipt_pays_it_once(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """With the instant at which the alert came, not that of the start."""
    nodes, near, far = pair
    alert = await released(near, far, "now")
    await nodes.settle()
    assert await owed(far) == 1
    started_ms = (await far.node.alerts.find(alert)).started_ms
    nodes.clock.advance(90)
    await nodes.restart(far, is_killed=True)
    await nodes.seconds(3)
    assert await owed(far) == 0
    found = await near.node.alerts.find(alert)
    assert found.state.value == "delivered"
    assert found.received_ms == started_ms
    await hold_both(near, far)


async def test_a_node_killed_right_after_a_release_sends_it_when_it_is_back(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """What was durable is said, once."""
    nodes, near, far = pair
    alert = await released(near, far, "now")
    await nodes.restart(near, is_killed=True)
    await nodes.seconds(5)
    assert [each.hash for each in await far.node.alerts.alerts()] == [alert]
    assert (await near.node.alerts.find(alert)).state.value == "delivered"
    await hold_both(near, far)


async def test_a_node_killed_between_what_a_desk_showed_and_its_sending_sends_it(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """The author's screen says nothing before it has the entry."""
    nodes, near, far = pair
    alert = await released(near, far, "now")
    await nodes.seconds(2)
    await far.node.alerts.present(alert, Presented("watch", has_sound=True))
    await far.kill()
    assert (await near.node.alerts.find(alert)).state.value == "delivered"
    await far.start()
    await nodes.seconds(5)
    assert (await near.node.alerts.find(alert)).state.value == "presented"
    assert len((await near.node.alerts.find(alert)).presented) == 1
    await hold_both(near, far)


async def test_nodes_killed_at_any_letter_lose_and_double_nothing(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """Both sides in turn, after each further letter of an exchange."""
    nodes, near, far = pair
    sent = []
    for number in range(5):
        sent.append(await released(near, far, f"alert {number}"))
        await nodes.settle_letters(number)
        await nodes.restart(near if number % 2 else far, is_killed=True)
    await nodes.seconds(40)
    assert {each.hash for each in await far.node.alerts.alerts()} == set(sent)
    for alert in sent:
        assert (await near.node.alerts.find(alert)).state.value == "delivered"
    await hold_both(near, far)


# ----------------------------------------------------------------------------------------- details


async def owed(node: NodeUnderTest) -> int:
    """Return how many receipts a node owes."""
    count = sa.select(sa.func.count()).select_from(tables.owed)
    return int(await node.node.database.read(lambda c: c.execute(count).scalar_one()))


async def hold_both(near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Hold both nodes to every invariant, by their rows."""
    hold(
        [
            await each.node.database.read(partial(end_of_rows, own=each.party))
            for each in (near, far)
        ]
    )
