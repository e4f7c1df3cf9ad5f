"""Watches, escalation and notices as pages and commands show them."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.duty import tables
from parley.crisis.duty.duress import CAUSE
from parley.crisis.duty.rows import PlanVersion, roles_text
from parley.crisis.escalation.dry_run import PlannedStep
from parley.crisis.escalation.escalation import Escalation, EscalationState
from parley.crisis.escalation.notice import NoticeState
from parley.crisis.escalation.plan_text import PlanText, plan_text
from parley.crisis.escalation.reaching import Watch
from parley.crisis.escalation.roster import Override, Roster, Shift, current_and_next, shifts
from parley.ids import OfficeId, PersonId
from parley.record.entry import Precedence

NOTICES_SHOWN_MAX = 200
_IS_OPEN_TO_ALL = tables.notice.c.cause.not_like(f"{CAUSE}/%")
"""A page may be read over somebody's shoulder, by whoever must not learn of a duress call."""


def stamp(instant: Instant | None) -> str | None:
    """Return an instant as pages read it."""
    return None if instant is None else instant.format_iso()


class ShiftView(msgspec.Struct, frozen=True):
    """A time for which somebody, or nobody, is to be on watch."""

    starts_at: str
    ends_at: str
    person: str | None
    name: str | None
    source: str


class MemberView(msgspec.Struct, frozen=True):
    """Somebody who belongs to a roster's office."""

    id: str
    name: str


class RosterView(msgspec.Struct, frozen=True):
    """Who is to be on watch in an office, and who is."""

    key: str
    name: str
    zone: str
    office: str
    office_name: str
    current: ShiftView
    next: ShiftView | None
    on_duty: str | None
    """Who has taken the duty."""
    on_duty_id: str | None
    is_as_planned: bool
    """Whether that is whose shift it is; also if nobody took it and nobody is to."""
    members: tuple[MemberView, ...]
    shifts: tuple[ShiftView, ...]


class OverrideView(msgspec.Struct, frozen=True):
    """An exception to a roster."""

    id: str
    roster: str
    person: str | None
    name: str | None
    starts_at: str
    ends_at: str


class DutyWeek(msgspec.Struct, frozen=True):
    """Every roster over a time."""

    now: str
    starts_at: str
    ends_at: str
    plan: int
    rosters: tuple[RosterView, ...]
    overrides: tuple[OverrideView, ...]
    failed_notices: int


class PlanVersionView(msgspec.Struct, frozen=True):
    """One version of the plan."""

    number: int
    state: str
    based_on: int
    words: str
    proposed_by: str
    proposed_as: tuple[str, ...]
    proposed_at: str
    decided_by: str | None
    decided_at: str | None
    plan: PlanText


class DeviceRefView(msgspec.Struct, frozen=True):
    """A device that takes Web Push, and whose it is."""

    id: str
    name: str
    person: str


class TargetNamesView(msgspec.Struct, frozen=True):
    """What targets there are to choose from."""

    boxes: tuple[str, ...]
    webhooks: tuple[str, ...]
    sirens: tuple[str, ...]
    devices: tuple[DeviceRefView, ...]
    can_push: bool
    can_mail: bool


class OfficeRefView(msgspec.Struct, frozen=True):
    """An office, by its name."""

    id: str
    name: str


class PlanView(msgspec.Struct, frozen=True):
    """The plan that counts, with every policy that counts, and its versions."""

    number: int
    plan: PlanText
    versions: tuple[PlanVersionView, ...]
    targets: TargetNamesView
    people: tuple[MemberView, ...]
    offices: tuple[OfficeRefView, ...]


class EndView(msgspec.Struct, frozen=True):
    """One end that would be told, or is."""

    end: str
    target: str
    name: str | None
    why: str


class PlannedStepView(msgspec.Struct, frozen=True):
    """One step that would be taken."""

    number: int
    at: str
    until: str
    acks: int
    targets: tuple[str, ...]
    ends: tuple[EndView, ...]


class EscalationView(msgspec.Struct, frozen=True):
    """One alert's way through its policy."""

    matter: str
    direction: str
    precedence: str
    number: int
    is_exercise: bool
    state: str
    started_at: str
    steps_taken: int
    next_at: str | None
    next_targets: tuple[str, ...]
    until: str | None


