"""People, offices, devices and lent roles as pages are shown them."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from whenever import Instant

from parley import __version__
from parley.config import EscalationSettings
from parley.crisis.duty.rows import read_watch
from parley.crisis.duty.view import planned_otherwise
from parley.crisis.escalation.roster import Shift
from parley.identity.broken_glass import BrokenGlass, current_glass
from parley.identity.device import Device
from parley.identity.duress import open_duress_calls
from parley.identity.office import Duty, Office, all_offices, offices_of
from parley.identity.passkey import passkeys_of
from parley.identity.permission import Act, Role, Whose, acts_of, may
from parley.identity.person import Person, all_people
from parley.identity.sign_in import SignedIn, last_seen
from parley.ids import PersonId
from parley.line.view import stamp
from parley.rooms import frames
from parley.storage import people
from parley.web.parts import Parts
from parley.web.staff_answers import DeviceView, DutyView, OfficeView, PersonListed, PlannedView

Names = Mapping[PersonId, str]


async def self_view(parts: Parts, signed_in: SignedIn) -> frames.SelfView:
    """Return who is signed in, with what they may do at this instant."""
    person = signed_in.person

    def read(connection: sa.Connection) -> tuple[list[Office], bool]:
        return offices_of(connection, person.id), bool(passkeys_of(connection, person.id))

    offices, has_passkey = await parts.database.read(read)
    own = parts.lines.book.own
    until = signed_in.stepped_up_until
    is_stepped_up = until is not None and parts.clock.now() < until
    return frames.SelfView(
        frames.PersonView(
            person.id.text,
            person.name,
            person.language,
            person.appearance.value,
            in_order(signed_in.roles)[0] if signed_in.roles else "",
        ),
        frames.OwnPartyView(own.id.text, own.name, own.card.languages, own.card.time_zone),
        frames.NodeView(__version__, stamp(parts.started_at)),
        in_order(signed_in.roles),
        tuple(
            frames.OfficeHeldView(office.id.text, office.name, _is_on_duty(office, person.id))
            for office in offices
        ),
        tuple(act.value for act in acts_of(signed_in.asker)),
        signed_in.way.value,
        stamp(until) if until is not None and is_stepped_up else None,
        has_passkey,
    )


async def lent_roles_frame(parts: Parts) -> frames.LentRoles:
    """Return every role asked for or lent now."""
    now = parts.clock.now()

    def read(connection: sa.Connection) -> frames.LentRoles:
        names = names_of(connection)
        lent = current_glass(connection, now)
        return frames.LentRoles(tuple(glass_view(glass, names) for glass in lent))

    return await parts.database.read(read)


async def duress_frame(parts: Parts, asking: SignedIn) -> frames.DuressCalls:
    """Return the open duress calls that somebody may know of; none of them is their own."""
    now = parts.clock.now()

    def read(connection: sa.Connection) -> frames.DuressCalls:
        names = names_of(connection)
        return frames.DuressCalls(
            tuple(
                frames.DuressCallView(
                    call.id.text,
                    _name(call.person, names),
                    stamp(call.began_at),
                    stamp(call.seen_at),
                )
                for call in open_duress_calls(connection)
                if may(asking.asker, Act.DURESS_READ, Whose(person=call.person), now)
            )
        )

    return await parts.database.read(read)


def names_of(connection: sa.Connection) -> Names:
    """Return everybody's name."""
    return {person.id: person.name for person in all_people(connection)}


def names_in_trail(connection: sa.Connection) -> dict[str, str]:
    """Return what the trail's ids are called: people, offices, passkeys, programs."""
    named = (people.person, people.office, people.passkey, people.machine_account)
    return {
        row.id.text: row.name
        for table in named
        for row in connection.execute(sa.select(table.c.id, table.c.name))
    }


def people_views(connection: sa.Connection, chosen: PersonId | None = None) -> list[PersonListed]:
    """Return everybody, or one person, as a page lists them."""
    offices = all_offices(connection)
    return [
        _person_view(connection, person, offices)
        for person in all_people(connection)
        if chosen is None or person.id == chosen
    ]


def office_views(
    connection: sa.Connection, settings: EscalationSettings, now: Instant
) -> tuple[OfficeView, ...]:
    """Return every office as a page shows it."""
    names = names_of(connection)
    planned = planned_otherwise(read_watch(connection, settings, now), now)
    return tuple(
        _office_view(office, names, planned.get(office.id)) for office in all_offices(connection)
    )


def _office_view(office: Office, names: Names, planned: Shift | None) -> OfficeView:
    return OfficeView(
        office.id.text,
        office.name,
        tuple(_name(person, names) for person in office.people),
        None if office.duty is None else _duty_view(office.duty, names),
        _planned_view(planned, names),
        _when(office.closed_at),
    )


def glass_view(glass: BrokenGlass, names: Names) -> frames.LentRoleView:
    """Return a lent role as a page shows it."""
    return frames.LentRoleView(
        glass.id.text,
        _name(glass.person, names),
        glass.role.value,
        glass.reason,
        stamp(glass.opened_at),
        None if glass.second is None else _name(glass.second, names),
        stamp(glass.ends_at),
        glass.state.value,
    )


def device_view(device: Device, asking: SignedIn) -> DeviceView:
    """Return a device as a page shows it."""
    return DeviceView(
        device.id.text,
        device.name,
        device.kind,
        stamp(device.added_at),
        _when(device.seen_at),
        device.id == asking.id,
        device.way,
        device.is_synced,
        _when(device.suspect_at),
    )


def in_order(roles: Iterable[Role]) -> tuple[str, ...]:
    """Return roles in the order of the table."""
    return tuple(role.value for role in Role if role in set(roles))


def _person_view(connection: sa.Connection, person: Person, offices: list[Office]) -> PersonListed:
    theirs = [office for office in offices if person.id in office.people and not office.closed_at]
    return PersonListed(
        person.id.text,
        person.name,
        person.language,
        in_order(person.roles),
        tuple(office.id.text for office in theirs),
        tuple(office.id.text for office in theirs if _is_on_duty(office, person.id)),
        len(passkeys_of(connection, person.id)),
        stamp(person.created_at),
        _when(last_seen(connection, person.id)),
        _when(person.revoked_at),
    )


def _duty_view(duty: Duty, names: Names) -> DutyView:
    return DutyView(
        _name(duty.person, names),
        duty.state.value,
        stamp(duty.taken_at),
        None if duty.offered_to is None else _name(duty.offered_to, names),
        _when(duty.offered_at),
    )


def _planned_view(planned: Shift | None, names: Names) -> PlannedView | None:
    if planned is None or planned.person is None:
        return None
    return PlannedView(_name(planned.person, names), stamp(planned.starts_at))


def _is_on_duty(office: Office, person: PersonId) -> bool:
    return office.duty is not None and office.duty.person == person


def _name(person: PersonId, names: Names) -> frames.PersonNameView:
    return frames.PersonNameView(person.text, names[person])


def _when(instant: Instant | None) -> str | None:
    return None if instant is None else stamp(instant)
