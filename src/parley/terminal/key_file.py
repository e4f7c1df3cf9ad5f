"""A person's key in a file: a WebAuthn credential sealed under a PIN. A core without I/O.

The file says of itself what it is. Its key answers with *verified*, because the PIN was checked for
this very use, and with *present*, because a person confirmed on the terminal what is signed. It is
*backup eligible*, because a file can be copied and nothing here can prevent it, and not *backed
up*, because nothing here knows of a copy. Its attestation is none: no maker vouches for a file.

What is sealed: the private key and the counter, by AES-256-GCM under a key that scrypt makes from
the PIN and a salt. Bound into the seal is what the file says in the clear of whose key it is and
for which node, so that nothing of it can be changed. Each use seals anew under a fresh nonce.

A stolen copy signs with a counter that the node has seen, or makes the rightful file do so later:
either way the node locks the key at once (decision 0073).
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import cbor2
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from typing_extensions import override

from parley.errors import (
    CeremonyRefused,
    KeyFileLocked,
    KeyFileUnreadable,
    PinTooShort,
    PinWrong,
)
from parley.terminal.ceremony import (
    ED25519,
    ES256,
    Flags,
    Origin,
    Wanted,
    WantedKey,
    assertion,
    attested_credential,
    authenticator_output,
    collected,
    registration,
)
from parley.terminal.key_state import TRIES_MAX, KeyState, PinTries, begin_try, end_try

FORMAT: Final = 1
PIN_CHARACTERS_MIN: Final = 8
"""Against somebody with a copy of the file, each character counts: at a third of a second a try,
eight random digits are a year of one processor and an afternoon of a thousand. A longer one, with
words, is what the guide asks for."""
PIN_CHARACTERS_MAX: Final = 63
"""As security keys have it (CTAP 2.1 §6.5.1)."""
SCRYPT_COST: Final = 1 << 17
"""With blocks of 8: 128 MiB and about a third of a second a try. More: a thief's try costs more,
and so does each of ours."""
SCRYPT_COST_MAX: Final = 1 << 20
"""A file that wants 1 GiB is not ours; it would stop the desk."""
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
CREDENTIAL_BYTES: Final = 32
AAGUID: Final = bytes.fromhex("9c1f5c1e5b1d4d6d8e0a50617249e46b")
"""Which make of authenticator this is (WebAuthn §6.5.1): made of chance once, for key files."""
ALWAYS: Final = Flags.PRESENT | Flags.VERIFIED | Flags.BACKUP_ELIGIBLE
COUNT_MAX: Final = (1 << 32) - 1

Chance = Callable[[int], bytes]
Keep = Callable[["KeyFile"], None]
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class KeyAlgorithm(StrEnum):
    """What a key file signs with."""

    ES256 = "es256"
    ED25519 = "ed25519"

    @property
    def number(self) -> int:
        """Its number in COSE."""
        return ES256 if self is KeyAlgorithm.ES256 else ED25519


class KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    """A key file, as it lies on the disk in JSON."""

    format: int = FORMAT
    what: str = "A person's key for Parley, sealed under a PIN. Whoever copies it can try PINs."
    rp_id: str
    origin: str
    algorithm: KeyAlgorithm
    credential: bytes
    owner: bytes
    """The person, as their node names them."""
    person: str
    """The person's name, for the person at the terminal."""
    public: bytes
    """The public key as COSE_Key."""
    salt: bytes
    cost: int
    nonce: bytes
    sealed: bytes
    """The private key and the counter."""
    wrong: int = 0
    tried_at_s: int = 0

    @override
    def __repr__(self) -> str:
        """Show whose key it is to the machine, and nothing of the person or the key."""
        return f"KeyFile({self.rp_id}, {self.algorithm})"

    @property
    def tries(self) -> PinTries:
        """How often the PIN was wrong."""
        return PinTries(self.wrong, self.tried_at_s)

    def bound(self) -> bytes:
        """Return what the seal covers besides what is sealed."""
        said = [self.format, self.rp_id, self.origin, self.algorithm.value]
        return cbor2.dumps([*said, self.credential, self.owner, self.person, self.public])


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What is in the seal."""

    private: bytes
    count: int


def check_pin(pin: str) -> None:
    """Refuse a PIN that a new key file cannot have.

    Raises:
        PinTooShort: it is too short, or too long.
    """
    if not PIN_CHARACTERS_MIN <= len(pin) <= PIN_CHARACTERS_MAX:
        raise PinTooShort(characters_min=PIN_CHARACTERS_MIN, characters_max=PIN_CHARACTERS_MAX)


def make_key(
    wanted: WantedKey,
    origin: Origin,
    pin: str,
    *,
    algorithm: KeyAlgorithm = KeyAlgorithm.ES256,
    cost: int = SCRYPT_COST,
    chance: Chance = os.urandom,
) -> tuple[KeyFile, dict[str, Any]]:
    """Make a key for a node; return the file, and what the node is answered.

    Raises:
        PinTooShort: the PIN is too short, or too long.
        CeremonyRefused: the node takes no key of this algorithm.
    """
    check_pin(pin)
    if algorithm.number not in wanted.algorithms:
        raise CeremonyRefused(reason="algorithm")
    private = _new_private(algorithm)
    public, credential = _cose(private), chance(CREDENTIAL_BYTES)
    made = KeyFile(
        rp_id=wanted.rp_id,
        origin=origin.text,
        algorithm=algorithm,
        credential=credential,
        owner=wanted.owner,
        person=wanted.name,
        public=public,
        salt=chance(SALT_BYTES),
        cost=cost,
        nonce=b"",
        sealed=b"",
    )
    made = _seal(made, _Sealed(_private_bytes(private), 0), _sealing_key(made, pin), chance)
    attested = attested_credential(AAGUID, credential, public)
    output = authenticator_output(wanted.rp_id, ALWAYS | Flags.ATTESTED, 0, attested)
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": output})
    said = collected("webauthn.create", wanted.challenge, origin)
    return made, registration(credential, said, attestation)


def sign(
    file: KeyFile,
    wanted: Wanted,
    origin: Origin,
    pin: str,
    *,
    now_s: int,
    keep: Keep,
    chance: Chance = os.urandom,
) -> dict[str, Any]:
    """Answer a node's question with a key file.

    Args:
        file: the key, as it was last kept.
        wanted: the question.
        origin: whom we speak to.
        pin: what the person typed.
        now_s: the machine's wall time, seconds since 1970.
        keep: writes a changed file, and returns once it is durable. Called before the PIN is tried
            and before what was signed is returned: a counter that was used is never used again.
        chance: where random bytes come from.

    Raises:
        CeremonyRefused: it is another node's question, or another key's.
        KeyFileLocked, PinTooSoon: it takes no PIN, or not yet.
        PinWrong: that was not the PIN.
        KeyFileUnreadable: it is damaged.
    """
    check_question(file, wanted, origin)
    tries = begin_try(file.tries, now_s)
    file = msgspec.structs.replace(file, wrong=tries.wrong, tried_at_s=tries.tried_at_s)
    keep(file)
    sealing = _sealing_key(file, pin)
    opened = _open(file, sealing)
    tries, state = end_try(tries, is_right=opened is not None)
    if opened is None:
        if state is KeyState.LOCKED:
            raise KeyFileLocked(number_max=TRIES_MAX)
        raise PinWrong(left=TRIES_MAX - tries.wrong)
    if opened.count >= COUNT_MAX:
        raise KeyFileUnreadable(file=file.rp_id, reason="used up")
    opened = replace(opened, count=opened.count + 1)
    used = msgspec.structs.replace(file, wrong=tries.wrong, tried_at_s=tries.tried_at_s)
    keep(_seal(used, opened, sealing, chance))
    output = authenticator_output(file.rp_id, ALWAYS, opened.count)
    said = collected("webauthn.get", wanted.challenge, origin)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(said)
    signature = _sign(_private_of(file.algorithm, opened.private), output + digest.finalize())
    return assertion(file.credential, said, output, signature, file.owner)


def check_question(file: KeyFile, wanted: Wanted, origin: Origin) -> None:
    """Refuse a question that is not this key's, before any PIN is asked for.

    Raises:
        CeremonyRefused: it is another node's question, or another key's.
    """
    if wanted.rp_id != file.rp_id or origin.text != file.origin:
        raise CeremonyRefused(reason="origin")
    if wanted.credentials and file.credential not in wanted.credentials:
        raise CeremonyRefused(reason="credential")


def read_key_file(content: bytes, name: str) -> KeyFile:
    """Read a key file.

    Raises:
        KeyFileUnreadable: it is none.
    """
    try:
        found = msgspec.json.decode(content, type=KeyFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise KeyFileUnreadable(file=name, reason="not of its form") from error
    is_cost = 1 < found.cost <= SCRYPT_COST_MAX and found.cost & (found.cost - 1) == 0
    if found.format != FORMAT or not is_cost or len(found.nonce) != NONCE_BYTES:
        raise KeyFileUnreadable(file=name, reason="of another version")
    if found.wrong < 0 or found.tried_at_s < 0:
        raise KeyFileUnreadable(file=name, reason="not of its form")
    return found


def write_key_file(file: KeyFile) -> bytes:
    """Return a key file as it is written."""
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


# -------------------------------------------------------------------------------------- details


def _sealing_key(file: KeyFile, pin: str) -> bytes:
    derive = Scrypt(salt=file.salt, length=32, n=file.cost, r=8, p=1)
    return derive.derive(pin.encode("utf-8", "surrogatepass"))


def _seal(file: KeyFile, content: _Sealed, sealing: bytes, chance: Chance) -> KeyFile:
    nonce = chance(NONCE_BYTES)
    plain = cbor2.dumps([content.private, content.count])
    sealed = AESGCM(sealing).encrypt(nonce, plain, file.bound())
    return msgspec.structs.replace(file, nonce=nonce, sealed=sealed)


def _open(file: KeyFile, sealing: bytes) -> _Sealed | None:
    """Return what is sealed, None if the PIN is not the one it was sealed under."""
    try:
        plain = AESGCM(sealing).decrypt(file.nonce, file.sealed, file.bound())
    except InvalidTag:
        return None
    private, count = cbor2.loads(plain)
    return _Sealed(private, count)


def _new_private(algorithm: KeyAlgorithm) -> PrivateKey:
    if algorithm is KeyAlgorithm.ED25519:
        return Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def _private_bytes(key: PrivateKey) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    return key.private_numbers().private_value.to_bytes(32, "big")


def _private_of(algorithm: KeyAlgorithm, content: bytes) -> PrivateKey:
    if algorithm is KeyAlgorithm.ED25519:
        return Ed25519PrivateKey.from_private_bytes(content)
    return ec.derive_private_key(int.from_bytes(content, "big"), ec.SECP256R1())


def _cose(key: PrivateKey) -> bytes:
    """Return a public key as COSE_Key (RFC 9053 §7)."""
    said: Mapping[int, int | bytes]
    if isinstance(key, Ed25519PrivateKey):
        said = {1: 1, 3: ED25519, -1: 6, -2: key.public_key().public_bytes_raw()}
    else:
        numbers = key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        said = {1: 2, 3: ES256, -1: 1, -2: x, -3: y}
    return cbor2.dumps(dict(said), canonical=True)


def _sign(key: PrivateKey, content: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(content)
    return key.sign(content, ec.ECDSA(hashes.SHA256()))
