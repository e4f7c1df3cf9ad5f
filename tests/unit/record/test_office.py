"""In which office the person of an entry spoke, as it is read to be shown."""

import pytest
from msgspec import structs

from parley.record.cbor import Value, encode
from parley.record.entry import read_entry
from parley.record.kinds import Kind
from parley.record.office import NOT_SAID, OFFICE_KEYS, office_of
from parley.testing.records import START, keepers_of
from parley.verify import OFFICE_KEYS as VERIFIED_KEYS


@pytest.mark.parametrize("kind", [*OFFICE_KEYS])
def test_an_entry_says_its_office_under_its_kinds_key(kind: int) -> None:
    """What is no office is not said; only an alert's acknowledgement could have said it."""
    key = OFFICE_KEYS[kind]
    silent = None if kind == Kind.ACKNOWLEDGEMENT else NOT_SAID
    said: list[tuple[dict[int, Value], str | None]] = [
        ({key: "releaser"}, "releaser"),
        ({key: "head_of_all"}, "head_of_all"),
        ({key + 1: "releaser"}, silent),
        ({key: 7}, silent),
        ({key: "Releaser\x1b"}, silent),
    ]
    keeper = next(iter(keepers_of("a", "b").values()))
    entry = read_entry(keeper.say(START, Kind.STATEMENT, {0: ""}))
    for body, wanted in said:
        assert office_of(structs.replace(entry, kind=kind, body=encode(body))) == wanted
    assert office_of(structs.replace(entry, kind=kind, body=b"\xff")) == silent
    assert office_of(entry) is None


def test_the_verifier_reads_it_under_the_same_keys() -> None:
    """It shares no code with the node."""
    assert dict(VERIFIED_KEYS) == {int(kind): key for kind, key in OFFICE_KEYS.items()}
