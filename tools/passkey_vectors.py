"""Write protocol/vectors/record/passkeys.json: keys of which every verifier must say alike.

    python3 tools/passkey_vectors.py

Each run makes other keys and keeps no private one: what counts is the kind and the size.
"""

import json
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FILE = Path(__file__).parents[1] / "protocol" / "vectors" / "record" / "passkeys.json"
SHA256: Final = hashes.SHA256()
CONTENT: Final = b"authenticator output and a hash"
RSA_KEYS: Final = (
    *((1_024, 65_537, False), (2_040, 65_537, False), (2_048, 65_537, True)),
    *((2_048, 3, False), (4_096, 65_537, True), (4_104, 65_537, False)),
)
CURVES: Final = (
    *((ec.SECP192R1(), False), (ec.SECP256R1(), True)),
    *((ec.SECP384R1(), True), (ec.SECP521R1(), True)),
)

Public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def main() -> None:
    """Write the file."""
    rows = [
        ed25519_row(),
        *(curve_row(curve, counts=counts) for curve, counts in CURVES),
        *(rsa_row(bits, exponent, counts=counts) for bits, exponent, counts in RSA_KEYS),
    ]
    FILE.write_text(json.dumps({"content": CONTENT.hex(), "keys": rows}, indent=1) + "\n", "utf-8")


def ed25519_row() -> dict[str, object]:
    """Return a key that signs the content itself."""
    key = ed25519.Ed25519PrivateKey.generate()
    return row("Ed25519", key.public_key(), key.sign(CONTENT), counts=True)


def curve_row(curve: ec.EllipticCurve, *, counts: bool) -> dict[str, object]:
    """Return a key on a curve, with SHA-256 whatever its size."""
    key = ec.generate_private_key(curve)
    return row(curve.name, key.public_key(), key.sign(CONTENT, ec.ECDSA(SHA256)), counts=counts)


def rsa_row(bits: int, exponent: int, *, counts: bool) -> dict[str, object]:
    """Return a key of a size and an exponent."""
    key = rsa.generate_private_key(exponent, bits)
    signature = key.sign(CONTENT, padding.PKCS1v15(), SHA256)
    return row(f"RSA {bits}, exponent {exponent}", key.public_key(), signature, counts=counts)


def row(name: str, key: Public, signature: bytes, *, counts: bool) -> dict[str, object]:
    """Return a key, its signature over the content, and whether that counts."""
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"name": name, "counts": counts, "key": public.hex(), "signature": signature.hex()}


if __name__ == "__main__":
    main()
