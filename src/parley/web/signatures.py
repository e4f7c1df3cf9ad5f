"""Entries that wait for a person's passkey: made, signed, then appended to the byte.

The challenge is the entry's hash, so the entry must not change between being shown to the person
and being appended: it is made first and kept here, in memory, for as long as the record accepts it.
A node that restarts in between forgets it, and the person signs again.

What is appended in one checkpoint: the entry; an *enrolment* with the passkey's public key, if our
log in that space does not have it; an *assertion* with what the authenticator signed. Whoever holds
the log can then check that the key signed this very entry (``protocol/record.md``).
"""

import json
from dataclasses import dataclass
from typing import Final, Self

from webauthn import base64url_to_bytes

from parley.errors import ChallengeUnknown, ParleyError
from parley.identity.passkey import (
    CEREMONY_S,
    CeremonyPurpose,
    PasskeyUse,
    begin_use,
    finish_use,
    public_key_of,
)
from parley.identity.permission import OURS, Act, Proof, Whose
from parley.identity.sign_in import SignedIn
from parley.ids import ActorId, SignInId
from parley.record.entry import Precedence
from parley.record.keeping import Acceptance, Appended, EntryDraft, PreparedEntry
from parley.record.kinds import Kind
from parley.web.enrolments import is_told
from parley.web.guard import require
from parley.web.parts import Parts

WAITING_MAX: Final = 256
"""Entries that wait at once; the oldest goes first. Each has at most 64 KiB."""


class SignableEntry(str):
    """A ceremony's options as JSON, with the entry that its challenge is the hash of."""

    __slots__ = ("entry",)
    entry: bytes

    def __new__(cls, options: str, entry: bytes) -> Self:
        """Lay the entry beside the options."""
        made = super().__new__(cls, options)
        made.entry = entry
        return made


@dataclass(frozen=True, slots=True)
class _Waiting:
    prepared: PreparedEntry
    sign_in: SignInId
    act: Act
    whose: Whose
    until: float


class Signatures:
    """The entries that wait. Owned by the event loop's thread."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: dict[bytes, _Waiting] = {}

    async def begin(
        self,
        parts: Parts,
        asking: SignedIn,
        act: Act,
        prepared: PreparedEntry,
        whose: Whose = OURS,
    ) -> SignableEntry:
        """Keep an entry until it is signed; return what the authenticators are to be asked.

        The entry goes with it: a terminal shows its person what is signed, from the very bytes.

        Args:
            parts: the node's services.
            asking: who is to sign.
            act: what they do by it.
            prepared: the entry.
            whose: whose the thing is that they do it to.

        Raises:
            ActRefused: the person may not, passkey or no passkey.
            PasskeyMissing: the person has none.
        """
        require(parts, asking, act, whose, shown=Proof.SIGNATURE)
        now, party, monotonic = parts.clock.now(), parts.relying_party, parts.clock.monotonic()
        options = await parts.database.write(
            lambda connection: begin_use(
                connection, party, asking.person.id, asking.id, now, prepared.hash
            )
        )
        for digest in [key for key, each in self._waiting.items() if each.until < monotonic]:
            del self._waiting[digest]
        if len(self._waiting) >= WAITING_MAX:
            del self._waiting[next(iter(self._waiting))]
        until = monotonic + CEREMONY_S
        self._waiting[prepared.hash] = _Waiting(prepared, asking.id, act, whose, until)
        return SignableEntry(options, prepared.encoded)

    async def finish(
        self,
        parts: Parts,
        asking: SignedIn,
        act: Act,
        given: str,
        subject: bytes | None,
        accept: Acceptance | None = None,
    ) -> list[Appended]:
        """Append an entry that a person has signed with a passkey.

        Args:
            parts: the node's services.
            asking: who signed, with the rights of this instant.
            act: what they do by it; the act it was made for.
            given: what the authenticator answered, as JSON.
            subject: hash of the entry that the signed one must refer to, if it is about one.
            accept: what judges the entry once more, just before it is appended.

        Raises:
            ChallengeUnknown: no such entry waits for them.
            PasskeyUnknown, PasskeyRefused, PasskeySuspect: the signature does not count.
            ActRefused: the person may not do this any more.
        """
        waiting = self._waiting.pop(_challenge(given), None)
        if waiting is None or (waiting.sign_in, waiting.act) != (asking.id, act):
            raise ChallengeUnknown
        if subject is not None and subject not in waiting.prepared.entry.refs:
            raise ChallengeUnknown
        now, party, prepared = parts.clock.now(), parts.relying_party, waiting.prepared
        who = (asking.person.id, asking.id)
        used = await parts.database.write(
            lambda connection: finish_use(
                connection, party, CeremonyPurpose.SIGN, given, now, who, prepared.hash
            )
        )
        if isinstance(used, ParleyError):
            raise used
        require(parts, asking, act, waiting.whose, shown=Proof.SIGNATURE)
        actor, own, space = asking.person.actor, parts.record.keys.party, prepared.space
        is_known = await parts.database.read(
            lambda connection: is_told(connection, space, own, actor, used.passkey.credential_id)
        )
        # What proves an urgent act is as urgent: it runs ahead with it.
        urgency = prepared.entry.precedence
        drafts = [] if is_known else [lambda _: enrolment(used, actor, party.id, urgency)]
        also = None if accept is None else await accept(prepared)
        return await parts.record.append_prepared(
            prepared, *drafts, lambda digest: assertion(used, actor, digest, urgency), also=also
        )


def enrolment(
    used: PasskeyUse, actor: ActorId, rp_id: str, precedence: Precedence | None = None
) -> EntryDraft:
    """Return what tells the other parties a passkey's public key."""
    passkey = used.passkey
    return EntryDraft(
        kind=Kind.ENROLMENT,
        body={0: passkey.credential_id, 1: public_key_of(passkey), 2: rp_id},
        actor=actor,
        precedence=precedence,
    )


def assertion(
    used: PasskeyUse, actor: ActorId, digest: bytes, precedence: Precedence | None = None
) -> EntryDraft:
    """Return what a passkey signed, over the entry of that hash."""
    return EntryDraft(
        kind=Kind.ASSERTION,
        body={
            0: used.passkey.credential_id,
            1: used.authenticator_output,
            2: used.collected,
            3: used.signature,
        },
        actor=actor,
        refs=(digest,),
        precedence=precedence,
    )


def _challenge(given: str) -> bytes:
    """Return the challenge that an answer names, empty if it names none."""
    try:
        response = json.loads(given)["response"]
        return base64url_to_bytes(
            json.loads(base64url_to_bytes(response["clientDataJSON"]))["challenge"]
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return b""
