"""A process killed at any instant loses nothing that it had acknowledged.

``PARLEY_KILLS`` says how often, ``PARLEY_SEED`` where the choices begin.
"""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from crash_workload import STATE, begin

from parley.storage import Database

KILLS = int(os.environ.get("PARLEY_KILLS", "20"))
SEED = int(os.environ.get("PARLEY_SEED", "1"))
ENTRIES_MAX = 400
"""Acknowledged entries after which the latest kill comes. More: longer logs, more checkpoints."""


@pytest.mark.timeout(900)
def test_no_kill_loses_or_doubles_what_was_acknowledged(tmp_path: Path) -> None:
    """Under load, again and again on the same file, whatever was being written."""
    file = tmp_path / "parley.db"
    database = Database.open(file)
    database.write_now(begin)
    database.close()
    chance = random.Random(SEED)  # noqa: S311  repeatable
    script = str(Path(__file__).parent / "crash_writer.py")
    with subprocess.Popen(
        [sys.executable, script, "kill", str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(("src", "tests/crash"))},
    ) as nursery:
        promised = 0
        for number in range(KILLS):
            promised = max(promised, kill_one(nursery, chance.randrange(ENTRIES_MAX)))
            promised = check(file, promised, f"PARLEY_SEED={SEED}, kill {number}")
        assert nursery.stdin is not None
        nursery.stdin.close()


def kill_one(nursery: "subprocess.Popen[bytes]", after: int) -> int:
    """Let one writer run, kill it after so many acknowledgements, return what it promised."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(b"go\n")
    nursery.stdin.flush()
    kept: set[int] = set()
    pid, start, is_killed = 0, 0, False
    for line in nursery.stdout:
        said = json.loads(line)
        pid = said.get("pid", pid)
        start = said.get("serving", start)
        if "kept" in said:
            kept.add(said["kept"])
        if pid and not is_killed and ("serving" in said or kept) and len(kept) >= after:
            os.kill(pid, signal.SIGKILL)
            is_killed = True
        if "gone" in said:
            break
    return max(kept, default=start - 1) + 1


def check(file: Path, promised: int, where: str) -> int:
    """Open the file as a node that starts; return how many entries it has."""
    database = Database.open(file)
    try:
        entries, places, _, size, hashes, deadlines, _ = database.read_now(
            lambda connection: connection.execute(sa.text(STATE)).one()
        )
        verdict = database.read_now(
            lambda connection: connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        )
    finally:
        database.close()
    assert verdict == "ok", where
    assert entries >= promised, where
    assert entries == places == size == hashes == deadlines, where
    return int(entries)
