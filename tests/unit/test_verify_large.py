"""The offline verifier with more entries than it lists: read a bundle at a time, told the same."""

import copy
import io
import random

import pytest

from parley import verify as checker
from parley.record.cbor import Value, encode
from parley.record.kinds import Kind
from parley.testing.exports import export_of, files_of, zipped
from parley.testing.records import START, carry, keepers_of

SPACE, AUTHOR, ACTOR = b"s" * 16, b"a" * 16, b"p" * 16
HEAD = checker.plain_head(SPACE, AUTHOR)
PLAIN: dict[int, Value] = {0: 1, 1: SPACE, 2: AUTHOR, 3: 9, 5: 1_793_000_000_000, 11: b"x" * 300}
COUNT = 2_300


def read_whole(content: bytes) -> tuple[int, int] | None:
    """Return kind and time as the reader of every form gives them."""
    try:
        row = checker.read_row(content, 0, SPACE, AUTHOR)
    except checker.MalformedEntry:
        return None
    return row.kind, row.time_ms


@pytest.mark.parametrize("kind", [0, 4, 9, 23, 24, 120, 255, 256])
@pytest.mark.parametrize("length", [0, 23, 24, 255, 256, 700])
def test_an_entry_that_is_read_as_plain_is_read_so_by_the_whole_reader(
    kind: int, length: int
) -> None:
    """With a person and without one; what it does not read is left to the other."""
    for actor in ({}, {10: ACTOR}):
        said: dict[int, Value] = {**PLAIN, 3: kind, 11: b"x" * length, **actor}
        content = encode(said)
        assert checker.plain_entry(content, HEAD) in {None, read_whole(content)}
    content = encode({**PLAIN, 10: ACTOR})
    assert checker.plain_entry(content, HEAD) == (9, 1_793_000_000_000)


def test_a_plain_entry_with_any_byte_changed_is_refused_or_read_alike() -> None:
    """Also one that is cut off, or goes on."""
    for content in (encode(PLAIN), encode({**PLAIN, 10: ACTOR})):
        for at in range(84):
            for changed in range(256):
                other = content[:at] + bytes([changed]) + content[at + 1 :]
                assert checker.plain_entry(other, HEAD) in {None, read_whole(other)}, other.hex()
            assert checker.plain_entry(content[:at], HEAD) is None
        assert checker.plain_entry(content + b"\0", HEAD) is None


def test_the_root_at_any_size_is_that_of_a_walk_leaf_by_leaf() -> None:
    """Whether a tile is one step or 256 of them."""
    dice = random.Random(7)  # noqa: S311  repeatable
    leaves = [dice.randbytes(32) for _ in range(1_100)]
    row = checker.LeafTiles()
    for at in range(0, len(leaves), 256):
        row.add(leaves[at : at + 256])
    sizes = {0, 1, 255, 256, 257, 512, 700, 768, 1_024, 1_099, 1_100, 1_101}
    assert list(row) == leaves == row[:]
    assert row[1_099] == leaves[-1] == row[-1]
    assert checker.roots_at(row, sizes) == checker.roots_at(leaves, sizes)
    assert 1_101 not in checker.roots_at(row, sizes)


@pytest.fixture(scope="module")
def large() -> bytes:
    """Return an export with more entries than are listed."""
    keepers = keepers_of("near", "far")
    near, far = keepers.values()
    now = START
    for number in range(COUNT):
        body: dict[int, Value] = {0: "x" * (number % 900)}
        near.say(now, Kind.STATEMENT, body)
        if number % 450 == 0:
            near.flush(now)
            carry(keepers, now)
            now = now.add(seconds=40)
    near.flush(now)
    far.flush(now)
    carry(keepers, now)
    return export_of(copy.deepcopy(near), 6)


def told(export: bytes, *, lists_all: bool = False) -> dict[str, object]:
    """Return the account of an export."""
    return checker.verify(io.BytesIO(export), set(), lists_all=lists_all)


def test_a_large_log_is_told_as_one_that_is_listed_entry_for_entry(large: bytes) -> None:
    """What is left out is the list, nothing that was found."""
    short, whole = told(large), told(large, lists_all=True)
    assert short["verdict"] == whole["verdict"] == checker.HOLDS
    assert short["logs"] == whole["logs"]
    listed = {str(each["entry"]) for each in checker.rows_of(whole, "entries")}
    kept = {str(each["entry"]) for each in checker.rows_of(short, "entries")}
    assert kept < listed
    assert len(listed) > COUNT > len(kept)


@pytest.mark.parametrize(
    ("name", "code"), [("tile/entries/004", "entry_changed"), ("tile/0/004", "tiles_wrong")]
)
def test_a_byte_changed_in_a_large_log_is_found(large: bytes, name: str, code: str) -> None:
    """In the middle of what is read a bundle at a time."""
    files = files_of(large)
    place = next(each for each in files if each.endswith(name) and len(files[each]) > 256 * 32 - 1)
    content = bytearray(files[place])
    content[5_000] ^= 1
    found = told(zipped({**files, place: bytes(content)}))
    assert found["verdict"] == checker.WRONG
    assert code in {each["code"] for each in checker.rows_of(found, "findings")}
