"""Which keys of authenticators count: as many for the node as for the verifier beside it."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from parley import verify as checker
from parley.identity.authenticator_key import has_signed, read_authenticator_key

FILE = Path(__file__).parents[3] / "protocol" / "vectors" / "record" / "passkeys.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
CONTENT = bytes.fromhex(VECTORS["content"])


@pytest.mark.parametrize("vector", VECTORS["keys"], ids=lambda vector: str(vector["name"]))
def test_a_key_counts_if_authenticators_make_such(vector: dict[str, Any]) -> None:
    """The same in the verifier that shares no code with this: one says signed when the other does.

    ``ui/src/record/spki.test.ts`` asks the browser's about the same keys.
    """
    public, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["signature"])
    assert (read_authenticator_key(public) is not None) is vector["counts"]
    for signed in (has_signed, checker.has_signed):
        assert signed(public, signature, CONTENT) is vector["counts"]
        assert not signed(public, signature, CONTENT[1:])
        assert not signed(public, b"no signature", CONTENT)


def test_what_cannot_sign_or_is_no_key_counts_for_nothing() -> None:
    """A key for agreements, and no key at all."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    agreement = x25519.X25519PrivateKey.generate().public_key().public_bytes(*form)
    for public in (agreement, b"", b"x", bytes(91)):
        assert read_authenticator_key(public) is None
        assert not has_signed(public, b"x", b"x")
