"""Receipts: our node says by an entry since when it has what the other party wrote.

What owes a receipt has a row from the transaction in which it became durable here
(``crisis_owed``). Paying it appends the receipt and deletes the row in one transaction, so a node
that dies in between pays it when it starts again, once, with the instant at which the entry came.
"""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.tables import owed
from parley.errors import LogNotOpen, ParleyError, SpaceUnknown
from parley.ids import SpaceId, ThreadId
from parley.record.entry import Precedence
from parley.record.keeping import EntryDraft, Record
from parley.record.kinds import Kind
from parley.storage import Database
from parley.telemetry import log

BATCH: Final = 200
"""Receipts of one turn. More delays what else a second is for, fewer a backlog's receipts."""


class Receipts:
    """What our node owes. Owned by the event loop's thread."""

    def __init__(self, *, record: Record, database: Database) -> None:
        """Pay from ``record`` what ``database`` says is owed."""
        self._record = record
        self._database = database
        self._is_waiting = False

    async def pay(self) -> int:
        """Append the receipts that are owed, the oldest first; return how many.

        A log that may not grow yet leaves them owed. Called once a second; it may be called while
        it waits, and then does nothing.
        """
        if self._is_waiting:
            return 0
        self._is_waiting = True
        paid = 0
        try:
            for digest, space, draft in await self._database.read(_owed):
                paid += await self._append(digest, space, draft)
        finally:
            self._is_waiting = False
        return paid

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


def _owed(connection: sa.Connection) -> list[tuple[bytes, SpaceId, EntryDraft]]:
    query = sa.select(owed).order_by(owed.c.came_at, owed.c.hash).limit(BATCH)
    return [
        (
            bytes(row.hash),
            row.space,
            receipt_draft(bytes(row.hash), row.thread, row.precedence, row.came_at),
        )
        for row in connection.execute(query)
    ]


def receipt_draft(
    digest: bytes, thread: ThreadId | None, precedence: int | None, came_at: Instant
) -> EntryDraft:
    """Return what says that an entry is on our disk.

    Args:
        digest: hash of the entry.
        thread: its matter.
        precedence: how urgent it is; its receipt is as urgent.
        came_at: since when we have it.
    """
    return EntryDraft(
        kind=Kind.RECEIPT,
        body={0: milliseconds(came_at)},
        thread=thread,
        refs=(digest,),
        precedence=None if precedence is None else Precedence(precedence),
    )
