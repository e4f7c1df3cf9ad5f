"""Rows that are written often, by statements made once, on either engine."""

from functools import partial

import sqlalchemy as sa
from whenever import Instant

from parley.crisis.tables import overdue
from parley.storage import Database
from parley.storage.rows import Row, add_rows, put_row

NOW = Instant.from_utc(2026, 11, 1, 12)
LATER = NOW.add(seconds=5)
ROWS = [
    {"matter": b"a" * 32, "step": step, "due_at": NOW, "noticed_at": NOW}
    for step in ("target/0", "limit/0", "answer/0")
]


async def test_what_is_there_is_not_added_again(database: Database) -> None:
    """And stays as it is; whoever adds is told how many were new."""
    assert await database.write(lambda c: add_rows(c, overdue, ROWS[0])) == 1
    again = ROWS[0] | {"noticed_at": LATER}
    assert await database.write(lambda c: add_rows(c, overdue, again)) == 0
    await database.write(lambda c: add_rows(c, overdue, *ROWS))
    assert await database.write(lambda c: add_rows(c, overdue)) == 0
    assert await database.read(seen) == dict.fromkeys([each["step"] for each in ROWS], NOW)


async def test_a_row_is_put_over_the_one_with_its_key(database: Database) -> None:
    """And beside all others."""
    for row in (*ROWS[:2], ROWS[1] | {"noticed_at": LATER}):
        await database.write(partial(put, row))
    assert await database.read(seen) == {"target/0": NOW, "limit/0": LATER}


# ----------------------------------------------------------------------------------------- details


def put(row: Row, connection: sa.Connection) -> None:
    """Put a row."""
    put_row(connection, overdue, ["matter", "step"], row)


def seen(connection: sa.Connection) -> dict[str, Instant]:
    """Return when each step was noticed."""
    rows = connection.execute(sa.select(overdue.c.step, overdue.c.noticed_at))
    return {row.step: row.noticed_at for row in rows}
