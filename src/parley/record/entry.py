"""One entry of a log: what a party says once, as bytes that are hashed as they are.

An entry is a map in deterministic CBOR with the keys of ``protocol/record.md``, 65,535 bytes at
most. Its hash is its leaf in the log's tree, over exactly the bytes received; nothing here or
elsewhere encodes an entry again to hash it. What is said is in the *body*, bytes whose meaning the
kind gives; or the body is *sealed*, encrypted elsewhere, and the entry commits to the ciphertext,
so that erasing its key leaves every proof as it was.

An entry is judged in two steps, because they fail differently: bytes that are no entry, or an
entry that names another author or space than its log, are still bytes in that party's log. They
are held and proved like all others, have no effect, and are shown as set aside.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final, TypeVar

from msgspec import Struct
from typing_extensions import override

from parley.errors import (
    EncodingRefused,
    EntryMalformed,
    EntryNewer,
    EntryNotTheirs,
    EntryTooLarge,
)
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value, decode_map, encode
from parley.record.kinds import HUMAN_KINDS, KIND_MAX, MACHINE_KINDS
from parley.record.merkle import HASH_BYTES, leaf_hash
from parley.record.tiles import ENTRY_BYTES_MAX

VERSION: Final = 1
REFS_MAX: Final = 64
"""Entries one entry answers or quotes; a hearing with more is several entries."""
HEADS_MAX: Final = 32
"""Other logs of a space: a group has at most twelve parties, some with an epoch behind them."""
TIME_MS_MAX: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""
SEALED_BYTES_MAX: Final = 1 << 50
EPOCH_MAX: Final = 1 << 31
SIZE_MAX: Final = 1 << 62
"""Leaves of a log; proofs have at most 63 hashes up to here."""

# Keys of the map, in protocol/record.md.
_K_VERSION, _K_SPACE, _K_AUTHOR, _K_KIND, _K_THREAD, _K_TIME, _K_PRECEDENCE = range(7)
_K_DEADLINE, _K_REFS, _K_HEADS, _K_ACTOR, _K_BODY, _K_SEALED = range(7, 13)
_NEEDED: Final = frozenset({_K_VERSION, _K_SPACE, _K_AUTHOR, _K_KIND, _K_TIME})
_KNOWN: Final = frozenset(range(13))
_PLAIN: Final = re.compile(
    rb"([\xa6-\xab])"  # as many pairs as follow
    rb"\x00\x01\x01\x50(.{16})\x02\x50(.{16})"  # version 1, space, author
    rb"\x03(?:([\x00-\x17])|\x18([\x18-\xff])|\x19([\x01-\xff].))"  # kind
    rb"(?:\x04\x50(.{16}))?"  # thread
    rb"\x05\x1b(\x00\x00.{6})"  # a time that has more than 32 bits
    rb"(?:\x06([\x00-\x03]))?"  # precedence
    rb"(?:\x07\x1b(\x00\x00.{6}))?"  # a deadline, alike
    rb"(?:\x08([\x81-\x97])((?:\x58\x20.{32})+))?"  # at most 23 references
    rb"(?:\x0a\x50(.{16}))?"  # actor
    rb"\x0b(?:([\x40-\x57])|\x58([\x18-\xff])|\x59([\x01-\xff].))",  # length of the body
    re.DOTALL,
)
"""The bytes before the body of an entry that has no head of another log and is not sealed. Most of
what is said is so, and is read in a sixth of the time; what does not match is read as anything is.
"""
_PLAIN_PAIRS: Final = 0xA6
"""The first byte of the map that has none of what may be absent."""
_PLAIN_TIME_MS_MIN: Final = 1 << 32
_REF_BYTES: Final = 2 + HASH_BYTES
_IDS_MAX: Final = 1_024
# A log names the same space and party, and few people, in every entry.
_SPACES: Final = lru_cache(_IDS_MAX)(SpaceId)
_PARTIES: Final = lru_cache(_IDS_MAX)(PartyId)
_ACTORS: Final = lru_cache(_IDS_MAX)(ActorId)
_THREADS: Final = lru_cache(_IDS_MAX)(ThreadId)


class Precedence(IntEnum):
    """How urgent an entry is; a lower number goes first."""

    FLASH = 0
    IMMEDIATE = 1
    PRIORITY = 2
    ROUTINE = 3


URGENT: Final = frozenset({Precedence.FLASH, Precedence.IMMEDIATE})
"""What runs ahead of a backlog."""
_PRECEDENCES: Final = tuple(Precedence)


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """How far the author had seen another log."""

    party: PartyId
    """Whose log."""
    epoch: int
    """Which of its logs."""
    size: int
    """Entries it had."""
    root: bytes
    """Root of its tree at that size."""


@dataclass(frozen=True, slots=True)
class SealedBody:
    """A body that is not in the entry: what the entry commits to."""

    ciphertext_hash: bytes
    """SHA-256 of the ciphertext."""
    size: int
    """Bytes of the ciphertext."""
    key_id: bytes
    """Random id of the key, 16 bytes; the key itself is erasable and in no log."""


class Entry(Struct, frozen=True, kw_only=True):
    """What a party says once.

    A struct, because there are millions: it is made in a tenth of a frozen dataclass's time, and
    changed as little (``msgspec.structs.replace``).
    """

    space: SpaceId
    """The space it is said in; an entry counts in no other."""
    author: PartyId
    """The party that says it; an entry counts in no other party's log."""
    kind: int
    """A number of ``protocol/kinds.toml``, known or not."""
    time_ms: int
    """The author's wall clock, milliseconds since 1970 UTC."""
    thread: ThreadId | None = None
    """The matter it belongs to."""
    precedence: Precedence | None = None
    """How urgent it is."""
    deadline_ms: int | None = None
    """By when it wants an answer, milliseconds since 1970 UTC."""
    refs: tuple[bytes, ...] = ()
    """Hashes of the entries it answers or quotes, each once."""
    heads: tuple[Head, ...] = ()
    """What the author had newly seen of the other logs, in order of party and epoch."""
    actor: ActorId | None = None
    """Pseudonym of the person who did it, if a person did."""
    body: bytes | None = None
    """What is said, as the kind defines it; or it is sealed."""
    sealed: SealedBody | None = None
    """The commitment to a body that is kept elsewhere."""

    @override
    def __repr__(self) -> str:
        """Show what the machine needs; what is said does not belong into logs."""
        return f"Entry(kind={self.kind}, author={self.author.text}, time_ms={self.time_ms})"


