"""The rooms of a running node: statements on disk, on the lines and in the engine, in step."""

from collections.abc import Callable, Iterable
from typing import Final

from whenever import Instant

from parley import _core
from parley.clock import Clock
from parley.config import Settings
from parley.errors import (
    EngineFault,
    ParleyError,
    PartyUnconfirmed,
    RequestMalformed,
    RoomClosed,
    RoomNotTheirs,
    RoomsTooMany,
    RoomUnknown,
)
from parley.identity.keys import PartyKey
from parley.identity.person import Person
from parley.ids import PartyId, RoomId
from parley.line.engine import Engine, Feed, is_about
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.line.view import party_view
from parley.rooms.announcements import Catalogue
from parley.rooms.letters import LANE, PartyReport, Quality, Statements, read_letter, write_letter
from parley.rooms.quality import Reports
from parley.rooms.repository import all_rooms, is_known, save_room
from parley.rooms.room import Room, RoomState, closed
from parley.rooms.roster import Rosters
from parley.rooms.statement import (
    PARTIES_MAX,
    TITLE,
    TOPIC,
    Closing,
    Opening,
    hash_of,
    sign_closing,
    sign_opening,
)
from parley.rooms.view import RoomView, room_view
from parley.storage import Database
from parley.telemetry import log

CLOSED_SHOWN_HOURS: Final = 24
"""Hours a closed room stays on the desk and is handed over to those who have not heard."""


