"""People of our own party. Other parties' people are known only as participants of a room."""

from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley.errors import PersonUnknown
from parley.ids import PersonId
from parley.storage import tables


class Role(StrEnum):
    """What a person is to the node."""

    MEMBER = "member"
    """Uses the desk and rooms."""
    ENGINEER = "engineer"
    """Also keeps the node running."""


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
    role: Role
    created_at: Instant

    @override
    def __repr__(self) -> str:
        """Show the id alone: names do not belong into logs."""
        return f"Person({self.id.text})"


def add_person(connection: sa.Connection, person: Person) -> None:
    """Insert a new person."""
    connection.execute(
        tables.person.insert().values(
            id=person.id,
            name=person.name,
            language=person.language,
            appearance=person.appearance.value,
            role=person.role.value,
            created_at=person.created_at,
        )
    )


def all_people(connection: sa.Connection) -> list[Person]:
    """Return everyone of our party, in the order they were added."""
    rows = connection.execute(
        sa.select(tables.person).order_by(tables.person.c.created_at, tables.person.c.id)
    )
    return [_person(row) for row in rows]


def find_person(connection: sa.Connection, person: PersonId) -> Person:
    """Return one person.

    Raises:
        PersonUnknown: nobody of our party has that id.
    """
    row = connection.execute(
        sa.select(tables.person).where(tables.person.c.id == person)
    ).one_or_none()
    if row is None:
        raise PersonUnknown(person=person.text)
    return _person(row)


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
        tables.person.update()
        .where(tables.person.c.id == person)
        .values(language=changed.language, appearance=changed.appearance.value)
    )
    return changed


def _person(row: sa.Row[tuple[object, ...]]) -> Person:
    return Person(
        row.id,
        row.name,
        row.language,
        Appearance(row.appearance),
        Role(row.role),
        row.created_at,
    )
