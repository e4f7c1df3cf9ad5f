"""The web application on a port: uvicorn, with a limit on how long a request's head may take."""

import asyncio
import base64
import contextlib
import socket
import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Final

import h11
import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from parley.config import Settings
from parley.config.kinds import split_address
from parley.errors import (
    InsecureListening,
    ParleyError,
    PortTaken,
    RequestMalformed,
    RequestTooSlow,
    SettingsBadValue,
)
from parley.exhaustion import raise_descriptors
from parley.telemetry import Metrics, log
from parley.web.gatekeeper import HEAD_BYTES_MAX, protective_headers
from parley.web.port import StrangerSocket, WebPort, descriptors_needed, proxies_of, state_of
from parley.web.problems import problem

GRACEFUL_S: Final = 3
"""Seconds open requests may take to finish at a stop; a restart is to take less than five."""
TLS_1_2_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For what does not speak TLS 1.3 yet: a fresh key each time, and encryption that authenticates."""
HANDSHAKE_KEY_BYTES: Final = 16
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits only so long for a request's head, against ones that trickle in.

    It tells the port whether it is being asked something, and what it ended.
    """

    port: ClassVar[WebPort]
    metrics: ClassVar[Metrics]
    head_s: float = 10.0
    _stranger: StrangerSocket | None = None
    _head_timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._stranger = self.port.find(transport)
        if self._stranger is not None:
            self._stranger.met(transport)
            self.app_state = {**self.app_state, **state_of(self._stranger)}
        self._expect_head()

    @override
    def data_received(self, data: bytes) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        is_answered = cycle is None or cycle.response_complete
        if is_answered and self._head_timer is None:
            self._expect_head()
        super().data_received(data)
        if self.cycle is not cycle:
            self._stop_waiting()
            self._note()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._note()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(RequestMalformed(field="head"))
        self.transport.close()

    @override
    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        if not _is_handshake(event):
            self.send_400_response("")
            return
        super().handle_websocket_upgrade(event)
        # Until it has been looked at who asks: a moment.
        self._tell(is_busy=True)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        # A WebSocket has taken the transport over; its own pings watch it.
        # A transport that is closed no longer knows its protocol.
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        # A browser may connect ahead of what it wants: whoever has said nothing is told nothing.
        has_begun = self.conn.our_state is h11.IDLE and bool(self.conn.trailing_data[0])
        self.port.count_end("head" if has_begun else "silent")
        if has_begun:
            self._refuse(RequestTooSlow(seconds_max=round(self.head_s)))
        self.transport.close()

    def _refuse(self, error: ParleyError) -> None:
        """Answer what no application is asked for, as guarded as all that one answers."""
        self.metrics.refusals.labels(error.code).inc()
        answer = problem(error)
        said = protective_headers("", is_secure=self.scheme == "https")
        for name, value in {**said, "connection": "close"}.items():
            answer.headers.setdefault(name, value)
        head = h11.Response(status_code=answer.status_code, headers=answer.raw_headers)
        for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")

    def _note(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        self._tell(is_busy=cycle is not None and not cycle.response_complete)

    def _tell(self, *, is_busy: bool) -> None:
        if self._stranger is not None:
            self.port.note(self._stranger, is_busy=is_busy)


def _is_handshake(event: h11.Request) -> bool:
    """Say whether a request opens a WebSocket as RFC 6455 §4.2.1 wants it."""
    keys = [value for name, value in event.headers if name == b"sec-websocket-key"]
    versions = [value for name, value in event.headers if name == b"sec-websocket-version"]
    try:
        sizes = [len(base64.b64decode(key, validate=True)) for key in keys]
    except ValueError:
        return False
    return event.method == b"GET" and sizes == [HANDSHAKE_KEY_BYTES] and versions == [b"13"]


class _Listener(uvicorn.Server):
    """uvicorn without its own signal handling: the node has one of its own."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebListener:
    """The node's web port."""

    def __init__(self, app: ASGIApp, settings: Settings, port: WebPort, metrics: Metrics) -> None:
        """Prepare to serve ``app``; nothing is opened yet.

        Raises:
            InsecureListening: plain HTTP beyond the loopback.
        """
        check_listening(settings)
        web, limits = settings.web, settings.limits
        chosen = {"head_s": float(limits.request_s), "port": port, "metrics": metrics}
        protocol = type("Protocol", (PatientProtocol,), chosen)
        self._address, self._port = web.listen, port
        self._descriptors = descriptors_needed(limits)
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="websockets-sansio",
            ws_max_size=limits.frame_bytes,
            ws_ping_interval=10.0,
            ws_ping_timeout=10.0,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            # Only what these say of whom they ask for is believed.
            proxy_headers=bool(web.proxies),
            forwarded_allow_ips=proxies_of(settings),
            server_header=False,
            timeout_keep_alive=limits.idle_s,
            timeout_graceful_shutdown=GRACEFUL_S,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            ssl_certfile=settings.path(web.certificate) if web.certificate else None,
            ssl_keyfile=settings.path(web.key) if web.key else None,
            ssl_ciphers=TLS_1_2_CIPHERS,
        )
        try:
            config.load()
        except (OSError, ssl.SSLError) as error:
            raise SettingsBadValue(
                file=str(settings.folder),
                key="web.certificate",
                allowed="readable PEM files that belong together",
            ) from error
        self._listener = _Listener(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the port and begin to answer.

        Raises:
            PortTaken: another program listens there.
        """
        may_open = raise_descriptors(self._descriptors)
        if may_open < self._descriptors:
            log.warning("few descriptors", allowed=may_open, needed=self._descriptors)
        listening = _listen(self._address, self._port)
        self._task = asyncio.create_task(self._listener.serve([listening]), name="web")
        while not self._listener.started and not self._task.done():  # noqa: ASYNC110  uvicorn's flag
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Finish open requests, close WebSockets, close the port."""
        if self._task is None:
            return
        self._listener.should_exit = True
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None


def check_listening(settings: Settings) -> None:
    """Refuse plain HTTP where other machines could read it.

    Raises:
        InsecureListening: neither on the loopback nor with a certificate.
    """
    host, _ = split_address(settings.web.listen)
    if host not in LOOPBACK_HOSTS and not (settings.web.certificate and settings.web.key):
        raise InsecureListening(address=settings.web.listen)


def origins(settings: Settings) -> frozenset[str]:
    """Return the origins of this node's own pages."""
    if settings.web.origins:
        return frozenset(settings.web.origins)
    host, port = split_address(settings.web.listen)
    scheme = "https" if settings.web.certificate else "http"
    shown = f"[{host}]" if ":" in host else host
    hosts = {shown, "localhost"} if host in LOOPBACK_HOSTS else {shown}
    return frozenset(f"{scheme}://{name}:{port}" for name in hosts)


def first_origin(settings: Settings) -> str:
    """Return the address people open."""
    known = settings.web.origins or tuple(sorted(origins(settings)))
    return known[0]


def _listen(address: str, port_kept: WebPort) -> socket.socket:
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = port_kept.listen(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortTaken(address=address) from error
    listening.setblocking(False)  # noqa: FBT003  the standard library's
    return listening


def certificate_files(settings: Settings) -> Iterable[Path]:
    """Return the files of the certificate, if there is one."""
    web = settings.web
    return [settings.path(name) for name in (web.certificate, web.key) if name]
