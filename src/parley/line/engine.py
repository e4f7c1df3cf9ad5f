"""The compiled engine as Python uses it, and how its events reach those who wait for them.

:class:`Engine` names the calls that ``parley._core.Engine`` answers, so that tests can put an
in-memory engine in its place. :class:`Feed` owns the engine's events: when the event file
descriptor becomes readable it drains everything and calls the subscribers in the order things
happened, one event at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol, TypeAlias, TypeVar

from parley import _core
from parley.telemetry import log

Event: TypeAlias = "_core.Event"
"""Any event of the engine; the name exists in its stub alone."""
E = TypeVar("E", bound="Event")


class PathStatus(Protocol):
    """What is known about one path; see ``parley._core.PathStatus``."""

    @property
    def name(self) -> str:
        """The path's name."""

    @property
    def carrier(self) -> Literal["udp", "tcp"]:
        """What carries its packets."""

    @property
    def state(self) -> Literal["cold", "up", "suspect", "down"]:
        """Its state."""

    @property
    def rtt_ms(self) -> float | None:
        """Round trip, milliseconds."""

    @property
    def loss_in(self) -> float | None:
        """Share lost on the way here."""

    @property
    def loss_out(self) -> float | None:
        """Share lost on the way there."""

    @property
    def rate_bps(self) -> int | None:
        """What it carries, bit/s."""

    @property
    def proof_age_ms(self) -> int | None:
        """Milliseconds since the other party last proved to be alive on it."""


class LaneStatus(Protocol):
    """What one lane has carried; see ``parley._core.LaneStatus``."""

    @property
    def lane(self) -> int:
        """The urgency class."""

    @property
    def bytes_sent(self) -> int:
        """Bytes handed to the network."""

    @property
    def bytes_received(self) -> int:
        """Bytes received."""

    @property
    def queued(self) -> int:
        """Bytes that wait."""


class LineStatus(Protocol):
    """What is known about one line; see ``parley._core.LineStatus``."""

    @property
    def state(self) -> Literal["cold", "up", "degraded", "cut"]:
        """Its state."""

    @property
    def rate_bps(self) -> int:
        """What its paths carry together, bit/s."""

    @property
    def proof_age_ms(self) -> int | None:
        """Milliseconds since the other party last proved to be alive."""

    @property
    def paths(self) -> Sequence[PathStatus]:
        """Its paths."""

    @property
    def lanes(self) -> Sequence[LaneStatus]:
        """Its lanes."""


class DeviceQuality(Protocol):
    """How the hop to one device does; see ``parley._core.ParticipantQuality``."""

    @property
    def rtt_ms(self) -> float | None:
        """Round trip, milliseconds."""

    @property
    def loss_in(self) -> float | None:
        """Share of the device's packets lost."""

    @property
    def loss_out(self) -> float | None:
        """Share of our packets to it lost."""

    @property
    def estimate_bps(self) -> int | None:
        """What can be sent to it, bit/s."""

    @property
    def receiving_bps(self) -> int:
        """What comes from it, bit/s."""

    @property
    def sending_bps(self) -> int:
        """What goes to it, bit/s."""


class Engine(Protocol):
    """The calls Python makes; each is documented in ``parley._core.Engine``."""

    @property
    def event_fd(self) -> int:
        """Readable while there is something to drain."""

    def drain(self) -> Sequence[Event]:
        """Return what happened since the last call, oldest first."""

    def open_line(self, *, remote_key: bytes, paths: list[_core.LinePath]) -> bytes:
        """Open our end of a line."""

    def close_line(self, party: bytes) -> None:
        """Close our end of a line."""

    def line_status(self, party: bytes) -> LineStatus:
        """Return what is known about a line."""

    def send(self, party: bytes, lane: int, topic: int, body: bytes) -> int:
        """Queue a letter."""

    def cancel(self, letter: int) -> bool:
        """Forget a letter that is not delivered yet."""

    def open_room(self, room: bytes) -> None:
        """Open a room."""

    def close_room(self, room: bytes) -> None:
        """Close a room."""

    def attach(self, room: bytes, party: bytes) -> None:
        """Let a line carry a room."""

    def detach(self, room: bytes, party: bytes) -> None:
        """Stop a line carrying a room."""

    def set_aside(self, room: bytes, participant: bytes, label: bytes) -> None:
        """Set a participant of another node aside while they come under this label."""

    def join(
        self,
        room: bytes,
        participant: bytes,
        label: bytes,
        offer: str,
        muted: tuple[bool, bool, bool],
    ) -> int:
        """Put a participant into a room."""

    def leave(self, participant: bytes) -> None:
        """Take a participant out."""

    def watch(self, participant: bytes, slots: list[tuple[int, bytes, int, int]]) -> None:
        """Say all that a page shows."""

    def set_muted(self, participant: bytes, track: int, muted: bool) -> None:  # noqa: FBT001  the core's
        """Stop or resume forwarding a track."""

    def participant_quality(self, participant: bytes) -> DeviceQuality:
        """Return how the hop to a device does."""

    def counters(self) -> dict[str, int | float]:
        """Return the engine's counters."""

    def stop(self) -> None:
        """End all threads."""


def is_about(error: _core.CoreError, what: str) -> bool:
    """Say whether an engine's refusal is of one kind, whichever of its parts refused."""
    return error.code.rpartition(".")[2] == what


class Feed:
    """Takes the engine's events to their subscribers, in order. Runs on the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._subscribers: dict[type[Event], list[Callable[[object], Awaitable[None]]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def subscribe(self, kind: type[E], subscriber: Callable[[E], Awaitable[None]]) -> None:
        """Call ``subscriber`` with every event of one kind."""
        self._subscribers.setdefault(kind, []).append(subscriber)  # type: ignore[arg-type]

    def start(self) -> None:
        """Begin to watch the engine's event file descriptor."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._engine.event_fd, self._ready.set)
        self._task = loop.create_task(self._run(), name="engine-feed")

    async def stop(self) -> None:
        """Stop watching; events that come later are left in the engine."""
        if self._task is None:
            return
        asyncio.get_running_loop().remove_reader(self._engine.event_fd)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def deliver(self) -> int:
        """Deliver what has happened so far; return how many events that were."""
        events = self._engine.drain()
        for event in events:
            for subscriber in self._subscribers.get(type(event), ()):
                await self._call(subscriber, event)
        return len(events)

    async def _run(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            # Pages and requests get their turn between two batches.
            while await self.deliver():  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def _call(self, subscriber: Callable[[object], Awaitable[None]], event: Event) -> None:
        try:
            await subscriber(event)
        except Exception:  # noqa: BLE001  one bad event must not stop those behind it
            log.error("engine event failed", kind=type(event).__name__, exc_info=True)
