"""Passkeys: a person's keys, and the ceremonies in which they are made and used (WebAuthn Level 3).

A ceremony begins with a *challenge* that is kept as a row, for one purpose, and for one person and
sign-in if they are known. The browser's answer names the challenge; the row is deleted before
anything else is looked at, so that an answer counts once. What the answer holds is checked by
``webauthn``: origin, RP id, challenge, signature, that the authenticator checked the person (user
verification is required, never preferred). What it means is decided here: whose passkey it is, that
it was not revoked, and that its counter went on.

An authenticator that counts says a higher number each time. A number that is not higher means that
somebody else has used this key since: a copy. Which of the two is the copy cannot be known, so the
passkey is locked and shown as suspect until its person revokes it, and every browser that it let in
is out. Many authenticators do not count and always say 0 (those whose keys are synced between
devices); these are not checked so.

Binding acts are signed: the challenge is the hash of the entry that will be appended, and what the
authenticator signed goes into the record beside it, as an entry of kind *assertion*, with one of
kind *enrolment* before it if this log does not have that passkey's public key yet. What is signed
is the hash: the browser does not show the words, the node's page does (docs/threat-model.md).

Functions that judge an answer return the refusal instead of raising it, because what they write
besides (the challenge is used up, the passkey is locked) must be kept.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from whenever import Instant

from parley.errors import (
    ChallengeUnknown,
    ParleyError,
    PasskeyExists,
    PasskeyMissing,
    PasskeyRefused,
    PasskeysTooMany,
    PasskeySuspect,
    PasskeyUnknown,
)
from parley.identity.authenticator_key import read_authenticator_key
from parley.identity.duress import call_under_duress
from parley.identity.person import Person
from parley.identity.sign_in import end_all_with, new_secret
from parley.identity.trail import NODE, add_to_trail
from parley.ids import PasskeyId, PersonId, SignInId
from parley.storage import people

CEREMONY_S: Final = 300
"""Seconds to answer a challenge. More: time to fetch a key from a drawer. Less: fewer open rows."""
PASSKEYS_MAX: Final = 12
"""Passkeys of one person that are not revoked; more would be forgotten somewhere."""
ALGORITHMS: Final = (
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""Ed25519 and ES256; RS256 because some TPMs know nothing else."""


