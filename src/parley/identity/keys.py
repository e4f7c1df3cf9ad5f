"""A party's key pair: made once, kept in one file that only the node may read."""

import base64
import binascii
import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from typing_extensions import override

from parley.errors import KeyCorrupt, KeyExists, KeyExposed, KeyMissing
from parley.ids import PartyId

SEED_BYTES: Final = 32
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_HEADER: Final = "parley party key 1"
_CHECK_BYTES: Final = 4
"""Bytes of SHA-256 kept beside the seed; tells a damaged file from a whole one."""


class PartyKey:
    """Our own party's private key. Whoever holds it is the party."""

    __slots__ = ("_private", "_seed", "party", "public")

    def __init__(self, seed: bytes) -> None:
        """Take the 32 secret bytes all else follows from."""
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self.party = PartyId.of_key(self.public)

    @classmethod
    def generate(cls) -> "PartyKey":
        """Make a key from the operating system's generator."""
        return cls(os.urandom(SEED_BYTES))

    @classmethod
    def load(cls, file: Path) -> "PartyKey":
        """Read the key that :meth:`save` wrote.

        Raises:
            KeyMissing: there is no such file.
            KeyExposed: others on the machine may read or write it.
            KeyCorrupt: it does not hold a whole key.
        """
        try:
            with file.open("rb") as opened:
                mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
                content = opened.read(4096)
        except FileNotFoundError as error:
            raise KeyMissing(file=str(file)) from error
        except OSError as error:
            raise KeyCorrupt(file=str(file)) from error
        if mode & 0o077:
            raise KeyExposed(file=str(file), mode=f"{mode:04o}")
        return cls(_parse(file, content))

    def save(self, file: Path) -> None:
        """Write the key to a new file of mode 0600, durably.

        Raises:
            KeyExists: the file exists; a key is never overwritten.
        """
        check = hashlib.sha256(self._seed).digest()[:_CHECK_BYTES]
        text = base64.b32encode(self._seed + check).decode("ascii").rstrip("=").lower()
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise KeyExists(file=str(file)) from error
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{_HEADER}\n{text}\n")
            opened.flush()
            os.fsync(opened.fileno())

    def sign(self, purpose: str, content: bytes) -> bytes:
        """Sign ``content`` for one purpose; the purpose keeps it from passing for anything else."""
        return self._private.sign(_signed_bytes(purpose, content))

    def derive(self, purpose: str) -> bytes:
        """Return 32 secret bytes for one purpose, the same whenever the key is the same."""
        context = b"parley " + purpose.encode("ascii")
        return HKDF(hashes.SHA256(), SEED_BYTES, None, context).derive(self._seed)

    def engine_seed(self) -> bytes:
        """Return the secret seed for the engine, which proves the key on the line."""
        return self._seed

    @override
    def __repr__(self) -> str:
        """Show the party alone."""
        return f"PartyKey({self.party.text})"


def verify(public_key: bytes, purpose: str, content: bytes, signature: bytes) -> bool:
    """Say whether ``signature`` over ``content`` was made for ``purpose`` by ``public_key``."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signature, _signed_bytes(purpose, content))
    except (InvalidSignature, ValueError):
        return False
    return True


def is_usable(public_key: bytes) -> bool:
    """Say whether ``public_key`` is 32 bytes that name a key somebody can hold.

    The eight points of small order verify signatures nobody made (RFC 8032 §5.1.7 leaves the check
    to the application).
    """
    if len(public_key) != PUBLIC_KEY_BYTES or _without_sign(public_key) in _SMALL_ORDER:
        return False
    return int.from_bytes(_without_sign(public_key), "little") < _FIELD


_FIELD: Final = 2**255 - 19


def _without_sign(public_key: bytes) -> bytes:
    return public_key[:-1] + bytes([public_key[-1] & 0x7F])


_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
"""y coordinates of the points of small order, without the sign bit."""


def _signed_bytes(purpose: str, content: bytes) -> bytes:
    return b"parley " + purpose.encode("ascii") + b"\0" + content


def _parse(file: Path, content: bytes) -> bytes:
    try:
        header, text = content.decode("ascii").split("\n")[:2]
        padded = text.upper() + "=" * (-len(text) % 8)
        raw = base64.b32decode(padded)
    except (ValueError, binascii.Error) as error:
        raise KeyCorrupt(file=str(file)) from error
    seed, check = raw[:SEED_BYTES], raw[SEED_BYTES:]
    if header != _HEADER or len(seed) != SEED_BYTES:
        raise KeyCorrupt(file=str(file))
    if check != hashlib.sha256(seed).digest()[:_CHECK_BYTES]:
        raise KeyCorrupt(file=str(file))
    return seed