class StepView(msgspec.Struct, frozen=True):
    """One step that fell due; how late it fired is the difference of the two instants."""

    matter: str
    direction: str
    number: int
    until: str
    is_needed: bool
    due_at: str
    fired_at: str
    late_ms: int


class NoticeView(msgspec.Struct, frozen=True):
    """One end that is told, and what came of it."""

    id: str
    cause: str
    end: str
    target: str
    why: str
    name: str | None
    words: str
    state: str
    tries: int
    made_at: str
    next_at: str | None
    sent_at: str | None
    failure: str | None
    matter: str | None
    number: int | None


class CardView(msgspec.Struct, frozen=True):
    """Who is on watch and what escalates next, for the page that is watched."""

    rosters: tuple[RosterView, ...]
    escalations: tuple[EscalationView, ...]
    gaps: tuple[ShiftView, ...]
    failed_notices: int


class DutyDeviceView(msgspec.Struct, frozen=True):
    """One device on which the person who asks is called."""

    id: str
    name: str
    service: str
    added_at: str
    reached_at: str | None


class ReachView(msgspec.Struct, frozen=True):
    """By what the person who asks is called."""

    devices: tuple[DutyDeviceView, ...]
    mail: str | None
    can_mail: bool
    push_key: str | None
    """What a browser subscribes with, base64url; None: no device is called here."""


def shift_view(shift: Shift, names: Mapping[PersonId, str]) -> ShiftView:
    """Return a shift as it is shown."""
    person = shift.person
    return ShiftView(
        shift.starts_at.format_iso(),
        shift.ends_at.format_iso(),
        None if person is None else person.text,
        None if person is None else names.get(person),
        shift.source,
    )


def roster_view(
    roster: Roster,
    watch: Watch,
    names: Mapping[PersonId, str],
    offices: Mapping[OfficeId, str],
    now: Instant,
    since: Instant,
    until: Instant,
) -> RosterView:
    """Return a roster as it is shown over a time."""

    def able(person: PersonId) -> bool:
        return watch.able(roster, person)

    current, following = current_and_next(roster, watch.overrides, now, able)
    holder = watch.on_duty.get(roster.office)
    shown = shifts(roster, watch.overrides, since, until, able)
    members = sorted(p for p in watch.members.get(roster.office, ()) if p in watch.people)
    return RosterView(
        roster.key,
        roster.name,
        roster.zone,
        roster.office.text,
        offices.get(roster.office, ""),
        shift_view(current, names),
        None if following is None else shift_view(following, names),
        None if holder is None else names.get(holder),
        None if holder is None else holder.text,
        holder == current.person,
        tuple(MemberView(p.text, names.get(p, "")) for p in members),
        tuple(shift_view(each, names) for each in shown),
    )


def planned_otherwise(watch: Watch, now: Instant) -> dict[OfficeId, Shift]:
    """Return whose shift it is in each office in which somebody else has the duty.

    Where an office has several rosters and one of them has whoever has the duty, nothing differs.
    """
    found: dict[OfficeId, Shift] = {}
    as_planned: set[OfficeId] = set()
    for roster in watch.rosters.values():
        holder = watch.on_duty.get(roster.office)
        current, _ = current_and_next(roster, watch.overrides, now, partial(watch.able, roster))
        if holder == current.person:
            as_planned.add(roster.office)
        elif holder is not None and current.person is not None:
            found.setdefault(roster.office, current)
    return {office: shift for office, shift in found.items() if office not in as_planned}


def override_view(override: Override, names: Mapping[PersonId, str]) -> OverrideView:
    """Return an override as it is shown."""
    person = override.person
    return OverrideView(
        override.id.text,
        override.roster,
        None if person is None else person.text,
        None if person is None else names.get(person),
        override.starts_at.format_iso(),
        override.ends_at.format_iso(),
    )


