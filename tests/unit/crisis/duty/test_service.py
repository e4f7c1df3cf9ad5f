"""The plan, overrides, empty watches and trials, on a real node."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.crisis.duty import tables
from parley.crisis.duty.rows import read_watch
from parley.crisis.duty.view import planned_otherwise
from parley.crisis.escalation.plan_text import plan_text, read_plan
from parley.errors import PlanGuardRefused, PlanRefused, RequestMalformed, TransitionRefused
from parley.identity.office import make_office, take_duty
from parley.identity.permission import Role
from parley.identity.staff import THE_OPERATOR, PersonChange, change_staff
from parley.ids import PersonId
from parley.testing.nodes import NodeUnderTest, nodes_in

ENGINEER, RELEASER = frozenset({Role.ENGINEER}), frozenset({Role.RELEASER})


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[NodeUnderTest]:
    """Give a test its node."""
    async with nodes_in(tmp_path) as made:
        yield await made.add("Summit")


async def test_a_plan_takes_two_and_then_says_who_is_on_watch(node: NodeUnderTest) -> None:
    """Nobody alone, no two of one role, no proposal that another overtook; then it counts."""
    duty, now = node.node.duty, node.clock.now()
    ada, ben = await node.person("Ada"), await node.person("Ben")
    office = await node.node.database.write(
        lambda c: make_office(c, "Watch", [ada.id, ben.id], "test", now)
    )
    plan = {
        "rosters": [
            {
                "key": "watch",
                "name": "Watch",
                "zone": "Asia/Tashkent",
                "office": office.id.text,
                "rotations": [
                    {
                        "name": "days",
                        "people": [ada.id.text],
                        "starts": "2026-01-01T08:00",
                        "length": 1,
                        "unit": "days",
                        "hours": [
                            {"days": [1, 2, 3, 4, 5, 6, 7], "start": "08:00", "end": "20:00"}
                        ],
                    }
                ],
            }
        ],
        "policies": [
            {
                "direction": "inbound",
                "precedence": "flash",
                "steps": [{"delay_s": 5, "targets": ["roster:watch", "siren:gone"]}],
            }
        ],
    }
    encoded = json.dumps(plan).encode()
    first = await duty.propose(encoded, "", ada.id, ENGINEER)
    second = await duty.propose(encoded, "", ada.id, ENGINEER)
    with pytest.raises(PlanGuardRefused):
        await duty.confirm(first, ada.id, RELEASER)
    with pytest.raises(PlanGuardRefused):
        await duty.confirm(first, ben.id, ENGINEER)
    await duty.confirm(first, ben.id, RELEASER)
    with pytest.raises(PlanGuardRefused):
        await duty.confirm(second, ben.id, RELEASER)
    with pytest.raises(TransitionRefused):
        await duty.reject(first, ben.id)
    await duty.reject(second, ada.id)

    assert (await duty.plan()).number == first
    (roster,) = (await duty.duty()).rosters
    assert roster.current.person == ada.id.text
    assert any(each.person is None for each in roster.shifts)
    assert await duty.look() == 0
    warned = await duty.notices()
    assert {each.cause for each in warned} == {"watch"}
    assert {each.end for each in warned} >= {f"desk:{ada.id.text}", f"desk:{ben.id.text}"}

    steps = (await node.node.operations.escalation_dry_run("inbound", "flash"))["steps"]
    assert [end["why"] for end in steps[0]["ends"]] == ["named", "unknown"]
    hours = now.add(hours=24)
    made = await duty.override("watch", ben.id, now.subtract(hours=1), hours, ada.id)
    (roster,) = (await duty.duty()).rosters
    assert roster.current.person == ben.id.text
    await duty.end_override(made, ada.id)
    with pytest.raises(RequestMalformed):
        await duty.override("nowhere", ben.id, now, hours, ada.id)
    assert (await duty.card()).gaps


async def test_an_empty_shift_is_warned_of_a_day_ahead_and_called_for_when_it_begins(
    node: NodeUnderTest,
) -> None:
    """Each once to each end; who took the duty for it stands the watch, whatever is written."""
    duty = node.node.duty
    ada, ben = await node.person("Ada"), await node.person("Ben")
    await given_role(node, ben.id, Role.RELEASER)
    office = await node.node.database.write(
        lambda c: make_office(c, "Watch", [ada.id], "test", node.clock.now())
    )
    always = {"people": [ada.id.text], "starts": "2026-01-01T08:00", "length": 1, "unit": "days"}
    roster = {"key": "watch", "name": "Watch", "zone": "UTC", "office": office.id.text}
    plan = {"rosters": [{**roster, "rotations": [{"name": "days", **always}]}], "policies": []}
    number = await duty.propose(json.dumps(plan).encode(), "", ada.id, ENGINEER)
    await duty.confirm(number, ben.id, RELEASER)
    begins = node.clock.now().add(hours=25)
    for hours in (0, 2):
        # The second is known later than the first, and begins when somebody has the duty.
        start = begins.add(hours=hours)
        await duty.override("watch", None, start, start.add(hours=1), ada.id)
    assert await told(node) == []

    node.clock.advance(2 * 3_600)
    await duty.look()
    ahead = await told(node)
    assert {kind for kind, _ in ahead} == {"ahead"}
    assert {end for _, end in ahead} >= {f"desk:{ada.id.text}", f"desk:{ben.id.text}"}
    await duty.look()
    assert await told(node) == ahead

    node.clock.advance(23 * 3_600 + 60)
    await duty.look()
    empty = [end for kind, end in await told(node) if kind == "empty"]
    assert f"desk:{ben.id.text}" in empty
    assert f"desk:{ada.id.text}" not in empty
    node.clock.advance(90 * 60)
    await node.node.database.write(lambda c: take_duty(c, office.id, ada.id, node.clock.now()))
    node.clock.advance(30 * 60)
    await duty.look()
    assert [end for kind, end in await told(node) if kind == "empty"] == empty


@pytest.mark.parametrize(("minutes_before", "is_told"), [(61, True), (59, False)])
async def test_a_duty_that_was_forgotten_hides_no_empty_shift(
    node: NodeUnderTest, minutes_before: int, *, is_told: bool
) -> None:
    """Who took it for that time stands the watch; who only never handed it over does not."""
    duty = node.node.duty
    ada, ben = await node.person("Ada"), await node.person("Ben")
    await given_role(node, ben.id, Role.RELEASER)
    office = await node.node.database.write(
        lambda c: make_office(c, "Watch", [ada.id], "test", node.clock.now())
    )
    always = {"people": [ada.id.text], "starts": "2026-01-01T08:00", "length": 1, "unit": "days"}
    roster = {"key": "watch", "name": "Watch", "zone": "UTC", "office": office.id.text}
    plan = {"rosters": [{**roster, "rotations": [{"name": "days", **always}]}], "policies": []}
    number = await duty.propose(json.dumps(plan).encode(), "", ada.id, ENGINEER)
    await duty.confirm(number, ben.id, RELEASER)
    start = node.clock.now().add(hours=3)
    await duty.override("watch", None, start, start.add(hours=8), ada.id)
    node.clock.advance(3 * 3_600 - minutes_before * 60)
    await node.node.database.write(lambda c: take_duty(c, office.id, ada.id, node.clock.now()))
    await duty.look()
    assert {kind for kind, _ in await told(node)} == {"ahead"}

    node.clock.advance((minutes_before + 2) * 60)
    await duty.look()
    empty = [end for kind, end in await told(node) if kind == "empty"]
    assert (f"desk:{ben.id.text}" in empty) is is_told


async def test_duty_and_roster_differ_from_the_hour_of_the_next_shift_on(
    node: NodeUnderTest,
) -> None:
    """Until then not, nor where another roster of the office has the holder."""
    duty = node.node.duty
    ada, ben = await node.person("Ada"), await node.person("Ben")
    await given_role(node, ben.id, Role.RELEASER)
    office = await node.node.database.write(
        lambda c: make_office(c, "Watch", [ada.id, ben.id], "test", node.clock.now())
    )
    turn = {"starts": "2026-01-01T08:00", "length": 1, "unit": "days", "name": "days"}

    async def plan(*keys: str) -> None:
        rosters = [
            {
                "key": key,
                "name": "Watch",
                "zone": "UTC",
                "office": office.id.text,
                "rotations": [{**turn, "people": [ada.id.text]}],
            }
            for key in keys
        ]
        text = json.dumps({"rosters": rosters, "policies": []}).encode()
        await duty.confirm(await duty.propose(text, "", ada.id, ENGINEER), ben.id, RELEASER)

    async def differing() -> list[tuple[PersonId | None, str]]:
        now, chosen = node.clock.now(), node.node.settings.escalation
        watch = await node.node.database.read(lambda c: read_watch(c, chosen, now))
        found = planned_otherwise(watch, now).values()
        return [(each.person, each.starts_at.format_iso()) for each in found]

    await plan("watch")
    assert await differing() == []
    await node.node.database.write(lambda c: take_duty(c, office.id, ada.id, node.clock.now()))
    start = node.clock.now().add(hours=1)
    await duty.override("watch", ben.id, start, start.add(hours=8), ada.id)
    assert await differing() == []
    node.clock.advance(3_600)
    assert await differing() == [(ben.id, start.format_iso())]
    await plan("watch", "second")
    assert await differing() == []


async def told(node: NodeUnderTest) -> list[tuple[str, str]]:
    """Return which notices of empty watches there are: of what, to which end."""
    table = tables.notice.c
    query = sa.select(table.cause, table.end).where(table.cause.like("watch/%"))
    rows = await node.node.database.read(lambda c: c.execute(query).all())
    return sorted((row.cause.rpartition("/")[2], row.end) for row in rows)


async def given_role(node: NodeUnderTest, person: PersonId, role: Role) -> None:
    """Give somebody of ours one role."""
    change = PersonChange(roles=frozenset({role}))
    await node.node.database.write(
        lambda c: change_staff(c, THE_OPERATOR, person, change, node.clock.now())
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"rosters": 3}',
        '{"extra": 1}',
        '{"policies": [{"direction": "inbound", "precedence": "loud", "steps": []}]}',
        (
            '{"policies": [{"direction": "inbound", "precedence": "flash", "steps": '
            '[{"delay_s": -1, "targets": ["desk"]}]}]}'
        ),
        (
            '{"policies": [{"direction": "inbound", "precedence": "flash", "steps": '
            '[{"delay_s": 1, "targets": ["roster:gone"]}]}]}'
        ),
        (
            '{"policies": [{"direction": "inbound", "precedence": "flash", "steps": '
            '[{"delay_s": 1e400, "targets": ["desk"]}]}]}'
        ),
        "[" * 100_000,
    ],
)
def test_a_plan_that_cannot_stand_is_refused_with_its_place(text: str) -> None:
    """Nothing of it counts."""
    with pytest.raises(PlanRefused) as refused:
        read_plan(text.encode())
    assert refused.value.params["place"]


def test_a_plan_is_read_as_it_was_written() -> None:
    """Its text means itself."""
    assert plan_text(read_plan(b"{}")).rosters == ()
