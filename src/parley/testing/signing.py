"""What people of a node under test sign with passkeys, without a browser."""

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from parley.identity.person import Person
from parley.record.cbor import Value
from parley.record.keeping import Acceptance, Appended, EntryDraft, PreparedEntry
from parley.record.kinds import Kind
from parley.testing.authenticator import Authenticator, base64url, unbase64
from parley.testing.nodes import NodeUnderTest

PASSKEY_HOST = "desk.example"


def new_passkey() -> Authenticator:
    """Return an authenticator with one passkey."""
    key = Authenticator(f"https://{PASSKEY_HOST}", "es256")
    key.create({"rp": {"id": PASSKEY_HOST}, "user": {"id": "aaaa"}, "challenge": "aaaa"})
    return key


def enrolment_of(key: Authenticator) -> dict[int, Value]:
    """Return what tells the other parties an authenticator's passkey."""
    held = key.credentials[0]
    public = held.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {0: held.id, 1: public, 2: PASSKEY_HOST}


def assertion_of(key: Authenticator, digest: bytes) -> dict[int, Value]:
    """Return what an authenticator signs over the entry of a hash."""
    used = key.get({"challenge": base64url(digest)})["response"]
    return {
        0: key.credentials[0].id,
        1: unbase64(used["authenticatorData"]),
        2: unbase64(used["clientDataJSON"]),
        3: unbase64(used["signature"]),
    }


async def append_signed(
    node: NodeUnderTest,
    by: Person,
    prepared: PreparedEntry,
    accept: Acceptance | None = None,
) -> Appended:
    """Append an entry with its person's passkey over it, as a browser's ceremony would."""
    key, urgency = new_passkey(), prepared.entry.precedence

    def enrolled(_: bytes) -> EntryDraft:
        return EntryDraft(
            kind=Kind.ENROLMENT, body=enrolment_of(key), actor=by.actor, precedence=urgency
        )

    def asserted(digest: bytes) -> EntryDraft:
        return EntryDraft(
            kind=Kind.ASSERTION,
            body=assertion_of(key, digest),
            actor=by.actor,
            refs=(digest,),
            precedence=urgency,
        )

    also = None if accept is None else await accept(prepared)
    record = node.node.record
    return (await record.append_prepared(prepared, enrolled, asserted, also=also))[0]
