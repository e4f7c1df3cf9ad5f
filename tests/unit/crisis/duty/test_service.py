"""The plan, overrides, empty watches and trials, on a real node."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.crisis.escalation.plan_text import plan_text, read_plan
from parley.errors import PlanGuardRefused, PlanRefused, RequestMalformed, TransitionRefused
from parley.identity.office import make_office
from parley.identity.permission import Role
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
