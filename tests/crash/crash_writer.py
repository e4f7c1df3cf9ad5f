"""Processes that append and say what was acknowledged, to be killed or to have their disk fail.

    crash_writer.py kill FILE     for each line of standard input: fork one that appends for ever
    crash_writer.py fault FILE    append, make the disk fail, append again, and report

Each acknowledged entry is one line, written by one system call after the database said it is
durable: a line that was read is a promise that was given.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import sqlalchemy as sa
from crash_workload import append, begin

from parley.errors import ParleyError
from parley.storage import Database

TOGETHER = 20
"""Appends under way at once: they share transactions."""


def main() -> None:
    """Do what the command line names."""
    what, file = sys.argv[1], Path(sys.argv[2])
    if what == "kill":
        _nursery(file)
    else:
        asyncio.run(_faults(file))


def _nursery(file: Path) -> None:
    """Fork a writer for each line; starting Python anew would take most of the test's time."""
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_append_for_ever(file))
            os._exit(0)
        _say({"pid": child})
        os.waitpid(child, 0)
        _say({"gone": child})


async def _append_for_ever(file: Path) -> None:
    database = Database.open(file)
    start = await database.read(_size)
    _say({"serving": start})

    async def lane(first: int) -> None:
        number = first
        while True:
            _say({"kept": await database.write(append(number, 850))})
            number += TOGETHER

    await asyncio.gather(*(lane(start + each) for each in range(TOGETHER)))


async def _faults(file: Path) -> None:
    fault = Path(os.environ["PARLEY_FAULT"])
    database = Database.open(file)
    await database.write(begin)
    for number in range(10):
        await database.write(append(number, 850))
    said: dict[str, object] = {}
    _order(fault, sys.argv[3])
    first = await _try(database, 10)
    said["first"] = first
    counted = _count(fault)
    said["second"] = await _try(database, 11)
    said["tried_again"] = _count(fault) - counted
    said["readable"] = await database.read(_size)
    _order(fault, "")
    said["after"] = await _try(database, 10)
    said["failure"] = database.failure.code if database.failure else ""
    _say(said)
    os._exit(0)


async def _try(database: Database, number: int) -> dict[str, str]:
    try:
        await database.write(append(number, 850))
    except ParleyError as error:
        return {"code": error.code, "text": str(error)}
    return {"code": "", "text": ""}


def _order(fault: Path, what: str) -> None:
    fault.write_text(what)


def _count(fault: Path) -> int:
    count = Path(f"{fault}.count")
    return count.stat().st_size if count.exists() else 0


def _size(connection: sa.Connection) -> int:
    return int(connection.execute(sa.text("SELECT size FROM record_log")).scalar_one())


def _say(what: dict[str, object]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
