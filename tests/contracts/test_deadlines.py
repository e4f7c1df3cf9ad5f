"""Deadlines as rows, on either engine."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.clock import FakeClock
from parley.errors import StorageFull, TransitionRefused
from parley.storage import Database, deadlines
from parley.storage.deadline import Deadline, DeadlineState, shifted
from parley.storage.deadlines import (
    Deadlines,
    cancel_deadline,
    find_deadline,
    forget_settled,
    move_deadline,
    next_at,
    set_deadline,
    set_deadlines,
    waiting_deadlines,
)

NOW = Instant.from_utc(2026, 11, 1, 12)
DUE = NOW.add(minutes=5)
KIND = "escalation"


class Desk:
    """Acts at deadlines by writing a row, and counts."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.failures = 0
        self.deadlines = Deadlines(database, clock)
        self.deadlines.on(KIND, self.act)

    def act(self, connection: sa.Connection, deadline: Deadline, now: Instant) -> None:
        """Write a row; fail after it as often as was asked for."""
        number = int(deadline.subject)
        values = {"n": number, "at": now.timestamp(unit="millisecond")}
        connection.execute(sa.text("INSERT INTO restoration VALUES (:n, :at, :at, NULL)"), values)
        if self.failures:
            self.failures -= 1
            reason = "the desk is on fire"
            raise RuntimeError(reason)

    async def set(self, *numbers: int, due_at: Instant = DUE) -> None:
        """Set deadlines by number."""

        def work(connection: sa.Connection) -> None:
            for number in numbers:
                set_deadline(connection, KIND, str(number), due_at, NOW, b"body")

        await self.database.write(work)

    async def rung(self) -> list[int]:
        """Return whose acts were kept."""
        query = sa.text("SELECT number FROM restoration ORDER BY number")
        return await self.database.read(
            lambda connection: list(connection.execute(query).scalars())
        )

    async def find(self, number: int) -> Deadline | None:
        """Return one."""
        return await self.database.read(
            lambda connection: find_deadline(connection, KIND, str(number))
        )


@pytest.fixture
def clock() -> FakeClock:
    """Give a test a clock it sets."""
    return FakeClock(NOW)


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    """Give a test somebody who acts."""
    return Desk(database, clock)


async def test_a_deadline_is_acted_on_once_when_it_is_due(desk: Desk, clock: FakeClock) -> None:
    """Not before, and not again."""
    await desk.set(1)
    assert await desk.deadlines.tick() == 0
    clock.advance(300)
    assert await desk.deadlines.tick() == 1
    clock.advance(300)
    assert await desk.deadlines.tick() == 0

    found = await desk.find(1)
    assert found is not None
    assert (found.state, found.settled_at, found.body) == (
        DeadlineState.DONE,
        NOW.add(seconds=300),
        b"body",
    )
    assert await desk.rung() == [1]


async def test_a_deadline_goes_with_the_change_that_causes_it(desk: Desk) -> None:
    """A cause that is undone leaves none."""

    def fail(connection: sa.Connection) -> None:
        set_deadline(connection, KIND, "1", DUE, NOW)
        reason = "second thoughts"
        raise ValueError(reason)

    with pytest.raises(ValueError, match="second thoughts"):
        await desk.database.write(fail)

    assert await desk.find(1) is None


async def test_a_deadline_survives_a_restart(desk: Desk, clock: FakeClock) -> None:
    """It is a row; what came due meanwhile is acted on at the start."""
    await desk.set(1)
    clock.advance(7_200)

    again = Desk(desk.database, clock)
    assert await again.deadlines.tick() == 1
    assert await again.rung() == [1]


