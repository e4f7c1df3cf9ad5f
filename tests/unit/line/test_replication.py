"""The carrier of the record, where whole nodes in virtual time do not reach."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley import _core
from parley.ids import PartyId, SpaceId
from parley.line import replication
from parley.record.checkpoint import Origin
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.record.letters import (
    TOPIC,
    Growth,
    Package,
    ProvedEntry,
    RecordLetter,
    read_letter,
    write_letter,
)
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


@pytest.fixture
async def pair(nodes: Nodes) -> tuple[NodeUnderTest, PartyId]:
    """Give a test a node that carries its record by itself, and the party it is paired with."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    near.node.replication.start()
    return near, far.party


def letters_of(near: NodeUnderTest, party: PartyId) -> tuple[Growth, Package]:
    """Return a checkpoint of a party's log, and entries that say they are in it."""
    origin = Origin(SpaceId.of_pair(near.party, party), party, 0)
    return Growth(origin, 1, (), b"note"), Package(origin, 2, 1, (b"entry",), ())


def taken_by(near: NodeUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[RecordLetter]:
    """Return the list that grows with every letter the record is given."""
    taken: list[RecordLetter] = []

    def take(party: PartyId, letter: RecordLetter, length: int) -> None:
        assert len(write_letter(letter)) == length
        assert party != near.party
        taken.append(letter)

    monkeypatch.setattr(near.node.record, "take", take)
    return taken


async def arrives(near: NodeUnderTest, party: PartyId, letter: RecordLetter) -> None:
    """Let a letter come off the line."""
    body = write_letter(letter)
    near.engine.emit(_core.Letter(party=bytes(party), lane=4, topic=TOPIC, body=body))
    await near.node.feed.deliver()


async def test_a_checkpoint_is_taken_with_the_letter_behind_it(
    pair: tuple[NodeUnderTest, PartyId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one turn, also where the line gave them out one after the other."""
    near, party = pair
    taken = taken_by(near, monkeypatch)
    monkeypatch.setattr(replication, "GATHER_S", 3_600)
    growth, package = letters_of(near, party)

    await arrives(near, party, growth)
    assert taken == []

    await arrives(near, party, package)
    assert taken == [growth, package]


async def test_a_checkpoint_that_comes_alone_does_not_wait_for_ever(
    pair: tuple[NodeUnderTest, PartyId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender may wait for its answer before it sends anything else."""
    near, party = pair
    taken = taken_by(near, monkeypatch)
    monkeypatch.setattr(replication, "GATHER_S", 0)
    growth, _ = letters_of(near, party)

    await arrives(near, party, growth)
    while not taken:  # noqa: ASYNC110  the next round of the loop, not a time
        await asyncio.sleep(0)

    assert taken == [growth]


async def test_a_checkpoint_of_a_line_that_began_anew_is_let_go(
    nodes: Nodes, pair: tuple[NodeUnderTest, PartyId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was under way is asked for again."""
    near, party = pair
    taken = taken_by(near, monkeypatch)
    monkeypatch.setattr(replication, "GATHER_S", 3_600)
    growth, package = letters_of(near, party)

    await arrives(near, party, growth)
    await nodes.restart(nodes.all[1])
    await nodes.settle()
    await arrives(near, party, package)

    assert growth not in taken
    assert taken[-1] == package


async def test_an_urgent_entry_is_not_given_again_while_a_slow_line_carries_it(
    nodes: Nodes, pair: tuple[NodeUnderTest, PartyId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the record says so; once it came and nothing shows it, it is."""
    near, party = pair
    near.node.replication.stop()
    given: list[bytes] = []

    def send(to: PartyId, lane: int, topic: int, body: bytes) -> int:
        given.append(body if topic == TOPIC else b"")
        return send_really(to, lane, topic, body)

    send_really = near.node.lines.send
    monkeypatch.setattr(near.node.lines, "send", send)
    space = SpaceId.of_pair(near.party, party)
    await near.node.record.append(space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH)

    async def while_nothing_arrives() -> int:
        """Let 25 s pass; return how often entries were given."""
        given.clear()
        for _ in range(25):
            nodes.clock.advance(1)
            near.node.replication.wake(party)
            near.node.replication.pump()
            await near.node.feed.deliver()
        letters = [read_letter(body) for body in given if body]
        return sum(isinstance(letter, ProvedEntry) for letter in letters)

    assert await while_nothing_arrives() == 1
    assert await while_nothing_arrives() == 0

    while nodes.network.step():
        pass
    await near.node.feed.deliver()
    assert await while_nothing_arrives() == 0
    assert await while_nothing_arrives() == 1
