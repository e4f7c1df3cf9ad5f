"""What is wrong with a node is told on every page, by `parley status` and by the doctor."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner
from whenever import Instant

from parley.__main__ import assemble
from parley.errors import NodePartEnded, StorageFull, StorageReadOnly, StorageUnavailable
from parley.ids import SpaceId
from parley.line.service import OUR_KEY_TWICE
from parley.line.view import stamp
from parley.node import doctor as doctor_module
from parley.node import troubles
from parley.node.commands import backup as backup_command
from parley.node.doctor import Doctor
from parley.record.kinds import Kind
from parley.storage.backup import (
    LAST,
    BackupManifest,
    last_backup,
    make_backup,
    note_backup,
)
from parley.storage.copying import Contents
from parley.testing.browser import Page
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in, write_folder
from parley.web.routes import pages

LETTER = "x" * 60_000


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, SpaceId]:
    """Return two nodes with a line, and its space."""
    near, far = await nodes.add("Crisis Centre"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    return near, far, SpaceId.of_pair(near.party, far.party)


async def say_much(node: NodeUnderTest, space: SpaceId) -> None:
    """Say more than there is left over in the pages that a database has."""
    for _ in range(5):
        await node.node.record.append(space, Kind.STATEMENT, {0: LETTER})


async def pragma(node: NodeUnderTest, said: str) -> None:
    """Set something on the one connection that writes, once it has nothing to do."""
    await node.node.database.read(lambda _: None)
    connection = node.node.database._connection
    assert connection is not None
    driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    driver.execute(f"PRAGMA {said}").fetchall()


async def state_where(nodes: Nodes, page: Page, troubles: list[str]) -> dict[str, Any]:
    """Return what the page is told once it names these troubles; wait a minute at most."""
    told: dict[str, Any] = {}
    for _ in range(65):
        await nodes.seconds(1)
        while not page.from_node.empty():
            frame = await page.receive()
            told = frame if frame["type"] == "node" else told
        if told.get("troubles") == troubles:
            return told
    raise AssertionError(told)


async def test_a_full_disk_is_told_on_every_page_and_loses_nothing(nodes: Nodes) -> None:
    """At once, in words on the command line; it is taken back when there is space again."""
    near, far, space = await two(nodes)
    said = await near.node.record.append(space, Kind.STATEMENT, {0: "before"})
    async with (await near.browser("Ingrid")).page("/api/desk") as page:
        await state_where(nodes, page, [])
        await pragma(near, "max_page_count=1")
        with pytest.raises(StorageFull):
            await say_much(near, space)

        await state_where(nodes, page, ["storage.full"])
        status = await near.node.operations.call("status", {})
        assert "is full" in status["troubles"][0]["said"]
        assert b'parley_trouble{code="storage.full"} 1.0' in near.node.metrics.exposition()

        await pragma(near, "max_page_count=1073741823")
        await state_where(nodes, page, [])
    after = await near.node.record.append(space, Kind.STATEMENT, {0: "after"})
    await nodes.settle()
    assert after.index > said.index
    assert far.node.record.space(space).mirrors[near.party, 0].mirror.tree.size > after.index


async def test_a_database_that_takes_no_changes_is_told_without_anybody_asking(
    nodes: Nodes,
) -> None:
    """The record signs its log each minute, and meets it then."""
    near, _, space = await two(nodes)
    async with (await near.browser("Ingrid")).page("/api/desk") as page:
        await state_where(nodes, page, [])
        await pragma(near, "query_only=ON")
        await state_where(nodes, page, ["storage.read_only"])
        with pytest.raises(StorageReadOnly):
            await near.node.record.append(space, Kind.STATEMENT, {0: "refused"})
        await pragma(near, "query_only=OFF")
        await state_where(nodes, page, [])


async def test_a_full_disk_signs_nobody_out_and_ends_no_call(nodes: Nodes) -> None:
    """That somebody was there is all that is not noted."""
    near, _, _ = await two(nodes)
    ingrid = await near.browser("Ingrid")
    opened = await ingrid.post("/api/rooms", {"title": "Weekly", "parties": []})
    room = f"/api/rooms/{opened.json['id']}/participate"
    async with ingrid.page("/api/desk") as desk, ingrid.page(room) as call:
        await desk.until("rooms")
        await call.until("beat")
        await pragma(near, "query_only=ON")
        nodes.clock.advance(61)
        near.node.parts.rights.note_change()
        await nodes.seconds(1)
        assert (await ingrid.get("/api/alerts")).status == 200
        for page in (desk, call):
            while not page.from_node.empty():
                assert await page.receive() is not None
            assert page.close_code is None
        await pragma(near, "query_only=OFF")


async def test_rights_are_looked_at_again_when_the_database_is_back(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lost theirs meanwhile is out then."""
    near, _, _ = await two(nodes)
    ingrid = await near.browser("Ingrid")
    opened = await ingrid.post("/api/rooms", {"title": "Weekly", "parties": []})
    room = f"/api/rooms/{opened.json['id']}/participate"
    monkeypatch.setattr(pages, "BEAT_EVERY_S", 0.001)
    async with ingrid.page("/api/desk") as desk, ingrid.page(room) as call:
        await desk.until("rooms")
        await call.until("beat")
        person = await near.node.operations.find_person("Ingrid")
        reads = near.node.database.read

        async def away(_: object) -> None:
            raise StorageUnavailable(file="postgresql://db", reason="gone")

        monkeypatch.setattr(near.node.database, "read", away)
        near.node.parts.rights.note_change()
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert desk.close_code is None
        assert call.close_code is None
        monkeypatch.setattr(near.node.database, "read", reads)
        await near.node.operations.person_revoke(person.id.text)
        for page in (desk, call):
            assert (await page.until("refused"))["code"].startswith(("person.", "sign_in."))


