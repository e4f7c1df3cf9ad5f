"""A log's key hands over to a fresh one while the line stays up; the old one is refused."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley import verify
from parley.errors import LogNotOpen
from parley.ids import SpaceId
from parley.record.checkpoint import Origin
from parley.record.handover import export_space, trust_of
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.letters import TOPIC, Growth, write_letter
from parley.record.log import LogState, OwnLog
from parley.record.tiles import Tree
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def test_a_log_goes_on_under_a_fresh_key_while_both_sides_write(nodes: Nodes) -> None:
    """The mirror follows, the policy too; both exports hold from the first entry to the last."""
    near, far, space = await two(nodes)
    for number in range(2):
        await say(near, space, f"before {number}")
        await say(far, space, f"meanwhile {number}")
        await near.node.operations.call("record_rotate", {"space": far.party.text})
        await say(near, space, f"after {number}")
        await nodes.settle()
        own = near.node.record.space(space).own
        mirror = far.node.record.space(space).mirrors[near.party, number + 1]
        assert mirror.mirror.tree.size == own.log.tree.size
    await nodes.restart(near, is_killed=True)
    await nodes.restart(far)
    await say(near, space, "at last")
    await nodes.settle()
    await nodes.seconds(61)

    own = near.node.record.space(space).own
    assert own.origin.epoch == 2
    mirror = far.node.record.space(space).mirrors[near.party, 2]
    assert mirror.mirror.tree.size == own.log.tree.size
    assert mirror.keys.log.public == own.signer.verifier.public != near.node.key.public
    for node in (near, far):
        account = await verified(node, space)
        assert account["findings"] == []
        policy = await node.node.database.read(lambda c: trust_of(c, space))
        assert mirror.keys.log.vkey() in policy
    keys = sorted((near.folder / "log-keys").glob("*.key"))
    assert [file.stat().st_mode & 0o777 for file in keys] == [0o600] * 2


async def test_the_old_key_cannot_go_on_with_a_log_that_was_handed_over(nodes: Nodes) -> None:
    """Not in the epoch that it closed, and not in the one that another key was named for."""
    near, far, space = await two(nodes)
    await near.node.operations.call("record_rotate", {"space": far.party.text})
    await nodes.settle()
    size = far.node.record.space(space).mirrors[near.party, 1].mirror.tree.size

    origin = Origin(space, near.party, 1)
    old = RecordKeys(near.node.key)
    forged = OwnLog(origin, old.signer(origin), old.cosigners, Tree(0, lambda _: b""))
    forged.heads_shown([None])
    note = forged.flush(near.clock.now()).note
    letter = Growth(origin, 0, (), note.encoded())
    nodes.network.post(near.party, far.party, 0, TOPIC, write_letter(letter))
    await nodes.settle()

    mirror = far.node.record.space(space).mirrors[near.party, 1]
    assert (mirror.mirror.tree.size, mirror.mirror.is_disputed) == (size, False)
    counts = {count.code for count in far.node.set_aside.counts()}
    assert counts & {"note.unsigned", "note.signature_wrong"}


async def test_a_handover_during_a_cut_is_followed_when_it_heals(nodes: Nodes) -> None:
    """Whatever comes first: the epoch is taken once the one before has named its key."""
    near, far, space = await two(nodes)
    nodes.network.cut(near.party, far.party)
    for number in range(20):
        await say(near, space, f"{number}")
    await near.node.operations.call("record_rotate", {"space": far.party.text})
    await say(near, space, "under the fresh key")
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    await nodes.seconds(2)

    own = near.node.record.space(space).own
    mirror = far.node.record.space(space).mirrors[near.party, 1]
    assert mirror.mirror.tree.size == own.log.tree.size
    assert (await verified(far, space))["findings"] == []


async def test_a_log_whose_key_is_lost_is_shown_and_another_epoch_goes_on(nodes: Nodes) -> None:
    """Under the party's own key, which may always begin one."""
    near, far, space = await two(nodes)
    await near.node.operations.call("record_rotate", {"space": far.party.text})
    await nodes.settle()
    await near.stop()
    for file in (near.folder / "log-keys").glob("*.key"):
        file.unlink()
    await near.start()
    await nodes.settle()

    with pytest.raises(LogNotOpen, match="keyless"):
        await say(near, space, "nothing")
    spaces = (await near.node.operations.call("record_spaces", {}))["spaces"]
    states = [log["state"] for log in spaces[0]["logs"] if log["is_ours"]]
    assert states[-1] == "keyless"
    await near.node.operations.call("record_epoch", {"space": far.party.text})
    await say(near, space, "again")
    await nodes.settle()
    await nodes.seconds(2)

    assert near.node.record.space(space).own.log.state is LogState.OPEN
    assert far.node.record.space(space).mirrors[near.party, 2].mirror.tree.size == 2
    assert (await verified(far, space))["findings"] == []


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, SpaceId]:
    """Return two paired nodes and the space of their line."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    return near, far, SpaceId.of_pair(near.party, far.party)


async def say(node: NodeUnderTest, space: SpaceId, text: str) -> None:
    """Append a statement."""
    await node.node.record.append(space, Kind.STATEMENT, {0: text})


async def verified(node: NodeUnderTest, space: SpaceId) -> dict[str, object]:
    """Return what the verifier says of a node's export."""
    into, keys, now = io.BytesIO(), RecordKeys(node.node.key), node.clock.now()
    await node.node.database.read(lambda c: export_space(c, into, space, keys, {}, now))
    into.seek(0)
    return verify.verify(into, set())
