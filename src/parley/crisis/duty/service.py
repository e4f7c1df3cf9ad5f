"""Watches and escalation of a running node: the plan, overrides, who is reached, and the sending.

Wired once by ``parley.node``. :meth:`DutyService.run` keeps a task that takes notices to their
carriers as soon as a step has made them, and looks for empty shifts once a minute.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.config import Settings
from parley.config.kinds import is_plain
from parley.crisis.duty import tables, view
from parley.crisis.duty.carriers import CarrierFailed, Dispatch, PushCarrier
from parley.crisis.duty.checks import tell_missed_checks, untold_checks
from parley.crisis.duty.duress import is_duress_untold, tell_duress
from parley.crisis.duty.keeping import EscalationKeeper
from parley.crisis.duty.rows import (
    PlanVersion,
    devices_of,
    find_plan,
    mail_of,
    overrides_until,
    plan_in_force,
    plan_versions,
    read_watch,
    roles_text,
)
from parley.crisis.duty.sender import NoticeSender
from parley.crisis.duty.stepping import DEADLINE, EscalationStepper, find_escalation
from parley.crisis.duty.watching import look_for_gaps
from parley.crisis.escalation.dry_run import dry_run
from parley.crisis.escalation.plan import (
    DEFAULT_POLICIES,
    KEEPERS,
    PlanEvent,
    PlanGuard,
    PlanState,
    are_both,
    follow_plan,
)
from parley.crisis.escalation.plan_text import plan_text, read_plan, read_target, write_plan
from parley.crisis.escalation.policy import Direction
from parley.crisis.escalation.reaching import calls
from parley.crisis.escalation.roster import WARN_AHEAD_H
from parley.crisis.escalation.wording import trial
from parley.crisis.repository import KINDS
from parley.errors import (
    DutyDeviceRefused,
    DutyDeviceUnknown,
    OurError,
    OverrideUnknown,
    PlanGuardRefused,
    PlanUnknown,
    RequestMalformed,
)
from parley.identity.office import all_offices
from parley.identity.permission import Role
from parley.identity.person import all_people
from parley.identity.trail import add_to_trail
from parley.ids import DutyDeviceId, NoticeId, PersonId, ShiftId
from parley.record.entry import Precedence
from parley.record.keeping import Record
from parley.record.ports import EntryCame, RecordEvent
from parley.storage import Database
from parley.storage.deadlines import Deadlines
from parley.telemetry import log

LOOK_S: Final = 0.5
"""Longest pause between two looks for notices to send; a step wakes the sender at once."""
GAPS_S: Final = 60
"""Seconds between two looks for empty shifts. More: the releasers learn later that nobody is there.
Less: reckoning every roster costs some milliseconds each time."""
VERSIONS_SHOWN: Final = 30
OVERRIDE_DAYS_MAX: Final = 60
DEVICES_MAX: Final = 8
P256_POINT_BYTES: Final = 65
PUSH_SECRET_BYTES: Final = 16
SHOWN_DAYS_MAX: Final = 62


class DutyService:
    """The watches and escalations of one node. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        record: Record,
        database: Database,
        clock: Clock,
        settings: Settings,
        deadlines: Deadlines,
        push: PushCarrier | None,
        address: str,
    ) -> None:
        """Keep escalations beside the record's entries from here on, and act on their deadlines."""
        self._database = database
        self._clock = clock
        self._settings = settings
        self._push = push
        self._language = settings.party.languages[0]
        self._stepper = EscalationStepper(record.keys.party, settings.escalation, self._language)
        self.sender = NoticeSender(
            database=database, settings=settings, clock=clock, push=push, address=address
        )
        keeper = EscalationKeeper(self._stepper)
        record.keep_with(KINDS, keeper.keep)
        record.listen(self._on_event)
        deadlines.on(DEADLINE, self._stepper.act, lambda _: self.wake(), counts_elapsed=True)
        self._listeners: list[Callable[[], None]] = []
        self._duress_listeners: list[Callable[[], None]] = []
        self._woken = asyncio.Event()
        self._gaps_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    # --------------------------------------------------------------------------------- running

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every change that a desk shows."""
        self._listeners.append(listener)

    def listen_for_duress(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when somebody of ours has begun to call under duress."""
        self._duress_listeners.append(listener)

    def wake(self) -> None:
        """Let the sender look now, and desks ask anew."""
        self._woken.set()
        self._tell()

    def run(self) -> None:
        """Send notices from here on, by a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="duty")

    async def stop(self) -> None:
        """Send no more; what is under way is tried again after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.sender.stop()

    async def look(self) -> int:
        """Send what is due and look for empty shifts; return how many notices went out.

        Raises:
            OurError: the database cannot be used.
        """
        monotonic = self._clock.monotonic()
        if monotonic - self._gaps_at >= GAPS_S:
            self._gaps_at = monotonic
            now, chosen = self._clock.now(), self._settings.escalation

            def look(connection: sa.Connection) -> int:
                stepper, language = self._stepper, self._language
                return look_for_gaps(connection, stepper, chosen, language, now)

            if await self._database.write(look):
                self._tell()
        await self._tell_checks()
        await self._tell_duress()
        return await self.sender.look()

    async def _tell_checks(self) -> None:
        if not await self._database.read(untold_checks):
            return
        now, chosen = self._clock.now(), self._settings.escalation
        stepper, language = self._stepper, self._language
        await self._database.write(
            lambda connection: tell_missed_checks(connection, stepper, chosen, language, now)
        )
        self._tell()

    async def _tell_duress(self) -> None:
        if not await self._database.read(is_duress_untold):
            return
        now, chosen = self._clock.now(), self._settings.escalation
        stepper, language = self._stepper, self._language
        await self._database.write(
            lambda connection: tell_duress(connection, stepper, chosen, language, now)
        )
        for listener in self._duress_listeners:
            listener()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.look()
            except OurError as error:
                log.error("notices not looked at", code=error.code)
            except Exception:  # noqa: BLE001  one bad look must not end the sending
                log.error("notices not looked at", exc_info=True)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _on_event(self, event: RecordEvent) -> None:
        if isinstance(event, EntryCame) and event.entry.kind in KINDS:
            self.wake()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    # ------------------------------------------------------------------------------------ plan

    async def plan(self) -> view.PlanView:
        """Return the plan that counts, whole, and the latest versions."""
        chosen = self._settings.escalation

        def read(connection: sa.Connection) -> view.PlanView:
            number, plan = plan_in_force(connection)
            people = all_people(connection)
            names = {each.id: each.name for each in people}
            whole = replace(plan, policies={**DEFAULT_POLICIES, **plan.policies})
            return view.PlanView(
                number,
                plan_text(whole),
                tuple(
                    view.version_view(v, names) for v in plan_versions(connection, VERSIONS_SHOWN)
                ),
                view.TargetNamesView(
                    tuple(each.name for each in chosen.box) if chosen.mail_smtp else (),
                    tuple(each.name for each in chosen.webhook),
                    tuple(each.name for each in chosen.siren),
                    tuple(
                        view.DeviceRefView(row.id.text, row.name, names.get(row.person, ""))
                        for row in connection.execute(
                            sa.select(tables.device).order_by(tables.device.c.added_at)
                        )
                    ),
                    can_push=bool(chosen.push_contact),
                    can_mail=bool(chosen.mail_smtp),
                ),
                tuple(
                    view.MemberView(each.id.text, each.name)
                    for each in people
                    if each.revoked_at is None
                ),
                tuple(
                    view.OfficeRefView(each.id.text, each.name)
                    for each in all_offices(connection)
                    if each.closed_at is None
                ),
            )

        return await self._database.read(read)

    async def propose(
        self, encoded: bytes, words: str, person: PersonId, roles: frozenset[Role]
    ) -> int:
        """Propose a version of the plan; return its number.

        Raises:
            PlanRefused: it cannot be read.
        """
        plan, now = read_plan(encoded), self._clock.now()

        def write(connection: sa.Connection) -> int:
            table = tables.plan
            last = connection.execute(sa.select(sa.func.max(table.c.number))).scalar()
            number = (last or 0) + 1
            connection.execute(
                table.insert().values(
                    number=number,
                    content=write_plan(plan),
                    state=PlanState.PROPOSED.value,
                    based_on=plan_in_force(connection)[0],
                    words=words,
                    proposed_by=person,
                    proposed_as=roles_text(roles & KEEPERS),
                    proposed_at=now,
                )
            )
            add_to_trail(
                connection, now, "escalation.change", person.text, subject=f"propose {number}"
            )
            return number

        return await self._database.write(write)

    async def confirm(self, number: int, person: PersonId, roles: frozenset[Role]) -> None:
        """Put in force what another proposed.

        Raises:
            PlanUnknown: there is no such version.
            PlanGuardRefused: it is their own, or both are of one role, or another came first.
            TransitionRefused: it is not proposed any more.
        """
        now = self._clock.now()

        def write(connection: sa.Connection) -> None:
            found = _plan(connection, number)
            state = follow_plan(found.state, PlanEvent.CONFIRM)
            _check_confirm(connection, found, person, roles)
            replaced = follow_plan(PlanState.IN_FORCE, PlanEvent.REPLACE)
            table = tables.plan
            former = table.update().where(table.c.state == PlanState.IN_FORCE.value)
            connection.execute(former.values(state=replaced.value))
            _decide(connection, number, state, person, now)
            add_to_trail(
                connection, now, "escalation.change", person.text, subject=f"confirm {number}"
            )

        await self._database.write(write)
        self._gaps_at = float("-inf")
        self.wake()

    async def reject(self, number: int, person: PersonId) -> None:
        """Reject a proposal, one's own too.

        Raises:
            PlanUnknown, TransitionRefused: it cannot be.
        """
        now = self._clock.now()

        def write(connection: sa.Connection) -> None:
            state = follow_plan(_plan(connection, number).state, PlanEvent.REJECT)
            _decide(connection, number, state, person, now)
            add_to_trail(
                connection, now, "escalation.change", person.text, subject=f"reject {number}"
            )

        await self._database.write(write)

    async def dry_run(
        self,
        direction: Direction,
        precedence: Precedence,
        at: Instant,
        *,
        plan: bytes | None = None,
        is_exercise: bool = False,
    ) -> tuple[view.PlannedStepView, ...]:
        """Return what would happen if an alert came at an instant and nobody did anything.

        Args:
            direction: whether they wrote, or we.
            precedence: of the alert.
            at: when it comes, or is released.
            plan: one that is not in force, to try it; None for the one that is.
            is_exercise: whether it is one.

        Raises:
            PlanRefused: the plan cannot be read.
        """
        tried = None if plan is None else read_plan(plan)
        chosen, now = self._settings.escalation, self._clock.now()

        def read(connection: sa.Connection) -> tuple[view.PlannedStepView, ...]:
            used = plan_in_force(connection)[1] if tried is None else tried
            people = all_people(connection)
            names = {each.id: each.name for each in people}
            since = min(now, at)
            watch = read_watch(connection, chosen, since, used, people)
            policy = used.policy(direction, precedence)
            steps = dry_run(policy, watch, at, is_exercise=is_exercise)
            return tuple(view.planned_view(each, names) for each in steps)

        return await self._database.read(read)

    # ---------------------------------------------------------------------------------- duty

    async def duty(
        self, since: Instant | None = None, days: int = 7, *, plan: bytes | None = None
    ) -> view.DutyWeek:
        """Return every roster over some days, from the present on by default.

        Args:
            since: the beginning; None for the present.
            days: how many.
            plan: one that is not in force, to look at it; None for the one that is.

        Raises:
            PlanRefused: the plan cannot be read.
        """
        tried = None if plan is None else read_plan(plan)
        now, chosen = self._clock.now(), self._settings.escalation
        start = now if since is None else since
        until = start.add(hours=24 * min(max(1, days), SHOWN_DAYS_MAX))

        def read(connection: sa.Connection) -> view.DutyWeek:
            number, in_force = plan_in_force(connection)
            shown = in_force if tried is None else tried
            people = all_people(connection)
            names = {each.id: each.name for each in people}
            offices = {each.id: each.name for each in all_offices(connection)}
            watch = read_watch(connection, chosen, min(now, start), shown, people)
            return view.DutyWeek(
                now.format_iso(),
                start.format_iso(),
                until.format_iso(),
                number,
                tuple(
                    view.roster_view(each, watch, names, offices, now, start, until)
                    for each in shown.rosters
                ),
                tuple(view.override_view(each, names) for each in watch.overrides),
                view.failed_notices(connection),
            )

        return await self._database.read(read)

    async def card(self) -> view.CardView:
        """Return who is on watch and what escalates next."""
        shown = await self.duty(days=WARN_AHEAD_H // 24)
        running = await self.escalations()
        return view.CardView(
            shown.rosters, running, view.gaps_ahead(shown.rosters), shown.failed_notices
        )

    async def escalations(self) -> tuple[view.EscalationView, ...]:
        """Return the escalations that are not settled."""

        def read(connection: sa.Connection) -> tuple[view.EscalationView, ...]:
            found = []
            for row in view.running(connection):
                escalation = find_escalation(
                    connection, bytes(row.matter), Direction(row.direction)
                )
                if escalation is not None:
                    found.append(view.escalation_view(escalation, row))
            return tuple(found)

        return await self._database.read(read)

    async def override(
        self,
        roster: str,
        person: PersonId | None,
        starts_at: Instant,
        ends_at: Instant,
        by: PersonId,
    ) -> ShiftId:
        """Put somebody else, or nobody, on a roster for a while.

        Raises:
            RequestMalformed: the roster, the times or the person will not do.
        """
        now, made = self._clock.now(), ShiftId.new()
        days = (ends_at - starts_at).total("hours") / 24
        if not 0 < days <= OVERRIDE_DAYS_MAX or ends_at <= now:
            raise RequestMalformed(field="ends_at")
        chosen = self._settings.escalation

        def write(connection: sa.Connection) -> None:
            watch = read_watch(connection, chosen, now)
            found = watch.rosters.get(roster)
            if found is None:
                raise RequestMalformed(field="roster")
            if person is not None and not watch.able(found, person):
                raise RequestMalformed(field="person")
            connection.execute(
                tables.override.insert().values(
                    id=made,
                    roster=roster,
                    person=person,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    made_by=by,
                    made_at=now,
                )
            )
            words = "" if person is None else person.text
            add_to_trail(connection, now, "duty.override", by.text, subject=roster, words=words)

        await self._database.write(write)
        self._gaps_at = float("-inf")
        self.wake()
        return made

    async def end_override(self, override: ShiftId, by: PersonId) -> None:
        """Take an override back.

        Raises:
            OverrideUnknown: there is none that counts.
        """
        now = self._clock.now()

        def write(connection: sa.Connection) -> None:
            found = [each for each in overrides_until(connection, now) if each.id == override]
            if not found:
                raise OverrideUnknown
            table = tables.override
            connection.execute(table.update().where(table.c.id == override).values(ended_at=now))
            add_to_trail(
                connection, now, "duty.override", by.text, subject=found[0].roster, words="ended"
            )

        await self._database.write(write)
        self._gaps_at = float("-inf")
        self.wake()

    # --------------------------------------------------------------------------------- notices

    async def notices(
        self,
        *,
        is_failed_only: bool = False,
        has_duress: bool = False,
        limit: int = view.NOTICES_SHOWN_MAX,
    ) -> tuple[view.NoticeView, ...]:
        """Return notices, the newest first; those of duress calls only where nobody looks on."""

        def read(connection: sa.Connection) -> tuple[view.NoticeView, ...]:
            names = {each.id: each.name for each in all_people(connection)}
            found = view.notice_views(
                connection,
                names,
                is_failed_only=is_failed_only,
                has_duress=has_duress,
                limit=limit,
            )
            return tuple(found)

        return await self._database.read(read)

    async def steps(self, limit: int = 200) -> tuple[view.StepView, ...]:
        """Return the steps that fell due, the latest first."""
        return tuple(await self._database.read(lambda c: view.step_views(c, limit)))

    async def again(self, notice: NoticeId) -> None:
        """Try a notice anew that was given up; raises like :meth:`NoticeSender.again`."""
        await self.sender.again(notice)
        self.wake()

    async def try_target(self, text: str) -> tuple[tuple[str, str | None], ...]:
        """Call a target now, to see whether it can be; return each end and why it failed, if so.

        Raises:
            PlanRefused: it is no target.
        """
        target, chosen, now = read_target(text), self._settings.escalation, self._clock.now()
        watch = await self._database.read(lambda c: read_watch(c, chosen, now))
        dispatch = Dispatch(
            NoticeId.new().text,
            trial(self._language),
            milliseconds(now) // 1_000,
            precedence="trial",
        )
        found: list[tuple[str, str | None]] = []
        for call in calls([target], watch, now):
            try:
                await self.sender.carry(call.end.text, dispatch)
            except CarrierFailed as error:
                found.append((call.end.text, str(error)))
            else:
                found.append((call.end.text, None if call.why.value == "named" else call.why))
        return tuple(found)

    # ----------------------------------------------------------------------------------- reach

    async def reach(self, person: PersonId) -> view.ReachView:
        """Return by what a person is called."""

        def read(connection: sa.Connection) -> view.ReachView:
            key = None if self._push is None else _base64url(self._push.public)
            return view.ReachView(
                tuple(
                    view.DutyDeviceView(
                        each.id.text,
                        each.name,
                        each.endpoint.split("/")[2],
                        each.added_at.format_iso(),
                        view.stamp(each.reached_at),
                    )
                    for each in devices_of(connection, person)
                ),
                mail_of(connection, person),
                bool(self._settings.escalation.mail_smtp),
                key,
            )

        return await self._database.read(read)

    async def add_device(
        self, person: PersonId, name: str, endpoint: str, public: bytes, secret: bytes
    ) -> DutyDeviceId:
        """Let a browser be called.

        Raises:
            DutyDeviceRefused: no device is called here, or not by this push service.
        """
        if self._push is None:
            raise DutyDeviceRefused(reason="no_push")
        if not self._push.allows(endpoint):
            raise DutyDeviceRefused(reason="push_service")
        if len(public) != P256_POINT_BYTES or len(secret) != PUSH_SECRET_BYTES:
            raise DutyDeviceRefused(reason="keys")
        made, now, table = DutyDeviceId.new(), self._clock.now(), tables.device

        def write(connection: sa.Connection) -> None:
            # A browser that subscribes again, perhaps for somebody else, is called for them alone.
            connection.execute(table.delete().where(table.c.endpoint == endpoint))
            if len(devices_of(connection, person)) >= DEVICES_MAX:
                raise DutyDeviceRefused(reason="too_many")
            connection.execute(
                table.insert().values(
                    id=made,
                    person=person,
                    name=name,
                    endpoint=endpoint,
                    public=public,
                    secret=secret,
                    added_at=now,
                )
            )
            add_to_trail(connection, now, "duty.reach", person.text, subject=made.text)

        await self._database.write(write)
        return made

    async def remove_device(self, person: PersonId, device: DutyDeviceId) -> None:
        """Call a browser no more.

        Raises:
            DutyDeviceUnknown: the person has none such.
        """
        now, table = self._clock.now(), tables.device
        gone = table.delete().where(table.c.id == device, table.c.person == person)

        def write(connection: sa.Connection) -> None:
            if connection.execute(gone).rowcount == 0:
                raise DutyDeviceUnknown
            add_to_trail(connection, now, "duty.reach", person.text, subject=device.text)

        await self._database.write(write)

    async def set_mail(self, person: PersonId, address: str | None) -> None:
        """Say where a person gets mail, None for nowhere.

        Raises:
            RequestMalformed: it is no address.
        """
        if address is not None and not _is_mail(address):
            raise RequestMalformed(field="address")
        now, table = self._clock.now(), tables.mail

        def write(connection: sa.Connection) -> None:
            connection.execute(table.delete().where(table.c.person == person))
            if address is not None:
                values = {"person": person, "address": address, "changed_at": now}
                connection.execute(table.insert().values(values))
            add_to_trail(connection, now, "duty.reach", person.text, subject="mail")

        await self._database.write(write)


def _plan(connection: sa.Connection, number: int) -> PlanVersion:
    found = find_plan(connection, number)
    if found is None:
        raise PlanUnknown
    return found


def _check_confirm(
    connection: sa.Connection, found: PlanVersion, person: PersonId, roles: frozenset[Role]
) -> None:
    if found.proposed_by == person:
        raise PlanGuardRefused(guard=PlanGuard.ANOTHER.name.lower())
    if not are_both(found.proposed_as, roles):
        raise PlanGuardRefused(guard=PlanGuard.BOTH_ROLES.name.lower())
    if plan_in_force(connection)[0] != found.based_on:
        raise PlanGuardRefused(guard=PlanGuard.UNCHANGED.name.lower())


def _decide(
    connection: sa.Connection, number: int, state: PlanState, person: PersonId, now: Instant
) -> None:
    table = tables.plan
    connection.execute(
        table.update()
        .where(table.c.number == number)
        .values(state=state.value, decided_by=person, decided_at=now)
    )


def _is_mail(text: str) -> bool:
    name, at, host = text.rpartition("@")
    is_whole = bool(name and at and host) and len(text) <= _MAIL_CHARACTERS_MAX
    return is_whole and is_plain(text) and text.isascii() and not set(text) & set(' ,;<>"()')


_MAIL_CHARACTERS_MAX: Final = 254


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
