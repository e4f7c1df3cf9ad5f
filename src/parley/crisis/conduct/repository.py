"""The rows of crises: kept beside each entry in its transaction, and made anew from entries alone.

:class:`CrisisKeeper` is named to the record as the keeper of the kinds that crises and assessments
are made of. It writes the entry's row, computes what its crisis has come to, notes what our node is
to say by itself, and sets the reminder.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.crisis.assessment.bodies import Cut
from parley.crisis.assessment.machine import AssessmentState
from parley.crisis.assessment.matter import Assessment
from parley.crisis.assessment.projection import READERS as ASSESSING
from parley.crisis.assessment.projection import assess
from parley.crisis.assessment.timeline import (
    TIMELINES_MAX,
    Placed,
    covers,
    timeline,
    together,
)
from parley.crisis.checks.terms import terms_at
from parley.crisis.crises import tables
from parley.crisis.crises.effects import QUIET_DAYS, Effects, effects, shorter
from parley.crisis.crises.matter import Crisis
from parley.crisis.crises.projection import ENTRIES_MAX, READERS, work_out
from parley.crisis.matter import MatterEntry
from parley.crisis.notifications.bodies import read_receipt
from parley.crisis.precedence import Limits
from parley.crisis.repository import owe_receipt, signed_hashes
from parley.crisis.tables import breach as breach_table
from parley.errors import CrisisUnknown, EntryMalformed
from parley.ids import PartyId, SpaceId, ThreadId
from parley.record import repository as record_rows
from parley.record import tables as record_tables
from parley.record.entry import Entry, Precedence, entry_hash, read_entry, write_entry
from parley.record.kinds import DOMAIN_HUMAN_KINDS, Kind
from parley.record.line_terms import DEFAULT_TERMS, LineTerms
from parley.record.ports import EntryCame
from parley.record.repository import EntryQuery
from parley.storage import insert
from parley.storage.columns import hash_begins
from parley.storage.deadline import Deadline
from parley.storage.deadlines import set_deadline

ABOUT: Final = frozenset({*READERS, *ASSESSING})
"""Kinds that crises and assessments are made of."""
KEPT: Final = frozenset({*ABOUT, Kind.ASSERTION})
RECEIPTED: Final = ABOUT & DOMAIN_HUMAN_KINDS
"""What people wrote is confirmed by a receipt; what a node wrote is not."""
QUIET: Final = "crisis.quiet"
"""Kind of the deadlines at which we are reminded of a crisis that is open here."""
TIMELINE_TASK: Final = "timeline"
SHOW_TASK: Final = "show"
TIMELINE_ENTRIES_MAX: Final = 20_000
"""Entries looked through for one timeline. More is work that a hostile party can cause here."""
PAGE: Final = 500
_OPEN_SINCE: Final = sa.select(tables.matter.c.hash).where(
    tables.matter.c.space == sa.bindparam("space"),
    sa.or_(tables.matter.c.is_open == 1, tables.matter.c.last_at >= sa.bindparam("at")),
)
"""Run with every alert, so made once (:mod:`parley.storage.rows`)."""


@dataclass(frozen=True, slots=True)
class CrisisFound:
    """A crisis, its assessment once it has begun, and the entries both were worked out from."""

    crisis: Crisis
    assessment: Assessment | None
    entries: tuple[MatterEntry, ...]
    terms: LineTerms = DEFAULT_TERMS
    """Of the line's agreement at the first closing."""
    held: Mapping[bytes, int] = field(default_factory=dict)
    """Since when the other party's node has each readout, by its receipt; none: not known."""


