"""What two nodes write to each other about logs: C2SP tlog-mirror as letters of a line.

The mirror's two requests and its answers, with two differences that the line makes possible or
asks for. A package is a letter of its own, so nothing is buffered between letters; and it may end
before the next multiple of 256 when its entries are large, because a letter has at most 1 MiB.

Three letters more: a party that starts asks what its mirrors were shown of its own log
(:class:`Question`, :class:`Showing`), and an urgent entry runs ahead of a backlog with its own
proof (:class:`ProvedEntry`). ``protocol/record.md`` describes the bytes.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from parley.errors import EncodingRefused, LetterMalformed, LetterUnknown, NoteMalformed
from parley.record.cbor import Value, decode_map, encode
from parley.record.checkpoint import Origin, read_origin
from parley.record.entry import SIZE_MAX
from parley.record.merkle import HASH_BYTES, PROOF_HASHES_MAX
from parley.record.note import NOTE_BYTES_MAX
from parley.record.tiles import ENTRY_BYTES_MAX, TILE_WIDTH

TOPIC: Final = 18
LETTER_BYTES_MAX: Final = 1_048_576
"""What the line carries as one letter."""
PACKAGE_BYTES_MAX: Final = 786_432
"""Entries in one package. More saves a proof now and then, less lets alerts overtake sooner."""
WAIT_MS_MAX: Final = 600_000
_KIND, _ORIGIN = 0, 1
_GROWTH, _PACKAGE, _ANSWER, _QUESTION, _SHOWING, _PROVED, _ROOT = range(1, 8)
PROOF_BYTES_MAX: Final = 65_535 + 4_096
"""A checkpoint with every signature it may have, and 63 hashes."""


class AnswerKind(IntEnum):
    """What became of a request."""

    HELD = 0
    """Everything up to the checkpoint is on our disk; the cosignatures say so (200)."""
    STORED = 1
    """It was taken, and more is wanted from the next entry on (200 of the growth, 202)."""
    ELSEWHERE = 2
    """It does not go on from where we are, which the answer tells (409)."""
    REFUSED = 3
    """It does not hold (403, 422)."""
    UNKNOWN = 4
    """We keep no such log (404)."""
    LATER = 5
    """More than we do for you at once; try again after a while (429)."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A newer checkpoint of a log, and the proof that the log only grew (add-checkpoint)."""

    origin: Origin
    """Which log."""
    old_size: int
    """Size of the checkpoint that the proof starts from."""
    proof: tuple[bytes, ...]
    """The consistency proof."""
    note: bytes
    """The signed checkpoint, as it was signed."""
    is_unproved: bool = False
    """Whether the log's party does not know yet how far the log had come, or never will."""


@dataclass(frozen=True, slots=True)
class Package:
    """Up to 256 entries of a log, and the proof that they are in it (add-entries)."""

    origin: Origin
    """Which log."""
    size: int
    """Size of the checkpoint that the proof leads to."""
    start: int
    """Place of the first entry."""
    entries: tuple[bytes, ...]
    """The entries, as their author wrote them."""
    proof: tuple[bytes, ...]
    """Subtree consistency proof from the last multiple of 256 to the last entry."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a growth or a package, and where the mirror is."""

    origin: Origin
    """Which log."""
    kind: AnswerKind
    """What became of it."""
    size: int = 0
    """Size of the newest checkpoint the mirror knows."""
    next_entry: int = 0
    """Place of the first entry it does not hold."""
    signatures: str = ""
    """Cosignature lines of what is held."""
    wait_ms: int = 0
    """How long to wait before trying again."""


@dataclass(frozen=True, slots=True)
class Question:
    """Asks a mirror for the newest checkpoint of our log that it was ever shown."""

    origin: Origin
    """Our log."""
    is_restored: bool = False
    """Whether we came out of a backup: then a mirror that came out of one too has no say."""


@dataclass(frozen=True, slots=True)
class Showing:
    """Says what we were shown of the log that we were asked about."""

    origin: Origin
    """The asker's log."""
    note: bytes
    """The newest checkpoint of it, signed; empty: we know nothing of it."""
    held: bytes
    """The newest one up to which we hold everything; empty: none."""


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """An urgent entry with the proof that it is in its log, ahead of everything before it."""

    origin: Origin
    """Which log."""
    entry: bytes
    """The entry, as its author wrote it."""
    proof: bytes
    """For :func:`parley.record.proof.read_proof`."""


@dataclass(frozen=True, slots=True)
class RootLetter:
    """What the root of a party says, so that a log that goes on under another key is believed."""

    origin: Origin
    """The log that goes on."""
    manifest: bytes
    """For :func:`parley.record.root.read_manifest`."""


RecordLetter: TypeAlias = Growth | Package | Answer | Question | Showing | ProvedEntry | RootLetter


