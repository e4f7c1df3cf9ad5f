"""Telling the recipients of an alert who of them acknowledged it, where the terms share that.

A party's acknowledgement goes to the alert's author alone. Where the terms of that party's line
share acknowledgements, and those of another recipient's line too, the author's node tells the other
recipient, with what proves it (:mod:`parley.crisis.told_acknowledgement`). What is owed is a row in
the transaction in which the acknowledgement came (``crisis_acknowledgement_owed``); telling it
appends the entry and deletes the row in one. What is told is a row beside the alert at both ends
(``crisis_acknowledgement_told``) and moves nothing of it: others' readiness is no act of ours.

It waits until the acknowledgement counts, its party has signed for it and the alert went to whoever
is to be told, and is given up after :data:`OWED_DAYS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant, TimeDelta

from parley.clock import Clock, from_milliseconds, milliseconds
from parley.crisis.bodies import AlertBody, read_alert
from parley.crisis.checks.terms import terms_at
from parley.crisis.owing import OwedEntries
from parley.crisis.repository import AlertKeeper
from parley.crisis.tables import alert as alert_table
from parley.crisis.tables import breach
from parley.crisis.tables import entry as entry_table
from parley.crisis.told_acknowledgement import ToldAcknowledgement, read_told, told_body
from parley.errors import (
    EncodingRefused,
    EntryMalformed,
    EntryUnknown,
    LogNotOpen,
    ParleyError,
    ProofWrong,
    SpaceUnknown,
)
from parley.ids import PartyId, SpaceId
from parley.record import tables as record_tables
from parley.record.cbor import Value
from parley.record.checkpoint import Origin
from parley.record.entry import Entry, Precedence, read_entry
from parley.record.handover import prove_entry
from parley.record.keeping import EntryDraft, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.storage import Database
from parley.storage.columns import IdColumn, InstantColumn
from parley.storage.rows import add_rows
from parley.storage.tables import metadata
from parley.telemetry import log

OWED_DAYS: Final = 7
"""How long an acknowledgement is owed to a recipient who cannot be told. More: what nobody asks for
any more is looked at every second. Less: a line that was cut over a holiday is told nothing."""

owed = sa.Table(
    "crisis_acknowledgement_owed",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("matter", sa.LargeBinary, nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Acknowledgements of our alerts, and each ``party`` that is still to be told of one."""

