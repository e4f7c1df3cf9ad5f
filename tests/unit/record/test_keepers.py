"""Rows of the domains beside entries: kept with them, undone alone, asked for where wanted."""

import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.errors import StorageUnavailable
from parley.record import tables
from parley.record.cbor import decode_map
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.testing.record_world import RecordParty


def words(came: EntryCame) -> object:
    """Return what a statement says."""
    return decode_map(came.entry.body or b"\xa0").get(0)


def keep(connection: sa.Connection, came: EntryCame, now: Instant) -> None:
    """Write a row with an entry's words, as a domain's keeper would; some words are bad."""
    del now
    row = {"log": 1, "code": words(came), "count": 1}
    connection.execute(tables.set_aside.insert().values(row))
    if words(came) == "bad":
        reason = "a bad entry"
        raise ValueError(reason)
    if words(came) == "disk":
        raise sa.exc.OperationalError("insert", {}, OSError("disk"))


async def say(near: RecordParty, *said: str) -> Sequence[object]:
    """Say some things in one turn; return what became of them.

    Something before them has a turn, so that all of them wait for the next.
    """
    space = near.world.space
    each = (near.record.append(space, Kind.STATEMENT, {0: word}) for word in ("before", *said))
    return (await asyncio.gather(*each, return_exceptions=True))[1:]


async def kept(near: RecordParty) -> set[str]:
    """Return the words that a keeper's rows say."""
    query = sa.select(tables.set_aside.c.code)
    return set(await near.database.read(lambda c: c.execute(query).scalars().all()))


@pytest.mark.parametrize("said", [("one", "bad", "two"), ("one", "two", "bad"), ("bad",)])
async def test_a_keeper_that_raises_is_undone_alone(
    near: RecordParty, said: tuple[str, ...]
) -> None:
    """Its entry is kept, and what others of the turn write is there once."""
    near.record.keep_with([Kind.STATEMENT], keep)
    before = near.record.space(near.world.space).own.log.tree.size

    assert not any(isinstance(each, Exception) for each in await say(near, *said))

    assert near.record.space(near.world.space).own.log.tree.size == before + 1 + len(said)
    assert await kept(near) == {"before", *said} - {"bad"}


async def test_a_fault_of_the_disk_under_a_keeper_is_everybodys(near: RecordParty) -> None:
    """Nothing of the turn is kept, and who appended is told."""
    near.record.keep_with([Kind.STATEMENT], keep)

    done = await say(near, "one", "disk")

    assert all(isinstance(each, StorageUnavailable) for each in done)
    assert await kept(near) == {"before"}


async def test_a_keeper_is_asked_about_what_it_wants_alone(near: RecordParty) -> None:
    """Of a kind that is said often it may want few."""
    near.record.keep_with([Kind.STATEMENT], keep, lambda came: words(came) == "two")

    await say(near, "one", "two", "three")

    assert await kept(near) == {"two"}