class CeremonyPurpose(StrEnum):
    """What a challenge is for; an answer counts for nothing else."""

    ENROL = "enrol"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    SIGN = "sign"
    PROVIDER = "provider"
    """The way to the provider and back, which is no passkey's (:mod:`parley.identity.subject`)."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Our node as authenticators know it."""

    id: str
    """A domain, without scheme and port; a passkey works under it and nowhere else."""
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key of one person."""

    id: PasskeyId
    person: PersonId
    credential_id: bytes
    """What the authenticator calls it."""
    public_key: bytes
    """COSE_Key (RFC 9052 §7)."""
    sign_count: int
    name: str
    is_synced: bool
    """Whether its authenticator keeps copies on other devices of the person."""
    is_duress: bool
    """Whether the person keeps it for when they are forced (:mod:`parley.identity.duress`)."""
    added_at: Instant
    seen_at: Instant | None
    suspect_at: Instant | None
    """Since when its counter is known to have gone back."""
    revoked_at: Instant | None


@dataclass(frozen=True, slots=True)
class PasskeyUse:
    """What an authenticator signed, and with which passkey."""

    passkey: Passkey
    authenticator_output: bytes
    collected: bytes
    """The collected client output: type, challenge and origin as JSON."""
    signature: bytes


def begin_enrolment(
    connection: sa.Connection,
    party: RelyingParty,
    person: Person,
    sign_in: SignInId,
    now: Instant,
) -> str:
    """Return the options with which a browser makes a passkey, as JSON.

    Raises:
        PasskeysTooMany: the person has as many as they may.
    """
    had = passkeys_of(connection, person.id)
    if len(had) >= PASSKEYS_MAX:
        raise PasskeysTooMany(number_max=PASSKEYS_MAX)
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=bytes(person.id),
        user_name=person.name,
        challenge=_challenge(connection, CeremonyPurpose.ENROL, now, person.id, sign_in),
        timeout=CEREMONY_S * 1_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(had),
        supported_pub_key_algs=list(ALGORITHMS),
    )
    return options_to_json(options)


def finish_enrolment(
    connection: sa.Connection,
    party: RelyingParty,
    person: Person,
    sign_in: SignInId,
    answer: str,
    name: str,
    now: Instant,
    *,
    is_duress: bool = False,
) -> Passkey | ParleyError:
    """Take in a new passkey, or return why not.

    Args:
        connection: the database.
        party: our node as authenticators know it.
        person: who enrols.
        sign_in: through which sign-in; the one that began.
        answer: what the browser's authenticator answered, as JSON.
        name: what the person calls it.
        now: the present.
        is_duress: whether they keep it for when they are forced.
    """
    try:
        challenge = _taken(connection, CeremonyPurpose.ENROL, answer, now, person.id, sign_in)
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
        )
    except ChallengeUnknown as error:
        return error
    except _FOREIGN:
        return PasskeyRefused()
    if read_authenticator_key(_public_key(verified.credential_public_key)) is None:
        return PasskeyRefused()
    if _find(connection, verified.credential_id) is not None:
        return PasskeyExists()
    made = Passkey(
        PasskeyId.new(),
        person.id,
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
        name,
        verified.credential_backed_up,
        is_duress,
        now,
        None,
        None,
        None,
    )
    connection.execute(
        people.passkey.insert().values(
            id=made.id,
            person=made.person,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=made.name,
            is_synced=int(made.is_synced),
            is_duress=int(made.is_duress),
            added_at=now,
        )
    )
    add_to_trail(connection, now, "device.enrol", person.id.text, subject=made.id.text)
    return made


def begin_sign_in(connection: sa.Connection, party: RelyingParty, now: Instant) -> str:
    """Return the options with which anybody signs in, as JSON; the passkey says who it is."""
    return _request(party, _challenge(connection, CeremonyPurpose.SIGN_IN, now, None, None), [])


def begin_use(
    connection: sa.Connection,
    party: RelyingParty,
    person: PersonId,
    sign_in: SignInId,
    now: Instant,
    signed: bytes | None = None,
) -> str:
    """Return the options with which somebody who is signed in uses a passkey, as JSON.

    Args:
        connection: the database.
        party: our node as authenticators know it.
        person: who is signed in.
        sign_in: through which sign-in.
        now: the present.
        signed: the hash of the entry that is to be signed; None for a step-up.

    Raises:
        PasskeyMissing: the person has none.
    """
    had = [each for each in passkeys_of(connection, person) if each.suspect_at is None]
    if not had:
        raise PasskeyMissing
    purpose = CeremonyPurpose.STEP_UP if signed is None else CeremonyPurpose.SIGN
    challenge = _challenge(connection, purpose, now, person, sign_in, signed)
    return _request(party, challenge, had)


def finish_use(
    connection: sa.Connection,
    party: RelyingParty,
    purpose: CeremonyPurpose,
    answer: str,
    now: Instant,
    asking: tuple[PersonId, SignInId] | None = None,
    signed: bytes | None = None,
) -> PasskeyUse | ParleyError:
    """Judge the use of a passkey, or return why it does not count.

    Args:
        connection: the database.
        party: our node as authenticators know it.
        purpose: what it was asked for.
        answer: what the browser's authenticator answered, as JSON.
        now: the present.
        asking: who is signed in, through which sign-in; None at signing in.
        signed: the hash of the entry, if one is signed.
    """
    person, sign_in = asking or (None, None)
    try:
        challenge = _taken(connection, purpose, answer, now, person, sign_in)
        if signed not in {None, challenge}:
            return ChallengeUnknown()
        passkey = _find(connection, base64url_to_bytes(json.loads(answer)["id"]))
        if passkey is None or not _is_theirs(passkey, answer, person):
            return PasskeyUnknown()
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=passkey.public_key,
            # The counter is judged here, because going back must be told from all else.
            credential_current_sign_count=-1,
            require_user_verification=True,
        )
    except ChallengeUnknown as error:
        return error
    except _FOREIGN:
        return PasskeyRefused()
    return _counted(connection, passkey, verified, answer, now)


def passkeys_of(connection: sa.Connection, person: PersonId) -> list[Passkey]:
    """Return the passkeys of a person that are not revoked, the oldest first."""
    rows = connection.execute(
        sa.select(people.passkey)
        .where(people.passkey.c.person == person)
        .where(people.passkey.c.revoked_at.is_(None))
        .order_by(people.passkey.c.added_at)
    )
    return [_passkey(row) for row in rows]


def revoke_passkey(
    connection: sa.Connection, passkey: PasskeyId, now: Instant, by: SignInId | None = None
) -> None:
    """Let a passkey, and what it began, count for nothing from now on.

    Its row stays, so it is never enrolled again.

    Args:
        connection: the database.
        passkey: which.
        now: the present.
        by: the sign-in of whoever revokes it, which stays; None for the operator.
    """
    connection.execute(
        people.passkey.update().where(people.passkey.c.id == passkey).values(revoked_at=now)
    )
    end_all_with(connection, passkey, now, but=by)


def public_key_of(passkey: Passkey) -> bytes:
    """Return a passkey's public key as SubjectPublicKeyInfo, which any library reads."""
    return _public_key(passkey.public_key)


