"""The keys of cases: a database of its own, and the only thing whose loss is a promise.

Every case has a key of 32 random bytes, which seals all that is kept about it. The key lies in
``keys.db``, wrapped by the month's *wrapping key*, a file beside it. Erasing a case deletes its
row, overwrites the place (``secure_delete``) and empties the log; from then on nobody can read what
the case's blobs hold, wherever copies of them are.

Copies of ``keys.db`` die too: each month has a wrapping key of its own, all cases are wrapped anew
with it, and the old one is deleted. A copy that is older than that opens nothing. So neither is
part of a backup (``parley backup``); whoever copies them keeps them apart and no longer than 30
days.

What if it fails: a process that dies while wrapping anew leaves both wrapping keys, and the next
start finishes it. Overwriting a file in place is as good as the disk: flash may keep old blocks
until it reuses them, so the disk below should be encrypted.
"""

import contextlib
import os
import threading
from pathlib import Path
from typing import Final, Self

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from whenever import Instant

from parley.clock import milliseconds
from parley.errors import CaseErased, CaseKeyMissing, StorageClosed, StorageUnavailable
from parley.ids import Id
from parley.storage.sealing import KEY_BYTES
from parley.storage.sqlite import SqliteFile, truncate_log

FILE_NAME: Final = "keys.db"
NONCE_BYTES: Final = 12
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS case_key (
        case_id TEXT NOT NULL PRIMARY KEY,
        month TEXT,
        wrapped BLOB,
        made_at INTEGER NOT NULL,
        erased_at INTEGER
    ) STRICT
