"""No power cut loses what was acknowledged.

``PARLEY_IMAGES`` says how many disks are rebuilt, ``PARLEY_SEED`` where the choices begin. A
failure names the seed, the operation and the image, and happens again with them.
"""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest
from crash_disk import Disk, MemoryVfs, Operation, images
from crash_workload import STATE, recorded

from parley.storage import sqlite

IMAGES = int(os.environ.get("PARLEY_IMAGES", "12000"))
SEED = int(os.environ.get("PARLEY_SEED", "1"))
GROUPS = 40
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
    states: list[tuple[object, ...]]
    """What the database held before the first, after the first, ... transaction."""

    def may_hold(self, done: int) -> list[tuple[object, ...]]:
        """Return what the database may hold when the power went after ``done`` operations."""
        kept = sum(1 for number in self.acknowledged if number <= done)
        return self.states[kept : kept + 2]


@pytest.fixture(scope="module")
def vfs() -> Iterator[MemoryVfs]:
    """Give the tests a disk in memory."""
    made = MemoryVfs("parley-crash")
    yield made
    made.unregister()


def record(vfs: MemoryVfs, folder: Path, seed: int, synchronous: str = "FULL") -> Recording:
    """Run the workload's SQL on the remembering disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "CHECKPOINT_GROUPS", 4)
        begun, statements = recorded(folder / f"{seed}.db", GROUPS, seed)
    vfs.disk = disk = Disk({FILE: bytearray(begun)})
    connection = apsw.Connection(FILE, vfs="parley-crash")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    for pragma in sqlite.PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    found = Recording(begun, disk.operations, [], [_state(connection)])
    for statement in statements:
        connection.execute(statement)
        if statement == "COMMIT":
            found.acknowledged.append(len(disk.operations))
            found.states.append(_state(connection))
    disk.is_recording = False
    connection.close()
    return found


def opened(vfs: MemoryVfs, files: dict[str, bytearray]) -> tuple[list[str], tuple[object, ...]]:
    """Start on a disk as it was found: what SQLite says of it, and what it holds."""
    vfs.disk = Disk(files, is_recording=False)
    connection = apsw.Connection(FILE, vfs="parley-crash")
    try:
        # Nobody looks at what closing would write.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        verdict = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        return verdict, _state(connection)
    finally:
        connection.close()


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  repeatable


def _state(connection: apsw.Connection) -> tuple[object, ...]:
    return tuple(connection.execute(STATE).get)


@pytest.mark.timeout(900)
def test_no_power_cut_loses_what_was_acknowledged(
    vfs: MemoryVfs, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Whatever of the unsynced writes is lost, torn or out of order."""
    made = 0
    for seed in itertools.count(SEED):
        recording = record(vfs, tmp_path, seed)
        chance = _chance(seed)
        begun = {FILE: recording.begun}
        for done, files in images(begun, recording.operations, EACH, chance):
            verdict, state = opened(vfs, files)
            where = f"seed {seed}, operation {done}, image {made} (PARLEY_SEED={seed})"
            assert verdict == ["ok"], where
            assert state in recording.may_hold(done), where
            made += 1
            if made >= IMAGES:
                record_property("images", made)
                return


@pytest.mark.timeout(300)
def test_weaker_syncing_would_be_found_out(vfs: MemoryVfs, tmp_path: Path) -> None:
    """With synchronous=NORMAL a commit is not synced, and the test sees what that costs."""
    recording = record(vfs, tmp_path, SEED, "NORMAL")
    begun = {FILE: recording.begun}
    lost = 0
    for done, files in itertools.islice(
        images(begun, recording.operations, EACH, _chance(SEED)), 1_500
    ):
        verdict, state = opened(vfs, files)
        assert verdict == ["ok"]
        lost += state not in recording.may_hold(done)

    assert lost > 50


@pytest.mark.timeout(300)
def test_the_workload_is_the_one_that_is_meant(vfs: MemoryVfs, tmp_path: Path) -> None:
    """Entries, tiles and deadlines in groups, checkpoints in between, a sync for each commit."""
    recording = record(vfs, tmp_path, SEED)
    syncs = [each for each in recording.operations if each.kind == "sync"]
    entries, places, _, size, hashes, deadlines, waiting = recording.states[-1]

    assert entries == places == size == hashes == deadlines
    assert isinstance(waiting, int)
    assert 0 < waiting < int(str(deadlines))
    assert len(syncs) >= len(recording.acknowledged) >= GROUPS
    assert {each.name for each in syncs} == {FILE, f"{FILE}-wal"}
