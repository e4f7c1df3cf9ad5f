"""Rows of notifications and call requests: written beside their entries, read to work them out."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds
from parley.crisis.calls.bodies import read_request
from parley.crisis.formal import FormalEntry
from parley.crisis.notifications.bodies import (
    read_notification,
    read_receipt,
    read_type_body,
)
from parley.crisis.notifications.definition import NotificationType, read_type
from parley.crisis.papers import tables
from parley.crisis.repository import signed_hashes
from parley.crisis.tables import owed
from parley.errors import EntryMalformed, NotificationTypeRefused
from parley.ids import PartyId, SpaceId
from parley.record import repository as record_repository
from parley.record.deadlines import cancel_entry_deadline
from parley.record.entry import Entry, body_hash, entry_hash, read_entry, write_entry
from parley.record.kinds import Kind
from parley.record.line_terms import LineTerms
from parley.record.ports import EntryCame
from parley.record.receipts import read_agreement
from parley.record.repository import EntryQuery
from parley.storage import insert
from parley.storage.columns import hash_begins
from parley.telemetry import log

TermsOf = Callable[[sa.Connection, SpaceId, Collection[PartyId], int], LineTerms]
"""Returns the terms that parties had agreed on for their line at an instant."""
BEGINNING: Final = frozenset({Kind.NOTIFICATION, Kind.CALL_REQUEST})
"""Kinds that begin a matter."""
FOLLOWING: Final = frozenset(
    {
        Kind.NOTIFICATION,
        Kind.RECEIPT,
        Kind.QUERY,
        Kind.CLARIFICATION,
        Kind.CANCELLATION,
        Kind.CONCLUSION,
        Kind.CALL_ANSWER,
        Kind.CALL_WITHDRAWAL,
        Kind.CALL_COMMITMENT,
        Kind.CALL_KEY,
        Kind.CALL_START,
        Kind.CALL_END,
        Kind.CALL_MISMATCH,
    }
)
"""Kinds that say something about one."""
RECEIPTED: Final = frozenset({Kind.NOTIFICATION, Kind.QUERY, Kind.CALL_REQUEST, Kind.CALL_ANSWER})
"""Kinds whose arrival starts a clock, so that its instant is said in a receipt."""
ANSWERING: Final = frozenset({Kind.CLARIFICATION, Kind.CALL_ANSWER, Kind.CALL_WITHDRAWAL})
"""Kinds that settle the limit of what they answer, once their person's passkey is seen."""
KEPT: Final = tuple(
    sorted(
        BEGINNING | FOLLOWING | {Kind.NOTIFICATION_TYPE, Kind.AGREEMENT, Kind.ASSERTION}, key=int
    )
)
BATCH: Final = 500
ENTRIES_MAX: Final = 2_000
"""Entries about one matter that are looked at. More: a flood of them costs more each time it is
shown. Less: a long negotiation is cut."""


def keep(connection: sa.Connection, came: EntryCame, now: Instant, own: PartyId) -> None:
    """Write what belongs beside an entry, in its transaction.

    Args:
        connection: of the transaction.
        came: the entry, which counts.
        now: when it is durable here.
        own: our party.
    """
    entry, is_ours = came.entry, came.origin.party == own
    act = write_entry_rows(connection, came, now)
    if not is_ours and entry.kind in RECEIPTED:
        row = {
            "hash": came.hash,
            "space": entry.space,
            "thread": entry.thread,
            "precedence": entry.precedence,
            "came_at": now,
        }
        connection.execute(insert(connection, owed).values(**row).on_conflict_do_nothing())
    if act is not None and act.kind in ANSWERING:
        for digest in act.refs:
            cancel_entry_deadline(connection, digest, now)


