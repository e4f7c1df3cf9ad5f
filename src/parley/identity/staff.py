"""The staff: inviting people, changing their roles, ending their rights.

Whether somebody may do one of these at all is the permission table's to say, at the route. Here it
is said to whom they may do it: to people all of whose roles, before and after, they could give
(:data:`parley.identity.permission.GIVES`). Otherwise a secretary could take a fresh link for a
releaser and sign in as one.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from whenever import Instant

from parley.errors import RequestMalformed, RoleNotGiven
from parley.identity.office import end_duties
from parley.identity.permission import Act, Role, may_give
from parley.identity.person import (
    Appearance,
    Person,
    add_person,
    find_person,
    rename_person,
    set_revoked,
    set_roles,
)
from parley.identity.sign_in import end_all, issue_link
from parley.identity.trail import OPERATOR, add_to_trail
from parley.ids import PersonId


@dataclass(frozen=True, slots=True)
class RoleGiver:
    """Who changes the staff: a person with their roles, or the operator of the machine."""

    name: str
    """As the trail calls them."""
    roles: frozenset[Role] | None
    """None for the operator, who can give every role."""


THE_OPERATOR = RoleGiver(OPERATOR, None)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be changed of a person; None leaves it as it is."""

    name: str | None = None
    roles: frozenset[Role] | None = None
    is_revoked: bool | None = None


def invite(
    connection: sa.Connection,
    giver: RoleGiver,
    name: str,
    language: str,
    roles: frozenset[Role],
    now: Instant,
) -> tuple[Person, str]:
    """Add a person; return them and the code of their invitation.

    Raises:
        RequestMalformed: no role at all.
        RoleNotGiven: a role that the giver cannot give.
    """
    if not roles:
        raise RequestMalformed(field="roles")
    _check(giver, roles)
    person = Person(PersonId.new(), name, language, Appearance.SYSTEM, roles, now)
    add_person(connection, person)
    act = Act.PEOPLE_INVITE.value
    add_to_trail(
        connection, now, act, giver.name, subject=person.id.text, words=" ".join(sorted(roles))
    )
    return person, issue_link(connection, person.id, now)


def invite_again(
    connection: sa.Connection, giver: RoleGiver, person: PersonId, now: Instant
) -> tuple[Person, str]:
    """Return somebody with the code of a fresh link.

    Raises:
        PersonUnknown: nobody of our party has that id.
        PersonRevoked: they may do nothing here any more.
        RoleNotGiven: they have a role that the giver cannot give.
    """
    found = find_person(connection, person)
    _check(giver, found.roles)
    code = issue_link(connection, person, now)
    add_to_trail(connection, now, Act.PEOPLE_INVITE.value, giver.name, subject=person.text)
    return found, code


def change_staff(
    connection: sa.Connection,
    giver: RoleGiver,
    person: PersonId,
    change: PersonChange,
    now: Instant,
) -> Person:
    """Change a person's name, roles, or whether they have any rights at all.

    Losing all rights ends every sign-in at once and uses up every link; who is no duty officer any
    more loses the duty.

    Raises:
        PersonUnknown: nobody of our party has that id.
        RequestMalformed: no role would be left.
        RoleNotGiven: a role is touched that the giver cannot give.
    """
    found = find_person(connection, person)
    _check(giver, found.roles | (change.roles or frozenset()))
    if change.name is not None:
        rename_person(connection, person, change.name)
    if change.roles is not None:
        if not change.roles:
            raise RequestMalformed(field="roles")
        set_roles(connection, person, change.roles, now)
        words = " ".join(sorted(change.roles))
        _note(connection, now, Act.PEOPLE_CHANGE, giver, person, words)
    if change.is_revoked is not None and change.is_revoked != (found.revoked_at is not None):
        set_revoked(connection, person, now if change.is_revoked else None)
        if change.is_revoked:
            end_all(connection, person, now)
        words = "revoked" if change.is_revoked else "given back"
        _note(connection, now, Act.PEOPLE_REVOKE, giver, person, words)
    changed = find_person(connection, person)
    if changed.revoked_at is not None or Role.DUTY_OFFICER not in changed.roles:
        end_duties(connection, person, now)
    return changed


def _note(
    connection: sa.Connection,
    now: Instant,
    act: Act,
    giver: RoleGiver,
    person: PersonId,
    words: str,
) -> None:
    add_to_trail(connection, now, act.value, giver.name, subject=person.text, words=words)


def _check(giver: RoleGiver, roles: frozenset[Role]) -> None:
    if giver.roles is not None and not may_give(giver.roles, roles):
        above = sorted(role for role in roles if not may_give(giver.roles, frozenset({role})))
        raise RoleNotGiven(roles=", ".join(above))
