"""Steps of an escalation that the other party is told of, where the line's terms share them.

A policy is a party's own, and so are whom it calls and what it says to them. Where both parties
agreed to it, one thing crosses: that a step was reached, its number, and when. The step that fires
leaves a row of what is owed (``crisis_step_owed``) in its own transaction; saying it appends the
entry and deletes the row in one, so a node that dies in between says it when it starts again, once.
What comes from the other party is a row of its own (``crisis_shared_step``) beside the alert, and
moves nothing of it: an escalation there is no act of anybody towards us.

Which terms hold is asked by the time of the entry, at both ends. Without them nothing is written,
and what another writes all the same is a breach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, from_milliseconds, milliseconds
from parley.crisis.checks.terms import terms_at
from parley.crisis.owing import OwedEntries
from parley.crisis.tables import breach
from parley.errors import EntryMalformed, LogNotOpen, ParleyError, SpaceUnknown
from parley.ids import PartyId, SpaceId, ThreadId
from parley.record import tables as record_tables
from parley.record.cbor import Value
from parley.record.entry import TIME_MS_MAX, Entry, Precedence, read_body
from parley.record.keeping import EntryDraft, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.storage import Database
from parley.storage.columns import IdColumn, InstantColumn
from parley.storage.rows import add_rows
from parley.storage.tables import metadata
from parley.telemetry import log

STEPS_MAX: Final = 64
"""Number of the last step of a policy that is read; no policy has as many."""
SHOWN_MAX: Final = 200
"""Steps of one alert that are kept of a party. More is work that a hostile one can cause here."""

owed = sa.Table(
    "crisis_step_owed",
    metadata,
    sa.Column("matter", sa.LargeBinary, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("thread", IdColumn(ThreadId), nullable=False),
    sa.Column("reached_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Steps of ours that the other party is still to be told of."""