async def test_a_cancelled_deadline_never_comes(desk: Desk, clock: FakeClock) -> None:
    """Somebody acknowledged in time; setting it again does not revive it."""
    await desk.set(1)
    assert await desk.database.write(lambda c: cancel_deadline(c, KIND, "1", NOW))
    assert not await desk.database.write(lambda c: cancel_deadline(c, KIND, "1", NOW))
    assert not await desk.database.write(lambda c: cancel_deadline(c, KIND, "unheard of", NOW))
    await desk.set(1)
    clock.advance(7_200)

    assert await desk.deadlines.tick() == 0
    assert await desk.rung() == []


async def test_a_moved_deadline_comes_at_its_new_instant(desk: Desk, clock: FakeClock) -> None:
    """And only then."""
    await desk.set(1)
    later = NOW.add(hours=1)
    await desk.database.write(lambda c: move_deadline(c, KIND, "1", later))
    clock.advance(3_599)
    assert await desk.deadlines.tick() == 0
    clock.advance(1)
    assert await desk.deadlines.tick() == 1


async def test_what_is_not_there_or_settled_cannot_be_moved(desk: Desk, clock: FakeClock) -> None:
    """It would come a second time."""
    with pytest.raises(TransitionRefused, match="unset"):
        await desk.database.write(lambda c: move_deadline(c, KIND, "1", DUE))
    await desk.set(1)
    clock.advance(300)
    await desk.deadlines.tick()

    with pytest.raises(TransitionRefused, match="done"):
        await desk.database.write(lambda c: move_deadline(c, KIND, "1", DUE))


async def test_an_act_that_fails_is_undone_and_tried_again(desk: Desk, clock: FakeClock) -> None:
    """Half an act is never kept, and others are not delayed."""
    await desk.set(1, 2)
    desk.failures = 1
    clock.advance(300)
    assert await desk.deadlines.tick() == 1
    assert len(await desk.rung()) == 1
    clock.advance(1)
    assert await desk.deadlines.tick() == 1

    assert await desk.rung() == [1, 2]


async def test_a_deadline_cancelled_between_looking_and_acting_is_left_alone(
    desk: Desk, clock: FakeClock
) -> None:
    """The row is read again in the transaction of the act."""
    await desk.set(1)
    clock.advance(300)
    due = await desk.database.read(lambda c: deadlines._due(c, [KIND], clock.now()))
    await desk.database.write(lambda c: cancel_deadline(c, KIND, "1", clock.now()))

    assert not await desk.deadlines._settle(due[0], clock.now())
    assert await desk.rung() == []


async def test_an_act_that_is_refused_is_tried_again_too(desk: Desk, clock: FakeClock) -> None:
    """A refusal of our own is an act that fails, and delays no other."""
    desk.deadlines.on("refused", lambda c, _due, now: move_deadline(c, KIND, "none", now).acts_at)
    await desk.database.write(lambda c: set_deadline(c, "refused", "1", DUE, NOW))
    await desk.set(1)
    clock.advance(300)

    assert await desk.deadlines.tick() == 1
    found = await desk.database.read(lambda c: find_deadline(c, "refused", "1"))
    assert found is not None
    assert (found.state, found.tries) == (DeadlineState.WAITING, 1)


