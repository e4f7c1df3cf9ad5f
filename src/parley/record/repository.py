"""The record's rows: what a start reads, and how one transaction's changes are written.

A running node keeps its logs in memory (:mod:`parley.record.keeping`) and collects what follows
from a batch of letters and appends in :class:`RecordChanges`; applied, they are one transaction.
Every such transaction first looks at the fence: a node that was started later on the same database
has the next number, and the earlier one writes nothing more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import RecordFenced
from parley.ids import PartyId, SpaceId
from parley.record import tables
from parley.record.checkpoint import Origin
from parley.record.entry import Entry, entry_hash
from parley.record.kinds import Kind
from parley.record.tiles import TileId
from parley.storage import insert, insert_rows, run_plain
from parley.storage.columns import Plain

After = Callable[[sa.Connection], None]
_MARK_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """A space as it is stored."""

    id: SpaceId
    name: str
    policy: str
    members: dict[PartyId, bytes]
    """The Ed25519 key of each party, our own included."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """A log as it is stored; see :mod:`parley.record.tables`."""

    id: int
    origin: Origin
    size: int
    note: bytes | None
    pending: bytes | None
    shown: bytes | None
    cosigned_s: int
    is_disputed: bool
    is_closing: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry with its place here."""

    number: int
    log: int
    place: int
    encoded: bytes
    kind: int | None
    set_aside: str | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A checkpoint that a party cosigned."""

    log: int
    party: PartyId
    size: int
    seconds: int
    note: bytes


@dataclass(slots=True)
class RecordChanges:
    """What one transaction changes."""

    fence: int
    """The number this start of the node was given."""
    spaces: list[tuple[SpaceRow, Instant]] = field(default_factory=list)
    logs: list[LogRow] = field(default_factory=list)
    """New logs."""
    entries: list[tuple[Plain, ...]] = field(default_factory=list)
    """Rows in the order of the table's columns; there are many."""
    refs: list[tuple[Plain, ...]] = field(default_factory=list)
    updates: dict[int, dict[str, Plain]] = field(default_factory=dict)
    """New values of a log's row, by log."""
    caught_up: dict[int, int] = field(default_factory=dict)
    """Size by log of those that have caught up with entries that ran ahead."""
    tiles: dict[tuple[int, TileId], bytes] = field(default_factory=dict)
    notes: list[NoteRow] = field(default_factory=list)
    early: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    evidence: list[tuple[int, int, bytes, Instant]] = field(default_factory=list)
    set_aside: Counter[tuple[int, str]] = field(default_factory=Counter)
    after: list[After] = field(default_factory=list)
    """What others want in the same transaction, such as a deadline's row."""

    def __bool__(self) -> bool:
        """Say whether anything changes."""
        return bool(
            self.spaces
            or self.logs
            or self.entries
            or self.updates
            or self.notes
            or self.early
            or self.evidence
            or self.set_aside
            or self.after
        )

    def update(self, log: int, **values: Plain) -> None:
        """Change a log's row."""
        self.updates.setdefault(log, {}).update(values)

    def add_entry(
        self, number: int, log: int, place: int, encoded: bytes, digest: bytes, known: Entry | str
    ) -> None:
        """Add an entry with its hash: what it says, or the code for which it was set aside."""
        mark = mark_of(digest)
        if isinstance(known, str):
            self.entries.append((number, log, place, encoded, mark, None, None, None, known))
            return
        thread = None if known.thread is None else bytes(known.thread)
        precedence = None if known.precedence is None else int(known.precedence)
        kind = int(known.kind)
        self.entries.append((number, log, place, encoded, mark, kind, thread, precedence, None))
        self.refs += [(each, number) for each in {*map(mark_of, known.refs)}]

    def apply(self, connection: sa.Connection) -> None:
        """Write it all.

        Raises:
            RecordFenced: another start of a node writes this record.
        """
        check_fence(connection, self.fence)
        for row, opened_at in self.spaces:
            _insert_space(connection, row, opened_at)
        for log in self.logs:
            _insert_log(connection, log)
        insert_rows(connection, tables.entry, self.entries)
        insert_rows(connection, tables.ref, self.refs)
        for log_id, values in self.updates.items():
            run_plain(connection, _log_update(tuple(values)), *values.values(), log_id)
        for (log_id, tile), hashes in self.tiles.items():
            run_plain(connection, _TILE_WRITTEN, log_id, tile.level, tile.number, hashes)
        for note in self.notes:
            _write_note(connection, note)
        self._write_rest(connection)
        for after in self.after:
            after(connection)

    def _write_rest(self, connection: sa.Connection) -> None:
        for log, place, encoded, proof in self.early:
            row = {"log": log, "place": place, "encoded": encoded, "proof": proof}
            connection.execute(
                insert(connection, tables.early).values(**row).on_conflict_do_nothing()
            )
        for log_id, size in self.caught_up.items():
            run_plain(connection, _EARLY_CAUGHT_UP, log_id, size)
        for log, number, evidence, kept_at in self.evidence:
            connection.execute(
                tables.evidence.insert().values(
                    log=log, number=number, evidence=evidence, kept_at=kept_at
                )
            )
        for (log, code), count in self.set_aside.items():
            add = insert(connection, tables.set_aside).values(log=log, code=code, count=count)
            connection.execute(
                add.on_conflict_do_update(
                    index_elements=["log", "code"],
                    set_={"count": tables.set_aside.c.count + count},
                )
            )


