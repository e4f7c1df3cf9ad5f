"""Rows of line checks and of a line's standing: written beside their entries, read to work out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.crisis.checks import tables
from parley.crisis.checks.bodies import read_check, read_decline
from parley.crisis.checks.evidence import Proved, Silence, SilenceFound
from parley.crisis.checks.machine import CheckState
from parley.crisis.checks.matter import CheckEntry, CheckMatter, work_out
from parley.crisis.checks.schedule import MINUTE_MS
from parley.crisis.checks.suspension import (
    LINE_KINDS,
    LineEntry,
    PartyStanding,
    party_standing,
)
from parley.crisis.checks.terms import terms_at
from parley.crisis.repository import owe_receipt, signed_hashes
from parley.errors import EntryMalformed
from parley.ids import PartyId, SpaceId
from parley.record.entry import Entry, read_entry, write_entry
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.storage import insert

CHECK_KINDS: Final = frozenset({Kind.CHECK_RETURN, Kind.CHECK_CONFIRMATION, Kind.CHECK_DECLINE})
"""Kinds by which people go on with a check."""
PROVING: Final = frozenset({Kind.RECEIPT, Kind.DELIVERY})
HISTORY_MAX: Final = 400
"""Checks that are shown: sixteen days of one an hour."""
ENTRIES_MAX: Final = 200
"""Entries about one check that are read."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check, due or sent, as this node has noted it."""

    space: SpaceId
    name: str
    due_ms: int
    is_scheduled: bool
    starter: PartyId
    hash: bytes | None
    state: CheckState
    silent: PartyId | None = None
    """Who fell silent, if it was missed."""
    found: SilenceFound | None = None
    ended_ms: int | None = None


# ------------------------------------------------------------------------------- entries come


def keep_check(connection: sa.Connection, came: EntryCame, at: Instant) -> bytes | None:
    """Write an entry's row if it is about a check; return the check it is about."""
    entry = came.entry
    if entry.kind == Kind.LINE_CHECK:
        matter: bytes | None = came.hash
    else:
        matter = _matter_of(connection, entry)
    if matter is None:
        return None
    table = tables.check_entry
    count = sa.select(sa.func.count()).where(
        table.c.matter == matter, table.c.author == entry.author
    )
    if int(connection.execute(count).scalar_one()) >= ENTRIES_MAX:
        return None
    row = {
        "hash": came.hash,
        "matter": matter,
        "space": entry.space,
        "author": entry.author,
        "epoch": came.origin.epoch,
        "place": came.place,
        "came_at": at,
        "encoded": write_entry(entry),
    }
    connection.execute(insert(connection, table).values(**row).on_conflict_do_nothing())
    return matter


def keep_line_entry(connection: sa.Connection, came: EntryCame, at: Instant) -> bool:
    """Write an entry's row if it is about a line's standing; say whether it is."""
    entry = came.entry
    if entry.kind in {Kind.RECEIPT, Kind.ASSERTION}:
        known = sa.select(tables.line_entry.c.hash).where(tables.line_entry.c.hash.in_(entry.refs))
        if not connection.execute(known).all():
            return False
    row = {
        "hash": came.hash,
        "space": entry.space,
        "author": entry.author,
        "epoch": came.origin.epoch,
        "place": came.place,
        "came_at": at,
        "encoded": write_entry(entry),
        "is_signed": 0,
    }
    table = tables.line_entry
    connection.execute(insert(connection, table).values(**row).on_conflict_do_nothing())
    if entry.kind == Kind.ASSERTION:
        _note_signature(connection, entry, came.hash)
    return True


def owe(connection: sa.Connection, came: EntryCame, at: Instant) -> None:
    """Note that our node owes the other party a receipt."""
    owe_receipt(connection, came.entry, came.hash, at)


def has_seen(connection: sa.Connection, entry: Entry, place: int, digest: bytes) -> bool:
    """Say whether an entry's author had said before it that it has another entry."""
    table = tables.line_entry.c
    query = sa.select(table.encoded).where(
        table.space == entry.space, table.author == entry.author, table.place < place
    )
    found = (read_entry(bytes(each)) for each in connection.execute(query).scalars())
    return any(each.kind == Kind.RECEIPT and digest in each.refs for each in found)


# ------------------------------------------------------------------------------- what is there


def find_matter(
    connection: sa.Connection, digest: bytes, parties: Collection[PartyId]
) -> CheckMatter | None:
    """Return what both parties hold of a check, None if it is none."""
    table = tables.check_entry
    rows = connection.execute(
        sa.select(table)
        .where(table.c.matter == digest)
        .order_by(table.c.came_at, table.c.place)
        .limit(2 * ENTRIES_MAX)
    )
    found = [
        CheckEntry(
            bytes(row.hash),
            read_entry(bytes(row.encoded)),
            row.epoch,
            row.place,
            milliseconds(row.came_at),
        )
        for row in rows
    ]
    first = next((each for each in found if each.hash == digest), None)
    if first is None:
        return None
    others = [each for each in found if each.entry.space == first.entry.space and each != first]
    try:
        terms = terms_at(connection, first.entry.space, parties, first.entry.time_ms)
        return work_out(first, others, parties, terms.code_minutes * MINUTE_MS)
    except EntryMalformed:
        return None


def name_of(entry: Entry, digest: bytes) -> str | None:
    """Return what a check's row is called, None if it cannot be read."""
    try:
        sent = read_check(entry)
    except EntryMalformed:
        return None
    return digest.hex() if sent.due_ms is None else str(sent.due_ms)


