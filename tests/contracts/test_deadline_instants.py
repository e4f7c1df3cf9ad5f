"""When the next look at deadlines is, so that each is acted on at its instant, on either engine."""

import asyncio

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.clock import FakeClock
from parley.storage import Database
from parley.storage.deadline import Deadline
from parley.storage.deadlines import (
    LOOK_S,
    LOOK_S_MIN,
    Deadlines,
    set_deadline,
    waiting_deadlines,
)

NOW = Instant.from_utc(2026, 11, 1, 12)
KIND = "escalation"


async def test_the_next_look_is_at_the_instant_of_the_next_deadline(database: Database) -> None:
    """Not at the next beat of anything."""
    watch = Deadlines(database, FakeClock(NOW))
    watch.on(KIND, nothing)
    assert await watch.pause_s() == LOOK_S
    await put(database, KIND, 300)
    assert await watch.pause_s() == pytest.approx(0.3)


async def test_a_deadline_far_away_is_no_reason_not_to_look(database: Database) -> None:
    """An earlier one may be set meanwhile."""
    watch = Deadlines(database, FakeClock(NOW))
    watch.on(KIND, nothing)
    await put(database, KIND, 3_600_000)
    assert await watch.pause_s() == LOOK_S


async def test_what_is_overdue_is_looked_at_at_once_and_never_without_a_pause(
    database: Database,
) -> None:
    """A kind that nobody here acts on is no reason to look at all."""
    watch = Deadlines(database, FakeClock(NOW))
    watch.on(KIND, nothing)
    await put(database, "of an older program", -5_000)
    assert await watch.pause_s() == LOOK_S
    await put(database, KIND, -5_000)
    assert await watch.pause_s() == LOOK_S_MIN


async def test_two_looks_at_once_make_good_a_set_clock_once(database: Database) -> None:
    """Otherwise what is due in an hour would be acted on now, or in two hours."""
    clock = FakeClock(NOW)
    watch = Deadlines(database, clock)
    watch.on(KIND, nothing)
    await put(database, KIND, 3_600_000)
    clock.set_wall(NOW.subtract(seconds=600))
    await asyncio.gather(watch.tick(), watch.tick(), watch.tick())
    (found,) = await database.read(waiting_deadlines)
    assert found.acts_at == NOW.add(seconds=3_000)


async def test_a_started_watch_acts_without_being_called(database: Database) -> None:
    """It is stopped without a trace."""
    watch = Deadlines(database, FakeClock(NOW))
    acted = asyncio.Event()
    watch.on(KIND, nothing, lambda _: acted.set())
    await put(database, KIND, 0)
    watch.start()
    await asyncio.wait_for(acted.wait(), 20)
    await watch.stop()
    await watch.stop()
    assert await database.read(waiting_deadlines) == []


async def test_a_watch_goes_on_after_a_fault_that_nobody_expected(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said with its cause, and the next look is made."""
    watch = Deadlines(database, FakeClock(NOW))
    acted = asyncio.Event()
    watch.on(KIND, nothing, lambda _: acted.set())
    look = watch.tick

    async def fail_once() -> int:
        monkeypatch.setattr(watch, "tick", look)
        reason = "nobody thought of this"
        raise RuntimeError(reason)

    monkeypatch.setattr(watch, "tick", fail_once)
    monkeypatch.setattr("parley.storage.deadlines.LOOK_S", 0.01)
    await put(database, KIND, 0)
    watch.start()
    await asyncio.wait_for(acted.wait(), 20)
    await watch.stop()
    assert "nobody thought of this" in capsys.readouterr().out


# ----------------------------------------------------------------------------------------- details


def nothing(connection: sa.Connection, due: Deadline, now: Instant) -> None:
    """Act by doing nothing."""
    del connection, due, now


async def put(database: Database, kind: str, in_ms: int) -> None:
    """Set a deadline so many milliseconds from now."""
    due_at = NOW.add(milliseconds=in_ms)
    await database.write(lambda c: set_deadline(c, kind, "subject", due_at, NOW))
