"""Which passkeys our logs have told the other parties: a row made from each enrolment entry.

A signature asks whether its key is told already. The rows are written in the transaction of the
entry that tells it; a database from before they were kept is filled once, before the record starts.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record import repository, tables
from parley.record.checkpoint import Origin
from parley.record.entry import Entry, read_body, read_entry
from parley.record.keeping import Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.record.repository import EntryQuery
from parley.storage.enrolments import enrolment

READ_AT_ONCE: Final = 1_000
"""Entries in one look while rows are filled. More takes memory, less takes looks."""


def attach(record: Record) -> None:
    """Let rows be written in the transactions of their entries; before the record starts."""
    own = record.keys.party

    def keeper(connection: sa.Connection, came: EntryCame, _: Instant) -> None:
        if came.origin.party == own:
            _keep(connection, came.origin, came.entry)

    record.keep_with([Kind.ENROLMENT], keeper)


def fill(connection: sa.Connection, own: PartyId) -> None:
    """Make the rows of our logs, where there are none at all."""
    if connection.execute(sa.select(enrolment.c.actor).limit(1)).first() is not None:
        return
    for log in repository.logs(connection):
        if log.origin.party == own:
            for entry in _enrolments(connection, log.id):
                _keep(connection, log.origin, entry)


def is_told(
    connection: sa.Connection, space: SpaceId, own: PartyId, actor: ActorId, credential: bytes
) -> bool:
    """Say whether our newest log in a space has a passkey's public key under this person."""
    log, table = tables.log.c, enrolment.c
    newest = sa.select(sa.func.max(log.epoch)).where(log.space == space, log.party == own)
    query = sa.select(table.epoch).where(
        table.space == space,
        table.party == own,
        table.epoch == newest.scalar_subquery(),
        table.actor == actor,
        table.credential == credential,
    )
    return connection.execute(query).first() is not None


def _enrolments(connection: sa.Connection, log: int) -> Iterator[Entry]:
    after = -1
    while True:
        query = EntryQuery([log], (int(Kind.ENROLMENT),), after=after, limit=READ_AT_ONCE)
        rows = repository.find_entries(connection, query)
        if not rows:
            return
        yield from (read_entry(row.encoded) for row in rows)
        after = rows[-1].number


def _keep(connection: sa.Connection, origin: Origin, entry: Entry) -> None:
    """Write one row; what is no enrolment of a person, or is told twice, has none."""
    try:
        credential = read_body(entry).get(0)
    except EntryMalformed:
        return
    if entry.actor is None or not isinstance(credential, bytes):
        return
    key = {
        "space": origin.space,
        "party": origin.party,
        "epoch": origin.epoch,
        "actor": entry.actor,
        "credential": credential,
    }
    where = [enrolment.c[name] == value for name, value in key.items()]
    if connection.execute(sa.select(enrolment.c.epoch).where(*where)).first() is None:
        connection.execute(enrolment.insert().values(key))
