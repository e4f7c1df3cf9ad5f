"""Who of our party may enter a room, where not everybody may.

Each party says it of its own people alone, and its own node holds them to it: the other party
learns neither the list nor an account, but who sits there under the name of their office or post.
A room of our own is restricted by whoever opened it, or by a releaser; without a list everybody of
ours who may sit in rooms enters. The room of a call is always restricted: those who are named for
it enter; where nobody is named yet, the office that bears the name in the request, and whoever
asked or answered for us.

What is held to is asked of :func:`parley.identity.permission.may` at each request and each change
of rights; here is only who is named. Where it cannot be known whom a room is for (its title is a
call's, and we know no such call, or two), nobody enters: a closed door is opened by a releaser, a
minister overheard is not undone.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import RequestMalformed
from parley.identity.office import Office, all_offices, find_office
from parley.identity.person import Person, all_people, find_person
from parley.identity.trail import add_to_trail
from parley.ids import ActorId, OfficeId, PersonId, RoomId
from parley.rooms.room import Room
from parley.rooms.statement import NAME
from parley.storage import Database, doors

NAMED_MAX: Final = 32
"""People and offices of ours in one list. More than sit in a room, and nobody reads them through
before a call."""
SHOWN_CHARACTERS_MAX: Final = 80
"""What the others see of somebody: as long as a name in a room (``protocol/room.md``)."""
ACT: Final = "room.restrict"
TITLE_DIGITS: Final = 8
"""Of the request's hash, in the title of a call's room. More nobody reads; fewer are alike."""
_CALL_TITLE: Final = re.compile(rf"Call ([0-9a-f]{{{TITLE_DIGITS}}})")
_CALL_PARTIES: Final = 2


class Capacity(StrEnum):
    """As what somebody enters."""

    OFFICIAL = "official"
    """One of those who speak with each other."""
    INTERPRETER = "interpreter"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Named:
    """A person or an office of ours, one of the two, that may enter."""

    capacity: Capacity
    person: PersonId | None = None
    office: OfficeId | None = None
    """Whoever belongs to it at that instant."""
    shown_as: str | None = None
    """What everybody in the room sees instead of the person's name; in a call, None is the name of
    our official in the request."""


@dataclass(frozen=True, slots=True)
class CallSide:
    """What a call says about our side of it."""

    call: bytes
    """Hash of the request."""
    official: str
    """Who of ours speaks, in the words of the request."""
    actors: frozenset[ActorId]
    """Who of ours asked, or answered, under the record's name for them."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who of ours may enter one room now."""

    named: tuple[Named, ...]
    people: Mapping[PersonId, str | None]
    """Each who may, and what the room sees of them; None: their own name."""
    side: CallSide | None
    """The call that the room is for."""
    is_set: bool
    """Whether somebody made the list; else it follows from the call."""

    @property
    def admitted(self) -> frozenset[PersonId]:
        """Who may enter, as the permissions ask for it."""
        return frozenset(self.people)

    def as_seen(self, person: Person) -> Person:
        """Return somebody as the room sees them."""
        shown = self.people.get(person.id)
        return person if shown is None else replace(person, name=shown)


NOBODY: Final = Admission((), {}, None, is_set=False)
"""Where it cannot be told whom a room is for."""

CallOf = Callable[[Room], Awaitable[CallSide | None]]
"""Finds the one call that a room is for; None: none that is on, or it cannot be told which."""


def is_call_room(room: Room) -> bool:
    """Say whether a room says that it is a call's; anybody can say so, and is held to it."""
    return len(room.members) == _CALL_PARTIES and digits_of(room.opening.title) is not None


def call_title(call: str) -> str:
    """Return what the room of a call is called, alike at both nodes and in every page."""
    return f"Call {call[:TITLE_DIGITS]}"


def digits_of(title: str) -> str | None:
    """Return with which digits the hash of a room's call begins; None: no title of a call."""
    found = _CALL_TITLE.fullmatch(title)
    return None if found is None else found[1]


class Admissions:
    """Who may enter the rooms of one node. Owned by the event loop's thread."""

    def __init__(self, database: Database, call_of: CallOf) -> None:
        """Look lists up in ``database``, and what a room's call says by ``call_of``."""
        self._database = database
        self._call_of = call_of
        self._listed: set[bytes] = set()

    async def start(self) -> None:
        """Learn which rooms have a list."""
        subject = doors.room_list.c.subject
        self._listed = set(await self._database.read(lambda c: [*c.scalars(sa.select(subject))]))

    def is_restricted(self, room: Room) -> bool:
        """Say whether not everybody of ours may enter a room."""
        return is_call_room(room) or bytes(room.id) in self._listed

    async def of(self, room: Room) -> Admission | None:
        """Return who may enter a room; None: everybody of ours whose role allows it."""
        if not is_call_room(room):
            return await self._database.read(lambda c: read_admission(c, bytes(room.id)))
        side = await self._call_of(room)
        if side is None:
            return NOBODY
        return await self.of_call(side)

    async def of_call(self, side: CallSide) -> Admission:
        """Return who may enter the room of a call."""
        return await self._database.read(lambda c: read_call_admission(c, side))

    async def owner(self, room: RoomId) -> PersonId | None:
        """Return who of ours opened a room, if a person did."""
        table = doors.room_owner.c
        query = sa.select(table.person).where(table.room == room)
        return await self._database.read(lambda c: c.scalar(query))

    async def own(self, room: RoomId, person: PersonId) -> None:
        """Note who opened a room."""
        row = doors.room_owner.insert().values(room=room, person=person)
        await self._database.write(lambda c: c.execute(row).rowcount)

    async def restrict(
        self, subject: bytes, named: Sequence[Named] | None, by: PersonId, now: Instant
    ) -> None:
        """Let only these enter the room of an id, or of the call of a hash; None ends the list.

        Raises:
            RequestMalformed: too many, somebody twice, or neither or both of person and office.
            PersonUnknown, OfficeUnknown: somebody is nobody of ours.
        """
        if named is not None:
            check_named(named)
        await self._database.write(lambda c: write_list(c, subject, named, by, now))
        if named is None:
            self._listed.discard(subject)
        else:
            self._listed.add(subject)


