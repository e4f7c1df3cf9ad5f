"""Whole nodes keep a record through cuts, restarts, restores and a hostile party."""

import asyncio
import io
import shutil
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from parley import verify
from parley.errors import LogNotOpen, RecordFenced
from parley.ids import SpaceId
from parley.record import tables
from parley.record.cbor import encode
from parley.record.entry import Entry, Head, Precedence, entry_hash, write_entry
from parley.record.handover import export_space
from parley.record.keeping import Record
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.letters import TOPIC, Growth, write_letter
from parley.record.log import LogState, OwnLog
from parley.record.ports import EntryCame, RecordEvent
from parley.record.standing import Standing
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.records import LogDisk

DAY_S = 86_400
KIND_OF_LATER = 60_000
TOPIC_OF_LATER = 999


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


# ------------------------------------------------------------------------------- the line is cut


async def test_ten_days_without_a_line_end_in_the_same_logs_on_both_sides(nodes: Nodes) -> None:
    """Both keep working, and `parley verify` proves both copies afterwards."""
    near, far, space = await two(nodes)
    nodes.network.cut(near.party, far.party)
    for _ in range(10):
        await say(near, space, 30)
        await say(far, space, 20)
        await pass_by(nodes, DAY_S)
    assert standing_of(near, space, far) is Standing.SILENT
    assert size_of(far, space, near) < size_of(near, space, near)

    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    await nodes.seconds(61)

    accounts = [await verified(each, space) for each in (near, far)]
    assert [account["findings"] for account in accounts] == [[], []]
    assert logs_in(await exported(near, space)) == logs_in(await exported(far, space))
    assert size_of(far, space, near) == size_of(near, space, near) >= 301
    assert standing_of(near, space, far) is Standing.FRESH


async def test_an_urgent_entry_runs_ahead_of_a_backlog(nodes: Nodes) -> None:
    """It is told once, early, while what was said before it is still on its way."""
    near, far, space = await two(nodes)
    nodes.network.cut(near.party, far.party)
    for _ in range(6):
        await say(near, space, 500)
    told = listen(far)
    nodes.network.mend(near.party, far.party)
    await nodes.settle_letters(10)

    urgent = await near.node.record.append(
        space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH
    )
    await nodes.settle()

    came = [event for event in told if isinstance(event, EntryCame)]
    assert [event.is_early for event in came if event.hash == urgent.hash] == [True]
    places = [event.place for event in came if event.origin.party == near.party]
    assert places.index(urgent.index) < len(places) - 100
    assert sorted(set(places)) == sorted(places)
    assert await early_rows(far) == 0


async def test_urgent_entries_written_during_a_cut_come_first(nodes: Nodes) -> None:
    """The backlog is longer than a package, so they would wait otherwise."""
    near, far, space = await two(nodes)
    nodes.network.cut(near.party, far.party)
    await say(near, space, 600)
    urgent = await near.node.record.append(
        space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.IMMEDIATE
    )
    told = listen(far)

    nodes.network.mend(near.party, far.party)
    await nodes.settle()

    came = [event for event in told if isinstance(event, EntryCame)]
    assert came[0].hash == urgent.hash
    assert came[0].is_early
    assert size_of(far, space, near) == urgent.index + 1


async def test_a_cut_line_heals_through_a_third_party(nodes: Nodes) -> None:
    """What Harbour says reaches Hospital through Clinic, and Hospital's word comes back so."""
    near, far, third, space = await three(nodes)
    nodes.network.cut(near.party, far.party)
    await say(near, space, 300)
    await nodes.settle()
    assert size_of(far, space, near) < size_of(near, space, near)

    for _ in range(4):
        await nodes.seconds(31)

    assert size_of(far, space, near) == size_of(near, space, near)
    assert await held_by(near, space, far) == size_of(near, space, near)
    assert standing_of(far, space, near) is Standing.FRESH
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    await nodes.seconds(61)
    for each in (near, far, third):
        assert (await verified(each, space))["findings"] == []


