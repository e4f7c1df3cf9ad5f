"""What the repositories keep comes back the same from either engine."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.clock import FakeClock
from parley.config import Settings
from parley.errors import PartyUnknown, SignInLinkUsed, SignInNeeded
from parley.identity.cookie import SignInLimits, browser_mark, look_up, note_seen
from parley.identity.keys import PartyKey
from parley.identity.permission import Role
from parley.identity.person import (
    Appearance,
    Person,
    add_person,
    all_people,
    change_person,
    find_person,
)
from parley.identity.sign_in import (
    end_sign_in,
    issue_link,
    open_link,
    sweep,
)
from parley.ids import PersonId, RoomId
from parley.line.book import PairingBook
from parley.line.own_card import own_party
from parley.line.pairing import PairingEvent, PairingState
from parley.rooms.repository import all_rooms, is_known, save_room
from parley.rooms.room import Room, closed
from parley.rooms.statement import Closing, Opening, hash_of, sign_closing, sign_opening
from parley.storage import Database

NOW = Instant.from_utc(2026, 11, 1, 12)
INGRID = Person(
    PersonId(b"i" * 16), "Ingrid", "en", Appearance.SYSTEM, frozenset({Role.MEMBER}), NOW
)
FIREFOX = browser_mark("Firefox/140.0")
LIMITS = SignInLimits(12, 168, 5)
OURS, THEIRS = PartyKey(bytes(32)), PartyKey(b"t" * 32)


def settings(name: str, folder: Path) -> Settings:
    """Return the settings of a party."""
    return Settings.parse(folder, f'[party]\nname = "{name}"\n[[line.path]]\nname = "a"\n')


async def test_a_person_is_kept_and_changed(database: Database) -> None:
    """In the order they were added."""
    roles = frozenset({Role.MEMBER, Role.ENGINEER})
    other = Person(PersonId.new(), "Абай", "ru", Appearance.DARK, roles, NOW.add(hours=1))
    await database.write(lambda connection: add_person(connection, other))
    await database.write(lambda connection: add_person(connection, INGRID))
    await database.write(
        lambda connection: change_person(connection, INGRID.id, "uz", Appearance.LIGHT)
    )

    people = await database.read(all_people)

    assert [(each.id, each.language) for each in people] == [(INGRID.id, "uz"), (other.id, "ru")]
    assert await database.read(lambda connection: find_person(connection, other.id)) == other


async def test_a_link_signs_in_once_and_a_sign_in_ends_once(database: Database) -> None:
    """Codes, cookies and times mean the same on both."""
    await database.write(lambda connection: add_person(connection, INGRID))
    code = await database.write(lambda connection: issue_link(connection, INGRID.id, NOW))
    secret = await database.write(lambda connection: open_link(connection, code, FIREFOX, NOW))
    with pytest.raises(SignInLinkUsed):
        await database.write(lambda connection: open_link(connection, code, FIREFOX, NOW))

    found = await database.read(
        lambda connection: look_up(connection, secret, FIREFOX, NOW.add(hours=11), LIMITS)
    )
    signed_in = found.signed_in
    assert signed_in.person.id == INGRID.id
    later = NOW.add(hours=11)
    await database.write(lambda connection: note_seen(connection, signed_in.id, later))
    await database.write(lambda connection: end_sign_in(connection, signed_in.id, later))
    with pytest.raises(SignInNeeded):
        await database.read(lambda connection: look_up(connection, secret, FIREFOX, later, LIMITS))


async def test_what_nobody_can_use_any_more_is_swept(database: Database) -> None:
    """Links and sign-ins alike."""
    await database.write(lambda connection: add_person(connection, INGRID))
    code = await database.write(lambda connection: issue_link(connection, INGRID.id, NOW))
    await database.write(lambda connection: open_link(connection, code, FIREFOX, NOW))
    await database.write(lambda connection: sweep(connection, NOW.add(hours=1_000), 12))

    def left(connection: sa.Connection) -> int:
        both = sa.text(
            "SELECT (SELECT count(*) FROM sign_in) + (SELECT count(*) FROM sign_in_link)"
        )
        return int(connection.execute(both).scalar_one())

    assert await database.read(left) == 0


async def test_the_book_of_pairings_is_read_as_it_was_written(
    database: Database, tmp_path: Path
) -> None:
    """Cards, states and times; and a party that is removed is gone."""
    clock = FakeClock(NOW)
    theirs = own_party(settings("Harbour", tmp_path), THEIRS, None, NOW)
    book = PairingBook(database, settings("Velmar", tmp_path), OURS, clock)
    await book.load()
    await book.import_card(theirs.card_bytes, "Harbour")
    await book.apply(theirs.id, PairingEvent.CONFIRM)

    again = PairingBook(database, settings("Velmar", tmp_path), OURS, clock)
    await again.load()

    assert again.all() == book.all()
    assert again.get(theirs.id).ours_confirmed_at == NOW
    assert again.get(theirs.id).state is not PairingState.IMPORTED
    assert again.own == book.own
    await again.remove(theirs.id)
    await book.load()
    with pytest.raises(PartyUnknown):
        book.get(theirs.id)


async def test_a_room_is_kept_with_its_statements(database: Database) -> None:
    """Open, then closed; the signed bytes are the same bytes."""
    parties = tuple(sorted(((OURS.party, "Velmar"), (THEIRS.party, "Harbour"))))
    opening = Opening(RoomId.new(), "Talks", OURS.public, "Ingrid", NOW, parties)
    room = Room(opening, sign_opening(opening, OURS), None, None)
    await database.write(lambda connection: save_room(connection, room))
    assert await database.read(lambda connection: all_rooms(connection, NOW)) == [room]

    ending = Closing(room.id, THEIRS.public, NOW.add(hours=1), hash_of(room.opening_bytes))
    over = closed(room, ending, sign_closing(ending, THEIRS))
    await database.write(lambda connection: save_room(connection, over))

    assert await database.read(lambda connection: all_rooms(connection, NOW)) == [over]
    late = NOW.add(hours=2)
    assert await database.read(lambda connection: all_rooms(connection, late)) == []
    assert await database.read(lambda connection: is_known(connection, room.id))
    assert not await database.read(lambda connection: is_known(connection, RoomId.new()))
