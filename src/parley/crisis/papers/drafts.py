"""Drafts of notifications: rows of our own, taken step by step towards being sent."""

from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.crisis.notifications.machine import NotificationEvent, NotificationState, step
from parley.crisis.papers import tables
from parley.errors import ActRefused, NotificationNotReady, NotificationUnknown, TransitionRefused
from parley.identity.permission import Act, Reason
from parley.identity.person import Person
from parley.ids import ActorId, DraftId, PersonId, SpaceId

DRAFTS_MAX: Final = 200
"""Drafts that are shown, the last changed first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDraft:
    """A notification that is being written."""

    id: DraftId
    space: SpaceId
    type_hash: bytes
    form: bytes
    """JSON, as it will be sent."""
    corrects: bytes | None
    """Hash of the notification it is to replace."""
    state: NotificationState
    drafter: PersonId
    """Who wrote what it says now."""
    drafter_actor: ActorId
    verifier: PersonId | None
    verifier_actor: ActorId | None
    made_at: Instant
    changed_at: Instant
    sent_hash: bytes | None
    """Hash of the entry it became."""
    is_exercise: bool = False
    """Chosen when it is begun, and never changed: what was verified is what is sent."""


def new_draft(
    space: SpaceId,
    type_hash: bytes,
    form: bytes,
    corrects: bytes | None,
    by: Person,
    now: Instant,
    *,
    is_exercise: bool = False,
) -> NotificationDraft:
    """Return a draft as a person begins it."""
    return NotificationDraft(
        id=DraftId.new(),
        space=space,
        type_hash=type_hash,
        form=form,
        corrects=corrects,
        state=NotificationState.DRAFT,
        drafter=by.id,
        drafter_actor=by.actor,
        verifier=None,
        verifier_actor=None,
        made_at=now,
        changed_at=now,
        sent_hash=None,
        is_exercise=is_exercise,
    )


def changed(draft: NotificationDraft, form: bytes, by: Person, now: Instant) -> NotificationDraft:
    """Return a draft with other words; whoever changed it has drafted it.

    Raises:
        NotificationNotReady: it has been sent or discarded.
    """
    return replace(
        after(draft, NotificationEvent.CHANGE, now),
        form=form,
        drafter=by.id,
        drafter_actor=by.actor,
        verifier=None,
        verifier_actor=None,
    )


def verified(draft: NotificationDraft, by: Person, now: Instant) -> NotificationDraft:
    """Return a draft that a second person vouches for.

    Raises:
        NotificationNotReady: it has not been checked.
        ActRefused: they drafted it themselves.
    """
    if by.id == draft.drafter:
        raise ActRefused(act=Act.NOTIFICATION_VERIFY.value, reason=Reason.SELF.value)
    found = after(draft, NotificationEvent.VERIFY, now)
    return replace(found, verifier=by.id, verifier_actor=by.actor)


def after(draft: NotificationDraft, event: NotificationEvent, now: Instant) -> NotificationDraft:
    """Return a draft after a step.

    Raises:
        NotificationNotReady: its state does not allow it.
    """
    try:
        return replace(draft, state=step(draft.state, event), changed_at=now)
    except TransitionRefused as error:
        raise NotificationNotReady(state=draft.state.value) from error


def keep_draft(connection: sa.Connection, draft: NotificationDraft) -> None:
    """Write a draft, new or changed."""
    values = _values(draft)
    table = tables.draft
    done = connection.execute(table.update().where(table.c.id == draft.id).values(**values))
    if not done.rowcount:
        connection.execute(table.insert().values(**values))


def find_draft(connection: sa.Connection, draft: DraftId) -> NotificationDraft:
    """Return a draft.

    Raises:
        NotificationUnknown: there is none of that id.
    """
    table = tables.draft
    row = connection.execute(sa.select(table).where(table.c.id == draft)).one_or_none()
    if row is None:
        raise NotificationUnknown
    return _draft(row)


def all_drafts(connection: sa.Connection) -> list[NotificationDraft]:
    """Return what is being written, the last changed first."""
    table = tables.draft
    open_states = ("draft", "checked", "verified")
    query = (
        sa.select(table)
        .where(table.c.state.in_(open_states))
        .order_by(table.c.changed_at.desc(), table.c.id)
        .limit(DRAFTS_MAX)
    )
    return [_draft(row) for row in connection.execute(query)]


def _values(draft: NotificationDraft) -> dict[str, object]:
    values = {column.name: getattr(draft, column.name) for column in tables.draft.c}
    return {**values, "state": draft.state.value, "is_exercise": int(draft.is_exercise)}


def _draft(row: sa.Row[*tuple[object, ...]]) -> NotificationDraft:
    return NotificationDraft(
        id=row.id,
        space=row.space,
        type_hash=bytes(row.type_hash),
        form=bytes(row.form),
        corrects=None if row.corrects is None else bytes(row.corrects),
        state=NotificationState(row.state),
        drafter=row.drafter,
        drafter_actor=row.drafter_actor,
        verifier=row.verifier,
        verifier_actor=row.verifier_actor,
        made_at=row.made_at,
        changed_at=row.changed_at,
        sent_hash=None if row.sent_hash is None else bytes(row.sent_hash),
        is_exercise=bool(row.is_exercise),
    )
