"""Entries: read as they are, or refused by field."""

import itertools
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley import verify
from parley.errors import EncodingRefused, EntryMalformed, EntryNotTheirs, EntryTooLarge
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value, decode_map, encode
from parley.record.entry import (
    REFS_MAX,
    TIME_MS_MAX,
    Entry,
    Head,
    Precedence,
    SealedBody,
    body_hash,
    entry_hash,
    judge,
    read_body,
    read_entry,
    write_entry,
)
from parley.record.kinds import (
    DOMAIN_HUMAN_KINDS,
    DOMAIN_MACHINE_KINDS,
    HUMAN_KINDS,
    KIND_MAX,
    MACHINE_KINDS,
    Kind,
)

SPACE, AUTHOR, OTHER = SpaceId(bytes(16)), PartyId(b"a" * 16), PartyId(b"b" * 16)
HASH = bytes(32)
LISTED = tomllib.loads(
    (Path(__file__).parents[3] / "protocol" / "kinds.toml").read_text(encoding="utf-8")
)
SMALL = Entry(space=SPACE, author=AUTHOR, kind=Kind.STATEMENT, time_ms=1, body=b"\xa0")
WHOLE = Entry(
    space=SPACE,
    author=AUTHOR,
    kind=Kind.ACKNOWLEDGEMENT,
    time_ms=1_793_000_000_000,
    thread=ThreadId(b"t" * 16),
    precedence=Precedence.FLASH,
    deadline_ms=1_793_000_060_000,
    refs=(b"r" * 32, b"q" * 32),
    heads=(Head(OTHER, 0, 7, HASH), Head(OTHER, 1, 9, HASH)),
    actor=ActorId(b"p" * 16),
    sealed=SealedBody(HASH, 1_000, b"k" * 16),
)

ids = st.binary(min_size=16, max_size=16)
hashes = st.binary(min_size=32, max_size=32)
times = st.integers(0, 253_402_300_799_999)
entries = st.builds(
    Entry,
    space=ids.map(SpaceId),
    author=ids.map(PartyId),
    kind=st.integers(100, KIND_MAX),
    time_ms=times,
    thread=st.none() | ids.map(ThreadId),
    precedence=st.none() | st.sampled_from(Precedence),
    deadline_ms=st.none() | times,
    refs=st.lists(hashes, unique=True, max_size=3).map(tuple),
    heads=st.lists(
        st.builds(Head, ids.map(PartyId), st.integers(0, 9), st.integers(0, 2**62), hashes),
        max_size=3,
        unique_by=lambda head: (head.party, head.epoch),
    ).map(lambda heads: tuple(sorted(heads))),
    actor=st.none() | ids.map(ActorId),
    body=st.binary(max_size=50),
)


@given(entries)
def test_an_entry_survives_the_way_to_bytes_and_back(entry: Entry) -> None:
    """With every field."""
    assert read_entry(write_entry(entry)) == entry


def test_absent_fields_have_no_key() -> None:
    """So there is one way to say nothing."""
    assert set(decode_map(write_entry(SMALL))) == {0, 1, 2, 3, 5, 11}
    assert set(decode_map(write_entry(WHOLE))) == set(range(13)) - {11}
    assert read_entry(write_entry(WHOLE)) == WHOLE


def test_the_hash_is_over_the_bytes_as_they_came() -> None:
    """The leaf of RFC 9162; a body's hash is plain SHA-256."""
    assert entry_hash(b"").hex().startswith("6e340b9c")
    assert body_hash(b"").hex().startswith("e3b0c442")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("keys", {0: None}),
        ("keys", {5: None}),
        ("keys", {13: 0}),
        ("version", {0: 2}),
        ("version", {0: True}),
        ("space", {1: bytes(15)}),
        ("author", {2: "author"}),
        ("kind", {3: KIND_MAX + 1}),
        ("kind", {3: True}),
        ("kind", {3: "statement"}),
        ("thread", {4: bytes(17)}),
        ("time", {5: -1}),
        ("time", {5: 253_402_300_800_000}),
        ("precedence", {6: 4}),
        ("deadline", {7: 2**60}),
        ("refs", {8: []}),
        ("refs", {8: HASH}),
        ("refs", {8: [bytes(31)]}),
        ("refs", {8: [HASH, HASH]}),
        ("refs", {8: [bytes([number]) * 32 for number in range(REFS_MAX + 1)]}),
        ("heads", {9: []}),
        ("heads", {9: [HASH]}),
        ("heads", {9: [[bytes(16), 0, 1]]}),
        ("heads", {9: [[bytes(16), 0, 1, bytes(31)]]}),
        ("heads", {9: [[bytes(16), 0, 2**62 + 1, HASH]]}),
        ("heads", {9: [[bytes(16), 1, 1, HASH], [bytes(16), 0, 1, HASH]]}),
        ("heads", {9: [[bytes(16), 0, 1, HASH], [bytes(16), 0, 2, HASH]]}),
        ("heads", {9: [[bytes([number]) * 16, 0, 1, HASH] for number in range(33)]}),
        ("actor", {10: bytes(3)}),
        ("actor", {3: int(Kind.AGREEMENT)}),
        ("actor", {3: int(Kind.DELIVERY), 10: bytes(16)}),
        ("body", {11: None}),
        ("body", {11: "words"}),
        ("body", {12: [HASH, 1, bytes(16)]}),
        ("sealed", {11: None, 12: [HASH, 1]}),
        ("sealed", {11: None, 12: [HASH, -1, bytes(16)]}),
        ("sealed", {11: None, 12: [HASH, 1, bytes(15)]}),
        ("sealed", {11: None, 12: [bytes(31), 1, bytes(16)]}),
    ],
)
def test_what_is_not_an_entry_is_refused_by_field(field: str, changes: dict[int, Value]) -> None:
    """Each one change away from an entry that is read."""
    changed = decode_map(write_entry(SMALL)) | changes
    encoded = encode({key: value for key, value in changed.items() if value is not None})

    with pytest.raises(EntryMalformed) as refused:
        read_entry(encoded)
    assert refused.value.params == {"field": field}