def mark_of(digest: bytes) -> int:
    """Return what an entry's hash is looked up by."""
    return int.from_bytes(digest[:_MARK_BYTES], "big", signed=True)


# ------------------------------------------------------------------------------------ the fence


def take_fence(connection: sa.Connection) -> int:
    """Take the record over for a start of a node; whoever had it before writes nothing more."""
    found = connection.execute(sa.select(tables.fence.c.number)).scalar()
    if found is None:
        connection.execute(tables.fence.insert().values(id=1, number=1))
        return 1
    number = int(found) + 1
    connection.execute(tables.fence.update().values(number=number))
    return number


def check_fence(connection: sa.Connection, number: int) -> None:
    """Refuse a start of a node that is not the last one.

    Raises:
        RecordFenced: a later one has taken the record over.
    """
    if run_plain(connection, "SELECT number FROM record_fence").fetchone() != (number,):
        raise RecordFenced


# -------------------------------------------------------------------------------- what is stored


def spaces(connection: sa.Connection) -> list[SpaceRow]:
    """Return every space."""
    members: dict[SpaceId, dict[PartyId, bytes]] = {}
    for row in connection.execute(sa.select(tables.member)):
        members.setdefault(row.space, {})[row.party] = bytes(row.key)
    return [
        SpaceRow(row.id, row.name, row.policy, dict(sorted(members.get(row.id, {}).items())))
        for row in connection.execute(sa.select(tables.space).order_by(tables.space.c.opened_at))
    ]


def logs(connection: sa.Connection) -> list[LogRow]:
    """Return every log, the older first."""
    rows = connection.execute(sa.select(tables.log).order_by(tables.log.c.id))
    return [
        LogRow(
            row.id,
            Origin(row.space, row.party, row.epoch),
            row.size,
            row.note,
            row.pending,
            row.shown,
            row.cosigned_s,
            bool(row.is_disputed),
            bool(row.is_closing),
        )
        for row in rows
    ]


def last_number(connection: sa.Connection) -> int:
    """Return the number of the entry that came last, 0 without any."""
    return int(connection.execute(sa.select(sa.func.max(tables.entry.c.number))).scalar() or 0)


def encoded_entries(connection: sa.Connection, log: int, start: int, end: int) -> list[bytes]:
    """Return the entries of a span of a log."""
    table = tables.entry.c
    query = (
        sa.select(table.encoded)
        .where(table.log == log, table.place >= start, table.place < end)
        .order_by(table.place)
    )
    return list(connection.scalars(query))


def tile(connection: sa.Connection, log: int, wanted: TileId) -> bytes:
    """Return a tile of a log's tree, empty if there is none."""
    table = tables.tile.c
    query = sa.select(table.hashes).where(
        table.log == log, table.level == wanted.level, table.number == wanted.number
    )
    return bytes(connection.execute(query).scalar() or b"")


def urgent_entries(
    connection: sa.Connection, log: int, start: int, limit: int
) -> list[tuple[int, bytes]]:
    """Return the newest entries of high precedence from a place on, the older first."""
    table = tables.entry.c
    query = (
        sa.select(table.place, table.encoded)
        .where(table.log == log, table.place >= start, table.precedence <= 1)
        .order_by(table.place.desc())
        .limit(limit)
    )
    return [(row.place, bytes(row.encoded)) for row in connection.execute(query)][::-1]


def early_entries(connection: sa.Connection) -> list[tuple[int, int]]:
    """Return log and place of each entry that ran ahead."""
    rows = connection.execute(sa.select(tables.early.c.log, tables.early.c.place))
    return [(row.log, row.place) for row in rows]


def notes(connection: sa.Connection, log: int) -> list[NoteRow]:
    """Return what was cosigned of a log, the smaller first."""
    table = tables.note
    query = sa.select(table).where(table.c.log == log).order_by(table.c.size, table.c.seconds)
    return [
        NoteRow(row.log, row.party, row.size, row.seconds, bytes(row.note))
        for row in connection.execute(query)
    ]


