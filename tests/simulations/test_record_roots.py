"""A party's root takes its word back from a stolen key; the other node believes it no further."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley import verify
from parley.errors import NodeNotRunning, RootWrong
from parley.identity.keys import PartyKey
from parley.ids import SpaceId
from parley.node.offline import operate_offline
from parley.record.checkpoint import Origin
from parley.record.handover import export_space
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.letters import TOPIC, Growth, RootLetter, write_letter
from parley.record.log import OwnLog
from parley.record.note import to_base64
from parley.record.root import add_signature
from parley.record.standing import Standing
from parley.record.tiles import Tree
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in

HOLDERS = [PartyKey(bytes([number]) * 32) for number in (11, 12, 13)]
STRANGERS = [PartyKey(bytes([number]) * 32) for number in (21, 22, 23)]


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def test_a_stolen_key_is_believed_no_further_and_the_party_goes_on(nodes: Nodes) -> None:
    """What was held before stays; what the thief signs is set aside; both exports hold."""
    near, far, space = await two(nodes)
    await say(near, space, "before")
    await nodes.settle()
    await take(near, await said_by_root(near))
    await nodes.settle()
    size = far.node.record.space(space).mirrors[near.party, 0].mirror.tree.size
    word = await said_by_root(near, stolen="party")
    await take(near, word)
    await nodes.settle()
    await say(near, space, "after")
    await nodes.settle()

    kept = far.node.record.space(space)
    old = kept.mirrors[near.party, 0]
    assert old.watch.standing is Standing.FROZEN
    epoch = near.node.record.space(space).own.origin.epoch
    assert epoch > 0
    new = kept.mirrors[near.party, epoch]
    assert new.mirror.tree.size == near.node.record.space(space).own.log.tree.size
    assert new.watch.standing is Standing.FRESH

    await steal(nodes, near, far, space, old.mirror.tree.size)
    assert old.mirror.tree.size >= size
    assert "log.frozen" in {count.code for count in far.node.set_aside.counts()}
    status = await far.node.operations.call("status", {})
    assert status["logs"] == [{"party": "Harbour", "epoch": 0, "standing": "frozen"}]
    assert (await near.node.operations.call("status", {}))["logs"] == []
    listed = await far.node.operations.call("root_list", {})
    [row] = [each for each in listed["roots"] if each["party"] == near.party.text]
    assert (row["frozen_epochs"], row["number"], row["name"]) == ([0], 1, "Harbour")
    await nodes.restart(far, is_killed=True)
    assert far.node.record.space(space).mirrors[near.party, 0].watch.standing is Standing.FROZEN
    await nodes.settle()
    await nodes.seconds(61)
    for node in (near, far):
        findings = (await verified(node, space))["findings"]
        assert [each["code"] for each in findings] == ["log_frozen"]  # type: ignore[attr-defined]


async def test_the_word_comes_by_another_road_while_a_thief_has_the_line(nodes: Nodes) -> None:
    """A courier's file freezes the log where it was held; later the party goes on by the line."""
    near, far, space = await two(nodes)
    await take(near, await said_by_root(near))
    await nodes.settle()
    nodes.network.cut(near.party, far.party)
    word = await said_by_root(near, stolen="party")
    await take(far, word)
    await nodes.settle()
    mirror = far.node.record.space(space).mirrors[near.party, 0]
    assert mirror.watch.standing is Standing.FROZEN
    with pytest.raises(RootWrong):
        await take(far, word)
    await take(near, word)
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    await say(near, space, "here again")
    await nodes.settle()
    own = near.node.record.space(space).own
    mirrors = far.node.record.space(space).mirrors
    assert mirrors[near.party, own.origin.epoch].mirror.tree.size == own.log.tree.size


async def test_what_no_root_may_say_is_set_aside_and_counted(nodes: Nodes) -> None:
    """One signature, another root, what has been said before: by the line and by hand."""
    near, far, space = await two(nodes)
    first = await said_by_root(near)
    await take(near, first)
    await nodes.settle()
    fresh = await near.node.operations.call("root_draft", {"stolen": "party"})
    draft = fresh["manifest"].encode()
    strangers = [to_base64(each.public) for each in STRANGERS]
    other = await near.node.operations.call("root_draft", {"holders": strangers})
    wrong = [
        add_signature(draft, HOLDERS[0]),
        first,
        signed(other["manifest"].encode(), STRANGERS),
    ]
    origin = near.node.record.space(space).own.origin
    for word in wrong:
        with pytest.raises(RootWrong):
            await take(far, word)
        letter = write_letter(RootLetter(origin, word))
        nodes.network.post(near.party, far.party, 0, TOPIC, letter)
    await nodes.settle()
    counts = {count.code: count.count for count in far.node.set_aside.counts()}
    assert counts["root.wrong"] == len(wrong)
    assert far.node.record.space(space).mirrors[near.party, 0].watch.standing is Standing.FRESH


