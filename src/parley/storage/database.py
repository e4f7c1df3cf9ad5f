"""The database of one node: one writer thread, a pool of readers."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import sqlalchemy as sa

from parley.errors import (
    OurError,
    ParleyError,
    StorageClosed,
    StorageFailed,
    StorageFull,
    StorageReadOnly,
    StorageUnavailable,
)
from parley.exhaustion import is_memory_short, started_pool
from parley.storage.columns import run_plain
from parley.storage.migrate import migrate
from parley.storage.source import DatabaseSource, Fault
from parley.storage.sqlite import SqliteFile
from parley.telemetry import log

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
GROUP_MAX: Final = 128
"""Changes in one transaction. More: fewer syncs under load. Less: the first waits less."""


@dataclass(slots=True, eq=False)
class _Change:
    """One change that was handed over, and what became of it."""

    work: Work[Any]
    future: Future[Any]
    has_run: bool = False
    outcome: Any = None


class Database:
    """One node's database; see the package's essay."""

    def __init__(self, source: DatabaseSource, readers: int) -> None:
        """Use :meth:`open`."""
        self.source = source
        self._writer = source.writer()
        self._reader = source.readers(readers)
        self._pool = started_pool(readers, "parley-read")
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="parley-write", daemon=True)
        self._connection: sa.Connection | None = None
        self._is_closed = False
        # Nothing is handed over behind the last item of the queue.
        self._entrance = threading.Lock()
        # Owned by the writer thread; set once, when no further change may be tried.
        self._failure: StorageFailed | None = None
        self._may_lack_memory = False
        # Written by the writer thread alone: what the last group of changes met.
        self._trouble: OurError | None = None

    @classmethod
    def open(cls, place: Path | DatabaseSource, readers: int = 4) -> Self:
        """Open or make the database and bring its schema up to date.

        Args:
            place: a file for the embedded database, or another source.
            readers: reads at once.

        Raises:
            StorageTooOld: the SQLite in use can corrupt a database.
            StorageNewer: a newer Parley wrote this database.
            StorageTaken: another node has it open.
            StorageUnavailable: it cannot be opened or written.
        """
        source = SqliteFile(place) if isinstance(place, Path) else place
        database: Self | None = None
        try:
            source.prepare()
            database = cls(source, readers)
            database._begin()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            _abandon(database, source)
            raise StorageUnavailable(file=source.name, reason=_reason(error)) from error
        except BaseException:
            _abandon(database, source)
            raise
        return database

    @property
    def failure(self) -> StorageFailed | None:
        """Why nothing is written any more, None while all is well."""
        return self._failure

    @property
    def trouble(self) -> OurError | None:
        """Why the last change was not kept, None while changes are kept."""
        return self._failure or self._trouble

    @property
    def is_writing(self) -> bool:
        """Whether changes are made or refused for what they are.

        No change is made any more without the writer thread, or after a failure that may be the
        memory's and not the disk's: SQLite calls both an error of the disk. Only a start tells.
        """
        return self._thread.is_alive() and not self._may_lack_memory

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in the writer's transaction and return once its change is durable.

        Raises:
            StorageFull: the disk is full; nothing of the change is kept.
            StorageReadOnly: the database takes no changes; nothing of the change is kept.
            StorageFailed: the disk failed; no change is tried any more.
            StorageUnavailable: the database was lost; whether the change was kept is not known.
            StorageClosed: the database is closed.
        """
        return await asyncio.wrap_future(self._submit(work))

    def write_now(self, work: Work[T]) -> T:
        """Run ``work`` like :meth:`write`, waiting on this thread; for commands, not for a node."""
        return self._submit(work).result()

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on one committed state, the last one, beside the writer."""
        if self._is_closed:
            raise StorageClosed
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._read, work)

    def read_now(self, work: Work[T]) -> T:
        """Run ``work`` like :meth:`read`, on this thread."""
        if self._is_closed:
            raise StorageClosed
        return self._read(work)

    def close(self) -> None:
        """Finish what was handed over, then close the database."""
        with self._entrance:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue.put(None)
        self._thread.join()
        self._dispose()

    def _begin(self) -> None:
        """Claim the database, bring its schema up to date, start the writer thread."""
        self._connection = self._writer.connect()
        migrate(self._connection)
        self.source.opened(self._connection)
        self._thread.start()

    def _dispose(self) -> None:
        self._pool.shutdown()
        self._reader.dispose()
        if self._connection is not None:
            self._connection.close()
        self._writer.dispose()
        self.source.release()

    def _submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        with self._entrance:
            if self._is_closed:
                raise StorageClosed
            self._queue.put(_Change(work, future))
        return future

    def _read(self, work: Work[T]) -> T:
        try:
            with self._reader.connect() as connection:
                return work(connection)
        except sa.exc.DBAPIError as error:
            if self.source.fault(error) in {Fault.PASSING, Fault.LASTING}:
                raise StorageUnavailable(file=self.source.name, reason=_reason(error)) from error
            raise

    def _run(self) -> None:
        """Be the writer thread."""
        is_last = False
        while not is_last:
            group: list[_Change] = []
            waiting = self._queue.get()
            while waiting is not None:
                # A change whose caller has gone before its turn is not made.
                if waiting.future.set_running_or_notify_cancel():
                    group.append(waiting)
                if len(group) == GROUP_MAX or self._queue.empty():
                    break
                waiting = self._queue.get()
            is_last = waiting is None
            self._write(group)

    def _write(self, group: list[_Change]) -> None:
        """Make a group of changes durable, then tell each caller."""
        connection = self._connection
        failure: OurError | None = self._failure
        if failure is None and connection is not None and group:
            failure = self._trouble = self._commit(connection, group)
        for change in group:
            if change.future.done():
                continue
            if failure is None:
                change.future.set_result(change.outcome)
            else:
                change.future.set_exception(type(failure)(**failure.params))
        if failure is None and connection is not None and group:
            self._settle(connection)

    def _commit(self, connection: sa.Connection, group: list[_Change]) -> OurError | None:
        """Run the group in one transaction; return why none of it is kept, None if it is."""
        while True:
            try:
                with connection.begin() as transaction:
                    is_alone = len(group) == 1 and not self.source.can_be_away
                    for change in group:
                        self._make(connection, change, transaction if is_alone else None)
            except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
                fault, cause = self._drop(connection, error)
                if fault is Fault.PASSING and not any(change.has_run for change in group):
                    taken = self._dial(connection)
                    if taken is None:
                        continue
                    cause = taken
                return self._failed(cause, fault)
            return None

    def _make(
        self, connection: sa.Connection, change: _Change, alone: sa.RootTransaction | None
    ) -> None:
        """Run one change; raise only what is no fault of the change.

        Each in a savepoint, so that one that raises takes nothing else with it; one that has the
        transaction to itself takes that, unless the savepoint is what tells that the connection is
        still there: a change that has not run can be made on another. Savepoints as text: as
        objects they are compiled anew each time, which costs more than what is between them.
        """
        if alone is None:
            run_plain(connection, "SAVEPOINT change")
        change.has_run = True
        try:
            change.outcome = change.work(connection)
        except BaseException as error:
            if self.source.fault(error) is not Fault.CALLER:
                raise
            if alone is None:
                run_plain(connection, "ROLLBACK TO SAVEPOINT change")
            else:
                alone.rollback()
            change.future.set_exception(error)
        if alone is None:
            run_plain(connection, "RELEASE SAVEPOINT change")

    def _settle(self, connection: sa.Connection) -> None:
        """Let the source tidy up while nobody waits for it."""
        try:
            self.source.settle(connection)
        except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
            fault, cause = self._drop(connection, error)
            self._failed(cause, fault)

    def _drop(self, connection: sa.Connection, error: BaseException) -> tuple[Fault, BaseException]:
        """Find what is behind an error, and let the connection go with it.

        One that was lost, or nobody knows how it stands, goes. On a full or failed disk it stays:
        its change is rolled back, and SQLite would sync, or need space, to open another.
        """
        fault, cause = self._fault(error)
        if fault in {Fault.PASSING, Fault.CALLER}:
            connection.invalidate()
        return fault, cause

    def _fault(self, error: BaseException) -> tuple[Fault, BaseException]:
        """Find what is behind an error: rolling back may have failed in its turn."""
        behind: BaseException | None = error
        while behind is not None:
            fault = self.source.fault(behind)
            if fault is not Fault.CALLER:
                return fault, behind
            behind = behind.__cause__ or behind.__context__
        return Fault.CALLER, error

    def _dial(self, connection: sa.Connection) -> Exception | None:
        """Connect anew, after a connection was lost before any change had run; say why not."""
        try:
            with connection.begin():
                connection.execute(sa.select(1))
        except (sa.exc.SQLAlchemyError, ParleyError) as error:
            connection.invalidate()
            return error
        return None

    def _failed(self, error: BaseException, fault: Fault) -> OurError:
        """Return what callers are told, and remember a failure that lasts."""
        name, reason = self.source.name, _reason(error)
        failure: OurError
        if isinstance(error, OurError):
            failure = error
        elif fault is Fault.FULL:
            failure = StorageFull(file=name)
        elif fault is Fault.READ_ONLY:
            failure = StorageReadOnly(file=name)
        elif fault is Fault.LASTING:
            self._may_lack_memory = is_memory_short()
            failure = self._failure = StorageFailed(file=name, reason=reason)
        else:
            failure = StorageUnavailable(file=name, reason=reason)
        log.error("storage", code=failure.code, reason=reason)
        return failure


def _abandon(database: Database | None, source: DatabaseSource) -> None:
    """Close what an attempt to open has opened."""
    if database is None:
        source.release()
    else:
        database._dispose()  # noqa: SLF001  its own module


def _reason(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    said = str(cause).partition("\n")[0]
    name = getattr(cause, "sqlite_errorname", None)
    return said if name is None else f"{said}, {name}"