def _public_key(cose: bytes) -> bytes:
    key = decoded_public_key_to_cryptography(decode_credential_public_key(cose))
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


_FOREIGN: Final = (
    *(WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError),
    RecursionError,
)
"""What reading foreign JSON and CBOR raises, in the library and below it."""


def _challenge(
    connection: sa.Connection,
    purpose: CeremonyPurpose,
    now: Instant,
    person: PersonId | None,
    sign_in: SignInId | None,
    signed: bytes | None = None,
) -> bytes:
    challenge = signed or hashlib.sha256(new_secret().encode("ascii")).digest()
    # Asked again for one entry (a page loaded anew), the newer request replaces the older.
    connection.execute(people.ceremony.delete().where(people.ceremony.c.challenge == challenge))
    connection.execute(
        people.ceremony.insert().values(
            challenge=challenge,
            purpose=purpose.value,
            person=person,
            sign_in=sign_in,
            expires_at=now.add(seconds=CEREMONY_S),
        )
    )
    return challenge


def _taken(
    connection: sa.Connection,
    purpose: CeremonyPurpose,
    answer: str,
    now: Instant,
    person: PersonId | None,
    sign_in: SignInId | None,
) -> bytes:
    """Use up the challenge that an answer names and return it.

    Raises:
        ChallengeUnknown: it was not given out to them for this, or too long ago.
        ValueError, TypeError, KeyError: the answer names none.
    """
    collected = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
    if collected.get("crossOrigin"):
        # Our pages are never in a frame of another origin (frame-ancestors 'none').
        raise ValueError
    challenge = base64url_to_bytes(collected["challenge"])
    where = people.ceremony.c.challenge == challenge
    row = connection.execute(sa.select(people.ceremony).where(where)).one_or_none()
    if row is None:
        raise ChallengeUnknown
    connection.execute(people.ceremony.delete().where(where))
    is_theirs = (row.purpose, row.person, row.sign_in) == (purpose.value, person, sign_in)
    if not is_theirs or now >= row.expires_at:
        raise ChallengeUnknown
    return challenge


def _is_theirs(passkey: Passkey, answer: str, person: PersonId | None) -> bool:
    """Say whether a passkey may be used by whoever answered, as the person it belongs to."""
    if passkey.revoked_at is not None:
        return False
    if person is not None:
        return passkey.person == person
    # A discoverable credential says whose it is (WebAuthn §7.2 step 6); ours always do.
    named = json.loads(answer)["response"].get("userHandle")
    return named is not None and base64url_to_bytes(named) == bytes(passkey.person)


def _counted(
    connection: sa.Connection,
    passkey: Passkey,
    verified: VerifiedAuthentication,
    answer: str,
    now: Instant,
) -> PasskeyUse | ParleyError:
    where = people.passkey.c.id == passkey.id
    count = verified.new_sign_count
    has_gone_back = (count or passkey.sign_count) and count <= passkey.sign_count
    if passkey.suspect_at is not None or has_gone_back:
        if passkey.suspect_at is None:
            connection.execute(people.passkey.update().where(where).values(suspect_at=now))
            end_all_with(connection, passkey.id, now)
            add_to_trail(
                connection,
                now,
                "passkey.counter_back",
                NODE,
                subject=passkey.id.text,
                outcome=PasskeySuspect.code,
            )
        return PasskeySuspect()
    connection.execute(
        people.passkey.update()
        .where(where)
        .values(sign_count=count, seen_at=now, is_synced=int(verified.credential_backed_up))
    )
    if passkey.is_duress:
        call_under_duress(connection, passkey.person, now)
    response = json.loads(answer)["response"]
    return PasskeyUse(
        passkey,
        base64url_to_bytes(response["authenticatorData"]),
        base64url_to_bytes(response["clientDataJSON"]),
        base64url_to_bytes(response["signature"]),
    )


def _request(party: RelyingParty, challenge: bytes, allowed: list[Passkey]) -> str:
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=CEREMONY_S * 1_000,
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in passkeys]


def _find(connection: sa.Connection, credential_id: bytes) -> Passkey | None:
    row = connection.execute(
        sa.select(people.passkey).where(people.passkey.c.credential_id == credential_id)
    ).one_or_none()
    return None if row is None else _passkey(row)


def _passkey(row: sa.Row[tuple[object, ...]]) -> Passkey:
    return Passkey(
        row.id,
        row.person,
        row.credential_id,
        row.public_key,
        row.sign_count,
        row.name,
        bool(row.is_synced),
        bool(row.is_duress),
        row.added_at,
        row.seen_at,
        row.suspect_at,
        row.revoked_at,
    )
