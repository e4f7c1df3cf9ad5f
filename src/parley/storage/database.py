"""The database of one node: one writer thread, a pool of readers."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import sqlalchemy as sa

from parley.errors import StorageClosed, StorageUnavailable
from parley.storage import sqlite
from parley.storage.migrate import migrate

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
GROUP_MAX: Final = 128
"""Changes in one transaction. More: fewer syncs under load. Less: the first waits less."""


class Database:
    """One node's database; see the package's essay."""

    def __init__(self, file: Path, readers: int) -> None:
        """Use :meth:`open`."""
        self.file = file
        self._writer = sqlite.writer_engine(file)
        self._reader = sqlite.reader_engine(file, readers)
        self._pool = ThreadPoolExecutor(readers, thread_name_prefix="parley-read")
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="parley-write", daemon=True)
        self._is_closed = False

    @classmethod
    def open(cls, file: Path, readers: int = 4) -> Self:
        """Open or make the database and bring its schema up to date.

        Raises:
            StorageTooOld: the SQLite in use can corrupt a database.
            StorageNewer: a newer Parley wrote this database.
            StorageUnavailable: the file cannot be opened or written.
        """
        sqlite.check_version()
        database = cls(file, readers)
        try:
            migrate(database._writer)
        except (sa.exc.DBAPIError, OSError) as error:
            database._dispose()
            raise StorageUnavailable(file=str(file), reason=_reason(error)) from error
        except BaseException:
            database._dispose()
            raise
        file.chmod(0o600)
        database._thread.start()
        return database

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in the writer's transaction and return once its change is durable."""
        return await asyncio.wrap_future(self._submit(work))

    def write_now(self, work: Work[T]) -> T:
        """Run ``work`` like :meth:`write`, waiting on this thread; for commands, not for a node."""
        return self._submit(work).result()

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on the last committed state, beside the writer."""
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
        """Finish what was handed over, then close the file."""
        if self._is_closed:
            return
        self._is_closed = True
        self._queue.put(None)
        self._thread.join()
        self._dispose()

    def _dispose(self) -> None:
        self._pool.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    def _submit(self, work: Work[T]) -> Future[T]:
        if self._is_closed:
            raise StorageClosed
        future: Future[T] = Future()
        self._queue.put((work, future))
        return future

    def _read(self, work: Work[T]) -> T:
        with self._reader.connect() as connection:
            return work(connection)

    def _run(self) -> None:
        """Be the writer thread."""
        with self._writer.connect() as connection:
            while (first := self._queue.get()) is not None:
                group = [first]
                is_last = False
                while len(group) < GROUP_MAX and not self._queue.empty():
                    item = self._queue.get()
                    if item is None:
                        is_last = True
                        break
                    group.append(item)
                self._commit(connection, group)
                if is_last:
                    return

    def _commit(
        self, connection: sa.Connection, group: list[tuple[Work[Any], Future[Any]]]
    ) -> None:
        """Run a group of changes in one transaction, then tell each caller."""
        done: list[tuple[Future[Any], Any]] = []
        try:
            with connection.begin():
                for work, future in group:
                    try:
                        with connection.begin_nested():
                            outcome = work(connection)
                    except Exception as error:  # noqa: BLE001  the caller's own
                        future.set_exception(error)
                    else:
                        done.append((future, outcome))
        except sa.exc.DBAPIError as error:
            # What the disk holds of this transaction is not known; the connection with it goes.
            connection.invalidate()
            unavailable = StorageUnavailable(file=str(self.file), reason=_reason(error))
            for _, future in group:
                if not future.done():
                    future.set_exception(unavailable)
            return
        for future, outcome in done:
            future.set_result(outcome)


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).partition("\n")[0]