def write_entry_rows(connection: sa.Connection, came: EntryCame, now: Instant) -> Entry | None:
    """Write the rows that follow from an entry alone; return what it proves signed, if it does."""
    entry = came.entry
    if entry.kind == Kind.ASSERTION:
        return _write_assertion(connection, came, now)
    if entry.kind == Kind.NOTIFICATION_TYPE:
        _write_type(connection, came, now)
    elif entry.kind == Kind.AGREEMENT:
        _add(connection, tables.entry, _entry_row(came, came.hash, now))
    elif entry.kind in BEGINNING | FOLLOWING:
        own = {came.hash} if entry.kind in BEGINNING else set()
        for matter in sorted({*entry.refs, *own}):
            _add(connection, tables.entry, _entry_row(came, matter, now))
    if entry.kind == Kind.NOTIFICATION:
        _write_notification(connection, came, now)
    if entry.kind == Kind.CALL_REQUEST and _is_readable(lambda: read_request(entry), came):
        row = {"hash": came.hash, "space": entry.space, "author": entry.author, "came_at": now}
        _add(connection, tables.call_request, row)
    return None


def rebuild(connection: sa.Connection) -> int:
    """Make all that follows from the record anew; return from how many entries.

    When an entry came is in no log but in the receipt for it; without one it is taken to have come
    when it was written.
    """
    followed = (
        tables.entry,
        tables.notification,
        tables.notification_type,
        tables.agreement,
        tables.call_request,
    )
    for table in followed:
        connection.execute(table.delete())
    count = 0
    for came in _all_entries(connection, KEPT):
        write_entry_rows(connection, came, from_milliseconds(came.entry.time_ms))
        count += 1
    for came in _all_entries(connection, (Kind.RECEIPT,)):
        _set_arrival(connection, came.entry)
    return count