def entry_hash(encoded: bytes) -> bytes:
    """Return what others refer to an entry by: its leaf in the log's tree."""
    return leaf_hash(encoded)


def body_hash(body: bytes) -> bytes:
    """Return what an agreement quotes: SHA-256 of a body's bytes."""
    return hashlib.sha256(body).digest()


def write_entry(entry: Entry) -> bytes:
    """Return an entry as the bytes that count from here on.

    Raises:
        EntryTooLarge: it has more than 65,535 bytes.
        EntryMalformed: our own entry is none; nobody would read it.
    """
    encoded = encode(_fields(entry))
    if len(encoded) > ENTRY_BYTES_MAX:
        raise EntryTooLarge(bytes_max=ENTRY_BYTES_MAX)
    read_entry(encoded)
    return encoded


def read_entry(encoded: bytes) -> Entry:
    """Read foreign bytes as an entry.

    Raises:
        EncodingRefused: they are not deterministic CBOR.
        EntryMalformed: they are no entry.
    """
    if len(encoded) > ENTRY_BYTES_MAX:
        raise EntryMalformed(field="length")
    entry = _read_plain(encoded)
    if entry is None:
        entry = _read_any(encoded)
    _check_actor(entry)
    return entry


def _read_plain(encoded: bytes) -> Entry | None:
    """Read an entry of the plain form, nothing of what may be another or none."""
    found = _PLAIN.match(encoded)
    if found is None:
        return None
    count, space, author, *kinds, thread, time, precedence, deadline = found.groups()[:10]
    ref_count, refs, actor, *lengths = found.groups()[10:]
    body = encoded[found.end() :]
    time_ms = int.from_bytes(time, "big")
    deadline_ms = None if deadline is None else int.from_bytes(deadline, "big")
    hashes = () if refs is None else _plain_refs(ref_count, refs)
    maybe = (thread, precedence, deadline, refs, actor)
    is_counted = count[0] - _PLAIN_PAIRS == len(maybe) - maybe.count(None)
    is_timed = _is_plain_time(time_ms) and (deadline_ms is None or _is_plain_time(deadline_ms))
    if not is_counted or not is_timed or hashes is None or _length(*lengths) != len(body):
        return None
    return Entry(
        space=_SPACES(space),
        author=_PARTIES(author),
        kind=int.from_bytes(kinds[0] or kinds[1] or kinds[2], "big"),
        time_ms=time_ms,
        thread=None if thread is None else _THREADS(thread),
        precedence=None if precedence is None else _PRECEDENCES[precedence[0]],
        deadline_ms=deadline_ms,
        refs=hashes,
        actor=None if actor is None else _ACTORS(actor),
        body=body,
    )


