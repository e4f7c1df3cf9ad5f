"""A blob on its way here: whom to ask for what, and what to take."""

import hashlib

import pytest

from parley.errors import BlobDamaged, LetterMalformed, RequestMalformed
from parley.ids import CaseId, PartyId, SpaceId
from parley.record.attachment import (
    HEAD_BYTES_MAX,
    NAME_CHARACTERS_MAX,
    PLAIN,
    AttachmentFile,
    read_attachment,
    safe_name,
    write_head,
)
from parley.record.blob_fetch import REST_S, SILENCE_S, WRONG_REST_S, BlobFetch
from parley.record.blob_letters import (
    PIECE_BYTES_MAX,
    SPAN_BYTES_MAX,
    BlobLack,
    BlobLetter,
    BlobPiece,
    BlobReason,
    BlobWish,
    CaseKeyLetter,
    read_blob_letter,
    write_blob_letter,
)
from parley.record.cbor import Value, encode

AUTHOR, OTHER = PartyId(b"a" * 16), PartyId(b"b" * 16)
BOTH = (AUTHOR, OTHER)
DIGEST = hashlib.sha256(b"blob").digest()
SPACE, CASE = SpaceId(bytes(16)), CaseId(b"c" * 16)
SIZE = 2 * SPAN_BYTES_MAX + 5


def fetch(size: int = SIZE) -> BlobFetch:
    """Return a blob of which nothing is here."""
    return BlobFetch(DIGEST, SPACE, CASE, size, BOTH)


def piece(start: int, length: int = PIECE_BYTES_MAX) -> BlobPiece:
    """Return a piece of the blob."""
    return BlobPiece(DIGEST, start, bytes(length))


def take_span(blob: BlobFetch, party: PartyId, monotonic: float) -> None:
    """Let a whole span arrive."""
    while blob.have < blob.asked_to:
        length = min(PIECE_BYTES_MAX, blob.asked_to - blob.have)
        assert blob.take(party, piece(blob.have, length), monotonic)


def asked(blob: BlobFetch) -> PartyId | None:
    """Return who is being asked."""
    return blob.source


def test_a_blob_is_asked_for_a_span_at_a_time_from_where_it_is() -> None:
    """The next one when the one before is here."""
    blob = fetch()
    first = blob.next_wish(BOTH, 0.0)
    assert first == BlobWish(SPACE, DIGEST, 0, SPAN_BYTES_MAX, wants_key=True)
    assert blob.next_wish(BOTH, 1.0) is None
    take_span(blob, AUTHOR, 2.0)
    second = blob.next_wish(BOTH, 2.0)
    assert second is not None
    assert (second.start, second.length) == (SPAN_BYTES_MAX, SPAN_BYTES_MAX)
    take_span(blob, AUTHOR, 3.0)
    last = blob.next_wish(BOTH, 3.0)
    assert last is not None
    assert last.length == SIZE - 2 * SPAN_BYTES_MAX
    take_span(blob, AUTHOR, 4.0)
    assert (blob.is_whole, blob.is_over) == (True, False)
    blob.wants_key = False
    assert (blob.is_whole, blob.is_over) == (True, True)
    assert blob.next_wish(BOTH, 99.0) is None


def test_a_piece_counts_only_from_who_was_asked_in_order_and_as_far_as_was_asked() -> None:
    """Everything else is left alone."""
    blob = fetch()
    assert blob.take(AUTHOR, piece(0), 0.0) is None
    blob.next_wish(BOTH, 0.0)
    assert blob.take(OTHER, piece(0), 0.0) is None
    assert blob.take(AUTHOR, piece(1), 0.0) is None
    assert blob.take(AUTHOR, piece(0, SPAN_BYTES_MAX + 1), 0.0) is None
    assert blob.have == 0
    assert blob.take(AUTHOR, piece(0), 0.0) == bytes(PIECE_BYTES_MAX)
    assert blob.take(AUTHOR, piece(0), 0.0) is None


def test_who_is_silent_is_followed_by_the_next_and_after_the_last_the_fetch_rests() -> None:
    """Then it begins with the author again."""
    blob = fetch()
    blob.next_wish(BOTH, 0.0)
    assert asked(blob) == AUTHOR
    blob.next_wish(BOTH, SILENCE_S)
    assert asked(blob) == OTHER
    assert blob.next_wish(BOTH, 2 * SILENCE_S) is None
    assert blob.next_wish(BOTH, 2 * SILENCE_S + REST_S - 1) is None
    assert blob.next_wish(BOTH, 2 * SILENCE_S + REST_S) is not None
    assert asked(blob) == AUTHOR


def test_who_cannot_be_reached_is_not_asked_and_not_waited_for() -> None:
    """A line that comes up ends the rest."""
    blob = fetch()
    blob.next_wish([OTHER], 0.0)
    assert asked(blob) == OTHER
    assert blob.next_wish([], 1.0) is None
    assert asked(blob) is None
    blob.restart(AUTHOR)
    assert blob.next_wish(BOTH, 2.0) is not None
    assert asked(blob) == AUTHOR
    blob.restart(OTHER)
    assert asked(blob) == AUTHOR


def test_a_lack_counts_from_who_was_asked_and_later_is_later() -> None:
    """Another's word changes nothing."""
    blob = fetch()
    blob.next_wish(BOTH, 0.0)
    blob.take_lack(OTHER, BlobLack(DIGEST, BlobReason.UNKNOWN), 0.0)
    assert asked(blob) == AUTHOR
    blob.take_lack(AUTHOR, BlobLack(DIGEST, BlobReason.LATER, 5_000), 0.0)
    assert blob.next_wish(BOTH, 4.0) is None
    assert blob.next_wish(BOTH, 5.0) is not None
    source = asked(blob)
    assert source is not None
    blob.take_lack(source, BlobLack(DIGEST, BlobReason.ERASED), 6.0)
    assert asked(blob) is None


