"""The cookie of a sign-in: looked up at each request, changed every quarter of an hour.

A cookie is a secret that can be copied: out of a backup of the browser's folder, by a program on
the machine, off a screen share of its tools. So a browser is given a new one again and again, and
whenever a passkey is used, so that what was copied before is not stepped up with the rest. The old
one ends when the browser shows the new one; whoever shows an old one afterwards holds a copy,
or is the browser from which it was taken, and the node cannot know which. It ends the sign-in for
both, notes it in the trail, and the person signs in again.

A request is also compared with what the browser said of itself when it signed in (its name and
system, without version numbers, which change by themselves). A cookie that comes with another mark
is a copy as well.

What this proves and what not: it proves that two browsers hold one sign-in, once both have shown
themselves. It does not keep a thief out who imitates the mark, until the rightful browser asks
again; and it says nothing about a thief on the very machine of the person. That is why what binds
needs a passkey each time.

A change that does not reach the browser costs nothing: the old cookie holds until the new one has
been seen.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import SignInCopied, SignInNeeded, TransitionRefused
from parley.identity.broken_glass import lent_roles
from parley.identity.person import find_person
from parley.identity.sign_in import (
    BrowserMark,
    SignedIn,
    SignInEvent,
    SignInState,
    Way,
    end_sign_in,
    hash_of,
    new_secret,
    next_sign_in,
)
from parley.identity.trail import NODE, add_to_trail
from parley.ids import SignInId
from parley.storage import people

CHANGE_S: Final = 900
"""Seconds after which a cookie is changed. Less: a copy is noticed earlier, for more writes."""
GRACE_S: Final = 60
"""Seconds for which an old cookie still counts: requests that were under way when it changed, and
tabs that load together. More: a copy that is used at once goes unnoticed for longer."""
SEEN_EVERY_S: Final = 60
"""Seconds between notes that a person is still there. Less costs a write more often."""
BROWSERS: Final = ("ParleyTerminal", "Edg", "OPR", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari")
SYSTEMS: Final = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")
_NUMBERS: Final = re.compile(r"[0-9]+(?:[._][0-9]+)*")
_NAMES: Final = {
    "ParleyTerminal": "Parley terminal",
    "Edg": "Edge",
    "OPR": "Opera",
    "CriOS": "Chrome",
    "FxiOS": "Firefox",
}


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a sign-in lasts; from the settings."""

    idle_hours: int
    """Hours of silence after which it expires."""
    total_hours: int
    """Hours after which it expires, however busy."""
    step_up_minutes: int
    """Minutes for which the use of a passkey counts."""


class Finding(StrEnum):
    """What looking a cookie up leaves to be written."""

    NOTHING = "nothing"
    SEEN = "seen"
    """That the person is there, or that the browser has the new cookie."""
    CHANGE = "change"
    """A new cookie is due."""
    COPY = "copy"
    """It is a copy: the sign-in ends."""


@dataclass(frozen=True, slots=True)
class CookieFound:
    """What a cookie stands for."""

    finding: Finding
    signed_in: SignedIn


