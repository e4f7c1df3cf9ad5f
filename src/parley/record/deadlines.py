"""The deadline that an entry carries: a row of each node that has the entry, in its transaction.

What an entry says is how long it gives, from its time to its deadline, both by its author's clock.
Each party counts that by its own clock from what happened at its own place: the author from the
time of the entry, everybody else from when the entry was durable here. So no two clocks need agree,
and what came late through a cut line still leaves its reader the time that it gives.

An entry that gives no time at all, because its deadline is not after its time, has no row: it was
over when it was written. An entry that ran ahead of its log has its row from then on; it gets no
other when the log catches up. At the deadline the row is settled and listeners are told
(:class:`~parley.record.ports.DeadlineDue`), once; a domain that was answered in time cancels it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.ids import PartyId
from parley.record.checkpoint import read_origin
from parley.record.entry import TIME_MS_MAX, Entry
from parley.record.ports import DeadlineDue, EntryCame
from parley.storage.deadline import Deadline
from parley.storage.deadlines import cancel_deadline, find_deadline, set_deadlines

OUR_ENTRY: Final = "entry.ours"
"""Kind of the deadlines of our own entries."""
THEIR_ENTRY: Final = "entry.theirs"
"""Kind of the deadlines of others' entries: a kind of its own, so that a party that sets a million
of them delays none of ours."""


@dataclass(frozen=True, slots=True)
class EntryDeadline:
    """One row to be written with an entry."""

    kind: str
    subject: str
    due_at: Instant
    body: bytes
    """Origin and place of the entry, a line each."""


def deadline_of(came: EntryCame, own: PartyId, now: Instant) -> EntryDeadline | None:
    """Return the row of an entry that came, nothing if it gives no time.

    Args:
        came: the entry, which counts.
        own: our party.
        now: when it was durable here.
    """
    left_ms = _given_ms(came.entry)
    if left_ms is None:
        return None
    is_ours = came.origin.party == own
    start_ms = came.entry.time_ms if is_ours else milliseconds(now)
    due_at = from_milliseconds(min(start_ms + left_ms, TIME_MS_MAX))
    body = f"{came.origin.text()}\n{came.place}".encode()
    return EntryDeadline(OUR_ENTRY if is_ours else THEIR_ENTRY, came.hash.hex(), due_at, body)


def keep_entry_deadlines(
    connection: sa.Connection, rows: Sequence[EntryDeadline], now: Instant
) -> None:
    """Write the rows of a turn's entries; one that was ever there stays as it is."""
    set_deadlines(
        connection,
        [Deadline(row.kind, row.subject, row.due_at, row.due_at, now, row.body) for row in rows],
    )


def cancel_entry_deadline(connection: sa.Connection, digest: bytes, now: Instant) -> bool:
    """Cancel an entry's deadline because it was answered; say whether it was still waiting."""
    kinds = (OUR_ENTRY, THEIR_ENTRY)
    return any(cancel_deadline(connection, kind, digest.hex(), now) for kind in kinds)


def find_entry_deadline(connection: sa.Connection, digest: bytes) -> Deadline | None:
    """Return the deadline of an entry as it stands here, nothing if it has none."""
    found = (find_deadline(connection, kind, digest.hex()) for kind in (OUR_ENTRY, THEIR_ENTRY))
    return next((each for each in found if each is not None), None)


def due_event(deadline: Deadline) -> DeadlineDue:
    """Return what listeners are told at an entry's deadline."""
    origin, _, place = deadline.body.decode().partition("\n")
    digest = bytes.fromhex(deadline.subject)
    return DeadlineDue(read_origin(origin), int(place), digest, deadline.due_at)


def _given_ms(entry: Entry) -> int | None:
    if entry.deadline_ms is None or entry.deadline_ms <= entry.time_ms:
        return None
    return entry.deadline_ms - entry.time_ms
