"""Whom a provider's subjects mean here, and the sign-ins that begin at a provider.

A provider is asked one thing: who is this? It makes nobody, gives no role, and its word is no
step-up. The operator ties one of its subjects to a person who is here already; a subject that is
tied to nobody signs nobody in, and the trail keeps it, so that the operator can tie it then.

What a taken provider could do is so bounded: it could read and write as people who are tied, until
they are untied, and it could neither sign what binds nor enrol a passkey of its own (that needs a
one-time link or another passkey, :mod:`parley.web.routes.devices`).
"""

from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.errors import (
    ParleyError,
    PersonRevoked,
    RequestMalformed,
    SignInNotBegun,
    SubjectTaken,
    SubjectUnknown,
)
from parley.identity.passkey import CeremonyPurpose
from parley.identity.permission import Act
from parley.identity.person import find_person
from parley.identity.provider import SUBJECT_CHARACTERS_MAX
from parley.identity.sign_in import BrowserMark, Way, end_all_by, hash_of, start_sign_in
from parley.identity.trail import NODE, add_to_trail
from parley.ids import PersonId
from parley.storage import people

WAY_S: Final = 600
"""Seconds to come back from the provider. More: time to find a token or a telephone there. Less:
fewer open rows."""
PROVIDER_REFUSED: Final = "sign_in.provider"
"""What the trail calls a sign-in at the provider that came to nothing here."""


def begin_way(connection: sa.Connection, secret: str, now: Instant) -> None:
    """Note that a browser is on its way to the provider."""
    connection.execute(
        people.ceremony.insert().values(
            challenge=hash_of(secret),
            purpose=CeremonyPurpose.PROVIDER.value,
            expires_at=now.add(seconds=WAY_S),
        )
    )


def end_way(connection: sa.Connection, secret: str, now: Instant) -> SignInNotBegun | None:
    """Use up a browser's way to the provider; return why it does not count, if it does not."""
    where = people.ceremony.c.challenge == hash_of(secret)
    row = connection.execute(sa.select(people.ceremony).where(where)).one_or_none()
    if row is None or row.purpose != CeremonyPurpose.PROVIDER.value:
        return SignInNotBegun()
    connection.execute(people.ceremony.delete().where(where))
    return None if now < row.expires_at else SignInNotBegun()


def sign_in_subject(
    connection: sa.Connection, issuer: str, subject: str, browser: BrowserMark, now: Instant
) -> str | ParleyError:
    """Sign in whom a subject is tied to; return the secret for the cookie, or the refusal.

    A refusal is noted in the trail, and so is returned instead of raised.
    """
    person = person_of(connection, issuer, subject)
    refused: ParleyError = SubjectUnknown()
    if person is not None:
        try:
            return start_sign_in(connection, person, Way.OIDC, browser, now)
        except PersonRevoked as error:
            refused = error
    note_refusal(connection, refused.code, subject, now, person)
    return refused


def note_refusal(
    connection: sa.Connection,
    code: str,
    words: str,
    now: Instant,
    person: PersonId | None = None,
) -> None:
    """Keep in the trail that a sign-in at the provider came to nothing here, and why."""
    about = "" if person is None else person.text
    add_to_trail(connection, now, PROVIDER_REFUSED, NODE, subject=about, outcome=code, words=words)


def person_of(connection: sa.Connection, issuer: str, subject: str) -> PersonId | None:
    """Return whom a provider's subject means here."""
    return connection.scalars(
        sa.select(people.subject.c.person)
        .where(people.subject.c.issuer == issuer)
        .where(people.subject.c.subject == subject)
    ).one_or_none()


def subjects_of(connection: sa.Connection, issuer: str) -> dict[PersonId, str]:
    """Return what a provider calls each person who is tied."""
    rows = connection.execute(
        sa.select(people.subject.c.person, people.subject.c.subject).where(
            people.subject.c.issuer == issuer
        )
    )
    return {row.person: row.subject for row in rows}


def tie(
    connection: sa.Connection,
    asker: str,
    person: PersonId,
    issuer: str,
    subject: str,
    now: Instant,
) -> None:
    """Let a provider's subject sign a person in from now on, instead of the one it was.

    Raises:
        PersonUnknown: nobody of our party has that id.
        RequestMalformed: it cannot be a subject.
        SubjectTaken: it is tied to another person.
    """
    find_person(connection, person)
    is_one = subject.isascii() and subject.isprintable()
    if not is_one or not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX:
        raise RequestMalformed(field="subject")
    if person_of(connection, issuer, subject) not in {None, person}:
        raise SubjectTaken
    _forget(connection, person, issuer)
    connection.execute(
        people.subject.insert().values(issuer=issuer, subject=subject, person=person, tied_at=now)
    )
    _note(connection, asker, person, f"tied to {subject}", now)


def untie(
    connection: sa.Connection, asker: str, person: PersonId, issuer: str, now: Instant
) -> None:
    """Let the provider sign a person in no more; sign-ins that it began end at once.

    Raises:
        PersonUnknown: nobody of our party has that id.
    """
    find_person(connection, person)
    _forget(connection, person, issuer)
    end_all_by(connection, person, Way.OIDC, now)
    _note(connection, asker, person, "untied", now)


def _forget(connection: sa.Connection, person: PersonId, issuer: str) -> None:
    connection.execute(
        people.subject.delete()
        .where(people.subject.c.person == person)
        .where(people.subject.c.issuer == issuer)
    )


def _note(
    connection: sa.Connection, asker: str, person: PersonId, words: str, now: Instant
) -> None:
    act = Act.PEOPLE_INVITE.value
    add_to_trail(connection, now, act, asker, subject=person.text, words=words)
