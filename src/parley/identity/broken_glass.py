"""Broken glass: a role lent for a while, because somebody must act and nobody else is there.

One person asks, with a reason; another agrees, within minutes, with a passkey. Only then the role
counts, until its time is over or somebody takes it back. Every desk shows it from the first
request to the end, and the trail keeps all of it::

    ASKED --SECOND--> OPEN --END--> ENDED
      |  '--END--> ENDED     '--EXPIRE--> EXPIRED
      '--EXPIRE--> LAPSED

A duty that was taken by a lent role ends with it, within a minute where its time runs out.

A role to manage people is never lent: what is lent ends by itself, what a lent role could give
would not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import BrokenGlassUnknown, RoleNotLent
from parley.identity.office import all_offices, end_duties
from parley.identity.permission import Act, Role
from parley.identity.person import find_person
from parley.identity.trail import add_to_trail
from parley.ids import BrokenGlassId, PersonId
from parley.storage import people
from parley.transitions import follow

SECOND_S: Final = 600
"""Seconds for a second person to agree. More: somebody is found at night. Less: the two are really
talking to each other."""
LENT_S: Final = 3_600
"""Seconds a lent role lasts. More: fewer interruptions of an emergency. Less: less to look through
afterwards."""
LENT: Final = frozenset({Role.RELEASER, Role.DUTY_OFFICER})
"""Roles that can be lent."""


class GlassState(StrEnum):
    """Where a lent role stands."""

    ASKED = "asked"
    OPEN = "open"
    ENDED = "ended"
    EXPIRED = "expired"
    LAPSED = "lapsed"


class GlassEvent(StrEnum):
    """What happens to it."""

    SECOND = "second"
    END = "end"
    EXPIRE = "expire"


_S, _E = GlassState, GlassEvent

TRANSITIONS: Final[Mapping[tuple[GlassState, GlassEvent], GlassState]] = {
    (_S.ASKED, _E.SECOND): _S.OPEN,
    (_S.ASKED, _E.END): _S.ENDED,
    (_S.ASKED, _E.EXPIRE): _S.LAPSED,
    (_S.OPEN, _E.END): _S.ENDED,
    (_S.OPEN, _E.EXPIRE): _S.EXPIRED,
    **{(state, _E.EXPIRE): state for state in (_S.ENDED, _S.EXPIRED, _S.LAPSED)},
}


def step(state: GlassState, event: GlassEvent) -> GlassState:
    """Return the next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "broken glass", state, event)


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """One role, asked for or lent."""

    id: BrokenGlassId
    person: PersonId
    role: Role
    reason: str
    opened_at: Instant
    second: PersonId | None
    ends_at: Instant
    """While asked, the last instant for a second person; while open, the end."""
    state: GlassState


def break_glass(
    connection: sa.Connection, person: PersonId, role: Role, reason: str, now: Instant
) -> BrokenGlassId:
    """Ask for a role; it counts once somebody else agrees.

    Raises:
        RoleNotLent: that role is never lent.
    """
    if role not in LENT:
        raise RoleNotLent(role=role.value)
    made = BrokenGlassId.new()
    connection.execute(
        people.broken_glass.insert().values(
            id=made,
            person=person,
            role=role.value,
            reason=reason,
            opened_at=now,
            ends_at=now.add(seconds=SECOND_S),
        )
    )
    act = Act.BREAK_GLASS_OPEN.value
    add_to_trail(connection, now, act, person.text, subject=made.text, words=reason)
    return made


def second_glass(
    connection: sa.Connection, glass: BrokenGlassId, second: PersonId, now: Instant
) -> BrokenGlass:
    """Agree that somebody else gets the role they asked for.

    Whether ``second`` may, and is another person, is the permission table's to say.

    Raises:
        BrokenGlassUnknown: nobody asked.
        TransitionRefused: too late, agreed on already, or taken back.
    """
    step(find_glass(connection, glass, now).state, GlassEvent.SECOND)
    connection.execute(
        people.broken_glass.update()
        .where(people.broken_glass.c.id == glass)
        .values(second=second, seconded_at=now, ends_at=now.add(seconds=LENT_S))
    )
    act = Act.BREAK_GLASS_SECOND.value
    add_to_trail(connection, now, act, second.text, subject=glass.text)
    return find_glass(connection, glass, now)


def end_glass(
    connection: sa.Connection, glass: BrokenGlassId, person: PersonId, now: Instant
) -> BrokenGlass:
    """Take a role back before its time is over.

    Raises:
        BrokenGlassUnknown: nobody asked.
        TransitionRefused: it is over already.
    """
    step(find_glass(connection, glass, now).state, GlassEvent.END)
    connection.execute(
        people.broken_glass.update().where(people.broken_glass.c.id == glass).values(ended_at=now)
    )
    act = Act.BREAK_GLASS_END.value
    add_to_trail(connection, now, act, person.text, subject=glass.text)
    end_lent_duties(connection, now)
    return find_glass(connection, glass, now)


def lent_duties_over(connection: sa.Connection, now: Instant) -> set[PersonId]:
    """Return who is on duty by a role that was lent and is lent no more."""
    duties = [each.duty for each in all_offices(connection)]
    on_duty = {duty.person for duty in duties if duty is not None}
    return {
        each
        for each in on_duty
        if Role.DUTY_OFFICER
        not in find_person(connection, each).roles | lent_roles(connection, each, now)
    }


def end_lent_duties(connection: sa.Connection, now: Instant) -> None:
    """End the duties of those whose role for it was lent and is lent no more."""
    for person in lent_duties_over(connection, now):
        end_duties(connection, person, now)


def find_glass(connection: sa.Connection, glass: BrokenGlassId, now: Instant) -> BrokenGlass:
    """Return one lent role.

    Raises:
        BrokenGlassUnknown: there is none.
    """
    row = connection.execute(
        sa.select(people.broken_glass).where(people.broken_glass.c.id == glass)
    ).one_or_none()
    if row is None:
        raise BrokenGlassUnknown(id=glass.text)
    return _glass(row, now)


def current_glass(connection: sa.Connection, now: Instant) -> list[BrokenGlass]:
    """Return what is asked for or open now, the oldest first."""
    rows = connection.execute(
        sa.select(people.broken_glass)
        .where(people.broken_glass.c.ended_at.is_(None))
        .where(people.broken_glass.c.ends_at > now)
        .order_by(people.broken_glass.c.opened_at)
    )
    return [_glass(row, now) for row in rows]


def lent_roles(connection: sa.Connection, person: PersonId, now: Instant) -> frozenset[Role]:
    """Return the roles a person has by broken glass at this instant."""
    rows = connection.scalars(
        sa.select(people.broken_glass.c.role)
        .where(people.broken_glass.c.person == person)
        .where(people.broken_glass.c.seconded_at.is_not(None))
        .where(people.broken_glass.c.ended_at.is_(None))
        .where(people.broken_glass.c.ends_at > now)
    )
    return frozenset(Role(role) for role in rows)


def _glass(row: sa.Row[tuple[object, ...]], now: Instant) -> BrokenGlass:
    state = GlassState.ASKED if row.seconded_at is None else GlassState.OPEN
    if row.ended_at is not None:
        state = step(state, GlassEvent.END)
    elif now >= row.ends_at:
        state = step(state, GlassEvent.EXPIRE)
    return BrokenGlass(
        row.id,
        row.person,
        Role(row.role),
        row.reason,
        row.opened_at,
        row.second,
        row.ends_at,
        state,
    )