# ------------------------------------------------------------------------------- nodes that stop


async def test_a_restart_at_any_letter_loses_and_doubles_nothing(nodes: Nodes) -> None:
    """A killed node comes back as its disk has it and goes on."""
    near, far, space = await two(nodes)
    for step in range(12):
        await say(near, space, 40)
        await say(far, space, 40)
        await nodes.settle_letters(step)
        await nodes.restart((near, far)[step % 2], is_killed=True)

    await nodes.settle()
    await nodes.seconds(61)

    assert size_of(far, space, near) == size_of(near, space, near) == 1 + 12 * 40
    assert (await verified(near, space))["findings"] == []
    assert logs_in(await exported(near, space)) == logs_in(await exported(far, space))


async def test_a_node_that_starts_without_a_line_appends_nothing(nodes: Nodes) -> None:
    """It may have been restored from a backup; only a mirror knows."""
    near, far, space = await two(nodes)
    nodes.network.cut(near.party, far.party)
    await nodes.restart(near)

    with pytest.raises(LogNotOpen, match="unproved"):
        await near.node.record.append(space, Kind.STATEMENT, {0: "words"})

    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    await near.node.record.append(space, Kind.STATEMENT, {0: "words"})


@pytest.mark.parametrize("age", [1, 30, 300])
async def test_a_restored_backup_takes_its_tail_back_and_never_forks(
    nodes: Nodes, age: int
) -> None:
    """What others were shown binds; the node goes on behind it."""
    near, far, space = await two(nodes)
    await say(near, space, 50)
    await nodes.settle()
    await near.stop()
    backup = near.folder.with_name("backup")
    shutil.copytree(near.folder, backup)
    await near.start()
    await nodes.settle()
    await say(near, space, age)
    await nodes.settle()
    before = size_of(near, space, near)

    await near.kill()
    shutil.rmtree(near.folder)
    shutil.copytree(backup, near.folder)
    await near.start()
    await nodes.settle()

    assert size_of(near, space, near) == before
    await say(near, space, 5)
    await nodes.settle()
    await nodes.seconds(61)
    assert near.node.record.space(space).own.log.state is LogState.OPEN
    assert (await verified(far, space))["findings"] == []
    assert logs_in(await exported(near, space)) == logs_in(await exported(far, space))


async def test_a_destroyed_disk_comes_back_from_the_other_side(nodes: Nodes) -> None:
    """Key and card are enough; the entries are where they were held."""
    near, far, space = await two(nodes)
    await say(near, space, 600)
    await say(far, space, 5)
    await nodes.settle()
    size = size_of(near, space, near)

    await near.kill()
    (near.folder / "parley.db").unlink()
    for left in near.folder.glob("parley.db-*"):
        left.unlink()
    await near.start()
    await nodes.pair(near, far)
    await nodes.seconds(12)

    assert size_of(near, space, near) == size
    assert near.node.record.space(space).own.log.state is LogState.OPEN
    await nodes.seconds(61)
    assert (await verified(near, space))["findings"] == []


async def test_without_any_mirror_the_operator_begins_a_new_epoch(nodes: Nodes) -> None:
    """The old log stays as it is; the others follow the new one too."""
    near, far, space = await two(nodes)
    await say(near, space, 3)
    await nodes.settle()
    nodes.network.cut(near.party, far.party)
    await nodes.restart(near)

    answer = await near.node.operations.call("record_epoch", {})
    await say(near, space, 2)
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    await nodes.seconds(61)

    assert answer["log"].endswith("/1")
    mirrors = far.node.record.space(space).mirrors
    assert {epoch: kept.mirror.tree.size for (_, epoch), kept in mirrors.items()} == {0: 4, 1: 3}
    assert (await verified(far, space))["findings"] == []


