"""What two nodes write to each other about blobs: letters of topic 19.

The one that lacks a blob asks for a span of it, the other sends that span in pieces; so it goes on
from where it was after every cut, and nobody is sent what was not asked for. The key of a case goes
the same way, once, on a line that only the two nodes can read. ``protocol/record.md`` describes
the bytes.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from typing_extensions import override

from parley.errors import LetterMalformed
from parley.ids import CaseId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import SEALED_BYTES_MAX
from parley.record.letters import numbered_fields
from parley.storage.sealing import KEY_BYTES

TOPIC: Final = 19
PIECE_BYTES_MAX: Final = 131_072
"""Bytes in one piece. More: fewer letters. Less: an urgent letter waits for less of it, and less is
sent twice after a cut."""
SPAN_BYTES_MAX: Final = 1_048_576
"""Bytes asked for at once: two seconds of ``border``. More fills longer paths, less is sent twice
after a cut."""
LETTER_BYTES_MAX: Final = PIECE_BYTES_MAX + 256
WAIT_MS_MAX: Final = 600_000
_DIGEST_BYTES: Final = 32
_ID_BYTES: Final = 16


class BlobReason(IntEnum):
    """Why a blob is not sent."""

    UNKNOWN = 0
    """No entry that you may read names it, or it is not here."""
    ERASED = 1
    """Its case was erased here."""
    LATER = 2
    """More than one party gets at once; again after a while."""


@dataclass(frozen=True, slots=True)
class BlobWish:
    """Asks for a span of a blob."""

    space: SpaceId
    """Where an entry names it."""
    digest: bytes
    """Which blob."""
    start: int
    """How much of it is here already."""
    length: int
    """How many bytes are wanted, at most a span; 0: the key alone."""
    wants_key: bool
    """Whether the key of its case is not here either."""


@dataclass(frozen=True, slots=True)
class BlobPiece:
    """Some of a blob's bytes."""

    digest: bytes
    start: int
    content: bytes


@dataclass(frozen=True, slots=True)
class CaseKeyLetter:
    """The key of a case, for a member of the space whose entry names it."""

    case: CaseId
    key: bytes

    @override
    def __repr__(self) -> str:
        """Keep the key out of logs."""
        return f"CaseKeyLetter({self.case.text})"


@dataclass(frozen=True, slots=True)
class BlobLack:
    """Says that a blob is not sent."""

    digest: bytes
    reason: BlobReason
    wait_ms: int = 0


BlobLetter: TypeAlias = BlobWish | BlobPiece | CaseKeyLetter | BlobLack


def write_blob_letter(letter: BlobLetter) -> bytes:
    """Return a letter's body."""
    fields: list[Value]
    match letter:
        case BlobWish():
            span: list[Value] = [letter.start, letter.length, letter.wants_key]
            fields = [1, bytes(letter.space), letter.digest, *span]
        case BlobPiece():
            fields = [2, letter.digest, letter.start, letter.content]
        case CaseKeyLetter():
            fields = [3, bytes(letter.case), letter.key]
        case _:
            fields = [4, letter.digest, int(letter.reason), letter.wait_ms]
    return encode(dict(enumerate(fields)))


def read_blob_letter(body: bytes) -> BlobLetter:
    """Read a letter that came in.

    Raises:
        LetterMalformed: it is none of these.
    """
    found = _read(numbered_fields(body, TOPIC, LETTER_BYTES_MAX))
    if found is None:
        raise LetterMalformed(topic=TOPIC)
    return found


def _read(values: list[Value]) -> BlobLetter | None:
    match values:
        case [1, bytes(space), bytes(digest), start, length, bool(wants_key)]:
            is_span = _is_whole(length, SPAN_BYTES_MAX) and _is_whole(start, SEALED_BYTES_MAX)
            if len(space) == _ID_BYTES and _is_digest(digest) and is_span:
                return BlobWish(SpaceId(space), digest, _whole(start), _whole(length), wants_key)
        case [2, bytes(digest), start, bytes(content)]:
            if _is_digest(digest) and _is_whole(start, SEALED_BYTES_MAX) and content:
                return BlobPiece(digest, _whole(start), content)
        case [3, bytes(named), bytes(key)]:
            if len(named) == _ID_BYTES and len(key) == KEY_BYTES:
                return CaseKeyLetter(CaseId(named), key)
        case [4, bytes(digest), lack, wait_ms]:
            if (
                _is_digest(digest)
                and _is_whole(lack, max(BlobReason))
                and _is_whole(wait_ms, 1 << 62)
            ):
                return BlobLack(digest, BlobReason(_whole(lack)), min(_whole(wait_ms), WAIT_MS_MAX))
        case _:
            pass
    return None


def _is_digest(value: bytes) -> bool:
    return len(value) == _DIGEST_BYTES


def _is_whole(value: Value, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0
