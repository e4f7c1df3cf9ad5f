"""Backups of either engine, restored into either."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner
from whenever import Instant

from parley.__main__ import assemble
from parley.config import FILE_NAME, Settings
from parley.errors import (
    BackupExists,
    BackupUnusable,
    RestoreRefused,
    StorageTaken,
    StorageUnavailable,
)
from parley.ids import PersonId
from parley.storage import copying, open_database
from parley.storage.backup import BackupManifest, check_backup, make_backup, restore_backup
from parley.storage.copying import Contents, Tell
from parley.storage.deadline import Deadline
from parley.storage.deadlines import set_deadline, waiting_deadlines
from parley.storage.restoring import is_unproved, mark_proved
from parley.storage.source import DatabaseSource
from parley.testing.postgres import PostgresCluster

NOW = Instant.from_utc(2026, 11, 1, 12)
LATER = NOW.add(hours=5)
NewNode = Callable[[str, str], Settings]


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture
def new_node(tmp_path: Path, request: pytest.FixtureRequest) -> NewNode:
    """Give a test nodes' folders, each with a database of its own."""

    def make(name: str, engine: str) -> Settings:
        folder = tmp_path / name
        folder.mkdir()
        text = '[party]\nname = "Velmar"\n'
        if engine == "postgresql":
            cluster: PostgresCluster = request.getfixturevalue("cluster")
            text += f'[storage]\naddress = "{cluster.new_database()}"\n'
        (folder / FILE_NAME).write_text(text)
        return Settings.load(folder)

    return make


@pytest.fixture
def node(new_node: NewNode, engine_name: str) -> Settings:
    """Give a test a node with something in it."""
    settings = new_node("node", engine_name)
    database = open_database(settings)
    database.write_now(lambda c: fill(c, 50))
    database.close()
    blob = b"sealed"
    name = hashlib.sha256(blob).hexdigest()
    (settings.folder / "blobs" / name[:2]).mkdir(parents=True)
    (settings.folder / "blobs" / name[:2] / name).write_bytes(blob)
    return settings


def fill(connection: sa.Connection, number: int) -> None:
    """Add two rows each, which belong together."""
    for _ in range(number):
        subject = PersonId.new().text
        set_deadline(connection, "one", subject, LATER, NOW, bytes(range(256)))
        set_deadline(connection, "other", f"№{subject}", LATER, NOW)


def held(settings: Settings) -> tuple[list[Deadline], bool]:
    """Return what a node holds, and whether it is marked as restored."""
    database = open_database(settings)
    try:
        rows = database.read_now(waiting_deadlines)
        return sorted(rows, key=lambda row: row.subject), database.read_now(is_unproved)
    finally:
        database.close()


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_a_backup_is_restored_into_either_engine(
    node: Settings, new_node: NewNode, tmp_path: Path, other: str
) -> None:
    """Every row as it was, blobs too; and marked as restored until that is proved."""
    rows, was_restored = held(node)
    manifest = make_backup(node, tmp_path / "copy", NOW, quiet)
    fresh = new_node("fresh", other)
    restored = restore_backup(fresh, tmp_path / "copy", LATER, quiet, replaces=False)

    assert restored == manifest
    assert not was_restored
    assert held(fresh) == (rows, True)
    assert len(rows) == 100
    assert len(list((fresh.folder / "blobs").glob("??/*"))) == 1

    database = open_database(fresh)
    database.write_now(lambda c: mark_proved(c, LATER))
    assert not database.read_now(is_unproved)
    database.close()


async def test_a_running_node_is_copied_at_one_moment(node: Settings, tmp_path: Path) -> None:
    """Changes go on; the copy has both rows of a change, or neither."""
    database = open_database(node)
    stop = asyncio.Event()

    async def load() -> None:
        while not stop.is_set():
            await asyncio.gather(*(database.write(lambda c: fill(c, 1)) for _ in range(5)))

    loading = asyncio.ensure_future(load())
    manifest = await asyncio.to_thread(make_backup, node, tmp_path / "copy", NOW, quiet)
    stop.set()
    await loading
    after = len(await database.read(waiting_deadlines))
    database.close()

    rows = manifest.held.rows["deadline"]
    assert 100 <= rows <= after
    assert rows % 2 == 0
    assert check_backup(tmp_path / "copy", quiet) == manifest


def test_a_backup_is_written_into_a_new_folder_alone(node: Settings, tmp_path: Path) -> None:
    """What is there stays; what broke off before is done away with."""
    (tmp_path / "copy").mkdir()
    with pytest.raises(BackupExists):
        make_backup(node, tmp_path / "copy", NOW, quiet)
    (tmp_path / "other.partial").mkdir()
    (tmp_path / "other.partial" / "rest").write_text("of one that broke off")
    make_backup(node, tmp_path / "other", NOW, quiet)

    names = {file.name for file in (tmp_path / "other").iterdir()}
    assert names == {"parley.db", "parley.toml", "manifest.json", "blobs"}


def test_no_key_is_in_a_backup(node: Settings, tmp_path: Path) -> None:
    """Neither the party's nor those of cases, logs and notices."""
    (node.folder / "party.key").write_bytes(b"the party itself")
    for folder, secret in (("case-keys", b"the keys of cases"), ("log-keys", b"the key of a log")):
        (node.folder / folder).mkdir(exist_ok=True)
        (node.folder / folder / "a.key").write_bytes(secret)
    (node.folder / "push.key").write_bytes(b"the key for push services")
    make_backup(node, tmp_path / "copy", NOW, quiet)

    everything = b"".join(
        file.read_bytes() for file in (tmp_path / "copy").rglob("*") if file.is_file()
    )
    assert b"the party itself" not in everything
    assert b"the keys of cases" not in everything
    assert b"the key of a log" not in everything
    assert b"the key for push services" not in everything


