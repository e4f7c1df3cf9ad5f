"""Months of escalations in virtual time: clocks that are set, stops, alerts that come and are read.

The rows and the deadlines are the real ones; the alerts' rows are written as the desk writes them.
Larger counts: PARLEY_ESCALATION_SEEDS.
"""

import os
import random
from pathlib import Path

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.clock import FakeClock, from_milliseconds, milliseconds
from parley.config import EscalationSettings
from parley.crisis import tables as crisis_tables
from parley.crisis.duty import tables
from parley.crisis.duty.stepping import DEADLINE, EscalationStepper
from parley.crisis.escalation.plan import DEFAULT_POLICIES
from parley.crisis.escalation.policy import Direction, Policy, due_s
from parley.ids import PartyId, SpaceId, ThreadId
from parley.record.entry import Precedence
from parley.storage import Database
from parley.storage.deadlines import Deadlines, next_at
from parley.storage.source import DatabaseSource
from parley.storage.sqlite import SqliteFile

OURS, THEIRS = PartyId(b"o" * 16), PartyId(b"t" * 16)
SEEDS = int(os.environ.get("PARLEY_ESCALATION_SEEDS", "2"))
TURNS = 40


class Month:
    """One node's escalations through a month, and the true time beside its clock."""

    def __init__(self, seed: int, source: DatabaseSource) -> None:
        """Begin with nothing, in the week before the clocks go back."""
        self.random = random.Random(seed)  # noqa: S311  a seeded plan, no secret
        self.clock = FakeClock(Instant.from_utc(2026, 10, 20))
        self.database = Database.open(source)
        self.stepper = EscalationStepper(OURS, EscalationSettings(), "en")
        self.start()
        self.came: dict[bytes, float] = {}
        self.read: dict[bytes, float] = {}
        self.fired: dict[tuple[bytes, int], float] = {}
        self.stopped: list[tuple[float, float]] = []

    def start(self) -> None:
        """Start the part of a node that acts at deadlines."""
        self.deadlines = Deadlines(self.database, self.clock)
        self.deadlines.on(DEADLINE, self.stepper.act, counts_elapsed=True)

    def alert(self) -> None:
        """Let an alert come, or be released."""
        matter = self.random.randbytes(32)
        is_ours = self.random.random() < 0.3
        now = self.clock.now()
        row = {
            "hash": matter,
            "space": SpaceId(b"s" * 16),
            "thread": ThreadId(matter[:16]),
            "author": OURS if is_ours else THEIRS,
            "epoch": 0,
            "place": len(self.came),
            "written_at": now,
            "written": int(Precedence.FLASH),
            "precedence": int(Precedence.FLASH),
            "state": "delivered",
            "standing": "in_force",
            "is_exercise": 0,
            "is_open": 1,
            "breaches": 0,
            "started_at": now,
            "body_hash": matter,
        }

        def write(connection: sa.Connection) -> None:
            connection.execute(crisis_tables.alert.insert().values(row))
            self.stepper.look(connection, matter, now)

        self.database.write_now(write)
        self.came[matter] = self.clock.monotonic()

    def settle(self) -> None:
        """Let one of the alerts be answered."""
        waiting = [each for each in self.came if each not in self.read]
        if not waiting:
            return
        matter, now = self.random.choice(waiting), self.clock.now()
        table = crisis_tables.alert

        def write(connection: sa.Connection) -> None:
            answered = table.update().where(table.c.hash == matter).values(state="answered")
            connection.execute(answered)
            self.stepper.look(connection, matter, now)
            self.stepper.look(connection, matter, now)

        self.database.write_now(write)
        self.read[matter] = self.clock.monotonic()

    async def seconds(self, number: float) -> None:
        """Let time pass; the node wakes at the instant of its next deadline, as it does."""
        end = self.clock.monotonic() + number
        while (left := end - self.clock.monotonic()) > 0:
            due = self.database.read_now(next_at)
            ahead = left if due is None else (due - self.clock.now()).total("seconds")
            self.clock.advance(min(left, max(0.02, ahead)))
            await self.tick()

    async def tick(self) -> None:
        """Act on what is due, and note by the true time what was."""
        await self.deadlines.tick()
        query = sa.select(tables.step.c.matter, tables.step.c.number)
        for row in self.database.read_now(lambda c: list(c.execute(query))):
            self.fired.setdefault((bytes(row.matter), row.number), self.clock.monotonic())


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_every_overdue_step_is_recorded_once_called_and_never_early(
    seed: int, tmp_path: Path
) -> None:
    """By time that truly passed, whatever the clock on the wall was made to say."""
    month = Month(seed, SqliteFile(tmp_path / "node.db"))
    month.alert()
    for _ in range(TURNS):
        what = month.random.random()
        if what < 0.08:
            month.alert()
        elif what < 0.14:
            month.settle()
        elif what < 0.24:
            by_s = month.random.choice([-86_400, -3_600, -90, 90, 3_600, 315_360_000, -315_360_000])
            wall = milliseconds(month.clock.now()) + by_s * 1_000
            if 0 < wall < 10**13:
                month.clock.set_wall(from_milliseconds(wall))
                await month.tick()
        elif what < 0.34:
            # A stop: only the clock on the wall knows how long it was.
            month.clock.advance(month.random.choice([5, 300, 7_200]))
            month.start()
            await month.tick()
        await month.seconds(month.random.choice([0.5, 3, 20, 45, 120, 900]))
    await check(month, f"seed {seed}")
    month.database.close()


async def check(month: Month, seed: str) -> None:
    """Hold what happened to the promises."""
    rows = month.database.read_now(lambda c: list(c.execute(sa.select(tables.step))))
    keys = [(bytes(row.matter), row.number) for row in rows]
    assert len(set(keys)) == len(keys), seed
    for (matter, number), at in month.fired.items():
        policy = _policy(month, matter)
        due_s_ = due_s(policy, number)
        assert due_s_ is not None, seed
        assert at - month.came[matter] >= due_s_ - 0.002, f"early: {seed}"
    for matter, came in month.came.items():
        until = month.read.get(matter, month.clock.monotonic())
        numbers = sorted(number for each, number in keys if each == matter)
        assert numbers == list(range(len(numbers))), seed
        policy = _policy(month, matter)
        due = [due_s(policy, n) for n in range(len(policy.steps) * (policy.repeats + 1))]
        wanted = sum(each is not None and came + each + 60 < until for each in due)
        assert len(numbers) >= wanted, f"missed: {seed}"
    told = month.database.read_now(lambda c: list(c.execute(sa.select(tables.notice))))
    called = {(bytes(row.matter), row.number) for row in told}
    assert {key for key, row in zip(keys, rows, strict=True) if row.is_needed} == called, seed


def _policy(month: Month, matter: bytes) -> Policy:
    query = sa.select(crisis_tables.alert.c.author).where(crisis_tables.alert.c.hash == matter)
    author = month.database.read_now(lambda c: c.execute(query).scalar_one())
    direction = Direction.OUTBOUND if author == OURS else Direction.INBOUND
    return DEFAULT_POLICIES[direction, Precedence.FLASH]
