"""The web port: who is let in, who has to go, and what is known of each connection.

uvicorn has one limit for everybody, and answers 503 beyond it. So connections are counted where
they come in, before TLS and before anything is read, and :mod:`parley.web.strangers` says who goes
for a newcomer. asyncio takes connections by the listening socket's ``accept``; ours does that.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from starlette.types import Scope
from typing_extensions import override

from parley.clock import Clock
from parley.config import LimitSettings, Settings
from parley.telemetry import Metrics
from parley.web.strangers import StrangerLimits, Strangers, source_of

ACCEPTS_IN_A_ROW: Final = 8
"""Connections taken before others have a turn. What a newcomer has sent along is read a few turns
after it was taken: more may let it go unheard for those that were taken meanwhile, fewer takes
longer to get to it."""
OTHERS: Final = 512
"""Descriptors for all that is no browser: database, files, lines, rooms."""
IPV4: Final = 4
_STATE: Final = "stranger"


class StrangerSocket(socket.socket):
    """One connection to the port, until it is closed."""

    port: "WebPort"
    is_proxy: bool
    """Whether it comes from a proxy that says for whom."""
    transport: asyncio.Transport | None = None
    _timer: asyncio.TimerHandle | None = None

    def expect(self, seconds: float) -> None:
        """End it unless a protocol takes it in time: until then its TLS says nothing whole."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self._give_up)

    def met(self, transport: asyncio.Transport) -> None:
        """Note that a protocol has taken it."""
        self._stop_waiting()
        self.transport = transport

    def end(self) -> None:
        """Close it at once, whatever is under way."""
        if self.transport is not None:
            self.transport.abort()
            return
        with contextlib.suppress(OSError):
            # Whoever reads it next sees its end.
            self.shutdown(socket.SHUT_RDWR)

    @override
    def close(self) -> None:
        self._stop_waiting()
        self.port.leave(self)
        super().close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self.port.count_end("handshake")
        self.end()


class StrangerListener(socket.socket):
    """The listening socket, whose connections are counted."""

    port: "WebPort"
    _in_a_row = 0

    @override
    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection.

        Raises:
            BlockingIOError: there is none, or it is the turn of others.
        """
        self._in_a_row += 1
        if self._in_a_row > ACCEPTS_IN_A_ROW:
            self._in_a_row = 0
            raise BlockingIOError
        try:
            taken, address = super().accept()
        except OSError:
            self._in_a_row = 0
            raise
        kind = taken.family, taken.type, taken.proto
        return self.port.take(
            StrangerSocket(*kind, fileno=taken.detach()), str(address[0])
        ), address


class WebPort:
    """The places at one node's web port. Owned by the event loop's thread."""

    def __init__(self, settings: Settings, clock: Clock, metrics: Metrics) -> None:
        """Begin with all places free."""
        limits = settings.limits
        self._limits = limits
        self._proxies = frozenset(proxies_of(settings))
        self._clock = clock
        self._metrics = metrics
        self._strangers: Strangers[StrangerSocket] = Strangers(
            StrangerLimits(limits.strangers, limits.strangers_per_source, limits.sockets)
        )
        self._open: dict[int, StrangerSocket] = {}
        metrics.add_source(self._figures)

    @property
    def is_flooded(self) -> bool:
        """Whether so many connections come that others have to go."""
        return self._strangers.is_flooded(self._clock.monotonic())

    def listen(self, family: int) -> StrangerListener:
        """Return a socket to listen with."""
        listener = StrangerListener(family, socket.SOCK_STREAM)
        listener.port = self
        return listener

    def take(self, taken: StrangerSocket, address: str) -> StrangerSocket:
        """Give a connection a place."""
        taken.port = self
        taken.is_proxy = address in self._proxies
        self._open[taken.fileno()] = taken
        taken.expect(self._limits.request_s)
        self._place(taken, address)
        return taken

    def find(self, transport: asyncio.Transport) -> StrangerSocket | None:
        """Return the connection below a transport, None if it did not come by this port."""
        below = transport.get_extra_info("socket")
        return None if below is None else self._open.get(below.fileno())

    def note(self, stranger: StrangerSocket, *, is_busy: bool) -> None:
        """Note that a connection is being answered, or asks nothing any more."""
        self._strangers.note(stranger, self._clock.monotonic(), is_busy=is_busy)

    def keep(self, stranger: StrangerSocket) -> None:
        """Keep a connection's place: somebody is signed in on it."""
        self._strangers.keep(stranger)

    def name_source(self, stranger: StrangerSocket, address: str) -> None:
        """Note for whom a proxy asks; whoever asked on that connection before says nothing."""
        if stranger.is_proxy and stranger.fileno() in self._open:
            self._place(stranger, address)
            self.note(stranger, is_busy=True)

    def leave(self, stranger: StrangerSocket) -> None:
        """Forget a connection that is being closed."""
        self._open.pop(stranger.fileno(), None)
        self._strangers.leave(stranger)

    def count_end(self, why: str) -> None:
        """Count a connection that was ended."""
        self._metrics.web_ended.labels(why).inc()

    def _place(self, stranger: StrangerSocket, address: str) -> None:
        evicted = self._strangers.arrive(
            stranger,
            source_of(address),
            self._clock.monotonic(),
            is_crowd=address in self._proxies,
        )
        if evicted is not None:
            self.count_end(evicted.why.value)
            evicted.who.end()

    def _figures(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "parley_web_connections", "Connections to the web port.", labels=["kind"]
        )
        family.add_metric(["stranger"], self._strangers.count)
        family.add_metric(["signed_in"], self._strangers.kept_count)
        yield family


def state_of(stranger: StrangerSocket) -> dict[str, Any]:
    """Return what each request of a connection carries, for :func:`keep_place`."""
    return {_STATE: stranger}


def keep_place(scope: Scope) -> None:
    """Keep the place of the connection that a request or WebSocket came by: it is signed in."""
    stranger = _stranger_of(scope)
    if stranger is not None:
        stranger.port.keep(stranger)


def name_source(scope: Scope) -> None:
    """Note where a request comes from, where a proxy that is trusted says so."""
    stranger = _stranger_of(scope)
    if stranger is not None and scope.get("client"):
        stranger.port.name_source(stranger, scope["client"][0])


def proxies_of(settings: Settings) -> list[str]:
    """Return the addresses of the proxies that are believed, as a socket may give them.

    One that listens on IPv6 gives those of IPv4 in its own form.
    """
    found = []
    for address in settings.web.proxies:
        found.append(address)
        if ipaddress.ip_address(address).version == IPV4:
            found.append(f"::ffff:{address}")
    return found


def descriptors_needed(limits: LimitSettings) -> int:
    """Return how many descriptors a node may come to need."""
    return limits.sockets + limits.strangers + OTHERS


def _stranger_of(scope: Scope) -> StrangerSocket | None:
    found = scope.get("state", {}).get(_STATE)
    return found if isinstance(found, StrangerSocket) else None