def version_view(version: PlanVersion, names: Mapping[PersonId, str]) -> PlanVersionView:
    """Return a version of the plan as it is shown."""
    decided = version.decided_by
    return PlanVersionView(
        version.number,
        version.state.value,
        version.based_on,
        version.words,
        names.get(version.proposed_by, ""),
        tuple(roles_text(version.proposed_as).split()),
        version.proposed_at.format_iso(),
        None if decided is None else names.get(decided),
        stamp(version.decided_at),
        plan_text(version.plan),
    )


def planned_view(planned: PlannedStep, names: Mapping[PersonId, str]) -> PlannedStepView:
    """Return a step that would be taken as it is shown."""
    return PlannedStepView(
        planned.number,
        planned.at.format_iso(),
        planned.step.until.value,
        planned.step.acks,
        tuple(target.text for target in planned.step.targets),
        tuple(
            EndView(
                call.end.text,
                call.target.text,
                None if call.person is None else names.get(call.person),
                call.why.value,
            )
            for call in planned.calls
        ),
    )


def escalation_view(escalation: Escalation, row: sa.Row[tuple[object, ...]]) -> EscalationView:
    """Return an escalation as it is shown."""
    due_ms, step = escalation.due_ms, escalation.next_step
    is_waiting = due_ms is not None and step is not None
    return EscalationView(
        escalation.matter.hex(),
        escalation.direction.value,
        Precedence(row.precedence).name.lower(),
        row.place,
        bool(row.is_exercise),
        escalation.state.value,
        row.started_at.format_iso(),
        escalation.number,
        None if due_ms is None else Instant.from_timestamp(due_ms, unit="millisecond").format_iso(),
        tuple(t.text for t in step.targets) if is_waiting and step is not None else (),
        step.until.value if is_waiting and step is not None else None,
    )


def running(connection: sa.Connection, limit: int = 50) -> list[sa.Row[tuple[object, ...]]]:
    """Return the rows of escalations that are not settled, the newest first."""
    table = tables.escalation.c
    query = (
        sa.select(tables.escalation)
        .where(table.state != EscalationState.SETTLED.value)
        .order_by(table.started_at.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def notice_views(
    connection: sa.Connection,
    names: Mapping[PersonId, str],
    *,
    is_failed_only: bool = False,
    has_duress: bool = False,
    limit: int = NOTICES_SHOWN_MAX,
) -> list[NoticeView]:
    """Return notices, the newest first; those of duress calls only where nobody looks on."""
    table = tables.notice.c
    query = sa.select(tables.notice).order_by(table.made_at.desc(), table.id).limit(limit)
    if is_failed_only:
        query = query.where(table.state == NoticeState.FAILED.value)
    if not has_duress:
        query = query.where(_IS_OPEN_TO_ALL)
    return [
        NoticeView(
            row.id.text,
            row.cause.partition("/")[0] if row.matter is None else "alert",
            row.end,
            row.target,
            row.why,
            None if row.person is None else names.get(row.person),
            row.words,
            row.state,
            row.tries,
            row.made_at.format_iso(),
            stamp(row.next_at),
            stamp(row.sent_at),
            row.failure,
            None if row.matter is None else bytes(row.matter).hex(),
            row.number,
        )
        for row in connection.execute(query)
    ]


def step_views(connection: sa.Connection, limit: int) -> list[StepView]:
    """Return the steps that fell due, the latest first."""
    query = sa.select(tables.step).order_by(tables.step.c.fired_at.desc()).limit(limit)
    return [
        StepView(
            bytes(row.matter).hex(),
            row.direction,
            row.number,
            row.until,
            bool(row.is_needed),
            row.due_at.format_iso(),
            row.fired_at.format_iso(),
            milliseconds(row.fired_at) - milliseconds(row.due_at),
        )
        for row in connection.execute(query)
    ]


def failed_notices(connection: sa.Connection) -> int:
    """Return how many notices were given up and are nobody's concern yet."""
    table = tables.notice.c
    query = sa.select(sa.func.count()).where(
        table.state == NoticeState.FAILED.value, _IS_OPEN_TO_ALL
    )
    return int(connection.execute(query).scalar_one())


def gaps_ahead(views: Sequence[RosterView]) -> tuple[ShiftView, ...]:
    """Return the empty shifts of rosters that are shown."""
    return tuple(each for view in views for each in view.shifts if each.person is None)
