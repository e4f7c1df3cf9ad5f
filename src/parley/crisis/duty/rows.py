"""Rows of plans, overrides and what people are reached by; reading the watch as it is now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.config import EscalationSettings
from parley.crisis.duty import tables
from parley.crisis.escalation.plan import DEFAULT_PLAN, Plan, PlanState
from parley.crisis.escalation.plan_text import read_plan
from parley.crisis.escalation.reaching import Reachable, Watch
from parley.crisis.escalation.roster import Override
from parley.identity.office import all_offices
from parley.identity.permission import Role
from parley.identity.person import Person, all_people
from parley.ids import DutyDeviceId, PersonId

_IN_FORCE: Final = sa.select(tables.plan.c.number, tables.plan.c.content).where(
    tables.plan.c.state == PlanState.IN_FORCE.value
)
"""Run with every alert, so made once (:mod:`parley.storage.rows`)."""


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One version of the plan, and who had a hand in it."""

    number: int
    plan: Plan
    state: PlanState
    based_on: int
    """The version that was in force when it was proposed, 0 for none."""
    words: str
    proposed_by: PersonId
    proposed_as: frozenset[Role]
    proposed_at: Instant
    decided_by: PersonId | None
    decided_at: Instant | None


@dataclass(frozen=True, slots=True)
class DutyDevice:
    """One browser that is called by Web Push."""

    id: DutyDeviceId
    person: PersonId
    name: str
    endpoint: str
    public: bytes
    """The browser's key, 65 bytes (RFC 8291 §2)."""
    secret: bytes
    """What it shares with us, 16 bytes."""
    added_at: Instant
    reached_at: Instant | None


def plan_in_force(connection: sa.Connection) -> tuple[int, Plan]:
    """Return the plan that counts, and its number; 0 for the one that needs no making."""
    row = connection.execute(_IN_FORCE).one_or_none()
    return (0, DEFAULT_PLAN) if row is None else (row.number, read_plan(bytes(row.content)))


def plan_versions(connection: sa.Connection, limit: int) -> list[PlanVersion]:
    """Return versions of the plan, the newest first."""
    query = sa.select(tables.plan).order_by(tables.plan.c.number.desc()).limit(limit)
    return [_version(row) for row in connection.execute(query)]


def find_plan(connection: sa.Connection, number: int) -> PlanVersion | None:
    """Return one version of the plan."""
    query = sa.select(tables.plan).where(tables.plan.c.number == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else _version(row)


def overrides_until(connection: sa.Connection, since: Instant) -> list[Override]:
    """Return the overrides that count and end after an instant."""
    table = tables.override.c
    query = sa.select(tables.override).where(table.ends_at > since, table.ended_at.is_(None))
    return [
        Override(row.id, row.roster, row.person, row.starts_at, row.ends_at, row.made_at)
        for row in connection.execute(query)
    ]


def read_watch(
    connection: sa.Connection,
    settings: EscalationSettings,
    now: Instant,
    plan: Plan | None = None,
    people: Sequence[Person] | None = None,
) -> Watch:
    """Return everything by which targets are turned into ends, as it is now.

    Args:
        connection: the database.
        settings: which names there are besides people.
        now: the present; overrides that are over are left out.
        plan: whose rosters count; the one in force by default.
        people: of our party, if they are read already.
    """
    chosen = plan_in_force(connection)[1] if plan is None else plan
    everybody = all_people(connection) if people is None else people
    devices = defaultdict(list)
    for each in connection.execute(sa.select(tables.device.c.id, tables.device.c.person)):
        devices[each.person].append(each.id.text)
    has_mail: set[PersonId] = set()
    if settings.mail_smtp:
        has_mail = set(connection.execute(sa.select(tables.mail.c.person)).scalars())
    offices = [each for each in all_offices(connection) if each.closed_at is None]
    duties = [each.duty for each in offices if each.duty is not None]
    return Watch(
        people={
            each.id: Reachable(
                each.roles,
                tuple(sorted(devices[each.id])) if settings.push_contact else (),
                each.id in has_mail,
            )
            for each in everybody
            if each.revoked_at is None
        },
        rosters={each.key: each for each in chosen.rosters},
        overrides=overrides_until(connection, now),
        members={each.id: frozenset(each.people) for each in offices},
        on_duty={each.office: each.person for each in duties},
        taken_at={each.office: each.taken_at for each in duties},
        boxes=frozenset(each.name for each in settings.box) if settings.mail_smtp else frozenset(),
        webhooks=frozenset(each.name for each in settings.webhook),
        sirens=frozenset(each.name for each in settings.siren),
    )


def devices_of(connection: sa.Connection, person: PersonId) -> list[DutyDevice]:
    """Return the devices on which a person is called."""
    table = tables.device
    query = sa.select(table).where(table.c.person == person).order_by(table.c.added_at)
    return [DutyDevice(*row) for row in connection.execute(query)]


def find_device(connection: sa.Connection, device: DutyDeviceId) -> DutyDevice | None:
    """Return one device, None if it is not called any more."""
    query = sa.select(tables.device).where(tables.device.c.id == device)
    row = connection.execute(query).one_or_none()
    return None if row is None else DutyDevice(*row)


def mail_of(connection: sa.Connection, person: PersonId) -> str | None:
    """Return where a person gets mail."""
    query = sa.select(tables.mail.c.address).where(tables.mail.c.person == person)
    return connection.execute(query).scalar_one_or_none()


def roles_text(roles: frozenset[Role]) -> str:
    """Return roles as they stand in a row."""
    return " ".join(sorted(role.value for role in roles))


def _version(row: sa.Row[tuple[object, ...]]) -> PlanVersion:
    return PlanVersion(
        row.number,
        read_plan(bytes(row.content)),
        PlanState(row.state),
        row.based_on,
        row.words,
        row.proposed_by,
        frozenset(Role(each) for each in row.proposed_as.split()),
        row.proposed_at,
        row.decided_by,
        row.decided_at,
    )