async def test_a_node_whose_database_is_away_goes_on_answering_its_pages(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that hears no beat calls the node silent, which it is not."""
    near, _, _ = await two(nodes)

    async def away(_: object) -> None:
        raise StorageUnavailable(file="postgresql://db", reason="gone")

    async with (await near.browser("Ingrid")).page("/api/desk") as page:
        await page.until("alerts")
        monkeypatch.setattr(near.node.database, "read", away)
        await near.node.beat(0.0)
        assert "at" in await page.until("beat")
        monkeypatch.undo()


async def test_a_machine_that_has_too_little_is_told_of_while_it_has(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory and threads are tried for every few seconds."""
    near = await nodes.add("Crisis Centre")
    assert near.node.troubles.state().troubles == ()
    monkeypatch.setattr(troubles, "is_memory_short", lambda: True)
    monkeypatch.setattr(troubles, "are_threads_short", lambda: True)

    await nodes.seconds(6)
    codes = ("node.memory_short", "node.threads_short")
    assert near.node.troubles.state().troubles == codes
    assert "64 MiB" in near.node.troubles.found()[0].said

    monkeypatch.setattr(troubles, "is_memory_short", lambda: False)
    monkeypatch.setattr(troubles, "are_threads_short", lambda: False)
    await nodes.seconds(6)
    assert near.node.troubles.state().troubles == ()


async def test_a_node_whose_writer_is_gone_does_not_go_on(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change would wait for ever, or be refused for a disk that is well."""
    near = await nodes.add("Crisis Centre")
    monkeypatch.setattr(near.node.database, "_may_lack_memory", True)
    with pytest.raises(NodePartEnded):
        await near.node.beat(0.0)


async def test_two_nodes_with_one_key_are_told_of_while_it_lasts(nodes: Nodes) -> None:
    """The other party says so each minute; ten minutes after the last time it is over."""
    near, far, _ = await two(nodes)
    near.node.set_aside.add(OUR_KEY_TWICE, far.party, nodes.clock.now())
    assert [each.code for each in near.node.troubles.found()] == [OUR_KEY_TWICE]

    nodes.clock.advance(601)
    assert near.node.troubles.found() == []


async def test_the_last_backup_that_was_proved_is_named(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On pages, by the doctor and the monitoring; one that is old is a warning."""
    near = await nodes.add("Crisis Centre")
    settings, now = near.node.settings, nodes.clock.now()
    monkeypatch.setattr(Doctor, "_port", lambda *_: doctor_module.Finding("port", "good", "free"))

    def finding() -> doctor_module.Finding:
        found = Doctor(settings.folder, nodes.clock).examine()
        return next(each for each in found if each.what == "backup")

    assert (finding().state, finding().found) == ("warning", "none is known of")
    assert near.node.troubles.state().backup_at is None

    manifest = make_backup(settings, tmp_path / "copy", now, lambda *_: None)
    assert note_backup(settings.folder, tmp_path / "copy", manifest)
    nodes.clock.advance(11)
    assert near.node.troubles.state().backup_at == stamp(now)
    assert finding().state == "good"
    metrics = near.node.metrics.exposition()
    assert b"parley_backup_timestamp_seconds" in metrics

    nodes.clock.advance(8 * 86_400)
    assert finding().state == "warning"
    assert "8 days ago" in finding().found


def test_a_backup_that_cannot_be_noted_is_good_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node's own disk may be what is full; whoever made the backup is told."""
    manifest = BackupManifest(Instant("2026-11-01T00:00Z"), "sqlite", Contents("", {}, ()), ())
    assert not note_backup(tmp_path / "gone", tmp_path, manifest)

    monkeypatch.setattr(backup_command, "make_backup", lambda *_: manifest)
    (tmp_path / "gone").mkdir()
    write_folder(tmp_path / "node", "Crisis Centre")
    monkeypatch.setattr(backup_command, "note_backup", lambda *_: False)
    shown = CliRunner().invoke(
        assemble(["backup"]), ["backup", str(tmp_path / "copy"), "-C", str(tmp_path / "node")]
    )
    assert "could not note it" in shown.stdout


def test_a_note_of_a_backup_that_is_no_note_names_none(tmp_path: Path) -> None:
    """Nobody is told of a backup that may not be there."""
    for content in ("", "[]", "{}", '{"made_at": 1}', '{"made_at": "soon"}'):
        (tmp_path / LAST).write_text(content, encoding="utf-8")
        assert last_backup(tmp_path) is None
