"""Links, sign-ins and people as rows."""

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.errors import (
    PersonRevoked,
    PersonUnknown,
    SignInLinkExpired,
    SignInLinkUnknown,
    SignInLinkUsed,
    SignInNeeded,
)
from parley.identity.cookie import (
    SEEN_EVERY_S,
    SignInLimits,
    browser_mark,
    look_again,
    look_up,
    note_seen,
)
from parley.identity.permission import Role
from parley.identity.person import (
    Appearance,
    Person,
    add_person,
    all_people,
    change_person,
    find_person,
    set_revoked,
    set_roles,
)
from parley.identity.sign_in import (
    LINK_HOURS,
    end_sign_in,
    hash_of,
    issue_link,
    new_secret,
    open_link,
    sweep,
)
from parley.ids import PersonId
from parley.storage import Database, people

NOW = Instant.from_utc(2026, 11, 1)
INGRID = Person(
    PersonId(b"i" * 16), "Ingrid", "en", Appearance.SYSTEM, frozenset({Role.MEMBER}), NOW
)
HOURS = 12
LIMITS = SignInLimits(HOURS, 48, 5)
FIREFOX = browser_mark("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")


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
    secret = open_link(connection, code, FIREFOX, NOW)

    assert look_up(connection, secret, FIREFOX, NOW, LIMITS).signed_in.person == INGRID
    with pytest.raises(SignInLinkUsed):
        open_link(connection, code, FIREFOX, NOW)


def test_neither_code_nor_cookie_is_stored(connection: sa.Connection) -> None:
    """Whoever reads the database cannot sign in with it."""
    code = issue_link(connection, INGRID.id, NOW)
    secret = open_link(connection, code, FIREFOX, NOW)

    stored = connection.execute(sa.select(people.sign_in_link.c.code_hash)).scalar_one()
    assert stored == hash_of(code)
    assert stored != code.encode()
    kept = connection.execute(sa.select(people.sign_in_cookie.c.token_hash)).scalar_one()
    assert kept == hash_of(secret)


def test_a_secret_is_256_bits_of_the_system_s_randomness(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them are in it, and nothing else is."""
    asked: list[int] = []

    def system(size: int) -> bytes:
        asked.append(size)
        return bytes(range(size))

    monkeypatch.setattr(secrets, "token_bytes", system)
    made = new_secret()
    assert asked == [32]
    assert base64.urlsafe_b64decode(made + "=") == bytes(range(32))


def test_a_link_is_for_somebody_we_know(connection: sa.Connection) -> None:
    """Nobody else is given one."""
    with pytest.raises(PersonUnknown):
        issue_link(connection, PersonId.new(), NOW)


def test_late_used_and_made_up_links_are_refused_by_name(connection: sa.Connection) -> None:
    """A used link stays used after its time."""
    late = issue_link(connection, INGRID.id, NOW)
    used = issue_link(connection, INGRID.id, NOW)
    open_link(connection, used, FIREFOX, NOW)
    after = NOW.add(hours=LINK_HOURS)

    with pytest.raises(SignInLinkExpired):
        open_link(connection, late, FIREFOX, after)
    with pytest.raises(SignInLinkUsed):
        open_link(connection, used, FIREFOX, after)
    for code in ("", "made up", "\ud800"):
        with pytest.raises(SignInLinkUnknown):
            open_link(connection, code, FIREFOX, NOW)


def test_a_sign_in_ends_by_the_person_or_by_silence(connection: sa.Connection) -> None:
    """Either way it is over."""
    ended = open_link(connection, issue_link(connection, INGRID.id, NOW), FIREFOX, NOW)
    silent = open_link(connection, issue_link(connection, INGRID.id, NOW), FIREFOX, NOW)
    end_sign_in(connection, look_up(connection, ended, FIREFOX, NOW, LIMITS).signed_in.id, NOW)

    for secret, now in ((ended, NOW), (silent, NOW.add(hours=HOURS)), ("made up", NOW)):
        with pytest.raises(SignInNeeded):
            look_up(connection, secret, FIREFOX, now, LIMITS)


def test_being_seen_is_noted_once_a_minute(connection: sa.Connection) -> None:
    """Not with every request."""
    secret = open_link(connection, issue_link(connection, INGRID.id, NOW), FIREFOX, NOW)
    sign_in = look_up(connection, secret, FIREFOX, NOW, LIMITS).signed_in.id

    def seen() -> Instant:
        found: Instant = connection.execute(sa.select(people.sign_in.c.seen_at)).scalar_one()
        return found

    note_seen(connection, sign_in, NOW.add(seconds=SEEN_EVERY_S))
    assert seen() == NOW
    note_seen(connection, sign_in, NOW.add(seconds=SEEN_EVERY_S + 1))
    assert seen() == NOW.add(seconds=SEEN_EVERY_S + 1)


def test_what_can_no_longer_be_used_is_swept(connection: sa.Connection) -> None:
    """Links and sign-ins do not pile up."""
    secret = open_link(connection, issue_link(connection, INGRID.id, NOW), FIREFOX, NOW)

    sweep(connection, NOW.add(hours=1), HOURS)
    assert look_up(connection, secret, FIREFOX, NOW.add(hours=1), LIMITS).signed_in.person == INGRID
    sweep(connection, NOW.add(hours=1_000), HOURS)

    for table in (people.sign_in, people.sign_in_cookie, people.sign_in_link):
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


def test_a_sign_in_ends_after_its_longest_time_however_busy(connection: sa.Connection) -> None:
    """Seen every hour, over all the same."""
    secret = open_link(connection, issue_link(connection, INGRID.id, NOW), FIREFOX, NOW)
    found = look_up(connection, secret, FIREFOX, NOW, LIMITS).signed_in
    for hour in range(1, LIMITS.total_hours):
        now = NOW.add(hours=hour)
        assert look_again(connection, found.id, now, LIMITS).person == INGRID
        note_seen(connection, found.id, now)

    with pytest.raises(SignInNeeded):
        look_again(connection, found.id, NOW.add(hours=LIMITS.total_hours), LIMITS)


def test_somebody_without_rights_gets_no_link_and_no_sign_in(connection: sa.Connection) -> None:
    """A link issued before is worth nothing, nor is a cookie."""
    before = issue_link(connection, INGRID.id, NOW)
    secret = open_link(connection, issue_link(connection, INGRID.id, NOW), FIREFOX, NOW)
    set_revoked(connection, INGRID.id, NOW)

    with pytest.raises(PersonRevoked):
        issue_link(connection, INGRID.id, NOW)
    with pytest.raises(PersonRevoked):
        open_link(connection, before, FIREFOX, NOW)
    with pytest.raises(SignInNeeded):
        look_up(connection, secret, FIREFOX, NOW, LIMITS)


def test_roles_are_given_and_taken_one_by_one(connection: sa.Connection) -> None:
    """One that is kept keeps the instant it was given at."""
    set_roles(connection, INGRID.id, frozenset({Role.MEMBER, Role.RELEASER}), NOW.add(hours=1))
    set_roles(connection, INGRID.id, frozenset({Role.RELEASER}), NOW.add(hours=2))

    assert find_person(connection, INGRID.id).roles == {Role.RELEASER}
    given = connection.execute(sa.select(people.person_role.c.given_at)).scalar_one()
    assert given == NOW.add(hours=1)