def write_letter(letter: RecordLetter) -> bytes:
    """Return a letter's body."""
    fields: list[Value]
    match letter:
        case Growth():
            fields = [_GROWTH, letter.origin.text(), letter.old_size, [*letter.proof], letter.note]
            fields += [True] if letter.is_unproved else []
        case Package():
            places: list[Value] = [letter.size, letter.start]
            rest: list[Value] = [[*letter.entries], [*letter.proof]]
            fields = [_PACKAGE, letter.origin.text(), *places, *rest]
        case Question():
            fields = [_QUESTION, letter.origin.text(), *([True] if letter.is_restored else [])]
        case Showing():
            fields = [_SHOWING, letter.origin.text(), letter.note, letter.held]
        case ProvedEntry():
            fields = [_PROVED, letter.origin.text(), letter.entry, letter.proof]
        case RootLetter():
            fields = [_ROOT, letter.origin.text(), letter.manifest]
        case _:
            numbers: list[Value] = [int(letter.kind), letter.size, letter.next_entry]
            fields = [_ANSWER, letter.origin.text(), *numbers, letter.signatures, letter.wait_ms]
    return encode(dict(enumerate(fields)))


def numbered_fields(body: bytes, topic: int, bytes_max: int) -> list[Value]:
    """Read the fields of a letter, numbered from 0 without a gap, in their order.

    Raises:
        LetterMalformed: it is too long, or not such a map.
    """
    if len(body) > bytes_max:
        raise LetterMalformed(topic=topic)
    try:
        fields = decode_map(body)
    except EncodingRefused as error:
        raise LetterMalformed(topic=topic) from error
    if [*fields] != [*range(len(fields))]:
        raise LetterMalformed(topic=topic)
    return [*fields.values()]


def read_letter(body: bytes) -> RecordLetter:
    """Read a letter that came in.

    Raises:
        LetterMalformed: it is none of these.
        LetterUnknown: a later version may know it.
    """
    fields = numbered_fields(body, TOPIC, LETTER_BYTES_MAX)
    match fields:
        case [1, str(origin), old_size, list(proof), bytes(note)] | [
            1,
            str(origin),
            old_size,
            list(proof),
            bytes(note),
            True,
        ]:
            if len(note) > NOTE_BYTES_MAX:
                raise LetterMalformed(topic=TOPIC)
            checkpoint = _origin(origin), _size(old_size), _hashes(proof), note
            return Growth(*checkpoint, is_unproved=fields[-1] is True)
        case [2, str(origin), size, start, list(entries), list(proof)]:
            places = _origin(origin), _size(size), _size(start)
            return Package(*places, _entries(entries), _hashes(proof))
        case [3, str(origin), kind, size, next_entry, str(signatures), wait_ms]:
            if not isinstance(kind, int) or kind not in set(AnswerKind) or _is_long(signatures):
                raise LetterMalformed(topic=TOPIC)
            places = _origin(origin), _size(size), _size(next_entry)
            wait = _size(wait_ms)
            return Answer(
                places[0], AnswerKind(kind), *places[1:], signatures, min(wait, WAIT_MS_MAX)
            )
        case _:
            return _read_other(fields)


def _read_other(values: list[Value]) -> RecordLetter:
    match values:
        case [4, str(origin)]:
            return Question(_origin(origin))
        case [4, str(origin), True]:
            return Question(_origin(origin), is_restored=True)
        case [5, str(origin), bytes(note), bytes(held)]:
            if max(len(note), len(held)) <= NOTE_BYTES_MAX:
                return Showing(_origin(origin), note, held)
        case [6, str(origin), bytes(entry), bytes(proof)]:
            if len(entry) <= ENTRY_BYTES_MAX and len(proof) <= PROOF_BYTES_MAX:
                return ProvedEntry(_origin(origin), entry, proof)
        case [7, str(origin), bytes(manifest)]:
            if len(manifest) <= NOTE_BYTES_MAX:
                return RootLetter(_origin(origin), manifest)
        case [int(kind), *_] if kind > _ROOT:
            raise LetterUnknown(topic=TOPIC)
        case _:
            pass
    raise LetterMalformed(topic=TOPIC)


def _origin(text: str) -> Origin:
    try:
        return read_origin(text)
    except NoteMalformed as error:
        raise LetterMalformed(topic=TOPIC) from error


def _size(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= SIZE_MAX:
        raise LetterMalformed(topic=TOPIC)
    return value


def _hashes(values: list[Value]) -> tuple[bytes, ...]:
    hashes = tuple(each for each in values if isinstance(each, bytes) and len(each) == HASH_BYTES)
    if len(hashes) != len(values) or len(hashes) > PROOF_HASHES_MAX:
        raise LetterMalformed(topic=TOPIC)
    return hashes


def _entries(values: list[Value]) -> tuple[bytes, ...]:
    entries = tuple(
        each for each in values if isinstance(each, bytes) and len(each) <= ENTRY_BYTES_MAX
    )
    if len(entries) != len(values) or not 1 <= len(entries) <= TILE_WIDTH:
        raise LetterMalformed(topic=TOPIC)
    return entries


def _is_long(signatures: str) -> bool:
    return len(signatures) > NOTE_BYTES_MAX
