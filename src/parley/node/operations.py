"""What an operator may ask of a node, running or not; every answer is plain JSON."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Final, Protocol

import msgspec
import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley import __version__
from parley.clock import Clock
from parley.config import Settings
from parley.config.kinds import LANGUAGE, Text
from parley.crisis.conduct.assessments import Assessments
from parley.crisis.conduct.crises import Crises
from parley.crisis.duty.service import DutyService
from parley.crisis.papers.calls import Calls
from parley.crisis.papers.notifications import Notifications
from parley.crisis.view import Name
from parley.errors import (
    ActRefused,
    GuardMissing,
    NodeNotRunning,
    OfficeUnknown,
    PartyUnknown,
    PersonUnknown,
    ProviderMissing,
    RequestMalformed,
)
from parley.identity.card import armour
from parley.identity.device import devices_of, find_device, revoke_device
from parley.identity.fingerprint import words
from parley.identity.machine_account import all_machines, make_machine, revoke_machine
from parley.identity.office import Office, all_offices, change_office, make_office
from parley.identity.permission import Act, MachineAct, Role, operator_may
from parley.identity.person import Person, all_people
from parley.identity.staff import THE_OPERATOR, PersonChange, change_staff, invite, invite_again
from parley.identity.subject import subjects_of, tie, untie
from parley.identity.trail import OPERATOR, check_trail, read_trail
from parley.ids import PartyId, SpaceId
from parley.line.blobs import BlobExchange
from parley.line.book import Pairing, PairingBook
from parley.line.pairing import PairingEvent
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.line.view import stamp
from parley.node.crisis_operations import CRISIS_OPERATIONS, CrisisOperations
from parley.node.duty_operations import DUTY_OPERATIONS, DutyOperations
from parley.node.paper_operations import PAPER_OPERATIONS, PaperOperations
from parley.node.record_exercise import RecordExercise
from parley.node.record_operations import RECORD_OPERATIONS, RecordOperations
from parley.node.root_operations import ROOT_OPERATIONS, RootOperations
from parley.node.troubles import NodeTroubles
from parley.record.keeping import Record
from parley.record.standing import Standing
from parley.rooms.seats import Seats
from parley.rooms.service import Rooms
from parley.storage import Database
from parley.web.parts import Parts
from parley.web.serving import first_origin
from parley.web.staff_views import names_in_trail

Json = dict[str, Any]
NAME: Final = Text(1, 80)
_DOUBTED: Final = frozenset({Standing.DISPUTED, Standing.FROZEN})


class Running(Protocol):
    """What a running node adds to its database."""

    lines: Lines
    record: Record
    notifications: Notifications
    calls: Calls
    duty: DutyService
    record_exercise: RecordExercise
    blobs: BlobExchange
    rooms: Rooms
    seats: Seats
    set_aside: SetAside
    troubles: NodeTroubles
    crises: Crises
    assessments: Assessments
    parts: Parts


class Operations(
    RecordOperations, RootOperations, PaperOperations, DutyOperations, CrisisOperations
):
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
        if name not in OPERATIONS or operation is None:
            raise RequestMalformed(field="operation")
        verdict = operator_may(OPERATIONS[name])
        if verdict.reason is not None:
            raise ActRefused(act=OPERATIONS[name].value, reason=verdict.reason.value)
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
            "troubles": [asdict(trouble) for trouble in running.troubles.found()],
            "backup_at": _when(running.troubles.backup_at()),
            "logs": self._doubted(running.record),
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

    def _doubted(self, record: Record) -> list[Json]:
        """Return the logs of others that count no further, or that contradict themselves."""
        names = {each.party.id: each.party.name for each in self._book.all()}
        return [
            {
                "party": names.get(mirror.origin.party, mirror.origin.party.text[:8]),
                "epoch": mirror.origin.epoch,
                "standing": mirror.watch.standing.value,
            }
            for kept in record.spaces
            for mirror in kept.mirrors.values()
            if mirror.watch.standing in _DOUBTED
        ]

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
        self, name: str, language: str = "en", roles: list[str] | None = None
    ) -> Json:
        """Add a person and return a one-time link that signs them in."""
        now = self._clock.now()
        try:
            read_name, read_language = NAME.read(name), LANGUAGE.read(language)
            given = frozenset(Role(role) for role in roles or [Role.MEMBER.value])
        except ValueError as error:
            raise RequestMalformed(field="person") from error
        person, code = await self._database.write(
            lambda connection: invite(
                connection, THE_OPERATOR, read_name, read_language, given, now
            )
        )
        return self._link(person, code)

    async def person_link(self, person: str) -> Json:
        """Return a fresh one-time link for somebody."""
        found, now = await self.find_person(person), self._clock.now()
        _, code = await self._database.write(
            lambda connection: invite_again(connection, THE_OPERATOR, found.id, now)
        )
        return self._link(found, code)

    async def person_list(self) -> Json:
        """Return everybody of our party, with what the provider calls them if they are tied."""
        people = await self._database.read(all_people)
        issuer = self._settings.oidc.issuer
        tied = await self._database.read(lambda connection: subjects_of(connection, issuer))
        return {
            "people": [{**_person(person), "subject": tied.get(person.id)} for person in people]
        }

    async def person_tie(self, person: str, subject: str) -> Json:
        """Let the provider sign somebody in from now on, under what it calls them."""
        issuer, found, now = self._issuer(), await self.find_person(person), self._clock.now()
        await self._database.write(
            lambda connection: tie(connection, OPERATOR, found.id, issuer, subject, now)
        )
        return {**_person(found), "subject": subject}

    async def person_untie(self, person: str) -> Json:
        """Let the provider sign somebody in no more, and end what it began."""
        issuer, found, now = self._issuer(), await self.find_person(person), self._clock.now()
        await self._database.write(
            lambda connection: untie(connection, OPERATOR, found.id, issuer, now)
        )
        self._note_rights()
        return {**_person(found), "subject": None}

    async def person_change(
        self, person: str, name: str | None = None, roles: list[str] | None = None
    ) -> Json:
        """Change somebody's name or roles."""
        try:
            change = PersonChange(
                None if name is None else NAME.read(name),
                None if roles is None else frozenset(Role(role) for role in roles),
            )
        except ValueError as error:
            raise RequestMalformed(field="person") from error
        return await self._change(person, change)

    async def person_revoke(self, person: str) -> Json:
        """End all rights of a person at once."""
        return await self._change(person, PersonChange(is_revoked=True))

    async def person_restore(self, person: str) -> Json:
        """Give a person their rights back."""
        return await self._change(person, PersonChange(is_revoked=False))

    async def person_devices(self, person: str) -> Json:
        """Return somebody's browsers and passkeys."""
        found = await self.find_person(person)
        devices = await self._database.read(lambda connection: devices_of(connection, found.id))
        listed = [
            {
                "id": device.id.text,
                "name": device.name,
                "kind": device.kind,
                "added_at": stamp(device.added_at),
                "seen_at": _when(device.seen_at),
                "suspect_at": _when(device.suspect_at),
            }
            for device in devices
        ]
        return {**_person(found), "devices": listed}

    async def device_revoke(self, device: str) -> Json:
        """End a browser's sign-in, or let a passkey count for nothing."""
        now = self._clock.now()

        def write(connection: sa.Connection) -> str:
            found = find_device(connection, device)
            revoke_device(connection, found, OPERATOR, now)
            return found.id.text

        revoked = await self._database.write(write)
        self._note_rights()
        return {"revoked": revoked}

    # ------------------------------------------------------------------------------------- offices

    async def office_add(self, name: str, people: list[str] | None = None) -> Json:
        """Make an office."""
        members = [(await self.find_person(person)).id for person in people or []]
        title, now = _office_name(name), self._clock.now()
        made = await self._database.write(
            lambda connection: make_office(connection, title, members, OPERATOR, now)
        )
        return await self._office(made)

    async def office_change(
        self,
        office: str,
        name: str | None = None,
        people: list[str] | None = None,
        is_closed: bool | None = None,  # noqa: FBT001  JSON's
    ) -> Json:
        """Change an office's name or people, or close it."""
        found, now = await self.find_office(office), self._clock.now()
        title = None if name is None else _office_name(name)
        members = None
        if people is not None:
            members = [(await self.find_person(person)).id for person in people]
        changed = await self._database.write(
            lambda connection: change_office(
                connection,
                found.id,
                OPERATOR,
                now,
                name=title,
                members=members,
                is_closed=is_closed,
            )
        )
        self._note_rights()
        return await self._office(changed)

    async def office_list(self) -> Json:
        """Return every office with who is on duty."""
        offices = await self._database.read(all_offices)
        return {"offices": [(await self._office(office))["office"] for office in offices]}

    # ------------------------------------------------------------------------------------ programs

    async def machine_add(self, name: str, acts: list[str]) -> Json:
        """Make an account for a program; return its token, once."""
        now = self._clock.now()
        try:
            title, given = NAME.read(name), frozenset(MachineAct(act) for act in acts)
        except ValueError as error:
            raise RequestMalformed(field="machine") from error
        account, token = await self._database.write(
            lambda connection: make_machine(connection, title, given, now)
        )
        return {"machine": {"id": account.id.text, "name": account.name}, "token": token}

    async def machine_list(self) -> Json:
        """Return every program's account."""
        machines = await self._database.read(all_machines)
        return {
            "machines": [
                {
                    "id": each.id.text,
                    "name": each.name,
                    "acts": sorted(each.acts),
                    "made_at": stamp(each.made_at),
                    "revoked_at": _when(each.revoked_at),
                }
                for each in machines
            ]
        }

    async def machine_revoke(self, machine: str) -> Json:
        """End a program's account."""
        now = self._clock.now()
        revoked = await self._database.write(
            lambda connection: revoke_machine(connection, machine, now)
        )
        return {"revoked": revoked.id.text}

    async def trail_list(self, before: int | None = None, limit: int = 50) -> Json:
        """Return what was done here that binds, the newest first, and whether all is as written."""

        def read(connection: sa.Connection) -> Json:
            found, names = read_trail(connection, before, limit), names_in_trail(connection)
            rows = [
                {
                    "number": row.number,
                    "at": stamp(row.at),
                    "act": row.act,
                    "asker": row.asker,
                    "asker_name": names.get(row.asker, ""),
                    "subject": row.subject,
                    "subject_name": names.get(row.subject, ""),
                    "outcome": row.outcome,
                    "words": row.words,
                    "digest": row.digest.hex(),
                }
                for row in found
            ]
            last = read_trail(connection, None, 1)
            newest = last[0].digest.hex() if last else ""
            return {"rows": rows, "first_wrong": check_trail(connection), "newest": newest}

        return await self._database.read(read)

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
    def running_notifications(self) -> Notifications:
        """Return the running node's notifications."""
        return self._require_running().notifications

    @override
    def running_calls(self) -> Calls:
        """Return the running node's call requests."""
        return self._require_running().calls

    @override
    def running_crises(self) -> Crises:
        """Return the running node's crises."""
        return self._require_running().crises

    @override
    def running_assessments(self) -> Assessments:
        """Return the running node's assessments."""
        return self._require_running().assessments

    @override
    def party_names(self) -> dict[str, str]:
        """Return what each party is called here, ours included."""
        book = self._require_running().lines.book
        known = [book.own, *(each.party for each in book.all())]
        return {each.id.text: each.name for each in known}

    @property
    @override
    def party_name(self) -> Name:
        """Return what other parties are called here."""
        return self._require_running().lines.name_of

    @override
    def running_duty(self) -> DutyService:
        """Return the running node's watches."""
        return self._require_running().duty

    @override
    async def find_space(self, text: str) -> SpaceId:
        """Return the space that a text names: its id, its name, or the other party's.

        Raises:
            SpaceUnknown: none, or more than one.
        """
        return await self._space(text)

    @override
    def running_blobs(self) -> BlobExchange:
        """Return the running node's blobs."""
        return self._require_running().blobs

    @override
    def running_exercise(self) -> RecordExercise:
        """Return what exercises the running node's record."""
        return self._require_running().record_exercise

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

    async def find_office(self, text: str) -> Office:
        """Return the one office that ``text`` names: its id, the beginning of it, or its name.

        Raises:
            OfficeUnknown: none, or more than one.
        """
        wanted = text.casefold()
        found = [
            office
            for office in await self._database.read(all_offices)
            if office.id.text.startswith(wanted) or office.name.casefold() == wanted
        ]
        if len(found) != 1:
            raise OfficeUnknown(office=text[:80])
        return found[0]

    async def _change(self, person: str, change: PersonChange) -> Json:
        found, now = await self.find_person(person), self._clock.now()
        changed = await self._database.write(
            lambda connection: change_staff(connection, THE_OPERATOR, found.id, change, now)
        )
        self._note_rights()
        return _person(changed)

    def _note_rights(self) -> None:
        """Let open pages of a running node look again at what their people may."""
        if self._running is not None:
            self._running.parts.rights.note_change()

    def _link(self, person: Person, code: str) -> Json:
        return {**_person(person), "address": f"{first_origin(self._settings)}/sign-in?code={code}"}

    async def _office(self, office: Office) -> Json:
        people = await self._database.read(all_people)
        names = {person.id: person.name for person in people}
        duty = office.duty
        return {
            "office": {
                "id": office.id.text,
                "name": office.name,
                "people": [names[person] for person in office.people],
                "on_duty": None if duty is None else names[duty.person],
                "since": None if duty is None else stamp(duty.taken_at),
                "closed_at": _when(office.closed_at),
            }
        }

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

    def _issuer(self) -> str:
        if not self._settings.oidc.issuer:
            raise ProviderMissing
        return self._settings.oidc.issuer

    def _require_running(self) -> Running:
        if self._running is None:
            raise NodeNotRunning(folder=str(self._settings.folder))
        return self._running


