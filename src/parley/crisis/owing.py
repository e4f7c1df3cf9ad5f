"""Entries that are owed by rows: read a batch at a time, and said by one caller at once."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import sqlalchemy as sa

from parley.storage import Database

BATCH: Final = 100
"""Owed entries said in one go."""


class OwedEntries:
    """What one table owes. Owned by the event loop's thread."""

    def __init__(
        self,
        database: Database,
        owed: sa.Select[Any],
        say: Callable[[sa.Row[Any]], Awaitable[int]],
    ) -> None:
        """Make it.

        Args:
            database: where the rows are.
            owed: the rows, in the order in which they are to be said.
            say: says one of them and settles its row; returns how many entries that were.
        """
        self._database = database
        self._owed = owed.limit(BATCH)
        self._say = say
        self._is_saying = False

    async def say(self) -> int:
        """Say what is owed; return how many entries. While another says it, it says nothing."""
        if self._is_saying:
            return 0
        self._is_saying = True
        try:
            rows = await self._database.read(
                lambda connection: connection.execute(self._owed).all()
            )
            return sum([await self._say(row) for row in rows])
        finally:
            self._is_saying = False