def newest_notes(
    connection: sa.Connection, log: int, parties: Iterable[PartyId], place: int, count: int
) -> list[NoteRow]:
    """Return the newest checkpoints over an entry that each of some parties cosigned."""
    note = tables.note.c
    found: list[NoteRow] = []
    for party in parties:
        query = (
            sa.select(tables.note)
            .where(note.log == log, note.party == party, note.size > place)
            .order_by(note.size.desc(), note.seconds.desc())
            .limit(count)
        )
        rows = connection.execute(query)
        found += [
            NoteRow(row.log, row.party, row.size, row.seconds, bytes(row.note)) for row in rows
        ]
    return found


def newest_holding(connection: sa.Connection, log: int) -> list[tuple[PartyId, int, int]]:
    """Return, for each party that cosigned a log, the largest size and the latest time."""
    note = tables.note.c
    newest = (note.size.desc(), note.seconds.desc())
    size, seconds = (_first(wanted, newest, log) for wanted in (note.size, note.seconds))
    rows = connection.execute(_of_members(log, size.label("size"), seconds.label("seconds")))
    return [(row.party, row.size, row.seconds) for row in rows if row.size is not None]


def held_since(connection: sa.Connection, log: int, place: int) -> dict[PartyId, int]:
    """Return since when each party is proved to hold an entry, POSIX seconds."""
    note = tables.note.c
    since = _first(note.seconds, (note.size, note.seconds), log, note.size > place)
    rows = connection.execute(_of_members(log, since.label("seconds")))
    return {row.party: int(row.seconds) for row in rows if row.seconds is not None}


def _of_members(log: int, *found: sa.Label[int]) -> sa.Select[*tuple[object, ...]]:
    """Ask something of each party of the space that a log is in."""
    member = tables.member.c
    joined = sa.select(member.party, *found).join_from(
        tables.member, tables.log, tables.log.c.space == member.space
    )
    return joined.where(tables.log.c.id == log)


def _first(
    wanted: sa.Column[int],
    order: Sequence[sa.ColumnElement[int]],
    log: int,
    *where: sa.ColumnElement[bool],
) -> sa.ScalarSelect[int]:
    """Take the first of a party's cosignatures in an order that the primary key has.

    A party's sizes and times rise together, so one row answers, among a million.
    """
    note, member = tables.note.c, tables.member.c
    query = sa.select(wanted).where(note.log == log, note.party == member.party, *where)
    return query.order_by(*order).limit(1).correlate(tables.member).scalar_subquery()


def evidence_of(connection: sa.Connection, log: int | None = None) -> list[tuple[int, bytes]]:
    """Return evidence, with the log it is about."""
    table = tables.evidence
    query = sa.select(table).order_by(table.c.log, table.c.number)
    if log is not None:
        query = query.where(table.c.log == log)
    return [(row.log, bytes(row.evidence)) for row in connection.execute(query)]


def set_aside_counts(connection: sa.Connection) -> dict[int, int]:
    """Return how much was set aside of each log."""
    table = tables.set_aside.c
    query = sa.select(table.log, sa.func.sum(table.count)).group_by(table.log)
    return {log: int(count) for log, count in connection.execute(query)}


def find_entry(connection: sa.Connection, digest: bytes) -> EntryRow | None:
    """Return the first entry with a hash, if there is one here."""
    table = tables.entry
    query = sa.select(table).where(table.c.mark == mark_of(digest)).order_by(table.c.number)
    found = (_entry(row) for row in connection.execute(query))
    return next((row for row in found if entry_hash(row.encoded) == digest), None)


def citing(connection: sa.Connection, digest: bytes) -> list[EntryRow]:
    """Return entries that may refer to a hash; the caller compares the whole of it."""
    table = tables.entry
    query = (
        sa.select(table)
        .join(tables.ref, tables.ref.c.number == table.c.number)
        .where(tables.ref.c.mark == mark_of(digest), table.c.set_aside.is_(None))
        .order_by(table.c.number)
    )
    return [_entry(row) for row in connection.execute(query)]


def root_entries(connection: sa.Connection) -> list[tuple[int, bytes]]:
    """Return what was said of roots, with the log it is in, in the order in which it came."""
    table = tables.entry.c
    query = (
        sa.select(table.log, table.encoded)
        .where(table.kind.in_([int(Kind.ROOT), int(Kind.FREEZE)]), table.set_aside.is_(None))
        .order_by(table.number)
    )
    return [(row.log, bytes(row.encoded)) for row in connection.execute(query)]


