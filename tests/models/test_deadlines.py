"""Random lives of deadlines, beside a reference that is too simple to be wrong.

Clocks are set, processes die before and after a commit, acts fail, nodes start again; whatever the
order, what was set is acted on exactly once, unless it was cancelled first, and never early.
"""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override
from whenever import Instant

from parley.clock import FakeClock
from parley.storage import Database
from parley.storage.deadline import STEP_MS_MIN, Deadline
from parley.storage.deadlines import (
    Deadlines,
    cancel_deadline,
    find_deadline,
    move_deadline,
    set_deadline,
)

START: Final = Instant.from_utc(2026, 11, 1, 12)
KIND: Final = "k"
KEYS: Final = st.sampled_from("abcdef")
SECONDS: Final = st.sampled_from([0, 1, 7, 60, 3_600, 86_400, 315_360_000])
MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  a folder of our own in it
"""Where a sync costs nothing: what survives a power cut is the crash tests' matter."""
YEARS_10_S: Final = 315_360_000


class Died(BaseException):
    """The process ended in the middle of a transaction."""


@dataclass
class Expected:
    """What the reference knows of one deadline: two countdowns, whichever ends first."""

    due_s: int
    """By the wall clock, in seconds since the start."""
    left_s: int
    """Seconds of real time while running."""
    is_waiting: bool = True


@cache
def _fresh() -> bytes:
    """Return an empty database: migrating takes longer than a whole life."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "parley.db"
        database = Database.open(file)
        database.write_now(lambda c: c.execute(sa.text("CREATE TABLE rung (name TEXT)")))
        database.close()
        return file.read_bytes()


class DeadlineLives(RuleBasedStateMachine):
    """Drives the rows and the reference through the same steps."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="parley-model-", dir=MEMORY))
        self.clock = FakeClock(START)
        self.wall_s = 0
        self.expected: dict[str, Expected] = {}
        self.acts: dict[str, int] = {}
        self.dies = self.fails = False

    @initialize()
    def open(self) -> None:
        """Start the node for the first time."""
        self.loop = asyncio.new_event_loop()
        (self.folder / "parley.db").write_bytes(_fresh())
        self.database = Database.open(self.folder / "parley.db")
        self.boot()

    @override
    def teardown(self) -> None:
        """Close and delete everything."""
        if hasattr(self, "database"):
            self.database.close()
            self.loop.close()
        shutil.rmtree(self.folder)

    @rule(key=KEYS, seconds=SECONDS)
    def set(self, key: str, seconds: int) -> None:
        """Something happens that must be followed by something else in time."""
        due_at, now = self.instant(self.wall_s + seconds), self.clock.now()
        self.database.write_now(lambda c: set_deadline(c, KIND, key, due_at, now))
        self.expected.setdefault(key, Expected(self.wall_s + seconds, seconds))

    @rule(key=KEYS, seconds=SECONDS)
    def move(self, key: str, seconds: int) -> None:
        """It is agreed anew by when."""
        if key in self.expected and self.expected[key].is_waiting:
            due_at = self.instant(self.wall_s + seconds)
            self.database.write_now(lambda c: move_deadline(c, KIND, key, due_at))
            self.expected[key] = Expected(self.wall_s + seconds, seconds)

    @rule(key=KEYS)
    def cancel(self, key: str) -> None:
        """What was awaited happens."""
        was_waiting = key in self.expected and self.expected[key].is_waiting
        now = self.clock.now()
        told = self.database.write_now(lambda c: cancel_deadline(c, KIND, key, now))
        assert told == was_waiting
        if was_waiting:
            self.expected[key].is_waiting = False

    @rule(seconds=SECONDS)
    def pass_time(self, seconds: int) -> None:
        """Time goes by while the node runs."""
        self.clock.advance(seconds)
        self.wall_s += seconds
        for each in self.expected.values():
            each.left_s -= seconds
        self.tick()

    @rule(seconds=st.sampled_from([-YEARS_10_S, -86_400, -3_600, 3_600, YEARS_10_S]))
    def set_clock(self, seconds: int) -> None:
        """Somebody sets the machine's clock while the node runs."""
        assert abs(seconds) * 1_000 >= STEP_MS_MIN
        self.wall_s += seconds
        self.clock.set_wall(self.instant(self.wall_s))
        self.tick()

    @rule(seconds=SECONDS)
    def restart(self, seconds: int) -> None:
        """The node is down for a while, and nobody sets the clock meanwhile.

        It looks for what is due as soon as it runs: what the clock said before anybody sets it
        counts.
        """
        self.database.close()
        self.database = Database.open(self.folder / "parley.db")
        self.clock.advance(seconds)
        self.wall_s += seconds
        for each in self.expected.values():
            each.left_s -= seconds
        self.boot()
        self.tick()

    @rule()
    def die_while_acting(self) -> None:
        """The process is killed between an act and its commit, and starts again."""
        if self.due():
            self.dies = True
            with pytest.raises(Died):
                self.deadlines_tick()
            self.dies = False
            self.boot()
            self.tick()

    @rule()
    def fail_while_acting(self) -> None:
        """Acts raise for once; they are undone and come again within a second."""
        if self.due():
            self.fails = True
            self.deadlines_tick()
            self.fails = False
            self.pass_time(1)

    @invariant()
    def each_was_acted_on_as_often_as_the_reference_says(self) -> None:
        """Once when its time had come, never otherwise."""
        if hasattr(self, "database"):
            rows = self.database.read_now(
                lambda c: list(c.execute(sa.text("SELECT name FROM rung")).scalars())
            )
            assert sorted(rows) == sorted(self.acts)
            assert all(number == 1 for number in self.acts.values())

    def boot(self) -> None:
        """Begin to watch, as a process that starts does."""
        self.deadlines = Deadlines(self.database, self.clock)
        self.deadlines.on(KIND, self.act)

    def act(self, connection: sa.Connection, deadline: Deadline, _: Instant) -> None:
        """Do what is due: write that it rang."""
        connection.execute(sa.text("INSERT INTO rung VALUES (:n)"), {"n": deadline.subject})
        if self.dies:
            raise Died
        if self.fails:
            reason = "the desk is on fire"
            raise RuntimeError(reason)

    def due(self) -> list[str]:
        """Return what the reference says is to be acted on."""
        return [
            key
            for key, each in self.expected.items()
            if each.is_waiting and (each.due_s <= self.wall_s or each.left_s <= 0)
        ]

    def tick(self) -> None:
        """Look for what is due, in both."""
        wanted = self.due()
        self.deadlines_tick()
        for key in wanted:
            self.expected[key].is_waiting = False
            self.acts[key] = self.acts.get(key, 0) + 1

    def deadlines_tick(self) -> None:
        """Look for what is due, in the rows."""
        self.loop.run_until_complete(self.deadlines.tick())

    def instant(self, seconds: int) -> Instant:
        """Return the instant that many seconds after the start."""
        return START.add(seconds=seconds)

    def state(self, key: str) -> Deadline | None:
        """Return one row, for a failure's account."""
        return self.database.read_now(lambda c: find_deadline(c, KIND, key))


TestDeadlineLives = pytest.mark.timeout(120)(DeadlineLives.TestCase)
TestDeadlineLives.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
