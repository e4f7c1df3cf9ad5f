"""When paths were up, as a node saw it: what was not seen is neither up nor down."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from whenever import Instant

from parley.clock import milliseconds
from parley.ids import PartyId
from parley.line.path_history import (
    GAP_S,
    SAVE_S,
    PathHistory,
    PathSeen,
)
from parley.storage import Database
from parley.storage.path_spells import Spell, forget_spells, spells_of
from parley.testing.databases import empty_database

PARTY = PartyId(b"f" * 16)
START = Instant.from_utc(2026, 11, 22, 8)
END = START.add(hours=1)
UP = [PathSeen(PARTY, "fibre", is_up=True)]
DOWN = [PathSeen(PARTY, "fibre", is_up=False)]


async def test_a_path_that_goes_down_and_comes_back_has_three_spells(database: Database) -> None:
    """One ends where the next begins."""
    history = PathHistory(database)
    await looked(history, [UP] * 4 + [DOWN] * 3 + [UP] * 2)
    await history.save()
    assert await spells(database) == [(0, 4, True), (4, 7, False), (7, 8, True)]


async def test_what_was_seen_is_on_the_disk_within_half_a_minute(database: Database) -> None:
    """A node that is killed forgets no more."""
    await looked(PathHistory(database), [UP] * (SAVE_S + 5))
    assert await spells(database) == [(0, SAVE_S, True)]


async def test_the_time_a_node_did_not_look_is_not_counted(database: Database) -> None:
    """Stopped and started again, or stood still, or its clock was set back."""
    first = PathHistory(database)
    await looked(first, [UP] * 3)
    await first.save()
    second = PathHistory(database)
    await second.look(UP, START.add(seconds=100))
    await second.look(UP, START.add(seconds=101))
    await second.look(UP, START.add(seconds=102 + GAP_S))
    await second.look(UP, START.add(seconds=50))
    await second.look(UP, START.add(seconds=51))
    await second.save()
    late = 102 + GAP_S
    assert await spells(database) == [
        (0, 2, True),
        (50, 51, True),
        (100, 101, True),
        (late, late, True),
    ]


async def test_a_line_that_is_closed_is_seen_no_more(database: Database) -> None:
    """Its last spell ends with the last look that had it."""
    history = PathHistory(database)
    await looked(history, [UP, UP, [], []])
    assert await spells(database) == [(0, 1, True)]


async def test_spells_are_cut_to_the_time_asked_for_and_forgotten_when_old(
    database: Database,
) -> None:
    """And only those of the party that is asked for."""
    history = PathHistory(database)
    await looked(history, [UP] * 10)
    await history.save()

    async def ask(begins_s: int, ends_s: int, party: PartyId = PARTY) -> list[Spell]:
        between = START.add(seconds=begins_s), START.add(seconds=ends_s)
        return await database.read(lambda c: spells_of(c, party, *between))

    begun = milliseconds(START)
    assert await ask(3, 5) == [Spell("fibre", begun + 3_000, begun + 5_000, is_up=True)]
    assert await ask(10, 20) == []
    assert await ask(0, 5, PartyId(b"x" * 16)) == []
    assert await database.write(lambda c: forget_spells(c, START)) == 0
    assert await database.write(lambda c: forget_spells(c, END)) == 1


async def looked(history: PathHistory, looks: list[list[PathSeen]]) -> None:
    """Look once a second."""
    for second, seen in enumerate(looks):
        await history.look(seen, START.add(seconds=second))


async def spells(database: Database) -> list[tuple[int, int, bool]]:
    """Return every spell, in seconds since the start."""
    found = await database.read(lambda c: spells_of(c, PARTY, START, END))
    begun = milliseconds(START)
    return sorted(
        ((each.from_ms - begun) // 1_000, (each.until_ms - begun) // 1_000, each.is_up)
        for each in found
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a test a database."""
    file = tmp_path / "parley.db"
    file.write_bytes(empty_database())
    made = Database.open(file, 1)
    yield made
    made.close()