def test_a_key_that_is_lacking_is_asked_for_alone() -> None:
    """When every byte is here already."""
    blob = fetch(5)
    blob.have = 5
    assert blob.next_wish(BOTH, 0.0) == BlobWish(SPACE, DIGEST, 5, 0, wants_key=True)
    assert blob.next_wish(BOTH, 1.0) is None
    assert blob.next_wish(BOTH, SILENCE_S) is not None


def test_wrong_bytes_are_asked_for_again_much_later_from_the_beginning() -> None:
    """A rest that a hostile party cannot shorten."""
    blob = fetch()
    blob.next_wish(BOTH, 0.0)
    blob.take(AUTHOR, piece(0), 0.0)
    blob.refuse(0.0)
    assert blob.next_wish(BOTH, WRONG_REST_S - 1) is None
    again = blob.next_wish(BOTH, WRONG_REST_S)
    assert again is not None
    assert again.start == 0


@pytest.mark.parametrize(
    "letter",
    [
        BlobWish(SPACE, DIGEST, 7, SPAN_BYTES_MAX, wants_key=False),
        BlobPiece(DIGEST, 9, b"bytes"),
        CaseKeyLetter(CASE, bytes(32)),
        BlobLack(DIGEST, BlobReason.LATER, 1_000),
    ],
)
def test_a_letter_reads_back_as_it_was_written(letter: BlobLetter) -> None:
    """Each kind."""
    assert read_blob_letter(write_blob_letter(letter)) == letter


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [5, DIGEST],
        [1, bytes(15), DIGEST, 0, 1, True],
        [1, bytes(16), DIGEST[1:], 0, 1, True],
        [1, bytes(16), DIGEST, -1, 1, True],
        [1, bytes(16), DIGEST, 0, SPAN_BYTES_MAX + 1, True],
        [1, bytes(16), DIGEST, 0, 1, 1],
        [1, bytes(16), DIGEST, True, 1, True],
        [2, DIGEST, 0, b""],
        [2, DIGEST, 0, bytes(PIECE_BYTES_MAX + 300)],
        [2, DIGEST, 1 << 51, b"x"],
        [3, bytes(16), bytes(31)],
        [4, DIGEST, 3, 0],
        [4, DIGEST, 0, -1],
    ],
)
def test_letters_that_are_none_are_refused(fields: list[Value]) -> None:
    """A hostile party may write anything."""
    with pytest.raises(LetterMalformed):
        read_blob_letter(encode(dict(enumerate(fields))))
    with pytest.raises(LetterMalformed):
        read_blob_letter(b"\xff")


def test_no_key_is_printed() -> None:
    """Nor a file's name."""
    assert "key" not in repr(CaseKeyLetter(CASE, b"key" * 10 + b"xx")).lower().replace(
        "casekeyletter", ""
    )
    assert "scan" not in repr(AttachmentFile("scan.dcm"))


@pytest.mark.parametrize("cut", [1, 3, 7, 4_000])
def test_an_attachment_reads_back_however_it_is_cut(cut: int) -> None:
    """Name and type, then the bytes."""
    whole = write_head(AttachmentFile("Снимок 1.dcm", "application/dicom")) + b"content" * 99
    pieces = [whole[at : at + cut] for at in range(0, len(whole), cut)]

    file, rest = read_attachment(pieces, "blob")

    assert file == AttachmentFile("Снимок 1.dcm", "application/dicom")
    assert b"".join(rest) == b"content" * 99


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00",
        b"\x00\x00\x00\x05abc",
        (HEAD_BYTES_MAX + 1).to_bytes(4, "big") + bytes(9_000),
        b"\x00\x00\x00\x01\xff",
        b"\x00\x00\x00\x01\xa0",
        b"\x00\x00\x00\x03\xa1\x00\x01",
    ],
)
def test_what_does_not_begin_as_an_attachment_is_damaged(content: bytes) -> None:
    """Another party sealed it."""
    with pytest.raises(BlobDamaged):
        read_attachment([content] if content else [], "blob")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\x00b\u202egpj.exe", "abgpj.exe"),
        (" x. ", "x"),
        ("y" * 300, "y" * NAME_CHARACTERS_MAX),
    ],
)
def test_a_foreign_name_loses_what_could_deceive(name: str, safe: str) -> None:
    """Separators, control and direction-changing characters."""
    head = encode({0: name, 1: "text/html; charset=x"})
    file, _ = read_attachment([len(head).to_bytes(4, "big") + head], "blob")
    assert file == AttachmentFile(safe, PLAIN)
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    "file", [AttachmentFile(""), AttachmentFile("a/b"), AttachmentFile("a", "b")]
)
def test_our_own_names_are_checked_before_they_are_sealed(file: AttachmentFile) -> None:
    """The person is told."""
    with pytest.raises(RequestMalformed):
        write_head(file)


def test_a_blob_that_nobody_who_can_be_reached_has_is_asked_for_later() -> None:
    """After a round through everybody, whoever of them is there."""
    blob = fetch()

    assert blob.next_wish((), 0.0) is None
    assert blob.next_wish(BOTH, REST_S - 1) is None
    later = blob.next_wish(BOTH, REST_S)

    assert later is not None
    assert asked(blob) == AUTHOR
