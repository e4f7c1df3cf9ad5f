"""Blobs in a folder and in a bucket: the same promises.

The far side of the bucket is moto's server, a re-implementation of S3's HTTP interface, in a
process of its own on the loopback; obstore speaks to it as to any S3-compatible store. With
``PARLEY_S3_SERVER`` set to the binary of a Versity S3 gateway, a server that people run, the same
promises are kept against it, too (``docs/operations/backup.md`` says how to get one).
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store
from whenever import Instant

from parley.errors import BlobDamaged, BlobMissing, CaseErased, StorageUnavailable
from parley.ids import ThreadId
from parley.storage.blobs import Blobs
from parley.storage.case_keys import CaseKeys

NOW = Instant.from_utc(2026, 11, 1, 12)
CASE, OTHER = ThreadId(b"c" * 16), ThreadId(b"o" * 16)
PLAIN = b"a study of one patient, in words that must not be found. " * 10_000
SERVER = os.environ.get("PARLEY_S3_SERVER", "")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="session")
def far_side() -> Iterator[str]:
    """Run an S3-compatible store with a bucket and yield its address."""
    script = str(Path(__file__).parent / "s3_store.py")
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real S3 server with a bucket and yield its address."""
    script, folder = str(Path(__file__).parent / "s3_server.py"), tmp_path_factory.mktemp("s3")
    with subprocess.Popen(
        [sys.executable, script, SERVER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **CREDENTIALS},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[CaseKeys]:
    """Give a test the keys of cases."""
    opened = CaseKeys.open(tmp_path / "keys", NOW)
    yield opened
    opened.close()


REAL = pytest.param(
    "server", marks=pytest.mark.skipif(not SERVER, reason="PARLEY_S3_SERVER names no S3 server")
)


@pytest.fixture(params=["folder", "bucket", REAL])
def blobs(
    request: pytest.FixtureRequest,
    keys: CaseKeys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Blobs:
    """Give a test an empty place for blobs."""
    if request.param == "folder":
        return Blobs.in_folder(tmp_path / "blobs", keys)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    endpoint = request.getfixturevalue("server" if request.param == "server" else "far_side")
    return Blobs.in_bucket(f"s3://parley/{tmp_path.name}", keys, endpoint)


def overwritten(blobs: Blobs, digest: bytes, change: Callable[[bytes], bytes]) -> None:
    """Change a blob behind its back."""
    path = f"{digest.hex()[:2]}/{digest.hex()}"
    content = bytes(obstore.get(blobs._store, path).bytes())
    obstore.put(blobs._store, path, change(content))


def test_what_was_kept_is_read(blobs: Blobs) -> None:
    """Under the hash of its sealed bytes."""
    blob = blobs.put(CASE, [PLAIN[:1_000], PLAIN[1_000:]], NOW)

    assert b"".join(blobs.get(CASE, blob.digest)) == PLAIN
    assert blobs.has(blob.digest)
    assert list(blobs.all()) == [blob]
    blobs.check(blob.digest)


def test_an_empty_and_a_large_blob_are_kept(blobs: Blobs) -> None:
    """A large one goes in several parts."""
    empty = blobs.put(CASE, [], NOW)
    large = blobs.put(CASE, (PLAIN for _ in range(30)), NOW)

    assert b"".join(blobs.get(CASE, empty.digest)) == b""
    assert sum(map(len, blobs.get(CASE, large.digest))) == 30 * len(PLAIN)
    blobs.check(large.digest)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[:65_536],
        lambda content: content[:70_000] + b"x" + content[70_001:],
        lambda content: content + b"x",
        lambda _: b"",
    ],
    ids=["cut", "cut at a segment", "changed", "longer", "emptied"],
)
def test_a_damaged_blob_is_named(blobs: Blobs, change: Callable[[bytes], bytes]) -> None:
    """Whoever reads it, with its key or without."""
    blob = blobs.put(CASE, [PLAIN], NOW)
    overwritten(blobs, blob.digest, change)

    with pytest.raises(BlobDamaged, match=blob.name):
        b"".join(blobs.get(CASE, blob.digest))
    with pytest.raises(BlobDamaged, match=blob.name):
        blobs.check(blob.digest)


def test_a_blob_that_is_not_here_is_named(blobs: Blobs, keys: CaseKeys) -> None:
    """Deleting it again is no error."""
    keys.make(CASE, NOW)
    blobs.delete(b"n" * 32)

    assert not blobs.has(b"n" * 32)
    with pytest.raises(BlobMissing):
        b"".join(blobs.get(CASE, b"n" * 32))


