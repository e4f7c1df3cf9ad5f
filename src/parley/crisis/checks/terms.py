"""Which terms hold on a line at an instant: rows beside the entries that propose and agree."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.crisis.checks.tables import line_term
from parley.crisis.papers.tables import agreement
from parley.crisis.precedence import DEFAULT_LIMITS, Limits
from parley.errors import EntryMalformed
from parley.ids import PartyId, SpaceId
from parley.record.cbor import decode, encode
from parley.record.entry import Precedence, body_hash
from parley.record.line_agreement import (
    LineVersion,
    Signatures,
    VersionLink,
    agreement_thread,
    followed_by,
    line_versions,
    terms_in_force,
    terms_of,
)
from parley.record.line_terms import DEFAULT_TERMS, LineTerms, read_terms, terms_value
from parley.record.ports import EntryCame
from parley.storage import insert

_PROPOSED: Final = sa.select(line_term).where(line_term.c.space == sa.bindparam("space"))
"""Run with every alert, so made once (:mod:`parley.storage.rows`)."""


def may_have_terms(came: EntryCame) -> bool:
    """Say whether an entry is said where a line's terms are; nearly no statement is."""
    entry = came.entry
    return entry.thread is not None and entry.thread == agreement_thread(entry.space)


def keep_terms(connection: sa.Connection, came: EntryCame) -> None:
    """Write a row if an entry proposes terms for its line."""
    entry = came.entry
    if entry.body is None or not may_have_terms(came):
        return
    try:
        terms = terms_of(entry)
        if terms is None:
            return
        follows = followed_by(entry)
    except EntryMalformed:
        return
    row = {
        "space": entry.space,
        "hash": body_hash(entry.body),
        "from_at": from_milliseconds(entry.time_ms),
        "content": encode(terms_value(terms)),
        "follows": follows,
    }
    connection.execute(insert(connection, line_term).values(**row).on_conflict_do_nothing())


def terms_at(
    connection: sa.Connection, space: SpaceId, parties: Collection[PartyId], at_ms: int
) -> LineTerms:
    """Return the terms in force at an instant, by what every party had signed by then.

    When a party signed is told by its own clock, as it stands in its log, so both ends find the
    same. Which of several: :func:`~parley.record.line_agreement.terms_in_force`.
    """
    proposed = connection.execute(_PROPOSED, {"space": space}).all()
    if not proposed:
        return DEFAULT_TERMS
    hashes = [bytes(row.hash) for row in proposed]
    query = sa.select(agreement).where(agreement.c.space == space, agreement.c.hash.in_(hashes))
    signed: dict[bytes, dict[PartyId, Instant]] = {}
    for row in connection.execute(query):
        signed.setdefault(bytes(row.hash), {})[row.party] = row.at
    found = terms_in_force(
        VersionLink(digest, bytes(row.follows), _agreed_ms(signed.get(digest, {}), parties, at_ms))
        for digest, row in zip(hashes, proposed, strict=True)
    )
    contents = {bytes(row.hash): bytes(row.content) for row in proposed}
    return DEFAULT_TERMS if found is None else read_terms(decode(contents[found.body_hash]))


def signatures(connection: sa.Connection, space: SpaceId) -> Signatures:
    """Return, by the hash of a body, when each party signed it."""
    rows = connection.execute(sa.select(agreement).where(agreement.c.space == space))
    found: dict[bytes, dict[PartyId, int]] = {}
    for row in rows:
        found.setdefault(bytes(row.hash), {})[row.party] = milliseconds(row.at)
    return found


def line_agreement(connection: sa.Connection, space: SpaceId) -> list[LineVersion]:
    """Return every version of what the parties of a line agreed on, the first one first."""
    return line_versions(connection, space, signatures(connection, space))


def _agreed_ms(
    signed: Mapping[PartyId, Instant], parties: Collection[PartyId], at_ms: int
) -> int | None:
    """Return when the last of all parties signed; None if one had not by then."""
    if not all(party in signed for party in parties):
        return None
    agreed_ms = max(milliseconds(each) for each in signed.values())
    return agreed_ms if agreed_ms <= at_ms else None


def limits_at(
    connection: sa.Connection, space: SpaceId, parties: Sequence[PartyId], at_ms: int
) -> Mapping[Precedence, Limits]:
    """Return how long the steps of an alert could take on a line at an instant.

    The last of the parties is whom the alert goes to: a routine one by that party's mornings.
    """
    terms = terms_at(connection, space, parties, at_ms)
    if terms is DEFAULT_TERMS:
        return DEFAULT_LIMITS
    return {
        precedence: Limits(
            each.target_s,
            each.limit_s,
            each.answer_s,
            terms.morning_of(parties[-1]) if precedence is Precedence.ROUTINE else None,
        )
        for precedence, each in terms.limits.items()
    }
