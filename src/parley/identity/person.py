"""People of our own party. Other parties' people are known only as participants of a room."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley.errors import PersonUnknown
from parley.identity.permission import Role
from parley.ids import ActorId, PersonId
from parley.storage import people


class Appearance(StrEnum):
    """Which colours a person's pages use."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Person:
    """One person of our own party."""

    id: PersonId
    name: str
    language: str
    appearance: Appearance
    roles: frozenset[Role]
    """What they are in the institution; never empty while they work here."""
    created_at: Instant
    actor: ActorId = field(default_factory=ActorId.new)
    """What the record calls them; chance ties it to nothing but this row."""
    revoked_at: Instant | None = None
    """Since when they may do nothing here."""

    @override
    def __repr__(self) -> str:
        """Show the id alone: names do not belong into logs."""
        return f"Person({self.id.text})"


def add_person(connection: sa.Connection, person: Person) -> None:
    """Insert a new person with their roles."""
    connection.execute(
        people.person.insert().values(
            id=person.id,
            actor=person.actor,
            name=person.name,
            language=person.language,
            appearance=person.appearance.value,
            created_at=person.created_at,
            revoked_at=person.revoked_at,
        )
    )
    _give(connection, person.id, person.roles, person.created_at)


def all_people(connection: sa.Connection) -> list[Person]:
    """Return everyone of our party, those who left included, in the order they were added."""
    rows = connection.execute(
        sa.select(people.person).order_by(people.person.c.created_at, people.person.c.id)
    ).all()
    roles: dict[PersonId, set[Role]] = {}
    for each in connection.execute(sa.select(people.person_role)):
        roles.setdefault(each.person, set()).add(Role(each.role))
    return [_person(row, roles.get(row.id, ())) for row in rows]


def find_person(connection: sa.Connection, person: PersonId) -> Person:
    """Return one person.

    Raises:
        PersonUnknown: nobody of our party has that id.
    """
    row = connection.execute(
        sa.select(people.person).where(people.person.c.id == person)
    ).one_or_none()
    if row is None:
        raise PersonUnknown(person=person.text)
    roles = connection.scalars(
        sa.select(people.person_role.c.role).where(people.person_role.c.person == person)
    )
    return _person(row, (Role(role) for role in roles))


def change_person(
    connection: sa.Connection,
    person: PersonId,
    language: str | None,
    appearance: Appearance | None,
) -> Person:
    """Change what a person chose for their pages; None leaves a choice as it is.

    Raises:
        PersonUnknown: nobody of our party has that id.
    """
    found = find_person(connection, person)
    changed = replace(
        found, language=language or found.language, appearance=appearance or found.appearance
    )
    connection.execute(
        people.person.update()
        .where(people.person.c.id == person)
        .values(language=changed.language, appearance=changed.appearance.value)
    )
    return changed


def rename_person(connection: sa.Connection, person: PersonId, name: str) -> None:
    """Call a person otherwise from now on."""
    connection.execute(people.person.update().where(people.person.c.id == person).values(name=name))


def set_roles(
    connection: sa.Connection, person: PersonId, roles: frozenset[Role], now: Instant
) -> None:
    """Give a person exactly these roles; one kept keeps its instant."""
    had = find_person(connection, person).roles
    connection.execute(
        people.person_role.delete()
        .where(people.person_role.c.person == person)
        .where(people.person_role.c.role.in_([role.value for role in had - roles]))
    )
    _give(connection, person, roles - had, now)


def set_revoked(connection: sa.Connection, person: PersonId, revoked_at: Instant | None) -> None:
    """End all rights of a person, or give them back; what they did stays theirs."""
    connection.execute(
        people.person.update().where(people.person.c.id == person).values(revoked_at=revoked_at)
    )


def _give(connection: sa.Connection, person: PersonId, roles: Iterable[Role], now: Instant) -> None:
    for role in sorted(roles):
        connection.execute(
            people.person_role.insert().values(person=person, role=role.value, given_at=now)
        )


def _person(row: sa.Row[tuple[object, ...]], roles: Iterable[Role]) -> Person:
    return Person(
        row.id,
        row.name,
        row.language,
        Appearance(row.appearance),
        frozenset(roles),
        row.created_at,
        row.actor,
        row.revoked_at,
    )
