"""Which keys of authenticators count: as many for the node as for the verifier beside it."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from parley import verify as checker
from parley.identity.authenticator_key import has_signed, read_authenticator_key

FORM = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("bits", "exponent", "counts"),
    [
        *((1_024, 65_537, False), (2_040, 65_537, False), (2_048, 65_537, True)),
        *((2_048, 3, False), (4_096, 65_537, True), (4_104, 65_537, False)),
    ],
)
def test_an_rsa_key_counts_if_an_authenticator_makes_such(
    bits: int, exponent: int, *, counts: bool
) -> None:
    """The same in the verifier that shares no code with this: one says signed when the other does.

    ``ui/src/record/spki.test.ts`` asks the browser's for the same sizes.
    """
    key = rsa.generate_private_key(exponent, bits)
    public = key.public_key().public_bytes(*FORM)
    signature = key.sign(b"x", padding.PKCS1v15(), hashes.SHA256())
    assert (read_authenticator_key(public) is not None) is counts
    assert has_signed(public, signature, b"x") is counts
    assert checker.has_signed(public, signature, b"x") is counts
    assert not has_signed(public, signature, b"y")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_a_key_on_a_curve_of_nist_counts(curve: ec.EllipticCurve) -> None:
    """With SHA-256, whatever its size."""
    key = ec.generate_private_key(curve)
    public = key.public_key().public_bytes(*FORM)
    signature = key.sign(b"x", ec.ECDSA(hashes.SHA256()))
    assert has_signed(public, signature, b"x")
    assert not has_signed(public, signature, b"y")
    assert not has_signed(public, b"no signature", b"x")


def test_an_ed25519_key_counts() -> None:
    """As its standard says, over the bytes themselves."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(*FORM)
    assert has_signed(public, key.sign(b"x"), b"x")
    assert not has_signed(public, key.sign(b"x"), b"y")


def test_what_cannot_sign_or_is_no_key_counts_for_nothing() -> None:
    """A key for agreements, a curve that is too small, and no key at all."""
    agreement = x25519.X25519PrivateKey.generate().public_key().public_bytes(*FORM)
    small = ec.generate_private_key(ec.SECP192R1()).public_key().public_bytes(*FORM)
    for public in (agreement, small, b"", b"x", bytes(91)):
        assert read_authenticator_key(public) is None
        assert not has_signed(public, b"x", b"x")
