"""Steps and notices as rows: recorded once, in the transaction of what causes them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.config import EscalationSettings
from parley.crisis import tables as crisis_tables
from parley.crisis.alert import AlertState, Standing
from parley.crisis.bodies import AlertBody, read_alert
from parley.crisis.due import AlertLimit, DueStep
from parley.crisis.duty import tables
from parley.crisis.duty.rows import plan_in_force, read_watch
from parley.crisis.escalation.dry_run import told
from parley.crisis.escalation.escalation import (
    Escalation,
    EscalationState,
    StepReached,
    advanced,
    begun,
)
from parley.crisis.escalation.notice import NoticeState, joined, made
from parley.crisis.escalation.plan_text import read_policy, write_policy
from parley.crisis.escalation.policy import Direction, Reached
from parley.crisis.escalation.reaching import Call, calls
from parley.crisis.escalation.wording import waits
from parley.crisis.projection import project
from parley.crisis.repository import excluded, find_row, matter_entries
from parley.crisis.shared_steps import owe_step
from parley.ids import NoticeId, PartyId
from parley.record.entry import Precedence, read_entry
from parley.record.kinds import Kind
from parley.storage.deadline import Deadline
from parley.storage.deadlines import cancel_deadline, set_deadlines
from parley.storage.rows import add_rows

DEADLINE: Final = "escalation.step"
"""The kind of an escalation's deadline: one row for each, moved from step to step."""
STARTED_LATE_MS_MAX: Final = 7 * 24 * 3_600 * 1_000
"""Age beyond which an alert that comes to rows (a restored record) begins no escalation. More:
rebuilding an old record wakes people. Less: a node that was away for days calls nobody."""

