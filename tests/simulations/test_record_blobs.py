"""Whole nodes carry files: resumed after cuts and kills, checked on arrival, erased at both."""

import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley import verify
from parley.errors import BlobMissing, CaseErased, EntryUnknown
from parley.ids import CaseId, SpaceId
from parley.line.blobs import BLOB_LANE
from parley.record.attachment import AttachmentFile
from parley.record.blob_letters import (
    PIECE_BYTES_MAX,
    TOPIC,
    BlobPiece,
    BlobWish,
    CaseKeyLetter,
    write_blob_letter,
)
from parley.record.entry import SealedBody
from parley.record.handover import export_space
from parley.record.keeping import Appended, EntryDraft
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.sealed import BlobState, find_blob, find_named
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in

FILE = AttachmentFile("scan.dcm", "application/dicom")
CONTENT = bytes(range(256)) * 5_000
"""Two spans of a blob."""


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def test_a_file_is_whole_and_readable_on_both_sides(nodes: Nodes) -> None:
    """Its name comes sealed with it; nothing readable is on either disk."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    await nodes.settle()

    assert await content(near, said) == await content(far, said) == (FILE, CONTENT)
    assert await state(far, said) is BlobState.HERE
    for node in (near, far):
        assert not holds(node, CONTENT[:64])
        assert not holds(node, FILE.name.encode())


async def test_a_file_goes_on_from_where_a_cut_or_a_kill_left_it(nodes: Nodes) -> None:
    """No byte of the blob that is on the disk is sent again."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    sent = 0
    for step in range(6):
        await nodes.settle_letters(12)
        await nodes.restart((far, near)[step % 2], is_killed=True)
        sent = max(sent, partial_bytes(far))
    await nodes.settle()
    await nodes.seconds(21)

    assert await content(far, said) == (FILE, CONTENT)
    assert partial_bytes(far) == 0


