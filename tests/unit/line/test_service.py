"""The line service where the simulations do not reach."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley import _core
from parley.errors import EngineFault, PartyUnknown, SettingsBadValue
from parley.ids import PartyId
from parley.line.link import LinkState
from parley.line.pairing import PairingEvent
from parley.testing.engine import refused
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


@pytest.fixture
async def near(nodes: Nodes) -> NodeUnderTest:
    """Give a test one node."""
    return await nodes.add("Harbour")


def counted(node: NodeUnderTest) -> dict[str, int]:
    """Return what was set aside."""
    return {count.code: count.count for count in node.node.set_aside.counts()}


async def test_totals_of_the_engine_are_counted_once(nodes: Nodes, near: NodeUnderTest) -> None:
    """It tells how many there were since it started; each is counted one time."""
    for total in (3, 10):
        near.engine.emit(
            _core.Refusal(
                area="line", reason="line.unknown_key", party=None, key=bytes(32), count=total
            )
        )
    near.engine.emit(
        _core.Refusal(area="relay", reason="route_false", party=None, key=None, count=2)
    )
    await nodes.settle()

    assert counted(near) == {"line.unknown_key": 10, "relay.route_false": 2}


async def test_faults_and_lost_events_are_told(nodes: Nodes, near: NodeUnderTest) -> None:
    """And what can be read again is read again."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    near.engine.emit(_core.Fault(thread="media-0", cause="", restarted=False, count=1))
    near.engine.lines[far.party].state = "cut"
    near.engine.emit(_core.EventsLost(count=5))
    await nodes.settle()

    assert counted(near) == {"engine.fault": 1, "engine.events_lost": 5}
    assert near.node.lines.link(far.party) is LinkState.CUT