async def test_a_draft_says_only_what_a_root_can_say(nodes: Nodes) -> None:
    """Three different holders; nothing stolen before one is pinned; a change that was foretold."""
    near, _, _ = await two(nodes)
    draft = near.node.operations.call
    public = [to_base64(each.public) for each in HOLDERS]
    for asked in (
        {},
        {"holders": public[:2]},
        {"holders": [*public[:2], public[0]]},
        {"holders": [*public[:2], "no key"]},
        {"holders": [*public[:2], to_base64(b"short")]},
        {"holders": public, "stolen": "party"},
    ):
        with pytest.raises(RootWrong):
            await draft("root_draft", asked)
    assert (await draft("root_list", {}))["roots"] == []
    following = [to_base64(each.public) for each in STRANGERS]
    first = await draft("root_draft", {"holders": public, "following": following})
    assert first["may_change"]
    await take(near, signed(first["manifest"].encode(), HOLDERS))
    await nodes.settle()
    again = await draft("root_draft", {})
    assert (again["number"], again["may_change"]) == (1, True)
    known = to_base64(near.node.record.keys.public)
    later = await draft("root_draft", {"holders": following, "stolen": known})
    assert (later["compromised"], later["may_change"]) == (known, False)
    await take(near, signed(later["manifest"].encode(), STRANGERS))
    await nodes.settle()
    [row] = (await draft("root_list", {}))["roots"]
    assert sorted(following) == sorted(row["holders"])


async def test_a_node_that_does_not_run_is_not_asked(nodes: Nodes) -> None:
    """What a root says is told to others: that takes a node."""
    near = await nodes.add("Harbour")
    await near.stop()
    for name, asked in (("root_list", {}), ("root_take", {"manifest": ""})):
        with pytest.raises(NodeNotRunning):
            await asyncio.to_thread(operate_offline, near.folder, name, asked)


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, SpaceId]:
    """Return two paired nodes and the space of their line."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    return near, far, SpaceId.of_pair(near.party, far.party)


async def said_by_root(node: NodeUnderTest, stolen: str | None = None) -> bytes:
    """Return what a party's root says, signed by two."""
    asked = {"holders": [to_base64(each.public) for each in HOLDERS]} if stolen is None else {}
    draft = await node.node.operations.call("root_draft", {"stolen": stolen, **asked})
    return signed(draft["manifest"].encode(), HOLDERS)


def signed(draft: bytes, holders: list[PartyKey]) -> bytes:
    """Let two of three holders sign, one after the other."""
    return add_signature(add_signature(draft, holders[0]), holders[2])


async def take(node: NodeUnderTest, word: bytes) -> None:
    """Have a node do what a root says."""
    await node.node.operations.call("root_take", {"manifest": word.decode()})


async def say(node: NodeUnderTest, space: SpaceId, text: str) -> None:
    """Append a statement."""
    await node.node.record.append(space, Kind.STATEMENT, {0: text})


async def steal(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, space: SpaceId, size: int
) -> None:
    """Sign a longer log with the party's old key, and send it in its name."""
    origin = Origin(space, near.party, 0)
    keys = RecordKeys(near.node.key)
    forged = OwnLog(origin, keys.signer(origin), keys.cosigners, Tree(0, lambda _: b""))
    forged.heads_shown([None])
    note = forged.flush(near.clock.now()).note
    letter = write_letter(Growth(origin, size, (), note.encoded()))
    nodes.network.post(near.party, far.party, 0, TOPIC, letter)
    await nodes.settle()


async def verified(node: NodeUnderTest, space: SpaceId) -> dict[str, object]:
    """Return what the verifier says of a node's export."""
    into, keys, now = io.BytesIO(), RecordKeys(node.node.key), node.clock.now()
    await node.node.database.read(lambda c: export_space(c, into, space, keys, {}, now))
    into.seek(0)
    return verify.verify(into, set())