async def test_bytes_of_another_hash_are_thrown_away_and_counted(nodes: Nodes) -> None:
    """The party that sent them is named; the blob is wanted as before."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    spoil(near)
    await nodes.settle()

    assert await state(far, said) is BlobState.WANTED
    assert "blob.wrong" in {count.code for count in far.node.set_aside.counts()}
    assert partial_bytes(far) == 0
    with pytest.raises(BlobMissing):
        await far.node.blobs.read(said.hash)


async def test_what_was_not_asked_for_is_not_taken(nodes: Nodes) -> None:
    """Neither pieces nor keys; nothing of them reaches a disk."""
    near, far, space = await two(nodes)
    nodes.network.cut(near.party, far.party)
    said = await attach(near, space)
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    digest = await digest_of(far, said)

    for letter in (
        BlobPiece(digest, 0, bytes(PIECE_BYTES_MAX)),
        BlobPiece(bytes(32), 0, b"more"),
        CaseKeyLetter(CaseId.new(), bytes(32)),
    ):
        body = write_blob_letter(letter)
        nodes.network.post(near.party, far.party, BLOB_LANE, TOPIC, body)
    await nodes.settle()

    assert await content(far, said) == (FILE, CONTENT)
    assert partial_bytes(far) == 0


async def test_a_stranger_to_the_space_is_sent_neither_blob_nor_key(nodes: Nodes) -> None:
    """Who asks must be a member of the space whose entry names it."""
    near, _, space = await two(nodes)
    third = await nodes.add("Clinic")
    await nodes.pair(near, third)
    said = await attach(near, space)
    await nodes.settle()
    digest = await digest_of(near, said)
    for asked in (space, SpaceId.of_pair(near.party, third.party)):
        wish = BlobWish(asked, digest, 0, PIECE_BYTES_MAX, wants_key=True)
        nodes.network.post(third.party, near.party, BLOB_LANE, TOPIC, write_blob_letter(wish))
    came: list[bytes] = []

    async def hear(_party: object, body: bytes) -> None:
        came.append(body)

    third.node.lines.read_topic(TOPIC, hear)
    await nodes.settle()

    assert len(came) == 2
    assert all(len(body) < 64 and body[2:3] == b"\x04" for body in came)


async def test_a_blob_that_is_too_large_is_left_where_it_is(nodes: Nodes) -> None:
    """And so is what exceeds all that one party may leave here."""
    near = await nodes.add("Harbour")
    far = await nodes.add("Hospital", storage={"party_bytes_max": 2_000_000})
    await nodes.pair(near, far)
    space = SpaceId.of_pair(near.party, far.party)
    first, second = await attach(near, space), await attach(near, space)
    boast = await near.node.record.append_draft(
        space,
        EntryDraft(kind=Kind.ATTACHMENT, sealed=SealedBody(bytes(32), 1 << 49, bytes(16))),
    )
    await nodes.settle()

    found = [await state(far, each) for each in (first, second, boast)]
    assert set(found[:2]) == {BlobState.HERE, BlobState.LEFT}
    assert found[2] is BlobState.LEFT


async def test_erasing_a_case_erases_it_on_both_sides_and_both_logs_say_so(nodes: Nodes) -> None:
    """The proofs hold; nobody can read it again, from whatever copy."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    await nodes.settle()
    blob = next(file for file in (far.folder / "blobs").glob("??/*"))
    copy = blob.read_bytes()
    digest = await digest_of(far, said)

    answer = await near.node.operations.call("record_erase", {"entry": said.hash.hex()})
    await nodes.settle()

    assert answer["entry"] == said.hash.hex()
    for node in (near, far):
        assert await state(node, said) is BlobState.ERASED
        with pytest.raises(CaseErased):
            await node.node.blobs.read(said.hash)
        assert not list((node.folder / "blobs").glob("??/*"))
        entries = (await node.node.operations.call("record_entries", {}))["entries"]
        erased = [each for each in entries if each["kind_name"] == "erased"]
        assert {each["party"]["id"] for each in erased} == {near.party.text, far.party.text}
        shown = next(each for each in entries if each["hash"] == said.hash.hex())["sealed"]
        assert shown["state"] == "erased"
        assert {each["id"] for each in shown["erased_by"]} == {near.party.text, far.party.text}
        account = await verified(node, space)
        assert account["findings"] == []
        told = {str(each["entry"]): each for each in rows(account)}
        gone = [each for each in told.values() if each["kind"] == "erased"]
        assert {each["party"] for each in gone} == {near.party.text, far.party.text}
        for each in gone:
            references = each["refers_to"]
            assert isinstance(references, list)
            assert [told[str(each)]["kind"] for each in references] == ["attachment"]
    blob.parent.mkdir(exist_ok=True)
    blob.write_bytes(copy)
    with pytest.raises(CaseErased):
        far.node.case_keys.find(await named(far, digest))


async def test_an_erasure_survives_a_kill_and_a_cut_and_is_said_once(nodes: Nodes) -> None:
    """Each step goes on where it was."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    await nodes.settle()
    nodes.network.cut(near.party, far.party)
    await near.node.operations.call("record_erase", {"entry": said.hash.hex()})
    await nodes.restart(near, is_killed=True)
    nodes.network.mend(near.party, far.party)
    for _ in range(3):
        await nodes.settle_letters(3)
        await nodes.restart(far, is_killed=True)
    await nodes.settle()
    await nodes.seconds(12)

    for node in (near, far):
        assert await state(node, said) is BlobState.ERASED
        entries = (await node.node.operations.call("record_entries", {}))["entries"]
        erased = [each for each in entries if each["kind_name"] == "erased"]
        assert sorted(each["party"]["name"] for each in erased) == ["Harbour", "Hospital"]


async def test_a_case_that_is_erased_while_it_comes_is_not_kept(nodes: Nodes) -> None:
    """What is under way goes with the key."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    await nodes.settle_letters(14)
    await near.node.operations.call("record_erase", {"entry": said.hash.hex()})
    await nodes.settle()
    await nodes.seconds(2)

    assert await state(far, said) is BlobState.ERASED
    assert partial_bytes(far) == 0
    assert not list((far.folder / "blobs").glob("??/*"))


async def test_who_did_not_make_a_case_erases_it_at_home_alone(nodes: Nodes) -> None:
    """Whether its maker follows is for a person there; what the other did is in the other's log."""
    near, far, space = await two(nodes)
    said = await attach(near, space)
    await nodes.settle()

    await far.node.operations.call("record_erase", {"entry": said.hash.hex()})
    await nodes.settle()

    assert await state(far, said) is BlobState.ERASED
    assert await content(near, said) == (FILE, CONTENT)
    entries = (await near.node.operations.call("record_entries", {}))["entries"]
    shown = next(each for each in entries if each["hash"] == said.hash.hex())["sealed"]
    assert [each["id"] for each in shown["erased_by"]] == [far.party.text]


