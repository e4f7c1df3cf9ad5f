"""Receipts: our node says by an entry since when it has what the other party wrote.

What owes a receipt has a row from the transaction in which it became durable here
(``crisis_owed``). Paying it appends the receipt and deletes the row in one transaction, so a node
that dies in between pays it when it starts again, once, with the instant at which the entry came.
They are paid as soon as the entry is on the disk; once a second whatever was missed is.
"""

import asyncio
from functools import partial
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.crisis.tables import owed
from parley.errors import LogNotOpen, ParleyError, SpaceUnknown
from parley.ids import SpaceId, ThreadId
from parley.record.entry import Entry, Precedence
from parley.record.keeping import EntryDraft, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, RecordEvent
from parley.storage import Database
from parley.telemetry import log

BATCH: Final = 200
"""Receipts of one turn. More delays what else a second is for, fewer a backlog's receipts."""


class Receipts:
    """What our node owes. Owned by the event loop's thread."""

    def __init__(self, *, record: Record, database: Database, clock: Clock) -> None:
        """Pay from ``record`` what ``database`` says is owed, by ``clock``."""
        self._record = record
        self._clock = clock
        self._database = database
        self._is_waiting = False
        self._is_late = False
        """Whether something may have come to be owed since the rows were read."""
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        record.listen(self._on_event)

    def run(self) -> None:
        """Pay as soon as something is owed, by a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="receipts")

    async def stop(self) -> None:
        """Pay no more by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def pay(self) -> int:
        """Append the receipts that are owed, the oldest first; return how many.

        A log that may not grow yet leaves them owed. It may be called while it pays, and then has
        that look once more.
        """
        if self._is_waiting:
            self._is_late = True
            return 0
        self._is_waiting = True
        paid = 0
        try:
            self._is_late = True
            while self._is_late:
                self._is_late = False
                paid += await self._pay()
        finally:
            self._is_waiting = False
        return paid

    async def _pay(self) -> int:
        bound_ms = self._clock.error_bound_ms()
        found = await self._database.read(partial(_owed, bound_ms))
        # What is owed together goes into one transaction.
        return sum(await asyncio.gather(*(self._append(*each) for each in found)))

    def _on_event(self, event: RecordEvent) -> None:
        """Take note of what came from other people: their node is to hear of it."""
        if isinstance(event, EntryCame) and self._may_owe(event.entry):
            self._wanted.set()

    def _may_owe(self, entry: Entry) -> bool:
        """Say whether it is worth a look: nothing of our own is owed, and no plain words are."""
        is_theirs = entry.author != self._record.keys.party
        return is_theirs and entry.actor is not None and entry.kind != Kind.STATEMENT

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.pay()
            except ParleyError as error:
                log.warning("receipts not written", why=error.code)

    async def _append(self, digest: bytes, space: SpaceId, draft: EntryDraft) -> int:
        def delete(connection: sa.Connection) -> None:
            connection.execute(owed.delete().where(owed.c.hash == digest))

        try:
            await self._record.append_draft(space, draft, also=delete)
        except (LogNotOpen, SpaceUnknown):
            return 0
        except ParleyError as error:
            log.warning("receipt not written", entry=digest.hex(), why=error.code)
            return 0
        return 1


def _owed(
    bound_ms: int | None, connection: sa.Connection
) -> list[tuple[bytes, SpaceId, EntryDraft]]:
    query = sa.select(owed).order_by(owed.c.came_at, owed.c.hash).limit(BATCH)
    return [
        (
            bytes(row.hash),
            row.space,
            receipt_draft(bytes(row.hash), row.thread, row.precedence, row.came_at, bound_ms),
        )
        for row in connection.execute(query)
    ]


def receipt_draft(
    digest: bytes,
    thread: ThreadId | None,
    precedence: int | None,
    came_at: Instant,
    bound_ms: int | None = None,
) -> EntryDraft:
    """Return what says that an entry is on our disk.

    Args:
        digest: hash of the entry.
        thread: its matter.
        precedence: how urgent it is; its receipt is as urgent.
        came_at: since when we have it.
        bound_ms: how far our clock may be off, if that is known.
    """
    return EntryDraft(
        kind=Kind.RECEIPT,
        body={0: milliseconds(came_at)} | ({} if bound_ms is None else {1: bound_ms}),
        thread=thread,
        refs=(digest,),
        precedence=None if precedence is None else Precedence(precedence),
    )