# --------------------------------------------------------------------------------- what is there


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type that was proposed in a space."""

    space: SpaceId
    hash: bytes
    """What agreements quote and notifications name."""
    entry: bytes
    """Hash of the entry that proposed it first."""
    proposer: PartyId
    kind: NotificationType
    definition: bytes
    agreed: Mapping[PartyId, Instant]
    """Who agreed to it, and when."""

    def is_usable(self, members: Iterable[PartyId]) -> bool:
        """Say whether every party of the line has agreed to it."""
        return all(member in self.agreed for member in members)


def types_of(
    connection: sa.Connection, space: SpaceId, digest: bytes | None = None
) -> list[TypeRow]:
    """Return the types that were proposed in a space, by id and version."""
    table = tables.notification_type
    query = sa.select(table).where(table.c.space == space)
    if digest is not None:
        query = query.where(table.c.hash == digest)
    rows = connection.execute(query.order_by(table.c.type_id, table.c.version, table.c.hash)).all()
    agreed: dict[bytes, dict[PartyId, Instant]] = {}
    found = sa.select(tables.agreement).where(tables.agreement.c.space == space)
    for each in connection.execute(found):
        agreed.setdefault(bytes(each.hash), {})[each.party] = each.at
    return [
        TypeRow(
            space,
            bytes(row.hash),
            bytes(row.entry),
            row.proposer,
            read_type(bytes(row.definition)),
            bytes(row.definition),
            agreed.get(bytes(row.hash), {}),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class MatterRow:
    """One matter: its first entry, and all that was said about it."""

    first: FormalEntry
    others: tuple[FormalEntry, ...]
    came_at: Instant
    """When the first entry was durable here."""
    arrivals: Mapping[bytes, Instant]
    """When each entry was."""


def find_matter(connection: sa.Connection, digest: bytes) -> MatterRow | None:
    """Return a matter by the hash of the entry that begins it."""
    table = tables.entry
    query = (
        sa.select(table)
        .where(table.c.matter == digest)
        .order_by(table.c.author, table.c.epoch, table.c.place)
        .limit(ENTRIES_MAX)
    )
    rows = connection.execute(query).all()
    found = {each.hash: each for each in _formal_entries(connection, rows)}
    first = found.pop(digest, None)
    if first is None:
        return None
    # What another space's entry says about a matter of this one says nothing.
    others = tuple(each for each in found.values() if each.entry.space == first.entry.space)
    arrivals = {bytes(row.hash): row.came_at for row in rows}
    return MatterRow(first, others, arrivals[digest], arrivals)


def signed_act(connection: sa.Connection, came: EntryCame) -> Entry | None:
    """Return the entry kept here that another proves a person to have signed, if it does."""
    if came.entry.kind != Kind.ASSERTION or not came.entry.refs:
        return None
    digest, table = came.entry.refs[0], tables.entry.c
    query = sa.select(table.encoded).where(table.hash == digest, table.space == came.entry.space)
    found = connection.execute(query.limit(1)).scalar()
    if found is None:
        return None
    act, assertion = read_entry(bytes(found)), write_entry(came.entry)
    signed = signed_hashes(
        connection,
        {digest: act, came.hash: came.entry},
        {digest: bytes(found), came.hash: assertion},
    )
    return act if digest in signed else None


def notification_hashes(
    connection: sa.Connection, space: SpaceId | None, limit: int
) -> list[bytes]:
    """Return the newest notifications, the newest first."""
    return _newest(connection, tables.notification, space, limit)


def call_hashes(connection: sa.Connection, space: SpaceId | None, limit: int) -> list[bytes]:
    """Return the newest call requests, the newest first."""
    return _newest(connection, tables.call_request, space, limit)


def call_hashes_beginning(connection: sa.Connection, digits: str) -> list[bytes]:
    """Return the call requests whose hash begins with some digits, however old."""
    column = tables.call_request.c.hash
    query = sa.select(column).where(hash_begins(column, digits)).order_by(column)
    return [bytes(digest) for (digest,) in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Series:
    """Whose notifications are counted together, from 1."""

    party: PartyId
    type_id: str
    year: int
    is_exercise: bool


def numbers_of(connection: sa.Connection, space: SpaceId) -> dict[Series, list[tuple[int, bytes]]]:
    """Return, by series, the number and hash of every notification of a space."""
    table = tables.notification.c
    query = sa.select(
        table.author, table.type_id, table.year, table.is_exercise, table.number, table.hash
    ).where(table.space == space)
    found: dict[Series, list[tuple[int, bytes]]] = {}
    for author, type_id, year, is_exercise, number, digest in connection.execute(query):
        series = Series(author, type_id, year, bool(is_exercise))
        found.setdefault(series, []).append((number, bytes(digest)))
    return found


def highest_number(connection: sa.Connection, space: SpaceId, series: Series) -> int:
    """Return the highest number of a series, 0 without any."""
    table = tables.notification.c
    query = sa.select(sa.func.max(table.number)).where(
        table.space == space,
        table.author == series.party,
        table.type_id == series.type_id,
        table.year == series.year,
        table.is_exercise == int(series.is_exercise),
    )
    return int(connection.execute(query).scalar() or 0)


def same_form(
    connection: sa.Connection,
    space: SpaceId,
    party: PartyId,
    type_hash: bytes,
    form: bytes,
    *,
    is_exercise: bool,
) -> list[bytes]:
    """Return the notifications of a party that say exactly the same, exercises apart."""
    table = tables.notification.c
    query = sa.select(table.hash).where(
        table.space == space,
        table.author == party,
        table.type_hash == type_hash,
        table.form_hash == hashlib.sha256(form).digest(),
        table.is_exercise == int(is_exercise),
    )
    return [bytes(digest) for (digest,) in connection.execute(query)]


# -------------------------------------------------------------------------------------- details


def _newest(
    connection: sa.Connection, table: sa.Table, space: SpaceId | None, limit: int
) -> list[bytes]:
    query = sa.select(table.c.hash).order_by(table.c.came_at.desc(), table.c.hash).limit(limit)
    if space is not None:
        query = query.where(table.c.space == space)
    return [bytes(digest) for (digest,) in connection.execute(query)]


def _formal_entries(
    connection: sa.Connection, rows: Iterable[sa.Row[tuple[object, ...]]]
) -> Iterator[FormalEntry]:
    """Yield what was said, each with whether a passkey is proved to have signed it."""
    kept = {bytes(row.hash): row for row in rows}
    encoded = {digest: bytes(row.encoded) for digest, row in kept.items()}
    entries = {digest: read_entry(each) for digest, each in encoded.items()}
    signed = signed_hashes(connection, entries, encoded)
    for digest, row in kept.items():
        if entries[digest].kind != Kind.ASSERTION:
            is_signed = digest in signed
            yield FormalEntry(digest, entries[digest], row.epoch, row.place, is_signed)


def _write_assertion(connection: sa.Connection, came: EntryCame, now: Instant) -> Entry | None:
    """Lay a signature beside what it signs and return that; an agreement counts from it on."""
    table = tables.entry.c
    query = sa.select(table.matter).where(
        table.hash.in_(came.entry.refs[:1]), table.space == came.entry.space
    )
    for matter in [bytes(each) for each in connection.execute(query).scalars()]:
        _add(connection, tables.entry, _entry_row(came, matter, now))
    act = signed_act(connection, came)
    if act is not None and act.kind == Kind.AGREEMENT:
        _write_agreement(connection, act)
    return act


def _entry_row(came: EntryCame, matter: bytes, now: Instant) -> dict[str, object]:
    return {
        "hash": came.hash,
        "matter": matter,
        "space": came.entry.space,
        "author": came.entry.author,
        "epoch": came.origin.epoch,
        "place": came.place,
        "came_at": now,
        "encoded": write_entry(came.entry),
    }


def _is_readable(read: Callable[[], object], came: EntryCame) -> bool:
    """Say whether an entry says what its kind says; otherwise it is kept and counts nowhere."""
    try:
        read()
    except (EntryMalformed, NotificationTypeRefused) as error:
        log.warning("entry unreadable", entry=came.hash.hex(), kind=came.entry.kind, why=error.code)
        return False
    return True


def _write_notification(connection: sa.Connection, came: EntryCame, now: Instant) -> None:
    if not _is_readable(lambda: read_notification(came.entry), came):
        return
    said = read_notification(came.entry)
    row = {
        "hash": came.hash,
        "space": came.entry.space,
        "author": came.entry.author,
        "type_hash": said.type_hash,
        "type_id": said.type_id,
        "year": said.year,
        "number": said.number,
        "is_exercise": int(said.is_exercise),
        "form_hash": hashlib.sha256(said.form).digest(),
        "came_at": now,
    }
    _add(connection, tables.notification, row)


def _write_type(connection: sa.Connection, came: EntryCame, now: Instant) -> None:
    if not _is_readable(lambda: read_type(read_type_body(came.entry)), came):
        return
    definition = read_type_body(came.entry)
    kind = read_type(definition)
    row = {
        "space": came.entry.space,
        "hash": body_hash(came.entry.body or b""),
        "entry": came.hash,
        "proposer": came.entry.author,
        "type_id": kind.id,
        "version": kind.version,
        "definition": definition,
        "came_at": now,
    }
    _add(connection, tables.notification_type, row)


def _write_agreement(connection: sa.Connection, entry: Entry) -> None:
    try:
        agreed = read_agreement(entry)
    except EntryMalformed:
        return
    pair = len(agreed.parties) == 2 and SpaceId.of_pair(*agreed.parties) == entry.space  # noqa: PLR2004
    if not pair:
        return
    row = {
        "space": entry.space,
        "hash": agreed.body_hash,
        "party": entry.author,
        "at": from_milliseconds(entry.time_ms),
    }
    _add(connection, tables.agreement, row)


def _add(connection: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> None:
    connection.execute(insert(connection, table).values(**row).on_conflict_do_nothing())


def _set_arrival(connection: sa.Connection, receipt: Entry) -> None:
    """Take over from a receipt when what it refers to had come."""
    try:
        at = from_milliseconds(read_receipt(receipt))
    except EntryMalformed:
        return
    for table in (tables.entry, tables.notification, tables.call_request):
        theirs = table.c.hash.in_(list(receipt.refs)), table.c.author != receipt.author
        connection.execute(table.update().where(*theirs).values(came_at=at))


def _all_entries(connection: sa.Connection, kinds: Sequence[Kind]) -> Iterable[EntryCame]:
    """Yield every entry of some kinds that counts, in the order in which they came."""
    logs = {each.id: each for each in record_repository.logs(connection)}
    after = 0
    while True:
        query = EntryQuery(
            list(logs), [int(kind) for kind in kinds], after=after, limit=BATCH, is_set_aside=False
        )
        rows = record_repository.find_entries(connection, query)
        for row in rows:
            after = row.number
            digest = entry_hash(row.encoded)
            yield EntryCame(logs[row.log].origin, row.place, digest, read_entry(row.encoded))
        if len(rows) < BATCH:
            return