async def test_files_of_one_case_are_erased_together(nodes: Nodes) -> None:
    """Also one that the other party sealed under the same key."""
    near, far, space = await two(nodes)
    first = await attach(near, space)
    await nodes.settle()
    case = await case_of(near, first)
    second = await attach(far, space, case)
    await nodes.settle()
    assert await content(near, second) == (FILE, CONTENT)

    await near.node.operations.call("record_erase", {"entry": first.hash.hex()})
    await nodes.settle()

    for node in (near, far):
        assert await state(node, second) is BlobState.ERASED
    with pytest.raises(EntryUnknown):
        await attach(near, space, CaseId.new())
    with pytest.raises(CaseErased):
        await attach(near, space, case)


async def test_keys_are_wrapped_anew_when_a_month_begins(nodes: Nodes) -> None:
    """By the node's beat; the wrapping key of the month before is gone."""
    near, _, space = await two(nodes)
    said = await attach(near, space)
    keys = near.folder / "case-keys"
    assert [file.name for file in keys.glob("wrapping-*.key")] == ["wrapping-2026-11.key"]

    nodes.clock.advance(31 * 86_400)
    await near.node.beat(0.0)

    assert [file.name for file in keys.glob("wrapping-*.key")] == ["wrapping-2026-12.key"]
    assert await content(near, said) == (FILE, CONTENT)


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, SpaceId]:
    """Return two paired nodes and the space of their line."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    return near, far, SpaceId.of_pair(near.party, far.party)


async def attach(node: NodeUnderTest, space: SpaceId, case: CaseId | None = None) -> Appended:
    """Attach a file."""
    return await node.node.blobs.attach(space, FILE, [CONTENT], actor=None, case=case)


async def content(node: NodeUnderTest, said: Appended) -> tuple[AttachmentFile, bytes]:
    """Return what a node reads of an attachment."""
    file, pieces = await node.node.blobs.read(said.hash)
    return file, b"".join(pieces)


async def state(node: NodeUnderTest, said: Appended) -> BlobState | None:
    """Return where a blob stands at a node."""
    row = await node.node.database.read(lambda c: find_named(c, said.hash))
    return None if row is None else row.state


async def digest_of(node: NodeUnderTest, said: Appended) -> bytes:
    """Return the hash of an attachment's blob."""
    row = await node.node.database.read(lambda c: find_named(c, said.hash))
    assert row is not None
    return row.digest


async def case_of(node: NodeUnderTest, said: Appended) -> CaseId:
    """Return the case of an attachment."""
    row = await node.node.database.read(lambda c: find_named(c, said.hash))
    assert row is not None
    return row.case


async def named(node: NodeUnderTest, digest: bytes) -> CaseId:
    """Return the case of a blob."""
    row = await node.node.database.read(lambda c: find_blob(c, digest))
    assert row is not None
    return row.case


def partial_bytes(node: NodeUnderTest) -> int:
    """Return how many bytes of unfinished blobs a node has."""
    return sum(file.stat().st_size for file in (node.folder / "blobs" / "partial").glob("*"))


def holds(node: NodeUnderTest, wanted: bytes) -> bool:
    """Say whether any file of a node contains some bytes."""
    files = [Path(place) / name for place, _, names in os.walk(node.folder) for name in names]
    return any(wanted in file.read_bytes() for file in files)


def spoil(node: NodeUnderTest) -> None:
    """Change a byte of every blob that a node keeps."""
    for file in (node.folder / "blobs").glob("??/*"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.chmod(0o600)
        file.write_bytes(content)


def rows(account: dict[str, object]) -> list[dict[str, object]]:
    """Return the entries of an account."""
    entries = account["entries"]
    assert isinstance(entries, list)
    return entries


async def verified(node: NodeUnderTest, space: SpaceId) -> dict[str, object]:
    """Return what the verifier says of a node's export."""
    into, keys, now = io.BytesIO(), RecordKeys(node.node.key), node.clock.now()
    await node.node.database.read(lambda c: export_space(c, into, space, keys, {}, now))
    into.seek(0)
    return verify.verify(into, set())