async def test_an_epoch_is_closed_where_its_log_is_open(nodes: Nodes) -> None:
    """Then the old log says itself that nothing follows."""
    near, far, space = await two(nodes)
    await near.node.operations.call("record_epoch", {"space": "Hospital"})
    await nodes.settle()
    await nodes.restart(near)
    await nodes.restart(far)
    await say(near, space, 1)
    await nodes.settle()
    await nodes.seconds(61)

    mirrors = far.node.record.space(space).mirrors
    assert {epoch: kept.mirror.tree.size for (_, epoch), kept in mirrors.items()} == {0: 2, 1: 2}
    assert (await verified(far, space))["findings"] == []


async def test_two_nodes_on_one_database_are_fenced(nodes: Nodes) -> None:
    """The one that was started last writes; the other is told so and stops."""
    near, _, space = await two(nodes)
    later = Record(
        database=near.node.database,
        key=near.node.key,
        clock=nodes.clock,
        port=near.node.replication,
    )
    await later.start()

    with pytest.raises(RecordFenced):
        await near.node.record.append(space, Kind.STATEMENT, {0: "words"})
    with pytest.raises(RecordFenced):
        await near.node.record.append(space, Kind.STATEMENT, {0: "again"})
    assert near.node.record.is_fenced


async def test_two_nodes_with_one_key_are_found_out(nodes: Nodes) -> None:
    """A copy of the folder runs elsewhere, and the other side has the proof."""
    near, far, space = await two(nodes)
    await say(near, space, 3)
    await nodes.settle()
    disk = await disk_of(near, space)
    await say(near, space, 2)
    await nodes.settle()

    await inject(nodes, near, far, forged(near, space, disk, ["other", "words"]))
    await nodes.settle()

    assert standing_of(far, space, near) is Standing.DISPUTED


# ------------------------------------------------------------------------------ a hostile party


async def test_a_forked_log_is_named_with_evidence_that_others_can_check(nodes: Nodes) -> None:
    """Its party's own signatures show it, and our log says so."""
    near, far, space = await two(nodes)
    disk = await disk_of(near, space)
    await say(near, space, 2)
    await nodes.settle()

    await inject(nodes, near, far, forged(near, space, disk, ["other", "words"]))
    await nodes.settle()
    await nodes.seconds(61)

    account = await verified(far, space)
    assert codes(account) == {"log_disputed"}
    assert standing_of(far, space, near) is Standing.DISPUTED
    evidence = (await far.node.operations.call("record_evidence", {}))["evidence"]
    assert [each["kind"] for each in evidence] == ["same_size"]
    assert "log_disputed" in codes(await shown_to_a_third(far))
    said = (await far.node.operations.call("record_entries", {"kind": "dispute"}))["entries"]
    assert len(said) == 1
    await nodes.restart(far)
    assert standing_of(far, space, near) is Standing.DISPUTED


async def test_evidence_against_a_log_under_a_handed_over_key_is_checked_alone(
    nodes: Nodes,
) -> None:
    """The epoch that names the key goes with it, and no other word of the record."""
    near, far, space = await two(nodes)
    await say(near, space, 1)
    await nodes.settle()
    await near.node.operations.call("record_rotate", {})
    await nodes.settle()
    disk = await disk_of(near, space)
    await say(near, space, 2)
    await nodes.settle()

    await inject(nodes, near, far, forged(near, space, disk, ["other", "words"]))
    await nodes.settle()

    account = await shown_to_a_third(far)
    assert "log_disputed" in codes(account)
    assert "evidence_wrong" not in codes(account)
    logs = account["logs"]
    assert isinstance(logs, list)
    assert len(logs) == 1


async def test_no_file_is_written_where_nothing_contradicts_itself(
    nodes: Nodes, tmp_path: Path
) -> None:
    """An empty one would look like something."""
    _, far, _ = await two(nodes)
    asked = {"file": str(tmp_path / "evidence.zip")}
    told = await far.node.operations.call("record_evidence", asked)
    assert told == {"evidence": [], "file": None}
    assert not (tmp_path / "evidence.zip").exists()


