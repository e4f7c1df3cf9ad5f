"""What the record has about contacts: the newest entries of two kinds, by the index of kinds.

How many are read is bounded for each log by itself, so that a party that writes without end hides
nothing but its own.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa

from parley.crisis.bodies import read_received
from parley.crisis.contacts.directory import ContactEntry
from parley.crisis.repository import signed_hashes
from parley.errors import EntryMalformed
from parley.ids import PartyId, SpaceId
from parley.record import tables as record_tables
from parley.record.entry import Entry, entry_hash, read_entry
from parley.record.kinds import Kind
from parley.record.repository import mark_of

LISTS_MAX: Final = 20
"""Lists of one log that are looked through for one that counts."""
TRIALS_READ_MAX: Final = 200
"""Trials of one log that are read: one a day for half a year."""
CITING_MAX: Final = 20
"""Entries about one list that are looked at: its signature, and the other party's receipt."""


def contact_entries(connection: sa.Connection, space: SpaceId, own: PartyId) -> list[ContactEntry]:
    """Return the newest lists and trials of everybody on a line.

    Args:
        connection: to the database.
        space: the line's.
        own: our party, whose receipts say since when we have what others wrote.
    """
    log = record_tables.log.c
    logs = connection.execute(sa.select(log.id, log.epoch).where(log.space == space)).all()
    found: list[ContactEntry] = []
    for row in logs:
        for kind, most in ((Kind.CONTACT_LIST, LISTS_MAX), (Kind.CONTACT_TRIAL, TRIALS_READ_MAX)):
            found += _of_kind(connection, (int(row.id), int(row.epoch)), kind, most, own)
    return found


def _of_kind(
    connection: sa.Connection, log: tuple[int, int], kind: Kind, most: int, own: PartyId
) -> Iterator[ContactEntry]:
    table = record_tables.entry.c
    query = (
        sa.select(table.place, table.encoded)
        .where(table.log == log[0], table.kind == int(kind), table.set_aside.is_(None))
        .order_by(table.number.desc())
        .limit(most)
    )
    for row in connection.execute(query).all():
        encoded = bytes(row.encoded)
        entry, digest = read_entry(encoded), entry_hash(encoded)
        citing = _citing(connection, digest)
        is_ours = entry.author == own
        received_ms = _received(citing, digest, own, is_ours=is_ours)
        yield ContactEntry(
            hash=digest,
            entry=entry,
            epoch=log[1],
            place=int(row.place),
            came_ms=entry.time_ms if is_ours or received_ms is None else received_ms,
            is_signed=kind is Kind.CONTACT_LIST and _is_signed(connection, entry, encoded, citing),
            theirs_ms=received_ms if is_ours else None,
        )


def _citing(connection: sa.Connection, digest: bytes) -> dict[bytes, bytes]:
    """Return entries that refer to one, the first to come first, by hash."""
    entry, ref = record_tables.entry, record_tables.ref
    query = (
        sa.select(entry.c.encoded)
        .join(ref, ref.c.number == entry.c.number)
        .where(
            ref.c.mark == mark_of(digest),
            entry.c.set_aside.is_(None),
            entry.c.kind.in_((int(Kind.ASSERTION), int(Kind.RECEIPT))),
        )
        .order_by(entry.c.number)
        .limit(CITING_MAX)
    )
    found = (bytes(each) for each in connection.execute(query).scalars())
    return {entry_hash(each): each for each in found}


def _received(
    citing: Mapping[bytes, bytes], digest: bytes, own: PartyId, *, is_ours: bool
) -> int | None:
    """Return since when the party that did not write an entry says it has it."""
    for encoded in citing.values():
        entry = read_entry(encoded)
        is_others = (entry.author == own) is not is_ours
        if entry.kind == Kind.RECEIPT and is_others and digest in entry.refs:
            try:
                return read_received(entry).at_ms
            except EntryMalformed:
                continue
    return None


def _is_signed(
    connection: sa.Connection, entry: Entry, encoded: bytes, citing: Mapping[bytes, bytes]
) -> bool:
    digest = entry_hash(encoded)
    assertions = {each: read_entry(found) for each, found in citing.items()}
    entries = {digest: entry, **assertions}
    return digest in signed_hashes(connection, entries, {digest: encoded, **citing})
