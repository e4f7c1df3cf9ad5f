"""What is written beside an entry in its transaction: its deadline, its blob, rows of the domains.

A domain that must do something about an entry, ours or another party's, cannot wait to be told
after the commit: a node that dies in between would never do it. So it names a *keeper* for its
kinds, which writes its rows (a deadline, an alert's place in its table) in the transaction that
makes the entry durable here. Both are kept, or neither.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import sqlalchemy as sa
from whenever import Instant

from parley.ids import PartyId
from parley.record.batch import RecordBatch
from parley.record.deadlines import deadline_of, keep_entry_deadlines
from parley.record.ports import EntryCame, Keeper
from parley.record.repository import After
from parley.record.sealed import ERASING, keep_sealed
from parley.storage import run_plain
from parley.telemetry import log

Wanted: TypeAlias = Callable[[EntryCame], bool]
"""Says whether a keeper has anything to write beside an entry; it looks at the entry alone."""
_Call: TypeAlias = tuple[Keeper, EntryCame]


class EntryKeepers:
    """Who writes beside entries of which kind."""

    def __init__(self, own: PartyId) -> None:
        """Begin with nobody but the entries' own deadlines.

        Args:
            own: our party.
        """
        self._own = own
        self._keepers: dict[int, list[tuple[Keeper, Wanted]]] = defaultdict(list)

    def add(self, kinds: Iterable[int], keeper: Keeper, wanted: Wanted) -> None:
        """Let ``keeper`` write beside entries of some kinds that are ``wanted``."""
        for kind in kinds:
            self._keepers[int(kind)].append((keeper, wanted))

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
        calls = [
            (keeper, event)
            for event in came
            for keeper, wanted in self._keepers.get(int(event.entry.kind), ())
            if wanted(event)
        ]
        if calls:
            batch.changes.after.append(lambda c: _keep(c, calls, now))


def _sealing(event: EntryCame, own: PartyId, now: Instant) -> After:
    """Return what is written with an entry that seals its body, or erases what others sealed."""
    return lambda connection: keep_sealed(connection, event, own, now)


def _keep(connection: sa.Connection, calls: Sequence[_Call], now: Instant) -> None:
    """Let keepers write; one that raises is undone alone.

    All in one savepoint, because a savepoint each costs a turn of many entries more than the
    entries do. Only where one raises they begin again, each in its own.
    """
    if len(calls) > 1 and _try(connection, calls, now) is None:
        return
    for keeper, event in calls:
        error = _try(connection, [(keeper, event)], now)
        if error is not None:
            kind = int(event.entry.kind)
            log.error("record keeper failed", kind=kind, entry=event.hash.hex(), exc_info=error)


def _try(connection: sa.Connection, calls: Sequence[_Call], now: Instant) -> Exception | None:
    """Let keepers write; if one raises, undo what all of them wrote, and return why."""
    run_plain(connection, "SAVEPOINT keepers")
    failure: Exception | None = None
    try:
        for keeper, event in calls:
            keeper(connection, event, now)
    except (sa.exc.OperationalError, sa.exc.InternalError, MemoryError):
        # The disk's, the database's or the machine's own fault: nothing of the turn is kept.
        raise
    except Exception as error:  # noqa: BLE001  one bad entry must not stop a log
        run_plain(connection, "ROLLBACK TO SAVEPOINT keepers")
        failure = error
    run_plain(connection, "RELEASE SAVEPOINT keepers")
    return failure
