"""What the two parties of a line have agreed about using it: versions, each signed by both or not.

A version is a statement in a thread that follows from the space, so both sides find it there. A
party agrees by an agreement entry that quotes the version's body; when both have, it is agreed, and
nobody else's word is needed for that. Versions are numbered by when they were written, alike on
both sides once both hold them.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from parley.record.receipts import BodyAgreed, agreement_body
from parley.record.repository import EntryQuery
from parley.record.view import agreement_of, counted, stamp

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
    """proposed, signed_by_us, signed_by_them or agreed."""


def agreement_thread(space: SpaceId) -> ThreadId:
    """Return the thread in which a line's agreement is kept."""
    return ThreadId(hashlib.sha256(b"parley line agreement\0" + space).digest()[:ID_BYTES])


def proposal(
    space: SpaceId, text: str, actor: ActorId, terms: LineTerms | None = None
) -> EntryDraft:
    """Return what proposes a version: words for people and, if given, terms for the nodes.

    Raises:
        TermsRefused: a term cannot be.
    """
    body: dict[int, Value] = {0: text}
    if terms is not None:
        body[1] = terms_value(terms)
    thread = agreement_thread(space)
    return EntryDraft(kind=Kind.STATEMENT, body=body, thread=thread, actor=actor)


def terms_of(entry: Entry) -> LineTerms | None:
    """Return the terms that an entry proposes beside its words, None if it proposes none.

    Raises:
        EntryMalformed: they are not of the form.
    """
    value = None if _text(entry) is None else read_body(entry).get(1)
    return None if value is None else read_terms(value)


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

    def view(self, own: PartyId) -> AgreementVersionView:
        """Return it as shown."""
        ours = self.signed_ms.get(own)
        theirs = next((ms for party, ms in self.signed_ms.items() if party != own), None)
        words = {(0, 0): "proposed", (1, 0): "signed_by_us", (0, 1): "signed_by_them"}
        state = words.get((int(ours is not None), int(theirs is not None)), "agreed")
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


def line_versions(connection: sa.Connection, space: SpaceId) -> list[LineVersion]:
    """Return every version of a line's agreement, the first one first."""
    logs = {log.id: log for log in repository.logs(connection) if log.origin.space == space}
    thread = bytes(agreement_thread(space))
    query = EntryQuery(list(logs), thread=thread, limit=VERSIONS_MAX, is_set_aside=False)
    rows = repository.find_entries(connection, query)
    found = [(entry_hash(row.encoded), counted(row, logs)) for row in rows]
    entries = [(digest, entry) for digest, entry in found if entry is not None]
    members = sorted({log.origin.party for log in logs.values()})
    proposals = sorted(
        ((entry.time_ms, digest, entry) for digest, entry in entries if _text(entry) is not None),
        key=lambda each: each[:2],
    )
    return [
        _version(number, digest, entry, [each for _, each in entries], members)
        for number, (_, digest, entry) in enumerate(proposals, 1)
    ]


def find_version(connection: sa.Connection, space: SpaceId, digest: bytes) -> LineVersion:
    """Return the version that an entry proposes.

    Never by its number: a proposal that was under way takes its place by its time and moves those
    after it, and what is signed must be what was read.

    Raises:
        EntryUnknown: no entry of that hash proposes one.
    """
    for version in line_versions(connection, space):
        if version.hash == digest:
            return version
    raise EntryUnknown


def _version(
    number: int, digest: bytes, entry: Entry, entries: Sequence[Entry], members: list[PartyId]
) -> LineVersion:
    quoted = body_hash(entry.body or b"")
    wanted = BodyAgreed(quoted, tuple(members))
    signed: dict[PartyId, int] = {}
    for each in entries:
        # What quotes the same body but names others is about something else.
        if agreement_of(each) == wanted:
            signed[each.author] = min(each.time_ms, signed.get(each.author, each.time_ms))
    text = _text(entry) or ""
    try:
        terms = terms_of(entry)
    except EntryMalformed:
        terms = None
    return LineVersion(number, digest, quoted, text, entry.author, entry.time_ms, signed, terms)


def _text(entry: Entry) -> str | None:
    if entry.kind != Kind.STATEMENT or entry.body is None:
        return None
    try:
        text = read_body(entry).get(0)
    except EntryMalformed:
        return None
    return text if isinstance(text, str) else None