async def test_a_rolled_back_log_is_named(nodes: Nodes) -> None:
    """A smaller size at a later time."""
    near, far, space = await two(nodes)
    disk = await disk_of(near, space)
    await say(near, space, 3)
    await nodes.settle()
    nodes.clock.advance(5)

    await inject(nodes, near, far, forged(near, space, disk, ["less"]))
    await nodes.settle()

    evidence = (await far.node.operations.call("record_evidence", {}))["evidence"]
    assert [each["kind"] for each in evidence] == ["rolled_back"]
    assert "log_disputed" in codes(await shown_to_a_third(far))
    assert "log_disputed" in codes(await verified(far, space))


async def test_heads_from_the_future_are_told_as_what_they_may_be(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who says that it saw more of our log than there is does not make our log cut off."""
    near, far, space = await two(nodes)
    await say(near, space, 2)
    await nodes.settle()
    lie = Head(near.party, 0, 1_000_000, bytes(32))
    with monkeypatch.context() as lying:
        lying.setattr(far.node.record.space(space).__class__, "heads", lambda _: (lie,))
        said = await far.node.record.append(space, Kind.STATEMENT, {0: "seen"})
    await nodes.settle()

    findings = (await verified(near, space))["findings"]

    assert isinstance(findings, list)
    assert [finding["code"] for finding in findings] == ["log_truncated"]
    assert f"or entry {said.index} of log {far.party.text}/0 is untrue" in findings[0]["text"]


async def test_withheld_entries_are_named(nodes: Nodes) -> None:
    """A party that signs and does not send is seen by its own signature."""
    near, far, space = await two(nodes)
    disk = await disk_of(near, space)
    growth = forged(near, space, disk, ["signed", "and", "kept"])
    nodes.network.cut(near.party, far.party)
    far.node.record.take(near.party, growth, 500)
    await nodes.settle()

    await pass_by(nodes, 600)

    assert standing_of(far, space, near) is Standing.SILENT
    assert "log_truncated" in codes(await verified(far, space))


async def test_a_tampered_disk_is_named(nodes: Nodes) -> None:
    """Whoever changes a row changes what its party signed."""
    near, far, space = await two(nodes)
    await say(near, space, 5)
    await nodes.settle()
    log = far.node.record.space(space).mirrors[near.party, 0].id

    def tamper(connection: sa.Connection) -> None:
        row = connection.execute(
            sa.select(tables.entry).where(tables.entry.c.log == log, tables.entry.c.place == 3)
        ).one()
        changed = bytes(row.encoded).replace(b"words 3", b"WORDS 3")
        where = tables.entry.c.number == row.number
        connection.execute(tables.entry.update().where(where).values(encoded=changed))

    await far.node.database.write(tamper)

    assert codes(await verified(far, space)) == {"entry_changed"}


async def test_letters_about_what_is_not_theirs_are_refused_and_counted(nodes: Nodes) -> None:
    """Another space, another party's question, garbage."""
    near, far, space = await two(nodes)
    other = SpaceId(bytes(16))
    disk = await disk_of(near, space)
    growth = forged(near, space, disk, ["words"])
    strange = Growth(
        type(growth.origin)(other, near.party), growth.old_size, growth.proof, growth.note
    )

    await inject(nodes, near, far, strange)
    nodes.network.post(near.party, far.party, 0, TOPIC, b"garbage")
    await nodes.settle()

    counted = {count.code for count in far.node.set_aside.counts()}
    assert {"log.unknown", "letter.malformed"} <= counted


# -------------------------------------------------------------------------------------- helpers


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, SpaceId]:
    """Return two paired nodes and the space of their line."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    return near, far, SpaceId.of_pair(near.party, far.party)


async def three(
    nodes: Nodes,
) -> tuple[NodeUnderTest, NodeUnderTest, NodeUnderTest, SpaceId]:
    """Return three nodes with a line between each two, and a group's space."""
    names = ("Harbour", "Hospital", "Clinic")
    made = [await nodes.add(name) for name in names]
    for first, second in ((0, 1), (1, 2), (0, 2)):
        await nodes.pair(made[first], made[second])
    given: dict[str, str] = {}
    for each in made:
        others = [name for name in names if name != each.name]
        answer = await each.node.operations.call(
            "record_group", {"name": "Basin", "parties": others, **given}
        )
        given = {"space": answer["space"]}
    await nodes.settle()
    await nodes.seconds(12)
    return made[0], made[1], made[2], SpaceId.parse(given["space"])


