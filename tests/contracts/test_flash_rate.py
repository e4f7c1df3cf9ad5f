"""When a flash comes after too many others, by the rows of either engine."""

from functools import partial

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis import tables
from parley.crisis.matter import MatterEntry
from parley.crisis.precedence import FLASH_PER_HOUR_MAX
from parley.crisis.repository import is_over_rate
from parley.ids import PartyId, SpaceId, ThreadId
from parley.record.entry import Entry, Precedence
from parley.record.kinds import Kind
from parley.storage import Database

SPACE, AUTHOR, OTHER = SpaceId(b"s" * 16), PartyId(b"a" * 16), PartyId(b"b" * 16)
NOW = Instant.from_utc(2026, 11, 1, 12)


async def test_a_flash_counts_as_one_until_ten_of_its_log_were_written_within_the_hour(
    database: Database,
) -> None:
    """However many came before the hour, in another log, or were no flash."""
    others = [
        *(row(place, 7_200) for place in range(20)),
        *(row(place, 60, author=OTHER) for place in range(20, 40)),
        *(row(place, 60, written=Precedence.IMMEDIATE) for place in range(40, 60)),
        *(row(place, 60, epoch=1) for place in range(60, 80)),
        *(row(place, 60) for place in range(200, 220)),
    ]
    await database.write(partial(add, others))
    for number in range(FLASH_PER_HOUR_MAX + 5):
        is_over = await database.read(lambda c: is_over_rate(c, flash(199)))
        assert is_over == (number >= FLASH_PER_HOUR_MAX)
        await database.write(partial(add, [row(100 + number, 60)]))
    routine = flash(199, Precedence.ROUTINE)
    assert not await database.read(lambda c: is_over_rate(c, routine))


# ----------------------------------------------------------------------------------------- details


def add(rows: list[dict[str, object]], connection: sa.Connection) -> None:
    """Add alerts' rows."""
    connection.execute(sa.insert(tables.alert), rows)


def row(
    place: int,
    ago_s: int,
    *,
    author: PartyId = AUTHOR,
    epoch: int = 0,
    written: Precedence = Precedence.FLASH,
) -> dict[str, object]:
    """Return an alert's row, written some seconds ago."""
    at = NOW.subtract(seconds=ago_s)
    return {
        "hash": b"".join([bytes([place]), bytes(31)]),
        "space": SPACE,
        "thread": ThreadId(bytes(16)),
        "author": author,
        "epoch": epoch,
        "place": place,
        "written_at": at,
        "written": int(written),
        "precedence": int(written),
        "state": "released",
        "standing": "in_force",
        "is_exercise": 0,
        "is_open": 1,
        "breaches": 0,
        "started_at": at,
        "body_hash": bytes(32),
    }


def flash(place: int, precedence: Precedence = Precedence.FLASH) -> MatterEntry:
    """Return an alert that was written just now."""
    entry = Entry(
        space=SPACE,
        author=AUTHOR,
        kind=Kind.ALERT,
        time_ms=milliseconds(NOW),
        precedence=precedence,
        body=b"",
    )
    return MatterEntry(bytes(32), entry, 0, place, milliseconds(NOW))
