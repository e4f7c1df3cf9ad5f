"""A routine alert is due by the next business morning of whom it goes to, at both ends alike."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.clock import from_milliseconds, milliseconds
from parley.crisis.crises.effects import TIGHTER, shorter
from parley.crisis.due import AlertLimit, due_elsewhere, due_steps
from parley.record.business import BusinessCalendar
from parley.record.entry import Precedence
from parley.record.line_terms import DEFAULT_TERMS, LineTerms
from parley.testing.alerts import released
from parley.testing.invariants import hold_nodes
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.terms import agree_terms

TARGET_MS = 6 * 3_600 * 1_000


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made
        await hold_nodes(made)


async def test_both_ends_wait_for_the_receivers_morning_and_no_longer(nodes: Nodes) -> None:
    """Each way by the other's calendar, over the days on which nobody is there; then it is late."""
    near, far = await two(nodes)
    far_days = BusinessCalendar("Asia/Tashkent", (closed_tomorrow(nodes),), 8 * 60 + 15)
    await agree_terms(nodes, near, far, with_mornings(far, far_days))
    out = await released(near, far, "out", Precedence.ROUTINE)
    back = await released(far, near, "back", Precedence.ROUTINE)
    urgent = await released(near, far, "urgent", Precedence.PRIORITY)
    await nodes.seconds(3)

    ours, theirs = await limits(near, out), await limits(far, out)
    alert = await far.node.alerts.find(out)
    assert theirs[0] == far_days.next_morning(alert.started_ms + TARGET_MS)
    assert (ours[1], theirs[1]) == (theirs[0], ours[0])
    assert theirs[0] - alert.started_ms > 2 * 86_400_000
    for flat, seconds in ((back, 24 * 3_600), (urgent, 3 * 3_600)):
        found = await far.node.alerts.find(flat)
        assert (await limits(far, flat))[0] == found.started_ms + seconds * 1_000

    nodes.network.cut(near.party, far.party)
    nodes.clock.advance((theirs[0] - milliseconds(nodes.clock.now())) / 1_000 - 60)
    await nodes.seconds(2)
    assert await late(near, out) == await late(far, out) == {"target/0"}
    nodes.clock.advance(61)
    await nodes.seconds(2)
    assert await late(near, out) == await late(far, out) == {"target/0", "limit/0"}
    nodes.network.mend(near.party, far.party)
    await nodes.seconds(5)


def test_an_open_crisis_waits_for_no_business_morning() -> None:
    """Who opened it sits at the desk at any hour."""
    agreed = {
        each: dataclasses.replace(limits, morning=BusinessCalendar("UTC"))
        for each, limits in TIGHTER.items()
    }
    assert shorter(agreed) == TIGHTER


def test_in_a_zone_that_a_node_does_not_know_the_agreed_seconds_hold() -> None:
    """Nothing is due never."""
    lost = dataclasses.replace(
        TIGHTER[Precedence.ROUTINE], morning=BusinessCalendar("Nowhere/Atlantis")
    )
    assert lost.limit_ms(5_000) == 5_000 + lost.limit_s * 1_000


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest]:
    """Return two paired nodes."""
    near, far = await nodes.add("Harbour"), await nodes.add("Summit")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    return near, far


def closed_tomorrow(nodes: Nodes) -> int:
    """Return the one working day of a week that is four days ahead."""
    there = from_milliseconds(milliseconds(nodes.clock.now())).to_tz("Asia/Tashkent").date()
    return there.add(days=4).day_of_week().value


def with_mornings(node: NodeUnderTest, calendar: BusinessCalendar) -> LineTerms:
    """Return the usual terms with one party's mornings."""
    return dataclasses.replace(DEFAULT_TERMS, mornings=((node.party, calendar),))


async def limits(node: NodeUnderTest, matter: bytes) -> tuple[int, int]:
    """Return by when an alert must be acknowledged: here, and as far as is known, there."""
    seen = await node.node.alerts.see(matter)
    steps = due_steps(seen.alert, seen.limits[0])
    here = next(each.due_ms for each in steps if each.limit is AlertLimit.LIMIT)
    return here, due_elsewhere(seen.alert, node.party, seen.limits[1])["limit/0"]


async def late(node: NodeUnderTest, matter: bytes) -> set[str]:
    """Return which limits of an alert have passed at a node."""
    return {name for name, _ in (await node.node.alerts.see(matter)).overdue}
