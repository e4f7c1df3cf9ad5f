"""Signing in: one-time links, and a browser's sign-in from its start to its end.

Two small machines, one table each. A link goes from issued to used or expired. A sign-in goes from
live to ended (by the person, or whoever revokes it), expired (by silence, or by its age) or copied
(:mod:`parley.identity.cookie` saw its cookie where it cannot be). Codes and cookies are 256 random
bits; only their hashes are stored, so that whoever reads the database cannot sign in with it.

A sign-in always begins with a fresh secret: what a browser brought before it counts for nothing, so
nobody can lay a cookie into it beforehand.
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
    PersonRevoked,
    SignInLinkExpired,
    SignInLinkUnknown,
    SignInLinkUsed,
    TransitionRefused,
)
from parley.identity.permission import Asker, Role
from parley.identity.person import Person, find_person
from parley.ids import PasskeyId, PersonId, SignInId
from parley.storage import people
from parley.transitions import follow

SECRET_BYTES: Final = 32
LINK_HOURS: Final = 24
"""Hours a link may be opened. More: easier to hand over. Less: a lost one is worth less."""


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
    COPIED = "copied"


class SignInEvent(StrEnum):
    """What happens to a browser's sign-in."""

    ASK = "ask"
    END = "end"
    EXPIRE = "expire"
    COPY = "copy"


_S, _E = SignInState, SignInEvent

SIGN_IN_TRANSITIONS: Final[Mapping[tuple[SignInState, SignInEvent], SignInState]] = {
    (_S.LIVE, _E.ASK): _S.LIVE,
    (_S.LIVE, _E.END): _S.ENDED,
    (_S.LIVE, _E.EXPIRE): _S.EXPIRED,
    (_S.LIVE, _E.COPY): _S.COPIED,
    **{
        (state, event): state
        for state in (_S.ENDED, _S.EXPIRED, _S.COPIED)
        for event in (_E.END, _E.EXPIRE, _E.COPY)
    },
}


class Way(StrEnum):
    """By what a person signed in."""

    LINK = "link"
    PASSKEY = "passkey"
    OIDC = "oidc"
    """By the party's own provider; the trail and the wire call it by its protocol."""


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
class BrowserMark:
    """What a browser says of itself with every request, as far as it does not change by itself."""

    name: str
    """For people: "Firefox, Linux"."""
    digest: bytes
    """For comparing."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, through which sign-in, with the rights of this instant."""

    id: SignInId
    person: Person
    roles: frozenset[Role]
    """The person's own, and one lent by broken glass."""
    way: Way
    started_at: Instant
    stepped_up_until: Instant | None
    """Until when their last use of a passkey counts; in the past when it does not."""

    @property
    def asker(self) -> Asker:
        """What the permission table is asked with."""
        return Asker(self.person.id, self.roles, self.stepped_up_until)


def issue_link(connection: sa.Connection, person: PersonId, now: Instant) -> str:
    """Make a one-time link for a person and return its code, which is stored nowhere.

    Raises:
        PersonUnknown: nobody of our party has that id.
        PersonRevoked: they may do nothing here any more.
    """
    _working(connection, person)
    code = new_secret()
    connection.execute(
        people.sign_in_link.insert().values(
            code_hash=hash_of(code),
            person=person,
            issued_at=now,
            expires_at=now.add(hours=LINK_HOURS),
        )
    )
    return code


def owner_of_link(connection: sa.Connection, code: str) -> PersonId | None:
    """Return whom a link would sign in, without using it up."""
    return connection.scalars(
        sa.select(people.sign_in_link.c.person).where(
            people.sign_in_link.c.code_hash == hash_of(code)
        )
    ).one_or_none()


def open_link(connection: sa.Connection, code: str, browser: BrowserMark, now: Instant) -> str:
    """Use up a one-time link and return the secret for the browser's cookie.

    Raises:
        SignInLinkUnknown: no such link was issued.
        SignInLinkUsed: it has been opened before.
        SignInLinkExpired: it was opened too late.
        PersonRevoked: whom it was for may do nothing here any more.
    """
    where = people.sign_in_link.c.code_hash == hash_of(code)
    row = connection.execute(sa.select(people.sign_in_link).where(where)).one_or_none()
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
    connection.execute(people.sign_in_link.update().where(where).values(used_at=now))
    return start_sign_in(connection, row.person, Way.LINK, browser, now)


def start_sign_in(
    connection: sa.Connection,
    person: PersonId,
    way: Way,
    browser: BrowserMark,
    now: Instant,
    passkey: PasskeyId | None = None,
) -> str:
    """Begin a sign-in and return the secret for the browser's cookie.

    Args:
        connection: the database.
        person: who signs in.
        way: by what.
        browser: what their browser says of itself.
        now: the present.
        passkey: which one, if by one.

    Raises:
        PersonRevoked: the person may do nothing here any more.
    """
    _working(connection, person)
    secret, sign_in = new_secret(), SignInId.new()
    connection.execute(
        people.sign_in.insert().values(
            id=sign_in,
            person=person,
            way=way.value,
            browser=browser.name,
            mark=browser.digest,
            started_at=now,
            seen_at=now,
            stepped_up_at=None if passkey is None else now,
            passkey=passkey,
            stepped_up_with=passkey,
        )
    )
    connection.execute(
        people.sign_in_cookie.insert().values(
            token_hash=hash_of(secret), sign_in=sign_in, issued_at=now
        )
    )
    return secret


