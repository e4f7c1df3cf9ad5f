"""An authenticator in software: makes and uses passkeys as a security key or a phone does.

It answers the options that a node gives a browser with what ``navigator.credentials`` would
return, as JSON. Keys are Ed25519, ES256 or RS256, attestation is none. Each of its attributes can
be changed to misbehave in one way: another origin, another RP, a counter that stands still, no
check of the person.
"""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any, Literal

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(slots=True)
class Credential:
    """One passkey on the authenticator."""

    id: bytes
    key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    rp_id: str
    owner: bytes
    """The person, as the node named them (the user handle)."""
    count: int = 0

    def cose(self) -> bytes:
        """Return the public key as COSE_Key."""
        if isinstance(self.key, Ed25519PrivateKey):
            raw = self.key.public_key().public_bytes_raw()
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: raw})
        if isinstance(self.key, rsa.RSAPrivateKey):
            public = self.key.public_key().public_numbers()
            n, e = (_unsigned(number) for number in (public.n, public.e))
            return cbor2.dumps({1: 3, 3: -257, -1: n, -2: e})
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def sign(self, content: bytes) -> bytes:
        """Sign as WebAuthn wants it."""
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(content)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(content, ec.ECDSA(hashes.SHA256()))


@dataclass(slots=True)
class Authenticator:
    """A device with passkeys, in the browser of one page."""

    origin: str
    algorithm: Literal["ed25519", "es256", "rs256"] = "es256"
    modulus_bits: int = 2_048
    """Of an RSA key."""
    is_counting: bool = True
    is_verifying: bool = True
    rp_id: str | None = None
    """Answers for this RP id, whatever was asked; None: as asked."""
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any], *, named: bytes | None = None) -> dict[str, Any]:
        """Make a passkey, called ``named`` if given, as ``navigator.credentials.create`` does."""
        rp_id = self.rp_id or options["rp"]["id"]
        made = Credential(
            named or os.urandom(32), self._key(), rp_id, unbase64(options["user"]["id"])
        )
        self.credentials.append(made)
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + made.cose()
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._output(made, ATTESTED) + attested,
        }
        response = {
            "clientDataJSON": base64url(self._collected("webauthn.create", options)),
            "attestationObject": base64url(cbor2.dumps(attestation)),
        }
        return self._answer(made, response)

    def _key(self) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
        if self.algorithm == "ed25519":
            return Ed25519PrivateKey.generate()
        if self.algorithm == "rs256":
            return rsa.generate_private_key(65_537, self.modulus_bits)
        return ec.generate_private_key(ec.SECP256R1())

    def get(self, options: dict[str, Any], which: int = 0) -> dict[str, Any]:
        """Use a passkey: what ``navigator.credentials.get`` returns."""
        used = self.credentials[which]
        if self.is_counting:
            used.count += 1
        collected = self._collected("webauthn.get", options)
        output = self._output(used, 0)
        response = {
            "clientDataJSON": base64url(collected),
            "authenticatorData": base64url(output),
            "signature": base64url(used.sign(output + hashlib.sha256(collected).digest())),
            "userHandle": base64url(used.owner),
        }
        return self._answer(used, response)

    def _output(self, credential: Credential, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.is_verifying else 0)
        rp_hash = hashlib.sha256((self.rp_id or credential.rp_id).encode()).digest()
        return rp_hash + bytes([flags]) + struct.pack(">I", credential.count)

    def _collected(self, kind: str, options: dict[str, Any]) -> bytes:
        content = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(content, separators=(",", ":")).encode()

    def _answer(self, credential: Credential, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": base64url(credential.id),
            "rawId": base64url(credential.id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": response,
        }


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64url(content: bytes) -> str:
    """Return bytes as WebAuthn writes them in JSON."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def unbase64(text: str) -> bytes:
    """Read what :func:`base64url` wrote."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
