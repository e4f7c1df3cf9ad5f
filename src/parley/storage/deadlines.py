"""Deadlines as rows: set in the transaction of their cause, acted on exactly once.

How a deadline comes to be acted on: whoever causes it calls :func:`set_deadline` on the connection
of the change that causes it; both are kept, or neither. :class:`Deadlines` wakes at the instant of
the next row, and twice a second in case an earlier one was set meanwhile, and hands the database
one change for each row whose time has come: read the row again, call the actor of its kind, settle
the row. All of that is one transaction.

What if it fails: a process that dies before the commit leaves the row waiting and nothing of the
act; after the commit the row is settled and the act kept. An act that raises is undone, and tried
again after a while. A deadline that was cancelled or moved a moment earlier is found so when its
row is read again. A kind that nobody here acts on (an older program, after a newer one) stays
waiting. An act therefore writes rows and nothing else; what is to leave the node, others read from
those rows.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock
from parley.errors import ParleyError
from parley.storage.columns import whole
from parley.storage.database import Database
from parley.storage.deadline import (
    ClockWatch,
    Deadline,
    DeadlineState,
    acted,
    cancelled,
    failed,
    is_due,
    moved,
)
from parley.storage.rows import add_rows
from parley.storage.tables import deadline as table
from parley.telemetry import log

BATCH_MAX: Final = 200
"""Deadlines of a kind acted on at once. More: faster after a long stop. Less: others wait less for
the writer."""
ROUNDS_MAX: Final = 5
"""Times a kind is looked at again in one second. More: a million that are due at one instant are
over sooner. Less: whatever else a node does every second waits less for them."""

LOOK_S: Final = 0.5
"""Longest pause between two looks at what is due next. More: a deadline set meanwhile, and due
within it, is as late. Less: the database is asked more often for nothing."""
LOOK_S_MIN: Final = 0.02
"""Shortest pause. More: what falls due at many instants is later. Less: acts that are put off at
once keep a processor busy."""

# Statements of every alert and of every half second, made once (:mod:`parley.storage.rows`).
_is_it: Final = sa.and_(
    table.c.kind == sa.bindparam("of_kind"), table.c.subject == sa.bindparam("about")
)
_is_waiting: Final = table.c.state == DeadlineState.WAITING.value
_ONE: Final = sa.select(table).where(_is_it)
_KEPT: Final = table.update().where(_is_it)
_NEXT: Final = (
    sa.select(table.c.acts_at)
    .where(_is_waiting, table.c.kind.in_(sa.bindparam("kinds", expanding=True)))
    .order_by(table.c.acts_at)
    .limit(1)
)
_DUE: Final = (
    sa.select(table)
    .where(
        _is_waiting,
        table.c.acts_at <= sa.bindparam("now"),
        table.c.kind == sa.bindparam("of_kind"),
    )
    .order_by(table.c.acts_at)
    .limit(BATCH_MAX)
)

Act = Callable[[sa.Connection, Deadline, Instant], Instant | None]
"""What is done at a deadline, in its transaction; returns when it is due again, mostly None."""
Told = Callable[[Deadline], None]
"""Is told of a deadline after the commit in which it was acted on; must not wait for anything."""


def set_deadline(
    connection: sa.Connection,
    kind: str,
    subject: str,
    due_at: Instant,
    now: Instant,
    body: bytes = b"",
) -> DeadlineState:
    """Set a deadline in the transaction of its cause; one that was ever set stays as it is.

    Returns:
        Where the deadline stands: waiting, or settled long ago.
    """
    fresh = Deadline(kind, subject, due_at, due_at, now, body)
    set_deadlines(connection, [fresh])
    found = find_deadline(connection, kind, subject)
    return fresh.state if found is None else found.state


def set_deadlines(connection: sa.Connection, fresh: Sequence[Deadline]) -> None:
    """Set many at once, as :func:`set_deadline` does one."""
    add_rows(connection, table, *(_values(each) for each in fresh))


def move_deadline(connection: sa.Connection, kind: str, subject: str, due_at: Instant) -> Deadline:
    """Give a deadline another instant.

    Raises:
        TransitionRefused: there is none, or it is settled.
    """
    unset = Deadline(kind, subject, due_at, due_at, due_at, state=DeadlineState.UNSET)
    changed = moved(find_deadline(connection, kind, subject) or unset, due_at)
    _keep(connection, changed)
    return changed


def cancel_deadline(connection: sa.Connection, kind: str, subject: str, now: Instant) -> bool:
    """Cancel a deadline because what was awaited has happened; say whether it was still waiting."""
    found = find_deadline(connection, kind, subject)
    if found is None:
        return False
    changed = cancelled(found, now)
    if changed != found:
        _keep(connection, changed)
    return changed != found


def find_deadline(connection: sa.Connection, kind: str, subject: str) -> Deadline | None:
    """Return one deadline, settled or not."""
    row = connection.execute(_ONE, {"of_kind": kind, "about": subject}).one_or_none()
    return None if row is None else _deadline(row)


def waiting_deadlines(connection: sa.Connection) -> list[Deadline]:
    """Return all that wait, the next one first."""
    rows = connection.execute(
        sa.select(table)
        .where(table.c.state == DeadlineState.WAITING.value)
        .order_by(table.c.acts_at)
    )
    return [_deadline(row) for row in rows]


def next_at(connection: sa.Connection) -> Instant | None:
    """Return when the next one is to be acted on, None when nothing waits."""
    waiting = table.c.state == DeadlineState.WAITING.value
    found: Instant | None = connection.execute(
        sa.select(table.c.acts_at).where(waiting).order_by(table.c.acts_at).limit(1)
    ).scalar()
    return found


def _next_of(connection: sa.Connection, kinds: Iterable[str]) -> Instant | None:
    """Return when the next one of some kinds is to be acted on."""
    found: Instant | None = connection.execute(_NEXT, {"kinds": list(kinds)}).scalar()
    return found


def forget_settled(connection: sa.Connection, before: Instant) -> int:
    """Delete what was settled before an instant; return how many rows."""
    return connection.execute(table.delete().where(table.c.settled_at < before)).rowcount


class Deadlines:
    """Acts on what is due. Owned by the event loop's thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Watch over the deadlines of a database."""
        self._database = database
        self._clock = clock
        self._actors: dict[str, Act] = {}
        self._told: dict[str, Told] = {}
        self._elapsed: set[str] = set()
        self._watch = ClockWatch(clock.now(), clock.monotonic())
        self._set_by_ms = 0
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Act on each deadline at its instant from here on, by a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="deadlines")

    async def stop(self) -> None:
        """Act no more by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def on(
        self, kind: str, act: Act, told: Told | None = None, *, counts_elapsed: bool = False
    ) -> None:
        """Name who acts at deadlines of a kind, and who is told after the commit.

        Args:
            kind: of the deadlines.
            act: what is done, in the deadline's transaction.
            told: who is told after it.
            counts_elapsed: whether they wait for time to pass and for no hour of the clock, so
                that a clock that is put forward while the node runs brings none of them early.
        """
        self._actors[kind] = act
        if counts_elapsed:
            self._elapsed.add(kind)
        if told is not None:
            self._told[kind] = told

    async def tick(self) -> int:
        """Act on what is due; return on how many. May be called at any time.

        Each kind has its turn, however many of another are due; of one kind at most
        ``BATCH_MAX * ROUNDS_MAX``, the earliest first, and the rest at the next call.

        Raises:
            OurError: the database cannot be used; whatever was due is still due at the next call.
        """
        # By how much a clock was set is told once, and is to be made good once.
        async with self._turn:
            return await self._tick()

    async def pause_s(self) -> float:
        """Return in how many seconds to look again: when the next is due, or soon."""
        kinds = tuple(self._actors)
        found = await self._database.read(lambda connection: _next_of(connection, kinds))
        if found is None:
            return LOOK_S
        left_s = (found - self._clock.now()).total("seconds")
        return min(LOOK_S, max(LOOK_S_MIN, left_s))

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.sleep(await self.pause_s())
                await self.tick()
            except ParleyError as error:
                log.error("deadlines not acted on", code=error.code)
                await asyncio.sleep(LOOK_S)
            except Exception:  # noqa: BLE001  whatever it was, the next one is due all the same
                log.error("deadlines failed", exc_info=True)
                await asyncio.sleep(LOOK_S)

    async def _tick(self) -> int:
        now = self._clock.now()
        self._set_by_ms += self._watch.look(now, self._clock.monotonic())
        if self._set_by_ms:
            log.warning("clock was set", by_ms=self._set_by_ms)
            by_ms = self._set_by_ms
            elapsed = tuple(self._elapsed)
            await self._database.write(lambda connection: _shift(connection, by_ms, elapsed))
            self._set_by_ms = 0
        number, kinds = 0, list(self._actors)
        for _ in range(ROUNDS_MAX):
            due = await self._database.read(partial(_due, kinds=kinds, now=now))
            number += sum(await asyncio.gather(*(self._settle(each, now) for each in due)))
            counts = Counter(each.kind for each in due)
            kinds = [kind for kind in kinds if counts[kind] >= BATCH_MAX]
            if not kinds:
                break
        return number

    async def _settle(self, due: Deadline, now: Instant) -> bool:
        """Act on one deadline in one transaction; undo and put off an act that raises."""
        try:
            has_acted = await self._database.write(lambda c: self._act(c, due, now))
        except ParleyError as error:
            if error.code.startswith("storage."):
                raise
            self._tell_failure(due, error)
        except Exception as error:  # noqa: BLE001  one act that fails delays no other
            self._tell_failure(due, error)
        else:
            if has_acted:
                self._tell(due)
            return has_acted
        await self._database.write(lambda connection: _put_off(connection, due, now))
        return False

    def _act(self, connection: sa.Connection, due: Deadline, now: Instant) -> bool:
        found = find_deadline(connection, due.kind, due.subject)
        if found is None or not is_due(found, now):
            return False
        again_at = self._actors[due.kind](connection, found, now)
        _keep(connection, acted(found, now, again_at))
        return True

    def _tell(self, due: Deadline) -> None:
        """Tell whoever wants to know; the deadline is over, whatever they make of it."""
        try:
            self._told.get(due.kind, _nobody)(due)
        except Exception:  # noqa: BLE001  a listener's fault is not the deadline's
            log.error("deadline listener failed", kind=due.kind, exc_info=True)

    def _tell_failure(self, due: Deadline, error: Exception) -> None:
        log.error(
            "deadline failed", kind=due.kind, subject=due.subject, tries=due.tries, error=str(error)
        )


def _nobody(_: Deadline) -> None:
    """Be told, and do nothing."""


def _due(connection: sa.Connection, kinds: Iterable[str], now: Instant) -> list[Deadline]:
    """Return the earliest of each kind that are due."""
    first = _next_of(connection, kinds)
    if first is None or first > now:
        return []
    found: list[Deadline] = []
    for kind in kinds:
        found += map(_deadline, connection.execute(_DUE, {"of_kind": kind, "now": now}))
    return found


def _put_off(connection: sa.Connection, due: Deadline, now: Instant) -> None:
    found = find_deadline(connection, due.kind, due.subject)
    if found is not None and is_due(found, now):
        _keep(connection, failed(found, now))


def _shift(connection: sa.Connection, by_ms: int, elapsed: Iterable[str]) -> None:
    """Do to every waiting row what :func:`~parley.storage.deadline.shifted` does to one.

    Of the kinds that wait for time to pass, ``due_at`` holds nothing back.
    """
    acts = sa.type_coerce(table.c.acts_at, whole())
    due = sa.type_coerce(table.c.due_at, whole())
    latest = sa.case((due > acts, due), else_=acts)
    wanted = acts + sa.literal(by_ms, whole())
    is_elapsed = table.c.kind.in_(list(elapsed))
    earlier = sa.case((wanted < 0, 0), (is_elapsed | (wanted < latest), wanted), else_=latest)
    waiting = table.c.state == DeadlineState.WAITING.value
    connection.execute(table.update().where(waiting).values(acts_at=earlier))


def _keep(connection: sa.Connection, deadline: Deadline) -> None:
    named = {"of_kind": deadline.kind, "about": deadline.subject}
    connection.execute(_KEPT, _values(deadline) | named)


_COLUMNS: Final[Iterable[str]] = tuple(field.name for field in fields(Deadline))


def _values(deadline: Deadline) -> dict[str, Any]:
    return {name: getattr(deadline, name) for name in _COLUMNS} | {"state": deadline.state.value}


def _deadline(row: sa.Row[Any]) -> Deadline:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Deadline(**values | {"state": DeadlineState(row.state), "body": bytes(row.body)})