def _is_plain_time(time_ms: int) -> bool:
    return _PLAIN_TIME_MS_MIN <= time_ms <= TIME_MS_MAX


def _plain_refs(count: bytes, refs: bytes) -> tuple[bytes, ...] | None:
    """Return references by their bytes, None if they are not as many as said or one comes twice."""
    hashes = tuple(refs[at + 2 : at + _REF_BYTES] for at in range(0, len(refs), _REF_BYTES))
    is_counted = len(hashes) == count[0] & 0x1F
    return hashes if is_counted and len(set(hashes)) == len(hashes) else None


def _length(direct: bytes | None, one: bytes | None, two: bytes | None) -> int:
    """Return the length of a byte string by one of its three heads."""
    return direct[0] & 0x1F if direct else int.from_bytes(one or two or b"", "big")


def _read_any(encoded: bytes) -> Entry:
    fields = decode_map(encoded)
    if _is_newer(fields.get(_K_VERSION)):
        raise EntryNewer(field="version")
    if not fields.keys() >= _NEEDED or not fields.keys() <= _KNOWN:
        raise EntryMalformed(field="keys")
    if fields[_K_VERSION] != VERSION or fields[_K_VERSION] is True:
        raise EntryMalformed(field="version")
    return Entry(
        space=_SPACES(_bytes(fields[_K_SPACE], 16, "space")),
        author=_PARTIES(_bytes(fields[_K_AUTHOR], 16, "author")),
        kind=_whole(fields[_K_KIND], KIND_MAX, "kind"),
        time_ms=_whole(fields[_K_TIME], TIME_MS_MAX, "time"),
        thread=_id(fields, _K_THREAD, ThreadId, "thread"),
        precedence=_precedence(fields),
        deadline_ms=_deadline(fields),
        refs=_refs(fields),
        heads=_heads(fields),
        actor=_id(fields, _K_ACTOR, _ACTORS, "actor"),
        body=_body(fields),
        sealed=_sealed(fields),
    )


def _is_newer(version: object) -> bool:
    """Say whether a later version wrote this; what else it holds is for that version to say."""
    return isinstance(version, int) and version > VERSION


def judge(encoded: bytes, space: SpaceId, author: PartyId) -> Entry:
    """Read an entry that was found in a party's log; it must be that party's, in that space.

    Raises:
        EncodingRefused: the bytes are not deterministic CBOR.
        EntryMalformed: they are no entry.
        EntryNotTheirs: it names another author or another space.
    """
    entry = read_entry(encoded)
    check_theirs(entry, space, author)
    return entry


def check_theirs(entry: Entry, space: SpaceId, author: PartyId) -> None:
    """Accept an entry for a party's log in a space.

    Raises:
        EntryNotTheirs: it names another author or another space.
    """
    if entry.author != author or entry.space != space:
        raise EntryNotTheirs(party=author.text)


def read_body(entry: Entry) -> dict[int, Value]:
    """Return the map in an entry's body.

    Raises:
        EntryMalformed: the body is sealed, or no map in deterministic CBOR.
    """
    return read_map(entry.body)


def read_map(body: bytes | None) -> dict[int, Value]:
    """Return the map in a body, None for one that is sealed.

    Raises:
        EntryMalformed: the body is sealed, or no map in deterministic CBOR.
    """
    if body is None:
        raise EntryMalformed(field="body")
    try:
        return decode_map(body)
    except EncodingRefused as error:
        raise EntryMalformed(field="body") from error