def test_a_node_that_is_there_is_not_overwritten(
    node: Settings, new_node: NewNode, engine_name: str, tmp_path: Path
) -> None:
    """Unless it is asked for; and then what was there is gone."""
    make_backup(node, tmp_path / "copy", NOW, quiet)
    other = new_node("other", engine_name)
    database = open_database(other)
    database.write_now(lambda c: fill(c, 3))
    database.close()

    with pytest.raises(RestoreRefused):
        restore_backup(other, tmp_path / "copy", LATER, quiet, replaces=False)
    assert len(held(other)[0]) == 6
    restore_backup(other, tmp_path / "copy", LATER, quiet, replaces=True)
    assert len(held(other)[0]) == 100


def test_a_database_in_use_is_not_restored_over(node: Settings, tmp_path: Path) -> None:
    """Also when the node that has it runs from another folder."""
    make_backup(node, tmp_path / "copy", NOW, quiet)
    database = open_database(node)
    with pytest.raises(StorageTaken):
        restore_backup(node, tmp_path / "copy", LATER, quiet, replaces=True)

    assert len(database.read_now(waiting_deadlines)) == 100
    database.close()


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda copy: (copy / "parley.db").write_bytes(b"x"), "parley.db was changed"),
        (lambda copy: (copy / "parley.db").unlink(), "parley.db is missing"),
        (lambda copy: (copy / "manifest.json").unlink(), "manifest.json"),
        (lambda copy: (copy / "manifest.json").write_text("[]"), "manifest.json is damaged"),
        (lambda copy: (copy / "manifest.json").write_text('{"form": 2}'), "form 2"),
        (lambda copy: shutil.rmtree(copy / "blobs"), "is missing"),
    ],
)
def test_a_backup_that_was_harmed_is_refused(
    node: Settings, tmp_path: Path, harm: Callable[[Path], object], told: str
) -> None:
    """Before anything of the node is touched."""
    copy = tmp_path / "copy"
    make_backup(node, copy, NOW, quiet)
    harm(copy)

    with pytest.raises(BackupUnusable, match=told):
        restore_backup(node, copy, LATER, quiet, replaces=True)
    assert len(held(node)[0]) == 100


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_manifest_that_names_files_elsewhere_is_refused(node: Settings, tmp_path: Path) -> None:
    """A backup is a folder somebody may have prepared."""
    copy = tmp_path / "copy"
    make_backup(node, copy, NOW, quiet)
    (tmp_path / "secret").write_text("s")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"][0]["name"] = "../secret"
    (copy / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(BackupUnusable, match="missing"):
        check_backup(copy, quiet)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_copy_that_is_not_what_was_read_never_gets_its_name(
    node: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup is proved as it is made."""
    real = copying.copy_out

    def torn(source: DatabaseSource, target: Path, tell: Tell) -> Contents:
        found = real(source, target, tell)
        content = bytearray(target.read_bytes())
        content[4_096 * 3 : 4_096 * 9] = bytes(4_096 * 6)
        target.write_bytes(content)
        return found

    monkeypatch.setattr(copying, "copy_out", torn)
    with pytest.raises(BackupUnusable):
        make_backup(node, tmp_path / "copy", NOW, quiet)
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_damaged_blob_stops_a_backup(node: Settings, tmp_path: Path) -> None:
    """Better known today than on the day it is needed."""
    blob = next((node.folder / "blobs").glob("??/*"))
    blob.write_bytes(b"changed")

    with pytest.raises(BackupUnusable, match="damaged where it is kept"):
        make_backup(node, tmp_path / "copy", NOW, quiet)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_target_that_cannot_be_written_is_named(node: Settings, tmp_path: Path) -> None:
    """With the reason."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageUnavailable, match="file"):
        make_backup(node, tmp_path / "file" / "copy", NOW, quiet)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_commands_back_up_and_restore(node: Settings, tmp_path: Path) -> None:
    """For a program, and a folder without settings gets those of the backup."""
    run = CliRunner()
    app = assemble(["backup", "restore"])
    copy, fresh = str(tmp_path / "copy"), str(tmp_path / "fresh")
    made = run.invoke(app, ["backup", copy, "-C", str(node.folder), "--json"])
    again = run.invoke(app, ["backup", copy, "-C", str(node.folder), "--json"])
    restored = run.invoke(app, ["restore", copy, "-C", fresh, "--json"])
    refused = run.invoke(app, ["restore", copy, "-C", fresh, "--json"])
    told = run.invoke(app, ["restore", copy, "-C", fresh, "--replace"])

    assert json.loads(made.stdout)["rows"]["deadline"] == 100
    assert json.loads(made.stdout)["is_noted"]
    assert json.loads(again.stdout)["error"]["code"] == "backup.exists"
    assert json.loads(restored.stdout)["made_at"] == json.loads(made.stdout)["made_at"]
    assert json.loads(refused.stdout)["error"]["code"] == "restore.refused"
    assert "has shown how far it had come" in told.stdout
    assert len(held(Settings.load(Path(fresh)))[0]) == 100
    assert BackupManifest.read(tmp_path / "copy").as_json()["rows"]["deadline"] == 100