@given(st.binary(max_size=100))
def test_any_bytes_are_an_entry_or_are_refused(encoded: bytes) -> None:
    """With one of two codes."""
    try:
        entry = read_entry(encoded)
    except (EntryMalformed, EncodingRefused):
        return
    assert write_entry(entry) == encoded


PLAIN: dict[int, Value] = {
    0: 1,
    1: bytes(SPACE),
    2: bytes(AUTHOR),
    3: 9,
    5: 1_793_000_000_000,
    11: b"\xa0",
}


@pytest.mark.parametrize("length", [0, 1, 23, 24, 25, 255, 256, 257, 700])
@pytest.mark.parametrize("kind", [0, 9, 10, 23, 24, 255, 256, 65_535, 65_536])
@pytest.mark.parametrize("has_actor", [False, True])
def test_plain_entries_of_every_size_are_read_as_the_verifier_reads_them(
    length: int, kind: int, *, has_actor: bool
) -> None:
    """At each length of a number in an entry's bytes."""
    actor: dict[int, Value] = {10: b"p" * 16} if has_actor else {}
    for time_ms in (0, 1 << 16, (1 << 32) - 1, 1 << 32, 253_402_300_799_999, 253_402_300_800_000):
        said = PLAIN | {3: kind, 5: time_ms, 11: b"x" * length} | actor
        encoded = encode(dict(said))
        assert read_here(encoded) == read_there(encoded)


def test_a_plain_entry_with_any_byte_changed_is_read_as_the_verifier_reads_it() -> None:
    """What has a form of its own is refused, or falls to the reader of everything."""
    for said in (PLAIN, PLAIN | {10: b"p" * 16}, PLAIN | {3: 300, 11: b"y" * 300}):
        encoded = encode(dict(said))
        assert read_here(encoded) is not None
        for at, changed in itertools.product(range(min(len(encoded), 76)), range(256)):
            other = encoded[:at] + bytes([changed]) + encoded[at + 1 :]
            assert read_here(other) == read_there(other), other.hex()
        for at in range(min(len(encoded), 90)):
            assert read_here(encoded[:at]) is read_there(encoded[:at]) is None
            longer = encoded[:at] + b"\x00" + encoded[at:]
            assert read_here(longer) == read_there(longer), longer.hex()


ABOUT: dict[int, Value] = {
    4: b"t" * 16,
    6: 0,
    7: 1_793_000_060_000,
    8: [b"r" * 32, b"q" * 32],
    10: b"p" * 16,
}


@pytest.mark.parametrize("number", range(1 << len(ABOUT)))
def test_plain_entries_with_any_of_what_may_be_absent_are_read_as_the_verifier_reads_them(
    number: int,
) -> None:
    """The form is the same whichever of it there is."""
    chosen = {key: value for at, (key, value) in enumerate(ABOUT.items()) if number >> at & 1}
    encoded = encode(dict(sorted((PLAIN | chosen).items())))
    assert read_here(encoded) is not None
    assert read_here(encoded) == read_there(encoded)
    for other in (bytes([encoded[0] ^ 1]) + encoded[1:], bytes([0xA6]) + encoded[1:]):
        assert read_here(other) == read_there(other)


