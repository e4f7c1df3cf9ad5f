"""Whether a person's passkey signed an entry: by every kind of key, and by nothing less."""

import base64
import hashlib
import json
from collections.abc import Callable

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from parley.errors import EntryMalformed
from parley.identity.keys import PartyKey
from parley.ids import ActorId, SpaceId
from parley.record.assertion import (
    EnrolledKey,
    credential_of,
    is_asserted,
    read_enrolment,
)
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, entry_hash, read_entry
from parley.record.kinds import Kind
from parley.testing.foreign_log import ForeignLog

RP = "parley.example"
ACTOR = ActorId(b"i" * 16)
LOG = ForeignLog(PartyKey(hashlib.sha256(b"far").digest()), SpaceId(bytes(16)))
ENCODED = LOG.entry(body={0: "agreed"}, actor=ACTOR)
ACT, DIGEST = read_entry(ENCODED), entry_hash(ENCODED)
ED, EC = ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65_537, 2_048)
Sign = Callable[[bytes], bytes]


def der(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """Return a key's public half."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def collected(challenge: bytes = DIGEST, kind: str = "webauthn.get") -> bytes:
    """Return what a browser collects."""
    text = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    return json.dumps({"type": kind, "challenge": text}).encode()


def output(rp: str = RP, flags: int = 5) -> bytes:
    """Return what an authenticator puts out."""
    return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + bytes(4)


def assertion(sign: Sign, out: bytes, said: bytes) -> Entry:
    """Return an assertion of the act."""
    body: dict[int, Value] = {0: b"credential", 1: out, 2: said}
    body[3] = sign(out + hashlib.sha256(said).digest())
    return entry_of(body)


def entry_of(body: dict[int, Value], refs: tuple[bytes, ...] = (DIGEST,)) -> Entry:
    """Return an assertion with any body."""
    return read_entry(LOG.entry(Kind.ASSERTION, body, refs=refs, actor=ACTOR))


SIGNERS: dict[str, tuple[bytes, Sign]] = {
    "Ed25519": (der(ED), ED.sign),
    "P-256": (der(EC), lambda content: EC.sign(content, ec.ECDSA(hashes.SHA256()))),
    "RSA": (der(RSA), lambda content: RSA.sign(content, padding.PKCS1v15(), hashes.SHA256())),
}


@pytest.mark.parametrize("name", SIGNERS)
def test_an_act_is_asserted_by_a_key_of_each_kind(name: str) -> None:
    """Over the entry's hash, by a checked person, for the right site."""
    public, sign = SIGNERS[name]
    key = EnrolledKey(b"credential", public, RP)
    good = assertion(sign, output(), collected())

    assert is_asserted(good, ACT, DIGEST, key)
    assert credential_of(good) == b"credential"
    for out, said in (
        (output("elsewhere.example"), collected()),
        (output(flags=1), collected()),
        (output()[:36], collected()),
        (output(), collected(bytes(32))),
        (output(), collected(kind="webauthn.create")),
        (output(), b"[]"),
        (output(), b"{"),
        (output(), b"[" * 60_000),
    ):
        assert not is_asserted(assertion(sign, out, said), ACT, DIGEST, key)
    other = SIGNERS["P-256" if name != "P-256" else "RSA"][1]
    assert not is_asserted(assertion(other, output(), collected()), ACT, DIGEST, key)


def test_a_key_that_cannot_sign_or_costs_too_much_asserts_nothing() -> None:
    """Whatever an enrolment says; neither does one that is none."""
    good = assertion(ED.sign, output(), collected())
    agreement = x25519.X25519PrivateKey.generate().public_key()
    weak = ec.generate_private_key(ec.SECP192R1())
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for public in (agreement.public_bytes(*form), der(weak), b"x"):
        assert not is_asserted(good, ACT, DIGEST, EnrolledKey(b"c", public, RP))


def test_an_assertion_is_of_the_same_person_and_refers_to_the_act_alone() -> None:
    """And has a body of the form."""
    key = EnrolledKey(b"credential", der(ED), RP)
    good = assertion(ED.sign, output(), collected())
    body: dict[int, Value] = {0: b"credential", 1: output(), 2: collected(), 3: b"x"}

    for other in (
        replaced(good, actor=ActorId(b"j" * 16)),
        replaced(good, refs=(DIGEST, bytes(32))),
        replaced(good, body=b"\xff"),
        entry_of({0: b"credential"}),
        entry_of(body),
    ):
        assert not is_asserted(other, ACT, DIGEST, key)
    assert credential_of(replaced(good, body=b"\xff")) is None
    assert credential_of(entry_of({0: 5})) is None


def test_an_enrolment_tells_a_key_or_is_refused() -> None:
    """Nothing in between."""
    told = read_entry(LOG.entry(Kind.STATEMENT, {0: b"credential", 1: b"public", 2: RP}))

    assert read_enrolment(told) == EnrolledKey(b"credential", b"public", RP)
    with pytest.raises(EntryMalformed):
        read_enrolment(replaced(told, body=encode({0: b"credential"})))


def replaced(entry: Entry, **changed: object) -> Entry:
    """Return an entry with other fields."""
    return msgspec.structs.replace(entry, **changed)