def note_step_up(
    connection: sa.Connection, sign_in: SignInId, passkey: PasskeyId, now: Instant
) -> None:
    """Note that the person has just used a passkey on this browser."""
    connection.execute(
        people.sign_in.update()
        .where(people.sign_in.c.id == sign_in)
        .values(stepped_up_at=now, stepped_up_with=passkey)
    )


def leave(connection: sa.Connection, secret: str | None, now: Instant) -> None:
    """End the sign-in whose cookie a browser gives up for another one."""
    if not secret:
        return
    cookies = people.sign_in_cookie
    before = connection.scalars(
        sa.select(cookies.c.sign_in).where(cookies.c.token_hash == hash_of(secret))
    ).one_or_none()
    if before is not None:
        end_sign_in(connection, before, now)


def end_sign_in(
    connection: sa.Connection,
    sign_in: SignInId,
    now: Instant,
    event: SignInEvent = SignInEvent.END,
) -> None:
    """End a sign-in; one that has ended stays as it is."""
    connection.execute(
        people.sign_in.update()
        .where(people.sign_in.c.id == sign_in)
        .where(people.sign_in.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=next_sign_in(SignInState.LIVE, event).value)
    )


def end_all(connection: sa.Connection, person: PersonId, now: Instant) -> None:
    """End every sign-in of a person, and use up their links."""
    connection.execute(
        people.sign_in.update()
        .where(people.sign_in.c.person == person)
        .where(people.sign_in.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=SignInState.ENDED.value)
    )
    connection.execute(
        people.sign_in_link.update()
        .where(people.sign_in_link.c.person == person)
        .where(people.sign_in_link.c.used_at.is_(None))
        .values(used_at=now)
    )


def end_all_by(connection: sa.Connection, person: PersonId, way: Way, now: Instant) -> None:
    """End every sign-in of a person that began in one way."""
    connection.execute(
        people.sign_in.update()
        .where(people.sign_in.c.person == person)
        .where(people.sign_in.c.way == way.value)
        .where(people.sign_in.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=SignInState.ENDED.value)
    )


def end_all_with(
    connection: sa.Connection, passkey: PasskeyId, now: Instant, but: SignInId | None = None
) -> None:
    """End what a passkey began, because it counts for nothing any more: sign-ins and step-ups.

    Args:
        connection: the database.
        passkey: which.
        now: the present.
        but: the sign-in that stays, of the person who asks for this; it is not stepped up any more.
    """
    table = people.sign_in
    begun = table.update().where(table.c.passkey == passkey).where(table.c.ended_at.is_(None))
    if but is not None:
        begun = begun.where(table.c.id != but)
    connection.execute(begun.values(ended_at=now, ended_by=SignInState.ENDED.value))
    stepped_up = table.update().where(table.c.stepped_up_with == passkey)
    connection.execute(stepped_up.values(stepped_up_at=None))


def last_seen(connection: sa.Connection, person: PersonId) -> Instant | None:
    """Return when a person was last there, as far back as sign-ins are kept."""
    column = people.sign_in.c.seen_at
    newest: Instant | None = connection.scalars(
        sa.select(sa.func.max(column, type_=column.type)).where(people.sign_in.c.person == person)
    ).one()
    return newest


def sweep(connection: sa.Connection, now: Instant, hours: int) -> None:
    """Delete links, sign-ins, cookies and challenges that can no longer be used.

    Args:
        connection: the database.
        now: the present.
        hours: hours of silence after which a sign-in expires.
    """
    connection.execute(
        people.sign_in_link.delete().where(
            people.sign_in_link.c.expires_at < now.subtract(hours=LINK_HOURS)
        )
    )
    is_old = people.sign_in.c.seen_at < now.subtract(hours=hours * 2)
    old = sa.select(people.sign_in.c.id).where(is_old)
    connection.execute(
        people.sign_in_cookie.delete().where(people.sign_in_cookie.c.sign_in.in_(old))
    )
    connection.execute(people.sign_in.delete().where(is_old))
    connection.execute(people.ceremony.delete().where(people.ceremony.c.expires_at < now))


def new_secret() -> str:
    """Return 256 random bits as 43 characters that fit a URL and a cookie."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=").decode("ascii")


def hash_of(secret: str) -> bytes:
    """Return what is stored of a code or cookie."""
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).digest()


def _working(connection: sa.Connection, person: PersonId) -> None:
    """Refuse somebody who may do nothing here any more."""
    if find_person(connection, person).revoked_at is not None:
        raise PersonRevoked(person=person.text)