def test_a_blob_of_another_case_is_refused(blobs: Blobs, keys: CaseKeys) -> None:
    """A case's key opens its own blobs alone."""
    keys.make(OTHER, NOW)
    blob = blobs.put(CASE, [PLAIN], NOW)

    with pytest.raises(BlobDamaged):
        b"".join(blobs.get(OTHER, blob.digest))


def test_a_stream_that_breaks_off_leaves_nothing(blobs: Blobs) -> None:
    """Not under a name, and nothing unfinished."""

    def broken() -> Iterator[bytes]:
        yield PLAIN
        reason = "the line is cut"
        raise ConnectionResetError(reason)

    with pytest.raises(StorageUnavailable, match="the line is cut"):
        blobs.put(CASE, broken(), NOW)

    assert list(blobs.all()) == []


def test_a_blob_goes_to_another_node_in_parts_and_is_compared_before_it_is_kept(
    blobs: Blobs, tmp_path: Path
) -> None:
    """Parts are the sealed bytes; a file of other bytes is not kept."""
    blob = blobs.put(CASE, [PLAIN], NOW)
    sealed = b"".join(blobs.sealed(blob.digest))
    half = blob.size // 2
    parts = [blobs.part(blob.digest, 0, half), blobs.part(blob.digest, half, blob.size)]
    assert b"".join(parts) == sealed
    with pytest.raises(BlobMissing):
        blobs.part(blob.digest, blob.size, 1)
    blobs.delete(blob.digest)
    with pytest.raises(BlobMissing):
        blobs.part(blob.digest, 0, 1)
    file = tmp_path / "incoming.part"

    file.write_bytes(sealed[:-1])
    with pytest.raises(BlobDamaged):
        blobs.take(file, blob.digest)
    assert not blobs.has(blob.digest)
    file.write_bytes(sealed)
    blobs.take(file, blob.digest)

    assert b"".join(blobs.get(CASE, blob.digest)) == PLAIN


def test_what_was_left_unfinished_is_swept(blobs: Blobs) -> None:
    """After a process died; not what is still arriving."""
    obstore.put(blobs._store, "incoming/left", b"half")

    assert blobs.sweep(Instant.from_utc(2020, 1, 1)) == 0
    assert blobs.sweep(Instant.from_utc(2100, 1, 1)) == 1
    assert list(obstore.list(blobs._store).collect()) == []


def test_after_erasing_nothing_of_a_case_is_found_anywhere(
    blobs: Blobs, keys: CaseKeys, tmp_path: Path
) -> None:
    """No plaintext, no key, in database, log and blobs; other cases are untouched."""
    blob = blobs.put(CASE, [PLAIN], NOW)
    kept = blobs.put(OTHER, [b"another's words"], NOW)
    key = keys.find(CASE)
    with keys._connection.begin():
        row = keys._row(CASE)
    assert row is not None
    secrets = [key, bytes(row.wrapped)[:16], bytes(row.wrapped)[-16:], PLAIN[:24]]
    blobs.erase(CASE, NOW, [blob.digest])

    everywhere = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    for batch in obstore.list(blobs._store):
        everywhere += [bytes(obstore.get(blobs._store, each["path"]).bytes()) for each in batch]
    assert not [secret for secret in secrets for content in everywhere if secret in content]
    with pytest.raises(CaseErased):
        b"".join(blobs.get(CASE, blob.digest))
    with pytest.raises(CaseErased):
        blobs.put(CASE, [PLAIN], NOW)
    assert b"".join(blobs.get(OTHER, kept.digest)) == b"another's words"


def test_a_kept_copy_of_an_erased_blob_says_nothing(blobs: Blobs) -> None:
    """Somebody may have copied it; it is sealed for good."""
    blob = blobs.put(CASE, [PLAIN], NOW)
    blobs.erase(CASE, NOW)

    assert blobs.has(blob.digest)
    with pytest.raises(CaseErased):
        next(blobs.get(CASE, blob.digest))


def test_a_store_that_is_not_there_is_told_in_our_words(
    keys: CaseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an address or a secret."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    nowhere = Blobs.in_bucket("s3://bucket/prefix", keys, "http://127.0.0.1:9")
    nowhere._store = S3Store(
        "bucket",
        endpoint="http://127.0.0.1:9",
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )

    with pytest.raises(StorageUnavailable, match="the bucket of blobs"):
        nowhere.has(b"n" * 32)
