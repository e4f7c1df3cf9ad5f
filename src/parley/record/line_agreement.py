"""What the two parties of a line have agreed about using it: versions, each signed by both or not.

A version is a statement in a thread that follows from the space, so both sides find it there. A
party agrees by an agreement entry that quotes the version's body, with a passkey of its person over
it; when both have, it is agreed, and nobody else's word is needed for that. Versions are numbered
by when they were written, alike on both sides once both hold them.

A version with terms names the one that it follows, and a node signs for its party only what follows
all that the party signed before. In force is, of those that both have signed, the one that is the
furthest along. So a signature that a party once gave to a version that the other left lying is
worth nothing once both have signed one that follows it: the other cannot bring it back alone.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import sqlalchemy as sa

from parley.errors import EntryMalformed, EntryUnknown
from parley.ids import ID_BYTES, ActorId, PartyId, SpaceId, ThreadId
from parley.record import repository
from parley.record.cbor import Value
from parley.record.entry import Entry, body_hash, entry_hash, read_body
from parley.record.keeping import EntryDraft
from parley.record.kinds import Kind
from parley.record.line_terms import LineTerms, read_terms, terms_value
from parley.record.merkle import HASH_BYTES
from parley.record.receipts import BodyAgreed, agreement_body
from parley.record.repository import EntryQuery
from parley.record.view import counted, stamp

VERSIONS_MAX: Final = 200
"""Statements and agreements of a line that are looked at, the newest of them."""
TEXT_CHARACTERS_MAX: Final = 20_000
"""Characters of an agreement's text; an entry has 65,535 bytes."""


class AgreementVersionView(msgspec.Struct, frozen=True):
    """One version of a line's agreement."""

    number: int
    """From 1, in the order in which they were written."""
    hash: str
    """Of the entry that proposes it."""
    body: str
    proposed_by: str
    """Id of the party."""
    proposed_at: str
    ours_signed_at: str | None
    theirs_signed_at: str | None
    state: str
    """proposed, signed_by_us, signed_by_them, agreed, or overtaken: it is not in force, and can be
    no more, because terms that follow others are."""


def agreement_thread(space: SpaceId) -> ThreadId:
    """Return the thread in which a line's agreement is kept."""
    return ThreadId(hashlib.sha256(b"parley line agreement\0" + space).digest()[:ID_BYTES])


def proposal(
    space: SpaceId,
    text: str,
    actor: ActorId,
    terms: LineTerms | None = None,
    follows: bytes = b"",
) -> EntryDraft:
    """Return what proposes a version: words for people and, if given, terms for the nodes.

    Args:
        space: the line's space.
        text: the words.
        actor: the person who proposes.
        terms: what the nodes are to go by.
        follows: :func:`newest_terms`; empty for the first.

    Raises:
        TermsRefused: a term cannot be.
    """
    body: dict[int, Value] = {0: text}
    if terms is not None:
        body |= {1: terms_value(terms), 2: follows}
    thread = agreement_thread(space)
    return EntryDraft(kind=Kind.STATEMENT, body=body, thread=thread, actor=actor)


def terms_of(entry: Entry) -> LineTerms | None:
    """Return the terms that an entry proposes beside its words, None if it proposes none.

    Raises:
        EntryMalformed: they are not of the form.
    """
    value = None if _text(entry) is None else read_body(entry).get(1)
    return None if value is None else read_terms(value)


def followed_by(entry: Entry) -> bytes:
    """Return the body hash of the version that one with terms follows; empty: it is the first.

    Raises:
        EntryMalformed: it does not say so.
    """
    found = read_body(entry).get(2)
    if not isinstance(found, bytes) or len(found) not in {0, HASH_BYTES}:
        raise EntryMalformed(field="body")
    return found


@dataclass(frozen=True, slots=True)
class VersionLink:
    """What decides whether the terms of a version are in force."""

    body_hash: bytes
    follows: bytes
    """Body hash of the version before; empty for the first."""
    agreed_ms: int | None
    """When the last party signed, POSIX milliseconds; None while one has not."""


def terms_in_force(links: Iterable[VersionLink]) -> VersionLink | None:
    """Return the version that is in force: of those that all have signed, the furthest along.

    An honest party signs along one chain, so no two that it signed are equally far; where nobody is
    honest, or versions did not yet say what they follow, the one that was signed last.
    """
    links = list(links)
    before = {link.body_hash: link.follows for link in links}
    agreed = [(link.agreed_ms, link) for link in links if link.agreed_ms is not None]
    ranked = [
        (len(_chain(link.body_hash, before)), agreed_ms, link.body_hash, link)
        for agreed_ms, link in agreed
    ]
    return max(ranked, key=lambda each: each[:3])[3] if ranked else None


def _chain(body_hash: bytes, before: Mapping[bytes, bytes]) -> list[bytes]:
    """Return a version and all that it follows, as far as they are known."""
    found: list[bytes] = []
    while body_hash in before:
        found.append(body_hash)
        body_hash = before[body_hash]
    return found


Signatures = Mapping[bytes, Mapping[PartyId, int]]
"""By the hash of a body, when each party signed it, POSIX milliseconds; a signature is an agreement
that names both parties, with a passkey of its person over it."""


