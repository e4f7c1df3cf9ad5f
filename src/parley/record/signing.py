"""Who signed a note: keys of C2SP signed-note and the cosignatures of C2SP tlog-cosignature.

Three types of signature exist here. A log signs its checkpoints with Ed25519 (type 1). Whoever
holds a log, its own party included, cosigns with the time at which that was the largest tree it had
seen: with Ed25519 at every checkpoint (type 4), with ML-DSA-44 (type 6) where the statement is to
outlive today's elliptic curves.

One Ed25519 key may sign as log and as cosigner: a checkpoint begins with ``parley/``, a cosigned
one with ``cosignature/v1``, what else the key signs with ``parley`` and a space, so none of them is
ever a signature of another.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from typing_extensions import override

from parley.errors import NoteMalformed, NoteSignatureWrong, NoteUnsigned
from parley.identity.keys import is_usable
from parley.record.checkpoint import read_checkpoint
from parley.record.note import (
    KEY_ID_BYTES,
    Note,
    NoteSignature,
    from_base64,
    is_key_name,
    to_base64,
)

SECONDS_MAX: Final = (1 << 63) - 1
"""The latest time a cosignature can name (C2SP tlog-cosignature)."""
_TIME_BYTES: Final = 8
_LABEL: Final = b"subtree/v1\n\0"
_VKEY_PARTS: Final = 3


class SignatureType(IntEnum):
    """The type byte of C2SP signed-note."""

    ED25519 = 1
    """A log's own signature."""
    ED25519_COSIGNATURE = 4
    """A cosignature with its time."""
    ML_DSA_44_COSIGNATURE = 6
    """The same with a signature that quantum computers do not break."""


_PUBLIC_BYTES: Final = {
    SignatureType.ED25519: 32,
    SignatureType.ED25519_COSIGNATURE: 32,
    SignatureType.ML_DSA_44_COSIGNATURE: 1_312,
}


@dataclass(frozen=True)
class NoteVerifier:
    """A key that signatures of one name and type are checked with."""

    name: str
    """Name of the key, as it stands in signature lines."""
    type: SignatureType
    """What its signatures are."""
    public: bytes
    """The public key, in the encoding of its type."""

    @classmethod
    def parse(cls, vkey: str) -> "NoteVerifier":
        """Read a verifier key in the text form of C2SP signed-note.

        Raises:
            NoteMalformed: it is none, of a type not known here, or nobody can hold it.
        """
        parts = vkey.split("+", 2)
        if len(parts) != _VKEY_PARTS or not is_key_name(parts[0]):
            raise NoteMalformed(reason="no verifier key")
        content = from_base64(parts[2])
        if content[:1] not in {bytes([each]) for each in SignatureType}:
            raise NoteMalformed(reason="a verifier key of a type not known here")
        verifier = cls(parts[0], SignatureType(content[0]), content[1:])
        if not verifier.is_sound() or verifier.key_id.hex() != parts[1]:
            raise NoteMalformed(reason="no verifier key")
        return verifier

    @cached_property
    def key_id(self) -> bytes:
        """Return the four bytes that go before its signatures."""
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(named).digest()[:KEY_ID_BYTES]

    def is_sound(self) -> bool:
        """Say whether the public key is one that somebody can hold."""
        if len(self.public) != _PUBLIC_BYTES[self.type]:
            return False
        return self.type is SignatureType.ML_DSA_44_COSIGNATURE or is_usable(self.public)

    def vkey(self) -> str:
        """Return the key in the text form of C2SP signed-note."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.type]) + self.public)}"

    def made(self, signature: NoteSignature) -> bool:
        """Say whether a signature line claims this key."""
        return signature.name == self.name and signature.key_id == self.key_id

    def check(self, text: str, signature: NoteSignature) -> int | None:
        """Accept a signature that claims this key; return its time, if its type has one.

        Raises:
            NoteSignatureWrong: it does not hold for that text.
            NoteMalformed: the text is no checkpoint, and only those are cosigned.
        """
        content, seconds = signature.signature, None
        if self.type is not SignatureType.ED25519:
            seconds = int.from_bytes(content[:_TIME_BYTES], "big")
            content = content[_TIME_BYTES:]
            if seconds > SECONDS_MAX:
                raise NoteSignatureWrong(name=self.name)
        try:
            self._key.verify(content, signed_bytes(self.type, self.name, text, seconds or 0))
        except InvalidSignature as error:
            raise NoteSignatureWrong(name=self.name) from error
        return seconds

    @cached_property
    def _key(self) -> Ed25519PublicKey | MLDSA44PublicKey:
        if self.type is SignatureType.ML_DSA_44_COSIGNATURE:
            return MLDSA44PublicKey.from_public_bytes(self.public)
        return Ed25519PublicKey.from_public_bytes(self.public)


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that holds."""

    verifier: NoteVerifier
    """The key that made it."""
    seconds: int | None
    """The time it names, POSIX seconds; ``None`` for a log's own signature."""


