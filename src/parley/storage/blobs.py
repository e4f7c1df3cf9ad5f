"""Blobs: what is too large for an entry, sealed, under the hash of its sealed bytes.

How a file comes to be kept: its pieces are sealed with the key of its case
(:mod:`parley.storage.sealing`, :mod:`parley.storage.case_keys`) while they arrive and go to a name
that nobody looks at; when all of it is there, it is renamed to the SHA-256 of the sealed bytes and
made durable. An entry of the record quotes that hash and no other word about it. Reading checks
piece by piece: each segment proves itself, and the end proves that nothing is missing.

What if it fails: a stream that breaks off leaves an unfinished name, which :meth:`Blobs.sweep`
removes. A blob that was changed, cut or swapped is refused as damaged. Erasing a case needs no blob
at all: without the key the sealed bytes say nothing, here and in every copy.

Where they are kept is one setting: a folder, or a bucket of an S3-compatible store. Nothing that is
not sealed ever reaches either.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store
from whenever import Instant

from parley.errors import BlobDamaged, BlobMissing, CaseErased, CaseKeyMissing, StorageUnavailable
from parley.ids import Id
from parley.storage.case_keys import CaseKeys, sync_folder
from parley.storage.sealing import SealBroken, seal, unseal

INCOMING: Final = "incoming"
PIECE_BYTES: Final = 1_048_576
"""Bytes read from a store at once. More: fewer requests. Less: less memory for each reader."""
_NAME: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Blob:
    """What an entry says of a blob."""

    digest: bytes
    """SHA-256 of the sealed bytes."""
    size: int
    """Number of sealed bytes."""

    @property
    def name(self) -> str:
        """The hash as 64 hexadecimal digits."""
        return self.digest.hex()


class Blobs:
    """The blobs of one node. Calls wait for the disk or the network: use a thread."""

    def __init__(self, store: LocalStore | S3Store, keys: CaseKeys, folder: Path | None) -> None:
        """Use :meth:`in_folder` or :meth:`in_bucket`."""
        self._store = store
        self._keys = keys
        self._folder = folder

    @classmethod
    def in_folder(cls, folder: Path, keys: CaseKeys) -> Self:
        """Keep blobs in a folder, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder), keys, folder)

    @classmethod
    def in_bucket(cls, address: str, keys: CaseKeys, endpoint: str = "", region: str = "") -> Self:
        """Keep blobs in a bucket: ``s3://bucket/prefix``.

        The credentials come from the environment (``AWS_ACCESS_KEY_ID``, ...), never from settings.
        """
        store = S3Store.from_url(
            address,
            config={"endpoint": endpoint} if endpoint else None,
            region=region or "us-east-1",
            client_options={"allow_http": endpoint.startswith("http://")},
        )
        return cls(store, keys, None)

    def put(self, case: Id, pieces: Iterable[bytes], now: Instant) -> Blob:
        """Seal and keep a stream; when this returns it is durable.

        Raises:
            CaseErased: the case was erased.
            StorageUnavailable: the store does not take it.
        """
        key = self._keys.make(case, now)
        unfinished = f"{INCOMING}/{secrets.token_hex(16)}"
        digest, size = hashlib.sha256(), 0
        with self._told():
            try:
                with obstore.open_writer(self._store, unfinished) as writer:
                    for piece in seal(key, pieces, case):
                        digest.update(piece)
                        size += len(piece)
                        writer.write(piece)
                blob = Blob(digest.digest(), size)
                obstore.rename(self._store, unfinished, _path(blob.name))
            except BaseException:
                with contextlib.suppress(BaseError, OSError):
                    obstore.delete(self._store, unfinished)
                raise
            self._sync(blob.name)
        return blob

    def get(self, case: Id, digest: bytes) -> Iterator[bytes]:
        """Yield what a blob holds; it is whole when the iterator has ended without an error.

        Raises:
            CaseErased: the case was erased.
            CaseKeyMissing: there is no key for the case.
            BlobMissing: the blob is not here.
            BlobDamaged: it was changed, cut, or belongs to another case.
            StorageUnavailable: the store does not answer.
        """
        key = self._keys.find(case)
        name = digest.hex()
        try:
            yield from unseal(key, self.sealed(digest), case)
        except SealBroken as error:
            raise BlobDamaged(blob=name, reason=str(error)) from error

    def sealed(self, digest: bytes) -> Iterator[bytes]:
        """Yield a blob's sealed bytes, to copy or to send; raises like :meth:`get` of the store.

        Raises:
            BlobMissing: the blob is not here.
            StorageUnavailable: the store does not answer.
        """
        name = digest.hex()
        with self._told():
            try:
                found = obstore.get(self._store, _path(name))
            except FileNotFoundError as error:
                raise BlobMissing(blob=name) from error
            for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    def part(self, digest: bytes, start: int, length: int) -> bytes:
        """Return some of a blob's sealed bytes, to send; fewer at its end.

        Raises:
            BlobMissing: the blob is not here, or not so long.
            StorageUnavailable: the store does not answer.
        """
        name = digest.hex()
        with self._told():
            try:
                size = obstore.head(self._store, _path(name))["size"]
                if start >= size:
                    raise BlobMissing(blob=name)
                length = min(length, size - start)
                found = obstore.get_range(self._store, _path(name), start=start, length=length)
            except FileNotFoundError as error:
                raise BlobMissing(blob=name) from error
            return bytes(found)

    def take(self, file: Path, digest: bytes) -> None:
        """Keep sealed bytes that came from another party; when this returns they are durable.

        Raises:
            BlobDamaged: the file's bytes are not those of the hash; nothing is kept of it.
            StorageUnavailable: the store does not take it.
        """
        with self._told():
            with file.open("rb") as opened:
                found = hashlib.file_digest(opened, "sha256").digest()
            if found == digest:
                obstore.put(self._store, _path(digest.hex()), file)
                self._sync(digest.hex())
        if found != digest:
            raise BlobDamaged(blob=digest.hex(), reason="its bytes have another hash")

    def check(self, digest: bytes) -> None:
        """Read a blob and compare it with its hash, without its key.

        Raises:
            BlobMissing: the blob is not here.
            BlobDamaged: its bytes have another hash.
        """
        found = hashlib.sha256()
        for piece in self.sealed(digest):
            found.update(piece)
        if found.digest() != digest:
            raise BlobDamaged(blob=digest.hex(), reason="its bytes have another hash")

    def has(self, digest: bytes) -> bool:
        """Say whether a blob is here."""
        with self._told():
            try:
                obstore.head(self._store, _path(digest.hex()))
            except FileNotFoundError:
                return False
        return True

    def all(self) -> Iterator[Blob]:
        """Yield every blob that is here, in no order."""
        with self._told():
            for batch in obstore.list(self._store):
                for found in batch:
                    name = found["path"].rpartition("/")[2]
                    if _NAME.fullmatch(name):
                        yield Blob(bytes.fromhex(name), found["size"])

    def delete(self, digest: bytes) -> None:
        """Delete a blob; one that is not here is no error."""
        with self._told(), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, _path(digest.hex()))

    def sweep(self, before: Instant) -> int:
        """Delete what streams that broke off before an instant have left; return how many."""
        number = 0
        with self._told():
            for batch in obstore.list(self._store, INCOMING):
                for found in batch:
                    if found["last_modified"].timestamp() < before.timestamp():
                        obstore.delete(self._store, found["path"])
                        number += 1
        return number

    def erase(self, case: Id, now: Instant, digests: Iterable[bytes] = ()) -> None:
        """Erase a case: its key for good, then its blobs, which say nothing without it."""
        self._keys.erase(case, now)
        for digest in digests:
            self.delete(digest)

    def _sync(self, name: str) -> None:
        """Make a local file and its name durable; a bucket answers only when it is."""
        if self._folder is None:
            return
        file = self._folder / _path(name)
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(file.parent)
        sync_folder(self._folder)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what the store says in its own."""
        try:
            yield
        except (BlobMissing, CaseErased, CaseKeyMissing):
            raise
        except (BaseError, OSError) as error:
            place = str(self._folder) if self._folder is not None else "the bucket of blobs"
            reason = str(error).partition("\n")[0][:200]
            raise StorageUnavailable(file=place, reason=reason) from error


def _path(name: str) -> str:
    """Spread names over 256 folders: one folder of a million names is slow everywhere."""
    return f"{name[:2]}/{name}"
