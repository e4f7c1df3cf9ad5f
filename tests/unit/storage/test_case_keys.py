"""Keys of cases: kept, wrapped anew, erased."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from whenever import Instant

from parley.errors import (
    CaseErased,
    CaseKeyMissing,
    StorageClosed,
    StorageTaken,
    StorageUnavailable,
)
from parley.ids import ThreadId
from parley.storage.case_keys import CaseKeys

NOW = Instant.from_utc(2026, 11, 1, 12)
NEXT_MONTH = Instant.from_utc(2026, 12, 2)
CASE, OTHER = ThreadId(b"c" * 16), ThreadId(b"o" * 16)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[CaseKeys]:
    """Give a test an open database of keys."""
    opened = CaseKeys.open(tmp_path, NOW)
    yield opened
    opened.close()


def everything(folder: Path) -> bytes:
    """Return every byte of every file below a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def wrapped(keys: CaseKeys, case: ThreadId) -> bytes:
    """Return a wrapped key as it is stored."""
    with keys._connection.begin():
        row = keys._row(case)
    assert row is not None
    return bytes(row.wrapped)


def test_a_case_keeps_its_key(keys: CaseKeys, tmp_path: Path) -> None:
    """Over a restart too; another case has another one."""
    key = keys.make(CASE, NOW)
    assert keys.make(CASE, NOW) == key
    assert keys.make(OTHER, NOW) != key
    keys.close()

    again = CaseKeys.open(tmp_path, NOW)
    assert again.find(CASE) == key
    again.close()


def test_a_key_lies_nowhere_as_it_is(keys: CaseKeys, tmp_path: Path) -> None:
    """Only wrapped; and every file is its owner's alone."""
    key = keys.make(CASE, NOW)

    assert key not in everything(tmp_path)
    assert wrapped(keys, CASE) in everything(tmp_path)
    assert {file.stat().st_mode & 0o077 for file in tmp_path.glob("*.key")} == {0}
    assert (tmp_path / "keys.db").stat().st_mode & 0o077 == 0


def test_an_erased_case_leaves_no_byte_of_its_key(keys: CaseKeys, tmp_path: Path) -> None:
    """Not in the database, not in its log; and it does not come back."""
    keys.make(CASE, NOW)
    keys.make(OTHER, NOW)
    secret = wrapped(keys, CASE)
    keys.erase(CASE, NOW)

    found = everything(tmp_path)
    assert all(secret[at : at + 12] not in found for at in range(len(secret) - 11))
    with pytest.raises(CaseErased):
        keys.find(CASE)
    with pytest.raises(CaseErased):
        keys.make(CASE, NOW)
    assert keys.find(OTHER)


def test_erasing_many_leaves_none_of_them(keys: CaseKeys, tmp_path: Path) -> None:
    """However the database's pages were filled, split and joined."""
    cases = [ThreadId.new() for _ in range(400)]
    for case in cases:
        keys.make(case, NOW)
    secrets = [wrapped(keys, case) for case in cases[::2]]
    for case in cases[::2]:
        keys.erase(case, NOW)

    found = everything(tmp_path)
    assert not [secret for secret in secrets if secret[:16] in found or secret[-16:] in found]
    assert keys.find(cases[1])


def test_erasing_twice_or_what_was_never_here_is_no_error(keys: CaseKeys) -> None:
    """The other side may ask for it before it is known here."""
    keys.erase(CASE, NOW)
    keys.erase(CASE, NOW)

    with pytest.raises(CaseErased):
        keys.make(CASE, NOW)


def test_a_case_nobody_knows_has_no_key(keys: CaseKeys) -> None:
    """Asking does not make one."""
    with pytest.raises(CaseKeyMissing):
        keys.find(CASE)


def test_a_key_that_another_party_made_is_taken_over_once(keys: CaseKeys) -> None:
    """One that is here stays; one that was erased does not come back; it must be a key."""
    keys.adopt(CASE, b"k" * 32, NOW)
    keys.adopt(CASE, b"x" * 32, NOW)
    assert keys.find(CASE) == keys.make(CASE, NOW) == b"k" * 32
    keys.erase(CASE, NOW)
    with pytest.raises(CaseErased):
        keys.adopt(CASE, b"k" * 32, NOW)
    with pytest.raises(ValueError, match="32 bytes"):
        keys.adopt(OTHER, b"short", NOW)
    with pytest.raises(CaseKeyMissing):
        keys.find(OTHER)


def test_a_new_month_wraps_all_keys_anew(keys: CaseKeys, tmp_path: Path) -> None:
    """And an older copy of the database opens nothing any more."""
    key = keys.make(CASE, NOW)
    old = wrapped(keys, CASE)
    keys.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "keys.db").write_bytes((tmp_path / "keys.db").read_bytes())

    later = CaseKeys.open(tmp_path, NEXT_MONTH)
    assert later.find(CASE) == key
    assert old not in b"".join(file.read_bytes() for file in tmp_path.glob("keys.db*"))
    assert [file.name for file in tmp_path.glob("*.key")] == ["wrapping-2026-12.key"]
    later.close()

    (copy / "wrapping-2026-12.key").write_bytes((tmp_path / "wrapping-2026-12.key").read_bytes())
    stolen = CaseKeys.open(copy, NEXT_MONTH)
    with pytest.raises(CaseKeyMissing):
        stolen.find(CASE)
    stolen.close()


def test_a_start_in_the_middle_of_wrapping_anew_finishes_it(keys: CaseKeys, tmp_path: Path) -> None:
    """Both wrapping keys are there, some keys are wrapped by either."""
    key = keys.make(CASE, NOW)
    november = (tmp_path / "wrapping-2026-11.key").read_bytes()
    keys.renew(NEXT_MONTH)
    (tmp_path / "wrapping-2026-11.key").write_bytes(november)
    keys.close()

    again = CaseKeys.open(tmp_path, NEXT_MONTH)
    assert again.find(CASE) == key
    assert not (tmp_path / "wrapping-2026-11.key").exists()
    again.close()


def test_keys_that_were_moved_to_another_case_open_nothing(keys: CaseKeys) -> None:
    """A wrapped key names its case."""
    keys.make(CASE, NOW)
    keys.make(OTHER, NOW)
    with keys._connection.begin():
        keys._connection.exec_driver_sql(
            "UPDATE case_key SET wrapped = (SELECT wrapped FROM case_key WHERE case_id = ?)",
            (CASE.text,),
        )

    assert keys.find(CASE)
    with pytest.raises(CaseKeyMissing):
        keys.find(OTHER)
    with pytest.raises(CaseKeyMissing):
        keys.make(OTHER, NOW)


def test_two_processes_never_have_the_keys(keys: CaseKeys, tmp_path: Path) -> None:
    """One would erase what the other still gives out."""
    with pytest.raises(StorageTaken):
        CaseKeys.open(tmp_path, NOW)


def test_closed_or_unreadable_keys_say_so(keys: CaseKeys, tmp_path: Path) -> None:
    """By name."""
    keys.close()
    with pytest.raises(StorageClosed):
        keys.find(CASE)
    (tmp_path / "keys.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageUnavailable, match=r"keys\.db"):
        CaseKeys.open(tmp_path, NOW)