async def say(node: NodeUnderTest, space: SpaceId, count: int) -> None:
    """Append so many statements at once."""
    size = node.node.record.space(space).own.log.tree.size
    await asyncio.gather(
        *(
            node.node.record.append(space, Kind.STATEMENT, {0: f"words {size + number}"})
            for number in range(count)
        )
    )


async def pass_by(nodes: Nodes, seconds: int) -> None:
    """Let time pass at once, with a beat at the end."""
    nodes.clock.advance(seconds)
    for each in nodes.all:
        await each.node.beat(0.0)
    await nodes.settle()


def listen(node: NodeUnderTest) -> list[RecordEvent]:
    """Return what a node's record tells from here on."""
    told: list[RecordEvent] = []
    node.node.record.listen(told.append)
    return told


def size_of(node: NodeUnderTest, space: SpaceId, of: NodeUnderTest) -> int:
    """Return how many entries of a party's log a node has."""
    kept = node.node.record.space(space)
    if node is of:
        return kept.own.log.tree.size
    return kept.mirrors[of.party, 0].mirror.tree.size


def standing_of(node: NodeUnderTest, space: SpaceId, of: NodeUnderTest) -> Standing:
    """Return what a node says of another's log."""
    return node.node.record.space(space).mirrors[of.party, 0].watch.standing


async def held_by(node: NodeUnderTest, space: SpaceId, by: NodeUnderTest) -> int:
    """Return how much of a node's own log another party is proved to hold."""
    spaces = (await node.node.operations.call("record_spaces", {}))["spaces"]
    logs = [log for found in spaces if found["id"] == space.text for log in found["logs"]]
    own = next(log for log in logs if log["is_ours"])
    sizes = [each["size"] for each in own["held"] if each["party_id"] == by.party.text]
    return max(sizes, default=0)


async def exported(node: NodeUnderTest, space: SpaceId) -> bytes:
    """Return a node's export of a space."""
    into = io.BytesIO()
    keys, now = RecordKeys(node.node.key), node.clock.now()
    await node.node.database.read(
        lambda connection: export_space(connection, into, space, keys, {}, now)
    )
    return into.getvalue()


async def verified(node: NodeUnderTest, space: SpaceId) -> dict[str, object]:
    """Return what the verifier says of a node's export."""
    return verify.verify(io.BytesIO(await exported(node, space)), set())


async def shown_to_a_third(node: NodeUnderTest) -> dict[str, object]:
    """Return what the verifier says of a node's evidence alone, to whoever trusts that node."""
    file = node.folder / "evidence.zip"
    told = await node.node.operations.call("record_evidence", {"file": str(file)})
    assert told["file"] == str(file)
    with zipfile.ZipFile(file) as archive:
        assert not [name for name in archive.namelist() if node.party.text in name]
    return verify.verify(file, {node.party.text})


def codes(account: dict[str, object]) -> set[str]:
    """Return what the verifier found."""
    findings = account["findings"]
    assert isinstance(findings, list)
    return {str(finding["code"]) for finding in findings}


def logs_in(export: bytes) -> dict[str, bytes]:
    """Return every bundle and tile of an export."""
    with zipfile.ZipFile(io.BytesIO(export)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if "/tile/" in name}