def check_named(named: Sequence[Named]) -> None:
    """Refuse a list that cannot be.

    Raises:
        RequestMalformed: too many, somebody twice, neither or both of person and office, or a name
            that no room can show.
    """
    who = [each.person or each.office for each in named]
    if len(named) > NAMED_MAX or len(set(who)) != len(who):
        raise RequestMalformed(field="named")
    for each in named:
        if (each.person is None) == (each.office is None):
            raise RequestMalformed(field="named")
        if each.shown_as is not None:
            try:
                NAME.read(each.shown_as)
            except ValueError as error:
                raise RequestMalformed(field="named.shown_as") from error


def write_list(
    connection: sa.Connection,
    subject: bytes,
    named: Sequence[Named] | None,
    by: PersonId,
    now: Instant,
) -> None:
    """Put a list in the place of the one before; the trail says who did."""
    heads, rows = doors.room_list, doors.room_named
    connection.execute(rows.delete().where(rows.c.subject == subject))
    connection.execute(heads.delete().where(heads.c.subject == subject))
    if named is not None:
        connection.execute(heads.insert().values(subject=subject, set_by=by, set_at=now))
        for place, each in enumerate(named):
            _check_ours(connection, each)
            connection.execute(
                rows.insert().values(
                    subject=subject,
                    place=place,
                    person=each.person,
                    office=each.office,
                    capacity=each.capacity.value,
                    shown_as=None if each.shown_as is None else NAME.read(each.shown_as),
                )
            )
    said = "everybody" if named is None else " ".join(id_of(each) for each in named)
    add_to_trail(connection, now, ACT, by.text, subject=subject.hex(), words=said)


def read_list(connection: sa.Connection, subject: bytes) -> tuple[Named, ...] | None:
    """Return who is named; None where there is no list."""
    heads, rows = doors.room_list.c, doors.room_named
    if connection.scalar(sa.select(heads.subject).where(heads.subject == subject)) is None:
        return None
    found = connection.execute(
        sa.select(rows).where(rows.c.subject == subject).order_by(rows.c.place)
    )
    return tuple(
        Named(Capacity(row.capacity), row.person, row.office, row.shown_as) for row in found
    )


def read_admission(connection: sa.Connection, subject: bytes) -> Admission | None:
    """Return who may enter a room that is no call's."""
    named = read_list(connection, subject)
    if named is None:
        return None
    return Admission(named, _people(named, all_offices(connection), None), None, is_set=True)


def read_call_admission(connection: sa.Connection, side: CallSide) -> Admission:
    """Return who may enter the room of a call."""
    offices, named = all_offices(connection), read_list(connection, side.call)
    is_set = named is not None
    if named is None:
        named = tuple(_by_the_request(side, offices, all_people(connection)))
    shown = _fit(side.official)
    return Admission(named, _people(named, offices, shown), side, is_set=is_set)


def _by_the_request(
    side: CallSide, offices: Iterable[Office], people: Iterable[Person]
) -> Iterable[Named]:
    """Yield the office that the request names, and who asked or answered for us."""
    official = side.official.casefold().strip()
    for office in offices:
        if office.closed_at is None and office.name.casefold().strip() == official:
            yield Named(Capacity.OFFICIAL, office=office.id)
    for person in people:
        if person.actor in side.actors:
            yield Named(Capacity.OFFICIAL, person=person.id)


def _people(
    named: Iterable[Named], offices: Iterable[Office], official: str | None
) -> dict[PersonId, str | None]:
    """Return everybody whom a list lets in; who is named twice goes by their own line of it."""
    members = {office.id: office.people for office in offices if office.closed_at is None}
    found: dict[PersonId, str | None] = {}
    for each in sorted(named, key=lambda each: each.person is not None):
        shown = each.shown_as or official
        who = members.get(each.office, ()) if each.office is not None else (each.person,)
        found.update({person: shown for person in who if person is not None})
    return found


def _fit(official: str) -> str:
    """Return what a room shows of an official: never the person's own name."""
    try:
        return NAME.read(official[:SHOWN_CHARACTERS_MAX])
    except ValueError:
        return Capacity.OFFICIAL.value


def _check_ours(connection: sa.Connection, named: Named) -> None:
    if named.person is not None:
        find_person(connection, named.person)
    if named.office is not None:
        find_office(connection, named.office)


def id_of(named: Named) -> str:
    """Return the id of the person or office."""
    found = named.person or named.office
    return "" if found is None else found.text
