"""The operator's side of a node that does not run: the same operations, on its database alone."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parley.clock import SystemClock
from parley.config import Settings
from parley.identity.keys import PartyKey
from parley.line.book import PairingBook
from parley.node.lifecycle import only_node
from parley.node.operations import Operations
from parley.storage import open_database


def operate_offline(folder: Path, operation: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Run one operation on the database of a node that does not run.

    Raises:
        ParleyError: the operation refused, or a node runs after all.
    """
    return asyncio.run(_operate(folder, operation, arguments))


async def _operate(folder: Path, operation: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    settings = Settings.load(folder)
    with only_node(folder):
        database = open_database(settings)
        try:
            clock = SystemClock()
            key = PartyKey.load(settings.path(settings.party.key))
            book = PairingBook(database, settings, key, clock)
            await book.load()
            operations = Operations(
                database=database, settings=settings, clock=clock, book=book, running=None
            )
            return await operations.call(operation, arguments)
        finally:
            database.close()
