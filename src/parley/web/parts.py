"""What the web layer needs of a node."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection
from whenever import Instant

from parley.clock import Clock
from parley.config import Settings
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.record.keeping import Record
from parley.rooms.seats import Seats
from parley.rooms.service import Rooms
from parley.storage import Database
from parley.telemetry import Metrics
from parley.web.desk import Desks


@dataclass(frozen=True, slots=True)
class Parts:
    """The services of one node, wired once by ``parley.node``."""

    settings: Settings
    clock: Clock
    database: Database
    lines: Lines
    rooms: Rooms
    seats: Seats
    record: Record
    set_aside: SetAside
    metrics: Metrics
    desks: Desks
    started_at: Instant
    origins: frozenset[str]
    """Origins of this node's own pages."""

    @property
    def cookie(self) -> str:
        """Name of the sign-in cookie; two nodes on one host do not take each other's."""
        return f"parley_{self.lines.book.own.id.text[:8]}"


def parts_of(connection: HTTPConnection) -> Parts:
    """Return the services behind a request or WebSocket."""
    parts = connection.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError
    return parts