class Rooms:
    """All rooms of one node; who sits in them is :class:`parley.rooms.seats.Seats`' part."""

    def __init__(
        self,
        *,
        engine: Engine,
        feed: Feed,
        lines: Lines,
        database: Database,
        settings: Settings,
        key: PartyKey,
        clock: Clock,
        set_aside: SetAside,
    ) -> None:
        self._engine = engine
        self._lines = lines
        self._database = database
        self._settings = settings
        self._key = key
        self._clock = clock
        self._set_aside = set_aside
        self._catalogue = Catalogue(key.party, self._pinned, settings.rooms.open_max)
        self._delivered: dict[PartyId, set[RoomId]] = {}
        self._under_way: dict[PartyId, tuple[int, bytes, frozenset[RoomId]]] = {}
        self._attached: set[tuple[RoomId, PartyId]] = set()
        self._on_change: list[Callable[[], None]] = []
        self._on_closed: list[Callable[[RoomId, str], None]] = []
        self._is_restricted: Callable[[Room], bool] = lambda _: False
        self._is_exercise: Callable[[Room], bool] = lambda _: False
        self.rosters = Rosters(self.party_name)
        self.reports = Reports()
        lines.read_topic(TOPIC, self._on_letter)
        lines.on_agreed(self._on_agreed)
        feed.subscribe(_core.LetterDelivered, self._on_delivered)
        feed.subscribe(_core.RoomClosed, self._on_engine_closed)

    # ---------------------------------------------------------------------- what people ask for

    async def open(self, person: Person, title: str, parties: Iterable[PartyId]) -> Room:
        """Open a room for our own party and others.

        Raises:
            RequestMalformed: the title or the list of parties cannot be.
            PartyUnconfirmed: a party's line is not confirmed by both sides.
            RoomsTooMany: too many rooms are open.
        """
        return await self.open_as(person.name, title, parties)

    async def open_as(self, name: str, title: str, parties: Iterable[PartyId]) -> Room:
        """Open a room in somebody's name, or in the party's own when nobody opens it.

        Raises:
            RequestMalformed: the title or the list of parties cannot be.
            PartyUnconfirmed: a party's line is not confirmed by both sides.
            RoomsTooMany: too many rooms are open.
        """
        others = sorted(set(parties) - {self._key.party})
        if not 0 <= len(others) < PARTIES_MAX:
            raise RequestMalformed(field="parties")
        for party in others:
            if not self._lines.is_agreed(party):
                raise PartyUnconfirmed(party=party.text)
        open_max = self._settings.rooms.open_max
        if len(self._catalogue.open_rooms()) >= open_max:
            raise RoomsTooMany(rooms_max=open_max)
        room = self._signed_room(name, title, others)
        await self._learn(room)
        log.info("room opened", room=room.id.text, parties=len(room.members))
        await self._announce(room, None)
        return room

    async def close(self, room: RoomId) -> Room:
        """Close a room for everyone; one that is closed stays as it is.

        Raises:
            RoomUnknown: no such room is known here.
        """
        known = self._catalogue.get(room)
        if known.state is RoomState.CLOSED:
            return known
        closing = Closing(room, self._key.public, self._now_ms(), hash_of(known.opening_bytes))
        changed = closed(known, closing, sign_closing(closing, self._key))
        await self._learn(changed)
        log.info("room closed", room=room.text)
        await self._announce(changed, None)
        return changed

    def find(self, room: RoomId) -> Room:
        """Return a room, closed or not.

        Raises:
            RoomUnknown: no such room is known here.
        """
        return self._catalogue.get(room)

    def require_open(self, room: RoomId) -> Room:
        """Return a room that can be joined.

        Raises:
            RoomUnknown: no such room is known here.
            RoomClosed: it was closed.
        """
        known = self._catalogue.get(room)
        if known.state is RoomState.CLOSED:
            raise RoomClosed(room=room.text)
        return known

    def views(self) -> list[RoomView]:
        """Return open rooms and those closed lately, as a desk shows them."""
        return [
            room_view(
                room,
                party_view(room.opening.opener, self.party_name(room, room.opening.opener)),
                tuple(
                    party_view(party, self.party_name(room, party))
                    for party, _ in room.opening.parties
                ),
                self.rosters.listed(room.id),
                is_restricted=self._is_restricted(room),
                is_exercise=self._is_exercise(room),
            )
            for room in self._catalogue.all()
        ]

    def restrict_by(self, is_restricted: Callable[[Room], bool]) -> None:
        """Let desks be told which rooms only named people of ours may enter."""
        self._is_restricted = is_restricted

    def mark_by(self, is_exercise: Callable[[Room], bool]) -> None:
        """Let desks be told which rooms are an exercise's."""
        self._is_exercise = is_exercise

    def all_rooms(self) -> list[Room]:
        """Return open rooms and those closed lately."""
        return list(self._catalogue.all())

    def open_rooms(self) -> list[Room]:
        """Return the rooms that are open."""
        return self._catalogue.open_rooms()

    def party_name(self, room: Room, party: PartyId) -> str:
        """Return the name a party goes by in a room: the label pinned here before the opener's."""
        pinned = self._lines.name_of(party)
        return pinned if pinned is not None else dict(room.opening.parties).get(party, party.text)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when what a desk shows of rooms may have changed."""
        self._on_change.append(listener)

    def on_closed(self, listener: Callable[[RoomId, str], None]) -> None:
        """Call ``listener`` with room and reason when a room ends: ``closed`` or ``fault``."""
        self._on_closed.append(listener)

    def changed(self) -> None:
        """Tell the desks to look again."""
        for listener in self._on_change:
            listener()

    # ------------------------------------------------------------------------------ from the shell

    async def start(self) -> None:
        """Open in the engine what the rows say is open."""
        since = self._clock.now().subtract(hours=CLOSED_SHOWN_HOURS)
        self._catalogue.load(
            await self._database.read(lambda connection: all_rooms(connection, since))
        )
        for room in self._catalogue.open_rooms():
            self._open_in_engine(room)

    async def tick(self) -> None:
        """Do what is due; the shell calls this once a second."""
        since = self._clock.now().subtract(hours=CLOSED_SHOWN_HOURS)
        old = [
            room.id
            for room in self._catalogue.all()
            if room.closing is not None and room.closing.closed_at < since
        ]
        if old:
            self._catalogue.forget(old)
            self.reports.forget(old)
            self.changed()
        self._detach_unconfirmed()

    # -------------------------------------------------------------------- statements on the lines

    async def _on_letter(self, party: PartyId, body: bytes) -> None:
        letter = read_letter(body)
        match letter:
            case Statements(rooms):
                for opening, closing in rooms:
                    await self._take(party, opening, closing)
            case Quality(reports):
                self._take_reports(party, reports)

    async def _take(self, party: PartyId, opening: bytes, closing: bytes | None) -> None:
        """Judge one room; a bad one is set aside and the others of the letter stand."""
        try:
            room = self._catalogue.take(opening, closing, party)
        except ParleyError as error:
            self._set_aside.add_error(error, party, self._clock.now())
            log.warning("room set aside", party=party.text, code=error.code)
            return
        if room is None or await self._is_long_closed(room):
            return
        await self._learn(room)
        log.info("room learned", room=room.id.text, party=party.text, state=room.state.value)
        await self._announce(room, party)

    def _take_reports(self, party: PartyId, reports: tuple[PartyReport, ...]) -> None:
        """Keep reports about rooms that the sender and the reported party belong to."""
        for report in reports:
            try:
                members = self._catalogue.get(report.room).members
            except RoomUnknown:
                continue
            if not {party, report.party} <= members or report.party == self._key.party:
                self._set_aside.add(RoomNotTheirs.code, party, self._clock.now())
                continue
            self.reports.take(report, party, self._clock.monotonic())

    async def _on_agreed(self, party: PartyId) -> None:
        """Hand over everything anew: the line is new, or the other node has restarted."""
        self._delivered.pop(party, None)
        self._under_way.pop(party, None)
        for room in self._catalogue.open_rooms():
            self._attach(room)
        self._hand_over(party)
        self.changed()

    async def _on_delivered(self, event: _core.LetterDelivered) -> None:
        for party, (letter, _, closed_rooms) in list(self._under_way.items()):
            if letter == event.letter:
                self._delivered.setdefault(party, set()).update(closed_rooms)

    async def _announce(self, room: Room, came_from: PartyId | None) -> None:
        for party in self._lines.agreed():
            if party in room.members and party != came_from:
                self._hand_over(party)

    def _hand_over(self, party: PartyId) -> None:
        """Send a party all statements it shares, in place of any such letter still under way."""
        statements = self._catalogue.statements_for(party, self._delivered.get(party, set()))
        body = write_letter(statements)
        before = self._under_way.get(party)
        if before is not None and before[1] == body:
            return
        if before is not None:
            self._lines.cancel(before[0])
        closed_rooms = frozenset(
            room.id for room in self._catalogue.all() if room.state is RoomState.CLOSED
        )
        try:
            letter = self._lines.send(party, LANE, TOPIC, body)
        except (PartyUnconfirmed, EngineFault):
            log.warning("rooms not handed over", party=party.text, exc_info=True)
            self._under_way.pop(party, None)
            return
        self._under_way[party] = (letter, body, closed_rooms)

    # ------------------------------------------------------------------------------------- engine

    async def _on_engine_closed(self, event: _core.RoomClosed) -> None:
        """Open a room again that the engine lost; its pages join again by themselves."""
        room = RoomId(event.room)
        log.error("room lost in the engine", room=room.text, reason=event.reason)
        self._attached = {pair for pair in self._attached if pair[0] != room}
        self.rosters.forget(room)
        for listener in self._on_closed:
            listener(room, "fault")
        for known in self._catalogue.open_rooms():
            if known.id == room:
                self._open_in_engine(known)

    async def _learn(self, room: Room) -> None:
        """Write a room's new state, then let engine and desks follow."""
        await self._database.write(lambda connection: save_room(connection, room))
        self._catalogue.put(room)
        if room.state is RoomState.OPEN:
            self._open_in_engine(room)
        else:
            self._close_in_engine(room)
        self.changed()

    def _open_in_engine(self, room: Room) -> None:
        try:
            self._engine.open_room(room.id)
        except _core.CoreError as error:
            if not is_about(error, "room_exists"):
                log.error("room not opened in the engine", room=room.id.text, code=error.code)
                return
        self._attach(room)

    def _close_in_engine(self, room: Room) -> None:
        for listener in self._on_closed:
            listener(room.id, "closed")
        self._attached = {pair for pair in self._attached if pair[0] != room.id}
        self.rosters.forget(room.id)
        self.reports.forget([room.id])
        try:
            self._engine.close_room(room.id)
        except _core.CoreError as error:
            if not is_about(error, "room_unknown"):
                log.error("room not closed in the engine", room=room.id.text, code=error.code)

    def _attach(self, room: Room) -> None:
        """Let every agreed line to a party of the room carry it."""
        for party in self._lines.agreed():
            if party not in room.members or (room.id, party) in self._attached:
                continue
            try:
                self._engine.attach(room.id, party)
            except _core.CoreError as error:
                log.warning("room not attached", room=room.id.text, code=error.code)
                continue
            self._attached.add((room.id, party))

    def _detach_unconfirmed(self) -> None:
        """Take rooms off lines that are no longer agreed."""
        agreed = set(self._lines.agreed())
        for room, party in list(self._attached):
            if party in agreed:
                continue
            self._attached.discard((room, party))
            try:
                self._engine.detach(room, party)
            except _core.CoreError as error:
                log.warning("room not detached", room=room.text, code=error.code)

    # ------------------------------------------------------------------------------------- details

    def _signed_room(self, name: str, title: str, others: list[PartyId]) -> Room:
        try:
            plain_title = TITLE.read(title)
        except ValueError as error:
            raise RequestMalformed(field="title") from error
        names = dict(self._pinned())
        parties = sorted({*others, self._key.party})
        opening = Opening(
            RoomId.new(),
            plain_title,
            self._key.public,
            name,
            self._now_ms(),
            tuple((party, names[party]) for party in parties),
        )
        return Room(opening, sign_opening(opening, self._key))

    def _now_ms(self) -> Instant:
        return self._clock.now().round("millisecond", mode="floor")

    def _pinned(self) -> list[tuple[PartyId, str]]:
        book = self._lines.book
        return [
            (book.own.id, book.own.name),
            *((pairing.party.id, pairing.party.name) for pairing in book.all()),
        ]

    async def _is_long_closed(self, room: Room) -> bool:
        """Say whether a room is new to the catalogue only because it was closed long ago."""
        if any(known.id == room.id for known in self._catalogue.all()):
            return False
        return await self._database.read(lambda connection: is_known(connection, room.id))
