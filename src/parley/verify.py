"""Checks an exported record, alone and offline: `python verify.py export.zip`.

This one file needs Python 3.11 and the package `cryptography`, nothing else, and it is one file so
that it can be handed over and read whole. It shares no code with what writes the record, so that a
mistake there is not made here again; `protocol/record.md` is what both follow. The party ids that
are printed are hashes of the parties' keys: whoever compares them with what they know, or gives
them with `--trust`, needs to trust nothing in the file.

What is shown of each log: that its party signed it as it is here, entry for entry; who else held
it, up to where and when by their own clock; what the other logs say about having seen it; and
whether the times its party wrote agree with the times it signed.

Exit codes: 0 the record holds; 1 something in it does not; 2 it cannot be read; 3 it holds as far
as it goes, but something is missing.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeGuard, overload

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

HOLDS, WRONG, UNREADABLE, GAPS = range(4)
UNPACK_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, OSError, OverflowError, RuntimeError, ValueError),
)
"""All that the zip library raises on hostile bytes; a form it does not know is a RuntimeError."""
MEMBER_BYTES_MAX = 20_000_000
"""A bundle of 256 entries of 64 KiB has 16.8 MB; a file that unpacks to more is not read."""
MANIFEST_BYTES_MAX = 400_000_000
TOLERANCE_S = 300
"""How far the time in an entry may be from the times its party signed, for clocks that are set."""
SILENCE_S = 600
"""A log is signed every minute; from here on its silence before an export is mentioned."""
ROWS_MAX = 2_000
"""Entries listed one by one; more are counted, unless all are asked for."""
KINDS = (
    *("opening", "closing", "sighting", "delivery", "acknowledgement"),
    *("agreement", "assertion", "erasure", "dispute", "statement", "enrolment", "erased"),
    *("attachment", "root", "freeze"),
)
OPENING, CLOSING, DELIVERY, ACKNOWLEDGEMENT, AGREEMENT, ASSERTION, ENROLMENT = 0, 1, 3, 4, 5, 6, 10
ROOT, FREEZE = 13, 14
"""What a party's root says, and how far another party's log is believed by such a word."""
ERASING = (7, 11)
"""A person's word that the keys of sealed bodies are deleted, and a node's."""
KEPT = (OPENING, CLOSING, AGREEMENT, ENROLMENT, ROOT, FREEZE)
"""Kinds of entries that matter to others, however many entries there are."""
ACTOR, BODY, SEALED = 10, 11, 12
HUMAN, MACHINE = {4, 5, 6, 7, 10}, {0, 1, 2, 3, 8, 11, 13, 14}
CRISIS_OPENING, CRISIS_CLOSING, CRISIS_FACT, CRISIS_LINK = 170, 171, 173, 175
TIMELINE, ACCOUNT_SEAL, ACCOUNT_SHOWN, ACCOUNT_WITHDRAWAL = 180, 181, 182, 183
ADOPTION, ASSESSMENT_END, READOUT, ACCOUNT_PUBLICATION = 185, 186, 187, 188
ASSESSING = range(180, 189)
"""An assessment's own entries, of which no timeline tells."""
OFFICE_KEYS = {
    ACKNOWLEDGEMENT: 3,
    121: 4,
    122: 4,
    123: 4,
    124: 4,
    126: 4,
    127: 4,
    141: 10,
    142: 1,
    143: 1,
    144: 1,
    145: 1,
    150: 11,
    151: 6,
    152: 1,
}
"""Kinds whose entries say in which office their person spoke, and the key of the body that does."""
OFFICE = re.compile(r"[a-z_]{1,40}")
NOT_SAID = "not_said"
CUT_PARTS = 3
"""Party, epoch and size."""
SEAL_PREFIX, TIMELINE_PREFIX = b"parley account v1\0", b"parley timeline v1\0"
PRECEDENCES = ("flash", "immediate", "priority", "routine")
SIMPLE: dict[int, object] = {20: False, 21: True, 22: None}
WORDS = ("queued", "held", "delivered", "acknowledged", "agreed")
LOG, COSIGNATURE, LATTICE = 1, 4, 6
SAME_SIZE, OTHER_BRANCH, ROLLED_BACK = range(3)
WIDTH = 256
ROOT_LINES, ROOT_THRESHOLD, KEY_BYTES = 10, 2, 32
AUTHENTICATOR_BYTES_MIN = 37
"""RP id hash, flags and counter (WebAuthn §6.1)."""
CHECKED_PERSON = 0x05
"""Flags: somebody was there, and the authenticator checked who."""
NAME = re.compile(r"logs/([a-z2-7]{26})/(0|[1-9][0-9]{0,9})/([a-z0-9./]+)")
ID = re.compile(r"[a-z2-7]{26}")
TIME_MS = re.compile(r"[0-9]{1,15}")
"""The time of an export; a longer number is of no time that anyone will see."""
ELLIPTIC = ("secp256r1", "secp384r1", "secp521r1")
MODULUS_BITS_MIN, MODULUS_BITS_MAX, EXPONENT = 2_048, 4_096, 65_537
"""RSA keys of authenticators; a shorter one is broken, the work of a larger grows by its cube."""


class UnreadableExport(Exception):
    """The file is no export at all."""


class MalformedEntry(ValueError):
    """Bytes that do not have the form they should."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or missing."""

    code: str
    """A fixed word for programs."""
    where: str
    """Which log, entry or file."""
    text: str
    """What a person is told."""
    is_gap: bool = False
    """Whether something is only missing."""


@dataclass(slots=True)
class EntryRow:
    """What an entry says of itself."""

    index: int
    kind: int
    time_ms: int
    refs: Sequence[bytes]
    heads: Sequence[tuple[bytes, int, int, bytes]]
    actor: bytes | None
    precedence: int | None
    deadline_ms: int | None
    body: bytes | None
    is_sealed: bool = False
    thread: bytes | None = None


@dataclass
class Stamp:
    """One signature with a time on one checkpoint."""

    size: int
    seconds: int
    is_lattice: bool


class LeafTiles(Sequence[bytes]):
    """The hashes of a log's leaves in one piece, and the root of each whole tile of them."""

    def __init__(self) -> None:
        self.content = bytearray()
        self._roots: list[bytes] = []

    def add(self, hashes: Sequence[bytes]) -> None:
        """Add hashes at the end."""
        self.content += b"".join(hashes)

    def roots(self) -> list[bytes]:
        """Return the root of each whole tile."""
        for number in range(len(self._roots), len(self) // WIDTH):
            self._roots.append(perfect_root(self[WIDTH * number : WIDTH * number + WIDTH]))
        return self._roots

    def __len__(self) -> int:
        return len(self.content) // 32

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: "slice[int | None, int | None, int | None]") -> list[bytes]: ...

    def __getitem__(
        self, at: "int | slice[int | None, int | None, int | None]"
    ) -> bytes | list[bytes]:
        places = range(len(self))[at]
        if isinstance(places, int):
            return bytes(self.content[32 * places : 32 * places + 32])
        return [bytes(self.content[32 * each : 32 * each + 32]) for each in places]

    def __iter__(self) -> Iterator[bytes]:
        content = bytes(self.content)
        return (content[at : at + 32] for at in range(0, len(content), 32))


@dataclass(frozen=True)
class SpokenRoot:
    """What a party's root says, in a manifest that two of its three keys signed."""

    party: str
    number: int
    log_key: bytes
    compromised: bytes | None
    keys: tuple[bytes, ...]
    following: bytes | None


