"""Costs of two running records in one process, with their databases, in CPU time.

    python3 benches/record_running.py [--alone N] [--entries N] [--at-once N] [--profile FILE]

One party writes entries with a text of 700 characters, first some of which each waits until the one
before is held, then as many as go; the other mirrors and cosigns them; then the writer loses its
disk and takes its log back. Letters go from one to the other as bytes, without a line. What an
entry costs is the processor time of the whole process, so both sides and their
writing threads together; it depends little on what else the machine does, as a rate would.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import cProfile
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from typing_extensions import override

from parley.clock import SystemClock
from parley.identity.keys import PartyKey
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.keeping import EntryDraft, Record
from parley.record.kinds import Kind
from parley.record.letters import read_letter, write_letter
from parley.record.log import LogState
from parley.record.ports import LogHeld, RecordEvent, RecordPort
from parley.storage import Database

T = TypeVar("T")
TEXT_BYTES = 525
WINDOW_BYTES = 2_097_152


class CountedDatabase(Database):
    """A database that counts what is handed to its writer: a transaction each, where all wait."""

    writes = 0

    @override
    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run ``work`` in the writer's transaction."""
        self.writes += 1
        return await super().write(work)


class Side(RecordPort):
    """One party's record on a database of its own."""

    def __init__(self, key: PartyKey, file: Path) -> None:
        self.key, self.file = key, file
        self.held = self.turns = 0
        self.other: Side
        self.news = asyncio.Event()
        self.is_open = self._is_woken = False

    async def start(self, space: SpaceId, members: dict[PartyId, bytes]) -> None:
        """Open the database and begin to work."""
        self.database = CountedDatabase.open(self.file)
        self.record = Record(database=self.database, key=self.key, clock=SystemClock(), port=self)
        await self.record.start()
        self.record.listen(self._on_event)
        self.record.run()
        await self.record.open_space(space, members)
        self.is_open = True

    async def stop(self) -> None:
        """Finish and close."""
        self.is_open = False
        await self.record.stop()
        self.database.close()

    def lose(self) -> None:
        """Lose the disk."""
        for left in self.file.parent.glob(f"{self.file.name}*"):
            left.unlink()

    @override
    def is_up(self, party: PartyId) -> bool:
        """Say whether both are there."""
        return self.is_open and self.other.is_open

    @override
    def count(self, code: str, party: PartyId | None, number: int = 1) -> None:
        """Stop: nothing here is to be refused."""
        raise SystemExit(f"refused: {code}")

    @override
    def wake(self, party: PartyId) -> None:
        """Send with the next turn of the loop."""
        if not self._is_woken:
            self._is_woken = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._is_woken = False
        if not self.is_up(self.other.key.party):
            return
        for letter in self.record.due(self.other.key.party, WINDOW_BYTES):
            body = write_letter(letter)
            self.other.record.take(self.key.party, read_letter(body), len(body))

    def _on_event(self, event: RecordEvent) -> None:
        if isinstance(event, LogHeld):
            self.held, self.turns = event.size, self.turns + 1
            self.news.set()


async def measure(
    alone: int, entries: int, at_once: int, folder: Path, profile: Path | None
) -> None:
    """Write, replicate, lose and take back."""
    near, far = sides = [
        Side(PartyKey(bytes([number]) * 32), folder / f"{number}.db") for number in (7, 9)
    ]
    near.other, far.other = far, near
    space = SpaceId.of_pair(near.key.party, far.key.party)
    members = {side.key.party: side.key.public for side in sides}
    for side in sides:
        await side.start(space, members)
    meet(sides)
    await proved(sides, space)
    writes = sum(side.database.writes for side in sides)
    await timed("one at a time", alone, lambda: write(near, space, alone, 1), None)
    writes = sum(side.database.writes for side in sides) - writes
    print(f"  {writes / alone:.1f} transactions an entry, on both sides together")
    before = near.turns
    await timed("written and held", entries, lambda: write(near, space, entries, at_once), profile)
    print(f"  {entries / max(1, near.turns - before):.0f} entries to a cosignature")
    sizes = [
        side.file.stat().st_size + side.file.with_name(side.file.name + "-wal").stat().st_size
        for side in sides
    ]
    print(f"  {sum(sizes) / 2 / near.held:.0f} bytes of database an entry")
    await near.stop()
    near.lose()
    size = near.held
    await near.start(space, members)
    meet(sides)
    after = profile and profile.with_suffix(".restored")
    await timed("taken back", size, lambda: proved(sides, space), after)
    if near.record.space(space).own.log.tree.size < size:
        raise SystemExit("not everything came back")
    for side in sides:
        await side.stop()


async def write(side: Side, space: SpaceId, entries: int, at_once: int) -> None:
    """Append entries, with a bound on those that are not held yet."""
    start, actor = side.held, ActorId.new()
    tasks: set[asyncio.Task[object]] = set()
    number = 0
    while side.held < start + entries:
        while number < entries and number - (side.held - start) < at_once:
            text = base64.b64encode(os.urandom(TEXT_BYTES)).decode("ascii")
            draft = EntryDraft(kind=Kind.STATEMENT, body={0: text}, actor=actor)
            task = asyncio.create_task(side.record.append_draft(space, draft))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
        side.news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await side.news.wait()


def meet(sides: list[Side]) -> None:
    """Tell both that their line came up."""
    for side in sides:
        side.record.line_up(side.other.key.party)


async def proved(sides: list[Side], space: SpaceId) -> None:
    """Wait until every own log is open."""
    while any(side.record.space(space).own.log.state is not LogState.OPEN for side in sides):  # noqa: ASYNC110  the log's state has no event of its own here
        await asyncio.sleep(0.02)


async def timed(
    what: str,
    entries: int,
    do: Callable[[], Awaitable[None]],
    profile: Path | None,
) -> None:
    """Run one step and print its CPU time, and how much of it the loop's thread had."""
    # Its own default is the wall clock, which counts what others had.
    profiler = cProfile.Profile(time.thread_time) if profile else None
    started, looped, wall = time.process_time(), time.thread_time(), time.monotonic()
    if profiler:
        profiler.enable()
    await do()
    if profiler and profile:
        profiler.disable()
        profiler.dump_stats(profile)
    spent, looped = time.process_time() - started, time.thread_time() - looped
    wall = time.monotonic() - wall
    print(
        f"{what}: {spent / entries * 1e6:.1f} microseconds of CPU an entry,"
        f" {looped / entries * 1e6:.1f} of them the loop's ({entries / wall:.0f} a second)"
    )


def main() -> None:
    """Run it once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", type=int, default=200)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=1_000)
    parser.add_argument("--profile", type=Path, help="write cProfile's statistics here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-record-") as folder:
        sizes = (chosen.alone, chosen.entries, chosen.at_once)
        asyncio.run(measure(*sizes, Path(folder), chosen.profile))


if __name__ == "__main__":
    main()