shared = sa.Table(
    "crisis_shared_step",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("matter", sa.LargeBinary, nullable=False),
    sa.Column("space", IdColumn(SpaceId), nullable=False),
    sa.Column("author", IdColumn(PartyId), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("reached_at", InstantColumn, nullable=False),
    sa.Column("came_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Steps that either party told the other of, from their entries."""
sa.Index("crisis_shared_step_matter", shared.c.matter)

_STEPS: Final = (
    sa.select(shared)
    .where(shared.c.matter == sa.bindparam("matter"), shared.c.space == sa.bindparam("space"))
    .order_by(shared.c.reached_at, shared.c.number)
)
"""Run for every alert that is shown, so made once (:mod:`parley.storage.rows`)."""


@dataclass(frozen=True, slots=True)
class SharedStep:
    """A step of an escalation that its party told of."""

    author: PartyId
    number: int
    """From 1, as that party's policy counts."""
    reached_ms: int
    """By its clock."""


def step_body(number: int, reached_ms: int) -> dict[int, Value]:
    """Return the map by which a party says that a step was reached."""
    return {0: number, 1: reached_ms}


def read_step(entry: Entry) -> tuple[int, int]:
    """Return which step was reached, and when.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = read_body(entry)
    number, reached_ms = body.get(0), body.get(1)
    if [*body] != [0, 1] or len(entry.refs) != 1:
        raise EntryMalformed(field="body")
    return _whole(number, 1, STEPS_MAX), _whole(reached_ms, 0, TIME_MS_MAX)


def owe_step(
    connection: sa.Connection,
    alert: sa.Row[tuple[object, ...]],
    direction: str,
    number: int,
    now: Instant,
) -> bool:
    """Note that the other party is to be told of a step; return whether the terms share it."""
    if not _is_shared(connection, alert.space, milliseconds(now)):
        return False
    row = {
        "matter": alert.hash,
        "direction": direction,
        "number": number,
        "space": alert.space,
        "thread": alert.thread,
        "reached_at": now,
    }
    return bool(add_rows(connection, owed, row))


def keep_step(connection: sa.Connection, came: EntryCame, now: Instant) -> None:
    """Keep a step that a party told of, in the transaction of its entry."""
    entry = came.entry
    what = _fault(connection, entry)
    if what is not None:
        row = {
            "hash": came.hash,
            "space": entry.space,
            "author": entry.author,
            "what": what,
            "came_at": now,
        }
        add_rows(connection, breach, row)
        return
    number, reached_ms = read_step(entry)
    values = {
        "hash": came.hash,
        "matter": entry.refs[0],
        "space": entry.space,
        "author": entry.author,
        "number": number,
        "reached_at": from_milliseconds(reached_ms),
        "came_at": now,
    }
    add_rows(connection, shared, values)


def steps_of(connection: sa.Connection, matter: bytes, space: SpaceId) -> list[SharedStep]:
    """Return the steps that either party told of about an alert, of each number the first."""
    found: dict[tuple[PartyId, int], SharedStep] = {}
    for row in connection.execute(_STEPS, {"matter": matter, "space": space}):
        reached_ms = milliseconds(row.reached_at)
        step = SharedStep(row.author, row.number, reached_ms)
        found.setdefault((row.author, row.number), step)
    return list(found.values())


class StepSharer:
    """Tells the other party of our steps. Owned by the event loop's thread."""

    def __init__(self, *, record: Record, database: Database, clock: Clock) -> None:
        """Keep what comes from here on; what is owed is said by :meth:`say`."""
        self._record = record
        self._database = database
        self._clock = clock
        rows = sa.select(owed).order_by(owed.c.reached_at, owed.c.number)
        self._owed = OwedEntries(database, rows, self._append)
        record.keep_with([Kind.ESCALATION_STEP], keep_step)

    async def say(self) -> int:
        """Append what is owed; return how many steps. A log that may not grow leaves them owed."""
        return await self._owed.say()

    async def _append(self, row: sa.Row[tuple[object, ...]]) -> int:
        is_it = sa.and_(
            owed.c.matter == row.matter,
            owed.c.direction == row.direction,
            owed.c.number == row.number,
        )

        def settle(connection: sa.Connection) -> None:
            connection.execute(owed.delete().where(is_it))

        now_ms = milliseconds(self._clock.now())
        if not await self._database.read(lambda c: _is_shared(c, row.space, now_ms)):
            # The terms changed meanwhile: what was not said by then is not said.
            await self._database.write(settle)
            return 0
        draft = EntryDraft(
            kind=Kind.ESCALATION_STEP,
            body=step_body(row.number + 1, milliseconds(row.reached_at)),
            thread=row.thread,
            refs=(bytes(row.matter),),
            precedence=Precedence.PRIORITY,
        )
        try:
            await self._record.append_draft(row.space, draft, also=settle)
        except (LogNotOpen, SpaceUnknown):
            return 0
        except ParleyError as error:
            log.warning("step not told", why=error.code)
            return 0
        return 1


def _is_shared(connection: sa.Connection, space: SpaceId, at_ms: int) -> bool:
    table = record_tables.member.c
    members: Sequence[PartyId] = connection.scalars(
        sa.select(table.party).where(table.space == space)
    ).all()
    return terms_at(connection, space, members, at_ms).shares_escalation


def _fault(connection: sa.Connection, entry: Entry) -> str | None:
    """Return why an entry tells of no step, None if it does."""
    if entry.actor is not None:
        return "person"
    try:
        read_step(entry)
    except EntryMalformed:
        return "malformed"
    if not _is_shared(connection, entry.space, entry.time_ms):
        return "not_shared"
    counted = sa.select(sa.func.count()).where(
        shared.c.matter == entry.refs[0], shared.c.author == entry.author
    )
    return "too_many" if int(connection.execute(counted).scalar_one()) >= SHOWN_MAX else None


def _whole(value: Value, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise EntryMalformed(field="body")
    return value