_EXPIRED: Final = DueStep(AlertLimit.EXPIRY, 0, 0).name
# What runs with every alert is made once: see :mod:`parley.storage.rows`.
_entry, _late, _notice = crisis_tables.entry.c, crisis_tables.overdue.c, tables.notice.c
_bound: Final = sa.bindparam
_is_it: Final = sa.and_(
    tables.escalation.c.matter == _bound("of_matter"),
    tables.escalation.c.direction == _bound("of_direction"),
)
_ONE: Final = sa.select(tables.escalation).where(_is_it)
_STANDS: Final = tables.escalation.update().where(_is_it)
_BEGUN: Final = tables.escalation.insert()
_TAKEN: Final = tables.step.insert()
_EXPIRY: Final = sa.select(_late.step).where(
    _late.matter == _bound("matter"), _late.step == _EXPIRED
)
_THEIRS: Final = sa.select(_entry.encoded).where(
    _entry.matter == _bound("matter"), _entry.author != _bound("author")
)
_TOLD_NOW: Final = (
    sa.select(_notice.id)
    .where(
        _notice.matter == _bound("matter"),
        _notice.direction == _bound("direction"),
        _notice.end == _bound("end"),
        _notice.made_at == _bound("made_at"),
        _notice.state == NoticeState.WAITING.value,
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody is told."""

    name: str
    """Known by it: a cause and an end come together once."""
    words: str
    """What is said outside."""
    matter: bytes | None = None
    direction: str | None = None
    number: int | None = None


class EscalationStepper:
    """Writes what escalations come to. Every method runs in the writer's transaction."""

    def __init__(self, own: PartyId, settings: EscalationSettings, language: str) -> None:
        """Escalate for a party; what is said outside is said in its first language."""
        self._own = own
        self._settings = settings
        self._language = language

    def look(self, connection: sa.Connection, matter: bytes, now: Instant) -> None:
        """Begin, go on with or settle the escalation of an alert, whose row is as it is now."""
        row = find_row(connection, matter)
        if row is None:
            return
        direction = Direction.OUTBOUND if row.author == self._own else Direction.INBOUND
        found = find_escalation(connection, matter, direction)
        now_ms = milliseconds(now)
        if found is None:
            if excluded(connection, matter) is None:
                self._begin(connection, row, direction, now_ms)
        elif found.state is not EscalationState.SETTLED:
            # Steps that are due are left to their deadline, which knows how the clock was set.
            after, _ = advanced(found, _reached(connection, row), now_ms)
            if after.state is EscalationState.SETTLED:
                self._record(connection, after, (), now_ms)
                cancel_deadline(connection, DEADLINE, subject_of(matter, direction), now)

    def act(self, connection: sa.Connection, due: Deadline, now: Instant) -> Instant | None:
        """Take the steps that are due; what an escalation's deadline does."""
        matter, direction = read_subject(due.subject)
        found = find_escalation(connection, matter, direction)
        if found is None or found.state is not EscalationState.RUNNING:
            return None
        row = find_row(connection, matter)
        if row is None:
            return None
        if due.tries == 0:
            # The row was moved if the clock was; its step and all after it move with it.
            moved_ms = milliseconds(due.acts_at) - milliseconds(due.due_at)
            found = replace(found, offset_ms=found.offset_ms + moved_ms)
        after, steps = advanced(found, _reached(connection, row), milliseconds(now))
        self._record(connection, after, steps, milliseconds(now))
        return None if after.due_ms is None else from_milliseconds(after.due_ms)

    def tell(
        self, connection: sa.Connection, cause: Cause, reached: Iterable[Call], now_ms: int
    ) -> int:
        """Make notices of a cause; return how many are new."""
        number = 0
        for call in reached:
            notice = made(now_ms)
            if not call.end.is_outside:
                # A desk reads it from here: nobody carries it on.
                notice_state, next_at, sent_at = NoticeState.SENT, None, from_milliseconds(now_ms)
            elif _is_told_now(connection, call.end.text, cause, now_ms):
                notice_state, next_at, sent_at = joined(now_ms).state, None, None
            else:
                notice_state, next_at, sent_at = notice.state, from_milliseconds(now_ms), None
            values = {
                "id": NoticeId.new(),
                "cause": cause.name,
                "end": call.end.text,
                "target": call.target.text,
                "why": call.why.value,
                "person": call.person,
                "matter": cause.matter,
                "direction": cause.direction,
                "number": cause.number,
                "words": cause.words,
                "state": notice_state.value,
                "tries": 0,
                "made_at": from_milliseconds(now_ms),
                "next_at": next_at,
                "sent_at": sent_at,
                "failure": None,
            }
            number += add_rows(connection, tables.notice, values)
        return number

    # ------------------------------------------------------------------------------------- details

    def _begin(
        self,
        connection: sa.Connection,
        row: sa.Row[tuple[object, ...]],
        direction: Direction,
        now_ms: int,
    ) -> None:
        started_ms = milliseconds(row.started_at)
        if now_ms - started_ms > STARTED_LATE_MS_MAX:
            return
        number, plan = plan_in_force(connection)
        policy = plan.policy(direction, Precedence(row.precedence))
        # What is dated ahead of our clock (a clock set back meanwhile) begins now.
        escalation, steps = begun(
            bytes(row.hash),
            direction,
            policy,
            min(started_ms, now_ms),
            _reached(connection, row),
            now_ms,
        )
        values = {
            "matter": escalation.matter,
            "direction": direction.value,
            "space": row.space,
            "precedence": row.precedence,
            "place": row.place,
            "is_exercise": row.is_exercise,
            "plan": number,
            "content": write_policy(policy),
            "state": EscalationState.RUNNING.value,
            "number": 0,
            "started_at": from_milliseconds(escalation.started_ms),
            "offset_ms": 0,
            "ended_at": None,
        }
        connection.execute(_BEGUN, values)
        self._record(connection, escalation, steps, now_ms)
        if escalation.due_ms is not None:
            subject = subject_of(escalation.matter, direction)
            due_at, now = from_milliseconds(escalation.due_ms), from_milliseconds(now_ms)
            set_deadlines(connection, [Deadline(DEADLINE, subject, due_at, due_at, now)])

    def _record(
        self,
        connection: sa.Connection,
        escalation: Escalation,
        steps: Iterable[StepReached],
        now_ms: int,
    ) -> None:
        """Write steps, each once, and a notice for every end of those that are needed."""
        ended = None if escalation.state is EscalationState.RUNNING else from_milliseconds(now_ms)
        stands = {
            "state": escalation.state.value,
            "number": escalation.number,
            "offset_ms": escalation.offset_ms,
            "ended_at": ended,
        }
        connection.execute(_STANDS, stands | _about(escalation.matter, escalation.direction))
        needed = []
        for each in steps:
            values = {
                "matter": escalation.matter,
                "direction": escalation.direction.value,
                "number": each.number,
                "until": each.step.until.value,
                "is_needed": int(each.is_needed),
                "due_at": from_milliseconds(each.due_ms),
                "fired_at": from_milliseconds(now_ms),
            }
            connection.execute(_TAKEN, values)
            needed += [each] if each.is_needed else []
        if needed:
            self._call(connection, escalation, needed, now_ms)

    def _call(
        self,
        connection: sa.Connection,
        escalation: Escalation,
        steps: list[StepReached],
        now_ms: int,
    ) -> None:
        now = from_milliseconds(now_ms)
        alert = find_row(connection, escalation.matter)
        for each in steps:
            if alert is not None:
                owe_step(connection, alert, escalation.direction.value, each.number, now)
        watch = read_watch(connection, self._settings, now)
        about = connection.execute(_ONE, _about(escalation.matter, escalation.direction)).one()
        is_exercise = bool(about.is_exercise)
        words = waits(
            Precedence(about.precedence),
            about.place,
            self._language,
            is_exercise=is_exercise,
            text=_text_of(connection, escalation.matter) if self._settings.shows_text else None,
        )
        # The last first: of what fell due at one time each end is told of the latest step alone.
        for each in reversed(steps):
            reached = calls(each.step.targets, watch, now)
            cause = Cause(
                f"{subject_of(escalation.matter, escalation.direction)}/{each.number}",
                words,
                escalation.matter,
                escalation.direction.value,
                each.number,
            )
            heard = told(
                *(reached, escalation.policy, watch),
                is_exercise=is_exercise,
                reaches_principals=is_exercise and _reaches_principals(connection, about.matter),
            )
            self.tell(connection, cause, heard, now_ms)


def _reached(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Reached:
    """Return how far an alert has come, by its row; acknowledgements are counted by people."""
    is_over = row.standing != Standing.IN_FORCE.value or not row.is_open
    is_over = is_over or connection.execute(_EXPIRY, {"matter": row.hash}).first() is not None
    asked = {"matter": row.hash, "author": row.author}
    entries = (read_entry(bytes(each)) for each in connection.scalars(_THEIRS, asked))
    given = {each.actor: each.author for each in entries if each.kind == Kind.ACKNOWLEDGEMENT}
    acks = len(given)
    if acks > 1:
        # Of one, the alert's state says whether it counts; among several may be a breach.
        acks = _acknowledged_by(connection, bytes(row.hash), row.author, given.popitem()[1])
    return Reached(AlertState(row.state), acks, is_over)


def _acknowledged_by(
    connection: sa.Connection, matter: bytes, author: PartyId, addressee: PartyId
) -> int:
    """Return how many people acknowledged an alert so that it counts."""
    alert = project(matter, author, addressee, matter_entries(connection, matter))
    return 0 if alert is None else len({each.actor for each in alert.acknowledgements})


def _text_of(connection: sa.Connection, matter: bytes) -> str | None:
    """Return what an alert says, as it was written."""
    found = _body_of(connection, matter)
    return None if found is None else found.texts[0][1]


def _reaches_principals(connection: sa.Connection, matter: bytes) -> bool:
    """Say whether an exercise asks for the principals' offices."""
    found = _body_of(connection, bytes(matter))
    return found is not None and found.reaches_principals


def _body_of(connection: sa.Connection, matter: bytes) -> AlertBody | None:
    table = crisis_tables.entry.c
    query = sa.select(table.encoded).where(table.hash == matter, table.matter == matter)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else read_alert(read_entry(bytes(found)))


def find_escalation(
    connection: sa.Connection, matter: bytes, direction: Direction
) -> Escalation | None:
    """Return an escalation."""
    row = connection.execute(_ONE, _about(matter, direction)).one_or_none()
    if row is None:
        return None
    return Escalation(
        matter,
        direction,
        read_policy(bytes(row.content)),
        milliseconds(row.started_at),
        row.number,
        row.offset_ms,
        EscalationState(row.state),
    )


def subject_of(matter: bytes, direction: Direction) -> str:
    """Return the subject of an escalation's deadline."""
    return f"{matter.hex()}/{direction.value}"


def read_subject(subject: str) -> tuple[bytes, Direction]:
    """Return what a deadline's subject names.

    Raises:
        ValueError: it names nothing.
    """
    matter, _, direction = subject.partition("/")
    return bytes.fromhex(matter), Direction(direction)


def _is_told_now(connection: sa.Connection, end: str, cause: Cause, now_ms: int) -> bool:
    """Say whether another notice of this very instant, about the same alert, tells the same end."""
    if cause.matter is None:
        return False
    asked = {
        "matter": cause.matter,
        "direction": cause.direction,
        "end": end,
        "made_at": from_milliseconds(now_ms),
    }
    return connection.execute(_TOLD_NOW, asked).first() is not None


def _about(matter: bytes, direction: Direction) -> dict[str, bytes | str]:
    """Return what names an escalation to the statements above."""
    return {"of_matter": matter, "of_direction": direction.value}
