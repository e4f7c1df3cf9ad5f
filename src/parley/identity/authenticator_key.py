"""By which public keys of authenticators a signature counts (``protocol/record.md``).

Whoever enrols a passkey chooses its key, and may be another party's person. A key that anybody can
break, or that takes its reader minutes, is none.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MODULUS_BITS_MIN: Final = 2_048
"""A shorter RSA key can be broken, and then anybody signs with it. No authenticator makes one."""
MODULUS_BITS_MAX: Final = 4_096
"""A larger RSA key costs its reader more than anybody's passkey needs."""
EXPONENT: Final = 65_537
"""The exponent of every authenticator's RSA key; with one of 1, a signature is just text."""
CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
AuthenticatorKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def read_authenticator_key(public: bytes) -> AuthenticatorKey | None:
    """Return the key that a signature counts by, None if it is none such.

    Args:
        public: SubjectPublicKeyInfo in DER (RFC 5280 §4.1).
    """
    try:
        key = serialization.load_der_public_key(public)
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    match key:
        case Ed25519PublicKey():
            return key
        case ec.EllipticCurvePublicKey() if key.curve.name in CURVES:
            return key
        case rsa.RSAPublicKey() if _is_authenticators(key):
            return key
        case _:
            return None


def has_signed(public: bytes, signature: bytes, content: bytes) -> bool:
    """Say whether a key that counts signed something: Ed25519, ECDSA or RS256, with SHA-256."""
    key = read_authenticator_key(public)
    if key is None:
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, content)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _is_authenticators(key: rsa.RSAPublicKey) -> bool:
    is_sized = MODULUS_BITS_MIN <= key.key_size <= MODULUS_BITS_MAX
    return is_sized and key.public_numbers().e == EXPONENT
