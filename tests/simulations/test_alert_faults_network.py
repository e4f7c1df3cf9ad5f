"""Group 1 of what alerts must stand: the network, between whole nodes.

Loss, delay, repetition and order are in the histories (:mod:`parley.testing.alert_histories`); what
a path does below a letter is in the tests of ``parley-line``.
"""

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from parley.clock import milliseconds
from parley.record.entry import Precedence
from parley.testing.alerts import released
from parley.testing.invariants import end_of_rows, hold
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in

HOUR_S = 3_600
IS_LONG = "PARLEY_LONG" in os.environ
CUTS_S = [1, 60, 72 * HOUR_S] if IS_LONG else [72 * HOUR_S]


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Nodes, NodeUnderTest, NodeUnderTest]]:
    """Give a test two nodes with a line."""
    async with nodes_in(tmp_path) as nodes:
        near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
        await nodes.pair(near, far)
        await nodes.seconds(2)
        yield nodes, near, far


@pytest.mark.parametrize("cut_s", CUTS_S)
async def test_an_alert_written_into_a_cut_arrives_once_when_the_line_heals(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest], cut_s: int
) -> None:
    """Its author's limit passes meanwhile; the other's runs from when it came."""
    nodes, near, far = pair
    nodes.network.cut(near.party, far.party)
    alert = await released(near, far, "written into the cut")
    await idle(nodes, cut_s)
    assert (await near.node.alerts.find(alert)).state.value == "released"
    assert await far.node.alerts.alerts() == []
    nodes.network.mend(near.party, far.party)
    healed_ms = milliseconds(nodes.clock.now())
    await nodes.seconds(3)
    found = await far.node.alerts.find(alert)
    assert found.started_ms >= healed_ms
    assert (await near.node.alerts.find(alert)).received_ms == found.started_ms
    steps = {name for name, _ in (await near.node.alerts.see(alert)).overdue}
    assert steps == ({"limit/0", "target/0"} if cut_s > HOUR_S else set())
    assert (await far.node.alerts.see(alert)).overdue == ()
    await hold_both(near, far)


async def test_a_path_that_flaps_loses_and_doubles_nothing(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """Cut and mended around every alert, on either side of it."""
    nodes, near, far = pair
    sent = []
    for number in range(8):
        sender, to = (near, far) if number % 2 else (far, near)
        nodes.network.cut(near.party, far.party)
        urgent = Precedence.FLASH if number % 3 else Precedence.ROUTINE
        sent.append((sender, to, await released(sender, to, f"flap {number}", urgent)))
        nodes.network.mend(near.party, far.party)
        await nodes.settle_letters(number % 4)
    await nodes.seconds(40)
    for sender, to, alert in sent:
        assert (await sender.node.alerts.find(alert)).state.value == "delivered"
        assert alert in {each.hash for each in await to.node.alerts.alerts()}
    await hold_both(near, far)


# ----------------------------------------------------------------------------------------- details


async def idle(nodes: Nodes, seconds: int) -> None:
    """Let a long time pass in a few steps."""
    for _ in range(4):
        nodes.clock.advance(seconds / 4)
        for each in nodes.all:
            await each.node.beat(0.0)
        await nodes.settle()


async def hold_both(near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Hold both nodes to every invariant, by their rows."""
    hold(
        [
            await each.node.database.read(partial(end_of_rows, own=each.party))
            for each in (near, far)
        ]
    )
