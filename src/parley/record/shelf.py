"""What is stored of one log, as its tree and its feeds read it: the newest from memory.

A tree asks for a tile from the moment it gave it out, before it is on the disk; a feed that keeps
up with its log asks for what was written a moment ago. Both find it here. What is older is read
from the database when it is wanted.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import sqlalchemy as sa
from typing_extensions import override

from parley.errors import TilesMalformed
from parley.record import repository
from parley.record.feed import EntrySource
from parley.record.replica import EntriesStored
from parley.record.tiles import TileId, Tree

T = TypeVar("T")
TILES_MAX: Final = 32
"""Tiles kept of one log, 8 KiB each: the right edge, and those the last proofs went through."""
RECENT_BYTES_MAX: Final = 2_097_152
"""Entries kept of one log. More lets a slower line be served from memory, less saves it."""


class StoredEntries:
    """Reads the last committed state, on the caller's thread."""

    def __init__(self, read: Callable[[Callable[[sa.Connection], object]], object]) -> None:
        self._read = read

    def tile(self, log: int, tile: TileId) -> bytes:
        """Return a tile."""
        found = self._read(lambda connection: repository.tile(connection, log, tile))
        return found if isinstance(found, bytes) else b""

    def entries(self, log: int, start: int, end: int) -> list[bytes]:
        """Return entries of a span."""
        found: list[bytes] = []

        def look(connection: sa.Connection) -> None:
            found.extend(repository.encoded_entries(connection, log, start, end))

        self._read(look)
        return found

    def urgent(self, log: int, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return the newest entries of high precedence from a place on, the older first."""
        found: list[tuple[int, bytes]] = []

        def look(connection: sa.Connection) -> None:
            found.extend(repository.urgent_entries(connection, log, start, limit))

        self._read(look)
        return found


class LogShelf(EntrySource):
    """The entries and tiles of one log. Owned by the event loop's thread."""

    def __init__(self, log: int, size: int, stored: StoredEntries) -> None:
        """Begin with nothing in memory."""
        self._log = log
        self._stored = stored
        self._tiles: OrderedDict[TileId, bytes] = OrderedDict()
        self._recent: list[bytes] = []
        self._recent_start = size
        self._recent_bytes = 0
        self.tree = Tree(size, self.find)

    def find(self, tile: TileId) -> bytes:
        """Return the newest bytes of a tile."""
        found = self._tiles.get(tile)
        if found is None:
            found = self._tiles[tile] = self._stored.tile(self._log, tile)
        self._tiles.move_to_end(tile)
        return found

    @override
    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries of a span that the log holds."""
        middle = min(end, max(start, self._recent_start))
        found = self._stored.entries(self._log, start, middle) if start < middle else []
        first = middle - self._recent_start
        found += self._recent[first : first + end - middle] if middle < end else []
        if len(found) != end - start:
            raise TilesMalformed(what="entries")
        return found

    def urgent(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return place and bytes of urgent entries from a place on that are on the disk."""
        return self._stored.urgent(self._log, start, limit)

    def add(self, stored: EntriesStored) -> None:
        """Take what is about to be committed."""
        self._tiles.update(stored.tiles)
        self._recent += stored.entries
        self._recent_bytes += sum(map(len, stored.entries))

    def trim(self) -> None:
        """Let go of what is on the disk and has not been wanted lately."""
        while len(self._tiles) > TILES_MAX:
            self._tiles.popitem(last=False)
        if self._recent_bytes <= RECENT_BYTES_MAX:
            return
        gone, count = 0, 0
        while self._recent_bytes - gone > RECENT_BYTES_MAX // 2:
            gone, count = gone + len(self._recent[count]), count + 1
        del self._recent[:count]
        self._recent_start += count
        self._recent_bytes -= gone
