"""Whether a person's passkey signed an entry, as whoever holds both entries can tell. A core.

An assertion (kind 6) refers to the act alone and has what the authenticator signed; an enrolment
(kind 10) of the same person in the same party's logs has the key. ``protocol/record.md`` says what
must hold. That the person saw the right words is their node's to say, not the signature's.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from parley.errors import EntryMalformed
from parley.record.entry import Entry, read_body

OUTPUT_BYTES_MIN: Final = 37
"""RP id hash, flags and counter (WebAuthn §6.1)."""
CHECKED_PERSON: Final = 0x05
"""Flags: somebody was there, and the authenticator checked who."""
MODULUS_BITS_MIN: Final = 2_048
"""A shorter RSA key can be broken, and then anybody signs with it. No authenticator makes one."""
MODULUS_BITS_MAX: Final = 4_096
"""A larger RSA key costs its reader more than anybody's passkey needs."""
EXPONENT: Final = 65_537
"""The exponent of every authenticator's RSA key; with one of 1, a signature is just text."""
CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_FLAGS_AT: Final = 32
UsableKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """A passkey of a person, as an enrolment tells it."""

    credential: bytes
    public: bytes
    """SubjectPublicKeyInfo in DER."""
    rp_id: str


def read_enrolment(entry: Entry) -> EnrolledKey:
    """Return the passkey that an enrolment tells.

    Raises:
        EntryMalformed: it is not of the form.
    """
    match read_body(entry):
        case {0: bytes(credential), 1: bytes(public), 2: str(rp_id)}:
            return EnrolledKey(credential, public, rp_id)
        case _:
            raise EntryMalformed(field="enrolment")


def credential_of(assertion: Entry) -> bytes | None:
    """Return which passkey an assertion says it is by, None if it does not say."""
    try:
        found = read_body(assertion).get(0)
    except EntryMalformed:
        return None
    return found if isinstance(found, bytes) else None


def is_asserted(assertion: Entry, act: Entry, act_hash: bytes, key: EnrolledKey) -> bool:
    """Say whether an assertion shows that the person of an act signed that very act."""
    if (assertion.author, assertion.actor) != (act.author, act.actor):
        return False
    if assertion.refs != (act_hash,):
        return False
    try:
        given = read_body(assertion)
    except EntryMalformed:
        return False
    match given:
        case {1: bytes(output), 2: bytes(collected), 3: bytes(signature)}:
            return (
                len(output) >= OUTPUT_BYTES_MIN
                and output[:_FLAGS_AT] == hashlib.sha256(key.rp_id.encode()).digest()
                and output[_FLAGS_AT] & CHECKED_PERSON == CHECKED_PERSON
                and _is_collected(collected, act_hash)
                and _has_signed(key.public, signature, output + hashlib.sha256(collected).digest())
            )
        case _:
            return False


def is_usable_key(public: bytes) -> bool:
    """Say whether a passkey's key is one that a signature counts by (``protocol/record.md``).

    Args:
        public: SubjectPublicKeyInfo in DER.
    """
    return _usable_key(public) is not None


def _is_collected(collected: bytes, act_hash: bytes) -> bool:
    challenge = base64.urlsafe_b64encode(act_hash).rstrip(b"=").decode()
    try:
        said = json.loads(collected)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict):
        return False
    return said.get("type") == "webauthn.get" and said.get("challenge") == challenge


def _has_signed(public: bytes, signature: bytes, content: bytes) -> bool:
    key = _usable_key(public)
    try:
        match key:
            case Ed25519PublicKey():
                key.verify(signature, content)
            case ec.EllipticCurvePublicKey():
                key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPublicKey():
                key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
            case None:
                return False
    except InvalidSignature:
        return False
    return True


def _usable_key(public: bytes) -> UsableKey | None:
    try:
        key = serialization.load_der_public_key(public)
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    match key:
        case Ed25519PublicKey():
            return key
        case ec.EllipticCurvePublicKey() if key.curve.name in CURVES:
            return key
        case rsa.RSAPublicKey() if _is_usable_rsa(key):
            return key
        case _:
            return None


def _is_usable_rsa(key: rsa.RSAPublicKey) -> bool:
    is_sized = MODULUS_BITS_MIN <= key.key_size <= MODULUS_BITS_MAX
    return is_sized and key.public_numbers().e == EXPONENT