@dataclass(frozen=True, slots=True)
class LineVersion:
    """One version, and when each party signed it."""

    number: int
    hash: bytes
    """Of the entry that proposes it."""
    body_hash: bytes
    """What an agreement quotes."""
    text: str
    proposed_by: PartyId
    time_ms: int
    signed_ms: Mapping[PartyId, int]
    terms: LineTerms | None = None
    """What the nodes go by; None: a version without terms, or with some that cannot be read."""
    follows: bytes = b""
    """Body hash of the version that one with terms follows."""
    is_overtaken: bool = False
    """Whether its terms are not in force, and can be no more."""

    def view(self, own: PartyId) -> AgreementVersionView:
        """Return it as shown."""
        ours = self.signed_ms.get(own)
        theirs = next((ms for party, ms in self.signed_ms.items() if party != own), None)
        words = {(0, 0): "proposed", (1, 0): "signed_by_us", (0, 1): "signed_by_them"}
        state = words.get((int(ours is not None), int(theirs is not None)), "agreed")
        if self.is_overtaken:
            state = "overtaken"
        return AgreementVersionView(
            self.number,
            self.hash.hex(),
            self.text,
            self.proposed_by.text,
            stamp(self.time_ms),
            None if ours is None else stamp(ours),
            None if theirs is None else stamp(theirs),
            state,
        )


def signature(
    space: SpaceId, parties: Iterable[PartyId], version: LineVersion, actor: ActorId
) -> EntryDraft:
    """Return what agrees to a version.

    Args:
        space: the line's space.
        parties: both parties of the line.
        version: what is agreed to.
        actor: the person who agrees for the party.
    """
    agreed = BodyAgreed(version.body_hash, tuple(sorted(parties)))
    return EntryDraft(
        kind=Kind.AGREEMENT,
        body=agreement_body(agreed),
        thread=agreement_thread(space),
        refs=(version.hash,),
        actor=actor,
    )


def line_versions(
    connection: sa.Connection, space: SpaceId, signatures: Signatures
) -> list[LineVersion]:
    """Return every version of a line's agreement, the first one first.

    Args:
        connection: of the record.
        space: the line's space.
        signatures: who signed which body.
    """
    logs = {log.id: log for log in repository.logs(connection) if log.origin.space == space}
    thread = bytes(agreement_thread(space))
    query = EntryQuery(list(logs), thread=thread, limit=VERSIONS_MAX, is_set_aside=False)
    rows = repository.find_entries(connection, query)
    found = [(entry_hash(row.encoded), counted(row, logs)) for row in rows]
    proposals = sorted(
        (
            (entry.time_ms, digest, entry)
            for digest, entry in found
            if entry is not None and _text(entry) is not None
        ),
        key=lambda each: each[:2],
    )
    versions = [
        _version(number, digest, entry, signatures)
        for number, (_, digest, entry) in enumerate(proposals, 1)
    ]
    return _judged(versions, len({log.origin.party for log in logs.values()}))


def newest_terms(versions: Iterable[LineVersion], party: PartyId) -> bytes:
    """Return the body hash of the version with terms that a party's next one follows.

    It is the furthest along of those that follow all that the party signed; empty for the first.
    """
    before, signed = _chained(versions, party)
    chains = {each: _chain(each, before) for each in before}
    open_to = [each for each, chain in chains.items() if signed <= set(chain)]
    return max(open_to, key=lambda each: (len(chains[each]), each), default=b"")


def may_be_signed(version: LineVersion, versions: Iterable[LineVersion], party: PartyId) -> bool:
    """Say whether a version follows all that a party has signed, so that it takes nothing back."""
    before, signed = _chained(versions, party)
    return version.terms is None or signed <= set(_chain(version.body_hash, before))


def _chained(
    versions: Iterable[LineVersion], party: PartyId
) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Return what each version with terms follows, and which of them a party has signed."""
    found = [each for each in versions if each.terms is not None]
    before = {each.body_hash: each.follows for each in found}
    return before, {each.body_hash for each in found if party in each.signed_ms}


def find_version(versions: Iterable[LineVersion], digest: bytes) -> LineVersion:
    """Return the version that an entry proposes.

    Never by its number: a proposal that was under way takes its place by its time and moves those
    after it, and what is signed must be what was read.

    Raises:
        EntryUnknown: no entry of that hash proposes one.
    """
    for version in versions:
        if version.hash == digest:
            return version
    raise EntryUnknown


def _version(number: int, digest: bytes, entry: Entry, signatures: Signatures) -> LineVersion:
    quoted = body_hash(entry.body or b"")
    signed = signatures.get(quoted, {})
    text = _text(entry) or ""
    try:
        terms = terms_of(entry)
        follows = b"" if terms is None else followed_by(entry)
    except EntryMalformed:
        terms, follows = None, b""
    places = number, digest, quoted, text, entry.author, entry.time_ms
    return LineVersion(*places, signed, terms, follows)


def _judged(versions: Sequence[LineVersion], parties: int) -> list[LineVersion]:
    """Return versions with what the one in force makes of them."""
    links = [
        VersionLink(
            each.body_hash,
            each.follows,
            max(each.signed_ms.values()) if len(each.signed_ms) == parties else None,
        )
        for each in versions
        if each.terms is not None
    ]
    in_force = terms_in_force(links)
    if in_force is None:
        return list(versions)
    before = {link.body_hash: link.follows for link in links}
    far = len(_chain(in_force.body_hash, before))
    overtaken = {each for each in before if len(_chain(each, before)) <= far}
    overtaken.discard(in_force.body_hash)
    return [replace(each, is_overtaken=each.body_hash in overtaken) for each in versions]


def _text(entry: Entry) -> str | None:
    if entry.kind != Kind.STATEMENT or entry.body is None:
        return None
    try:
        text = read_body(entry).get(0)
    except EntryMalformed:
        return None
    return text if isinstance(text, str) else None
