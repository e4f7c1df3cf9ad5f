"""Takes notices that are due to their carriers, and notes what came of it.

Each look takes what is due in one transaction, in which the try is noted; then every notice goes
its way by itself, so that one end that hangs delays no other.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, from_milliseconds, milliseconds
from parley.config import Settings
from parley.config.secret_file import read_secret
from parley.crisis.duty import tables
from parley.crisis.duty.carriers import (
    CarrierFailed,
    Dispatch,
    PushCarrier,
    carry_mail,
    carry_siren,
    carry_webhook,
)
from parley.crisis.duty.rows import find_device, mail_of
from parley.crisis.escalation.escalation import EscalationState
from parley.crisis.escalation.notice import (
    LAPSE_S,
    Notice,
    NoticeState,
    failed,
    succeeded,
    tried,
    tried_anew,
)
from parley.crisis.escalation.reaching import EndKind
from parley.errors import NoticeUnknown, ParleyError, StorageFailed
from parley.ids import DutyDeviceId, NoticeId, PersonId
from parley.record.entry import Precedence
from parley.storage import Database
from parley.storage.columns import whole
from parley.storage.deadline import ClockWatch
from parley.telemetry import log

BATCH_MAX: Final = 20
"""Notices taken at a look. More: many siren commands at once. Less: many ends take longer."""
CARRY_S_MAX: Final = LAPSE_S - 5
"""Seconds after which a carrier is given up, whatever it says: before its try would lapse."""


@dataclass(frozen=True, slots=True)
class _Taken:
    id: NoticeId
    end: str
    notice: Notice
    dispatch: Dispatch


class NoticeSender:
    """Sends the notices of one node. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        clock: Clock,
        push: PushCarrier | None,
        address: str,
    ) -> None:
        """Send by what the settings name; ``address`` is where people find the desk."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._push = push
        self._address = address
        self._watch = ClockWatch(clock.now(), clock.monotonic())
        self._under_way: set[asyncio.Task[None]] = set()

    async def look(self) -> int:
        """Take what is due to its carriers; return how many. Does not wait for the carriers.

        Raises:
            OurError: the database cannot be used; what is due stays due.
        """
        now = self._clock.now()
        set_by_ms = self._watch.look(now, self._clock.monotonic())
        if set_by_ms:
            await self._database.write(lambda connection: _shift(connection, set_by_ms))
        if not await self._database.read(lambda connection: _is_any_due(connection, now)):
            return 0
        taken = await self._database.write(lambda connection: self._take(connection, now))
        for each in taken:
            task = asyncio.create_task(self._carry(each), name="notice")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(taken)

    async def settle(self) -> None:
        """Wait for the carriers that are under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def stop(self) -> None:
        """Give up what is under way; it is tried again after the next start."""
        for task in list(self._under_way):
            task.cancel()
        await self.settle()

    async def again(self, notice: NoticeId) -> None:
        """Try a notice anew that was given up.

        Raises:
            NoticeUnknown: there is none.
            TransitionRefused: it was not given up.
        """
        now_ms = milliseconds(self._clock.now())

        def write(connection: sa.Connection) -> None:
            query = sa.select(tables.notice).where(tables.notice.c.id == notice)
            row = connection.execute(query).one_or_none()
            if row is None:
                raise NoticeUnknown
            _write(connection, notice, tried_anew(_notice(row), now_ms))

        await self._database.write(write)

    # ------------------------------------------------------------------------------------- details

    def _take(self, connection: sa.Connection, now: Instant) -> list[_Taken]:
        query = _due(now).limit(BATCH_MAX)
        found: list[_Taken] = []
        for row in connection.execute(query).all():
            about = _escalation(connection, row)
            is_settled = about is not None and about.state == EscalationState.SETTLED.value
            after = tried(_notice(row), milliseconds(now), is_settled=is_settled)
            _write(connection, row.id, after)
            if after.state is NoticeState.TRYING:
                found.append(_Taken(row.id, row.end, after, self._dispatch(row, about)))
        return found

    def _dispatch(
        self, row: sa.Row[tuple[object, ...]], about: sa.Row[tuple[object, ...]] | None
    ) -> Dispatch:
        words, made_s = row.words, milliseconds(row.made_at) // 1_000
        if about is None:
            return Dispatch(row.id.text, words, made_s, address=self._address)
        return Dispatch(
            row.id.text,
            words,
            made_s,
            Precedence(about.precedence).name.lower(),
            about.place,
            row.number or 0,
            about.direction,
            is_exercise=bool(about.is_exercise),
            address=self._address,
        )

    async def _carry(self, taken: _Taken) -> None:
        try:
            async with asyncio.timeout(CARRY_S_MAX):
                await self.carry(taken.end, taken.dispatch)
        except TimeoutError:
            refusal: CarrierFailed | None = CarrierFailed("too slow")
        except CarrierFailed as error:
            refusal = error
        except ParleyError as error:
            refusal = CarrierFailed(str(error))
        except Exception as error:  # noqa: BLE001  one carrier's fault holds up no other
            log.error("notice carrier failed", exc_info=True)
            refusal = CarrierFailed(type(error).__name__)
        else:
            refusal = None
        await self._note(taken, refusal)

    async def carry(self, end: str, dispatch: Dispatch) -> None:
        """Take one dispatch to one end.

        Raises:
            CarrierFailed: it was not taken.
        """
        kind, _, name = end.partition(":")
        chosen = self._settings.escalation
        if kind == EndKind.PUSH:
            await self._carry_push(name, dispatch)
        elif kind in {EndKind.MAIL, EndKind.BOX}:
            await self._carry_mail(kind, name, dispatch)
        elif kind == EndKind.WEBHOOK:
            for webhook in chosen.webhook:
                if webhook.name == name:
                    secret = read_secret(self._settings.path(webhook.secret_file))
                    return await carry_webhook(dispatch, webhook, secret)
            raise CarrierFailed("not in the settings any more", is_final=True)
        elif kind == EndKind.SIREN:
            for siren in chosen.siren:
                if siren.name == name:
                    return await carry_siren(dispatch, siren)
            raise CarrierFailed("not in the settings any more", is_final=True)
        return None

    async def _carry_push(self, name: str, dispatch: Dispatch) -> None:
        device_id = DutyDeviceId.parse(name)
        device = await self._database.read(lambda c: find_device(c, device_id))
        if device is None or self._push is None:
            raise CarrierFailed("this device is not called any more", is_final=True)
        table, now = tables.device, self._clock.now()
        try:
            await self._push.carry(dispatch, device)
        except CarrierFailed as error:
            if error.is_gone:
                gone = table.delete().where(table.c.id == device_id)
                await self._database.write(lambda c: c.execute(gone))
            raise
        reached = table.update().where(table.c.id == device_id).values(reached_at=now)
        await self._database.write(lambda c: c.execute(reached))

    async def _carry_mail(self, kind: str, name: str, dispatch: Dispatch) -> None:
        chosen = self._settings.escalation
        if kind == EndKind.BOX:
            to = next((box.address for box in chosen.box if box.name == name), None)
        else:
            person = PersonId.parse(name)
            to = await self._database.read(lambda c: mail_of(c, person))
        if to is None or not chosen.mail_smtp:
            raise CarrierFailed("no address any more", is_final=True)
        await asyncio.to_thread(partial(carry_mail, dispatch, self._settings, to))

    async def _note(self, taken: _Taken, refusal: CarrierFailed | None) -> None:
        now_ms = milliseconds(self._clock.now())
        if refusal is None:
            after = succeeded(taken.notice, now_ms)
        else:
            after = failed(taken.notice, now_ms, str(refusal), is_final=refusal.is_final)
            log.warning(
                "notice not taken",
                notice=taken.id.text,
                end=taken.end.partition(":")[0],
                tries=after.tries,
                state=after.state.value,
            )
        try:
            await self._database.write(lambda connection: _write(connection, taken.id, after))
        except StorageFailed:
            log.error("notice not noted", notice=taken.id.text)


