"""Encrypting a stream so that cutting, swapping and mixing of its pieces is noticed.

The format is Tink's AES-GCM-HKDF streaming AEAD (developers.google.com/tink/streaming-aead) with
256-bit keys, HKDF-SHA256 and segments of 64 KiB, an instance of the STREAM construction (Hoang,
Reyhanitabar, Rogaway, Vizár: *Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance*, CRYPTO 2015)::

    header   = length of header (1) · salt (32) · nonce prefix (7)
    key      = HKDF-SHA256(case key, salt, context)
    nonce(i) = nonce prefix · i (4, big-endian) · 1 if the segment is the last, else 0
    segments = AES-256-GCM(key, nonce(i), plaintext(i)), each 65,536 bytes but the last one;
               the first is shorter by the header

A key of its own for each stream means that one case key may seal any number of streams, and that a
segment of one fits nowhere in another. A stream that was cut at a segment ends without a last one.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
SEGMENT_BYTES: Final = 65_536
"""More: less overhead. Less: less memory, and a change is noticed after fewer bytes."""
TAG_BYTES: Final = 16
SALT_BYTES: Final = 32
PREFIX_BYTES: Final = 7
HEADER_BYTES: Final = 1 + SALT_BYTES + PREFIX_BYTES
SEGMENTS_MAX: Final = 2**32


class SealBroken(ValueError):
    """A sealed stream was changed, cut or belongs to another key or context."""


def seal(key: bytes, pieces: Iterable[bytes], context: bytes) -> Iterator[bytes]:
    """Yield the sealed stream of what ``pieces`` hold together.

    Args:
        key: the case's key, 32 bytes.
        pieces: the plaintext, in pieces of any length.
        context: what the stream belongs to; opening needs the same.
    """
    salt, prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
    cipher = _cipher(key, salt, context)
    yield bytes([HEADER_BYTES]) + salt + prefix
    for number, (segment, is_last) in enumerate(_segments(pieces, TAG_BYTES)):
        yield cipher.encrypt(_nonce(prefix, number, is_last=is_last), segment, None)


def unseal(key: bytes, pieces: Iterable[bytes], context: bytes) -> Iterator[bytes]:
    """Yield the plaintext of a sealed stream.

    What is yielded is what was sealed, in its order; that it is all of it is known when the
    iterator ends without an error. Whoever writes it somewhere keeps it only then.

    Raises:
        SealBroken: the stream was changed, cut, or belongs to another key or context.
    """
    source = _Reader(pieces)
    header = source.take(HEADER_BYTES)
    if len(header) < HEADER_BYTES or header[0] != HEADER_BYTES:
        reason = "it has no header"
        raise SealBroken(reason)
    prefix = header[1 + SALT_BYTES :]
    cipher = _cipher(key, header[1 : 1 + SALT_BYTES], context)
    for number, (segment, is_last) in enumerate(_segments(source.rest(), 0)):
        try:
            yield cipher.decrypt(_nonce(prefix, number, is_last=is_last), segment, None)
        except InvalidTag as error:
            reason = f"segment {number} is not the one that was sealed"
            raise SealBroken(reason) from error


def sealed_size(plain: int) -> int:
    """Return how many bytes a stream of ``plain`` bytes has when it is sealed."""
    first = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES
    further = max(0, plain - first)
    segments = 1 + -(-further // (SEGMENT_BYTES - TAG_BYTES))
    return HEADER_BYTES + plain + segments * TAG_BYTES


def _segments(pieces: Iterable[bytes], tag: int) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into segments less ``tag`` bytes each, and say which is the last."""
    source = _Reader(pieces)
    segment = source.take(SEGMENT_BYTES - HEADER_BYTES - tag)
    while following := source.take(SEGMENT_BYTES - tag):
        yield segment, False
        segment = following
    yield segment, True


class _Reader:
    """Takes pieces of any length and gives as many bytes as are asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = bytearray()

    def take(self, number: int) -> bytes:
        """Return ``number`` bytes, fewer at the end."""
        while len(self._held) < number:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        taken = bytes(self._held[:number])
        del self._held[:number]
        return taken

    def rest(self) -> Iterator[bytes]:
        """Yield everything that was not taken."""
        if self._held:
            held, self._held = bytes(self._held), bytearray()
            yield held
        yield from self._pieces


def _cipher(key: bytes, salt: bytes, context: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        reason = f"a key has {KEY_BYTES} bytes"
        raise ValueError(reason)
    derived = HKDF(hashes.SHA256(), KEY_BYTES, salt, context).derive(key)
    return AESGCM(derived)


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    if number >= SEGMENTS_MAX:
        reason = "a sealed stream has at most 2^32 segments"
        raise ValueError(reason)
    return prefix + struct.pack(">IB", number, is_last)