def declined_slot(entry: Entry) -> int | None:
    """Return which time somebody declined before anything was sent for it."""
    try:
        return None if entry.refs else read_decline(entry).due_ms
    except EntryMalformed:
        return None


def standings(
    connection: sa.Connection, space: SpaceId, parties: Iterable[PartyId]
) -> tuple[PartyStanding, ...]:
    """Return what each party has written about a line."""
    entries = line_entries(connection, space)
    return tuple(party_standing(each, entries) for each in sorted(parties))


def line_entries(connection: sa.Connection, space: SpaceId) -> list[LineEntry]:
    """Return everything people have written about a line's standing."""
    table = tables.line_entry
    rows = connection.execute(sa.select(table).where(table.c.space == space)).all()
    found = [
        LineEntry(
            bytes(row.hash),
            read_entry(bytes(row.encoded)),
            row.epoch,
            row.place,
            is_signed=bool(row.is_signed),
        )
        for row in rows
    ]
    return [each for each in found if each.entry.kind in LINE_KINDS]


# --------------------------------------------------------------------------------- check rows


def find_row(connection: sa.Connection, space: SpaceId, name: str) -> CheckRow | None:
    """Return a check's row."""
    table = tables.line_check
    query = sa.select(table).where(table.c.space == space, table.c.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else _row(row)


def rows_of(
    connection: sa.Connection, space: SpaceId, limit: int, *, is_scheduled: bool = False
) -> Sequence[CheckRow]:
    """Return the newest checks of a line, the newest first."""
    table = tables.line_check
    query = sa.select(table).where(table.c.space == space)
    if is_scheduled:
        query = query.where(table.c.is_scheduled == 1)
    query = query.order_by(table.c.due_at.desc()).limit(min(limit, HISTORY_MAX))
    return [_row(each) for each in connection.execute(query)]


def save_row(connection: sa.Connection, row: CheckRow) -> None:
    """Write a check's row."""
    found = row.found
    values = {
        "space": row.space,
        "name": row.name,
        "due_at": from_milliseconds(row.due_ms),
        "is_scheduled": int(row.is_scheduled),
        "starter": row.starter,
        "hash": row.hash,
        "state": row.state.value,
        "silent": row.silent,
        "cause": None if found is None else found.cause.value,
        "proved": None if found is None else found.proved.value,
        "proved_at": _instant(None if found is None else found.proved_ms),
        "ended_at": _instant(row.ended_ms),
    }
    table = tables.line_check
    where = (table.c.space == row.space) & (table.c.name == row.name)
    if connection.execute(table.update().where(where).values(**values)).rowcount == 0:
        connection.execute(table.insert().values(**values))


def note_misses(connection: sa.Connection, space: SpaceId, now: Instant) -> bool:
    """Make a notice when the second check in a row was missed; say whether one was made."""
    ended = [
        each
        for each in rows_of(connection, space, 12, is_scheduled=True)
        if each.state in {CheckState.CONFIRMED, CheckState.MISSED}
        and (each.found is None or each.found.cause is not Silence.SUSPENDED)
    ]
    missed = [each.state is CheckState.MISSED for each in ended[:3]]
    if missed not in ([True, True], [True, True, False]):
        return False
    table = tables.check_notice
    row = {"space": space, "name": ended[0].name, "made_at": now, "seen_at": None}
    connection.execute(insert(connection, table).values(**row).on_conflict_do_nothing())
    return True


def open_notices(connection: sa.Connection) -> list[tuple[SpaceId, str, Instant]]:
    """Return notices of misses that nobody has taken note of."""
    table = tables.check_notice
    query = sa.select(table).where(table.c.seen_at.is_(None)).order_by(table.c.made_at)
    return [(row.space, row.name, row.made_at) for row in connection.execute(query)]


def see_notices(connection: sa.Connection, space: SpaceId, now: Instant) -> int:
    """Take note of a line's notices; return how many."""
    table = tables.check_notice
    where = (table.c.space == space) & table.c.seen_at.is_(None)
    return connection.execute(table.update().where(where).values(seen_at=now)).rowcount


# ----------------------------------------------------------------------------------- details


def _matter_of(connection: sa.Connection, entry: Entry) -> bytes | None:
    if not entry.refs or entry.kind not in CHECK_KINDS | PROVING:
        return None
    table = tables.check_entry.c
    query = sa.select(table.matter).where(table.hash.in_(entry.refs), table.space == entry.space)
    found = connection.execute(query.limit(1)).scalar()
    return None if found is None else bytes(found)


def _note_signature(connection: sa.Connection, assertion: Entry, digest: bytes) -> None:
    table = tables.line_entry
    rows = connection.execute(sa.select(table).where(table.c.hash.in_([*assertion.refs, digest])))
    encoded = {bytes(row.hash): bytes(row.encoded) for row in rows}
    entries = {each: read_entry(found) for each, found in encoded.items()}
    for signed in signed_hashes(connection, entries, encoded):
        connection.execute(table.update().where(table.c.hash == signed).values(is_signed=1))


def _row(row: sa.Row[tuple[object, ...]]) -> CheckRow:
    found = None
    if row.cause is not None:
        proved_ms = None if row.proved_at is None else milliseconds(row.proved_at)
        found = SilenceFound(Silence(row.cause), Proved(row.proved), proved_ms)
    return CheckRow(
        row.space,
        row.name,
        milliseconds(row.due_at),
        bool(row.is_scheduled),
        row.starter,
        None if row.hash is None else bytes(row.hash),
        CheckState(row.state),
        row.silent,
        found,
        None if row.ended_at is None else milliseconds(row.ended_at),
    )


def _instant(at_ms: int | None) -> Instant | None:
    return None if at_ms is None else from_milliseconds(at_ms)
