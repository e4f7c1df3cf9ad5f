"""A certificate authority of the bench's own, and a certificate for each side's address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=2)


@dataclass(frozen=True)
class Certified:
    """The files of one side: its certificate, its key, and the authority to trust."""

    certificate: Path
    key: Path
    authority: Path


def certify(folder: Path, addresses: list[str]) -> list[Certified]:
    """Make an authority and, with it, a certificate for each address."""
    authority = ec.generate_private_key(ec.SECP256R1())
    name = _name("Parley bench")
    root = (
        _begun(name, name, authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    root_file = folder / "authority.pem"
    root_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    certified = []
    for address in addresses:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        leaf = (
            _begun(_name(address), name, key.public_key())
            .add_extension(names, critical=False)
            .sign(authority, hashes.SHA256())
        )
        files = Certified(folder / f"{address}.pem", folder / f"{address}.key", root_file)
        files.certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        certified.append(files)
    return certified


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _VALID)
        .not_valid_after(now + _VALID)
    )
