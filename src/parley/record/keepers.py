"""What is written beside an entry in its transaction: its deadline, its blob, rows of the domains.

A domain that must do something about an entry, ours or another party's, cannot wait to be told
after the commit: a node that dies in between would never do it. So it names a *keeper* for its
kinds, which writes its rows (a deadline, an alert's place in its table) in the transaction that
makes the entry durable here. Both are kept, or neither.
"""

from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa
from whenever import Instant

from parley.ids import PartyId
from parley.record.batch import RecordBatch
from parley.record.deadlines import deadline_of, keep_entry_deadlines
from parley.record.ports import EntryCame, Keeper
from parley.record.repository import After
from parley.record.sealed import ERASING, keep_sealed
from parley.telemetry import log


class EntryKeepers:
    """Who writes beside entries of which kind."""

    def __init__(self, own: PartyId) -> None:
        """Begin with nobody but the entries' own deadlines.

        Args:
            own: our party.
        """
        self._own = own
        self._keepers: dict[int, list[Keeper]] = defaultdict(list)

    def add(self, kinds: Iterable[int], keeper: Keeper) -> None:
        """Let ``keeper`` write beside every entry of some kinds."""
        for kind in kinds:
            self._keepers[int(kind)].append(keeper)

    def write_beside(self, batch: RecordBatch) -> None:
        """Add to a turn's rows what belongs to the entries that came in it."""
        now = batch.now
        came = [event for event in batch.events if isinstance(event, EntryCame)]
        found = [deadline_of(event, self._own, now) for event in came]
        rows = [row for row in found if row is not None]
        if rows:
            batch.changes.after.append(lambda c: keep_entry_deadlines(c, rows, now))
        sealing = [each for each in came if each.entry.sealed or each.entry.kind in ERASING]
        batch.changes.after += [_sealing(event, self._own, now) for event in sealing]
        for event in came:
            for keeper in self._keepers.get(int(event.entry.kind), ()):
                batch.changes.after.append(_guarded(keeper, event, now))


def _sealing(event: EntryCame, own: PartyId, now: Instant) -> After:
    """Return what is written with an entry that seals its body, or erases what others sealed."""
    return lambda connection: keep_sealed(connection, event, own, now)


def _guarded(keeper: Keeper, event: EntryCame, now: Instant) -> After:
    """Return what a keeper writes, undone alone if it raises."""

    def after(connection: sa.Connection) -> None:
        savepoint = connection.begin_nested()
        try:
            keeper(connection, event, now)
        except (sa.exc.OperationalError, sa.exc.InternalError):
            # The disk's or the database's own fault: nothing of the turn is kept.
            raise
        except Exception:  # noqa: BLE001  one bad entry must not stop a log
            savepoint.rollback()
            kind = int(event.entry.kind)
            log.error("record keeper failed", kind=kind, entry=event.hash.hex(), exc_info=True)
        else:
            savepoint.commit()

    return after
