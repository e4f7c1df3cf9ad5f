"""No power cut loses what was acknowledged.

``PARLEY_IMAGES`` says how many disks are rebuilt, ``PARLEY_SEED`` where the choices begin. A
failure names the seed, the operation and the image, and happens again with them.

Each disk is opened by SQLite, which recovers what it finds and reads every page; that is compared
with the pages the database had when the last transaction before the cut was acknowledged, or when
the next was. Those few sets of pages are checked through and counted once, not for every disk.
"""

import bisect
import itertools
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from crash_disk import Disk, MemoryVfs, Operation, images
from crash_workload import STATE, begun, recorded

from parley.storage import sqlite

IMAGES = int(os.environ.get("PARLEY_IMAGES", "100000"))
SEED = int(os.environ.get("PARLEY_SEED", "1"))
GROUPS = 24
"""Transactions of one recording. More make a larger database, whose images take longer to read."""
CHECKPOINT_GROUPS = 3
"""Transactions up to a checkpoint. More: a longer log to recover; fewer: more checkpoints cut."""
EACH = 3
"""Images after each operation."""
FILE = "parley.db"


@dataclass
class Recording:
    """A workload as the disk saw it."""

    begun: bytes
    operations: list[Operation]
    acknowledged: list[int]
    """After how many operations each transaction was acknowledged."""
    pages: list[bytes]
    """All pages of the database before the first, after the first, ... transaction."""
    states: list[tuple[object, ...]]
    """What it held then, by its own SQL."""

    def may_hold(self, done: int) -> list[bytes]:
        """Return what the database may hold when the power went after ``done`` operations."""
        kept = bisect.bisect_right(self.acknowledged, done)
        return self.pages[kept : kept + 2]


@pytest.fixture(scope="module")
def vfs() -> Iterator[MemoryVfs]:
    """Give the tests a disk in memory."""
    made = MemoryVfs("parley-crash")
    yield made
    made.unregister()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tests the database before any workload."""
    file = tmp_path_factory.mktemp("template") / FILE
    begun(file)
    return file


def record(vfs: MemoryVfs, template: Path, seed: int, synchronous: str = "FULL") -> Recording:
    """Run the workload's SQL on the remembering disk."""
    file = template.with_name(f"{seed}.db")
    shutil.copyfile(template, file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "CHECKPOINT_GROUPS", CHECKPOINT_GROUPS)
        statements = recorded(file, GROUPS, seed)
    file.unlink()
    content = template.read_bytes()
    vfs.disk = disk = Disk({FILE: bytearray(content)})
    connection = apsw.Connection(FILE, vfs="parley-crash")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    for pragma in sqlite.PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    found = Recording(content, disk.operations, [], [], [])
    _look(connection, found)
    for statement in statements:
        connection.execute(statement)
        if statement == "COMMIT":
            found.acknowledged.append(len(disk.operations))
            _look(connection, found)
    disk.is_recording = False
    connection.close()
    return found


def opened(vfs: MemoryVfs, files: dict[str, bytearray]) -> bytes:
    """Start on a disk as it was found; return every page as SQLite reads it."""
    vfs.disk = Disk(files, is_recording=False)
    connection = apsw.Connection(FILE, vfs="parley-crash")
    try:
        # Nobody looks at what closing would write.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        return connection.serialize("main")
    finally:
        connection.close()


def _look(connection: apsw.Connection, found: Recording) -> None:
    """Note the pages of a database whose structure and rows are right."""
    assert [row[0] for row in connection.execute("PRAGMA integrity_check")] == ["ok"]
    found.states.append(tuple(connection.execute(STATE).get))
    found.pages.append(connection.serialize("main"))


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  repeatable


@pytest.mark.timeout(900)
def test_no_power_cut_loses_what_was_acknowledged(
    vfs: MemoryVfs, template: Path, record_property: Callable[[str, object], None]
) -> None:
    """Whatever of the unsynced writes is lost, torn or out of order."""
    made = 0
    for seed in itertools.count(SEED):
        recording = record(vfs, template, seed)
        begun = {FILE: recording.begun}
        for done, files in images(begun, recording.operations, EACH, _chance(seed)):
            if opened(vfs, files) not in recording.may_hold(done):
                pytest.fail(f"seed {seed}, operation {done}, image {made} (PARLEY_SEED={seed})")
            made += 1
            if made >= IMAGES:
                record_property("images", made)
                return


@pytest.mark.timeout(300)
def test_weaker_syncing_would_be_found_out(vfs: MemoryVfs, template: Path) -> None:
    """With synchronous=NORMAL a commit is not synced, and the test sees what that costs."""
    recording = record(vfs, template, SEED, "NORMAL")
    begun = {FILE: recording.begun}
    lost = 0
    for done, files in itertools.islice(
        images(begun, recording.operations, EACH, _chance(SEED)), 1_500
    ):
        found = opened(vfs, files)
        assert found in recording.pages
        lost += found not in recording.may_hold(done)

    assert lost > 50


@pytest.mark.timeout(300)
def test_the_workload_is_the_one_that_is_meant(vfs: MemoryVfs, template: Path) -> None:
    """Entries, tiles and deadlines in groups, checkpoints in between, a sync for each commit."""
    recording = record(vfs, template, SEED)
    syncs = [each for each in recording.operations if each.kind == "sync"]
    entries, places, _, size, hashes, deadlines, waiting = recording.states[-1]

    # The writer may take the gate alone, before what was to be with it: a commit of nothing.
    changes = [state for state, _ in itertools.groupby(recording.states)]
    assert len(set(changes)) == len(changes) > GROUPS
    assert len(recording.states) == len(recording.pages)
    assert all(
        state[0] == state[1] == state[3] == state[4] == state[5] for state in recording.states
    )
    assert entries == places == size == hashes == deadlines
    assert isinstance(waiting, int)
    assert 0 < waiting < int(str(deadlines))
    assert len(syncs) >= len(recording.acknowledged) >= GROUPS
    assert {each.name for each in syncs} == {FILE, f"{FILE}-wal"}
