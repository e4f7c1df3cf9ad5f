"""A party's signature on paper: PAdES, with a key that follows from the party's own.

Readers of PDF know ECDSA on P-256; almost none knows Ed25519 (ISO/TS 32002). So the signature is by
a P-256 key that is derived from the party's seed, under a certificate that nobody else issued. What
makes it the party's is the *statement*: a text with the certificate's hash, signed by the party's
key for this purpose alone, attached to the paper and the same every time. Whoever has the party's
card checks the statement, and from then on trusts the certificate.
"""

import base64
import binascii
import datetime as dt
import hashlib
from io import BytesIO
from typing import Final

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from parley.errors import PaperStatementWrong
from parley.identity.keys import PartyKey, verify
from parley.ids import PartyId

PURPOSE: Final = "paper key"
STATEMENT_FILE: Final = "party-statement.txt"
_HEADER: Final = "parley paper key 1"
_LINES: Final = 4
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the group of P-256 (FIPS 186-5, D.1.2.3)."""
_BEGINS: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_NO_END: Final = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
"""What a certificate says that has no well-defined end (RFC 5280 §4.1.2.5)."""
_NAME_CHARACTERS_MAX: Final = 64
"""Characters of a common name (X.520)."""


class PaperSeal:
    """What our party signs papers with: the same key and certificate for as long as its key."""

    def __init__(self, key: PartyKey, name: str) -> None:
        """Derive it.

        Args:
            key: the party's.
            name: what the certificate calls the party.
        """
        self._private = _derived(key.engine_seed())
        self.certificate = _certificate(self._private, key.party, name)
        self.statement = _statement(key, self.certificate)

    async def sign(self, paper: bytes) -> bytes:
        """Return a paper with the party's signature, added at its end (PAdES baseline B)."""
        certificate = asn1_x509.Certificate.load(self.certificate)
        secret = self._private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        signer = signers.SimpleSigner(
            certificate, asn1_keys.PrivateKeyInfo.load(secret), SimpleCertificateStore()
        )
        how = signers.PdfSignatureMetadata(
            field_name="Party", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
        )
        into = BytesIO()
        # What is added begins with an object's number, and that a line (ISO 19005-3 §6.1.9).
        ended = paper if paper.endswith(b"\n") else paper + b"\n"
        writer = IncrementalPdfFileWriter(BytesIO(ended))
        await signers.async_sign_pdf(writer, how, signer=signer, output=into)
        return into.getvalue()


def read_statement(text: str, public_key: bytes) -> bytes:
    """Return the SHA-256 of the certificate that a party states to sign papers with.

    Args:
        text: the file attached to a paper.
        public_key: the party's, from its card.

    Raises:
        PaperStatementWrong: it is none, or not that party's.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[0] != _HEADER or lines[-1]:
        raise PaperStatementWrong
    said = "\n".join(lines[: _LINES - 1]) + "\n"
    try:
        signature = base64.b64decode(lines[_LINES - 1], validate=True)
        digest = bytes.fromhex(lines[2].removeprefix("certificate sha256 "))
    except (binascii.Error, ValueError) as error:
        raise PaperStatementWrong from error
    is_theirs = lines[1] == f"party {PartyId.of_key(public_key).text}"
    if not is_theirs or len(digest) != hashlib.sha256().digest_size:
        raise PaperStatementWrong
    if not verify(public_key, PURPOSE, said.encode(), signature):
        raise PaperStatementWrong
    return digest


def _derived(seed: bytes) -> ec.EllipticCurvePrivateKey:
    # 48 bytes taken by the order: no key is likelier than another by more than 2^-128.
    wide = HKDF(hashes.SHA256(), 48, None, b"parley paper key p-256").derive(seed)
    number = int.from_bytes(wide, "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def _certificate(private: ec.EllipticCurvePrivateKey, party: PartyId, name: str) -> bytes:
    """Return a certificate that its own key signed; the same bytes each time it is made."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name[:_NAME_CHARACTERS_MAX] or party.text),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, party.text),
        ]
    )
    number = int.from_bytes(hashlib.sha256(b"paper" + bytes(party)).digest()[:15], "big") | 1
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(number)
        .not_valid_before(_BEGINS)
        .not_valid_after(_NO_END)
        .add_extension(usage, critical=True)
        .sign(private, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return made.public_bytes(serialization.Encoding.DER)


def _statement(key: PartyKey, certificate: bytes) -> str:
    digest = hashlib.sha256(certificate).hexdigest()
    said = f"{_HEADER}\nparty {key.party.text}\ncertificate sha256 {digest}\n"
    return said + base64.b64encode(key.sign(PURPOSE, said.encode())).decode() + "\n"
