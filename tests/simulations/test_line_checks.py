"""Two whole nodes check their line: every cause is really brought about, and named by its proof."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from parley.clock import milliseconds
from parley.crisis.bodies import Presented
from parley.crisis.checks.evidence import Proved, Silence
from parley.crisis.checks.machine import CheckState
from parley.crisis.checks.repository import CheckRow
from parley.crisis.checks.schedule import HOUR_MS, SEND_MS, starter_at
from parley.edge import EdgeResponder, derive_key, key_name
from parley.errors import CheckRefused
from parley.identity.person import Person
from parley.ids import PartyId, SpaceId
from parley.record.line_terms import DEFAULT_LIMITS, CheckProfile, LineTerms
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.terms import agree_terms

EDGE = "192.0.2.{}:7848"


@dataclass
class EdgeWire:
    """The way to the edge responders of all parties; each can be cut, as the line can."""

    responders: dict[tuple[str, int], EdgeResponder] = field(default_factory=dict)
    cut: set[tuple[PartyId, tuple[str, int]]] = field(default_factory=set)


@dataclass
class EdgePort:
    """A socket of one node on that way."""

    wire: EdgeWire
    node: NodeUnderTest

    def is_closing(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Close it."""

    def sendto(self, datagram: bytes, where: tuple[str, int]) -> None:
        """Bring a question there and the answer back, at once."""
        responder = self.wire.responders.get(where)
        if responder is None or (self.node.party, where) in self.wire.cut:
            return
        answer = responder.answer(datagram, self.node.clock.monotonic())
        if answer is not None:
            self.node.node.edges.datagram_received(answer, where)