"""


class CaseKeys:
    """The keys of all cases of one node. Any thread may call; one works at a time."""

    def __init__(self, folder: Path) -> None:
        """Use :meth:`open`."""
        self._folder = folder
        self._source = SqliteFile(folder / FILE_NAME)
        self._engine = self._source.writer()
        self._opened: sa.Connection | None = None
        self._lock = threading.Lock()
        self._wrapping: dict[str, bytes] = {}
        self._month = ""

    @classmethod
    def open(cls, folder: Path, now: Instant) -> Self:
        """Open or make the keys in ``folder``; wrap all anew when a new month has begun.

        Raises:
            StorageTaken: another process has them open.
            StorageUnavailable: they cannot be opened or written.
        """
        keys = cls(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            keys._source.prepare()
            keys._opened = keys._engine.connect()
            with keys._connection.begin():
                keys._connection.exec_driver_sql(_TABLE)
            keys._source.opened(keys._connection)
            keys.renew(now)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            keys.close()
            reason = str(getattr(error, "orig", None) or error)
            raise StorageUnavailable(file=str(folder / FILE_NAME), reason=reason) from error
        except BaseException:
            keys.close()
            raise
        return keys

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
            self._engine.dispose()
            self._source.release()

    def make(self, case: Id, now: Instant) -> bytes:
        """Return the key of a case, a fresh one for a new case.

        Raises:
            CaseErased: the case was erased; it does not come back.
            CaseKeyMissing: its wrapping key is gone.
        """
        with self._lock, self._connection.begin():
            with contextlib.suppress(CaseKeyMissing):
                return self._find(case)
            if self._row(case) is not None:
                raise CaseKeyMissing(case=case.text)
            key = os.urandom(KEY_BYTES)
            self._insert(case, key, now)
            return key

    def find(self, case: Id) -> bytes:
        """Return the key of a case.

        Raises:
            CaseErased: the case was erased.
            CaseKeyMissing: there is none, or its wrapping key is gone.
        """
        with self._lock, self._connection.begin():
            return self._find(case)

    def adopt(self, case: Id, key: bytes, now: Instant) -> None:
        """Take over the key of a case that another party made; a key that is here already stays.

        Raises:
            CaseErased: the case was erased here; it does not come back.
        """
        if len(key) != KEY_BYTES:
            reason = f"a key has {KEY_BYTES} bytes"
            raise ValueError(reason)
        with self._lock, self._connection.begin():
            found = self._row(case)
            if found is not None and found.erased_at is not None:
                raise CaseErased(case=case.text)
            if found is None:
                self._insert(case, key, now)

    def erase(self, case: Id, now: Instant) -> None:
        """Delete the key of a case for good; a case that was never here is noted as erased too.

        When this returns, no byte of the wrapped key is in the database or its log.
        """
        with self._lock:
            with self._connection.begin():
                known = {"case": case.text, "at": milliseconds(now)}
                found = self._row(case)
                if found is not None and found.erased_at is not None:
                    return
                self._connection.execute(
                    sa.text("DELETE FROM case_key WHERE case_id = :case"), known
                )
                self._connection.execute(
                    sa.text("INSERT INTO case_key VALUES (:case, NULL, NULL, :at, :at)"), known
                )
            truncate_log(self._connection)

    def is_of_month(self, now: Instant) -> bool:
        """Say whether the keys are wrapped with the wrapping key of this month."""
        return self._month == now.format_iso()[:7]

    def renew(self, now: Instant) -> None:
        """Wrap every key with the month's wrapping key, and delete the earlier ones."""
        with self._lock:
            self._month = now.format_iso()[:7]
            for file in self._folder.glob("wrapping-*.key"):
                self._wrapping[file.stem.partition("-")[2]] = file.read_bytes()
            if self._month not in self._wrapping:
                self._wrapping[self._month] = self._make_wrapping_key(self._month)
            with self._connection.begin():
                self._wrap_anew()
            truncate_log(self._connection)
            for month in [month for month in self._wrapping if month != self._month]:
                _shred(self._file(month))
                del self._wrapping[month]

    @property
    def _connection(self) -> sa.Connection:
        if self._opened is None:
            raise StorageClosed
        return self._opened

    def _wrap_anew(self) -> None:
        rows = self._connection.execute(
            sa.text("SELECT * FROM case_key WHERE month <> :month"), {"month": self._month}
        ).all()
        for row in rows:
            with contextlib.suppress(CaseKeyMissing):
                key = self._unwrap(row.case_id, row.month, row.wrapped)
                self._connection.execute(
                    sa.text("UPDATE case_key SET month = :m, wrapped = :w WHERE case_id = :c"),
                    {"m": self._month, "w": self._wrap(row.case_id, key), "c": row.case_id},
                )

    def _find(self, case: Id) -> bytes:
        row = self._row(case)
        if row is None:
            raise CaseKeyMissing(case=case.text)
        if row.erased_at is not None:
            raise CaseErased(case=case.text)
        return self._unwrap(case.text, row.month, row.wrapped)

    def _insert(self, case: Id, key: bytes, now: Instant) -> None:
        self._connection.execute(
            sa.text("INSERT INTO case_key VALUES (:case, :month, :wrapped, :at, NULL)"),
            {
                "case": case.text,
                "month": self._month,
                "wrapped": self._wrap(case.text, key),
                "at": milliseconds(now),
            },
        )

    def _row(self, case: Id) -> "sa.Row[tuple[object, ...]] | None":
        return self._connection.execute(
            sa.text("SELECT * FROM case_key WHERE case_id = :case"), {"case": case.text}
        ).one_or_none()

    def _wrap(self, case: str, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        wrapping = AESGCM(self._wrapping[self._month])
        return nonce + wrapping.encrypt(nonce, key, case.encode())

    def _unwrap(self, case: str, month: str, wrapped: bytes) -> bytes:
        wrapping = self._wrapping.get(month)
        if wrapping is None:
            raise CaseKeyMissing(case=case)
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(wrapping).decrypt(nonce, sealed, case.encode())
        except InvalidTag as error:
            raise CaseKeyMissing(case=case) from error

    def _file(self, month: str) -> Path:
        return self._folder / f"wrapping-{month}.key"

    def _make_wrapping_key(self, month: str) -> bytes:
        """Write a new wrapping key so that it is on the disk before anything is wrapped by it."""
        key = os.urandom(KEY_BYTES)
        file = self._file(month)
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(key)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)
        sync_folder(self._folder)
        return key


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (fsync(2) of a file does not)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _shred(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(bytes(file.stat().st_size))
        opened.flush()
        os.fsync(opened.fileno())
    file.unlink()
    sync_folder(file.parent)
