"""Crises of a running node, and what people say within them. Owned by the event loop's thread.

Whatever becomes an entry is first tried: it is laid beside those that are there, and what they come
to together is computed. If it would be a breach it is refused here, with the guard's name.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.crisis.assessment.projection import assess
from parley.crisis.conduct import repository
from parley.crisis.conduct.repository import KEPT, QUIET, CrisisFound, CrisisKeeper
from parley.crisis.crises import tables
from parley.crisis.crises.bodies import (
    Fact,
    Opening,
    Reply,
    Statement,
    fact_body,
    opening_body,
    reply_body,
    statement_body,
    words_body,
)
from parley.crisis.crises.effects import Effects
from parley.crisis.crises.fields import Texts
from parley.crisis.crises.machine import FactState
from parley.crisis.crises.matter import Crisis
from parley.crisis.crises.projection import work_out
from parley.crisis.crises.standing_room import room_title
from parley.crisis.matter import Breach, MatterEntry
from parley.crisis.text import LONG_BYTES_MAX, LONG_CHARACTERS_MAX, findings
from parley.errors import CrisisRefused, CrisisTextRefused, CrisisUnknown, OurError
from parley.identity.person import Person
from parley.ids import ActorId, PartyId, RoomId, SpaceId, ThreadId
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.keeping import EntryDraft, PreparedEntry, Record
from parley.record.kinds import Kind
from parley.storage import Database, insert
from parley.storage.deadlines import Deadlines
from parley.telemetry import log

SHOWN_MAX: Final = 200
"""Crises in one answer; each is worked out from its entries."""
NO_TIP: Final = frozenset({Kind.CRISIS_LINK})
"""Kinds in which every reference but the first means something of its own."""


class Titled(Protocol):
    """What was signed when a room was opened."""

    @property
    def title(self) -> str:
        """What it is called."""


class OpenedRoom(Protocol):
    """A room as the node knows it."""

    @property
    def id(self) -> RoomId:
        """The room's id, the same at every party."""

    @property
    def opening(self) -> Titled:
        """What was signed when it was opened."""

    @property
    def members(self) -> frozenset[PartyId]:
        """Whom it spans."""


class StandingRooms(Protocol):
    """Opens and closes rooms; what wires the node gives it."""

    def open_rooms(self) -> Sequence[OpenedRoom]:
        """Return the rooms that are open."""

    async def open(self, person: Person, title: str, parties: Sequence[PartyId]) -> OpenedRoom:
        """Open a room for our party and others."""

    async def close(self, room: RoomId) -> OpenedRoom:
        """Close a room for everyone."""


