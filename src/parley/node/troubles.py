"""What keeps a node from keeping its word: told on every page, by `parley status` and the doctor.

A disk that is full is met by whoever writes next, and that may be nobody for an hour. So what the
last change met is told to everybody at once, and taken back when a change is kept again; a record
with nothing to say tries every minute.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from whenever import Instant

from parley.clock import Clock
from parley.errors import NodeMemoryShort, NodeThreadsShort, OurError, RecordFenced, WebPortFlooded
from parley.exhaustion import MEMORY_SPARE, are_threads_short, is_memory_short
from parley.line.service import OUR_KEY_TWICE
from parley.line.set_aside import SetAside
from parley.line.view import stamp
from parley.record.keeping import Record
from parley.record.log import LogState
from parley.rooms.frames import NodeState
from parley.storage import Database
from parley.storage.backup import last_backup
from parley.web.port import WebPort

KEY_TWICE_MINUTES: Final = 10
"""How long a warning that our key is in use twice is shown; it comes every minute while it is."""
TRY_S: Final = 5.0
"""Seconds between two tries for memory and a thread: a tenth of a millisecond each."""
MIB: Final = 1_048_576
LOOK_S: Final = 10.0
"""Seconds between two looks for a newer backup."""


@dataclass(frozen=True, slots=True)
class NodeTrouble:
    """One thing that is wrong with the node itself."""

    code: str
    """Of ``protocol/errors.toml``, or ``log.forked``."""
    said: str
    """In words, for the engineer: may name files."""


class NodeTroubles:
    """Looks at one node. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        web_port: WebPort,
        database: Database,
        record: Record,
        set_aside: SetAside,
        folder: Path,
        clock: Clock,
    ) -> None:
        """Name what is looked at.

        Args:
            web_port: may be flooded.
            database: may refuse changes.
            record: may be fenced, or have a log that another node went on with.
            set_aside: counts warnings that our key is in use twice.
            folder: the node's, where the last backup is noted.
            clock: how old those warnings are.
        """
        self._web_port = web_port
        self._database = database
        self._record = record
        self._set_aside = set_aside
        self._folder = folder
        self._clock = clock
        self._backup_at: Instant | None = None
        self._looked_at = float("-inf")
        self._tried_at = float("-inf")
        self._short: list[OurError] = []

    def found(self) -> list[NodeTrouble]:
        """Return what is wrong, the gravest first."""
        found: list[NodeTrouble] = []
        found += [NodeTrouble(short.code, str(short)) for short in self._shortages()]
        trouble = self._database.trouble
        if trouble is not None:
            found.append(NodeTrouble(trouble.code, str(trouble)))
        if self._record.is_fenced:
            fenced = RecordFenced()
            found.append(NodeTrouble(fenced.code, str(fenced)))
        forked = [
            kept.own.origin.text()
            for kept in self._record.spaces
            if kept.own.log.state is LogState.FORKED
        ]
        if forked:
            said = "Something was signed under our key that is not in our log: " + ", ".join(forked)
            found.append(NodeTrouble("log.forked", said))
        if self._is_key_twice():
            said = "Another party says that our key is in use by two nodes at once."
            found.append(NodeTrouble(OUR_KEY_TWICE, said))
        if self._web_port.is_flooded:
            flooded = WebPortFlooded()
            found.append(NodeTrouble(flooded.code, str(flooded)))
        return found

    def state(self) -> NodeState:
        """Return what pages are shown; nothing in it names a file."""
        at = self.backup_at()
        codes = tuple(trouble.code for trouble in self.found())
        return NodeState(codes, None if at is None else stamp(at))

    def backup_at(self) -> Instant | None:
        """Return when the newest proved backup was made, None if none is known of."""
        monotonic = self._clock.monotonic()
        if monotonic >= self._looked_at + LOOK_S:
            self._looked_at = monotonic
            self._backup_at = last_backup(self._folder)
        return self._backup_at

    def _shortages(self) -> list[OurError]:
        monotonic = self._clock.monotonic()
        if monotonic >= self._tried_at + TRY_S:
            self._tried_at = monotonic
            self._short = []
            if is_memory_short():
                self._short.append(NodeMemoryShort(mib=MEMORY_SPARE // MIB))
            if are_threads_short():
                self._short.append(NodeThreadsShort())
        return self._short

    def _is_key_twice(self) -> bool:
        since = self._clock.now().subtract(minutes=KEY_TWICE_MINUTES)
        return any(
            count.code == OUR_KEY_TWICE and count.last_at >= since
            for count in self._set_aside.counts()
        )
