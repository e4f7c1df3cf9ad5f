"""Looks at every request before any route does: name, origin, size, speed, number."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from parley.clock import Clock
from parley.config import LimitSettings
from parley.errors import (
    BodyTooLarge,
    HostRefused,
    OriginRefused,
    ParleyError,
    RequestMalformed,
    RequestTooSlow,
    TooManyRequests,
    WebFault,
)
from parley.telemetry import Metrics, log
from parley.web.parts import are_secure, host_header_of
from parley.web.port import name_source
from parley.web.problems import problem
from parley.web.security_log import SecurityLog
from parley.web.strangers import source_of

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SOURCES_MAX: Final = 10_000
"""Sources whose requests are counted apart; more are counted together."""
SWEEP_S: Final = 1.0
"""Seconds between two looks for sources that need not be counted any more: a few milliseconds."""
HEAD_BYTES_MAX: Final = 16_384
"""Largest request head. A browser with our one cookie sends about 1,000 bytes."""
MINUTE_S: Final = 60.0
_ANY_SOURCE: Final = "*"
ATTACHMENTS: Final = "/api/record/attachments"
"""Where files are put: larger than any other body, read as they come and never held whole."""
_SIGNING_IN: Final = ("/sign-in/", "/api/sign-in/")
HEADERS: Final[Mapping[str, str]] = {
    # What is for one person is kept by nobody between; files of the interface say otherwise.
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": (
        "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), "
        "autoplay=(self), fullscreen=(self), geolocation=(), payment=(), usb=()"
    ),
}
STRICT_TRANSPORT: Final = "max-age=31536000; includeSubDomains"


@dataclass(slots=True)
class _Bucket:
    """Requests one source may still make; refills evenly over a minute."""

    left: float
    at: float


def waiting(seconds: float) -> asyncio.Timeout:
    """Return how long a part of a request is waited for."""
    return asyncio.timeout(seconds)


class Gatekeeper:
    """ASGI middleware around the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: LimitSettings,
        origins: Iterable[str],
        clock: Clock,
        metrics: Metrics,
        security: SecurityLog,
    ) -> None:
        """Guard ``app`` for pages of ``origins``."""
        self._app = app
        self._limits = limits
        self._origins = frozenset(origins)
        self._hosts = frozenset(host_header_of(origin) for origin in self._origins)
        self._is_secure = are_secure(self._origins)
        self._clock = clock
        self._metrics = metrics
        self._security = security
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._swept_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        name_source(scope)
        try:
            self._check(scope)
        except ParleyError as error:
            await self._refuse(error, scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await self._answer(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        if _head_bytes(scope) > HEAD_BYTES_MAX:
            # The listener bounds a head that comes in parts; one that comes whole gets here.
            raise RequestMalformed(field="head")
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            raise HostRefused
        is_socket = scope["type"] == "websocket"
        if (is_socket or scope["method"] not in SAFE_METHODS) and (
            headers.get("origin", "").lower() not in self._origins
        ):
            raise OriginRefused
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise RequestMalformed(field="content-length")
        most = self._most(scope)
        if int(length) > most:
            raise BodyTooLarge(bytes_max=most)
        self._spend(scope, "all", self._limits.requests_per_minute)
        if scope["path"] == "/sign-in" or scope["path"].startswith(_SIGNING_IN):
            self._spend(scope, "sign-in", self._limits.sign_ins_per_minute)

    def _most(self, scope: Scope) -> int:
        """Return how many bytes a request's body may have."""
        if scope["path"] == ATTACHMENTS and scope.get("method") == "POST":
            return self._limits.attachment_bytes
        return self._limits.body_bytes

    async def _body(self, scope: Scope, receive: Receive) -> Receive:
        """Return a way to read the body: a file's as it comes, any other one whole."""
        if not _has_body(scope):
            return receive
        most = self._most(scope)
        if most == self._limits.body_bytes:
            return await read_whole(receive, self._limits)
        return _counted(receive, most)

    def _spend(self, scope: Scope, purse: str, per_minute: int) -> None:
        """Take one request from a source's purse."""
        source = source_of(scope["client"][0]) if scope.get("client") else _ANY_SOURCE
        now = self._clock.monotonic()
        if (purse, source) not in self._buckets and not self._has_room(now):
            source = _ANY_SOURCE
        bucket = self._buckets.setdefault((purse, source), _Bucket(per_minute, now))
        refilled = bucket.left + (now - bucket.at) * per_minute / MINUTE_S
        bucket.left, bucket.at = min(float(per_minute), refilled), now
        if bucket.left < 1:
            raise TooManyRequests(retry_after_s=max(1, round(MINUTE_S / per_minute)))
        bucket.left -= 1

    def _has_room(self, now: float) -> bool:
        """Say whether one more source can be counted apart."""
        if len(self._buckets) >= SOURCES_MAX and now >= self._swept_at + SWEEP_S:
            self._swept_at = now
            # Whoever asked nothing for a minute has a full purse again: as good as none.
            kept = {key: each for key, each in self._buckets.items() if now < each.at + MINUTE_S}
            self._buckets = kept
        return len(self._buckets) < SOURCES_MAX

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False
        state = scope.setdefault("state", {})

        async def sending(event: Event) -> None:
            nonlocal has_started
            if event["type"] == "http.response.start":
                has_started = True
                self._finish(scope, event)
                # A route that sets or deletes the cookie itself has the last word.
                headers = MutableHeaders(scope=event)
                if "set_cookie" in state and "set-cookie" not in headers:
                    headers.append("set-cookie", state["set_cookie"])
            await send(event)

        try:
            body = await self._body(scope, receive)
            await self._app(scope, body, sending)
        except ParleyError as error:
            if has_started:
                raise
            await self._refuse(error, scope, receive, send)
        except Exception:  # noqa: BLE001  nothing of a fault of ours may reach the page
            log.error("request failed", route=scope.get("route_path", ""), exc_info=True)
            if not has_started:
                await self._refuse(WebFault(), scope, receive, send)

    def _finish(self, scope: Scope, event: Event) -> None:
        """Add what every answer carries."""
        headers = MutableHeaders(scope=event)
        host = Headers(scope=scope).get("host", "").lower()
        is_secure = self._is_secure or scope.get("scheme") in {"https", "wss"}
        said = protective_headers(host if host in self._hosts else "", is_secure=is_secure)
        for name, value in said.items():
            headers.setdefault(name, value)
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(route, str(event["status"])).inc()

    async def _refuse(self, error: ParleyError, scope: Scope, receive: Receive, send: Send) -> None:
        self._security.refused(error, scope)
        if isinstance(error, RequestTooSlow):
            self._metrics.web_ended.labels("body").inc()

        async def sending(event: Event) -> None:
            if event["type"].endswith("http.response.start"):
                self._finish(scope, event)
            await send(event)

        is_told = "websocket.http.response" in (scope.get("extensions") or {})
        if scope["type"] == "websocket" and not is_told:
            # Refused before it is accepted: the browser's handshake fails.
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": error.code})
            return
        await problem(error)(scope, receive, sending)


async def read_whole(receive: Receive, limits: LimitSettings) -> Receive:
    """Read a request's body, bounded in size and time, and return a way to read it again.

    Raises:
        BodyTooLarge: it is larger than the settings allow.
        RequestTooSlow: it is not complete in time.
    """
    body = bytearray()
    try:
        async with waiting(limits.request_s):
            while True:
                event = await receive()
                body += event.get("body", b"")
                if len(body) > limits.body_bytes:
                    raise BodyTooLarge(bytes_max=limits.body_bytes)
                if not event.get("more_body", False):
                    break
    except TimeoutError as error:
        raise RequestTooSlow(seconds_max=limits.request_s) from error
    whole: list[Event] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

    async def again() -> Event:
        return whole.pop() if whole else await receive()

    return again


def _counted(receive: Receive, bytes_max: int) -> Receive:
    """Return a way to read a body as it comes, up to a bound."""
    left = bytes_max

    async def counted() -> Event:
        nonlocal left
        event = await receive()
        left -= len(event.get("body", b""))
        if left < 0:
            raise BodyTooLarge(bytes_max=bytes_max)
        return event

    return counted


def _head_bytes(scope: Scope) -> int:
    lines = sum(len(name) + len(value) for name, value in scope["headers"])
    return lines + len(scope["raw_path"]) + len(scope["query_string"])


def _has_body(scope: Scope) -> bool:
    return scope["method"] not in SAFE_METHODS


def protective_headers(host: str, *, is_secure: bool) -> dict[str, str]:
    """Return what every answer carries.

    Args:
        host: by which name the node was asked, if that name is ours.
        is_secure: whether pages come by https.
    """
    said = {**HEADERS, "content-security-policy": content_policy(host)}
    if is_secure:
        said["strict-transport-security"] = STRICT_TRANSPORT
    return said


def content_policy(host: str) -> str:
    """Return the content security policy for a page; everything comes from this node.

    Older Safari does not count ``ws:`` as ``'self'``, so a host that was checked is named.
    """
    sockets = f" ws://{host} wss://{host}" if host else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "worker-src 'self'",
            f"connect-src 'self'{sockets}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