def _fields(entry: Entry) -> dict[int, Value]:
    """Return the map of an entry; what is absent has no key."""
    fields: dict[int, Value] = {
        _K_VERSION: VERSION,
        _K_SPACE: bytes(entry.space),
        _K_AUTHOR: bytes(entry.author),
        _K_KIND: int(entry.kind),
        _K_TIME: entry.time_ms,
    }
    if entry.thread is not None:
        fields[_K_THREAD] = bytes(entry.thread)
    if entry.precedence is not None:
        fields[_K_PRECEDENCE] = int(entry.precedence)
    if entry.deadline_ms is not None:
        fields[_K_DEADLINE] = entry.deadline_ms
    if entry.refs:
        fields[_K_REFS] = list(entry.refs)
    if entry.heads:
        fields[_K_HEADS] = [_head_value(head) for head in entry.heads]
    if entry.actor is not None:
        fields[_K_ACTOR] = bytes(entry.actor)
    if entry.body is not None:
        fields[_K_BODY] = entry.body
    if entry.sealed is not None:
        sealed = entry.sealed
        fields[_K_SEALED] = [sealed.ciphertext_hash, sealed.size, sealed.key_id]
    return fields


def _head_value(head: Head) -> Value:
    return [bytes(head.party), head.epoch, head.size, head.root]


def _check_actor(entry: Entry) -> None:
    """Refuse a person's act without a person, and a machine's act in a person's name."""
    if entry.kind in HUMAN_KINDS and entry.actor is None:
        raise EntryMalformed(field="actor")
    if entry.kind in MACHINE_KINDS and entry.actor is not None:
        raise EntryMalformed(field="actor")


def _precedence(fields: Mapping[int, Value]) -> Precedence | None:
    if _K_PRECEDENCE not in fields:
        return None
    return Precedence(_whole(fields[_K_PRECEDENCE], max(Precedence), "precedence"))


def _deadline(fields: Mapping[int, Value]) -> int | None:
    if _K_DEADLINE not in fields:
        return None
    return _whole(fields[_K_DEADLINE], TIME_MS_MAX, "deadline")


def _refs(fields: Mapping[int, Value]) -> tuple[bytes, ...]:
    if _K_REFS not in fields:
        return ()
    refs = tuple(_bytes(each, HASH_BYTES, "refs") for each in _list(fields[_K_REFS], "refs"))
    if len(refs) > REFS_MAX or len(set(refs)) != len(refs):
        raise EntryMalformed(field="refs")
    return refs


def _heads(fields: Mapping[int, Value]) -> tuple[Head, ...]:
    if _K_HEADS not in fields:
        return ()
    heads = tuple(_head(each) for each in _list(fields[_K_HEADS], "heads"))
    places = [(head.party, head.epoch) for head in heads]
    if len(heads) > HEADS_MAX or sorted(set(places)) != places:
        raise EntryMalformed(field="heads")
    return heads


def _head(value: Value) -> Head:
    match value:
        case [party, epoch, size, root]:
            return Head(
                PartyId(_bytes(party, 16, "heads")),
                _whole(epoch, EPOCH_MAX, "heads"),
                _whole(size, SIZE_MAX, "heads"),
                _bytes(root, HASH_BYTES, "heads"),
            )
        case _:
            raise EntryMalformed(field="heads")


def _body(fields: Mapping[int, Value]) -> bytes | None:
    """Return the body, which is there if and only if it is not sealed."""
    if (_K_BODY in fields) == (_K_SEALED in fields):
        raise EntryMalformed(field="body")
    if _K_BODY not in fields:
        return None
    body = fields[_K_BODY]
    if not isinstance(body, bytes):
        raise EntryMalformed(field="body")
    return body


def _sealed(fields: Mapping[int, Value]) -> SealedBody | None:
    if _K_SEALED not in fields:
        return None
    match fields[_K_SEALED]:
        case [ciphertext_hash, size, key_id]:
            return SealedBody(
                _bytes(ciphertext_hash, HASH_BYTES, "sealed"),
                _whole(size, SEALED_BYTES_MAX, "sealed"),
                _bytes(key_id, 16, "sealed"),
            )
        case _:
            raise EntryMalformed(field="sealed")


_AnId = TypeVar("_AnId", ThreadId, ActorId)


def _id(
    fields: Mapping[int, Value], key: int, kind: Callable[[bytes], _AnId], field: str
) -> _AnId | None:
    return kind(_bytes(fields[key], 16, field)) if key in fields else None


def _bytes(value: Value, length: int, field: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise EntryMalformed(field=field)
    return value


def _whole(value: Value, value_max: int, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= value_max:
        raise EntryMalformed(field=field)
    return value


def _list(value: Value, field: str) -> list[Value]:
    """Return a list that is not empty: what is absent has no key, so there is one way to say it."""
    if not isinstance(value, list) or not value:
        raise EntryMalformed(field=field)
    return value