class Crises:
    """The crises of one node."""

    def __init__(
        self, *, record: Record, database: Database, clock: Clock, deadlines: Deadlines
    ) -> None:
        """Keep rows beside the record's entries from here on."""
        self._record = record
        self._database = database
        self._clock = clock
        self.own: PartyId = record.keys.party
        self.keeper = CrisisKeeper(self.own)
        self._rooms: StandingRooms | None = None
        record.keep_with(KEPT, self.keeper.keep)
        deadlines.on(QUIET, self.keeper.remind)

    def use_rooms(self, rooms: StandingRooms) -> None:
        """Let a crisis that is open here have a room that stands open."""
        self._rooms = rooms

    def now(self) -> Instant:
        """Return the node's present."""
        return self._clock.now()

    # ------------------------------------------------------------------------- to be looked at

    async def crises(
        self, space: SpaceId | None = None, limit: int = 50, *, is_open_only: bool = False
    ) -> Sequence[CrisisFound]:
        """Return crises, the last one something was said in first."""

        def find(connection: sa.Connection) -> list[CrisisFound]:
            hashes = repository.crisis_hashes(
                connection, space, min(limit, SHOWN_MAX), is_open_only=is_open_only
            )
            found = (self.keeper.find(connection, each) for each in hashes)
            return [each for each in found if each is not None]

        return await self._database.read(find)

    async def find(self, crisis: bytes) -> CrisisFound:
        """Return one crisis.

        Raises:
            CrisisUnknown: it is not here.
        """
        return await self._database.read(
            lambda connection: repository.find_crisis(connection, self.keeper, crisis)
        )

    async def crises_beginning(self, digits: str) -> Sequence[Crisis]:
        """Return every crisis whose hash begins with some digits, however old."""

        def find(connection: sa.Connection) -> list[Crisis]:
            hashes = repository.crisis_hashes_beginning(connection, digits)
            found = (self.keeper.find(connection, each) for each in hashes)
            return [each.crisis for each in found if each is not None]

        return await self._database.read(find)

    async def crisis_of(self, entry: bytes) -> bytes:
        """Return which crisis an entry of ours opened.

        Raises:
            CrisisUnknown: it opened none.
        """

        def find(connection: sa.Connection) -> bytes:
            table = tables.entry.c
            query = sa.select(table.crisis).where(table.hash == entry)
            found = connection.execute(query).scalars().first()
            if found is None:
                raise CrisisUnknown
            return bytes(found)

        return await self._database.read(find)

    async def effects(self, space: SpaceId) -> Effects:
        """Return what the crises of a line change here."""
        return await self._database.read(lambda c: self.keeper.effects(c, space))

    async def quiet_since(self, crisis: bytes) -> int | None:
        """Return when we were last reminded of a crisis, None if something was said since."""
        at = await self._database.read(lambda c: repository.reminded_at(c, crisis))
        found = await self.find(crisis)
        is_quiet = at is not None and milliseconds(at) > found.crisis.last_ms
        return milliseconds(at) if at is not None and is_quiet else None

    # ------------------------------------------------------------------------------- our side

    async def prepare_opening(self, space: SpaceId, actor: ActorId, said: Opening) -> PreparedEntry:
        """Make the entry that opens a crisis nobody has opened, for a releaser to sign.

        Raises:
            CrisisTextRefused: the title could be misread.
            SpaceUnknown, LogNotOpen: there is no record with that party, or it cannot grow.
        """
        check_texts("title", said.title)
        year = self._clock.now().to_tz("UTC").year
        number = await self._database.read(
            lambda connection: repository.next_number(connection, space, self.own, year)
        )
        numbered = Opening(
            title=said.title,
            grade=said.grade,
            start_ms=said.start_ms,
            year=year,
            number=number,
            is_exercise=said.is_exercise,
            reaches_principals=said.reaches_principals and said.is_exercise,
        )
        draft = EntryDraft(
            kind=Kind.CRISIS_OPENING,
            body=opening_body(numbered),
            actor=actor,
            thread=ThreadId.new(),
            precedence=Precedence.PRIORITY,
        )
        return self._record.prepare_draft(space, draft)

    async def prepare_own_opening(
        self, crisis: bytes, actor: ActorId, said: Opening
    ) -> PreparedEntry:
        """Make the entry that opens our side of a crisis, opens it again or renames it.

        Raises:
            CrisisUnknown, CrisisTextRefused, CrisisRefused: it cannot be.
        """
        check_texts("title", said.title)
        found = await self.find(crisis)
        own = Opening(
            title=said.title,
            grade=said.grade,
            start_ms=said.start_ms,
            is_exercise=found.crisis.is_exercise,
            reaches_principals=found.crisis.is_exercise and said.reaches_principals,
        )
        return self.prepare(found, Kind.CRISIS_OPENING, opening_body(own), actor)

    async def prepare_closing(
        self, crisis: bytes, actor: ActorId, words: str | None
    ) -> PreparedEntry:
        """Make the entry that closes our side; raises like :meth:`prepare_own_opening`."""
        found = await self.find(crisis)
        return self.prepare(found, Kind.CRISIS_CLOSING, words_body(words), actor)

    async def prepare_fact(self, crisis: bytes, actor: ActorId, said: Fact) -> PreparedEntry:
        """Make the entry by which we sign a fact; raises like :meth:`prepare_own_opening`."""
        check_texts("fact", said.texts)
        found = await self.find(crisis)
        refs = () if said.claim is None else (said.claim,)
        return self.prepare(found, Kind.CRISIS_FACT, fact_body(said), actor, refs)

    async def prepare_same_fact(
        self, crisis: bytes, actor: ActorId, body_hash: bytes
    ) -> PreparedEntry:
        """Make the entry by which we sign the very fact that they signed.

        Raises:
            CrisisUnknown: there is no such crisis.
            CrisisRefused: there is no such fact that waits for us.
        """
        found = await self.find(crisis)
        fact = next((each for each in found.crisis.facts if each.body_hash == body_hash), None)
        if fact is None or fact.state is FactState.AGREED or self.own in fact.signed:
            raise CrisisRefused(reason="fact")
        return await self.prepare_fact(crisis, actor, fact.said)

    # ---------------------------------------------------------------------------- what is said

    async def say(self, crisis: bytes, actor: ActorId, said: Statement) -> bytes:
        """Claim, ask or offer something; raises like :meth:`prepare_own_opening`."""
        check_texts("text", said.texts)
        found = await self.find(crisis)
        refs = () if said.disputes is None else (said.disputes,)
        body = statement_body(said)
        return await self.append(self.prepare(found, Kind.CRISIS_STATEMENT, body, actor, refs))

    async def reply(self, crisis: bytes, actor: ActorId, to: bytes, said: Reply) -> bytes:
        """Take a request or an offer up, or decline it; raises like :meth:`prepare_own_opening`."""
        found = await self.find(crisis)
        body = reply_body(said)
        return await self.append(self.prepare(found, Kind.CRISIS_REPLY, body, actor, (to,)))

    async def take_back(
        self, crisis: bytes, actor: ActorId, what: bytes, words: str | None
    ) -> bytes:
        """Take back what we said; raises like :meth:`prepare_own_opening`."""
        found, body = await self.find(crisis), words_body(words)
        return await self.append(self.prepare(found, Kind.CRISIS_WITHDRAWAL, body, actor, (what,)))

    async def link(
        self, crisis: bytes, actor: ActorId, entries: Sequence[bytes], words: str | None
    ) -> bytes:
        """Say that entries belong to a crisis; raises like :meth:`prepare_own_opening`."""
        found, body = await self.find(crisis), words_body(words)
        new = tuple(dict.fromkeys(each for each in entries if each != crisis))
        return await self.append(self.prepare(found, Kind.CRISIS_LINK, body, actor, new))

    # ----------------------------------------------------------------------- the standing room

    async def keep_room(self, crisis: bytes, person: Person) -> str | None:
        """Let the room of a crisis stand open as long as our side does; return its id.

        It is ours alone until both sides are open, and then for both: whichever side opens second
        opens it. Whatever hinders it (as many rooms as may be are open) hinders no crisis.
        """
        if self._rooms is None:
            return None
        found = (await self.find(crisis)).crisis
        try:
            await self._keep_room(self._rooms, found, person)
        except OurError as error:
            log.warning("standing room not kept", crisis=crisis.hex()[:12], code=error.code)
        return await self.room(crisis)

    async def room(self, crisis: bytes) -> str | None:
        """Return the id of the room that stands open here, that of both sides before our own."""
        found = (await self.find(crisis)).crisis
        if self.own in found.open_by and (shared := self._shared_room(found)) is not None:
            return shared.text
        known = await self._room(crisis)
        return None if known is None else known[0]

    async def _keep_room(self, rooms: StandingRooms, found: Crisis, person: Person) -> None:
        known, is_open = await self._room(found.hash), self.own in found.open_by
        is_shared = len(found.open_by) == len(found.members)
        if is_open and is_shared and self._shared_room(found) is not None:
            return
        if known is not None and (not is_open or known[1] != is_shared):
            await rooms.close(RoomId.parse(known[0]))
            await self._set_room(found.hash, None, is_shared=False)
            known = None
        if not is_open or known is not None:
            return
        title = room_title(found.year, found.number, found.hash)
        parties = [found.other(self.own)] if is_shared else []
        opened = await rooms.open(person, title, parties)
        await self._set_room(found.hash, opened.id.text, is_shared=is_shared)

    def _shared_room(self, found: Crisis) -> RoomId | None:
        """Return the room that stands open for both sides, whichever opened it."""
        title = room_title(found.year, found.number, found.hash)
        for each in () if self._rooms is None else self._rooms.open_rooms():
            if each.opening.title == title and each.members == {*found.members}:
                return each.id
        return None

    async def _room(self, crisis: bytes) -> tuple[str, bool] | None:
        def find(connection: sa.Connection) -> tuple[str, bool] | None:
            table = tables.room.c
            query = sa.select(table.room, table.is_shared).where(table.crisis == crisis)
            row = connection.execute(query).one_or_none()
            return None if row is None else (row.room, bool(row.is_shared))

        return await self._database.read(find)

    async def _set_room(self, crisis: bytes, room: str | None, *, is_shared: bool) -> None:
        def write(connection: sa.Connection) -> None:
            connection.execute(tables.room.delete().where(tables.room.c.crisis == crisis))
            if room is not None:
                row = {"crisis": crisis, "room": room, "is_shared": int(is_shared)}
                connection.execute(insert(connection, tables.room).values(row))

        await self._database.write(write)

    # -------------------------------------------------------------------------------- details

    def prepare(
        self,
        found: CrisisFound,
        kind: Kind,
        body: Mapping[int, Value],
        actor: ActorId | None,
        refs: tuple[bytes, ...] = (),
    ) -> PreparedEntry:
        """Make an entry in a crisis, and try what it would come to.

        Raises:
            CrisisRefused: it would be a breach.
        """
        crisis = found.crisis
        tip = () if kind in NO_TIP else self._tip(found)
        draft = EntryDraft(
            kind=kind,
            body=body,
            actor=actor,
            thread=crisis.thread,
            refs=tuple(dict.fromkeys((crisis.hash, *refs, *tip))),
            precedence=Precedence.PRIORITY,
        )
        prepared = self._record.prepare_draft(crisis.space, draft)
        breach = self._tried(found, prepared)
        if breach is not None:
            raise CrisisRefused(reason=f"{breach.kind}: {breach.what}")
        return prepared

    async def append(self, prepared: PreparedEntry) -> bytes:
        """Append what needs no signature of its own; return its hash."""
        return (await self._record.append_prepared(prepared))[0].hash

    def _tip(self, found: CrisisFound) -> tuple[bytes, ...]:
        """Return the other party's last entry in a crisis: ours comes after it."""
        crisis = found.crisis.hash
        theirs = [
            each for each in found.entries if each.entry.author != self.own and each.hash != crisis
        ]
        last = max(theirs, key=lambda each: (each.epoch, each.place), default=None)
        return () if last is None else (last.hash,)

    def _tried(self, found: CrisisFound, prepared: PreparedEntry) -> Breach | None:
        own = [each for each in found.entries if each.entry.author == self.own]
        place = max((each.place for each in own), default=0) + 1
        epoch = max((each.epoch for each in own), default=0)
        new = MatterEntry(
            *(prepared.hash, prepared.entry, epoch, place, prepared.time_ms), is_signed=True
        )
        entries = (*found.entries, new)
        crisis = work_out(found.crisis.hash, found.crisis.members, entries)
        if crisis is None:
            return None
        assessment = assess(crisis, entries, found.terms)
        breaches = (*crisis.breaches, *(() if assessment is None else assessment.breaches))
        return next((each for each in breaches if each.hash == prepared.hash), None)


def check_texts(field: str, texts: Texts) -> None:
    """Refuse texts of ours that a reader could misread.

    Raises:
        CrisisTextRefused: something is wrong with one; the first thing is named.
    """
    for _, text in texts:
        for finding in findings(text, LONG_CHARACTERS_MAX, LONG_BYTES_MAX):
            raise CrisisTextRefused(field=field, reason=f"{finding.fault.value} {finding.place}")
