"""The rows of alerts: kept beside each entry in its transaction, and made anew from entries alone.

:class:`AlertKeeper` is named to the record as the keeper of the kinds that alerts are made of. It
writes the entry's row, computes what its matter comes to, sets and cancels deadlines by the
difference, and notes that a receipt is owed. All of it is one transaction with the entry.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import sqlalchemy as sa
from msgspec.structs import replace
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.crisis import tables
from parley.crisis.bodies import read_received
from parley.crisis.due import LIMITS_BY_DEADLINE, due_change, read_subject
from parley.crisis.folding import Folds
from parley.crisis.guards import HOLDS_MAX
from parley.crisis.matter import Alert, Breach, BreachKind, MatterEntry
from parley.crisis.precedence import DEFAULT_LIMITS, FLASH_PER_HOUR_MAX, FLASH_WINDOW_MS, Limits
from parley.crisis.projection import ABOUT_ALERTS, ENTRIES_MAX, RECEIPTED, is_open
from parley.errors import AlertUnknown, EncodingRefused, EntryMalformed
from parley.ids import PartyId, SpaceId, ThreadId
from parley.record import repository as record_rows
from parley.record import tables as record_tables
from parley.record.assertion import EnrolledKey, credential_of, is_asserted, read_enrolment
from parley.record.checkpoint import Origin
from parley.record.entry import Entry, Precedence, entry_hash, read_body, read_entry, write_entry
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.record.repository import EntryQuery
from parley.storage.deadline import Deadline
from parley.storage.deadlines import cancel_deadline, set_deadlines
from parley.storage.rows import add_rows, put_row
from parley.storage.tables import deadline as deadline_table

KINDS: Final = frozenset({*ABOUT_ALERTS, Kind.ASSERTION, Kind.ENROLMENT})
"""Kinds whose entries have rows here."""
_CITING: Final = frozenset({Kind.RECEIPT, Kind.DELIVERY, Kind.ACKNOWLEDGEMENT, Kind.ASSERTION})
"""Kinds that are about an alert if what they refer to is."""
REFRESHED_MAX: Final = 20
"""Open alerts looked at again when a passkey is told late. More is work others can cause here."""
PAGE: Final = 500
DECODED_MAX: Final = 1_024
"""Entries and proofs of passkeys that are not worked out again. More keeps more in memory (an
entry has some 1 to 64 KB), less decodes and checks them anew for every look at an alert."""


EXCLUDED: Final = "suspended: "
"""How a breach begins that a suspension made of an entry."""

# What runs with every entry about an alert is made once: see :mod:`parley.storage.rows`.
_entry, _alert, _passkey = tables.entry.c, tables.alert.c, tables.passkey.c
_bound: Final = sa.bindparam
_ALERT: Final = sa.select(tables.alert).where(_alert.hash == _bound("matter"))
_ENTRIES: Final = sa.select(tables.entry).where(_entry.matter == _bound("matter"))
_PLACE: Final = sa.select(_entry.epoch, _entry.place).where(
    _entry.hash == _bound("matter"), _entry.matter == _bound("matter")
)
_MATTERS: Final = sa.select(_entry.matter).where(
    _entry.hash == _bound("hash"), _entry.space == _bound("space")
)
_WAITING_FOR: Final = (
    sa.select(tables.entry)
    .where(_entry.matter == _bound("hash"), _entry.hash != _bound("hash"))
    .limit(ENTRIES_MAX)
)
_COUNT: Final = sa.select(sa.func.count()).where(
    _entry.matter == _bound("matter"), _entry.author == _bound("author")
)
_MEMBERS: Final = sa.select(record_tables.member.c.party).where(
    record_tables.member.c.space == _bound("space")
)
# A party that floods us is to cost no more for each flash than one that does not: the newest of the
# log are looked at, and no more than it takes to know.
_EARLIER_FLASHES: Final = sa.select(sa.func.count()).select_from(
    sa.select(_alert.place)
    .where(
        _alert.space == _bound("space"),
        _alert.author == _bound("author"),
        _alert.written == int(Precedence.FLASH),
        _alert.epoch == _bound("epoch"),
        _alert.place < _bound("place"),
        _alert.written_at > _bound("since"),
        _alert.written_at <= _bound("until"),
    )
    .order_by(_alert.place.desc())
    .limit(FLASH_PER_HOUR_MAX)
    .subquery()
)
_PASSKEY: Final = sa.select(tables.passkey).where(
    _passkey.space == _bound("space"),
    _passkey.party == _bound("party"),
    _passkey.actor == _bound("actor"),
    _passkey.credential == _bound("credential"),
)
_EXCLUSION: Final = sa.select(tables.breach.c.what).where(
    tables.breach.c.hash == _bound("hash"), tables.breach.c.what.startswith(EXCLUDED)
)
_OVERDUE: Final = (
    sa.select(tables.overdue.c.step, tables.overdue.c.due_at)
    .where(tables.overdue.c.matter == _bound("matter"))
    .order_by(tables.overdue.c.due_at)
)
_UNSETTLED: Final = sa.select(deadline_table.c.kind, deadline_table.c.subject).where(
    deadline_table.c.kind.in_(list(LIMITS_BY_DEADLINE)),
    deadline_table.c.subject.in_(_bound("subjects", expanding=True)),
    deadline_table.c.settled_at.is_(None),
)

LimitsOf = Callable[
    [sa.Connection, SpaceId, tuple[PartyId, PartyId], int], Mapping[Precedence, Limits]
]
"""Returns the limits that two parties had agreed on for their line at an instant."""
Shortened = Callable[
    [sa.Connection, SpaceId, PartyId, int, Mapping[Precedence, Limits]], Mapping[Precedence, Limits]
]
"""Returns what is left of agreed limits for one party, at an instant of its own clock."""


Keeper = Callable[[sa.Connection, EntryCame, Instant], None]
"""Writes rows beside an entry, in its transaction."""


class AlertKeeper:
    """Writes the rows of alerts beside entries."""

    def __init__(self, own: PartyId) -> None:
        """Keep alerts for a party, under the default limits until it is told others."""
        self._own = own
        self._limits_of: LimitsOf = lambda *_: DEFAULT_LIMITS
        self._shortened: Shortened = lambda *given: given[-1]
        self._judged: Keeper = lambda *_: None
        self._folds = Folds()

    def go_by(self, limits_of: LimitsOf) -> None:
        """Go by the limits that each line's agreement gave at the time of an alert."""
        self._limits_of = limits_of

    def shorten_with(self, shortened: Shortened) -> None:
        """Let a party's limits be shorter than agreed while it has a crisis open."""
        self._shortened = shortened

    def judge_with(self, judged: Keeper) -> None:
        """Let others' alerts be looked at first: whether the line takes them is noted there."""
        self._judged = judged

    def limits(self, connection: sa.Connection, alert: Alert) -> Mapping[Precedence, Limits]:
        """Return the limits that an alert has here, by when it was released or came."""
        return self._limits(connection, alert, self._own, alert.started_ms)

    def limits_there(self, connection: sa.Connection, alert: Alert) -> Mapping[Precedence, Limits]:
        """Return the limits that an alert has at the other end, as far as its time is known."""
        is_ours = alert.author == self._own
        there = alert.other if is_ours else alert.author
        at_ms = alert.received_ms if is_ours else alert.released_ms
        return self._limits(connection, alert, there, at_ms)

    def _limits(
        self, connection: sa.Connection, alert: Alert, party: PartyId, at_ms: int | None
    ) -> Mapping[Precedence, Limits]:
        parties = (alert.author, alert.other)
        agreed = self._limits_of(connection, alert.space, parties, alert.released_ms)
        if at_ms is None:
            return agreed
        return self._shortened(connection, alert.space, party, at_ms, agreed)

    def keep(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Keep one entry and all that follows from it."""
        is_ours = came.entry.author == self._own
        if came.entry.kind == Kind.ALERT and not is_ours:
            self._judged(connection, came, now)
        came_at = from_milliseconds(came.entry.time_ms) if is_ours else now
        self.keep_entry(connection, came.entry, came.origin, came.place, came_at, now)

    def keep_entry(
        self,
        connection: sa.Connection,
        entry: Entry,
        origin: Origin,
        place: int,
        came_at: Instant,
        now: Instant,
    ) -> None:
        """Keep one entry that came at a given instant."""
        encoded = write_entry(entry)
        digest = entry_hash(encoded)
        if entry.kind == Kind.ENROLMENT:
            self._enrol(connection, entry, now)
            return
        matters = _matters(connection, entry, digest)
        is_wanted = False
        for matter in matters:
            if _count(connection, matter, entry) > 2 * ENTRIES_MAX:
                continue
            row = {
                "hash": digest,
                "matter": matter,
                "space": entry.space,
                "author": entry.author,
                "epoch": origin.epoch,
                "place": place,
                "came_at": came_at,
                "encoded": encoded,
            }
            add_rows(connection, tables.entry, row)
            _take_waiting(connection, digest, [matter])
            self.refresh(connection, matter, now)
            is_wanted = True
        if is_wanted and entry.author != self._own and entry.kind in RECEIPTED:
            owe_receipt(connection, entry, digest, came_at)

    def refresh(self, connection: sa.Connection, matter: bytes, now: Instant) -> Alert | None:
        """Compute an alert anew and write what has changed."""
        after = self.find(connection, matter)
        if after is None:
            self._poison(connection, matter, now)
            return None
        _write(connection, after, self._place_of(connection, matter))
        waiting = _waiting(connection, matter)
        wanted = {
            (step.limit.deadline, step.subject(matter)): step
            for step in due_change(None, after, self.limits(connection, after)).to_set
        }
        for kind, subject in waiting - wanted.keys():
            cancel_deadline(connection, kind, subject, now)
        fresh = []
        for (kind, subject), step in wanted.items():
            due_at = from_milliseconds(step.due_ms)
            fresh.append(Deadline(kind, subject, due_at, due_at, now))
        set_deadlines(connection, fresh)
        return after

    def find(self, connection: sa.Connection, matter: bytes) -> Alert | None:
        """Return an alert as its entries make it, None if it is none."""
        entries = matter_entries(connection, matter)
        root = next((each for each in entries if each.hash == matter), None)
        if root is None:
            return None
        other = _other(connection, root.entry.space, self._own)
        if other is None:
            return None
        is_over = is_over_rate(connection, root)
        found = self._folds.project(matter, self._own, other, entries, is_over_rate=is_over)
        what = None if found is None else excluded(connection, matter)
        if found is None or what is None:
            return found
        breach = Breach(matter, found.author, BreachKind.SUSPENDED, what)
        return replace(found, breaches=(*found.breaches, breach))

    def act(self, connection: sa.Connection, due: Deadline, now: Instant) -> None:
        """Note that a limit has passed; what a deadline's row does, once."""
        matter, number = read_subject(due.subject)
        name = f"{LIMITS_BY_DEADLINE[due.kind].value}/{number}"
        row = {"matter": matter, "step": name, "due_at": due.due_at, "noticed_at": now}
        add_rows(connection, tables.overdue, row)

    def rebuild(self, connection: sa.Connection, now: Instant) -> int:
        """Throw away what was computed and make it anew from the record; return how many alerts."""
        for table in (tables.entry, tables.alert, tables.passkey):
            connection.execute(table.delete())
        # Whether an author knew of a suspension was judged by what was here when its alert came.
        is_judged = tables.breach.c.what.startswith(EXCLUDED)
        connection.execute(tables.breach.delete().where(sa.not_(is_judged)))
        logs = {log.id: log.origin for log in record_rows.logs(connection)}
        came = _arrivals(connection, logs, self._own)
        owed = connection.execute(sa.select(tables.owed)).all()
        for place, origin, entry, digest in _stored(connection, logs):
            at = came.get(digest, entry.time_ms)
            self.keep_entry(connection, entry, origin, place, from_milliseconds(at), now)
        connection.execute(tables.owed.delete())
        for row in owed:
            connection.execute(tables.owed.insert().values(row._asdict()))
        counted = sa.select(sa.func.count()).select_from(tables.alert)
        return int(connection.execute(counted).scalar_one())

    # ------------------------------------------------------------------------------------- details

    def _enrol(self, connection: sa.Connection, entry: Entry, now: Instant) -> None:
        try:
            key = read_enrolment(entry)
        except EntryMalformed:
            return
        row = {
            "space": entry.space,
            "party": entry.author,
            "actor": entry.actor,
            "credential": key.credential,
            "public": key.public,
            "rp_id": key.rp_id,
        }
        add_rows(connection, tables.passkey, row)
        # An urgent signature may run ahead of the key it is checked with.
        table = tables.alert.c
        waiting = (
            sa.select(table.hash)
            .where(table.space == entry.space, table.is_open == 1)
            .order_by(table.started_at.desc())
            .limit(REFRESHED_MAX)
        )
        for matter in connection.execute(waiting).scalars().all():
            self.refresh(connection, bytes(matter), now)

    def _place_of(self, connection: sa.Connection, matter: bytes) -> tuple[int, int]:
        epoch, place = connection.execute(_PLACE, {"matter": matter}).one()
        return int(epoch), int(place)

    def _poison(self, connection: sa.Connection, matter: bytes, now: Instant) -> None:
        """Note an entry that calls itself an alert and is none."""
        table = tables.entry
        found = connection.execute(
            sa.select(table).where(table.c.hash == matter, table.c.matter == matter)
        ).one_or_none()
        if found is None:
            return
        row = {
            "hash": matter,
            "space": found.space,
            "author": found.author,
            "what": "malformed",
            "came_at": now,
        }
        add_rows(connection, tables.breach, row)


# ------------------------------------------------------------------------------------ what is here


def find_row(connection: sa.Connection, matter: bytes) -> sa.Row[tuple[object, ...]] | None:
    """Return an alert's row."""
    return connection.execute(_ALERT, {"matter": matter}).one_or_none()


def matter_entries(connection: sa.Connection, matter: bytes) -> list[MatterEntry]:
    """Return every entry about an alert, with whether a passkey is proved to have signed it."""
    rows = connection.execute(_ENTRIES, {"matter": matter}).all()
    entries = {bytes(row.hash): _decoded(bytes(row.encoded)) for row in rows}
    signed = signed_hashes(
        connection, entries, {bytes(row.hash): bytes(row.encoded) for row in rows}
    )
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


@lru_cache(DECODED_MAX)
def _decoded(encoded: bytes) -> Entry:
    """Return an entry; a matter is looked at again with every entry that is about it."""
    return read_entry(encoded)


@lru_cache(DECODED_MAX)
def _is_asserted(assertion: bytes, act: bytes, act_hash: bytes, key: EnrolledKey) -> bool:
    """Say whether a passkey signed an act; the same bytes and key say the same for ever."""
    return is_asserted(_decoded(assertion), _decoded(act), act_hash, key)


def alert_hashes(
    connection: sa.Connection, *, is_open_only: bool = False, limit: int = 100
) -> list[bytes]:
    """Return alerts, the newest first."""
    table = tables.alert.c
    query = sa.select(table.hash).order_by(table.started_at.desc()).limit(limit)
    if is_open_only:
        query = query.where(table.is_open == 1)
    return [bytes(each) for each in connection.execute(query).scalars()]


def exercise_hashes(connection: sa.Connection, limit: int) -> list[bytes]:
    """Return the alerts of exercises, the newest first."""
    table = tables.alert.c
    query = sa.select(table.hash).where(table.is_exercise == 1).order_by(table.started_at.desc())
    return [bytes(each) for each in connection.execute(query.limit(limit)).scalars()]


def find_alert(connection: sa.Connection, keeper: AlertKeeper, matter: bytes) -> Alert:
    """Return one alert.

    Raises:
        AlertUnknown: it is not here.
    """
    found = None if find_row(connection, matter) is None else keeper.find(connection, matter)
    if found is None:
        raise AlertUnknown
    return found


def excluded(connection: sa.Connection, digest: bytes) -> str | None:
    """Return what a suspension left out of an entry, as it was judged when it came."""
    found: str | None = connection.execute(_EXCLUSION, {"hash": digest}).scalar()
    return None if found is None else found.removeprefix(EXCLUDED)


def note_excluded(connection: sa.Connection, came: EntryCame, what: str, at: Instant) -> None:
    """Note an entry that came although its author knew that the line does not take it."""
    row = {
        "hash": came.hash,
        "space": came.entry.space,
        "author": came.entry.author,
        "what": f"{EXCLUDED}{what}",
        "came_at": at,
    }
    add_rows(connection, tables.breach, row)


def overdue_steps(connection: sa.Connection, matter: bytes) -> list[tuple[str, Instant]]:
    """Return the limits of an alert that have passed here, and when they were due."""
    rows = connection.execute(_OVERDUE, {"matter": matter})
    return [(row.step, row.due_at) for row in rows]


def flashes_of(connection: sa.Connection, space: SpaceId, author: PartyId, at_ms: int) -> list[int]:
    """Return when a party's flashes of the last hour in a space were written."""
    table = tables.alert.c
    since = from_milliseconds(max(0, at_ms - FLASH_WINDOW_MS))
    query = sa.select(table.written_at).where(
        table.space == space,
        table.author == author,
        table.written == int(Precedence.FLASH),
        table.written_at > since,
    )
    return [milliseconds(each) for each in connection.execute(query.limit(1_000)).scalars()]


def spaces_of_thread(
    connection: sa.Connection, thread: ThreadId, author: PartyId
) -> frozenset[SpaceId]:
    """Return over which lines a party released the alerts of a thread."""
    table = tables.alert.c
    query = sa.select(table.space).where(table.thread == thread, table.author == author)
    return frozenset(connection.execute(query).scalars())


# ---------------------------------------------------------------------------------------- receipts


def owe_receipt(connection: sa.Connection, entry: Entry, digest: bytes, came_at: Instant) -> None:
    """Note that the arrival of an entry is to be confirmed."""
    row = {
        "hash": digest,
        "space": entry.space,
        "thread": entry.thread,
        "precedence": None if entry.precedence is None else int(entry.precedence),
        "came_at": came_at,
    }
    add_rows(connection, tables.owed, row)


# ----------------------------------------------------------------------------------------- details


def _matters(connection: sa.Connection, entry: Entry, digest: bytes) -> list[bytes]:
    """Return the alerts that an entry is about."""
    if entry.kind == Kind.ALERT:
        try:
            replaced = read_body(entry).get(6)
        except EntryMalformed:
            replaced = None
        return [digest, *([replaced] if isinstance(replaced, bytes) else [])]
    if entry.kind not in _CITING:
        return list(entry.refs[:1])
    found: dict[bytes, None] = {}
    for ref in entry.refs:
        matters = _matters_of(connection, ref, entry.space)
        # What runs ahead of what it is about waits under its hash; what is about something else is
        # none of ours.
        is_unknown = not matters and record_rows.find_entry(connection, ref) is None
        found |= dict.fromkeys([ref] if is_unknown else matters)
    return list(found)


def _matters_of(connection: sa.Connection, digest: bytes, space: SpaceId) -> list[bytes]:
    found = connection.execute(_MATTERS, {"hash": digest, "space": space})
    return [bytes(each) for each in found.scalars()]


def _take_waiting(connection: sa.Connection, digest: bytes, matters: Iterable[bytes]) -> None:
    """Let what ran ahead of an entry be about what that entry is about."""
    table = tables.entry
    waiting = connection.execute(_WAITING_FOR, {"hash": digest}).all()
    for matter in matters:
        if matter != digest:
            for row in waiting:
                values = {**row._asdict(), "matter": matter}
                add_rows(connection, table, values)


def _count(connection: sa.Connection, matter: bytes, entry: Entry) -> int:
    about = {"matter": matter, "author": entry.author}
    return int(connection.execute(_COUNT, about).scalar_one())


def _other(connection: sa.Connection, space: SpaceId, own: PartyId) -> PartyId | None:
    """Return the other party of a line's space, None for a group's: alerts go over lines."""
    members = connection.execute(_MEMBERS, {"space": space}).scalars().all()
    others = [party for party in members if party != own]
    return others[0] if len(others) == 1 else None


def is_over_rate(connection: sa.Connection, root: MatterEntry) -> bool:
    """Say whether an alert is a flash after too many others in the same log."""
    if root.entry.precedence is not Precedence.FLASH:
        return False
    at_ms = root.entry.time_ms
    asked = {
        "space": root.entry.space,
        "author": root.entry.author,
        "epoch": root.epoch,
        "place": root.place,
        "since": from_milliseconds(max(0, at_ms - FLASH_WINDOW_MS)),
        "until": from_milliseconds(at_ms),
    }
    return int(connection.execute(_EARLIER_FLASHES, asked).scalar_one()) >= FLASH_PER_HOUR_MAX


def signed_hashes(
    connection: sa.Connection, entries: Mapping[bytes, Entry], encoded: Mapping[bytes, bytes]
) -> set[bytes]:
    """Return the hashes of those entries that an enrolled passkey of their person signed."""
    found: set[bytes] = set()
    for digest, assertion in entries.items():
        act_hash = assertion.refs[0] if assertion.refs else b""
        act = entries.get(act_hash)
        if assertion.kind != Kind.ASSERTION or act is None or assertion.actor is None:
            continue
        key = _key(connection, assertion)
        if key is None:
            continue
        if _is_asserted(encoded[digest], encoded[act_hash], act_hash, key):
            found.add(act_hash)
    return found


def _key(connection: sa.Connection, assertion: Entry) -> EnrolledKey | None:
    credential = credential_of(assertion)
    if credential is None:
        return None
    asked = {
        "space": assertion.space,
        "party": assertion.author,
        "actor": assertion.actor,
        "credential": credential,
    }
    row = connection.execute(_PASSKEY, asked).one_or_none()
    return None if row is None else EnrolledKey(credential, bytes(row.public), row.rp_id)


def _waiting(connection: sa.Connection, matter: bytes) -> set[tuple[str, str]]:
    """Return the deadlines of an alert that were set and are not settled."""
    subjects = [f"{matter.hex()}/{number}" for number in range(HOLDS_MAX + 1)]
    rows = connection.execute(_UNSETTLED, {"subjects": subjects})
    return {(row.kind, row.subject) for row in rows}


def _write(connection: sa.Connection, alert: Alert, at: tuple[int, int]) -> None:
    epoch, place = at
    values = {
        "hash": alert.hash,
        "space": alert.space,
        "thread": alert.thread,
        "author": alert.author,
        "epoch": epoch,
        "place": place,
        "written_at": from_milliseconds(alert.released_ms),
        "written": int(alert.written),
        "precedence": int(alert.precedence),
        "state": alert.state.value,
        "standing": alert.standing.value,
        "is_exercise": int(alert.body.is_exercise),
        "is_open": int(is_open(alert)),
        "breaches": len(alert.breaches),
        "started_at": from_milliseconds(alert.started_ms),
        "body_hash": alert.body_hash,
    }
    put_row(connection, tables.alert, ["hash"], values)


def _arrivals(
    connection: sa.Connection, logs: Mapping[int, Origin], own: PartyId
) -> dict[bytes, int]:
    """Return since when others' entries are here, as our own receipts say."""
    found: dict[bytes, int] = {}
    ours = [log for log, origin in logs.items() if origin.party == own]
    for _, _, entry, _ in _stored(connection, {log: logs[log] for log in ours}, (Kind.RECEIPT,)):
        try:
            at_ms = read_received(entry).at_ms
        except EntryMalformed:
            continue
        for ref in entry.refs:
            found.setdefault(ref, at_ms)
    return found


def _stored(
    connection: sa.Connection,
    logs: Mapping[int, Origin],
    kinds: Sequence[int] = tuple(map(int, KINDS)),
) -> Iterable[tuple[int, Origin, Entry, bytes]]:
    """Yield every entry of some kinds, in the order in which they came."""
    after: int | None = 0
    while after is not None:
        query = EntryQuery(list(logs), kinds, after=after, limit=PAGE, is_set_aside=False)
        page = record_rows.find_entries(connection, query)
        for row in page:
            yield row.place, logs[row.log], read_entry(row.encoded), entry_hash(row.encoded)
        after = page[-1].number if len(page) == PAGE else None
    for early in connection.execute(sa.select(record_tables.early)):
        encoded = bytes(early.encoded)
        try:
            entry = read_entry(encoded)
        except (EncodingRefused, EntryMalformed):
            continue
        if early.log in logs and entry.kind in kinds:
            yield early.place, logs[early.log], entry, entry_hash(encoded)
