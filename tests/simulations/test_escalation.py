"""Escalations of whole nodes: through a stop, a clock that is set, a line that is cut."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.clock import FakeClock
from parley.crisis.bodies import Acknowledged, acknowledged_body
from parley.crisis.duty import tables
from parley.crisis.escalation.notice import NoticeState
from parley.crisis.offices import Capacity
from parley.crisis.sentence import sentences
from parley.identity.office import make_office, offer_duty, take_duty
from parley.identity.permission import Role
from parley.identity.staff import THE_OPERATOR, PersonChange, change_staff
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.testing.alerts import actor_of, released, said
from parley.testing.invariants import hold_nodes
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made
        await hold_nodes(made)


async def test_what_fell_due_while_a_node_was_down_is_recorded_once_and_called_at_once(
    nodes: Nodes,
) -> None:
    """However long it was; each end is told of the latest step alone."""
    near, far = await two(nodes)
    await released(near, far, "one")
    await nodes.settle()
    await far.kill()
    nodes.clock.advance(185)
    await far.start()
    await nodes.seconds(1)

    found = await steps(far)
    assert [row.number for row in found] == [0, 1, 2, 3]
    assert len({row.fired_at for row in found[1:]}) == 1
    told = await notices(far)
    check(found, told)


@pytest.mark.parametrize("by_s", [-3_600, 3_600])
async def test_a_clock_that_is_set_brings_a_step_neither_early_nor_late(
    nodes: Nodes, by_s: int
) -> None:
    """What was left of a delay is left of it still."""
    near, far = await two(nodes, own_clock=True)
    await released(near, far, "one")
    await nodes.settle()
    await nodes.seconds(1)
    far.clock.set_wall(far.clock.now().add(seconds=by_s))
    far.clock.advance(27)
    await nodes.seconds(1)
    assert [row.number for row in await steps(far)] == [0]
    far.clock.advance(1)
    await nodes.seconds(1)
    assert [row.number for row in await steps(far)] == [0, 1]
    far.clock.advance(59)
    await nodes.seconds(1)
    assert [row.number for row in await steps(far)] == [0, 1, 2]


async def test_an_exercise_calls_nobody_outside(nodes: Nodes) -> None:
    """Its notices are for desks alone, unless the policy says more."""
    near, far = await two(nodes)
    await released(near, far, "drill", is_exercise=True)
    await nodes.settle()
    nodes.clock.advance(200)
    await nodes.seconds(1)

    told = await notices(far)
    assert told
    assert {row.end.partition(":")[0] for row in told} == {"desk"}


async def test_an_exercise_comes_to_no_principal_unless_it_asks(nodes: Nodes) -> None:
    """By name, by role, by push or by mail: every desk is told instead, so no step is lost."""
    near, far = await two(nodes)
    ada, ben = await far.person("Ada"), await far.person("Ben")
    await far.node.operations.person_add("Minister", roles=["principal"])
    desk = f"desk:{(await far.person('Minister')).id.text}"
    first = {"delay_s": 0, "targets": [desk.replace("desk", "person")]}
    second = {"delay_s": 30, "targets": ["role:principal", "role:releaser"]}
    policy = {"direction": "inbound", "precedence": "flash", "steps": [first, second]}
    plan = json.dumps({"rosters": [], "policies": [{**policy, "calls_in_exercises": True}]})
    number = await far.node.duty.propose(plan.encode(), "", ada.id, frozenset({Role.ENGINEER}))
    await far.node.duty.confirm(number, ben.id, frozenset({Role.RELEASER}))

    async def called(*, is_exercise: bool, reaches: bool) -> dict[int, set[str]]:
        alert = await released(
            *(near, far, f"{is_exercise} {reaches}"),
            is_exercise=is_exercise,
            reaches_principals=reaches,
        )
        await nodes.settle()
        nodes.clock.advance(31)
        await nodes.seconds(1)
        rows = [row for row in await notices(far) if row.matter and bytes(row.matter) == alert]
        return {step: {row.end for row in rows if row.number == step} for step in (0, 1)}

    drilled = await called(is_exercise=True, reaches=False)
    assert drilled[0] == {"desk"}
    assert len(drilled[1]) == 1
    assert desk not in drilled[1]
    for is_exercise in (True, False):
        found = await called(is_exercise=is_exercise, reaches=is_exercise)
        assert desk in found[0]
        assert desk in found[1]


async def test_both_ends_escalate_by_their_own_policy(nodes: Nodes) -> None:
    """The author outbound, the other inbound; neither sees the other's."""
    near, far = await two(nodes)
    nodes.network.cut(near.party, far.party)
    await released(near, far, "one")
    nodes.clock.advance(70)
    await nodes.seconds(1)

    assert [row.direction for row in await steps(near)] == ["outbound"] * 2


