"""When each path of each line was up, as this node saw it: what a crisis is measured by afterwards.

A *spell* is a stretch in which a path was seen in one condition: it proves the other party, or it
does not. Spells are rows; a look every second writes one when the condition of a path changes, and
now and then how far the last look reached. A node that does not run sees nothing, so a spell ends
with the last look before it stopped and another begins after the next start: what lies between is
not counted as down, nor as up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import sqlalchemy as sa
from whenever import Instant

from parley.ids import PartyId
from parley.storage import Database
from parley.storage.path_spells import spell
from parley.storage.rows import put_row

SAVE_S: Final = 30
"""Seconds between two notes of how far the last look reached. More: a node that is killed forgets
so much of the time it has seen. Less: a write more often, on every node, for nothing."""
GAP_S: Final = 5
"""Seconds without a look after which what lay between was not seen."""
UP: Final = frozenset({"up", "suspect"})
"""States of a path that carries; a suspect one has missed a probe and still does."""


@dataclass(frozen=True, slots=True)
class PathSeen:
    """One path, at a look."""

    party: PartyId
    path: str
    is_up: bool


class _PathView(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...


class _PartyView(Protocol):
    @property
    def id(self) -> str: ...


class _LineView(Protocol):
    @property
    def party(self) -> _PartyView: ...
    @property
    def paths(self) -> Iterable[_PathView]: ...


def paths_seen(lines: Iterable[_LineView]) -> list[PathSeen]:
    """Return the paths of lines as they are shown; a line that is closed has none."""
    return [
        PathSeen(PartyId.parse(line.party.id), path.name, path.state in UP)
        for line in lines
        for path in line.paths
    ]


@dataclass(slots=True)
class _Running:
    is_up: bool
    from_at: Instant
    seen_at: Instant


class PathHistory:
    """Notes when paths are up. Owned by the event loop's thread."""

    def __init__(self, database: Database) -> None:
        """Write to a database."""
        self._database = database
        self._running: dict[tuple[PartyId, str], _Running] = {}
        self._saved_at: Instant | None = None

    async def look(self, seen: Iterable[PathSeen], now: Instant) -> None:
        """Note the paths as they are now; called once a second.

        Raises:
            OurError: the database cannot be used; the next look writes what this one could not.
        """
        found = {(each.party, each.path): each.is_up for each in seen}
        rows = [row for key, is_up in found.items() for row in self._seen(key, is_up, now)]
        gone = [key for key in self._running if key not in found]
        rows += [self._row(key, self._running.pop(key)) for key in gone]
        is_long = self._saved_at is None or now >= self._saved_at.add(seconds=SAVE_S)
        if not rows and not is_long:
            return
        self._saved_at = now
        await self.save(rows)

    async def save(self, ended: Iterable[dict[str, object]] = ()) -> None:
        """Write how far everything was seen, and spells that ended; also before the node stops."""
        rows = [*ended, *(self._row(key, each) for key, each in self._running.items())]

        def write(connection: sa.Connection) -> None:
            for row in rows:
                put_row(connection, spell, ("party", "path", "from_at"), row)

        if rows:
            await self._database.write(write)

    def _seen(
        self,
        key: tuple[PartyId, str],
        is_up: bool,  # noqa: FBT001  its condition
        now: Instant,
    ) -> list[dict[str, object]]:
        """Take a path's condition in; return the spell that ended, and the one that begins."""
        running = self._running.get(key)
        if running is not None:
            # A clock that was set back, or a node that stood still, has not seen the time between.
            is_whole = running.seen_at <= now <= running.seen_at.add(seconds=GAP_S)
            if is_whole:
                running.seen_at = now
            if is_whole and running.is_up == is_up:
                return []
        began = self._running[key] = _Running(is_up, now, now)
        ended = [] if running is None else [self._row(key, running)]
        return [*ended, self._row(key, began)]

    @staticmethod
    def _row(key: tuple[PartyId, str], running: _Running) -> dict[str, object]:
        return {
            "party": key[0],
            "path": key[1],
            "from_at": running.from_at,
            "seen_at": running.seen_at,
            "is_up": int(running.is_up),
        }