def set_aside_from(connection: sa.Connection, log: int, place: int, code: str) -> None:
    """Set the entries of a log from a place on aside, and count them."""
    table = tables.entry
    beyond = (table.c.log == log, table.c.place >= place, table.c.set_aside.is_(None))
    found = connection.execute(table.update().where(*beyond).values(set_aside=code))
    add = insert(connection, tables.set_aside).values(log=log, code=code, count=found.rowcount)
    more = {"count": tables.set_aside.c.count + found.rowcount}
    connection.execute(add.on_conflict_do_update(index_elements=["log", "code"], set_=more))


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which entries are asked for, the newest first."""

    logs: Sequence[int]
    kinds: Sequence[int] = ()
    thread: bytes | None = None
    before: int | None = None
    after: int | None = None
    """Only entries that came later than this one; then the oldest of them first."""
    limit: int = 100
    is_set_aside: bool | None = None


def find_entries(connection: sa.Connection, wanted: EntryQuery) -> list[EntryRow]:
    """Return entries by what is asked of them."""
    table = tables.entry
    where: list[sa.ColumnElement[bool]] = [table.c.log.in_(list(wanted.logs))]
    if wanted.kinds:
        where.append(table.c.kind.in_(list(wanted.kinds)))
    if wanted.thread is not None:
        where.append(table.c.thread == wanted.thread)
    if wanted.before is not None:
        where.append(table.c.number < wanted.before)
    if wanted.after is not None:
        where.append(table.c.number > wanted.after)
    if wanted.is_set_aside is not None:
        is_null = table.c.set_aside.is_(None)
        where.append(sa.not_(is_null) if wanted.is_set_aside else is_null)
    order = table.c.number.desc() if wanted.after is None else table.c.number
    query = sa.select(table).where(*where).order_by(order).limit(wanted.limit)
    return [_entry(row) for row in connection.execute(query)]


# -------------------------------------------------------------------------------------- details


def _entry(row: sa.Row[*tuple[object, ...]]) -> EntryRow:
    return EntryRow(row.number, row.log, row.place, bytes(row.encoded), row.kind, row.set_aside)


def _insert_space(connection: sa.Connection, row: SpaceRow, opened_at: Instant) -> None:
    connection.execute(
        tables.space.insert().values(
            id=row.id, name=row.name, policy=row.policy, opened_at=opened_at
        )
    )
    members = [{"space": row.id, "party": each, "key": key} for each, key in row.members.items()]
    connection.execute(tables.member.insert(), members)


def _insert_log(connection: sa.Connection, row: LogRow) -> None:
    connection.execute(
        tables.log.insert().values(
            id=row.id,
            space=row.origin.space,
            party=row.origin.party,
            epoch=row.origin.epoch,
            size=row.size,
            note=row.note,
            pending=row.pending,
            shown=row.shown,
            cosigned_s=row.cosigned_s,
            is_disputed=int(row.is_disputed),
            is_closing=int(row.is_closing),
        )
    )


def _write_note(connection: sa.Connection, row: NoteRow) -> None:
    """Add a cosigned checkpoint; drop those that prove nothing beside it."""
    place = (row.log, row.party.text)
    run_plain(connection, _SMALLER_DROPPED, *place, row.seconds, *place, row.size)
    size = (*place, row.size)
    run_plain(connection, _BETWEEN_DROPPED, *size, *size)
    run_plain(connection, _NOTE_WRITTEN, *size, row.seconds, row.note)


@cache
def _log_update(names: tuple[str, ...]) -> str:
    values = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE record_log SET {values} WHERE id = ?"  # noqa: S608  our own names


_EARLY_CAUGHT_UP: Final = "DELETE FROM record_early WHERE log = ? AND place < ?"
_TILE_WRITTEN: Final = """
    INSERT INTO record_tile (log, level, number, hashes) VALUES (?, ?, ?, ?)
    ON CONFLICT (log, level, number) DO UPDATE SET hashes = excluded.hashes"""
# Of one second only the largest is kept, so what is to go is the last one or the last but one: a
# party's sizes and times rise together. Among all of them it would be looked for in every turn.
_SMALLER_DROPPED: Final = """
    DELETE FROM record_note WHERE log = ? AND party = ? AND seconds = ? AND size IN (
        SELECT size FROM record_note WHERE log = ? AND party = ? AND size <= ?
        ORDER BY size DESC LIMIT 4)"""
_BETWEEN_DROPPED: Final = """
    DELETE FROM record_note WHERE log = ? AND party = ? AND size = ? AND seconds > (
        SELECT min(seconds) FROM record_note WHERE log = ? AND party = ? AND size = ?)"""
_NOTE_WRITTEN: Final = """
    INSERT INTO record_note (log, party, size, seconds, note) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING"""