async def test_a_hand_over_in_a_countdown_moves_no_step_and_calls_who_took_over(
    nodes: Nodes,
) -> None:
    """Offered is not taken: until then whoever had the duty has it, and the clock runs for both."""
    near, far = await two(nodes)
    for name in ("Ada", "Ben"):
        await far.node.operations.person_add(name, roles=["duty_officer"])
    ada, ben = await far.person("Ada"), await far.person("Ben")
    database = far.node.database
    office = await database.write(
        lambda c: make_office(c, "Watch", [ada.id, ben.id], "test", far.clock.now())
    )
    rounds = [{"delay_s": each, "targets": ["roster:watch"]} for each in (0, 30, 30)]
    policy = {"direction": "inbound", "precedence": "flash", "steps": rounds}
    roster = {"key": "watch", "name": "Watch", "zone": "UTC", "office": office.id.text}
    plan = {"rosters": [{**roster, "rotations": []}], "policies": [policy]}
    number = await far.node.duty.propose(
        json.dumps(plan).encode(), "", ada.id, frozenset({Role.ENGINEER})
    )
    await far.node.duty.confirm(number, ben.id, frozenset({Role.RELEASER}))
    await database.write(lambda c: take_duty(c, office.id, ada.id, far.clock.now()))

    await released(near, far, "one")
    await nodes.settle()
    await nodes.seconds(1)
    await database.write(lambda c: offer_duty(c, office.id, ada.id, ben.id, far.clock.now()))
    nodes.clock.advance(30)
    await nodes.seconds(1)
    await database.write(lambda c: take_duty(c, office.id, ben.id, far.clock.now()))
    nodes.clock.advance(30)
    await nodes.seconds(1)

    fired = await steps(far)
    due = [(row.due_at - fired[0].due_at).total("seconds") for row in fired]
    assert due == [0, 30, 60]
    called = {row.number: row.end for row in await notices(far) if row.matter}
    assert called == {
        0: f"desk:{ada.id.text}",
        1: f"desk:{ada.id.text}",
        2: f"desk:{ben.id.text}",
    }


async def test_a_step_that_wants_two_people_counts_no_acknowledgement_that_nobody_signed(
    nodes: Nodes,
) -> None:
    """One by a passkey and one without is one: the second officer is still called for."""
    near, far = await two(nodes)
    browser, key = await keyed_person(far, "Olga", "duty_officer")
    ada, ben = await far.person("Ada"), await far.person("Ben")
    wanted = [{"delay_s": 0, "targets": ["desk"]}, {"delay_s": 30, "targets": ["desk"], "acks": 2}]
    policy = {"direction": "inbound", "precedence": "flash", "steps": wanted}
    plan = json.dumps({"rosters": [], "policies": [policy]}).encode()
    number = await far.node.duty.propose(plan, "", ada.id, frozenset({Role.ENGINEER}))
    await far.node.duty.confirm(number, ben.id, frozenset({Role.RELEASER}))
    alert = await released(near, far, "one")
    await nodes.settle()

    where = f"/api/alerts/{alert.hex()}/acknowledge"
    begun = await browser.post(f"{where}/begin", {"language": "en"})
    given = {"credential": key.get(begun.json["options"])}
    assert (await browser.post(where, given)).status == 200
    sentence = Acknowledged(Capacity.DUTY_OFFICER, "en", sentences(("en",)), 0)
    thread = (await far.node.alerts.find(alert)).thread
    await said(
        *(far, near, Kind.ACKNOWLEDGEMENT, acknowledged_body(sentence)),
        refs=(alert,),
        actor=actor_of(far, "somebody"),
        precedence=Precedence.FLASH,
        thread=thread,
    )
    found = await far.node.alerts.find(alert)
    assert [each.what for each in found.breaches if each.author == far.party] == ["signed"]
    nodes.clock.advance(30)
    await nodes.seconds(1)
    assert [bool(row.is_needed) for row in await steps(far)] == [True, True]


def check(
    found: list[sa.Row[tuple[object, ...]]],
    told: list[sa.Row[tuple[object, ...]]],
) -> None:
    """Hold rows to the promises that hold always."""
    keys = [(bytes(row.matter), row.direction, row.number) for row in found]
    assert len(set(keys)) == len(keys)
    assert all(row.fired_at >= row.due_at for row in found)
    called = {(bytes(row.matter), row.direction, row.number) for row in told if row.matter}
    needed = {key for key, row in zip(keys, found, strict=True) if row.is_needed}
    assert needed <= called
    assert {row.state for row in told} <= {state.value for state in NoticeState}


async def two(nodes: Nodes, *, own_clock: bool = False) -> tuple[NodeUnderTest, NodeUnderTest]:
    """Return two paired nodes; at the second one there are an officer and a releaser."""
    near = await nodes.add("Harbour")
    clock = FakeClock(nodes.clock.now()) if own_clock else nodes.clock
    far = await nodes.add("Summit", clock=clock)
    await nodes.pair(near, far)
    for name, role in (("Ingrid", Role.DUTY_OFFICER), ("Maria", Role.RELEASER)):
        person = await far.person(name)
        change = PersonChange(roles=frozenset({role}))
        now = far.clock.now()
        await far.node.database.write(
            lambda c, p=person, ch=change, n=now: change_staff(c, THE_OPERATOR, p.id, ch, n)  # type: ignore[misc]
        )
    return near, far


async def steps(node: NodeUnderTest) -> list[sa.Row[tuple[object, ...]]]:
    """Return the steps a node has recorded, in order."""
    query = sa.select(tables.step).order_by(tables.step.c.number)
    return await node.node.database.read(lambda c: list(c.execute(query)))


async def notices(node: NodeUnderTest) -> list[sa.Row[tuple[object, ...]]]:
    """Return a node's notices."""
    return await node.node.database.read(lambda c: list(c.execute(sa.select(tables.notice))))