OPERATIONS: Final[Mapping[str, Act]] = {
    "status": Act.NODE_STATUS,
    "pair_card": Act.LINE_PAIR,
    "pair_import": Act.LINE_PAIR,
    "pair_words": Act.LINE_PAIR,
    "pair_confirm": Act.LINE_PAIR,
    "pair_suspend": Act.LINE_PAIR,
    "pair_resume": Act.LINE_PAIR,
    "pair_remove": Act.LINE_PAIR,
    "pair_list": Act.LINE_WATCH,
    "person_add": Act.PEOPLE_INVITE,
    "person_link": Act.PEOPLE_INVITE,
    "person_list": Act.PEOPLE_READ,
    "person_tie": Act.PEOPLE_INVITE,
    "person_untie": Act.PEOPLE_INVITE,
    "person_change": Act.PEOPLE_CHANGE,
    "person_revoke": Act.PEOPLE_REVOKE,
    "person_restore": Act.PEOPLE_REVOKE,
    "person_devices": Act.DEVICE_READ,
    "device_revoke": Act.DEVICE_REVOKE,
    "office_add": Act.OFFICE_CHANGE,
    "office_change": Act.OFFICE_CHANGE,
    "office_list": Act.OFFICE_READ,
    "machine_add": Act.MACHINE_CHANGE,
    "machine_list": Act.MACHINE_CHANGE,
    "machine_revoke": Act.MACHINE_CHANGE,
    "trail_list": Act.TRAIL_READ,
    "room_open": Act.ROOM_OPEN,
    "room_close": Act.ROOM_CLOSE,
    **RECORD_OPERATIONS,
    **ROOT_OPERATIONS,
    **PAPER_OPERATIONS,
    **CRISIS_OPERATIONS,
    **DUTY_OPERATIONS,
}
"""What the admin socket may call, and which act each is."""
_OWN_USE: Final = frozenset({"call", "find_person", "find_office", "find_space"})


def check_operations() -> None:
    """Refuse to start with an operation that names no act.

    Raises:
        GuardMissing: there is one.
    """
    for name, _ in inspect.getmembers(Operations, inspect.iscoroutinefunction):
        if not name.startswith("_") and name not in _OWN_USE and name not in OPERATIONS:
            raise GuardMissing(route=f"operation {name}")


def _office_name(text: str) -> str:
    try:
        return NAME.read(text)
    except ValueError as error:
        raise RequestMalformed(field="office") from error


def _person(person: Person) -> Json:
    return {
        "person": {"id": person.id.text, "name": person.name},
        "language": person.language,
        "roles": [role.value for role in Role if role in person.roles],
        "revoked_at": _when(person.revoked_at),
    }


def _when(instant: Instant | None) -> str | None:
    return None if instant is None else stamp(instant)


def _plain(views: object) -> Any:  # noqa: ANN401  JSON
    return msgspec.to_builtins(views)