@dataclass
class Line:
    """Two nodes with a line that is checked hourly, and a duty officer at each."""

    nodes: Nodes
    near: NodeUnderTest
    far: NodeUnderTest
    space: SpaceId
    officers: dict[PartyId, Person]
    wire: EdgeWire

    def officer(self, node: NodeUnderTest) -> Person:
        """Return a node's duty officer."""
        return self.officers[node.party]

    def cut(self) -> None:
        """Cut every way between the two sites."""
        self.nodes.network.cut(self.near.party, self.far.party)
        self.wire.cut |= {
            (node.party, where) for node in (self.near, self.far) for where in self.wire.responders
        }

    def mend(self) -> None:
        """Mend them."""
        self.nodes.network.mend(self.near.party, self.far.party)
        self.wire.cut.clear()

    async def until(self, seconds: float) -> None:
        """Let time pass in one leap and look around."""
        for clock in {id(each.clock): each.clock for each in self.nodes.all}.values():
            clock.advance(seconds)
        await self.nodes.seconds(2)

    async def to_turn_of(self, node: NodeUnderTest) -> int:
        """Go to the next hour in which a party begins; return when its check is due."""
        parties = (self.near.party, self.far.party)
        now_ms = milliseconds(node.clock.now())
        due_ms = (now_ms // HOUR_MS + 1) * HOUR_MS
        while starter_at(due_ms, parties) != node.party:
            await self.until((due_ms - now_ms) / 1_000 + SEND_MS / 1_000 + 60)
            now_ms = milliseconds(node.clock.now())
            due_ms = (now_ms // HOUR_MS + 1) * HOUR_MS
        await self.until((due_ms - now_ms) / 1_000)
        return due_ms

    async def row(self, node: NodeUnderTest, due_ms: int) -> CheckRow:
        """Return what a node has noted of a check."""
        kept = await node.node.checks.line(self.space)
        return next(row for row, _ in kept.checks if row.name == str(due_ms))


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """Give a test its line."""
    async with nodes_in(tmp_path) as nodes:
        near = await nodes.add("Harbour", edge={"advertise": [EDGE.format(1)]})
        far = await nodes.add("Hospital", edge={"advertise": [EDGE.format(2)]})
        wire = EdgeWire()
        for node in (near, far):
            plug(wire, node)
        await nodes.pair(near, far)
        await nodes.seconds(2)
        space = SpaceId.of_pair(near.party, far.party)
        officers = {node.party: await node.person("Officer") for node in (near, far)}
        made = Line(nodes, near, far, space, officers, wire)
        for number, (node, other) in enumerate(((near, far), (far, near)), 1):
            keys = [derive_key(node.node.edges._secret(), bytes(other.party))]
            where = ("192.0.2." + str(number), 7848)
            wire.responders[where] = EdgeResponder({key_name(key): key for key in keys})
        await agree(made, LineTerms(limits=DEFAULT_LIMITS, checks=CheckProfile.WATCH))
        yield made


async def test_a_check_that_two_people_keep_is_confirmed_at_both_ends(line: Line) -> None:
    """Sent, shown, typed back, confirmed; a wrong code never leaves, and may be typed again."""
    due_ms = await line.to_turn_of(line.near)
    digest = await sent(line, due_ms)
    near, far, code = line.near.node.checks, line.far.node.checks, await code_of(line, digest)
    with pytest.raises(CheckRefused, match="code"):
        await far.answer(digest, "AAAAAA", line.officer(line.far))
    with pytest.raises(CheckRefused, match="not_our_turn"):
        await near.answer(digest, code, line.officer(line.near))
    await typed(line, digest)
    with pytest.raises(CheckRefused, match="state"):
        await far.answer(digest, code, line.officer(line.far))
    await line.near.node.checks.confirm(digest, line.officer(line.near))
    await line.nodes.seconds(2)
    for node in (line.near, line.far):
        found = await line.row(node, due_ms)
        assert (found.state, found.found) == (CheckState.CONFIRMED, None)


async def test_each_silence_is_named_by_the_last_thing_proved(line: Line) -> None:
    """Path, node, desk, nobody there, not now: each is really brought about, one after another."""
    due_ms = await line.to_turn_of(line.near)
    line.cut()
    await sent(line, due_ms)
    assert await missed(line, due_ms, 900) == (Silence.PATH, Proved.NODE)
    line.mend()
    await line.nodes.seconds(5)

    due_ms = await line.to_turn_of(line.near)
    await line.far.stop()
    await sent(line, due_ms)
    assert await missed(line, due_ms, 900) == (Silence.NODE, Proved.EDGE)
    await line.far.start()
    plug(line.wire, line.far)
    await line.nodes.seconds(5)

    due_ms = await line.to_turn_of(line.near)
    await sent(line, due_ms)
    assert await missed(line, due_ms, 900) == (Silence.UNSTAFFED, Proved.RECEIPT)

    due_ms = await line.to_turn_of(line.near)
    digest = await sent(line, due_ms)
    assert await line.far.node.checks.present(digest, Presented("watch", has_sound=True))
    assert not await line.far.node.checks.present(digest, Presented("watch", has_sound=True))
    await line.nodes.seconds(2)
    assert await missed(line, due_ms, 900) == (Silence.NO_ANSWER, Proved.DESK)

    due_ms = await line.to_turn_of(line.near)
    await sent(line, due_ms)
    await line.far.node.checks.decline(line.space, str(due_ms), "busy", line.officer(line.far))
    await line.nodes.seconds(2)
    for node in (line.near, line.far):
        found = await line.row(node, due_ms)
        assert (found.state, found.silent) == (CheckState.MISSED, line.far.party)
        assert found.found is not None
        assert found.found.cause is Silence.DECLINED


async def test_a_flapping_path_and_a_one_way_cut_are_named_by_what_holds_at_the_limit(
    line: Line,
) -> None:
    """What cannot be known is not guessed: without an edge responder it is path or node."""
    due_ms = await line.to_turn_of(line.near)
    line.cut()
    await sent(line, due_ms)
    for _ in range(3):
        line.mend()
        await line.nodes.seconds(1)
        line.cut()
        await line.until(60)
    # The check got through in between, and was receipted; at the limit the way is silent.
    assert await missed(line, due_ms, 900) == (Silence.PATH, Proved.RECEIPT)
    line.mend()
    await line.nodes.seconds(5)

    due_ms = await line.to_turn_of(line.near)
    line.near.node.edges._watch.place(line.far.party, None)
    line.cut()
    await sent(line, due_ms)
    assert (await missed(line, due_ms, 900))[0] is Silence.PATH_OR_NODE


async def test_a_line_that_is_cut_says_by_itself_what_is_silent(line: Line) -> None:
    """No check need be missed for it: the way while both are silent, the node while one answers."""

    def said() -> tuple[str, str | None]:
        (shown,) = line.near.node.lines.views()
        return shown.state, shown.silence

    assert said() == ("up", None)
    line.cut()
    await line.nodes.seconds(20)
    assert said() == ("cut", "path")
    line.wire.cut.clear()
    await line.nodes.seconds(6)
    assert said() == ("cut", "node")
    line.mend()
    await line.nodes.seconds(5)
    assert said()[1] is None


async def test_a_cut_after_the_code_was_typed_ends_alike_once_it_is_mended(line: Line) -> None:
    """Confirmed by the starter's clock before it was known at the other end, and then at both."""
    due_ms = await line.to_turn_of(line.near)
    digest = await sent(line, due_ms)
    await typed(line, digest)
    line.cut()
    await line.near.node.checks.confirm(digest, line.officer(line.near))
    await line.until(1_000)
    assert (await line.row(line.near, due_ms)).state is CheckState.CONFIRMED
    far = await line.row(line.far, due_ms)
    assert far.found is not None
    assert (far.state, far.found.cause) == (CheckState.MISSED, Silence.PATH)
    line.mend()
    await line.nodes.seconds(5)
    assert (await line.row(line.far, due_ms)).state is CheckState.CONFIRMED


async def test_two_misses_in_a_row_make_one_notice_here_and_nothing_on_the_line(
    line: Line,
) -> None:
    """The second miss is told to our own people, once, and a third adds nothing.

    The starter knows that no desk of its own was open; the other that the starter's node was there.
    """
    kept_ms = await line.to_turn_of(line.near)
    digest = await sent(line, kept_ms)
    await typed(line, digest)
    await line.near.node.checks.confirm(digest, line.officer(line.near))
    await line.near.node.checks.see_notices(line.space)
    await line.until(3_600)
    await line.until(SEND_MS / 1_000 + 1)
    assert (await line.near.node.checks.line(line.space)).notices == ()
    for node in (line.near, line.far):
        found = await line.row(node, kept_ms + HOUR_MS)
        assert found.silent == line.far.party
        assert found.found is not None
        assert (found.found.cause, found.found.proved) == (Silence.UNSTAFFED, Proved.NODE)
    for _ in range(2):
        await line.until(3_600)
        await line.until(SEND_MS / 1_000 + 1)
    kept = await line.near.node.checks.line(line.space)
    assert [int(name) for name, _ in kept.notices] == [kept_ms + 2 * HOUR_MS]
    assert await line.near.node.checks.see_notices(line.space) == 1
    assert (await line.near.node.checks.line(line.space)).notices == ()


async def test_a_node_that_was_down_notes_the_checks_of_that_time_as_its_own_silence(
    line: Line,
) -> None:
    """Nobody here could have kept them; each is noted once."""
    due_ms = await line.to_turn_of(line.near)
    await line.far.stop()
    line.nodes.clock.advance(3 * 3_600)
    await line.far.start()
    plug(line.wire, line.far)
    await line.nodes.seconds(2)
    kept = await line.far.node.checks.line(line.space)
    names = {str(due_ms + HOUR_MS), str(due_ms + 2 * HOUR_MS)}
    down = [row for row, _ in kept.checks if row.name in names]
    assert {row.name for row in down} == names
    assert {row.silent for row in down} == {line.far.party}
    assert {row.found.cause for row in down if row.found} == {Silence.NODE}


# --------------------------------------------------------------------------------------- helpers


async def sent(line: Line, due_ms: int) -> bytes:
    """Let the near duty officer send the check that is due."""
    row = await line.near.node.checks.send(line.space, line.officer(line.near), due_ms)
    await line.nodes.seconds(3)
    assert row.hash is not None
    return row.hash


async def typed(line: Line, digest: bytes) -> None:
    """Let the far duty officer read the code and type it back, in small letters."""
    code = await code_of(line, digest)
    await line.far.node.checks.answer(
        digest, f" {code[:3].lower()}-{code[3:]} ", line.officer(line.far)
    )
    await line.nodes.seconds(2)


async def code_of(line: Line, digest: bytes) -> str:
    """Return the code of a check, as the far desk shows it."""
    kept = await line.far.node.checks.line(line.space)
    return next(matter.sent.code for _, matter in kept.checks if matter and matter.hash == digest)


async def missed(line: Line, due_ms: int, seconds: float) -> tuple[Silence, Proved]:
    """Let the limit pass; return how the near node names the silence of the other."""
    await line.until(seconds)
    row = await line.row(line.near, due_ms)
    assert row.state is CheckState.MISSED
    assert row.silent == line.far.party
    assert row.found is not None
    return row.found.cause, row.found.proved


async def agree(line: Line, terms: LineTerms) -> None:
    """Let both parties sign terms."""
    await agree_terms(line.nodes, line.near, line.far, terms)
    # What was planned by the terms before is planned anew within half a minute.
    await line.until(31)


def plug(wire: EdgeWire, node: NodeUnderTest) -> None:
    """Let a node ask edge responders over the wire of the test."""
    node.node.edges._transport = EdgePort(wire, node)  # type: ignore[assignment]