def _due(now: Instant) -> sa.Select[tuple[object, ...]]:
    table = tables.notice.c
    waiting = [NoticeState.WAITING.value, NoticeState.TRYING.value]
    query = sa.select(tables.notice).where(table.next_at <= now, table.state.in_(waiting))
    return query.order_by(table.next_at)


def _is_any_due(connection: sa.Connection, now: Instant) -> bool:
    return connection.execute(_due(now).limit(1)).first() is not None


def _escalation(
    connection: sa.Connection, row: sa.Row[tuple[object, ...]]
) -> sa.Row[tuple[object, ...]] | None:
    if row.matter is None:
        return None
    table = tables.escalation.c
    query = sa.select(tables.escalation).where(
        table.matter == row.matter, table.direction == row.direction
    )
    return connection.execute(query).one_or_none()


def _notice(row: sa.Row[tuple[object, ...]]) -> Notice:
    def at(instant: Instant | None) -> int | None:
        return None if instant is None else milliseconds(instant)

    return Notice(
        milliseconds(row.made_at),
        NoticeState(row.state),
        row.tries,
        at(row.next_at),
        at(row.sent_at),
        row.failure,
    )


def _write(connection: sa.Connection, notice: NoticeId, after: Notice) -> None:
    def at(value: int | None) -> Instant | None:
        return None if value is None else from_milliseconds(value)

    connection.execute(
        tables.notice.update()
        .where(tables.notice.c.id == notice)
        .values(
            state=after.state.value,
            tries=after.tries,
            next_at=at(after.next_ms),
            sent_at=at(after.sent_ms),
            failure=after.failure,
        )
    )


def _shift(connection: sa.Connection, by_ms: int) -> None:
    """Let waits be as long as they were, after the clock was set."""
    column = sa.type_coerce(tables.notice.c.next_at, whole())
    moved = sa.case((column + by_ms < 0, 0), else_=column + by_ms)
    waiting = tables.notice.c.next_at.is_not(None)
    connection.execute(tables.notice.update().where(waiting).values(next_at=moved))
