"""Sealed streams: what they keep, what they notice."""

import hashlib
import struct
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from parley.storage.sealing import (
    HEADER_BYTES,
    SEGMENT_BYTES,
    TAG_BYTES,
    SealBroken,
    seal,
    sealed_size,
    unseal,
)

KEY, CONTEXT = b"k" * 32, b"case"
FIRST = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES
SIZES = [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + SEGMENT_BYTES - TAG_BYTES, 300_000]


def words(size: int) -> bytes:
    """Return bytes that are all different in their places."""
    return hashlib.shake_256(str(size).encode()).digest(size)


def sealed(plain: bytes) -> bytes:
    """Seal in one piece."""
    return b"".join(seal(KEY, [plain], CONTEXT))


def opened(stream: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    """Open in one piece."""
    return b"".join(unseal(key, [stream], context))


def cut(content: bytes, sizes: list[int]) -> Iterator[bytes]:
    """Yield content in pieces of the sizes, then the rest."""
    for size in sizes:
        yield content[:size]
        content = content[size:]
    yield content


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_is_opened(size: int) -> None:
    """Whatever its length; and it is as long as was said before."""
    stream = sealed(words(size))

    assert opened(stream) == words(size)
    assert len(stream) == sealed_size(size)


@given(
    size=st.integers(0, 200_000),
    sealing=st.lists(st.integers(0, 70_000), max_size=5),
    opening=st.lists(st.integers(0, 70_000), max_size=5),
)
def test_pieces_may_have_any_length(size: int, sealing: list[int], opening: list[int]) -> None:
    """On the way in and on the way out."""
    plain = words(size)
    stream = b"".join(seal(KEY, cut(plain, sealing), CONTEXT))

    assert b"".join(unseal(KEY, cut(stream, opening), CONTEXT)) == plain


def test_the_format_is_the_published_one() -> None:
    """Opened by nothing but its description: HKDF, nonces with number and last flag."""
    plain = words(100_000)
    stream = sealed(plain)
    salt, prefix = stream[1:33], stream[33:40]
    cipher = AESGCM(HKDF(hashes.SHA256(), 32, salt, CONTEXT).derive(KEY))
    first = cipher.decrypt(prefix + struct.pack(">IB", 0, 0), stream[40:65_536], None)
    last = cipher.decrypt(prefix + struct.pack(">IB", 1, 1), stream[65_536:], None)

    assert stream[0] == 40
    assert first + last == plain


def test_the_same_words_are_never_sealed_alike() -> None:
    """Each stream has a key of its own."""
    assert sealed(b"words") != sealed(b"words")


@given(st.data())
def test_one_changed_bit_is_noticed(choose: st.DataObject) -> None:
    """Wherever it is."""
    stream = bytearray(sealed(words(150_000)))
    place = choose.draw(st.integers(0, len(stream) - 1))
    stream[place] ^= 1 << choose.draw(st.integers(0, 7))

    with pytest.raises(SealBroken):
        opened(bytes(stream))


@given(st.integers(0, sealed_size(150_000) - 1))
def test_a_stream_that_was_cut_is_noticed(length: int) -> None:
    """Also exactly between two segments."""
    with pytest.raises(SealBroken):
        opened(sealed(words(150_000))[:length])


@pytest.mark.parametrize("segments", [1, 2])
def test_a_stream_cut_between_segments_is_noticed(segments: int) -> None:
    """Its last segment does not say that it is the last."""
    with pytest.raises(SealBroken):
        opened(sealed(words(150_000))[: SEGMENT_BYTES * segments])


def test_segments_in_another_order_are_noticed() -> None:
    """Each knows its place."""
    stream = sealed(words(250_000))
    parts = [stream[at : at + SEGMENT_BYTES] for at in range(0, len(stream), SEGMENT_BYTES)]
    parts[1], parts[2] = parts[2], parts[1]

    with pytest.raises(SealBroken, match="segment 1"):
        opened(b"".join(parts))


def test_a_segment_of_another_stream_fits_nowhere() -> None:
    """Though the key of the case is the same."""
    one, other = sealed(words(250_000)), sealed(words(250_000))
    mixed = (
        one[:SEGMENT_BYTES] + other[SEGMENT_BYTES : 2 * SEGMENT_BYTES] + one[2 * SEGMENT_BYTES :]
    )

    with pytest.raises(SealBroken, match="segment 1"):
        opened(mixed)


def test_something_appended_is_noticed() -> None:
    """The end is where it was."""
    with pytest.raises(SealBroken):
        opened(sealed(words(150_000)) + b"more")
    with pytest.raises(SealBroken):
        opened(sealed(b"words") + sealed(b"words"))


def test_another_key_or_case_opens_nothing() -> None:
    """Nor does the right key in another case's place."""
    stream = sealed(b"words")
    with pytest.raises(SealBroken):
        opened(stream, key=b"x" * 32)
    with pytest.raises(SealBroken):
        opened(stream, context=b"another")
    with pytest.raises(ValueError, match="32 bytes"):
        opened(stream, key=b"short")
