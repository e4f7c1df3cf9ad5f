"""What the other party is told of an escalation: that a step was reached, if the terms share it."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.clock import milliseconds
from parley.crisis.duty import tables as duty_tables
from parley.crisis.shared_steps import owed, step_body
from parley.crisis.tables import breach
from parley.identity.permission import Role
from parley.identity.staff import THE_OPERATOR, PersonChange, change_staff
from parley.ids import ActorId, SpaceId
from parley.record.entry import Entry, read_entry
from parley.record.keeping import EntryDraft
from parley.record.kinds import Kind
from parley.record.line_terms import DEFAULT_TERMS
from parley.record.tables import entry
from parley.testing.alerts import released
from parley.testing.invariants import hold_nodes
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.terms import agree_terms

SHARED = dataclasses.replace(DEFAULT_TERMS, shares_escalation=True)


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made
        await hold_nodes(made)


async def test_steps_cross_once_where_the_terms_share_them_and_both_show_the_same(
    nodes: Nodes,
) -> None:
    """Through a cut line and a node that dies: each step that called somebody, told once."""
    near, far = await two(nodes)
    await agree_terms(nodes, near, far, SHARED)
    alert = await released(near, far, "one")
    await nodes.settle()
    await nodes.seconds(2)
    nodes.network.cut(near.party, far.party)
    nodes.clock.advance(100)
    await nodes.seconds(2)
    await far.kill()
    nodes.clock.advance(30)
    await far.start()
    await nodes.seconds(2)
    nodes.network.mend(near.party, far.party)
    await nodes.seconds(5)

    ours, theirs = await seen(near, alert), await seen(far, alert)
    assert ours == theirs
    reached = [row for row in await fired(far) if row.is_needed]
    assert len(reached) > 2
    told = {number for author, number, _ in ours if author == far.party}
    assert told == {row.number + 1 for row in reached}
    assert await rows(far, owed) == []
    assert len(await said(near)) == len(ours)
    assert {type(each.actor) for each in await said(near)} == {type(None)}


async def test_without_shared_terms_nothing_crosses_and_what_comes_is_a_breach(
    nodes: Nodes,
) -> None:
    """Neither the number nor that there was a step."""
    near, far = await two(nodes)
    alert = await released(near, far, "one")
    await nodes.settle()
    nodes.clock.advance(100)
    await nodes.seconds(3)
    assert await fired(far)
    assert await said(near) == []
    assert await seen(near, alert) == []

    space = SpaceId.of_pair(near.party, far.party)
    now_ms = milliseconds(nodes.clock.now())
    await far.node.record.append_draft(space, step(alert, 1, now_ms))
    await nodes.seconds(2)
    assert await seen(near, alert) == []
    assert [row.what for row in await rows(near, breach)] == ["not_shared"]


async def test_what_tells_of_no_step_is_kept_and_in_nobodys_way(nodes: Nodes) -> None:
    """A person in the place of the node, numbers that are none; the next one counts."""
    near, far = await two(nodes)
    await agree_terms(nodes, near, far, SHARED)
    alert = await released(far, near, "theirs")
    await nodes.seconds(2)
    space = SpaceId.of_pair(near.party, far.party)
    now_ms = milliseconds(nodes.clock.now())
    wrong = [
        dataclasses.replace(step(alert, 5, now_ms), actor=ActorId(b"p" * 16)),
        step(alert, 0, now_ms),
        step(alert, 65, now_ms),
        dataclasses.replace(step(alert, 5, now_ms), body={0: True, 1: now_ms}),
        dataclasses.replace(step(alert, 5, now_ms), body={0: 5}),
        dataclasses.replace(step(alert, 5, now_ms), refs=()),
        step(alert, 60, now_ms),
    ]
    for draft in wrong:
        await far.node.record.append_draft(space, draft)
    await nodes.seconds(2)
    numbers = [number for author, number, _ in await seen(near, alert) if author == far.party]
    assert 60 in numbers
    assert 5 not in numbers
    found = sorted(row.what for row in await rows(near, breach))
    assert found == [*["malformed"] * 5, "person"]


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest]:
    """Return two paired nodes; at the second one there are an officer and a releaser."""
    near, far = await nodes.add("Harbour"), await nodes.add("Summit")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    for name, role in (("Ingrid", Role.DUTY_OFFICER), ("Maria", Role.RELEASER)):
        person = await far.person(name)
        change = PersonChange(roles=frozenset({role}))
        now = far.clock.now()
        await far.node.database.write(
            lambda c, p=person, ch=change, n=now: change_staff(c, THE_OPERATOR, p.id, ch, n)  # type: ignore[misc]
        )
    return near, far


def step(alert: bytes, number: int, now_ms: int) -> EntryDraft:
    """Return what says that a step of the escalation of an alert was reached."""
    return EntryDraft(kind=Kind.ESCALATION_STEP, body=step_body(number, now_ms), refs=(alert,))


async def seen(node: NodeUnderTest, alert: bytes) -> list[tuple[object, int, int]]:
    """Return the steps a node shows beside an alert."""
    shown = await node.node.alerts.see(alert)
    return [(each.author, each.number, each.reached_ms) for each in shown.steps]


async def fired(node: NodeUnderTest) -> list[sa.Row[tuple[object, ...]]]:
    """Return the steps of a node's own escalations."""
    return await rows(node, duty_tables.step)


async def rows(node: NodeUnderTest, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    """Return every row of a table."""
    return await node.node.database.read(lambda c: list(c.execute(sa.select(table))))


async def said(node: NodeUnderTest) -> list[Entry]:
    """Return every entry about a step that a node has, each once."""
    found = await rows(node, entry)
    entries = {bytes(row.encoded): read_entry(bytes(row.encoded)) for row in found}
    return [each for each in entries.values() if each.kind == Kind.ESCALATION_STEP]
