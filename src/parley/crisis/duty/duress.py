"""Duress calls: the others of ours who can help are told once, and whoever is forced never is."""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.config import EscalationSettings
from parley.crisis.duty.rows import read_watch
from parley.crisis.duty.stepping import Cause, EscalationStepper
from parley.crisis.escalation.policy import Target, TargetKind
from parley.crisis.escalation.reaching import Watch, calls
from parley.crisis.escalation.wording import duress
from parley.identity.permission import Role
from parley.ids import DuressCallId, PersonId
from parley.storage import people

CAUSE: Final = "duress"
"""How the causes of these notices begin; lists that anybody may open leave them out."""
TOLD: Final = frozenset({Role.RELEASER, Role.ENGINEER})
"""Who can take back what was forced, and who can end the sign-in it was forced in."""
_call = people.duress_call.c
_UNTOLD: Final = (_call.told_at.is_(None), _call.settled_at.is_(None))


def is_duress_untold(connection: sa.Connection) -> bool:
    """Say whether there is a call that nobody has been told of."""
    return connection.execute(sa.select(_call.id).where(*_UNTOLD).limit(1)).first() is not None


def tell_duress(
    connection: sa.Connection,
    stepper: EscalationStepper,
    settings: EscalationSettings,
    language: str,
    now: Instant,
) -> None:
    """Make the notices of every call that nobody has been told of."""
    watch, words = read_watch(connection, settings, now), duress(language)
    for row in connection.execute(sa.select(_call.id, _call.person).where(*_UNTOLD)).all():
        call: DuressCallId = row.id
        reached = calls(_others(watch, row.person), watch, now)
        stepper.tell(connection, Cause(f"{CAUSE}/{call.text}", words), reached, milliseconds(now))
        connection.execute(people.duress_call.update().where(_call.id == call).values(told_at=now))


def _others(watch: Watch, forced: PersonId) -> list[Target]:
    """Return whom to tell; by name, so that nobody else is told in their stead."""
    return [
        Target(TargetKind.PERSON, person.text)
        for person, each in sorted(watch.people.items())
        if person != forced and each.roles & TOLD
    ]
