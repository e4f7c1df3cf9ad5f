"""Duress calls: somebody of ours uses a passkey that they keep for when they are forced to.

Everything is as with any other passkey of theirs: they are let in, what they sign counts, and
nothing that they can see says otherwise, so that nobody beside them learns of it. What differs is
what others of ours are told: a *duress call* is open from the first use until one of them says what
came of it. A person's own call is never shown to themselves, whatever their roles: the permission
table gives these acts on others' things alone.

The record says nothing of it. The other party reads a signature that counts, and what was forced is
for us to take back. The trail has it once it is over, and not before: whoever is forced may be made
to open the trail.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from whenever import Instant

from parley.errors import DuressCallUnknown
from parley.identity.permission import Act
from parley.identity.trail import add_to_trail
from parley.ids import DuressCallId, PersonId
from parley.storage import people


@dataclass(frozen=True, slots=True)
class DuressCall:
    """One call that nobody has settled yet."""

    id: DuressCallId
    person: PersonId
    began_at: Instant
    seen_at: Instant
    """When such a passkey was used last."""


def call_under_duress(connection: sa.Connection, person: PersonId, now: Instant) -> None:
    """Open a person's call, or note that their passkey was used again while it is open."""
    table = people.duress_call
    again = connection.execute(
        table.update()
        .where(table.c.person == person, table.c.settled_at.is_(None))
        .values(seen_at=now)
    )
    if again.rowcount:
        return
    made = DuressCallId.new()
    connection.execute(
        table.insert().values(id=made, person=person, began_at=now, seen_at=now, words="")
    )


def open_duress_calls(connection: sa.Connection) -> list[DuressCall]:
    """Return the calls that nobody has settled, the oldest first."""
    table = people.duress_call
    rows = connection.execute(
        sa.select(table).where(table.c.settled_at.is_(None)).order_by(table.c.began_at)
    )
    return [DuressCall(row.id, row.person, row.began_at, row.seen_at) for row in rows]


def find_duress_call(connection: sa.Connection, call: DuressCallId) -> DuressCall:
    """Return a call that is open.

    Raises:
        DuressCallUnknown: there is none, or it is settled.
    """
    found = next((each for each in open_duress_calls(connection) if each.id == call), None)
    if found is None:
        raise DuressCallUnknown(id=call.text)
    return found


def settle_duress_call(
    connection: sa.Connection, call: DuressCallId, by: PersonId, words: str, now: Instant
) -> None:
    """Say what came of a call; from here on the trail tells of it.

    Whether ``by`` may, and is another person, is the permission table's to say.

    Raises:
        DuressCallUnknown: there is none, or it is settled.
    """
    found = find_duress_call(connection, call)
    connection.execute(
        people.duress_call.update()
        .where(people.duress_call.c.id == call)
        .values(settled_at=now, settled_by=by, words=words)
    )
    said = f"{found.began_at.format_iso()} {words}"
    act = Act.DURESS_SETTLE.value
    add_to_trail(connection, now, act, by.text, subject=found.person.text, words=said)
