"""The keys of a record: which one signs a log, and what an entry hands it over to."""

import hashlib
from pathlib import Path

import pytest

from parley.errors import KeyMissing, LogNotOpen
from parley.identity.keys import PartyKey
from parley.ids import SpaceId
from parley.record.cbor import Value
from parley.record.checkpoint import Origin
from parley.record.entry import read_entry
from parley.record.keyring import (
    KEYLESS,
    RecordKeys,
    hash_of_key,
    next_log_key,
    policy_of,
)
from parley.record.kinds import Kind
from parley.record.note import read_note
from parley.record.policy import read_policy
from parley.testing.foreign_log import ForeignLog

KEY = PartyKey(hashlib.sha256(b"near").digest())
SPACE = SpaceId(bytes(16))
ORIGIN = Origin(SPACE, KEY.party, 0)


def test_a_log_is_signed_by_the_partys_key_until_it_is_handed_over(tmp_path: Path) -> None:
    """The new key lies in a file that nobody else may read."""
    keys = RecordKeys(KEY, tmp_path / "log-keys")
    public = keys.make_log_key()

    assert keys.signer(ORIGIN).verifier.public == KEY.public
    assert keys.signer(ORIGIN, KEY.public).verifier.public == KEY.public
    assert keys.signer(ORIGIN, public).verifier.public == public != KEY.public
    (file,) = (tmp_path / "log-keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert (
        RecordKeys(KEY, tmp_path / "log-keys").signer(ORIGIN, public).verifier
        == keys.signer(ORIGIN, public).verifier
    )


def test_a_key_is_not_made_where_it_cannot_be_kept() -> None:
    """It would be lost with the process, and the log with it."""
    with pytest.raises(KeyMissing):
        RecordKeys(KEY).make_log_key()


@pytest.mark.parametrize("content", [None, b"no key"])
def test_a_key_that_is_not_here_signs_nothing(tmp_path: Path, content: bytes | None) -> None:
    """Neither one whose file is gone nor one whose file is damaged; it is still known by name."""
    folder = tmp_path / "log-keys"
    public = RecordKeys(KEY, folder).make_log_key()
    (file,) = folder.iterdir()
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)

    signer = RecordKeys(KEY, folder).signer(ORIGIN, public)

    assert signer.verifier.public == public
    with pytest.raises(LogNotOpen, match=KEYLESS):
        signer.sign("x\n")


def test_a_key_handed_over_is_absent_where_no_folder_is_known() -> None:
    """A command that has the party's key alone cannot sign for such a log."""
    with pytest.raises(LogNotOpen):
        RecordKeys(KEY).signer(ORIGIN, b"k" * 32).sign("x\n")


def test_only_a_closing_entry_that_names_a_key_by_its_hash_hands_over() -> None:
    """Everything else leaves the next epoch to the party's own key."""
    log, public = ForeignLog(KEY, SPACE), b"k" * 32
    good = log.entry(Kind.CLOSING, {0: hash_of_key(public), 1: public})

    assert read_entry(good).kind == Kind.CLOSING
    assert next_log_key(good) == public
    bodies: list[dict[int, Value]] = [
        {0: None},
        {0: bytes(32), 1: public},
        {0: hash_of_key(b"short"), 1: b"short"},
        {0: hash_of_key(public), 1: "no bytes"},
    ]
    for body in bodies:
        assert next_log_key(log.entry(Kind.CLOSING, body)) is None
    assert next_log_key(log.entry()) is None
    assert next_log_key(b"\xff no entry") is None


def test_a_policy_wants_everybody_to_hold_every_log() -> None:
    """As its reader takes it."""
    other = PartyKey(hashlib.sha256(b"far").digest())
    logs = {ORIGIN: KEY.public, Origin(SPACE, other.party, 0): other.public}
    members = {KEY.party: KEY.public, other.party: other.public}

    text = policy_of(logs, members)

    assert not read_policy(text.encode()).is_valid(read_note(ForeignLog(KEY, SPACE).note()))
    assert text.count("\nlog ") + text.startswith("log ") == len(logs)
    assert f"group everyone all {' '.join(each.text for each in sorted(members))}" in text
    assert RecordKeys(KEY).seed() == KEY.engine_seed()
