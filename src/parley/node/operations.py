"""What an operator may ask of a node, running or not; every answer is plain JSON."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley import __version__
from parley.clock import Clock
from parley.config import Settings
from parley.config.kinds import LANGUAGE, Text
from parley.errors import NodeNotRunning, PartyUnknown, PersonUnknown, RequestMalformed
from parley.identity.card import armour
from parley.identity.fingerprint import words
from parley.identity.person import Appearance, Person, Role, add_person, all_people
from parley.identity.sign_in import issue_link
from parley.ids import PartyId, PersonId
from parley.line.book import Pairing, PairingBook
from parley.line.pairing import PairingEvent
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.line.view import stamp
from parley.node.record_operations import RECORD_OPERATIONS, RecordOperations
from parley.record.keeping import Record
from parley.rooms.seats import Seats
from parley.rooms.service import Rooms
from parley.storage import Database
from parley.web.parts import Parts
from parley.web.serving import first_origin

Json = dict[str, Any]
NAME: Final = Text(1, 80)


class Running(Protocol):
    """What a running node adds to its database."""

    lines: Lines
    record: Record
    rooms: Rooms
    seats: Seats
    set_aside: SetAside
    parts: Parts


class Operations(RecordOperations):
    """The operator's side of one node."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        clock: Clock,
        book: PairingBook,
        running: Running | None,
    ) -> None:
        """Work on a running node, or on its database alone while it does not run."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._book = book
        self._running = running

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
        """Run one operation by name; what the admin socket calls.

        Raises:
            RequestMalformed: there is no such operation, or not with these arguments.
            ParleyError: the operation refused.
        """
        operation: Callable[..., Awaitable[Any]] | None = getattr(self, name, None)
        if name not in OPERATIONS | RECORD_OPERATIONS or operation is None:
            raise RequestMalformed(field="operation")
        try:
            inspect.signature(operation).bind(**arguments)
        except TypeError as error:
            raise RequestMalformed(field="arguments") from error
        return await operation(**arguments)

    # -------------------------------------------------------------------------------------- status

    async def status(self) -> Json:
        """Return what the node is doing."""
        running = self._require_running()
        return {
            "party": self._own(),
            "version": __version__,
            "started_at": stamp(running.parts.started_at),
            "address": first_origin(self._settings),
            "lines": _plain(running.lines.views()),
            "rooms": _plain(running.rooms.views()),
            "participants": running.seats.count(),
            "set_aside": [
                {
                    "reason": count.code,
                    "party": count.party.text if count.party else None,
                    "count": count.count,
                    "last_at": stamp(count.last_at),
                }
                for count in running.set_aside.counts()
            ],
        }

    # ------------------------------------------------------------------------------------- pairing

    async def pair_card(self) -> Json:
        """Return our own card as text."""
        own = self._book.own
        return {"party": self._own(), "card": armour(own.card_bytes)}

    async def pair_import(self, card: str, label: str | None = None) -> Json:
        """Take in another party's card."""
        content = card.encode("utf-8", "surrogatepass")
        if self._running is not None:
            return self._pairing(await self._running.lines.import_card(content, label))
        pairing, _ = await self._book.import_card(content, label)
        return self._pairing(pairing)

    async def pair_words(self, party: str, language: str = "en") -> Json:
        """Return the words both operators read to each other."""
        pairing = self._book.get(self.find_party(party))
        numbers = self._book.fingerprint(pairing.party.id)
        return {
            **self._pairing(pairing),
            "language": language,
            "words": list(words(numbers, language)),
        }

    async def pair_confirm(self, party: str) -> Json:
        """Note that the words agree: open our end of the line."""
        return await self._step(party, PairingEvent.CONFIRM)

    async def pair_suspend(self, party: str) -> Json:
        """Close our end of a line until further notice."""
        return await self._step(party, PairingEvent.SUSPEND)

    async def pair_resume(self, party: str) -> Json:
        """Open our end of a suspended line again."""
        return await self._step(party, PairingEvent.RESUME)

    async def pair_remove(self, party: str) -> Json:
        """Forget another party."""
        pairing = self._book.get(self.find_party(party))
        if self._running is not None:
            await self._running.lines.remove(pairing.party.id)
        else:
            await self._book.remove(pairing.party.id)
        return {"removed": pairing.party.id.text}

    async def pair_list(self) -> Json:
        """Return every other party and how far its line is confirmed."""
        return {
            "party": self._own(),
            "pairings": [self._pairing(pairing) for pairing in self._book.all()],
        }

    # -------------------------------------------------------------------------------------- people

    async def person_add(
        self, name: str, language: str = "en", role: str = Role.MEMBER.value
    ) -> Json:
        """Add a person and return a one-time link that signs them in."""
        now = self._clock.now()
        try:
            person = Person(
                PersonId.new(),
                NAME.read(name),
                LANGUAGE.read(language),
                Appearance.SYSTEM,
                Role(role),
                now,
            )
        except ValueError as error:
            raise RequestMalformed(field="person") from error
        await self._database.write(lambda connection: add_person(connection, person))
        return await self._link(person, now)

    async def person_link(self, person: str) -> Json:
        """Return a fresh one-time link for somebody."""
        return await self._link(await self.find_person(person), self._clock.now())

    async def person_list(self) -> Json:
        """Return everybody of our party."""
        people = await self._database.read(all_people)
        return {"people": [_person(person) for person in people]}

    # --------------------------------------------------------------------------------------- rooms

    async def room_open(self, person: str, title: str, parties: list[str]) -> Json:
        """Open a room in somebody's name."""
        running = self._require_running()
        ids = [self.find_party(party) for party in parties]
        room = await running.rooms.open(await self.find_person(person), title, ids)
        return {"room": room.id.text}

    async def room_close(self, room: str) -> Json:
        """Close a room."""
        running = self._require_running()
        for known in running.rooms.open_rooms():
            if known.id.text == room:
                await running.rooms.close(known.id)
                return {"closed": room}
        raise RequestMalformed(field="room")

    # ------------------------------------------------------------------------------------- details

    @override
    def running_record(self) -> Record | None:
        """Return the record of the running node, if it runs."""
        return None if self._running is None else self._running.record

    @override
    def find_party(self, text: str) -> PartyId:
        """Return the one other party that ``text`` names: its id, the beginning of it, or its name.

        Raises:
            PartyUnknown: none, or more than one.
        """
        wanted = text.casefold()
        found = [
            pairing.party.id
            for pairing in self._book.all()
            if pairing.party.id.text.startswith(wanted) or pairing.party.name.casefold() == wanted
        ]
        if len(found) != 1:
            raise PartyUnknown(party=text[:80])
        return found[0]

    async def find_person(self, text: str) -> Person:
        """Return the one person that ``text`` names: their id, the beginning of it, or their name.

        Raises:
            PersonUnknown: nobody, or more than one.
        """
        wanted = text.casefold()
        people = await self._database.read(all_people)
        found = [
            person
            for person in people
            if person.id.text.startswith(wanted) or person.name.casefold() == wanted
        ]
        if len(found) != 1:
            raise PersonUnknown(person=text[:80])
        return found[0]

    async def _step(self, party: str, event: PairingEvent) -> Json:
        found = self.find_party(party)
        if self._running is not None:
            return self._pairing(await self._running.lines.apply(found, event))
        pairing, _ = await self._book.apply(found, event)
        return self._pairing(pairing)

    async def _link(self, person: Person, now: Instant) -> Json:
        def issue(connection: sa.Connection) -> str:
            return issue_link(connection, person.id, now)

        code = await self._database.write(issue)
        return {**_person(person), "address": f"{first_origin(self._settings)}/sign-in?code={code}"}

    def _own(self) -> Json:
        own = self._book.own
        return {"id": own.id.text, "name": own.name, "card_expires_at": stamp(own.card.expires_at)}

    def _pairing(self, pairing: Pairing) -> Json:
        card = pairing.party.card
        return {
            "party": {"id": pairing.party.id.text, "name": pairing.party.name},
            "state": pairing.state.value,
            "languages": list(card.languages),
            "time_zone": card.time_zone,
            "paths": [
                {"name": path.name, "address": path.address, "tcp": path.has_tcp}
                for path in card.endpoints
            ],
            "card_expires_at": stamp(card.expires_at),
            "ours_confirmed_at": _when(pairing.ours_confirmed_at),
            "theirs_confirmed_at": _when(pairing.theirs_confirmed_at),
        }

    def _require_running(self) -> Running:
        if self._running is None:
            raise NodeNotRunning(folder=str(self._settings.folder))
        return self._running


OPERATIONS: Final = frozenset(
    {
        "status",
        "pair_card",
        "pair_import",
        "pair_words",
        "pair_confirm",
        "pair_suspend",
        "pair_resume",
        "pair_remove",
        "pair_list",
        "person_add",
        "person_link",
        "person_list",
        "room_open",
        "room_close",
    }
)
"""What the admin socket may call."""


def _person(person: Person) -> Json:
    return {
        "person": {"id": person.id.text, "name": person.name},
        "language": person.language,
        "role": person.role.value,
    }


def _when(instant: Instant | None) -> str | None:
    return None if instant is None else stamp(instant)


def _plain(views: object) -> Any:  # noqa: ANN401  JSON
    return msgspec.to_builtins(views)
