"""The rows of drafts: alerts that are being written. They leave the node with nobody."""

import sqlalchemy as sa

from parley.crisis.alert import AlertState
from parley.crisis.bodies import alert_body, read_alert
from parley.crisis.drafts import Draft
from parley.crisis.tables import draft as table
from parley.errors import DraftUnknown
from parley.ids import ID_BYTES, DraftId, PartyId, SpaceId
from parley.record.cbor import decode_map, encode
from parley.record.entry import Entry, Precedence
from parley.record.kinds import Kind
from parley.storage import insert


def save_draft(connection: sa.Connection, draft: Draft) -> None:
    """Write a draft, new or changed."""
    # The stand-in entry carries what is beside the body: how long the alert is to stand.
    content = encode({0: encode(alert_body(draft.body)), 1: draft.given_ms})
    values = {
        "id": draft.id,
        "thread": draft.thread,
        "precedence": int(draft.precedence),
        "content": content,
        "state": draft.state.value,
        "drafter": draft.drafter,
        "drafter_actor": draft.body.drafter,
        "verifier": draft.verifier,
        "verifier_actor": draft.body.verifier,
        "made_at": draft.made_at,
        "changed_at": draft.changed_at,
    }
    upsert = insert(connection, table).values(values)
    changed = {name: value for name, value in values.items() if name != "id"}
    connection.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=changed))


def find_draft(connection: sa.Connection, wanted: DraftId) -> Draft:
    """Return one draft.

    Raises:
        DraftUnknown: there is none.
    """
    row = connection.execute(sa.select(table).where(table.c.id == wanted)).one_or_none()
    if row is None:
        raise DraftUnknown
    return _draft(row)


def open_drafts(connection: sa.Connection, limit: int = 100) -> list[Draft]:
    """Return what is being written, the newest first."""
    states = [AlertState.DRAFT.value, AlertState.VERIFIED.value]
    query = sa.select(table).where(table.c.state.in_(states))
    rows = connection.execute(query.order_by(table.c.changed_at.desc()).limit(limit))
    return [_draft(row) for row in rows]


def _draft(row: sa.Row[tuple[object, ...]]) -> Draft:
    content = decode_map(bytes(row.content))
    body, given = content[0], content[1]
    entry = Entry(
        space=SpaceId(bytes(ID_BYTES)),
        author=PartyId(bytes(ID_BYTES)),
        kind=Kind.ALERT,
        time_ms=0,
        thread=row.thread,
        precedence=Precedence(row.precedence),
        body=body if isinstance(body, bytes) else b"",
    )
    return Draft(
        row.id,
        row.thread,
        Precedence(row.precedence),
        read_alert(entry),
        given if isinstance(given, int) else None,
        AlertState(row.state),
        row.drafter,
        row.verifier,
        row.made_at,
        row.changed_at,
    )
