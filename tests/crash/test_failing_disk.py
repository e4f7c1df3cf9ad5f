"""A disk that is full, read-only or broken: appends stop with a clear error, nothing is lost.

The disk of a real process is made to fail by a small library preloaded into it, so that SQLite and
the storage meet what the kernel would tell them.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from crash_workload import STATE

from parley.storage import Database

HERE = Path(__file__).parent
EIO, ENOSPC, EROFS = 5, 28, 30


@pytest.fixture(scope="session")
def failing_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the library."""
    library = tmp_path_factory.mktemp("faults") / "crash_faults.so"
    compiler = shutil.which("cc") or shutil.which("gcc") or "cc"
    source = str(HERE / "crash_faults.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), source, "-ldl"]
    subprocess.run(command, check=True)
    return library


def run(folder: Path, library: Path, fault: str) -> dict[str, Any]:
    """Append on a disk that fails in the middle; return what the process said."""
    done = subprocess.run(
        [sys.executable, str(HERE / "crash_writer.py"), "fault", str(folder / "parley.db"), fault],
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(("src", "tests/crash")),
            "LD_PRELOAD": str(library),
            "PARLEY_FAULT": str(folder / "fault"),
        },
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def kept(folder: Path) -> int:
    """Start on the disk when it works again; return how many entries there are."""
    database = Database.open(folder / "parley.db")
    entries, places, _, size, hashes, deadlines, _ = database.read_now(
        lambda connection: connection.execute(sa.text(STATE)).one()
    )
    database.close()
    assert entries == places == size == hashes == deadlines
    return int(entries)


@pytest.mark.timeout(120)
def test_a_sync_that_fails_ends_all_writing(failing_disk: Path, tmp_path: Path) -> None:
    """It is not tried again, also when the disk says that it is well: that would mean nothing."""
    said = run(tmp_path, failing_disk, f"sync {EIO}")

    assert said["first"]["code"] == "storage.failed"
    assert "parley.db" in said["first"]["text"]
    assert "examine the disk, then restart" in said["first"]["text"]
    assert said["second"]["code"] == "storage.failed"
    assert said["tried_again"] == 0
    assert said["after"]["code"] == "storage.failed"
    assert said["failure"] == "storage.failed"
    assert said["readable"] == 10
    assert kept(tmp_path) >= 10


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [EIO, EROFS])
def test_a_write_that_fails_ends_all_writing(
    failing_disk: Path, tmp_path: Path, number: int
) -> None:
    """As on a file system that the kernel has made read-only after an error."""
    said = run(tmp_path, failing_disk, f"write {number}")

    assert said["first"]["code"] == said["after"]["code"] == "storage.failed"
    assert said["tried_again"] == 0
    assert said["readable"] == 10
    assert kept(tmp_path) == 10


@pytest.mark.timeout(120)
def test_a_full_disk_refuses_until_there_is_space(failing_disk: Path, tmp_path: Path) -> None:
    """Nothing acknowledged is lost, and it goes on by itself."""
    said = run(tmp_path, failing_disk, f"write {ENOSPC}")

    assert said["first"]["code"] == said["second"]["code"] == "storage.full"
    assert "parley.db is full" in said["first"]["text"]
    assert said["after"]["code"] == said["failure"] == ""
    assert said["readable"] == 10
    assert kept(tmp_path) == 11
