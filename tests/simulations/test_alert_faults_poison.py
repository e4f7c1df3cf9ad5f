"""Group 5 of what alerts must stand: poison, through the whole path, and the next entry arrives."""

from collections.abc import AsyncIterator
from itertools import cycle
from pathlib import Path

import cbor2
import pytest

from parley.crisis.text import findings
from parley.errors import ParleyError
from parley.ids import ThreadId
from parley.record.cbor import encode
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.testing.alerts import actor_of, released, said
from parley.testing.invariants import End, end_of_rows, hold
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in

SCRIPTS = {
    "Pashto": "دا یو خبرداری دی؛ مهرباني وکړئ ځواب راکړئ.",
    "Dari": "این یک هشدار است؛ لطفاً پاسخ بدهید.",
    "Uzbek": "Bu ogohlantirish; iltimos, javob bering. O‘zbekiston",  # noqa: RUF001  as it is written
    "Chinese": "这是警报；请答复。",  # noqa: RUF001  as it is written
    "Russian": "Это тревога; пожалуйста, ответьте.",
    "emoji": "alert 🚨 please answer",
    "HTML": '<img src=x onerror="alert(1)"> & <script>close()</script>',
}
MISLEADING = {
    "bidi override": "launch \u202ecancelled\u202c",
    "bidi isolate": "launch \u2067cancelled\u2069",
    "zero width": "no\u200b launch",
    "look-alike": "lаunch",  # noqa: RUF001  a Cyrillic letter is what is tested
    "control code": "launch\x1b[2K",
    "piled marks": "l" + "\u0301" * 9 + "aunch",
    "byte order mark": "\ufefflaunch",
    "too long": "x" * 7_000,
}
BODIES = {
    "nothing": b"",
    "no CBOR": b"\xff",
    "cut short": b"\xa4\x00\x81",
    "a wrong length": b"\xa1\x00\x5a\xff\xff\xff\xff\x00",
    "no UTF-8": b"\xa1\x00\x62\xc3\x28",
    "not a number": cbor2.dumps({0: float("nan")}),
    "nested a thousand deep": b"\x81" * 1_000 + b"\x00",
    "an endless array": b"\x9f",
    "a map of nothing": b"\xa0",
    "no parties": encode({0: [["en", "x"]], 3: [], 4: bytes(16)}),
    "an unknown key": encode({0: [["en", "x"]], 3: [bytes(16)], 4: bytes(16), 99: 1}),
    "an empty text": encode({0: [["en", ""]], 3: [bytes(16)], 4: bytes(16)}),
    "no language": encode({0: [["", "x"]], 3: [bytes(16)], 4: bytes(16)}),
    "two of a language": encode({0: [["en", "x"], ["en", "y"]], 3: [bytes(16)], 4: bytes(16)}),
    "a long head": encode({0: [["en" * 500, "x"]], 3: [bytes(16)], 4: bytes(16)}),
}


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Nodes, NodeUnderTest, NodeUnderTest]]:
    """Give a test two nodes with a line."""
    async with nodes_in(tmp_path) as nodes:
        near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
        await nodes.pair(near, far)
        await nodes.seconds(2)
        yield nodes, near, far


async def test_no_poison_is_in_the_way_of_the_next_alert(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """Every odd body as an alert and as something about one, each followed by an alert."""
    nodes, near, far = pair
    sent: list[bytes] = []
    kinds = cycle((Kind.ANSWER, Kind.RECEIPT, Kind.CLOSURE))
    for name, body in BODIES.items():
        for kind in (Kind.ALERT, next(kinds)):
            await odd(near, far, kind, body, tuple(sent[-1:]))
        sent.append(await released(near, far, f"after {name}", Precedence.PRIORITY))
    await nodes.seconds(3)
    rung = {alert.hash for alert in await far.node.alerts.alerts(limit=200)}
    assert rung == set(sent)
    for alert in sent:
        assert (await near.node.alerts.find(alert)).state.value == "delivered"
    await hold_both(near, far)


async def test_a_poison_alert_is_noted_once_and_survives_a_restart(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """A stored entry of a form that nobody knows stops no later start."""
    nodes, near, far = pair
    await odd(near, far, Kind.ALERT, b"\xa0", ())
    await odd(near, far, 199, b"\xa0", ())
    await nodes.seconds(2)
    await nodes.restart(far, is_killed=True)
    await nodes.restart(near)
    await nodes.seconds(2)
    alert = await released(near, far, "after the start")
    await nodes.seconds(3)
    assert (await near.node.alerts.find(alert)).state.value == "delivered"
    assert await far.node.database.write(
        lambda connection: far.node.alerts.keeper.rebuild(connection, far.clock.now())
    ) == len(await far.node.alerts.alerts())
    await hold_both(near, far)


async def test_texts_of_every_script_arrive_as_they_were_written(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """Right to left, combining, wide; and what looks like a page is text."""
    nodes, near, far = pair
    sent = {name: await released(near, far, text) for name, text in SCRIPTS.items()}
    await nodes.seconds(3)
    for name, alert in sent.items():
        found = await far.node.alerts.find(alert)
        assert found.body.texts == (("en", SCRIPTS[name]),)
        assert found.text_findings == ()
    await hold_both(near, far)


async def test_what_could_be_misread_rings_with_what_is_wrong_and_where(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """Our own people cannot write it; another's is shown, changed in nothing."""
    nodes, near, far = pair
    sent = {name: await released(near, far, text) for name, text in MISLEADING.items()}
    await nodes.seconds(3)
    for name, alert in sent.items():
        found = await far.node.alerts.find(alert)
        assert found.body.texts[0][1] == MISLEADING[name]
        assert found.text_findings, name
        assert found.text_findings == findings(MISLEADING[name], 1_400, 4_096)
    after = await released(near, far, "and the next")
    await nodes.seconds(3)
    assert (await near.node.alerts.find(after)).state.value == "delivered"
    await hold_both(near, far)


async def test_a_text_that_would_unpack_to_more_than_it_is_is_not_unpacked(
    pair: tuple[Nodes, NodeUnderTest, NodeUnderTest],
) -> None:
    """No body is ever decompressed: what is not of the form is poison at its own size."""
    nodes, near, far = pair
    bomb = b"\x1f\x8b\x08\x00" + b"\x00" * 60_000
    await odd(near, far, Kind.ALERT, bomb, ())
    after = await released(near, far, "and the next")
    await nodes.seconds(3)
    assert [each.hash for each in await far.node.alerts.alerts()] == [after]


# ----------------------------------------------------------------------------------------- details


async def odd(
    near: NodeUnderTest, far: NodeUnderTest, kind: int, body: bytes, refs: tuple[bytes, ...]
) -> None:
    """Append an entry with an odd body, as far as one can be made of it at all."""
    actor = None if kind == Kind.RECEIPT else actor_of(near, "releaser")
    try:
        await said(
            *(near, far, kind, body),
            refs=refs,
            actor=actor,
            precedence=Precedence.IMMEDIATE,
            thread=ThreadId(bytes(16)),
        )
    except ParleyError:
        # Our own record refuses to write what nobody could read; a hostile one would send it, and
        # a mirror refuses it alike (tests/simulations/test_record_nodes.py).
        assert body != BODIES["a map of nothing"]


async def hold_both(near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Hold both nodes to every invariant, by their rows."""
    hold([await end_of(near), await end_of(far)])


async def end_of(node: NodeUnderTest) -> End:
    """Return what a node has."""
    return await node.node.database.read(lambda connection: end_of_rows(connection, node.party))