async def test_a_line_the_engine_refuses_is_counted_and_the_node_goes_on(
    nodes: Nodes, near: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator sees why."""
    far = await nodes.add("Hospital")
    await near.import_card(await far.card())

    def refuse(**_: object) -> bytes:
        raise refused("line.paths_malformed")

    monkeypatch.setattr(near.engine, "open_line", refuse)
    await near.confirm(far)

    assert counted(near) == {"line.paths_malformed": 1}
    assert near.node.lines.status(far.party) is None


async def test_an_engine_that_refuses_a_letter_is_a_fault_of_ours(
    nodes: Nodes, near: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the engine's own code; a hello that cannot be sent is only logged."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)

    def refuse(*_: object) -> int:
        raise refused("line.lane_full")

    monkeypatch.setattr(near.engine, "send", refuse)
    with pytest.raises(EngineFault, match="lane_full"):
        near.node.lines.send(far.party, 2, 16, b"")
    await near.node.lines.apply(far.party, PairingEvent.SUSPEND)
    await nodes.seconds(3)
    assert far.party not in near.engine.lines


async def test_an_engine_that_refuses_to_close_is_only_logged(
    nodes: Nodes, near: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is closed for us either way, and its status is unknown."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)

    def refuse(_: bytes) -> None:
        raise refused("line.unknown")

    monkeypatch.setattr(near.engine, "close_line", refuse)
    monkeypatch.setattr(near.engine, "line_status", refuse)
    assert near.node.lines.status(far.party) is None
    await near.node.lines.remove(far.party)
    assert near.node.lines.views() == []


async def test_an_event_that_cannot_be_taken_does_not_stop_those_behind_it(
    nodes: Nodes, near: NodeUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad event is logged."""

    async def fail(_: _core.PathState) -> None:
        raise ZeroDivisionError

    near.node.feed.subscribe(_core.PathState, fail)
    near.engine.emit(_core.PathState(party=bytes(16), path="main", state="up"))
    near.engine.emit(_core.Fault(thread="line", cause="", restarted=False, count=1))
    with caplog.at_level(logging.CRITICAL):
        await nodes.settle()

    assert counted(near) == {"engine.fault": 1}


async def test_a_party_nobody_knows_is_said_to_be_unknown(near: NodeUnderTest) -> None:
    """By every call that names one."""
    stranger = PartyId.new()

    assert not near.node.lines.is_agreed(stranger)
    assert near.node.lines.name_of(stranger) is None
    assert near.node.lines.name_of(near.party) == "Harbour"
    with pytest.raises(PartyUnknown):
        near.node.book.get(stranger)
    with pytest.raises(PartyUnknown):
        await near.node.lines.remove(stranger)


async def test_a_label_that_is_no_name_is_refused(nodes: Nodes, near: NodeUnderTest) -> None:
    """An operator's own word must be readable too."""
    far = await nodes.add("Hospital")

    with pytest.raises(SettingsBadValue):
        await near.import_card(await far.card(), label="\n")


async def test_the_same_card_twice_changes_nothing(nodes: Nodes, near: NodeUnderTest) -> None:
    """Nor does an older one."""
    far = await nodes.add("Hospital")
    card = await far.card()
    await near.import_card(card)
    before = near.node.book.get(far.party)

    await near.import_card(card)
    assert near.node.book.get(far.party) == before
    assert repr(before) == f"Pairing({far.party.text}, imported)"


async def test_a_new_key_in_the_folder_is_a_new_party(nodes: Nodes, near: NodeUnderTest) -> None:
    """The old own card is not taken for ours any more."""
    before = near.party
    await near.stop()
    (near.folder / "party.key").unlink()
    from parley.identity.keys import PartyKey  # noqa: PLC0415  here alone

    PartyKey.generate().save(near.folder / "party.key")
    await near.start()

    assert near.node.book.own.id != before
    assert near.node.book.own.id == near.party


async def test_the_feed_runs_by_itself_once_started(nodes: Nodes, near: NodeUnderTest) -> None:
    """A readable event file descriptor wakes it; stopping twice is no error."""
    import asyncio  # noqa: PLC0415  here alone

    near.node.feed.start()
    near.engine.emit(_core.Fault(thread="line", cause="", restarted=False, count=1))
    while not counted(near):  # noqa: ASYNC110  turns of the loop
        await asyncio.sleep(0)
    await near.node.feed.stop()
    await near.node.feed.stop()

    assert counted(near) == {"engine.fault": 1}


async def test_a_party_whose_key_is_used_twice_is_warned_once_a_minute(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """The node that holds the line was not refused, so it would not know of the other one."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)

    def see_it_twice(total: int) -> None:
        far.engine.emit(
            _core.Refusal(
                area="line",
                reason="line.key_in_use_twice",
                party=near.party,
                key=bytes(32),
                count=total,
            )
        )

    see_it_twice(1)
    see_it_twice(2)
    await nodes.settle()
    assert counted(near) == {"line.our_key_in_use_twice": 1}
    await nodes.seconds(61)
    see_it_twice(3)
    await nodes.settle()
    assert counted(near) == {"line.our_key_in_use_twice": 2}
    assert counted(far) == {"line.key_in_use_twice": 3}


async def test_only_a_line_on_which_nothing_comes_says_what_is_silent(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """What is heard is not silent; whoever knows of the other's site is asked at each look."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    near.node.lines.explain_silence(lambda party: "node" if party == far.party else "path")
    (up,) = near.node.lines.views()
    assert (up.state, up.silence) == ("up", None)
    nodes.network.cut(near.party, far.party)
    await nodes.seconds(30)
    (cut,) = near.node.lines.views()
    assert (cut.state, cut.silence) == ("cut", "node")


async def test_a_path_that_is_too_narrow_says_so_until_it_is_up(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """Only where the way is known to carry less than it needs; one that is up carries enough."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    (end,) = (each.remote for each in near.engine.lines[bytes(far.party)].paths)
    assert end is not None

    def narrow() -> list[int | None]:
        (line,) = near.node.lines.views()
        return [path.narrow_mtu for path in line.paths]

    near.resolver.mtus[end] = 576
    assert narrow() == [None]
    nodes.network.cut(near.party, far.party)
    await nodes.seconds(10)
    assert narrow() == [576]
    near.resolver.mtus[end] = 1_500
    assert narrow() == [None]
    del near.resolver.mtus[end]
    assert narrow() == [None]
    nodes.network.mend(near.party, far.party)
    await nodes.seconds(10)
