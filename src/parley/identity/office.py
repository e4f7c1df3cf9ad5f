"""Offices: posts of our party that several people hold by turns, and who is on duty.

Duty passes from hand to hand: whoever has it offers it, and has it until the other accepts, so that
no office is without anybody by a hand-over that one side alone believes in. Each time on duty is a
row, one machine::

    HELD --OFFER--> OFFERED --ACCEPT--> ENDED   (and the next row begins at the same instant)
     |  ^              |
     |  '--WITHDRAW----'
     '--LAY_DOWN--> ENDED

Where nobody is on duty, whoever belongs to the office takes it. A person who loses the rights for
it, or the office, loses the duty with them (:func:`end_duties`); the office is then shown as empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import NotInOffice, OfficeUnknown, TransitionRefused
from parley.identity.person import find_person
from parley.identity.trail import add_to_trail
from parley.ids import DutyId, OfficeId, PersonId
from parley.storage import people
from parley.transitions import follow


class DutyState(StrEnum):
    """Where one person's time on duty stands."""

    HELD = "held"
    OFFERED = "offered"
    ENDED = "ended"


class DutyEvent(StrEnum):
    """What happens to it."""

    OFFER = "offer"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    LAY_DOWN = "lay_down"


_S, _E = DutyState, DutyEvent

TRANSITIONS: Final[Mapping[tuple[DutyState, DutyEvent], DutyState]] = {
    (_S.HELD, _E.OFFER): _S.OFFERED,
    (_S.HELD, _E.LAY_DOWN): _S.ENDED,
    (_S.OFFERED, _E.OFFER): _S.OFFERED,
    (_S.OFFERED, _E.WITHDRAW): _S.HELD,
    (_S.OFFERED, _E.ACCEPT): _S.ENDED,
    (_S.OFFERED, _E.LAY_DOWN): _S.ENDED,
}


def step(state: DutyState, event: DutyEvent) -> DutyState:
    """Return the next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "duty", state, event)


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's time on duty in one office."""

    id: DutyId
    office: OfficeId
    person: PersonId
    state: DutyState
    taken_at: Instant
    offered_to: PersonId | None
    offered_at: Instant | None
    ended_at: Instant | None


@dataclass(frozen=True, slots=True)
class Office:
    """A post of our party."""

    id: OfficeId
    name: str
    people: tuple[PersonId, ...]
    """Who belongs to it, in the order they were added."""
    duty: Duty | None
    """Who is on duty now."""
    closed_at: Instant | None


def make_office(
    connection: sa.Connection, name: str, members: Iterable[PersonId], asker: str, now: Instant
) -> Office:
    """Make an office.

    Raises:
        PersonUnknown: a member is nobody of our party.
    """
    made = OfficeId.new()
    connection.execute(people.office.insert().values(id=made, name=name, made_at=now))
    add_to_trail(connection, now, "office.change", asker, subject=made.text)
    _set_members(connection, made, tuple(members), now)
    return find_office(connection, made)


def change_office(
    connection: sa.Connection,
    office: OfficeId,
    asker: str,
    now: Instant,
    *,
    name: str | None = None,
    members: Iterable[PersonId] | None = None,
    is_closed: bool | None = None,
) -> Office:
    """Change an office; None leaves a part as it is.

    Who is taken out of it loses the duty, and so does whoever has it when it is closed.

    Raises:
        OfficeUnknown: there is no such office.
        PersonUnknown: a member is nobody of our party.
    """
    found = find_office(connection, office)
    where = people.office.c.id == office
    if name is not None:
        connection.execute(people.office.update().where(where).values(name=name))
    if members is not None:
        _set_members(connection, office, tuple(members), now)
    if is_closed is not None:
        closed_at = (found.closed_at or now) if is_closed else None
        connection.execute(people.office.update().where(where).values(closed_at=closed_at))
    changed = find_office(connection, office)
    duty = changed.duty
    if duty is not None and (changed.closed_at is not None or duty.person not in changed.people):
        _end(connection, duty, DutyEvent.LAY_DOWN, now)
    add_to_trail(connection, now, "office.change", asker, subject=office.text)
    return find_office(connection, office)


def find_office(connection: sa.Connection, office: OfficeId) -> Office:
    """Return one office.

    Raises:
        OfficeUnknown: there is no such office.
    """
    row = connection.execute(
        sa.select(people.office).where(people.office.c.id == office)
    ).one_or_none()
    if row is None:
        raise OfficeUnknown(office=office.text)
    return _office(connection, row)


def all_offices(connection: sa.Connection) -> list[Office]:
    """Return every office, closed ones included, in the order they were made."""
    rows = connection.execute(
        sa.select(people.office).order_by(people.office.c.made_at, people.office.c.id)
    ).all()
    return [_office(connection, row) for row in rows]