def verified(note: Note, verifiers: Iterable[NoteVerifier]) -> list[VerifiedSignature]:
    """Return the signatures of a note that known keys made; unknown keys are passed over.

    Raises:
        NoteSignatureWrong: a signature that claims a known key does not hold.
        NoteMalformed: a cosigned text is no checkpoint.
    """
    known = list(verifiers)
    return [
        VerifiedSignature(verifier, verifier.check(note.text, signature))
        for signature in note.signatures
        for verifier in known
        if verifier.made(signature)
    ]


def require(note: Note, verifier: NoteVerifier) -> VerifiedSignature:
    """Return the first signature by one key.

    Raises:
        NoteUnsigned: that key did not sign.
        NoteSignatureWrong: its signature does not hold.
    """
    found = verified(note, [verifier])
    if not found:
        raise NoteUnsigned(name=verifier.name)
    return found[0]


def signed_bytes(kind: SignatureType, name: str, text: str, seconds: int) -> bytes:
    """Return what a signature of a type is made over.

    Raises:
        NoteMalformed: only checkpoints are cosigned, and the text is none.
    """
    if kind is SignatureType.ED25519:
        return text.encode()
    checkpoint = read_checkpoint(text)
    if kind is SignatureType.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n{text}".encode()
    names = [part.encode() for part in (name, checkpoint.origin.text())]
    cosigner, origin = (len(part).to_bytes(1, "big") + part for part in names)
    numbers = (number.to_bytes(8, "big") for number in (0, checkpoint.size))
    time = seconds.to_bytes(_TIME_BYTES, "big")
    return b"".join((_LABEL, cosigner, time, origin, *numbers, checkpoint.root))


class NoteSigner:
    """A key that signs notes as they are: a log's."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the key's name and its 32 secret bytes."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes_raw()
        self.verifier = NoteVerifier(name, SignatureType.ED25519, public)

    def sign(self, text: str) -> NoteSignature:
        """Sign a text that ends in a newline."""
        signed = self._private.sign(text.encode())
        return NoteSignature(self.verifier.name, self.verifier.key_id, signed)

    @override
    def __repr__(self) -> str:
        """Show the name alone."""
        return f"NoteSigner({self.verifier.name})"


class CheckpointCosigner(Protocol):
    """A key that says, with a time: this is the largest tree of this log that I hold."""

    @property
    def verifier(self) -> NoteVerifier:
        """The key its cosignatures are checked with."""

    def cosign(self, text: str, seconds: int) -> NoteSignature:
        """Cosign the text of a checkpoint at a time, POSIX seconds."""


class _Cosigner:
    """What both types of cosigning key share."""

    __slots__ = ("_private", "verifier")
    _private: Ed25519PrivateKey | MLDSA44PrivateKey
    verifier: NoteVerifier

    def cosign(self, text: str, seconds: int) -> NoteSignature:
        """Cosign the text of a checkpoint at a time, POSIX seconds.

        Raises:
            NoteMalformed: the text is no checkpoint.
        """
        verifier = self.verifier
        signed = self._private.sign(signed_bytes(verifier.type, verifier.name, text, seconds))
        stamped = seconds.to_bytes(_TIME_BYTES, "big") + signed
        return NoteSignature(verifier.name, verifier.key_id, stamped)

    @override
    def __repr__(self) -> str:
        """Show the name alone."""
        return f"{type(self).__name__}({self.verifier.name})"


class Ed25519CheckpointCosigner(_Cosigner):
    """Cosigns with Ed25519: 31 microseconds, 64 bytes."""

    __slots__ = ()

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the key's name and its 32 secret bytes."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        self._private = private
        public = private.public_key().public_bytes_raw()
        self.verifier = NoteVerifier(name, SignatureType.ED25519_COSIGNATURE, public)


class MlDsaCheckpointCosigner(_Cosigner):
    """Cosigns with ML-DSA-44 (FIPS 204): 0.7 milliseconds, 2,420 bytes."""

    __slots__ = ()

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the key's name and its 32 secret bytes."""
        private = MLDSA44PrivateKey.from_seed_bytes(seed)
        self._private = private
        public = private.public_key().public_bytes_raw()
        self.verifier = NoteVerifier(name, SignatureType.ML_DSA_44_COSIGNATURE, public)
