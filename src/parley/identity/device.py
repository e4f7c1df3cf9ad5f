"""Devices: what a person can sign in or sign with, browsers and passkeys alike."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from whenever import Instant

from parley.errors import DeviceUnknown
from parley.identity.passkey import passkeys_of, revoke_passkey
from parley.identity.permission import Act
from parley.identity.sign_in import end_sign_in
from parley.identity.trail import add_to_trail
from parley.ids import PasskeyId, PersonId, SignInId
from parley.storage import people


@dataclass(frozen=True, slots=True)
class Device:
    """One browser that is signed in, or one passkey."""

    id: SignInId | PasskeyId
    person: PersonId
    name: str
    kind: Literal["browser", "passkey"]
    added_at: Instant
    seen_at: Instant | None
    way: str | None = None
    is_synced: bool | None = None
    suspect_at: Instant | None = None


def devices_of(connection: sa.Connection, person: PersonId) -> list[Device]:
    """Return what a person has, the newest first; ended and revoked ones are gone."""
    signed_in = connection.execute(
        sa.select(people.sign_in)
        .where(people.sign_in.c.person == person)
        .where(people.sign_in.c.ended_at.is_(None))
    )
    browsers = [
        Device(row.id, person, row.browser, "browser", row.started_at, row.seen_at, row.way)
        for row in signed_in
    ]
    passkeys = [
        Device(
            each.id,
            person,
            each.name,
            "passkey",
            each.added_at,
            each.seen_at,
            None,
            each.is_synced,
            each.suspect_at,
        )
        for each in passkeys_of(connection, person)
    ]
    return sorted(
        [*browsers, *passkeys], key=lambda device: (device.added_at, device.id), reverse=True
    )


def find_device(connection: sa.Connection, text: str) -> Device:
    """Return a device by its id, whosever it is.

    Raises:
        DeviceUnknown: none has that id.
    """
    for table in (people.sign_in, people.passkey):
        try:
            where = table.c.id == (SignInId if table is people.sign_in else PasskeyId).parse(text)
        except ValueError as error:
            raise DeviceUnknown(device=text[:80]) from error
        owner = connection.scalars(sa.select(table.c.person).where(where)).one_or_none()
        if owner is not None:
            for device in devices_of(connection, owner):
                if device.id.text == text:
                    return device
    raise DeviceUnknown(device=text[:80])


def revoke_device(
    connection: sa.Connection,
    device: Device,
    asker: str,
    now: Instant,
    by: SignInId | None = None,
) -> None:
    """End a browser's sign-in, or let a passkey and all that it began count for nothing.

    Args:
        connection: the database.
        device: which.
        asker: who, as the trail calls them.
        now: the present.
        by: the sign-in that asks, which a passkey does not take with it; None for the operator.
    """
    if isinstance(device.id, PasskeyId):
        revoke_passkey(connection, device.id, now, by)
    else:
        end_sign_in(connection, device.id, now)
    act = Act.DEVICE_REVOKE.value
    add_to_trail(connection, now, act, asker, subject=device.id.text)