def browser_mark(agent: str) -> BrowserMark:
    """Return what a browser says of itself in its User-Agent, without what changes by itself."""
    browser = next((name for name in BROWSERS if name in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    known = ", ".join(part for part in (_NAMES.get(browser, browser), system) if part)
    return BrowserMark(known or "unknown", hash_of(_NUMBERS.sub("", agent)))


def look_up(
    connection: sa.Connection,
    secret: str,
    browser: BrowserMark,
    now: Instant,
    limits: SignInLimits,
) -> CookieFound:
    """Return who carries a cookie, with the rights of this instant, and what is to be written.

    Raises:
        SignInNeeded: nobody, or the sign-in has ended or expired.
        SignInCopied: it has ended because a copy of its cookie was seen.
    """
    cookies, sign_ins = people.sign_in_cookie, people.sign_in
    row = connection.execute(
        sa.select(sign_ins, cookies.c.issued_at, cookies.c.used_at, cookies.c.replaced_at)
        .join(cookies, cookies.c.sign_in == sign_ins.c.id)
        .where(cookies.c.token_hash == hash_of(secret))
    ).one_or_none()
    if row is None:
        raise SignInNeeded
    return CookieFound(_finding(row, browser, now), _signed_in(connection, row, now, limits))


def look_again(
    connection: sa.Connection, sign_in: SignInId, now: Instant, limits: SignInLimits
) -> SignedIn:
    """Return a sign-in found before, with the rights of this instant; for pages that stay open.

    Raises:
        SignInNeeded: it has ended or expired.
        SignInCopied: it has ended because a copy of its cookie was seen.
    """
    row = connection.execute(
        sa.select(people.sign_in).where(people.sign_in.c.id == sign_in)
    ).one_or_none()
    if row is None:
        raise SignInNeeded
    return _signed_in(connection, row, now, limits)


def keep_up(connection: sa.Connection, secret: str, found: CookieFound, now: Instant) -> str | None:
    """Write what :func:`look_up` found due; return a new secret for the browser, if there is one.

    A copy is not refused here but by whoever asks: what is written must stay.
    """
    sign_in = found.signed_in.id
    if found.finding is Finding.COPY:
        end_sign_in(connection, sign_in, now, SignInEvent.COPY)
        add_to_trail(
            connection,
            now,
            "sign_in.copied",
            NODE,
            subject=found.signed_in.person.id.text,
            outcome=SignInCopied.code,
        )
        return None
    connection.execute(
        people.sign_in.update().where(people.sign_in.c.id == sign_in).values(seen_at=now)
    )
    _note_used(connection, secret, sign_in, now)
    return change_cookie(connection, sign_in, now) if found.finding is Finding.CHANGE else None


def change_cookie(connection: sa.Connection, sign_in: SignInId, now: Instant) -> str | None:
    """Return a new secret for a sign-in's cookie, None if one is on its way already."""
    cookies = people.sign_in_cookie
    newest = connection.scalars(
        sa.select(sa.func.max(cookies.c.issued_at, type_=cookies.c.issued_at.type)).where(
            cookies.c.sign_in == sign_in
        )
    ).one()
    if newest > now.subtract(seconds=GRACE_S):
        return None
    secret = new_secret()
    connection.execute(
        cookies.insert().values(token_hash=hash_of(secret), sign_in=sign_in, issued_at=now)
    )
    return secret


def note_seen(connection: sa.Connection, sign_in: SignInId, now: Instant) -> None:
    """Note that a person is still there, unless that was noted within the last minute."""
    connection.execute(
        people.sign_in.update()
        .where(people.sign_in.c.id == sign_in)
        .where(people.sign_in.c.seen_at < now.subtract(seconds=SEEN_EVERY_S))
        .values(seen_at=now)
    )


def _signed_in(
    connection: sa.Connection,
    row: sa.Row[tuple[object, ...]],
    now: Instant,
    limits: SignInLimits,
) -> SignedIn:
    state = SignInState.LIVE if row.ended_at is None else SignInState(row.ended_by)
    ends_at = min(
        row.seen_at.add(hours=limits.idle_hours), row.started_at.add(hours=limits.total_hours)
    )
    if now >= ends_at:
        state = next_sign_in(state, SignInEvent.EXPIRE)
    if state is SignInState.COPIED:
        raise SignInCopied
    try:
        next_sign_in(state, SignInEvent.ASK)
    except TransitionRefused as error:
        raise SignInNeeded from error
    person = find_person(connection, row.person)
    if person.revoked_at is not None:
        raise SignInNeeded
    at = row.stepped_up_at
    return SignedIn(
        row.id,
        person,
        person.roles | lent_roles(connection, person.id, now),
        Way(row.way),
        row.started_at,
        None if at is None else at.add(minutes=limits.step_up_minutes),
    )


def _finding(row: sa.Row[tuple[object, ...]], browser: BrowserMark, now: Instant) -> Finding:
    if row.mark != browser.digest:
        return Finding.COPY
    if row.replaced_at is not None:
        is_late = now >= row.replaced_at.add(seconds=GRACE_S)
        return Finding.COPY if is_late else Finding.NOTHING
    if now >= row.issued_at.add(seconds=CHANGE_S):
        return Finding.CHANGE
    is_due = row.used_at is None or now > row.seen_at.add(seconds=SEEN_EVERY_S)
    return Finding.SEEN if is_due else Finding.NOTHING


def _note_used(connection: sa.Connection, secret: str, sign_in: SignInId, now: Instant) -> None:
    """Note that the browser has this cookie: those before it have been replaced."""
    cookies = people.sign_in_cookie
    row = connection.execute(
        sa.select(cookies).where(cookies.c.token_hash == hash_of(secret))
    ).one()
    if row.used_at is not None:
        return
    connection.execute(
        cookies.update().where(cookies.c.token_hash == row.token_hash).values(used_at=now)
    )
    connection.execute(
        cookies.update()
        .where(cookies.c.sign_in == sign_in)
        .where(cookies.c.token_hash != row.token_hash)
        .where(cookies.c.issued_at <= row.issued_at)
        .where(cookies.c.replaced_at.is_(None))
        .values(replaced_at=now)
    )
