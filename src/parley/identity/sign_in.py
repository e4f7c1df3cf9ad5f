"""Signing in: one-time links and what a browser carries afterwards.

Two small machines, one table each. A link goes from issued to used or expired. A sign-in goes from
live to ended (by the person) or expired (by silence). Codes and cookies are 256 random bits; only
their hashes are stored, so that whoever reads the database cannot sign in with it.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import (
    SignInLinkExpired,
    SignInLinkUnknown,
    SignInLinkUsed,
    SignInNeeded,
    TransitionRefused,
)
from parley.identity.person import Person, find_person
from parley.ids import PersonId, SignInId
from parley.storage import tables
from parley.transitions import follow

SECRET_BYTES: Final = 32
LINK_HOURS: Final = 24
"""Hours a link may be opened. More: easier to hand over. Less: a lost one is worth less."""
SEEN_EVERY_S: Final = 60
"""Seconds between notes that a person is still there. Less costs a write more often."""


class LinkState(StrEnum):
    """Where a one-time link stands."""

    ISSUED = "issued"
    USED = "used"
    EXPIRED = "expired"


class LinkEvent(StrEnum):
    """What happens to a one-time link."""

    OPEN = "open"
    EXPIRE = "expire"


LINK_TRANSITIONS: Final[Mapping[tuple[LinkState, LinkEvent], LinkState]] = {
    (LinkState.ISSUED, LinkEvent.OPEN): LinkState.USED,
    (LinkState.ISSUED, LinkEvent.EXPIRE): LinkState.EXPIRED,
    (LinkState.USED, LinkEvent.EXPIRE): LinkState.USED,
    (LinkState.EXPIRED, LinkEvent.EXPIRE): LinkState.EXPIRED,
}


class SignInState(StrEnum):
    """Where a browser's sign-in stands."""

    LIVE = "live"
    ENDED = "ended"
    EXPIRED = "expired"


class SignInEvent(StrEnum):
    """What happens to a browser's sign-in."""

    ASK = "ask"
    END = "end"
    EXPIRE = "expire"


SIGN_IN_TRANSITIONS: Final[Mapping[tuple[SignInState, SignInEvent], SignInState]] = {
    (SignInState.LIVE, SignInEvent.ASK): SignInState.LIVE,
    (SignInState.LIVE, SignInEvent.END): SignInState.ENDED,
    (SignInState.LIVE, SignInEvent.EXPIRE): SignInState.EXPIRED,
    (SignInState.ENDED, SignInEvent.END): SignInState.ENDED,
    (SignInState.ENDED, SignInEvent.EXPIRE): SignInState.ENDED,
    (SignInState.EXPIRED, SignInEvent.END): SignInState.EXPIRED,
    (SignInState.EXPIRED, SignInEvent.EXPIRE): SignInState.EXPIRED,
}


def next_link(state: LinkState, event: LinkEvent) -> LinkState:
    """Return a link's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(LINK_TRANSITIONS, "sign-in link", state, event)


def next_sign_in(state: SignInState, event: SignInEvent) -> SignInState:
    """Return a sign-in's next state.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(SIGN_IN_TRANSITIONS, "sign-in", state, event)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and through which sign-in."""

    id: SignInId
    person: Person


def issue_link(connection: sa.Connection, person: PersonId, now: Instant) -> str:
    """Make a one-time link for a person and return its code, which is stored nowhere.

    Raises:
        PersonUnknown: nobody of our party has that id.
    """
    find_person(connection, person)
    code = new_secret()
    connection.execute(
        tables.sign_in_link.insert().values(
            code_hash=hash_of(code),
            person=person,
            issued_at=now,
            expires_at=now.add(hours=LINK_HOURS),
        )
    )
    return code


def open_link(connection: sa.Connection, code: str, now: Instant) -> str:
    """Use up a one-time link and return the secret for the browser's cookie.

    Raises:
        SignInLinkUnknown: no such link was issued.
        SignInLinkUsed: it has been opened before.
        SignInLinkExpired: it was opened too late.
    """
    where = tables.sign_in_link.c.code_hash == hash_of(code)
    row = connection.execute(sa.select(tables.sign_in_link).where(where)).one_or_none()
    if row is None:
        raise SignInLinkUnknown
    state = LinkState.ISSUED if row.used_at is None else LinkState.USED
    if now >= row.expires_at:
        state = next_link(state, LinkEvent.EXPIRE)
    if state is LinkState.EXPIRED:
        raise SignInLinkExpired
    try:
        next_link(state, LinkEvent.OPEN)
    except TransitionRefused as error:
        raise SignInLinkUsed from error
    connection.execute(tables.sign_in_link.update().where(where).values(used_at=now))
    return _start(connection, row.person, now)


def find_sign_in(connection: sa.Connection, secret: str, now: Instant, hours: int) -> SignedIn:
    """Return who carries a cookie's secret.

    Args:
        connection: the database.
        secret: what the cookie holds.
        now: the present.
        hours: hours of silence after which a sign-in expires.

    Raises:
        SignInNeeded: nobody, or the sign-in has ended or expired.
    """
    row = connection.execute(
        sa.select(tables.sign_in).where(tables.sign_in.c.token_hash == hash_of(secret))
    ).one_or_none()
    if row is None:
        raise SignInNeeded
    state = SignInState.LIVE if row.ended_at is None else SignInState.ENDED
    if now >= row.seen_at.add(hours=hours):
        state = next_sign_in(state, SignInEvent.EXPIRE)
    try:
        next_sign_in(state, SignInEvent.ASK)
    except TransitionRefused as error:
        raise SignInNeeded from error
    return SignedIn(row.id, find_person(connection, row.person))


def note_seen(connection: sa.Connection, sign_in: SignInId, now: Instant) -> None:
    """Note that a person is still there, unless that was noted within the last minute."""
    connection.execute(
        tables.sign_in.update()
        .where(tables.sign_in.c.id == sign_in)
        .where(tables.sign_in.c.seen_at < now.subtract(seconds=SEEN_EVERY_S))
        .values(seen_at=now)
    )


def end_sign_in(connection: sa.Connection, sign_in: SignInId, now: Instant) -> None:
    """End a sign-in; one that has ended stays as it is."""
    connection.execute(
        tables.sign_in.update()
        .where(tables.sign_in.c.id == sign_in)
        .where(tables.sign_in.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def sweep(connection: sa.Connection, now: Instant, hours: int) -> None:
    """Delete links and sign-ins that can no longer be used."""
    connection.execute(
        tables.sign_in_link.delete().where(
            tables.sign_in_link.c.expires_at < now.subtract(hours=LINK_HOURS)
        )
    )
    connection.execute(
        tables.sign_in.delete().where(tables.sign_in.c.seen_at < now.subtract(hours=hours * 2))
    )


def new_secret() -> str:
    """Return 256 random bits as 43 characters that fit a URL and a cookie."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode("ascii")


def hash_of(secret: str) -> bytes:
    """Return what is stored of a code or cookie."""
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).digest()


def _start(connection: sa.Connection, person: PersonId, now: Instant) -> str:
    secret = new_secret()
    connection.execute(
        tables.sign_in.insert().values(
            id=SignInId.new(),
            token_hash=hash_of(secret),
            person=person,
            started_at=now,
            seen_at=now,
        )
    )
    return secret
