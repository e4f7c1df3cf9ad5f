"""Kinds of columns that mean the same in SQLite and PostgreSQL.

Text is ``sa.Text``, bytes are ``sa.LargeBinary``, a flag is ``sa.Integer`` with 0 or 1. Every
number that can pass 2^31 is :func:`whole`: SQLite's INTEGER holds 64 bits and is the only name that
its STRICT tables take, PostgreSQL's INTEGER holds 32.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator
from typing_extensions import override
from whenever import Instant

from parley.clock import from_milliseconds, milliseconds
from parley.ids import Id, PartyId, SpaceId

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

I = TypeVar("I", bound=Id)  # noqa: E741  the id's own type

_HASH_DIGITS: Final = 64
_WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def whole() -> sa.types.TypeEngine[int]:
    """Return the type of a whole number of up to 64 bits with its sign."""
    return _WHOLE


class IdColumn(TypeDecorator[I], Generic[I]):
    """An id, stored as its 26-character text so that a person can read a row."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: type[I]) -> None:
        super().__init__()
        self.kind = kind

    @override
    def process_bind_param(self, value: I | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.text

    @override
    def process_result_value(self, value: Any, dialect: sa.Dialect) -> I | None:
        return None if value is None else self.kind.parse(value)


class InstantColumn(TypeDecorator[Instant]):
    """An instant, stored as whole milliseconds since 1970 UTC."""

    impl = sa.BigInteger
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(_WHOLE.dialect_impl(dialect))

    @override
    def process_bind_param(self, value: Instant | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else milliseconds(value)

    @override
    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Instant | None:
        return None if value is None else from_milliseconds(value)


def entry_columns() -> tuple[sa.Column[Any], ...]:
    """Return the columns of a table that keeps entries of the record beside it, in the log's order.

    A log is that of an author in a space; an entry is at a place of one of its epochs, and came to
    this node at an instant. ``encoded`` is the entry as it was received.
    """
    return (
        sa.Column("space", IdColumn(SpaceId), nullable=False),
        sa.Column("author", IdColumn(PartyId), nullable=False),
        sa.Column("epoch", whole(), nullable=False),
        sa.Column("place", whole(), nullable=False),
        sa.Column("came_at", InstantColumn, nullable=False),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
    )


def hash_begins(column: sa.Column[Any], digits: str) -> sa.ColumnElement[bool]:
    """Return the condition that a SHA-256 begins with some hexadecimal digits; an index serves it.

    Args:
        column: the hashes, 32 bytes each.
        digits: at most 64 of them.
    """
    first, last = (bytes.fromhex(digits.ljust(_HASH_DIGITS, each)) for each in "0f")
    return column.between(first, last)


def insert(connection: sa.Connection, table: sa.Table) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if connection.dialect.name == "postgresql":
        # A node on the embedded database need not load it.
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(table)
    return sqlite.insert(table)


Plain = int | bytes | str | None
"""What both drivers take as it is."""
ROWS_MAX: Final = 64
"""Rows of one statement. More lets the other threads wait less often for the writer's, and makes
statements that the driver can keep ready longer; SQLite takes 32,766 values in one."""


def insert_rows(
    connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Plain, ...]]
) -> None:
    """Insert rows of plain values, each in the order of the table's columns.

    Many rows go as one statement. The driver lets go of the interpreter for every statement, and
    must wait for it again each time: with a statement a row, a writer beside a busy event loop
    waits up to five milliseconds a row (``sys.getswitchinterval``). The table must have no column
    of the kinds above that turn one value into another: nothing looks at the values here.
    """
    start, width = 0, ROWS_MAX
    while start < len(rows):
        # Only powers of two, so that a handful of statements serves every number of rows.
        while width > len(rows) - start:
            width //= 2
        part = rows[start : start + width]
        values = tuple(value for row in part for value in row)
        _run(connection, _insert_text(table, connection.dialect.paramstyle, width), values)
        start += width


@cache
def _insert_text(table: sa.Table, paramstyle: str, rows: int) -> str:
    names = ", ".join(column.name for column in table.columns)
    mark = "?" if paramstyle == "qmark" else "%s"
    row = f"({', '.join([mark] * len(table.columns))})"
    return f"INSERT INTO {table.name} ({names}) VALUES {', '.join([row] * rows)}"  # noqa: S608  our own names


def run_plain(connection: sa.Connection, statement: str, *values: Plain) -> Any:  # noqa: ANN401
    """Run a statement that both databases read alike, written with ``?`` for each plain value.

    For the few statements of every transaction of a busy record: to build one as an expression, and
    to look its text up by what it is made of, takes a millisecond for all of them together, which
    is more than the disk takes. So this goes to the driver, and returns the driver's cursor.

    Raises:
        sqlalchemy.exc.DBAPIError: as any statement does.
    """
    return _run(connection, _marked(statement, connection.dialect.paramstyle), values)


def _run(connection: sa.Connection, text: str, values: tuple[Plain, ...]) -> Any:  # noqa: ANN401
    driver: Any = connection.connection.dbapi_connection
    errors = connection.dialect.loaded_dbapi.Error
    try:
        return driver.execute(text, values)
    except errors as error:
        raise sa.exc.DBAPIError.instance(text, None, error, errors) from error


@cache
def _marked(statement: str, paramstyle: str) -> str:
    return statement if paramstyle == "qmark" else statement.replace("?", "%s")