@pytest.mark.parametrize(
    "changed",
    [
        *({6: precedence} for precedence in (0, 3, 4, 24)),
        *({7: at_ms} for at_ms in (0, 1 << 32, (1 << 32) - 1, TIME_MS_MAX, TIME_MS_MAX + 1)),
        *({8: [bytes([each]) * 32 for each in range(count)]} for count in (1, 23, 24, 64, 65)),
        {8: []},
        {8: [b"r" * 32, b"r" * 32]},
        {8: [b"r" * 31]},
        {8: [b"r" * 33, b"q" * 31]},
        {4: b"t" * 15},
        {9: [[bytes(OTHER), 0, 7, HASH]]},
    ],
)
def test_what_may_be_absent_is_read_as_the_verifier_reads_it(changed: dict[int, Value]) -> None:
    """At the bounds of each, and beyond them."""
    encoded = encode(dict(sorted((PLAIN | ABOUT | changed).items())))
    assert read_here(encoded) == read_there(encoded)


def test_an_entry_about_another_with_any_byte_changed_is_read_as_the_verifier_reads_it() -> None:
    """Or cut off, or with one byte more."""
    encoded = encode(dict(sorted((PLAIN | ABOUT).items())))
    assert read_here(encoded) is not None
    for at, each in enumerate(encoded):
        for changed in {each ^ 1, each - 1 & 255, each + 1 & 255, 0, 24, 0x58, 0x81, 0x98, 255}:
            other = encoded[:at] + bytes([changed]) + encoded[at + 1 :]
            assert read_here(other) == read_there(other), other.hex()
        assert read_here(encoded[:at]) is read_there(encoded[:at]) is None
        longer = encoded[:at] + b"\x00" + encoded[at:]
        assert read_here(longer) == read_there(longer), longer.hex()


def test_an_entry_of_64_kib_is_refused_before_it_is_read() -> None:
    """Theirs as malformed, ours as too large."""
    with pytest.raises(EntryMalformed, match="length"):
        read_entry(bytes(65_536))
    with pytest.raises(EntryTooLarge, match="65535"):
        write_entry(Entry(space=SPACE, author=AUTHOR, kind=9, time_ms=1, body=bytes(65_536)))


def test_our_own_entry_that_nobody_would_read_is_not_written() -> None:
    """Heads out of order."""
    heads = (Head(OTHER, 1, 9, HASH), Head(OTHER, 0, 7, HASH))
    with pytest.raises(EntryMalformed, match="heads"):
        write_entry(Entry(space=SPACE, author=AUTHOR, kind=9, time_ms=1, body=b"", heads=heads))


def test_an_entry_in_anothers_log_or_space_is_not_theirs() -> None:
    """It is read and refused."""
    encoded = write_entry(SMALL)
    assert judge(encoded, SPACE, AUTHOR) == SMALL
    with pytest.raises(EntryNotTheirs):
        judge(encoded, SPACE, OTHER)
    with pytest.raises(EntryNotTheirs):
        judge(encoded, SpaceId(b"s" * 16), AUTHOR)


def test_a_body_is_a_map_or_is_refused() -> None:
    """Sealed, or not CBOR, or no map."""
    assert read_body(SMALL) == {}
    for entry in (WHOLE, with_body(b"\xff"), with_body(b"\x80")):
        with pytest.raises(EntryMalformed, match="body"):
            read_body(entry)


def test_an_entry_shows_nothing_of_what_it_says() -> None:
    """Logs carry ids alone."""
    assert "secret" not in repr(with_body(b"secret"))


def test_every_kind_is_listed_with_its_number_and_meaning() -> None:
    """protocol/kinds.toml and the code say the same."""
    assert {name: entry["number"] for name, entry in LISTED.items()} == {
        kind.name.lower(): kind.value for kind in Kind
    }
    actors = dict.fromkeys(HUMAN_KINDS | DOMAIN_HUMAN_KINDS, "needed")
    actors |= dict.fromkeys(MACHINE_KINDS | DOMAIN_MACHINE_KINDS, "none")
    for kind in Kind:
        assert LISTED[kind.name.lower()]["actor"] == actors.get(kind, "may")
    for entry in LISTED.values():
        assert entry["meaning"].endswith(".")


def with_body(body: bytes) -> Entry:
    """Return a statement with this body."""
    return Entry(space=SPACE, author=AUTHOR, kind=Kind.STATEMENT, time_ms=1, body=body)


def read_here(encoded: bytes) -> tuple[object, ...] | None:
    """Return what an entry says, nothing of what is none."""
    try:
        entry = judge(encoded, SPACE, AUTHOR)
    except (EncodingRefused, EntryMalformed, EntryNotTheirs):
        return None
    actor = None if entry.actor is None else bytes(entry.actor)
    return entry.kind, entry.time_ms, actor, entry.body, entry.precedence, entry.deadline_ms


def read_there(encoded: bytes) -> tuple[object, ...] | None:
    """Return what the offline verifier, which shares no code, says of it."""
    try:
        row = verify.read_row(encoded, 0, bytes(SPACE), bytes(AUTHOR))
    except verify.MalformedEntry:
        return None
    return row.kind, row.time_ms, row.actor, row.body, row.precedence, row.deadline_ms