async def early_rows(node: NodeUnderTest) -> int:
    """Return how many entries wait for their log to catch up with them."""
    count = sa.select(sa.func.count()).select_from(tables.early)
    return int(
        await node.node.database.read(lambda connection: connection.execute(count).scalar_one())
    )


async def disk_of(node: NodeUnderTest, space: SpaceId) -> LogDisk:
    """Return a copy of a node's own log as it is now."""
    kept = node.node.record.space(space).own
    disk = LogDisk()
    tree = disk.tree()
    disk.stored = list(kept.shelf.entries(0, kept.log.tree.size))
    for encoded in disk.stored:
        tree.append(entry_hash(encoded))
    disk.tiles = tree.changed()
    return disk


def forged(node: NodeUnderTest, space: SpaceId, disk: LogDisk, texts: list[str]) -> Growth:
    """Return a growth that a node's party signed over other words than it says it wrote."""
    keys = RecordKeys(node.node.key)
    own = node.node.record.space(space).own
    origin = own.origin
    log = OwnLog(origin, own.signer, keys.cosigners, disk.tree())
    log.heads_shown([None])
    old = len(disk.stored)
    now = node.clock.now()
    for text in texts:
        entry = Entry(
            space=space,
            author=node.party,
            kind=Kind.STATEMENT,
            time_ms=now.timestamp(unit="millisecond"),
            body=encode({0: text}),
        )
        log.append(write_entry(entry))
    note = log.flush(now).note
    proof = tuple(log.tree.prove_consistency(old, log.tree.size))
    return Growth(origin, old, proof, note.encoded())


async def inject(
    nodes: Nodes, sender: NodeUnderTest, receiver: NodeUnderTest, letter: Growth
) -> None:
    """Send a letter as the sender's node would."""
    nodes.network.post(sender.party, receiver.party, 0, TOPIC, write_letter(letter))
    await nodes.settle()


# --------------------------------------------------------------------- a party of another version


async def test_what_a_later_version_writes_is_held_and_the_older_node_is_named(
    nodes: Nodes,
) -> None:
    """Kinds of entries and letters that are not known here, and topics; what is known goes on."""
    near, far, space = await two(nodes)
    kind = cast("Kind", KIND_OF_LATER)
    await far.node.record.append(space, kind, {0: "what is to come", 77: [1, 2]})
    origin = far.node.record.space(space).own.origin
    far.node.lines.send(near.party, 4, TOPIC, encode({0: 99, 1: origin.text()}))
    far.node.lines.send(near.party, 4, TOPIC_OF_LATER, b"to come")
    await say(far, space, 3)
    await nodes.seconds(2)

    counts = {each.code: each.count for each in near.node.set_aside.counts() if each.party}
    assert counts == {"entry.kind_unknown": 1, "letter.unknown": 2}
    assert logs_in(await exported(near, space)) == logs_in(await exported(far, space))
    accounts = [await verified(each, space) for each in (near, far)]
    assert [account["findings"] for account in accounts] == [[], []]


# --------------------------------------------------------------------------- nothing is confirmed


async def test_an_urgent_entry_is_sent_again_until_something_shows_that_it_is_there(
    nodes: Nodes,
) -> None:
    """A letter that a network swallowed is waited for no longer than a minute; told once."""
    near, far, space = await two(nodes)
    came: list[bytes] = []
    far.node.record.listen(
        lambda event: came.append(event.hash) if isinstance(event, EntryCame) else None
    )
    said = await near.node.record.append(
        space, Kind.STATEMENT, {0: "urgent"}, precedence=Precedence.FLASH
    )
    near.node.replication.pump()
    nodes.network.forget(near.party, far.party)
    assert near.node.record.resend_in_s({far.party}) is not None
    await nodes.seconds(70)
    assert came.count(said.hash) == 1
    await nodes.seconds(40)
    assert came.count(said.hash) == 1
    assert near.node.record.resend_in_s({far.party}) is None