def offices_of(connection: sa.Connection, person: PersonId) -> list[Office]:
    """Return the open offices a person belongs to."""
    return [
        office
        for office in all_offices(connection)
        if person in office.people and office.closed_at is None
    ]


def take_duty(
    connection: sa.Connection,
    office: OfficeId,
    person: PersonId,
    now: Instant,
    open_words: str = "",
) -> Office:
    """Go on duty: where nobody is, or where the duty has been offered to this person.

    Args:
        connection: the database.
        office: which.
        person: who goes on duty.
        now: the present.
        open_words: what is open and passes into their hands, for the trail.

    Raises:
        OfficeUnknown: there is no such office.
        NotInOffice: the person does not belong to it, or it is closed.
        TransitionRefused: somebody else is on duty and has not offered it to them.
    """
    found = find_office(connection, office)
    _check_member(found, person)
    duty = found.duty
    if duty is not None:
        if duty.offered_to != person:
            raise TransitionRefused(
                machine="duty", state=duty.state.value, event=DutyEvent.ACCEPT.value
            )
        _end(connection, duty, DutyEvent.ACCEPT, now)
    connection.execute(
        people.duty.insert().values(
            id=DutyId.new(),
            office=office,
            person=person,
            state=DutyState.HELD.value,
            taken_at=now,
        )
    )
    add_to_trail(connection, now, "duty.take", person.text, subject=office.text, words=open_words)
    return find_office(connection, office)


def offer_duty(
    connection: sa.Connection,
    office: OfficeId,
    person: PersonId,
    to: PersonId | None,
    now: Instant,
) -> Office:
    """Offer one's duty to another, or take the offer back (``to`` is oneself), or lay it down.

    Args:
        connection: the database.
        office: which.
        person: who is on duty.
        to: the next; the person themselves to take an offer back; None to leave the office empty.
        now: the present.

    Raises:
        OfficeUnknown: there is no such office.
        NotInOffice: the next does not belong to it; or the person is not on duty there.
        TransitionRefused: there is no offer to take back.
    """
    found = find_office(connection, office)
    duty = found.duty
    if duty is None or duty.person != person:
        raise NotInOffice(office=office.text, person=person.text)
    if to is None:
        _end(connection, duty, DutyEvent.LAY_DOWN, now)
    else:
        _check_member(found, to)
        event = DutyEvent.WITHDRAW if to == person else DutyEvent.OFFER
        state = step(duty.state, event)
        connection.execute(
            people.duty.update()
            .where(people.duty.c.id == duty.id)
            .values(
                state=state.value,
                offered_to=None if to == person else to,
                offered_at=None if to == person else now,
            )
        )
    words = "" if to is None else to.text
    add_to_trail(connection, now, "duty.hand_over", person.text, subject=office.text, words=words)
    return find_office(connection, office)


def end_duties(connection: sa.Connection, person: PersonId, now: Instant) -> None:
    """End every duty of a person who may not have it any more, and offers made to them."""
    for office in all_offices(connection):
        duty = office.duty
        if duty is None:
            continue
        if duty.person == person:
            _end(connection, duty, DutyEvent.LAY_DOWN, now)
        elif duty.offered_to == person:
            offer_duty(connection, office.id, duty.person, duty.person, now)


def _end(connection: sa.Connection, duty: Duty, event: DutyEvent, now: Instant) -> None:
    connection.execute(
        people.duty.update()
        .where(people.duty.c.id == duty.id)
        .values(state=step(duty.state, event).value, ended_at=now)
    )


def _check_member(office: Office, person: PersonId) -> None:
    if office.closed_at is not None or person not in office.people:
        raise NotInOffice(office=office.id.text, person=person.text)


def _set_members(
    connection: sa.Connection, office: OfficeId, members: tuple[PersonId, ...], now: Instant
) -> None:
    table = people.office_person
    had = set(connection.scalars(sa.select(table.c.person).where(table.c.office == office)))
    connection.execute(
        table.delete().where(table.c.office == office).where(table.c.person.not_in(members))
    )
    for person in members:
        if person not in had:
            find_person(connection, person)
            connection.execute(table.insert().values(office=office, person=person, added_at=now))
            had.add(person)


def _office(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Office:
    table = people.office_person
    members = connection.scalars(
        sa.select(table.c.person)
        .where(table.c.office == row.id)
        .order_by(table.c.added_at, table.c.person)
    )
    duty = connection.execute(
        sa.select(people.duty)
        .where(people.duty.c.office == row.id)
        .where(people.duty.c.ended_at.is_(None))
    ).one_or_none()
    return Office(row.id, row.name, tuple(members), _duty(duty), row.closed_at)


def _duty(row: sa.Row[tuple[object, ...]] | None) -> Duty | None:
    if row is None:
        return None
    return Duty(
        row.id,
        row.office,
        row.person,
        DutyState(row.state),
        row.taken_at,
        row.offered_to,
        row.offered_at,
        row.ended_at,
    )