class CrisisKeeper:
    """Writes the rows of crises beside entries."""

    def __init__(self, own: PartyId) -> None:
        """Keep crises for a party."""
        self._own = own

    def keep(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Keep one entry and all that follows from it."""
        entry, digest = came.entry, came.hash
        is_ours = entry.author == self._own
        for crisis in _crises_of(connection, entry, digest):
            if _count(connection, crisis, entry) > 3 * ENTRIES_MAX:
                continue
            row = {
                "hash": digest,
                "crisis": crisis,
                "space": entry.space,
                "author": entry.author,
                "epoch": came.origin.epoch,
                "place": came.place,
                "came_at": from_milliseconds(entry.time_ms) if is_ours else now,
                "encoded": write_entry(entry),
            }
            connection.execute(
                insert(connection, tables.entry).values(row).on_conflict_do_nothing()
            )
            if not is_ours and entry.kind in RECEIPTED:
                owe_receipt(connection, entry, digest, now)
            self.refresh(connection, crisis, now)

    def refresh(self, connection: sa.Connection, crisis: bytes, now: Instant) -> CrisisFound | None:
        """Compute a crisis anew and write what has changed."""
        found = self.find(connection, crisis)
        if found is None:
            _poison(connection, crisis, now)
            return None
        _write(connection, found, self._own)
        _set_tasks(connection, found, self._own, now)
        side = found.crisis.sides[self._own]
        if self._own in found.crisis.open_by:
            subject = f"{crisis.hex()}/{side.openings}"
            due_at = from_milliseconds(found.crisis.last_ms).add(hours=24 * QUIET_DAYS)
            set_deadline(connection, QUIET, subject, due_at, now)
        return found

    def find(self, connection: sa.Connection, crisis: bytes) -> CrisisFound | None:
        """Return a crisis as its entries make it, None if it is none."""
        entries = matter_entries(connection, crisis)
        root = next((each for each in entries if each.hash == crisis), None)
        if root is None:
            return None
        made = work_out(crisis, members(connection, root.entry.space), entries)
        if made is None:
            return None
        if made.first_closed_ms is None:
            return CrisisFound(made, None, tuple(entries))
        terms = terms_at(connection, made.space, made.members, made.first_closed_ms)
        assessment = assess(made, entries, terms)
        held = _held_since(connection, assessment)
        return CrisisFound(made, assessment, tuple(entries), terms, held)

    def effects(self, connection: sa.Connection, space: SpaceId) -> Effects:
        """Return what the crises of a line change here."""
        found = (self.find(connection, each) for each in open_here(connection, space))
        return effects((each.crisis for each in found if each is not None), self._own)

    def shortened(
        self,
        connection: sa.Connection,
        space: SpaceId,
        party: PartyId,
        at_ms: int,
        agreed: Mapping[Precedence, Limits],
    ) -> Mapping[Precedence, Limits]:
        """Return a party's limits at an instant of its clock: shorter while its side was open."""
        for each in open_since(connection, space, at_ms):
            found = self.find(connection, each)
            if found is not None and found.crisis.sides[party].was_open(at_ms):
                return shorter(agreed)
        return agreed

    def remind(self, connection: sa.Connection, due: Deadline, now: Instant) -> Instant | None:
        """Remind of a crisis that is open here and quiet; return when to look again."""
        text, _, opening = due.subject.partition("/")
        found = self.find(connection, bytes.fromhex(text))
        if found is None or self._own not in found.crisis.open_by:
            return None
        if str(found.crisis.sides[self._own].openings) != opening:
            return None
        quiet_at = from_milliseconds(found.crisis.last_ms).add(hours=24 * QUIET_DAYS)
        if now < quiet_at:
            return quiet_at
        row = {"crisis": found.crisis.hash, "raised_at": now}
        upsert = insert(connection, tables.reminder).values(row)
        connection.execute(
            upsert.on_conflict_do_update(index_elements=["crisis"], set_={"raised_at": now})
        )
        return now.add(hours=24 * QUIET_DAYS)

    def rebuild(self, connection: sa.Connection, now: Instant) -> int:
        """Make all that follows from the record anew; return how many crises."""
        for table in (tables.entry, tables.matter, tables.task):
            connection.execute(table.delete())
        logs = {log.id: log.origin for log in record_rows.logs(connection)}
        after: int | None = 0
        while after is not None:
            query = EntryQuery(
                list(logs), sorted(map(int, KEPT)), after=after, limit=PAGE, is_set_aside=False
            )
            page = record_rows.find_entries(connection, query)
            for row in page:
                entry, digest = read_entry(row.encoded), entry_hash(row.encoded)
                came = EntryCame(logs[row.log], row.place, digest, entry)
                self.keep(connection, came, from_milliseconds(entry.time_ms))
            after = page[-1].number if len(page) == PAGE else None
        del now
        counted = sa.select(sa.func.count()).select_from(tables.matter)
        return int(connection.execute(counted).scalar_one())


# -------------------------------------------------------------------------------- what is here


def members(connection: sa.Connection, space: SpaceId) -> list[PartyId]:
    """Return the parties of a space."""
    table = record_tables.member.c
    query = sa.select(table.party).where(table.space == space)
    return [*connection.execute(query).scalars()]


def matter_entries(connection: sa.Connection, crisis: bytes) -> list[MatterEntry]:
    """Return every entry of a crisis, with whether a passkey is proved to have signed it."""
    rows = connection.execute(sa.select(tables.entry).where(tables.entry.c.crisis == crisis)).all()
    encoded = {bytes(row.hash): bytes(row.encoded) for row in rows}
    entries = {digest: read_entry(each) for digest, each in encoded.items()}
    signed = signed_hashes(connection, entries, encoded)
    return [
        MatterEntry(
            bytes(row.hash),
            entries[bytes(row.hash)],
            row.epoch,
            row.place,
            milliseconds(row.came_at),
            bytes(row.hash) in signed,
        )
        for row in rows
        if entries[bytes(row.hash)].kind != Kind.ASSERTION
    ]


def crisis_hashes(
    connection: sa.Connection, space: SpaceId | None, limit: int, *, is_open_only: bool = False
) -> list[bytes]:
    """Return crises, the last one something was said in first."""
    table = tables.matter.c
    query = sa.select(table.hash).order_by(table.last_at.desc(), table.hash).limit(limit)
    if space is not None:
        query = query.where(table.space == space)
    if is_open_only:
        query = query.where(table.is_open == 1)
    return [bytes(each) for each in connection.execute(query).scalars()]


def crisis_hashes_beginning(connection: sa.Connection, digits: str) -> list[bytes]:
    """Return the crises whose hash begins with some digits, however old."""
    column = tables.matter.c.hash
    query = sa.select(column).where(hash_begins(column, digits)).order_by(column)
    return [bytes(each) for each in connection.execute(query).scalars()]


def open_here(connection: sa.Connection, space: SpaceId) -> list[bytes]:
    """Return the crises of a space that our side has open."""
    table = tables.matter.c
    query = sa.select(table.hash).where(table.space == space, table.is_open_here == 1)
    return [bytes(each) for each in connection.execute(query).scalars()]


def open_since(connection: sa.Connection, space: SpaceId, at_ms: int) -> list[bytes]:
    """Return the crises of a space that may have been open at an instant."""
    asked = {"space": space, "at": from_milliseconds(at_ms)}
    return [bytes(each) for each in connection.execute(_OPEN_SINCE, asked).scalars()]


def next_number(connection: sa.Connection, space: SpaceId, own: PartyId, year: int) -> int:
    """Return the number of the next crisis that we open first."""
    table = tables.matter.c
    query = sa.select(sa.func.max(table.number)).where(
        table.space == space, table.opener == own, table.year == year
    )
    return int(connection.execute(query).scalar() or 0) + 1


def find_crisis(connection: sa.Connection, keeper: CrisisKeeper, crisis: bytes) -> CrisisFound:
    """Return one crisis.

    Raises:
        CrisisUnknown: it is not here.
    """
    table = tables.matter.c
    is_here = connection.execute(sa.select(table.hash).where(table.hash == crisis)).first()
    found = None if is_here is None else keeper.find(connection, crisis)
    if found is None:
        raise CrisisUnknown
    return found


def reminded_at(connection: sa.Connection, crisis: bytes) -> Instant | None:
    """Return when we were last reminded of a crisis."""
    table = tables.reminder.c
    query = sa.select(table.raised_at).where(table.crisis == crisis)
    found: Instant | None = connection.execute(query).scalar()
    return found


def tasks(connection: sa.Connection) -> list[tuple[bytes, str]]:
    """Return what our node is to say by itself, the oldest first."""
    table = tables.task.c
    rows = connection.execute(sa.select(table.crisis, table.task).order_by(table.made_at))
    return [(bytes(row.crisis), row.task) for row in rows]


def end_task(connection: sa.Connection, crisis: bytes, task: str) -> None:
    """Note that our node has said it, or has nothing to say."""
    table = tables.task
    connection.execute(table.delete().where(table.c.crisis == crisis, table.c.task == task))


# ---------------------------------------------------------------------------------- the timeline


def held_cut(connection: sa.Connection, space: SpaceId) -> tuple[Cut, ...]:
    """Return how far every log of a space reaches here."""
    logs = [log for log in record_rows.logs(connection) if log.origin.space == space]
    return tuple(sorted(Cut(log.origin.party, log.origin.epoch, log.size) for log in logs))


def next_cut(connection: sa.Connection, found: CrisisFound, own: PartyId) -> tuple[Cut, ...] | None:
    """Return how far our next timeline looks, None if the last one looked as far."""
    assessment = found.assessment
    if assessment is None:
        return None
    held = held_cut(connection, found.crisis.space)
    ours = assessment.timelines.get(own)
    theirs = assessment.timelines.get(found.crisis.other(own))
    if ours is None or _has_later_closing(found, ours.said.cut):
        return held
    if theirs is None:
        return None
    reach = {(cut.party, cut.epoch): cut.size for cut in held}
    wanted = (
        Cut(cut.party, cut.epoch, min(cut.size, reach.get((cut.party, cut.epoch), 0)))
        for cut in together(ours.said.cut, theirs.said.cut)
    )
    clipped = tuple(each for each in wanted if each.size)
    return None if covers(ours.said.cut, clipped) else clipped


def _has_later_closing(found: CrisisFound, cut: Iterable[Cut]) -> bool:
    sizes = {(each.party, each.epoch): each.size for each in cut}
    return any(
        each.entry.kind == Kind.CRISIS_CLOSING
        and each.place >= sizes.get((each.entry.author, each.epoch), 0)
        for each in found.entries
    )


def timeline_of(
    connection: sa.Connection, crisis: Crisis, cut: Iterable[Cut] | None = None
) -> tuple[Placed, ...]:
    """Return the entries of a crisis and of what was linked to it, as far as a cut looks."""
    threads = [crisis.thread]
    looked: dict[bytes, Placed] = {}
    logs = {
        log.id: log.origin
        for log in record_rows.logs(connection)
        if log.origin.space == crisis.space
    }
    for linked in crisis.linked:
        row = record_rows.find_entry(connection, linked.hash)
        if row is None or row.log not in logs or row.set_aside is not None:
            continue
        each = _placed(row, logs[row.log].epoch)
        looked[each.hash] = each
        if each.entry.thread is not None and each.entry.thread not in threads:
            threads.append(each.entry.thread)
    for thread in threads:
        for each in _of_thread(connection, {id_: o.epoch for id_, o in logs.items()}, thread):
            looked[each.hash] = each
            if len(looked) >= TIMELINE_ENTRIES_MAX:
                break
    reach = held_cut(connection, crisis.space) if cut is None else cut
    return timeline(crisis.hash, crisis.thread, looked.values(), reach)


def _of_thread(
    connection: sa.Connection, logs: dict[int, int], thread: ThreadId
) -> Iterable[Placed]:
    after: int | None = 0
    while after is not None:
        query = EntryQuery(
            list(logs), thread=bytes(thread), after=after, limit=PAGE, is_set_aside=False
        )
        page = record_rows.find_entries(connection, query)
        for row in page:
            yield _placed(row, logs[row.log])
        after = page[-1].number if len(page) == PAGE else None


def _placed(row: record_rows.EntryRow, epoch: int) -> Placed:
    entry = read_entry(row.encoded)
    return Placed(entry_hash(row.encoded), entry, epoch, row.place)


# --------------------------------------------------------------------------------------- details


def _held_since(connection: sa.Connection, assessment: Assessment | None) -> dict[bytes, int]:
    """Return since when the other party's node has each readout, by its first receipt."""
    found: dict[bytes, int] = {}
    for readout in () if assessment is None else assessment.readouts:
        receipts: list[tuple[int, int, int]] = []
        for row in record_rows.citing(connection, readout.hash):
            entry = read_entry(row.encoded)
            if entry.kind != Kind.RECEIPT or readout.hash not in entry.refs:
                continue
            if entry.author == readout.author or assessment is None:
                continue
            if entry.author in assessment.members:
                with suppress(EntryMalformed):
                    receipts.append((row.log, row.place, read_receipt(entry)))
        if receipts:
            found[readout.hash] = min(receipts)[2]
    return found


def _crises_of(connection: sa.Connection, entry: Entry, digest: bytes) -> Sequence[bytes]:
    """Return the crises that an entry belongs to."""
    if entry.kind == Kind.CRISIS_OPENING and not entry.refs:
        return [digest]
    if entry.kind != Kind.ASSERTION:
        return entry.refs[:1]
    table = tables.entry.c
    query = sa.select(table.crisis).where(table.hash.in_(entry.refs[:1]))
    return [bytes(each) for each in connection.execute(query).scalars()]


def _count(connection: sa.Connection, crisis: bytes, entry: Entry) -> int:
    table = tables.entry.c
    query = sa.select(sa.func.count()).where(table.crisis == crisis, table.author == entry.author)
    return int(connection.execute(query).scalar_one())


def _poison(connection: sa.Connection, crisis: bytes, now: Instant) -> None:
    """Note an entry that calls itself the first opening of a crisis and is none."""
    table = tables.entry
    row = connection.execute(
        sa.select(table).where(table.c.hash == crisis, table.c.crisis == crisis)
    ).one_or_none()
    if row is None:
        return
    values = {
        "hash": crisis,
        "space": row.space,
        "author": row.author,
        "what": "malformed",
        "came_at": now,
    }
    connection.execute(insert(connection, breach_table).values(values).on_conflict_do_nothing())


def _write(connection: sa.Connection, found: CrisisFound, own: PartyId) -> None:
    crisis, assessment = found.crisis, found.assessment
    breaches = len(crisis.breaches) + len(() if assessment is None else assessment.breaches)
    root = next(each for each in found.entries if each.hash == crisis.hash)
    values = {
        "hash": crisis.hash,
        "space": crisis.space,
        "thread": crisis.thread,
        "opener": crisis.opener,
        "year": crisis.year,
        "number": crisis.number,
        "is_exercise": int(crisis.is_exercise),
        "is_open": int(crisis.is_open),
        "is_open_here": int(own in crisis.open_by),
        "state": None if assessment is None else assessment.state.value,
        "breaches": breaches,
        "opened_at": from_milliseconds(root.entry.time_ms),
        "last_at": from_milliseconds(crisis.last_ms),
    }
    upsert = insert(connection, tables.matter).values(values)
    changed = {name: value for name, value in values.items() if name != "hash"}
    connection.execute(upsert.on_conflict_do_update(index_elements=["hash"], set_=changed))


def _set_tasks(connection: sa.Connection, found: CrisisFound, own: PartyId, now: Instant) -> None:
    assessment = found.assessment
    if assessment is None:
        return
    wanted = []
    account = assessment.accounts.get(own)
    is_waited_for = account is not None and account.shown is None
    if assessment.state is AssessmentState.ACCOUNTS_SEALED and is_waited_for:
        wanted.append(SHOW_TASK)
    is_left = assessment.timeline_counts.get(own, 0) < TIMELINES_MAX
    if is_left and next_cut(connection, found, own) is not None:
        wanted.append(TIMELINE_TASK)
    for name in wanted:
        row = {"crisis": found.crisis.hash, "task": name, "made_at": now}
        connection.execute(insert(connection, tables.task).values(row).on_conflict_do_nothing())
