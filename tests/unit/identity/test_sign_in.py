"""Links, sign-ins and people as rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.errors import (
    PersonUnknown,
    SignInLinkExpired,
    SignInLinkUnknown,
    SignInLinkUsed,
    SignInNeeded,
)
from parley.identity.person import (
    Appearance,
    Person,
    Role,
    add_person,
    all_people,
    change_person,
    find_person,
)
from parley.identity.sign_in import (
    LINK_HOURS,
    SEEN_EVERY_S,
    end_sign_in,
    find_sign_in,
    hash_of,
    issue_link,
    note_seen,
    open_link,
    sweep,
)
from parley.ids import PersonId
from parley.storage import Database, tables

NOW = Instant.from_utc(2026, 11, 1)
INGRID = Person(PersonId(b"i" * 16), "Ingrid", "en", Appearance.SYSTEM, Role.MEMBER, NOW)
HOURS = 12


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    """Give a test a connection that may write, with Ingrid in the database."""
    database = Database.open(tmp_path / "parley.db")
    with database._writer.connect() as opened, opened.begin():
        add_person(opened, INGRID)
        yield opened
    database.close()


def test_a_link_becomes_a_sign_in_once(connection: sa.Connection) -> None:
    """And the sign-in is the person's."""
    code = issue_link(connection, INGRID.id, NOW)
    secret = open_link(connection, code, NOW)

    assert find_sign_in(connection, secret, NOW, HOURS).person == INGRID
    with pytest.raises(SignInLinkUsed):
        open_link(connection, code, NOW)


def test_neither_code_nor_cookie_is_stored(connection: sa.Connection) -> None:
    """Whoever reads the database cannot sign in with it."""
    code = issue_link(connection, INGRID.id, NOW)
    secret = open_link(connection, code, NOW)

    stored = connection.execute(sa.select(tables.sign_in_link.c.code_hash)).scalar_one()
    assert stored == hash_of(code)
    assert stored != code.encode()
    kept = connection.execute(sa.select(tables.sign_in.c.token_hash)).scalar_one()
    assert kept == hash_of(secret)


def test_a_link_is_for_somebody_we_know(connection: sa.Connection) -> None:
    """Nobody else is given one."""
    with pytest.raises(PersonUnknown):
        issue_link(connection, PersonId.new(), NOW)


def test_late_used_and_made_up_links_are_refused_by_name(connection: sa.Connection) -> None:
    """A used link stays used after its time."""
    late = issue_link(connection, INGRID.id, NOW)
    used = issue_link(connection, INGRID.id, NOW)
    open_link(connection, used, NOW)
    after = NOW.add(hours=LINK_HOURS)

    with pytest.raises(SignInLinkExpired):
        open_link(connection, late, after)
    with pytest.raises(SignInLinkUsed):
        open_link(connection, used, after)
    for code in ("", "made up", "\ud800"):
        with pytest.raises(SignInLinkUnknown):
            open_link(connection, code, NOW)


def test_a_sign_in_ends_by_the_person_or_by_silence(connection: sa.Connection) -> None:
    """Either way it is over."""
    ended = open_link(connection, issue_link(connection, INGRID.id, NOW), NOW)
    silent = open_link(connection, issue_link(connection, INGRID.id, NOW), NOW)
    end_sign_in(connection, find_sign_in(connection, ended, NOW, HOURS).id, NOW)

    for secret, now in ((ended, NOW), (silent, NOW.add(hours=HOURS)), ("made up", NOW)):
        with pytest.raises(SignInNeeded):
            find_sign_in(connection, secret, now, HOURS)


def test_being_seen_is_noted_once_a_minute(connection: sa.Connection) -> None:
    """Not with every request."""
    secret = open_link(connection, issue_link(connection, INGRID.id, NOW), NOW)
    sign_in = find_sign_in(connection, secret, NOW, HOURS).id

    def seen() -> Instant:
        found: Instant = connection.execute(sa.select(tables.sign_in.c.seen_at)).scalar_one()
        return found

    note_seen(connection, sign_in, NOW.add(seconds=SEEN_EVERY_S))
    assert seen() == NOW
    note_seen(connection, sign_in, NOW.add(seconds=SEEN_EVERY_S + 1))
    assert seen() == NOW.add(seconds=SEEN_EVERY_S + 1)


def test_what_can_no_longer_be_used_is_swept(connection: sa.Connection) -> None:
    """Links and sign-ins do not pile up."""
    secret = open_link(connection, issue_link(connection, INGRID.id, NOW), NOW)

    sweep(connection, NOW.add(hours=1), HOURS)
    assert find_sign_in(connection, secret, NOW.add(hours=1), HOURS).person == INGRID
    sweep(connection, NOW.add(hours=1_000), HOURS)

    for table in (tables.sign_in, tables.sign_in_link):
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0


def test_people_are_listed_found_and_changed(connection: sa.Connection) -> None:
    """A choice that is not made stays as it was."""
    changed = change_person(connection, INGRID.id, "uz", None)
    assert (changed.language, changed.appearance) == ("uz", Appearance.SYSTEM)
    changed = change_person(connection, INGRID.id, None, Appearance.DARK)
    assert (changed.language, changed.appearance) == ("uz", Appearance.DARK)

    assert all_people(connection) == [changed]
    assert find_person(connection, INGRID.id) == changed
    assert repr(changed) == f"Person({INGRID.id.text})"
