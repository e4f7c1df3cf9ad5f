"""Writing single rows often: statements that are made once and run with values.

To build a statement as an expression takes longer than to run it (0.7 ms beside 0.1), and what is
written beside an alert is some forty of them. So what runs with every alert is a constant with
bound names (``sa.bindparam``), and its inserts go through here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from parley.storage.columns import insert

Row = Mapping[str, Any]


_MADE: Final[dict[tuple[sa.Table, str, tuple[str, ...]], sa.Insert]] = {}
"""By table, kind of database and key. Written by whoever comes first; the same whoever it is."""


def add_rows(connection: sa.Connection, table: sa.Table, *rows: Row) -> int:
    """Insert rows, but for those whose key is there; return how many are new.

    All must name the same columns.
    """
    if not rows:
        return 0
    name = (table, connection.dialect.name, ())
    statement = _MADE.get(name)
    if statement is None:
        statement = insert(connection, table).on_conflict_do_nothing()
        # psycopg's count of an INSERT is forgotten with its cursor.
        statement = _MADE[name] = statement.execution_options(preserve_rowcount=True)
    return connection.execute(statement, list(rows) if len(rows) > 1 else rows[0]).rowcount


def put_row(connection: sa.Connection, table: sa.Table, key: Sequence[str], row: Row) -> None:
    """Insert a row that names every column, or write it over the one with the same key."""
    name = (table, connection.dialect.name, tuple(key))
    statement = _MADE.get(name)
    if statement is None:
        fresh = insert(connection, table)
        changed = {each.name: fresh.excluded[each.name] for each in table.columns}
        for part in key:
            del changed[part]
        statement = fresh.on_conflict_do_update(index_elements=list(key), set_=changed)
        _MADE[name] = statement
    connection.execute(statement, row)
