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

from parley.errors import EntryMalformed
from parley.identity.authenticator_key import has_signed
from parley.record.entry import Entry, read_body

OUTPUT_BYTES_MIN: Final = 37
"""RP id hash, flags and counter (WebAuthn §6.1)."""
CHECKED_PERSON: Final = 0x05
"""Flags: somebody was there, and the authenticator checked who."""
_FLAGS_AT: Final = 32


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
                and has_signed(key.public, signature, output + hashlib.sha256(collected).digest())
            )
        case _:
            return False


def _is_collected(collected: bytes, act_hash: bytes) -> bool:
    challenge = base64.urlsafe_b64encode(act_hash).rstrip(b"=").decode()
    try:
        said = json.loads(collected)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict):
        return False
    return said.get("type") == "webauthn.get" and said.get("challenge") == challenge
