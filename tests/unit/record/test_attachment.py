"""A file as it is sealed: its name and type first, and nothing of them believed."""

import pytest

from parley.errors import BlobDamaged, RequestMalformed
from parley.record.attachment import (
    HEAD_BYTES_MAX,
    NAME_CHARACTERS_MAX,
    PLAIN,
    AttachmentFile,
    read_attachment,
    safe_name,
    write_head,
)
from parley.record.cbor import Value, encode

BLOB = "b" * 64


def sealed(fields: dict[int, Value], content: bytes = b"content") -> bytes:
    """Return what somebody else may have sealed."""
    head = encode(fields)
    return len(head).to_bytes(4, "big") + head + content


@pytest.mark.parametrize("size", [1, 3, 5, 4_096])
def test_a_file_is_read_as_it_was_written(size: int) -> None:
    """In whatever pieces it comes."""
    file = AttachmentFile("карта 2.pdf", "application/pdf")
    whole = write_head(file) + b"content"
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]

    read, content = read_attachment(pieces, BLOB)

    assert (read, b"".join(content)) == (file, b"content")
    assert file.name not in repr(file)


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * (NAME_CHARACTERS_MAX + 1), "a\x00b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """Before anything is sealed."""
    with pytest.raises(RequestMalformed):
        write_head(AttachmentFile(name))
    with pytest.raises(RequestMalformed):
        write_head(AttachmentFile("a", "no type"))


@pytest.mark.parametrize(
    "whole",
    [
        b"",
        b"\0\0",
        (HEAD_BYTES_MAX + 1).to_bytes(4, "big") + bytes(9_000),
        (5).to_bytes(4, "big") + b"\xa1",
        (1).to_bytes(4, "big") + b"\xff",
        sealed({0: 5, 1: PLAIN}),
        sealed({0: "name"}),
    ],
    ids=["nothing", "cut", "too long", "ends early", "no map", "a number", "no type"],
)
def test_what_does_not_begin_as_an_attachment_is_refused(whole: bytes) -> None:
    """With the blob's name, so that somebody can look."""
    with pytest.raises(BlobDamaged):
        read_attachment([whole] if whole else [], BLOB)


def test_anothers_labels_become_harmless() -> None:
    """A name without a character left is "file", a type that is none that of plain bytes."""
    read, _ = read_attachment([sealed({0: "../\u202e", 1: "text/html; charset=x"})], BLOB)

    assert read == AttachmentFile("_", PLAIN)
    nameless, _ = read_attachment([sealed({0: " .. ", 1: "image/png"})], BLOB)
    assert nameless == AttachmentFile("file", "image/png")
    assert safe_name('a/b\\c:d*e?"<>|') == "a_b_c_d_e_____"