async def test_a_disk_that_fails_is_no_fault_of_an_act(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever ticks is told; what was due is due still, and not put off."""

    async def refuse(_: object) -> None:
        raise StorageFull(file="parley.db")

    await desk.set(1)
    clock.advance(300)
    monkeypatch.setattr(desk.database, "write", refuse)
    with pytest.raises(StorageFull):
        await desk.deadlines.tick()
    monkeypatch.undo()

    found = await desk.find(1)
    assert found is not None
    assert found.tries == 0
    assert await desk.deadlines.tick() == 1


async def test_a_deadline_cancelled_while_its_act_failed_stays_cancelled(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read again before it is put off."""
    write = desk.database.write

    async def cancel_after(work: Callable[[sa.Connection], bool]) -> bool:
        try:
            return await write(work)
        except RuntimeError:
            await write(lambda c: cancel_deadline(c, KIND, "1", clock.now()))
            raise

    await desk.set(1)
    desk.failures = 1
    clock.advance(300)
    monkeypatch.setattr(desk.database, "write", cancel_after)

    assert await desk.deadlines.tick() == 0
    found = await desk.find(1)
    assert found is not None
    assert (found.state, found.tries) == (DeadlineState.CANCELLED, 0)


async def test_setting_no_deadlines_sets_none(desk: Desk) -> None:
    """An entry that asks for nothing is appended all the same."""
    await desk.database.write(lambda c: set_deadlines(c, []))
    assert await desk.database.read(waiting_deadlines) == []


async def test_a_kind_nobody_knows_waits_and_delays_nobody(desk: Desk, clock: FakeClock) -> None:
    """After a downgrade, say; the newer program finds it again."""
    await desk.database.write(lambda c: set_deadline(c, "to come", "9", NOW, NOW))
    await desk.set(1)
    clock.advance(300)

    assert await desk.deadlines.tick() == 1
    waiting = await desk.database.read(waiting_deadlines)
    assert [each.kind for each in waiting] == ["to come"]
    assert await desk.database.read(next_at) == NOW


async def test_more_than_a_batch_is_due_after_a_long_stop(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is acted on, each once."""
    monkeypatch.setattr(deadlines, "BATCH_MAX", 10)
    await desk.set(*range(27))
    clock.advance(864_000)

    assert await desk.deadlines.tick() == 27
    assert await desk.rung() == list(range(27))


async def test_many_of_one_kind_delay_no_other_kind(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind has its turn in every second; the rest of the many waits for the next."""
    monkeypatch.setattr(deadlines, "BATCH_MAX", 10)
    monkeypatch.setattr(deadlines, "_DUE", deadlines._DUE.limit(10))
    acted: list[str] = []
    desk.deadlines.on("alert", lambda _connection, due, _now: acted.append(due.subject))
    await desk.set(*range(70))
    await desk.database.write(lambda c: set_deadline(c, "alert", "1", DUE.add(seconds=1), NOW))
    clock.advance(301)

    assert await desk.deadlines.tick() == 10 * deadlines.ROUNDS_MAX + 1
    assert acted == ["1"]
    assert await desk.deadlines.tick() == 70 - 10 * deadlines.ROUNDS_MAX


async def test_who_is_told_hears_after_the_commit_and_cannot_undo_it(
    database: Database, clock: FakeClock
) -> None:
    """A listener's fault is not the deadline's."""
    told: list[str] = []

    def hear(due: Deadline) -> None:
        told.append(due.subject)
        reason = "the listener is on fire"
        raise RuntimeError(reason)

    watching = Deadlines(database, clock)
    watching.on("line check", lambda _connection, _due, _now: None, hear)
    await database.write(lambda c: set_deadline(c, "line check", "p", DUE, NOW))
    clock.advance(300)

    assert await watching.tick() == 1
    assert await watching.tick() == 0
    assert told == ["p"]


async def test_a_deadline_that_comes_back_is_set_by_its_own_act(
    database: Database, clock: FakeClock
) -> None:
    """In the same transaction: never two, never none."""
    watching = Deadlines(database, clock)
    watching.on("line check", lambda _connection, due, _now: due.due_at.add(hours=24))
    await database.write(lambda c: set_deadline(c, "line check", "p", DUE, NOW))
    for _ in range(3):
        clock.advance(86_400)
        assert await watching.tick() == 1

    found = await database.read(lambda c: find_deadline(c, "line check", "p"))
    assert found is not None
    assert found.due_at == DUE.add(hours=72)


async def test_a_clock_set_back_while_running_makes_nothing_late(
    desk: Desk, clock: FakeClock
) -> None:
    """Five minutes are five minutes; and once is once when it is put right."""
    await desk.set(1)
    clock.set_wall(NOW.subtract(hours=24))
    assert await desk.deadlines.tick() == 0
    clock.advance(300)
    assert await desk.deadlines.tick() == 1
    clock.set_wall(NOW.add(hours=1))

    assert await desk.deadlines.tick() == 0
    assert await desk.rung() == [1]


async def test_a_clock_put_forward_by_ten_years_rings_once(desk: Desk, clock: FakeClock) -> None:
    """What is due by it is acted on; what is set by it keeps its distance when it is put right."""
    await desk.set(1)
    clock.set_wall(NOW.add(hours=87_600))
    assert await desk.deadlines.tick() == 1
    await desk.set(2, due_at=clock.now().add(seconds=60))
    clock.set_wall(NOW)
    assert await desk.deadlines.tick() == 0
    clock.advance(60)
    assert await desk.deadlines.tick() == 1

    assert await desk.rung() == [1, 2]


@pytest.mark.parametrize("by_ms", [-86_400_000, 86_400_000, -4_000_000_000_000, 5_000])
async def test_rows_follow_a_clock_as_the_core_says(
    desk: Desk, clock: FakeClock, by_ms: int
) -> None:
    """The SQL and the function are the same rule."""
    await desk.set(1)
    await desk.set(2, due_at=NOW.subtract(hours=1))
    await desk.database.write(lambda c: move_deadline(c, KIND, "1", NOW.add(hours=2)))
    before = [found for number in (1, 2) if (found := await desk.find(number))]
    clock.set_wall(NOW.add(milliseconds=by_ms))
    desk.deadlines._actors.clear()
    await desk.deadlines.tick()

    after = [await desk.find(number) for number in (1, 2)]
    assert after == [shifted(each, by_ms) for each in before]


async def test_what_was_settled_long_ago_is_forgotten(desk: Desk, clock: FakeClock) -> None:
    """What waits is not."""
    await desk.set(1)
    await desk.set(2, due_at=NOW.add(hours=100))
    clock.advance(300)
    await desk.deadlines.tick()

    assert await desk.database.write(lambda c: forget_settled(c, NOW)) == 0
    assert await desk.database.write(lambda c: forget_settled(c, NOW.add(hours=1))) == 1
    assert await desk.find(2) is not None


async def test_what_counts_time_that_passes_is_not_early_when_the_clock_is_put_forward(
    desk: Desk, clock: FakeClock
) -> None:
    """Five minutes stay five minutes, whatever the wall says meanwhile."""
    desk.deadlines.on(KIND, desk.act, counts_elapsed=True)
    await desk.set(1)
    clock.set_wall(NOW.add(hours=1))
    assert await desk.deadlines.tick() == 0
    clock.advance(300)
    assert await desk.deadlines.tick() == 1


async def test_the_pause_ends_when_the_next_is_due(desk: Desk, clock: FakeClock) -> None:
    """Never longer than a look is apart, never so short that it keeps a processor busy."""
    assert await desk.deadlines.pause_s() == deadlines.LOOK_S
    await desk.set(1)
    assert await desk.deadlines.pause_s() == deadlines.LOOK_S
    clock.advance(299.9)
    assert await desk.deadlines.pause_s() == pytest.approx(0.1)
    clock.advance(60)
    assert await desk.deadlines.pause_s() == deadlines.LOOK_S_MIN


async def test_a_deadline_is_acted_on_without_anybody_asking(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away for a look is asked again; after the stop nothing is."""
    rung, failures = asyncio.Event(), [StorageFull(file="parley.db")]
    tick, pause = desk.deadlines.tick, asyncio.sleep

    async def may_fail() -> int:
        if failures:
            raise failures.pop()
        return await tick()

    monkeypatch.setattr(desk.deadlines, "tick", may_fail)
    monkeypatch.setattr(asyncio, "sleep", lambda _seconds: pause(0))
    desk.deadlines.on(KIND, desk.act, lambda _deadline: rung.set())
    await desk.set(1)
    desk.deadlines.start()
    clock.advance(300)
    await rung.wait()
    await desk.deadlines.stop()
    assert not failures
    assert await desk.rung() == [1]
    await desk.deadlines.stop()