@dataclass
class LogAccount:
    """What is known of one log; `rows` are entries that matter to others, or are listed."""

    party: str
    epoch: int
    origin: str
    key: bytes = b""
    next_key: bytes | None = None
    frozen_at: int | None = None
    size: int = 0
    root: bytes = b""
    is_proved: bool = False
    leaves: Sequence[bytes] = field(default_factory=LeafTiles)
    times: "array[int]" = field(default_factory=lambda: array("q"))
    rows: list[EntryRow] = field(default_factory=list)
    heads: dict[tuple[str, int, int, bytes], int] = field(default_factory=dict)
    notes: list[bytes] = field(default_factory=list)
    signed: list[tuple[int, bytes]] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    cosigned: dict[str, list[Stamp]] = field(default_factory=lambda: defaultdict(list))
    set_aside: list[tuple[int, str]] = field(default_factory=list)
    threads: dict[bytes, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By thread, index and kind of each entry in it."""

    @property
    def name(self) -> str:
        """Return how the log is called in what is printed."""
        return f"{self.party}/{self.epoch}"


# ------------------------------------------------------------------------------- encodings


class EntryReader:
    """Reads the one value of deterministic CBOR in an entry or a body (RFC 8949 §4.2.1)."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def whole(self) -> object:
        """Return the value, which must be all there is."""
        value = self.value(16)
        if self.at != len(self.content):
            raise MalformedEntry("bytes after the value")
        return value

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        taken = self.content[self.at : self.at + count]
        if len(taken) != count:
            raise MalformedEntry("ends too early")
        self.at += count
        return taken

    def head(self) -> tuple[int, int]:
        """Return major type and number of the next item."""
        if self.at >= len(self.content):
            raise MalformedEntry("ends too early")
        first = self.content[self.at]
        self.at += 1
        major, low = first >> 5, first & 31
        if low < 24:  # noqa: PLR2004  RFC 8949 §3
            return major, low
        if low > 27:  # noqa: PLR2004  RFC 8949 §3
            raise MalformedEntry("no definite length")
        length = 1 << (low - 24)
        number = int.from_bytes(self.take(length), "big")
        if number < (24 if length == 1 else 1 << (4 * length)):
            raise MalformedEntry("not the shortest form")
        return major, number

    def value(self, depth: int) -> object:
        """Return the next value."""
        major, number = self.head()
        if major == 0:
            return number
        if major == 2:  # noqa: PLR2004  RFC 8949 §3.1
            return self.take(number)
        if major == 7 and number in SIMPLE:  # noqa: PLR2004  RFC 8949 §3.3
            return SIMPLE[number]
        others = {1: self.negative, 3: self.text, 4: self.items, 5: self.pairs}
        if major not in others:
            raise MalformedEntry("a tag, a float or an unknown simple value")
        return others[major](number, depth)

    def negative(self, number: int, _: int) -> int:
        """Return a number below zero."""
        return -1 - number

    def text(self, count: int, _: int) -> str:
        """Return text."""
        try:
            return self.take(count).decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedEntry("not UTF-8") from error

    def items(self, count: int, depth: int) -> list[object]:
        """Return a list."""
        if depth == 0 or count > len(self.content):
            raise MalformedEntry("nested too deep, or ends too early")
        return [self.value(depth - 1) for _ in range(count)]

    def pairs(self, count: int, depth: int) -> dict[int, object]:
        """Return a map with rising whole-number keys."""
        if depth == 0 or count > len(self.content):
            raise MalformedEntry("nested too deep, or ends too early")
        found: dict[int, object] = {}
        last = -1
        for _ in range(count):
            major, key = self.head()
            if major != 0 or key <= last:
                raise MalformedEntry("keys out of order, or no whole numbers")
            found[key], last = self.value(depth - 1), key
        return found


def party_text(party: bytes) -> str:
    """Return a party's id as text."""
    return base64.b32encode(party).decode().rstrip("=").lower()


def unbase64(text: str) -> bytes:
    """Return what base64 stands for, in its one spelling."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedEntry("not base64") from error
    if base64.b64encode(content).decode() != text:
        raise MalformedEntry("not base64 as it should be")
    return content


def is_bytes(value: object, length: int) -> TypeGuard[bytes]:
    """Say whether a value is a byte string of a length."""
    return isinstance(value, bytes) and len(value) == length


def is_whole(value: object, most: int) -> bool:
    """Say whether a value is a whole number from 0 to a bound."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def cut(content: bytes) -> list[bytes]:
    """Return the parts of a file in which each stands after its length in two bytes."""
    parts, at = [], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if end > len(content) or at + 2 > len(content):
            raise MalformedEntry("ends too early")
        parts.append(content[at + 2 : end])
        at = end
    return parts


def read_row(content: bytes, index: int, space: bytes, author: bytes) -> EntryRow:
    """Return what an entry says; it must be its log's party's, in its log's space."""
    fields = EntryReader(content).whole()
    if not isinstance(fields, dict) or not {0, 1, 2, 3, 5} <= set(fields) <= set(range(13)):
        raise MalformedEntry("no entry")
    _check_fields(fields)
    if fields[2] != author or fields[1] != space:
        raise MalformedEntry("of another party or space")
    return EntryRow(
        index=index,
        kind=fields[3],
        time_ms=fields[5],
        refs=fields.get(8, ()),
        heads=fields.get(9, ()),
        actor=fields.get(10),
        precedence=fields.get(6),
        deadline_ms=fields.get(7),
        body=fields.get(11),
        is_sealed=SEALED in fields,
        thread=fields.get(4),
    )


def plain_entry(content: bytes, head: bytes) -> tuple[int, int] | None:
    """Return kind and time of an entry that says nothing but a body; nothing of any other.

    Most entries are such, and need no more: each number in them stands at one of a few places.

    Args:
        content: the entry.
        head: version, space and author with their keys, as :func:`plain_head` gives them.
    """
    at = 1 + len(head)
    if len(content) < at + 32 or content[1:at] != head or content[0] not in (0xA6, 0xA7):
        return None
    kind, at = content[at], at + 1
    if kind == 0x18 and content[at] >= 24:  # noqa: PLR2004  RFC 8949 §3
        kind, at = content[at], at + 1
    elif kind >= 24:  # noqa: PLR2004  RFC 8949 §3
        return None
    if content[at] != 5 or content[at + 1] != 0x1B:  # noqa: PLR2004  protocol
        return None
    time_ms, at = int.from_bytes(content[at + 2 : at + 10], "big"), at + 10
    has_actor = content[0] == 0xA7  # noqa: PLR2004  RFC 8949 §3.1
    if has_actor:
        if content[at : at + 2] != b"\x0a\x50":
            return None
        at += 18
    length = int.from_bytes(content[at + 2 : at + 4], "big")
    is_whole_form = (
        content[at : at + 2] == b"\x0b\x59"
        and 1 << 8 <= length == len(content) - at - 4
        and 1 << 32 <= time_ms <= TIME_MS_MAX
        and kind not in (MACHINE if has_actor else HUMAN)
    )
    return (kind, time_ms) if is_whole_form else None


def plain_head(space: bytes, author: bytes) -> bytes:
    """Return how every plain entry of a log goes on after its first byte, up to its kind."""
    return b"\0\1\1\x50" + space + b"\2\x50" + author + b"\3"


def _check_fields(fields: dict[int, object]) -> None:
    """Refuse an entry with a field that is not as `protocol/record.md` says."""
    if not all(CHECKS[key](value) for key, value in fields.items()):
        raise MalformedEntry("a field that is not as it should be")
    if (BODY in fields) == (SEALED in fields):
        raise MalformedEntry("a body and a sealed body, or neither")
    kind = fields[3]
    if (kind in HUMAN and ACTOR not in fields) or (kind in MACHINE and ACTOR in fields):
        raise MalformedEntry("a person's act without a person, or the reverse")


def _are_refs(value: object) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= 64:  # noqa: PLR2004  protocol
        return False
    return all(is_bytes(each, 32) for each in value) and len(set(value)) == len(value)


def _are_heads(value: object) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= 32:  # noqa: PLR2004  protocol
        return False
    places = []
    for each in value:
        match each:
            case [bytes(party), epoch, size, bytes(root)] if len(party) == 16 and len(root) == 32:  # noqa: PLR2004  protocol
                if not is_whole(epoch, 1 << 31) or not is_whole(size, 1 << 62):
                    return False
                places.append((party, epoch))
            case _:
                return False
    return places == sorted(set(places))


def _is_sealed(value: object) -> bool:
    match value:
        case [digest, size, key_id]:
            return is_bytes(digest, 32) and is_whole(size, 1 << 50) and is_bytes(key_id, 16)
        case _:
            return False


TIME_MS_MAX = 253_402_300_799_999
CHECKS: dict[int, Callable[[object], bool]] = {
    0: lambda value: is_whole(value, 1) and value == 1,
    3: lambda value: is_whole(value, 65_535),
    5: lambda value: is_whole(value, TIME_MS_MAX),
    6: lambda value: is_whole(value, 3),
    7: lambda value: is_whole(value, TIME_MS_MAX),
    8: _are_refs,
    9: _are_heads,
    11: lambda value: isinstance(value, bytes),
    12: _is_sealed,
    **dict.fromkeys((1, 2, 4, 10), lambda value: is_bytes(value, 16)),
}


# ------------------------------------------------------------------------------------ trees


def leaf_of(entry: bytes) -> bytes:
    """Return the hash of a leaf (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\0" + entry).digest()


def pair_of(left: bytes, right: bytes) -> bytes:
    """Return the hash of two branches (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def perfect_root(row: Sequence[bytes]) -> bytes:
    """Return the root over hashes whose number is a power of two."""
    sha256 = hashlib.sha256
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [sha256(b"\1" + left + right).digest() for left, right in pairs]
    return row[0]


def roots_at(leaves: Sequence[bytes], sizes: set[int]) -> dict[int, bytes]:
    """Return the root of the tree at each of some sizes, in one walk with a stack.

    A whole tile within which no size lies is one step, where its root is known.
    """
    found = {0: hashlib.sha256(b"").digest()} if 0 in sizes else {}
    wanted = {size for size in sizes if 0 < size <= len(leaves)}
    within = {(size - 1) // WIDTH for size in wanted if size % WIDTH}
    known = leaves.roots() if isinstance(leaves, LeafTiles) else []
    stack: list[tuple[int, bytes]] = []
    for tile in range(-(-max(wanted, default=0) // WIDTH)):
        first = WIDTH * tile
        if tile < len(known) and tile not in within:
            steps = [(WIDTH, known[tile])]
        else:
            steps = [(1, leaf) for leaf in leaves[first : first + WIDTH]]
        for number, step in enumerate(steps, start=1):
            stack.append(step)
            while len(stack) > 1 and stack[-2][0] == stack[-1][0]:
                (weight, left), (_, right) = stack[-2:]
                stack[-2:] = [(2 * weight, pair_of(left, right))]
            size = first + number * step[0]
            if size in wanted:
                root = stack[-1][1]
                for _, left in stack[-2::-1]:
                    root = pair_of(left, root)
                found[size] = root
    return found


def is_consistent(first: int, one: bytes, second: int, two: bytes, proof: list[bytes]) -> bool:
    """Say whether a proof leads from one tree to another (RFC 9162 §2.1.4.2)."""
    if not 0 < first < second or not proof:
        return first == second and one == two and not proof
    path = [one, *proof] if first & (first - 1) == 0 else list(proof)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = pair_of(node, fr), pair_of(node, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = pair_of(sr, node)
        fn, sn = fn >> 1, sn >> 1
    return fr == one and sr == two and sn == 0


# ---------------------------------------------------------------------------------- signatures


def public_keys(text: str) -> Iterator[tuple[str, int, bytes]]:
    """Yield name, type and key of each line that is a verifier key (C2SP signed-note)."""
    for line in text.splitlines():
        name, _, rest = line.partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            content = unbase64(encoded)
        except MalformedEntry:
            continue
        if content and key_id == key_id_of(name, content[0], content[1:]).hex():
            yield name, content[0], content[1:]


def key_id_of(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that go before a key's signatures (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def split_note(content: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text, and name and content of each signature (C2SP signed-note)."""
    try:
        text, separator, lines = content.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise MalformedEntry("not UTF-8") from error
    if not separator or not lines.endswith("\n"):
        raise MalformedEntry("no signatures")
    signatures = []
    for line in lines[:-1].split("\n"):
        found = re.fullmatch(r"\u2014 ([^ +]+) ([A-Za-z0-9+/]+=*)", line)
        if found is None:
            raise MalformedEntry("a line that is no signature")
        signatures.append((found[1], unbase64(found[2])))
    return text + "\n", signatures


def split_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint (C2SP tlog-checkpoint)."""
    found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n", text)
    if found is None:
        raise MalformedEntry("no checkpoint")
    root = unbase64(found[3])
    if len(root) != 32:  # noqa: PLR2004  SHA-256
        raise MalformedEntry("no checkpoint")
    return found[1], int(found[2]), root


def signed_content(kind: int, name: str, text: str, seconds: int) -> bytes:
    """Return what a signature was made over (C2SP tlog-cosignature)."""
    if kind == LOG:
        return text.encode()
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    origin, size, root = split_checkpoint(text)
    by, of = name.encode(), origin.encode()
    time = seconds.to_bytes(8, "big")
    span = bytes(8) + size.to_bytes(8, "big")
    return b"".join(
        (b"subtree/v1\n\0", bytes([len(by)]), by, time, bytes([len(of)]), of, span, root)
    )


def check_signature(kind: int, name: str, public: bytes, text: str, content: bytes) -> int | None:
    """Return the time of a signature that holds (0 where it has none), or nothing."""
    seconds = 0
    if kind != LOG:
        seconds, content = int.from_bytes(content[:8], "big"), content[8:]
    try:
        signed = signed_content(kind, name, text, seconds)
        if kind == LATTICE:
            MLDSA44PublicKey.from_public_bytes(public).verify(content, signed)
        else:
            Ed25519PublicKey.from_public_bytes(public).verify(content, signed)
    except (InvalidSignature, ValueError, OverflowError):
        return None
    return seconds


# -------------------------------------------------------------------------------------- export


SIGNED = "its own party signed"


class ExportReader:
    """One export: its files, its keys and what was found."""

    def __init__(self, file: Path | IO[bytes], *, lists_all: bool = False) -> None:
        try:
            self.archive = zipfile.ZipFile(file)
        except UNPACK_ERRORS as error:
            raise UnreadableExport(f"{file} is no export: {error}") from error
        self.lists_all = lists_all
        self.findings: dict[Finding, None] = {}
        self.names = [each.filename for each in self.archive.infolist()]
        self.present = frozenset(self.names)
        self.used: set[str] = set()
        self.listed: dict[str, str] | None = None
        self.logs: dict[tuple[str, int], LogAccount] = {}
        self.keys: list[tuple[str, int, bytes]] = []
        self.about: dict[str, object] = {}
        self.asserted: set[bytes] = set()
        self.roots: dict[str, list[SpokenRoot]] = defaultdict(list)
        self.crises: list[dict[str, object]] = []

    def find(self, code: str, where: str, text: str, *, is_gap: bool = False) -> None:
        """Take note of something wrong or missing; the same is said once."""
        self.findings.setdefault(Finding(code, where, text, is_gap))

    def read(self, name: str) -> bytes | None:
        """Return a file of the export, if it is there and whole."""
        self.used.add(name)
        if name not in self.present:
            return None
        member = self.archive.getinfo(name)
        if member.file_size > (MANIFEST_BYTES_MAX if name == "manifest" else MEMBER_BYTES_MAX):
            self.find("file_damaged", name, f"{name} is larger than any such file can be.")
            return None
        try:
            content = self._unpacked(member)
        except UNPACK_ERRORS as error:
            self.find("file_damaged", name, f"{name} cannot be unpacked ({error}).")
            return None
        if self.listed is not None and hashlib.sha256(content).hexdigest() != self.listed.get(name):
            self.find("file_changed", name, f"{name} is not as it was exported.")
        return content

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        """Return a file's content, never more than the list of files says."""
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile("it is packed in a way not known")
        with self.archive.open(member) as packed:
            # One more than there should be, because the check sum is looked at only at the end.
            content = packed.read(member.file_size + 1)
        if len(content) != member.file_size:
            raise zipfile.BadZipFile("it is cut off")
        return content

    # --------------------------------------------------------------- what the exporter says

    def read_all(self, trusted: set[str]) -> None:
        """Read and check everything."""
        self._read_manifest()
        self._read_keys()
        places = sorted(
            {(found[1], int(found[2])) for found in map(NAME.fullmatch, self.names) if found}
        )
        for party, epoch in places:
            self._read_log(party, epoch)
        if not self.logs:
            self.find("log_missing", "export", "There is no log in this file.", is_gap=True)
        self._check_freezes()
        for log in self.logs.values():
            self._check_history(log)
        self._check_heads()
        for log in self.logs.values():
            self._check_times(log)
        self._check_assertions()
        self._check_crises()
        self._check_evidence()
        self._check_parties(trusted)
        for name in sorted(self.present - self.used):
            self.find("file_unknown", name, f"{name} does not belong into an export.")

    def _read_manifest(self) -> None:
        """Check that the file is as its exporter signed it."""
        if len(self.present) != len(self.names):
            self.find("file_twice", "export", "A file is in the export twice.")
        manifest, note = self.read("manifest"), self.read("manifest.note")
        about = self.read("about.json")
        self.about = named_by(about or b"{}")
        if manifest is None or note is None:
            text = "The exporter's list of files is missing: nobody vouches that this is all."
            self.find("manifest_missing", "manifest", text, is_gap=True)
            return
        if not self._is_signed_by_exporter(manifest, note):
            text = "The exporter's list of files is not what was signed."
            self.find("manifest_wrong", "manifest", text)
        lines = (line.partition(" ") for line in manifest.decode(errors="replace").splitlines())
        self.listed = {name: digest for digest, _, name in lines}
        for name in sorted(set(self.listed) - self.present):
            self.find("file_missing", name, f"{name} was exported and is not here.")
        self.read("about.json")

    def _is_signed_by_exporter(self, manifest: bytes, encoded: bytes) -> bool:
        """Say whether the party named as the exporter signed the list; its id is its key's hash."""
        try:
            text, signatures = split_note(encoded)
        except MalformedEntry:
            return False
        kind, space, party, at_ms, digest = (*text.split("\n"), "", "", "", "", "")[:5]
        self.about |= {"space": space, "exported_by": party, "exported_at_ms": at_ms}
        keys = public_keys((self.read("keys") or b"").decode(errors="replace"))
        return (
            kind == "parley/export/v1"
            and TIME_MS.fullmatch(at_ms) is not None
            and digest == hashlib.sha256(manifest).hexdigest()
            and any(
                is_own_key(public, party)
                and check_signature(LOG, f"parley/{party}", public, text, content[4:]) is not None
                for _, type_, public in keys
                for name, content in signatures
                if type_ == LOG and name == f"parley/{party}"
                if content[:4] == key_id_of(name, LOG, public)
            )
        )

    def _read_keys(self) -> None:
        text = (self.read("keys") or b"").decode(errors="replace")
        self.keys = list(public_keys(text))
        if not self.keys:
            self.find("keys_missing", "keys", "The parties' keys are missing or changed.")

    # ------------------------------------------------------------------------- single logs

    def _read_log(self, party: str, epoch: int) -> None:
        """Check one log: its checkpoint, its entries, its tiles."""
        space = text_of(self.about.get("space"))
        folder, origin = f"logs/{party}/{epoch}", f"parley/{space}/{party}/{epoch}"
        log = LogAccount(party, epoch, origin)
        note = self.read(f"{folder}/checkpoint")
        if note is None:
            self.find(
                "checkpoint_missing", log.name, f"The checkpoint of log {log.name} is missing."
            )
            return
        self.logs[party, epoch] = log
        log.key = next(iter(self._log_keys(log, self._told_at_once(log, folder))), b"")
        try:
            log.size, log.root = self._signed(log, note, [(log.origin, LOG, log.key)])
        except MalformedEntry as error:
            text = f"The checkpoint of log {log.name} does not hold: {error}."
            self.find("checkpoint_wrong", log.name, text)
            return
        leaves = LeafTiles()
        for entries in self._bundles(log, folder):
            # What is said counts once all of it is proved; it is not kept until then.
            self._read_entries(log, entries)
            leaves.add([leaf_of(entry) for entry in entries])
        log.leaves = leaves
        tiles = self._tiles(log, folder)
        log.is_proved = self._compare(log, leaves, tiles)
        log.notes.append(note)
        if log.is_proved:
            self._check_opening(log)
            self._hear_roots(log)
        else:
            log.times, log.rows, log.set_aside = array("q"), [], []
            log.heads, log.next_key = {}, None
            if tiles and roots_at(tiles, {log.size}).get(log.size) == log.root:
                log.leaves = tiles

    def _told_at_once(self, log: LogAccount, folder: str) -> SpokenRoot | None:
        """Return what the root says right after a log's opening, if it follows from what is pinned.

        By it a log goes on where the key of the one before is not believed any more.
        """
        said = self.roots[log.party]
        if not said:
            return None
        names = (each for each in self.names if each.startswith(f"{folder}/tile/entries/000"))
        try:
            entries = cut(self.read(min(names, default="")) or b"")
            space, author = unid(log.origin.split("/")[1]), unid(log.party)
            spoken = spoken_root(read_row(entries[1], 1, space, author))
        except (ValueError, IndexError):
            return None
        return spoken if spoken and follows(said[-1], spoken) else None

    def _hear_roots(self, log: LogAccount) -> None:
        """Take note of what a party's root says in its own log; the first one pins it."""
        for row in log.rows:
            spoken = spoken_root(row) if row.kind == ROOT else None
            if spoken is None or spoken.party != log.party:
                continue
            said = self.roots[log.party]
            if follows(said[-1], spoken) if said else spoken.compromised is None:
                said.append(spoken)

    def _check_freezes(self) -> None:
        """Say how far logs are believed whose party's root takes its word back from their key."""
        for log in self.logs.values():
            for row in log.rows:
                if row.kind == FREEZE:
                    self._check_freeze(log, row)
        for log in self.logs.values():
            if log.frozen_at is not None:
                self._set_aside_beyond(log, min(log.size, log.frozen_at))

    def _set_aside_beyond(self, log: LogAccount, held: int) -> None:
        why = f"the root of its party does not believe its key; {held} of {log.size} entries count"
        self.find("log_frozen", log.name, f"Log {log.name} is frozen: {why}.", is_gap=True)
        aside = {index for index, _ in log.set_aside}
        beyond = (index for index in range(held, len(log.times)) if index not in aside)
        log.set_aside += [(index, "after its log was frozen") for index in beyond]
        log.rows = [row for row in log.rows if row.index < held]
        for thread, places in log.threads.items():
            log.threads[thread] = [place for place in places if place[0] < held]

    def _check_freeze(self, log: LogAccount, row: EntryRow) -> None:
        """Take a log as frozen where another party says so by the word of the log's own root."""
        body, spoken = body_of(row), spoken_root(row)
        origin, size, root = text_of(body.get(1)), body.get(2), body.get(3)
        frozen = next((each for each in self.logs.values() if each.origin == origin), None)
        if frozen is None:
            return
        has_form = is_whole(size, 1 << 62) and is_bytes(root, 32)
        if spoken is None or not has_form or not self._is_theirs(frozen, spoken):
            text = f"Entry {row.index} of log {log.name} freezes a log by no word of its root."
            self.find("freeze_wrong", f"{log.name}#{row.index}", text)
            return
        held = whole_of(size)
        frozen.frozen_at = max(held, frozen.frozen_at or 0)
        if held and is_bytes(root, 32):
            log.heads.setdefault((frozen.party, frozen.epoch, held, root), row.index)

    def _is_theirs(self, frozen: LogAccount, spoken: SpokenRoot) -> bool:
        """Say whether a log's own root takes its word back from its key, or from one before it."""
        said = self.roots[frozen.party]
        if said and follows(said[-1], spoken):
            said.append(spoken)
        epochs = range(frozen.epoch + 1)
        logs = (self.logs[frozen.party, e] for e in epochs if (frozen.party, e) in self.logs)
        return spoken in said and spoken.compromised in {log.key for log in logs}

    def _log_keys(self, log: LogAccount, told: SpokenRoot | None = None) -> Iterator[bytes]:
        """Yield the keys that may sign a log: its party's, one its last epoch named, its root's."""
        before = self.logs.get((log.party, log.epoch - 1))
        for name, kind, public in self.keys:
            is_named = before is not None and before.next_key == hashlib.sha256(public).digest()
            is_told = told is not None and told.log_key == public
            is_theirs = is_own_key(public, log.party) or is_named or is_told
            if kind == LOG and name == log.origin and is_theirs:
                yield public

    def _signed(
        self, log: LogAccount, encoded: bytes, keys: Sequence[tuple[str, int, bytes]]
    ) -> tuple[int, bytes]:
        """Return size and root of a checkpoint its party signed; take note of who cosigned."""
        text, signatures = split_note(encoded)
        origin, size, root = split_checkpoint(text)
        if origin != log.origin:
            raise MalformedEntry(f"it is of the log {origin}")
        has_log = False
        for name, content in signatures:
            for key_name, kind, public in keys:
                key_id = key_id_of(key_name, kind, public) if name == key_name else b""
                if content[:4] != key_id:
                    continue
                seconds = check_signature(kind, name, public, text, content[4:])
                if seconds is None:
                    raise MalformedEntry(f"the signature of {name} is wrong")
                has_log = has_log or kind == LOG
                if kind != LOG:
                    stamps = log.stamps if name == f"parley/{log.party}" else log.cosigned[name]
                    stamps.append(Stamp(size, seconds, kind == LATTICE))
        if not has_log:
            raise MalformedEntry("its party did not sign it")
        return size, root

    def _signers(self, log: LogAccount) -> Iterator[tuple[str, int, bytes]]:
        """Yield the keys whose signatures count: the log's, and those that are a party's own."""
        lattices = self._lattices()
        yield log.origin, LOG, log.key
        for name, kind, public in self.keys:
            party = name.removeprefix("parley/")
            if kind == COSIGNATURE and (is_own_key(public, party) or public == log.key):
                yield name, kind, public
            if kind == LATTICE and (name, public) in lattices:
                yield name, kind, public

    def _lattices(self) -> set[tuple[str, bytes]]:
        """Return the ML-DSA-44 keys that the opening entries of proved logs name as their own."""
        return {
            (name, public)
            for log in self.logs.values()
            for row in log.rows[:1]
            for name, kind, public in public_keys("\n".join(opening_keys(row)))
            if kind == LATTICE and name == f"parley/{log.party}"
        }

    def _bundles(self, log: LogAccount, folder: str) -> Iterator[list[bytes]]:
        """Yield the entries that are there, a bundle at a time."""
        for first in range(0, log.size, WIDTH):
            width = min(WIDTH, log.size - first)
            name = f"{folder}/tile/entries/{number_path(first // WIDTH, width)}"
            try:
                found = cut(self.read(name) or b"")
            except MalformedEntry:
                found = []
            yield found
            if len(found) != width:
                # A signed size may be any number; what is here is not.
                text = f"Entries of log {log.name} from {first} on are not all here."
                self.find("entries_missing", f"{log.name}#{first}", text)
                break

    def _tiles(self, log: LogAccount, folder: str) -> Sequence[bytes]:
        """Return the leaf hashes of the tiles; check the tiles above them."""
        leaves = LeafTiles()
        ragged = self._row(folder, (0, log.size), leaves.add)
        if ragged is not None:
            # Hashes that are cut off: what there is of them is compared as it is.
            parts = [*leaves, *ragged]
            row, whole = parts, [parts[at : at + WIDTH] for at in range(0, len(parts), WIDTH)]
            roots = [perfect_root(part) for part in whole if len(part) == WIDTH]
        else:
            here = log.leaves
            if isinstance(here, LeafTiles) and here.content == leaves.content:
                leaves = here
            row, roots = [], leaves.roots()
        level, size = 1, log.size // WIDTH
        while size:
            above: list[bytes] = []
            rest = self._row(folder, (level, size), above.extend)
            above += rest or []
            if above != roots:
                text = f"The stored hashes of log {log.name}, level {level}, are not right."
                self.find("tiles_wrong", log.name, text)
            whole = [above[at : at + WIDTH] for at in range(0, len(above), WIDTH)]
            roots = [perfect_root(part) for part in whole if len(part) == WIDTH]
            level, size = level + 1, size // WIDTH
        return leaves if ragged is None else row

    def _row(
        self,
        folder: str,
        place: tuple[int, int],
        take: Callable[[Sequence[bytes]], None],
    ) -> list[bytes] | None:
        """Give out the hashes of a level of tiles; return those of a tile that has not as many.

        Args:
            folder: where the log lies.
            place: the level, and how many hashes it has.
            take: given the hashes of each tile that has as many as it should.
        """
        level, size = place
        for first in range(0, size, WIDTH):
            width = min(WIDTH, size - first)
            name = f"{folder}/tile/{level}/{number_path(first // WIDTH, width)}"
            content = self.read(name) or b""
            hashes = [content[at : at + 32] for at in range(0, len(content), 32)]
            if len(content) != 32 * width:
                return hashes
            take(hashes)
        return None

    def _compare(self, log: LogAccount, leaves: LeafTiles, tiles: Sequence[bytes]) -> bool:
        """Say whether the entries are those that were signed; if not, say which are not."""
        if roots_at(leaves, {log.size}).get(log.size) == log.root and len(leaves) == log.size:
            if not isinstance(tiles, LeafTiles) or tiles.content != leaves.content:
                text = f"The stored hashes of log {log.name} are not those of its entries."
                self.find("tiles_wrong", log.name, text)
            return True
        if roots_at(tiles, {log.size}).get(log.size) == log.root:
            self._name_changes(log, tiles)
        else:
            text = f"The entries of log {log.name} are not those that its party signed."
            self.find("entries_wrong", log.name, text)
        return False

    def _name_changes(self, log: LogAccount, tiles: Sequence[bytes]) -> None:
        """Say what was done to the entries, given the hashes that were signed."""
        here, wanted = log.leaves, tiles
        if len(here) < len(wanted):
            first = {leaf: len(wanted) - 1 - at for at, leaf in enumerate(reversed(wanted))}
            for index in sorted(first[each] for each in set(wanted) - set(here))[:20]:
                text = f"Entry {index} of log {log.name} was taken out."
                self.find("entry_dropped", f"{log.name}#{index}", text)
            return
        known = set(wanted)
        for index, (found, signed) in enumerate(zip(here, wanted, strict=False)):
            if found == signed:
                continue
            if found in known:
                text = f"Entry {index} of log {log.name} stands in another's place."
                self.find("entry_moved", f"{log.name}#{index}", text)
            else:
                text = f"Entry {index} of log {log.name} is not what its party signed."
                self.find("entry_changed", f"{log.name}#{index}", text)

    def _read_entries(self, log: LogAccount, entries: Sequence[bytes]) -> None:
        """Read what the next entries say; those that do not count are set aside, as mirrors do."""
        space, author = unid(log.origin.split("/")[1]), unid(log.party)
        head = plain_head(space, author)
        is_listed = self.lists_all or log.size <= ROWS_MAX
        for index, entry in enumerate(entries, start=len(log.times)):
            plain = None if is_listed else plain_entry(entry, head)
            if plain is not None and plain[0] not in KEPT:
                log.times.append(plain[1])
                continue
            try:
                row = read_row(entry, index, space, author)
            except MalformedEntry as error:
                log.set_aside.append((index, str(error)))
                log.times.append(-1)
                continue
            log.times.append(row.time_ms)
            for party, epoch, size, root in row.heads:
                log.heads.setdefault((party_text(party), epoch, size, root), index)
            if row.kind == CLOSING:
                log.next_key = next_key(row)
            if row.thread is not None:
                log.threads[row.thread].append((index, row.kind))
            if (
                is_listed
                or row.refs
                or row.is_sealed
                or row.kind in (OPENING, AGREEMENT, ENROLMENT, ROOT, FREEZE, CRISIS_OPENING)
            ):
                log.rows.append(row)

    def _check_opening(self, log: LogAccount) -> None:
        if not log.rows or (log.rows[0].kind, log.rows[0].index) != (OPENING, 0):
            self.find(
                "opening_missing", log.name, f"Log {log.name} does not begin with an opening."
            )

    # ------------------------------------------------------------------- logs with each other

    def _check_history(self, log: LogAccount) -> None:
        """Check every other checkpoint of a log that is here."""
        try:
            notes = cut(self.read(f"logs/{log.party}/{log.epoch}/history") or b"")
        except MalformedEntry:
            notes = [b""]
        signers = list(self._signers(log))
        for note in (*notes, *log.notes):
            try:
                log.signed.append(self._signed(log, note, signers))
            except MalformedEntry as error:
                text = f"A checkpoint of log {log.name} does not hold: {error}."
                self.find("checkpoint_wrong", log.name, text)

    def _check_heads(self) -> None:
        """Hold each log against every checkpoint of it, and against what others saw of it."""
        seen: dict[tuple[str, int], list[tuple[int, bytes, str]]] = defaultdict(list)
        for log in self.logs.values():
            for size, root in log.signed:
                seen[log.party, log.epoch].append((size, root, ""))
            for (party, epoch, size, root), index in log.heads.items():
                who = f"entry {index} of log {log.name}"
                seen[party, epoch].append((size, root, who))
        for place, claims in seen.items():
            seen_log = self.logs.get(place)
            if seen_log is None:
                text = f"Log {place[0]}/{place[1]} is missing; {claims[0][2]} saw it."
                self.find("log_missing", f"{place[0]}/{place[1]}", text, is_gap=True)
                continue
            roots = roots_at(seen_log.leaves, {size for size, _, _ in claims})
            for size, root, who in claims:
                self._check_claim(seen_log, roots.get(size), size, (root, who))

    def _check_claim(
        self, log: LogAccount, root: bytes | None, size: int, claim: tuple[bytes, str]
    ) -> None:
        # What a party says that it saw of another's log may be untrue; what that signed is not.
        doubt, who = (f", or {claim[1]} is untrue", "it saw") if claim[1] else ("", SIGNED)
        if root is None and log.frozen_at is not None and not claim[1]:
            return
        if root is None:
            text = f"Log {log.name} was cut off{doubt}: {who} {size} entries, {log.size} are here."
            self.find("log_truncated", log.name, text)
        elif root != claim[0] and log.is_proved:
            text = f"Log {log.name} is forked{doubt}: {who} other entries among its first {size}."
            self.find("log_forked", log.name, text)

    def _check_times(self, log: LogAccount) -> None:
        """Hold the times in entries against the times at which the party signed."""
        for name, stamps in (("its party", log.stamps), *log.cosigned.items()):
            ordered = sorted(stamps, key=lambda stamp: (stamp.seconds, stamp.size))
            sizes = [stamp.size for stamp in ordered]
            if sizes != sorted(sizes):
                text = f"Log {log.name} shrank, by the times at which {name} signed."
                self.find("log_rolled_back", log.name, text)
        stamps = sorted(log.stamps, key=lambda stamp: stamp.size)
        lower = upper = at = 0
        newest = -1
        for index, time_ms in enumerate(log.times):
            while at < len(stamps) and stamps[at].size <= index:
                lower, at = max(lower, stamps[at].seconds), at + 1
            upper = stamps[at].seconds if at < len(stamps) else 0
            if time_ms < 0:
                continue
            if not newest - TOLERANCE_S * 1000 <= time_ms <= upper * 1000 or time_ms < lower * 1000:
                self._check_time(log, index, time_ms, (max(lower * 1000, newest), upper * 1000))
            newest = max(newest, time_ms)
        self._check_silence(log)

    def _check_time(self, log: LogAccount, index: int, time_ms: int, span: tuple[int, int]) -> None:
        where = f"{log.name}#{index}"
        if time_ms < span[0] - TOLERANCE_S * 1000:
            text = f"{instant(time_ms)}, but something after {instant(span[0])} came before it"
            self.find("entry_back_dated", where, f"Entry {index} of log {log.name} says {text}.")
        elif span[1] and time_ms > span[1] + TOLERANCE_S * 1000:
            text = f"{instant(time_ms)}, but it was signed at {instant(span[1])}"
            self.find("entry_forward_dated", where, f"Entry {index} of log {log.name} says {text}.")

    def _check_silence(self, log: LogAccount) -> None:
        exported = text_of(self.about.get("exported_at_ms"))
        last = max((stamp.seconds for stamp in log.stamps), default=0)
        is_current = (log.party, log.epoch + 1) not in self.logs
        is_told = is_current and TIME_MS.fullmatch(exported) is not None
        if is_told and int(exported) // 1000 - last > SILENCE_S:
            text = f"Nothing of log {log.name} after {instant(last * 1000)} is here."
            self.find("log_silent", log.name, text, is_gap=True)

    def _check_assertions(self) -> None:
        """Hold every signature by a person's passkey against the key enrolled for that person."""
        enrolled: dict[tuple[str, bytes | None, bytes], tuple[bytes, str]] = {}
        for log in self.logs.values():
            for row in log.rows:
                match body_of(row) if row.kind == ENROLMENT else {}:
                    case {0: bytes(credential), 1: bytes(public), 2: str(rp_id)}:
                        enrolled.setdefault((log.party, row.actor, credential), (public, rp_id))
                    case _:
                        pass
        for log in self.logs.values():
            assertions = [row for row in log.rows if row.kind == ASSERTION]
            named_leaves = {ref for row in assertions for ref in row.refs}
            leaves = {leaf for leaf in log.leaves if leaf in named_leaves} if assertions else set()
            actors = {log.leaves[row.index]: row.actor for row in log.rows if row.kind != ASSERTION}
            for row in assertions:
                named = body_of(row).get(0)
                place = (log.party, row.actor, named) if isinstance(named, bytes) else None
                key = None if place is None else enrolled.get(place)
                signed = row.refs[0] if len(row.refs) == 1 else b""
                # Who signs must be who acts, where the entry that is signed is listed.
                is_theirs = signed in leaves and actors.get(signed, row.actor) == row.actor
                self._check_assertion(log, row, key, signed if is_theirs else None)

    def _check_assertion(
        self, log: LogAccount, row: EntryRow, key: tuple[bytes, str] | None, signed: bytes | None
    ) -> None:
        where = f"{log.name}#{row.index}"
        if key is None:
            text = f"Entry {row.index} of log {log.name} is signed with a passkey that is not here."
            self.find("passkey_missing", where, text, is_gap=True)
            return
        if signed is not None and is_asserted(body_of(row), signed, *key):
            self.asserted.add(signed)
            return
        text = f"Entry {row.index} of log {log.name} does not hold as a signature by a passkey."
        self.find("assertion_wrong", where, text)

    def _check_crises(self) -> None:
        """Tell what the entries of each crisis show, and hold seals and timelines against them."""
        rows = [(log, row) for log in self.logs.values() for row in log.rows]
        said: dict[bytes, list[tuple[LogAccount, EntryRow]]] = defaultdict(list)
        for log, row in rows:
            if row.refs and CRISIS_OPENING <= row.kind <= ACCOUNT_PUBLICATION:
                said[row.refs[0]].append((log, row))
        for log, row in rows:
            if row.kind == CRISIS_OPENING and not row.refs and {3, 4} <= set(body_of(row)):
                crisis = log.leaves[row.index]
                within = [(log, row), *said[crisis]]
                self.crises.append(self._crisis(log, row, crisis, within))
        self.crises.sort(key=lambda each: str(each["crisis"]))

    def _crisis(
        self,
        opener: LogAccount,
        root: EntryRow,
        crisis: bytes,
        said: list[tuple[LogAccount, EntryRow]],
    ) -> dict[str, object]:
        """Return what is proved of one crisis."""
        by: dict[int, list[tuple[LogAccount, EntryRow]]] = defaultdict(list)
        said = [each for each in said if each[1].thread == root.thread]
        for log, row in sorted(said, key=lambda each: (each[0].epoch, each[1].index)):
            by[row.kind].append((log, row))
        threads = self._crisis_threads(root, by[CRISIS_LINK])
        timelines = self._timelines(crisis, root.thread or b"", threads, by[TIMELINE])
        digests = {str(dict_of(each)["digest"]) for each in timelines.values()}
        adopted = self._bodies(by[ADOPTION])
        number = body_of(root)
        return {
            "crisis": f"{opener.name}#{root.index}",
            "hash": crisis.hex(),
            "number": f"{whole_of(number.get(3))}/{whole_of(number.get(4))}",
            "is_exercise": number.get(5) is True,
            "sides": self._sides(by[CRISIS_OPENING], by[CRISIS_CLOSING]),
            "facts": self._bodies(by[CRISIS_FACT]),
            "timelines": timelines,
            "are_timelines_equal": len(digests) == 1 if len(timelines) > 1 else None,
            "accounts": self._accounts(crisis, by),
            "adopted": [each for each in adopted if len(dict_of(each["by"])) > 1],
            "ended_by": [
                f"{log.name}#{row.index}" for log, row in self._signed_of(by[ASSESSMENT_END])
            ],
            "readouts": [
                {
                    "entry": f"{log.name}#{row.index}",
                    "party": log.party,
                    "body": hashlib.sha256(row.body or b"").hexdigest(),
                    "public_from": instant(whole_of(body_of(row).get(1))),
                }
                for log, row in self._signed_of(by[READOUT])
            ],
        }

    def _signed_of(
        self, rows: list[tuple[LogAccount, EntryRow]]
    ) -> list[tuple[LogAccount, EntryRow]]:
        """Return those entries that their person's passkey signed."""
        return [(log, row) for log, row in rows if log.leaves[row.index] in self.asserted]

    def _sides(
        self,
        openings: list[tuple[LogAccount, EntryRow]],
        closings: list[tuple[LogAccount, EntryRow]],
    ) -> dict[str, object]:
        """Return each party's own title, and whether its side is open."""
        sides: dict[str, object] = {}
        steps = sorted(
            self._signed_of(openings) + self._signed_of(closings),
            key=lambda each: (each[0].epoch, each[1].index),
        )
        for log, row in steps:
            side = dict_of(sides.get(log.party, {}))
            if row.kind == CRISIS_CLOSING:
                side = {**side, "state": "closed", "at": instant(row.time_ms)}
            else:
                title = title_of(body_of(row).get(0))
                side = {"title": title, "state": "open", "at": instant(row.time_ms)}
            sides[log.party] = side
        return sides

    def _bodies(self, rows: list[tuple[LogAccount, EntryRow]]) -> list[dict[str, object]]:
        """Return each body that was signed, and by whose entries."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for log, row in self._signed_of(rows):
            body = hashlib.sha256(row.body or b"").hexdigest()
            found[body].setdefault(log.party, f"{log.name}#{row.index}")
        return [
            {"body": body, "by": dict(sorted(parties.items()))}
            for body, parties in sorted(found.items())
        ]

    def _crisis_threads(
        self, root: EntryRow, links: list[tuple[LogAccount, EntryRow]]
    ) -> dict[bytes, list[tuple[bytes | None, str, int]]]:
        """Return for each linked entry which thread it is in, and where it is."""
        wanted = {ref for _, row in links for ref in row.refs[1:]}
        found: dict[bytes, list[tuple[bytes | None, str, int]]] = {}
        for log in self.logs.values() if wanted else ():
            for thread, places in log.threads.items():
                for index, _ in places:
                    if log.leaves[index] in wanted and thread != root.thread:
                        place = (thread, log.name, index)
                        found.setdefault(log.leaves[index], []).append(place)
        for log, row in links:
            for ref in row.refs[1:]:
                found.setdefault(ref, []).append((None, log.name, row.index))
        return found

    def _timelines(
        self,
        crisis: bytes,
        thread: bytes,
        linked: dict[bytes, list[tuple[bytes | None, str, int]]],
        rows: list[tuple[LogAccount, EntryRow]],
    ) -> dict[str, object]:
        """Return what each node found, its last word, and whether the record shows the same."""
        timelines: dict[str, object] = {}
        for log, row in rows:
            body = body_of(row)
            digest, cut_said = body.get(0), list_of(body.get(2))
            if not is_bytes(digest, 32):
                continue
            sizes = {
                f"{party_text(each[0])}/{each[1]}": whole_of(each[2])
                for each in map(list_of, cut_said)
                if len(each) == CUT_PARTS and is_bytes(each[0], 16) and is_whole(each[1], 2**31)
            }
            found = self._timeline(crisis, thread, linked, sizes)
            holds = None if found is None else found == digest
            where = f"{log.name}#{row.index}"
            if holds is False:
                text = f"The timeline in entry {row.index} of log {log.name} is not the record's."
                self.find("timeline_wrong", where, text)
            timelines[log.party] = {
                "entry": where,
                "digest": digest.hex(),
                "entries": whole_of(body.get(1)),
                "holds": holds,
            }
        return dict(sorted(timelines.items()))

    def _timeline(
        self,
        crisis: bytes,
        thread: bytes,
        linked: dict[bytes, list[tuple[bytes | None, str, int]]],
        sizes: dict[str, int],
    ) -> bytes | None:
        """Return the digest for a cut, None where a log is not here that far."""
        known = {log.name: log for log in self.logs.values()}
        if any(name not in known or size > known[name].size for name, size in sizes.items()):
            return None
        threads = {thread}
        for places in linked.values():
            # An entry is linked once both the link and what it names are within the cut.
            is_named = any(each is None and at < sizes.get(name, 0) for each, name, at in places)
            for each, name, at in places:
                if is_named and each is not None and at < sizes.get(name, 0):
                    threads.add(each)
        hashes = [
            known[name].leaves[index]
            for name, size in sizes.items()
            for each in threads
            for index, kind in known[name].threads.get(each, ())
            if index < size and kind not in ASSESSING
        ]
        return hashlib.sha256(TIMELINE_PREFIX + crisis + b"".join(sorted(hashes))).digest()

    def _accounts(
        self, crisis: bytes, by: dict[int, list[tuple[LogAccount, EntryRow]]]
    ) -> dict[str, object]:
        """Return what each party sealed, and whether what it showed is that."""
        accounts: dict[str, object] = {}
        seals = self._signed_of(by[ACCOUNT_SEAL] + by[ACCOUNT_WITHDRAWAL])
        for log, row in sorted(seals, key=lambda each: (each[0].epoch, each[1].index)):
            if row.kind == ACCOUNT_WITHDRAWAL:
                accounts.pop(log.party, None)
            elif log.party not in accounts:
                seal = body_of(row).get(0)
                where = f"{log.name}#{row.index}"
                # A seal of another length would equal what a body without a salt comes to.
                if is_bytes(seal, 32):
                    accounts[log.party] = {"sealed_in": where, "seal": seal.hex(), "shown_in": None}
        for log, row in [*by[ACCOUNT_SHOWN], *self._signed_of(by[ACCOUNT_PUBLICATION])]:
            account, where = dict_of(accounts.get(log.party)), f"{log.name}#{row.index}"
            if not account or account["shown_in"] is not None:
                continue
            if seal_of(crisis, body_of(row)) == account["seal"]:
                accounts[log.party] = {**account, "shown_in": where}
                continue
            text = f"The account in entry {row.index} of log {log.name} is not the one it sealed."
            self.find("account_wrong", where, text)
        return dict(sorted(accounts.items()))

    def _check_evidence(self) -> None:
        for name in sorted(each for each in self.names if each.startswith("evidence/")):
            content = self.read(name) or b""
            try:
                log, text = self._contradiction(content)
            except MalformedEntry as error:
                self.find("evidence_wrong", name, f"{name} shows nothing: {error}.")
                continue
            self.find("log_disputed", log, f"The party of log {log} contradicted itself: {text}.")

    def _contradiction(self, content: bytes) -> tuple[str, str]:
        """Return the log whose party signed two things that cannot both be true, and which."""
        kind, first, second, root, path = evidence_parts(content)
        accounts = []
        for note in (first, second):
            origin = split_checkpoint(split_note(note)[0])[0]
            found = re.fullmatch(r"parley/[a-z2-7]{26}/([a-z2-7]{26})/([0-9]{1,10})", origin)
            if found is None:
                raise MalformedEntry("it is about no log of this kind")
            log = LogAccount(found[1], int(found[2]), origin)
            log.key = next(iter(self._log_keys(log)), b"")
            accounts.append((log, *self._signed(log, note, list(self._signers(log)))))
        (log, size, one), (other, more, two) = accounts
        if log.origin != other.origin:
            raise MalformedEntry("it is about two logs")
        proof = [each for each in path if isinstance(each, bytes)]
        seconds = [max((each.seconds for each in of.stamps), default=-1) for of in (log, other)]
        if kind == SAME_SIZE and size == more and one != two:
            return log.name, f"it signed two logs of {size} entries"
        is_proved = kind == OTHER_BRANCH and is_consistent(size, root, more, two, proof)
        if is_proved and root != one:
            return log.name, f"its log of {size} entries is not the beginning of that of {more}"
        if kind == ROLLED_BACK and size < more and seconds[0] > seconds[1] >= 0:
            return log.name, f"it said its log had {size} entries after it had {more}"
        raise MalformedEntry("its statements do not contradict each other")

    def _check_parties(self, trusted: set[str]) -> None:
        """Hold the parties here against those the openings name, and those the reader trusts."""
        here = {log.party for log in self.logs.values()}
        for log in self.logs.values():
            named = {party for row in log.rows[:1] for party in named_parties(row)}
            for party in sorted(named - here):
                text = f"The log of party {party} is missing; the opening of {log.name} names it."
                self.find("log_missing", party, text, is_gap=True)
            for party in sorted(here - named) if named else ():
                text = f"Party {party} is not one of those that the opening of {log.name} names."
                self.find("party_unknown", party, text)
        exporter = text_of(self.about.get("exported_by"))
        for party in sorted({*here, *([exporter] if exporter else [])} - trusted):
            if trusted:
                self.find("party_not_trusted", party, f"You did not name party {party} as trusted.")

    # ---------------------------------------------------------------------------- the account

    def account(self) -> dict[str, object]:
        """Return all that is known, for a program and for :func:`told`."""
        cited: dict[bytes, list[tuple[LogAccount, EntryRow]]] = defaultdict(list)
        for log in self.logs.values():
            for row in log.rows:
                for ref in row.refs:
                    cited[ref].append((log, row))
        places = {
            leaf: f"{log.name}#{index}"
            for log in self.logs.values()
            for index, leaf in enumerate(log.leaves)
            if leaf in cited
        }
        verdict = HOLDS
        if self.findings:
            verdict = GAPS if all(finding.is_gap for finding in self.findings) else WRONG
        return {
            "verdict": verdict,
            "exporter": self.about,
            "findings": [vars(finding) for finding in self.findings],
            "logs": [self._log_account(log) for log in self.logs.values()],
            "entries": self._entry_accounts(cited, places),
            "agreements": self._agreements(),
            **({"crises": self.crises} if self.crises else {}),
        }

    def _log_account(self, log: LogAccount) -> dict[str, object]:
        stamps = [stamp.seconds for stamp in log.stamps]
        lattice = [stamp.size for stamp in log.stamps if stamp.is_lattice]
        return {
            "log": log.name,
            "entries": log.size,
            "root": log.root.hex(),
            "holds": log.is_proved,
            "signed_at": instant(max(stamps, default=0) * 1000),
            "ml_dsa_to": max(lattice, default=0),
            "held_by": {
                name.removeprefix("parley/"): {
                    "entries": max(stamp.size for stamp in found),
                    "at": instant(max(stamp.seconds for stamp in found) * 1000),
                }
                for name, found in sorted(log.cosigned.items())
            },
            "set_aside": [{"index": index, "reason": reason} for index, reason in log.set_aside],
        }

    def _entry_accounts(
        self,
        cited: dict[bytes, list[tuple[LogAccount, EntryRow]]],
        places: dict[bytes, str],
    ) -> list[dict[str, object]]:
        accounts: list[dict[str, object]] = []
        for log in self.logs.values():
            for row in log.rows:
                found = cited.get(log.leaves[row.index], [])
                is_signed = log.leaves[row.index] in self.asserted
                accounts.append(
                    {
                        "entry": f"{log.name}#{row.index}",
                        "party": log.party,
                        "kind": KINDS[row.kind] if row.kind < len(KINDS) else str(row.kind),
                        "at": instant(row.time_ms),
                        "time_ms": row.time_ms,
                        "person": None if row.actor is None else party_text(row.actor),
                        "precedence": None
                        if row.precedence is None
                        else PRECEDENCES[row.precedence],
                        "deadline": None if row.deadline_ms is None else instant(row.deadline_ms),
                        "refers_to": [places.get(ref, ref.hex()) for ref in row.refs],
                        **office_of(row),
                        **({"signed": "passkey"} if is_signed else {}),
                        **({"sealed": self._erasures(found)} if row.is_sealed else {}),
                        "receipts": self._receipts(log, row.index, found),
                    }
                )
        return sorted(accounts, key=lambda each: (each["time_ms"], each["entry"]))

    def _erasures(self, found: list[tuple[LogAccount, EntryRow]]) -> dict[str, object]:
        """Return which parties say that they deleted the key of a sealed entry, each once.

        Args:
            found: the entries that refer to it.
        """
        said: dict[str, dict[str, object]] = {}
        for log, row in sorted(found, key=lambda each: (each[1].time_ms, each[0].name)):
            if row.kind in ERASING:
                person = None if row.actor is None else party_text(row.actor)
                entry = f"{log.name}#{row.index}"
                said.setdefault(
                    log.party, {"entry": entry, "at": instant(row.time_ms), "person": person}
                )
        return {"erased_by": said}

    def _receipts(
        self, log: LogAccount, index: int, found: list[tuple[LogAccount, EntryRow]]
    ) -> dict[str, dict[str, object]]:
        """Return, for each other party, the furthest of the words that is proved."""
        receipts: dict[str, dict[str, object]] = {}
        for party in sorted({each.party for each in self.logs.values()} - {log.party}):
            held = [each.seconds for each in log.cosigned[f"parley/{party}"] if each.size > index]
            theirs = [(other, row) for other, row in found if other.party == party]
            kinds = {row.kind for _, row in theirs if row.kind != ACKNOWLEDGEMENT}
            # That a person took it is that person's to prove; their node's word is not enough.
            kinds |= {row.kind for _, row in self._signed_of(theirs)}
            word = 1 if held else 0
            word = 2 if DELIVERY in kinds else word
            word = 3 if ACKNOWLEDGEMENT in kinds else word
            at = instant(min(held) * 1000) if held else None
            receipts[party] = {"word": WORDS[word], "held_at": at}
        return receipts

    def _agreements(self) -> list[dict[str, object]]:
        """Return which bodies were agreed to, by whom, and whether all who were named signed."""
        by: dict[tuple[bytes, tuple[str, ...]], dict[str, str]] = defaultdict(dict)
        signed: set[tuple[str, tuple[bytes, tuple[str, ...]]]] = set()
        for log in self.logs.values():
            for row in log.rows:
                quoted = quoted_body(row) if row.kind == AGREEMENT else None
                if quoted is not None:
                    by[quoted].setdefault(log.party, f"{log.name}#{row.index}")
                    if log.leaves[row.index] in self.asserted:
                        signed.add((log.party, quoted))
        return [
            {
                "body": body.hex(),
                "named": list(named),
                "by": entries,
                # A party agrees by a person, who signs it.
                "is_agreed": bool(named) and all((each, (body, named)) in signed for each in named),
            }
            for (body, named), entries in sorted(by.items())
        ]


# ---------------------------------------------------------------------------------- small parts


def named_by(about: bytes) -> dict[str, object]:
    """Return the texts, and the maps of texts, that the exporter says; nothing depends on it."""
    return {
        key: value
        for key, value in parsed(about).items()
        if isinstance(value, str)
        or (isinstance(value, dict) and all(isinstance(each, str) for each in value.values()))
    }


def text_of(said: object) -> str:
    """Return a text that an exporter gave, or an empty one."""
    return said if isinstance(said, str) else ""


def parsed(content: bytes) -> dict[str, object]:
    """Return the map that some JSON is; an empty one if it is none."""
    try:
        # Numbers are never looked at: as floats they take any length.
        said: object = json.loads(
            content.decode(errors="replace"), parse_int=float, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        return {}
    return dict_of(said)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def is_own_key(public: bytes, party: str) -> bool:
    """Say whether a party's id is the hash of a key."""
    return party_text(hashlib.sha256(public).digest()[:16]) == party


def unid(text: str) -> bytes:
    """Return the bytes of an id; none of what is no id, and nothing has that one."""
    return base64.b32decode(text.upper() + "======") if ID.fullmatch(text) else b""


def number_path(number: int, width: int) -> str:
    """Return the last part of a tile's path (C2SP tlog-tiles)."""
    digits = f"{number:03d}"
    path = digits[-3:]
    while digits := digits[:-3]:
        path = f"x{digits[-3:]:0>3}/{path}"
    return path if width == WIDTH else f"{path}.p/{width}"


def instant(time_ms: int) -> str:
    """Return a time as text, in UTC, to the second."""
    if time_ms > TIME_MS_MAX:
        return "after the year 9999"
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).isoformat(" ", "seconds")[:19]


def whole_of(value: object) -> int:
    """Return a number as an entry has it, 0 if it is none that can be."""
    return value if isinstance(value, int) and is_whole(value, TIME_MS_MAX) else 0


def title_of(value: object) -> str:
    """Return a title in the first of its languages."""
    first = next(iter(list_of(value)), None)
    words = list_of(first)
    return words[1] if len(words) > 1 and isinstance(words[1], str) else "?"


def office_of(row: EntryRow) -> dict[str, str]:
    """Return in which office an entry's person spoke; nothing for kinds that never say it."""
    if row.kind not in OFFICE_KEYS:
        return {}
    said = text_of(body_of(row).get(OFFICE_KEYS[row.kind]))
    if OFFICE.fullmatch(said):
        return {"office": said}
    # Of an acknowledgement only an alert's says it.
    return {} if row.kind == ACKNOWLEDGEMENT else {"office": NOT_SAID}


def seal_of(crisis: bytes, body: dict[int, object]) -> str:
    """Return the seal of an account that is shown."""
    salt, account = body.get(0), body.get(1)
    if not isinstance(salt, bytes) or not isinstance(account, bytes):
        return ""
    return hashlib.sha256(SEAL_PREFIX + crisis + salt + account).hexdigest()


def body_of(row: EntryRow) -> dict[int, object]:
    """Return the map in an entry's body, empty if there is none."""
    try:
        body = EntryReader(row.body or b"").whole()
    except MalformedEntry:
        return {}
    return body if isinstance(body, dict) else {}


def is_asserted(body: dict[int, object], signed: bytes, public: bytes, rp_id: str) -> bool:
    """Say whether an authenticator signed an entry's hash, and checked its person (WebAuthn §7.2).

    Args:
        body: of the assertion: credential id, authenticator output, collected output, signature.
        signed: hash of the entry.
        public: the passkey's public key, SubjectPublicKeyInfo.
        rp_id: the domain it was made for.
    """
    match body:
        case {1: bytes(output), 2: bytes(collected), 3: bytes(signature)}:
            return (
                is_collected(collected, signed)
                and len(output) >= AUTHENTICATOR_BYTES_MIN
                and output[:32] == hashlib.sha256(rp_id.encode()).digest()
                and output[32] & CHECKED_PERSON == CHECKED_PERSON
                and has_signed(public, signature, output + hashlib.sha256(collected).digest())
            )
        case _:
            return False


def is_collected(collected: bytes, signed: bytes) -> bool:
    """Say whether what a browser collected is the use of a passkey over an entry's hash."""
    challenge = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
    said = parsed(collected)
    return said.get("type") == "webauthn.get" and said.get("challenge") == challenge


def has_signed(public: bytes, signature: bytes, content: bytes) -> bool:
    """Say whether a key (Ed25519, ES256 or RS256) signed something."""
    try:
        key = serialization.load_der_public_key(public)
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, content)
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ELLIPTIC:
            key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey) and is_authenticators(key):
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def is_authenticators(key: rsa.RSAPublicKey) -> bool:
    """Say whether an RSA key is one that an authenticator makes."""
    is_sized = MODULUS_BITS_MIN <= key.key_size <= MODULUS_BITS_MAX
    return is_sized and key.public_numbers().e == EXPONENT


def evidence_parts(content: bytes) -> tuple[int, bytes, bytes, bytes, list[object]]:
    """Return kind, two checkpoints, root and proof of a contradiction."""
    match EntryReader(content).whole():
        case {0: version, 1: kind, 2: bytes(one), 3: bytes(two), 4: bytes(root), 5: list(path)}:
            # A truth value equals a number, but is none.
            if is_whole(version, 1) and version == 1 and type(kind) is int:
                return kind, one, two, root, path
        case _:
            pass
    raise MalformedEntry("it has another form")


def opening_keys(row: EntryRow) -> list[str]:
    """Return the verifier keys that an opening entry names as its party's own."""
    keys = body_of(row).get(1)
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def named_parties(row: EntryRow) -> set[str]:
    """Return the parties whose logs the policy of an opening entry lists."""
    policy = body_of(row).get(0)
    pattern = r"log parley/[a-z2-7]{26}/([a-z2-7]{26})/[0-9]+\+"
    return set(re.findall(pattern, policy)) if isinstance(policy, str) else set()


def follows(pinned: SpokenRoot, later: SpokenRoot) -> bool:
    """Say whether a root's word is a later one of the same root, or of the one it named."""
    digest = hashlib.sha256(b"parley root 1\0" + b"".join(later.keys)).digest()
    is_same = later.keys == pinned.keys or digest == pinned.following
    return later.party == pinned.party and later.number > pinned.number and is_same


def spoken_root(row: EntryRow) -> SpokenRoot | None:
    """Return what a party's root says in an entry, if two of its three keys signed it."""
    note = body_of(row).get(0)
    try:
        text, signatures = split_note(note if isinstance(note, bytes) else b"")
        spoken = parsed_root(text)
    except (MalformedEntry, ValueError):
        return None
    name = f"parley/{spoken.party}/root"
    signed = {
        public
        for public in spoken.keys
        for signer, content in signatures
        if signer == name and content[:4] == key_id_of(name, LOG, public)
        if check_signature(LOG, name, public, text, content[4:]) is not None
    }
    return spoken if len(signed) >= ROOT_THRESHOLD else None


def parsed_root(text: str) -> SpokenRoot:
    """Return what the text of a manifest says."""
    lines = text.split("\n")
    if len(lines) != ROOT_LINES or lines[0] != "parley/root/v1" or lines[-1]:
        raise MalformedEntry("no manifest of a root")
    optional = [None if each == "-" else unbase64(each) for each in lines[4:6]]
    found = [unbase64(lines[3]), *(unbase64(each) for each in lines[6:9])]
    if any(len(each) != KEY_BYTES for each in (*found, *filter(None, optional))):
        raise MalformedEntry("no key")
    keys = tuple(found[1:])
    is_number = re.fullmatch(r"0|[1-9][0-9]{0,8}", lines[2])
    if not is_number or not ID.fullmatch(lines[1]) or list(keys) != sorted(set(keys)):
        raise MalformedEntry("no manifest of a root")
    return SpokenRoot(lines[1], int(lines[2]), found[0], optional[0], keys, optional[1])


def next_key(row: EntryRow) -> bytes | None:
    """Return the hash of the key that a closing entry names for the next epoch."""
    digest = body_of(row).get(0)
    return digest if isinstance(digest, bytes) else None


def quoted_body(row: EntryRow) -> tuple[bytes, tuple[str, ...]] | None:
    """Return what an agreement quotes: the hash of a body, and the parties named."""
    match body_of(row):
        case {0: bytes(digest), 1: list(parties)}:
            return digest, tuple(party_text(each) for each in parties if isinstance(each, bytes))
        case _:
            return None


# ------------------------------------------------------------------------------------ to people


def told(account: dict[str, object]) -> Iterator[str]:
    """Yield the lines that tell a person what was found, as any terminal can show them."""
    for line in told_all(account):
        yield "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def told_all(account: dict[str, object]) -> Iterator[str]:
    """Yield the lines with the names as they are in the file, whatever is in those."""
    exporter = dict_of(account["exporter"])
    space, party = exporter.get("space", "?"), exporter.get("exported_by", "?")
    yield f"Record of space {space}, exported by {party}"
    for log in rows_of(account, "logs"):
        yield from told_log(log)
    yield ""
    for entry in rows_of(account, "entries"):
        yield from told_entry(entry)
    for agreed in rows_of(account, "agreements"):
        state = "agreed by all named" if agreed["is_agreed"] else "NOT agreed by all named"
        entries = ", ".join(map(str, dict_of(agreed["by"]).values()))
        yield f"Body {agreed['body']}: {state} ({entries})"
    is_proved = all(log["holds"] for log in rows_of(account, "logs"))
    for crisis in rows_of(account, "crises") if "crises" in account else ():
        yield from told_crisis(crisis, is_proved=is_proved)
    for finding in rows_of(account, "findings"):
        word = "MISSING" if finding["is_gap"] else "WRONG"
        yield f"{word} [{finding['code']}] {finding['text']}"
    yield {
        HOLDS: "The record holds.",
        WRONG: "The record does NOT hold.",
        GAPS: "What is here holds; something is missing.",
    }[int(str(account["verdict"]))]


def told_log(log: dict[str, object]) -> Iterator[str]:
    """Yield the lines about one log."""
    state = "as its party signed it" if log["holds"] else "NOT as its party signed it"
    yield ""
    yield f"Log {log['log']}: {log['entries']} entries, {state}, last at {log['signed_at']} UTC"
    for party, held in sorted(dict_of(log["held_by"]).items()):
        by = dict_of(held)
        yield f"  {party} holds {by['entries']} of them, by its own clock at {by['at']} UTC"
    for aside in list_of(log["set_aside"]):
        yield f"  entry {dict_of(aside)['index']} does not count: {dict_of(aside)['reason']}"


def told_entry(entry: dict[str, object]) -> Iterator[str]:
    """Yield the lines about one entry."""
    extras = [f"{key} {entry[key]}" for key in ("precedence", "deadline", "person") if entry[key]]
    refers = ", ".join(map(str, list_of(entry["refers_to"])))
    if "office" in entry:
        is_said = entry["office"] != NOT_SAID
        extras += [f"in the office of {entry['office']}" if is_said else "office not said"]
    extras += [f"about {refers}"] if refers else []
    extras += ["signed with the person's passkey"] if "signed" in entry else []
    yield f"{entry['at']} {entry['entry']} {entry['kind']}" + "".join(
        f", {each}" for each in extras
    )
    if "sealed" in entry:
        yield from told_sealed(dict_of(dict_of(entry["sealed"])["erased_by"]))
    for party, receipt in dict_of(entry["receipts"]).items():
        found = dict_of(receipt)
        since = f" since {found['held_at']} by its clock" if found["held_at"] else ""
        yield f"    {party}: {found['word']}{since}"


def told_crisis(crisis: dict[str, object], *, is_proved: bool) -> Iterator[str]:
    """Yield the lines about one crisis; of logs that do not hold nothing is claimed."""
    mark = "EXERCISE: " if crisis["is_exercise"] else ""
    yield ""
    yield f"{mark}Crisis {crisis['number']}, opened first in {crisis['crisis']}"
    if not is_proved:
        yield "  A log does NOT hold: this is what it says, and nothing of it is proved."
    for party, side in dict_of(crisis["sides"]).items():
        said = dict_of(side)
        yield f"  {party} calls it: {said.get('title', '?')} ({said['state']} at {said['at']} UTC)"
    for fact in list_of(crisis["facts"]):
        parties = dict_of(dict_of(fact)["by"])
        word = "agreed" if len(parties) > 1 else "signed by one party alone"
        yield f"  fact {dict_of(fact)['body']}: {word} ({', '.join(map(str, parties.values()))})"
    for party, timeline in dict_of(crisis["timelines"]).items():
        found = dict_of(timeline)
        unproved = "as this log says it, which does not hold"
        shown = "as the record shows it" if is_proved else unproved
        words = {True: shown, False: "NOT what the record shows"}
        state = "not to be checked" if found["holds"] is None else words[bool(found["holds"])]
        yield f"  timeline of {party}: {found['entries']} entries, {found['digest']}, {state}"
    if crisis["are_timelines_equal"] is not None:
        yield f"  the timelines are {'equal' if crisis['are_timelines_equal'] else 'NOT equal'}"
    for party, account in dict_of(crisis["accounts"]).items():
        found = dict_of(account)
        state = f"shown in {found['shown_in']}, the salted hash matches"
        state = state if found["shown_in"] is not None else "not shown"
        yield f"  account of {party}: sealed in {found['sealed_in']}, {state}"
    for adopted in list_of(crisis["adopted"]):
        entries = ", ".join(map(str, dict_of(dict_of(adopted)["by"]).values()))
        yield f"  joint sheet {dict_of(adopted)['body']}: adopted by both ({entries})"
    for entry in list_of(crisis["ended_by"]):
        yield f"  ended without a joint text in {entry}"
    for readout in list_of(crisis["readouts"]):
        found = dict_of(readout)
        at = found["public_from"]
        yield f"  readout of {found['party']} in {found['entry']}, public from {at} UTC"


def told_sealed(erased_by: dict[str, object]) -> Iterator[str]:
    """Yield the lines about what became of a sealed body."""
    if not erased_by:
        yield "    sealed: what it says is not in the record; nobody says that its key is deleted"
    for party, said in sorted(erased_by.items()):
        by = dict_of(said)
        who = f"person {by['person']}" if by["person"] else "its node"
        said_in = f"by its clock, says {who} in {by['entry']}"
        yield f"    sealed: ERASED by {party} at {by['at']} {said_in}"


def rows_of(account: dict[str, object], key: str) -> list[dict[str, object]]:
    """Return a list of the account."""
    return [dict_of(each) for each in list_of(account[key])]


def list_of(value: object) -> list[object]:
    """Return what must be a list of our own making."""
    return value if isinstance(value, list) else []


def dict_of(value: object) -> dict[str, object]:
    """Return what must be a map of our own making."""
    return value if isinstance(value, dict) else {}


def verify(
    file: Path | IO[bytes], trusted: set[str], *, lists_all: bool = False
) -> dict[str, object]:
    """Return the account of an export.

    Raises:
        UnreadableExport: the file is none.
    """
    reader = ExportReader(file, lists_all=lists_all)
    reader.read_all(trusted)
    return reader.account()


def main(arguments: Sequence[str] | None = None) -> int:
    """Check an export and tell what was found; return how a shell should take it."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Check an exported record, offline."
    )
    parser.add_argument("file", type=Path, help="the export, a zip file")
    parser.add_argument("--trust", action="append", default=[], help="a party's id; repeat")
    parser.add_argument("--entries", action="store_true", help="list every entry, however many")
    parser.add_argument("--json", action="store_true", help="print one JSON object for a program")
    chosen = parser.parse_args(arguments)
    try:
        account = verify(chosen.file, set(chosen.trust), lists_all=chosen.entries)
    except UnreadableExport as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    if chosen.json:
        sys.stdout.write(json.dumps(account, indent=1) + "\n")
    else:
        sys.stdout.write("\n".join(told(account)) + "\n")
    return int(str(account["verdict"]))


if __name__ == "__main__":
    sys.exit(main())