told = sa.Table(
    "crisis_acknowledgement_told",
    metadata,
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("at", InstantColumn, nullable=False),
    sa.Column("capacity", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Of which ``party`` a line's author told that it acknowledged the alert, by its proof."""

_ROOT: Final = sa.select(entry_table.c.encoded).where(
    entry_table.c.hash == sa.bindparam("matter"), entry_table.c.matter == sa.bindparam("matter")
)
_TOLD: Final = sa.select(told).where(told.c.matter == sa.bindparam("matter")).order_by(told.c.at)
"""Both are run for every alert that is shown or acknowledged, so made once."""


@dataclass(frozen=True, slots=True)
class AcknowledgementShown:
    """An acknowledgement by another recipient, as it was told."""

    party: PartyId
    at_ms: int
    """By that party's clock."""
    capacity: str
    language: str


@dataclass(frozen=True, slots=True)
class _Telling:
    """An entry that tells a party, and over which line."""

    space: SpaceId
    draft: EntryDraft


class AcknowledgementTeller:
    """Tells the recipients of our alerts who acknowledged. Owned by the event loop's thread."""

    def __init__(
        self, *, record: Record, database: Database, clock: Clock, keeper: AlertKeeper
    ) -> None:
        """Keep what comes from here on; what is owed is said by :meth:`say`.

        Args:
            record: where it is said.
            database: where the rows are.
            clock: the node's.
            keeper: tells what an alert has come to.
        """
        self._record = record
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self._own = record.keys.party
        rows = sa.select(owed).order_by(owed.c.came_at, owed.c.party)
        self._owed = OwedEntries(database, rows, self._tell)
        record.keep_with([Kind.ACKNOWLEDGEMENT], self._owe)
        record.keep_with([Kind.ACKNOWLEDGEMENT_TOLD], self._keep)

    async def say(self) -> int:
        """Append what is owed and can be proved; return how many recipients were told."""
        return await self._owed.say()

    # ---------------------------------------------------------------------------------- details

    def _owe(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Note whom an acknowledgement of our alert is to be told to, in its transaction."""
        entry = came.entry
        if entry.author == self._own or not entry.refs:
            return
        root = _root(connection, entry.refs[0])
        if root is None or root.author != self._own or root.space != entry.space:
            return
        others = [each for each in _parties(root) if each != entry.author]
        if not others or not _is_shared(connection, entry.space, entry.time_ms):
            return
        for party in others:
            row = {"hash": came.hash, "party": party, "matter": entry.refs[0], "came_at": now}
            add_rows(connection, owed, row)

    async def _tell(self, row: sa.Row[tuple[object, ...]]) -> int:
        is_it = sa.and_(owed.c.hash == row.hash, owed.c.party == row.party)

        def settle(connection: sa.Connection) -> None:
            connection.execute(owed.delete().where(is_it))

        now = self._clock.now()
        telling = await self._database.read(lambda c: self._telling(c, row, milliseconds(now)))
        if telling is None:
            if now - row.came_at > TimeDelta(hours=24 * OWED_DAYS):
                await self._database.write(settle)
            return 0
        try:
            await self._record.append_draft(telling.space, telling.draft, also=settle)
        except (LogNotOpen, SpaceUnknown):
            return 0
        except ParleyError as error:
            log.warning("acknowledgement not told", why=error.code)
            return 0
        return 1

    def _telling(
        self, connection: sa.Connection, row: sa.Row[tuple[object, ...]], now_ms: int
    ) -> _Telling | None:
        """Return the entry that tells a party of an acknowledgement, None while there is none."""
        matter, space = bytes(row.matter), SpaceId.of_pair(self._own, row.party)
        found = self._keeper.find(connection, matter)
        root = _root_bytes(connection, matter)
        first = None if found is None else next(iter(found.acknowledgements), None)
        if found is None or root is None or first is None or first.hash != bytes(row.hash):
            return None
        same = sa.select(alert_table.c.hash).where(
            alert_table.c.space == space,
            alert_table.c.author == self._own,
            alert_table.c.thread == found.thread,
            alert_table.c.body_hash == found.body_hash,
        )
        theirs = connection.execute(same.order_by(alert_table.c.place)).scalars().first()
        if theirs is None or not _is_shared(connection, space, now_ms):
            return None
        body = _proved(connection, bytes(row.hash), found.other, root)
        if body is None:
            return None
        draft = EntryDraft(
            kind=Kind.ACKNOWLEDGEMENT_TOLD,
            body=body,
            thread=found.thread,
            refs=(bytes(theirs),),
            precedence=Precedence.PRIORITY,
        )
        return _Telling(space, draft)

    def _keep(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Keep what was told of an acknowledgement, in the transaction of its entry."""
        entry = came.entry
        said = _judged(connection, entry)
        if isinstance(said, str):
            row = {
                "hash": came.hash,
                "space": entry.space,
                "author": entry.author,
                "what": said,
                "came_at": now,
            }
            add_rows(connection, breach, row)
            return
        values = {
            "matter": entry.refs[0],
            "party": said.party,
            "hash": came.hash,
            "space": entry.space,
            "at": from_milliseconds(said.at_ms),
            "capacity": said.said.capacity.value,
            "language": said.said.language,
            "came_at": now,
        }
        add_rows(connection, told, values)


def acknowledgements_told(connection: sa.Connection, matter: bytes) -> list[AcknowledgementShown]:
    """Return which other recipients of an alert acknowledged it, as its author told, in order."""
    return [
        AcknowledgementShown(row.party, milliseconds(row.at), row.capacity, row.language)
        for row in connection.execute(_TOLD, {"matter": matter})
    ]


def _judged(connection: sa.Connection, entry: Entry) -> ToldAcknowledgement | str:
    """Return what an entry tells, or in a word why it tells nothing."""
    if entry.actor is not None:
        return "person"
    root = None if not entry.refs else _root(connection, entry.refs[0])
    if root is None or root.author != entry.author or root.space != entry.space:
        return "unknown"
    if not _is_shared(connection, entry.space, entry.time_ms):
        return "not_shared"
    try:
        return read_told(entry, root)
    except EntryMalformed:
        return "malformed"
    except ProofWrong:
        return "unproved"


def _proved(
    connection: sa.Connection, digest: bytes, party: PartyId, root: bytes
) -> dict[int, Value] | None:
    """Return the body that tells of an acknowledgement, None while its log does not show it."""
    table = entry_table.c
    place = sa.select(table.epoch, table.place, table.space).where(table.hash == digest).limit(1)
    at = connection.execute(place).one()
    member = record_tables.member.c
    key = sa.select(member.key).where(member.space == at.space, member.party == party)
    alert = read_entry(root)
    try:
        proof = prove_entry(connection, Origin(at.space, party, at.epoch), at.place)
    except EntryUnknown:
        # It ran ahead of its log; it is there in a moment.
        return None
    public = bytes(connection.execute(key).scalar_one())
    return told_body(root, alert.body or b"", proof, public)


def _root_bytes(connection: sa.Connection, matter: bytes) -> bytes | None:
    found = connection.execute(_ROOT, {"matter": matter}).scalar()
    return None if found is None else bytes(found)


def _root(connection: sa.Connection, matter: bytes) -> Entry | None:
    """Return an alert's own entry, None for what is none."""
    found = _root_bytes(connection, matter)
    try:
        entry = None if found is None else read_entry(found)
    except (EncodingRefused, EntryMalformed):
        return None
    return entry if entry is not None and entry.kind == Kind.ALERT else None


def _parties(root: Entry) -> Sequence[PartyId]:
    try:
        body: AlertBody = read_alert(root)
    except EntryMalformed:
        return ()
    return body.parties


def _is_shared(connection: sa.Connection, space: SpaceId, at_ms: int) -> bool:
    table = record_tables.member.c
    members: Sequence[PartyId] = connection.scalars(
        sa.select(table.party).where(table.space == space)
    ).all()
    return terms_at(connection, space, members, at_ms).shares_acknowledgements
