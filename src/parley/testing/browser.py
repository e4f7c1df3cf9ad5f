"""A browser for tests: speaks ASGI to a node's application in the same event loop."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  JSON
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a problem document."""
        return str(self.json["code"])


class Page:
    """One WebSocket of a page."""

    def __init__(self) -> None:
        """Use :meth:`Browser.page`."""
        self.to_node: asyncio.Queue[Message] = asyncio.Queue()
        self.from_node: asyncio.Queue[Message] = asyncio.Queue()
        self.close_code: int | None = None
        self.is_accepted = False

    async def send(self, frame: object) -> None:
        """Send a frame as JSON."""
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        """Send text as it is."""
        await self.to_node.put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, content: bytes) -> None:
        """Send a binary frame."""
        await self.to_node.put({"type": "websocket.receive", "bytes": content})

    async def receive(self) -> Any:  # noqa: ANN401  JSON
        """Return the next frame; None once the node has closed."""
        if self.close_code is not None:
            return None
        event = await self.from_node.get()
        if event["type"] == "websocket.close":
            self.close_code = event.get("code", 1000)
            return None
        return json.loads(event["text"])

    async def until(self, kind: str) -> Any:  # noqa: ANN401  JSON
        """Return the next frame of one type, passing over others; None once closed."""
        while (frame := await self.receive()) is not None:
            if frame["type"] == kind:
                return frame
        return None


@dataclass(slots=True)
class Browser:
    """A browser with a cookie jar."""

    app: ASGIApp
    origin: str
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"

    async def get(self, path: str, **headers: str) -> Answer:
        """GET an address."""
        return await self.request("GET", path, headers=headers)

    async def post(self, path: str, content: object = None, **headers: str) -> Answer:
        """POST JSON to an address, as a page of the node's own origin does."""
        return await self.request("POST", path, content=content, headers=headers)

    async def patch(self, path: str, content: object) -> Answer:
        """PATCH an address with JSON."""
        return await self.request("PATCH", path, content=content)

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: object = None,
        headers: Mapping[str, str] | None = None,
        chunks: list[bytes] | None = None,
    ) -> Answer:
        """Make any request; a header given as an empty text is left out."""
        body = b"" if content is None else json.dumps(content).encode()
        parts = list(chunks) if chunks is not None else [body]
        base = {"content-type": "application/json"} if content is not None else {}
        if method not in {"GET", "HEAD"}:
            base["origin"] = self.origin
        scope = self._scope("http", path, {**base, **_dashed(headers or {})})
        scope["method"] = method
        events: list[Message] = []

        async def receive() -> Message:
            if parts:
                return {
                    "type": "http.request",
                    "body": parts.pop(0),
                    "more_body": bool(parts),
                }
            await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(event: Message) -> None:
            events.append(event)

        await self.app(scope, receive, send)
        return self._answer(events)

    @asynccontextmanager
    async def page(self, path: str, **headers: str) -> AsyncIterator[Page]:
        """Open a WebSocket; leaving the block closes it as a closed tab does."""
        page = Page()
        scope = self._scope("websocket", path, {"origin": self.origin, **_dashed(headers)})

        async def send(event: Message) -> None:
            if event["type"] == "websocket.accept":
                page.is_accepted = True
            else:
                await page.from_node.put(event)

        await page.to_node.put({"type": "websocket.connect"})
        task = asyncio.create_task(self._run(scope, page, send))
        try:
            yield page
        finally:
            await page.to_node.put({"type": "websocket.disconnect", "code": 1001})
            await task

    async def _run(self, scope: dict[str, Any], page: Page, send: Any) -> None:  # noqa: ANN401  ASGI
        await self.app(scope, page.to_node.get, send)
        await page.from_node.put({"type": "websocket.close", "code": page.close_code or 1000})

    def _scope(self, kind: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        split = urlsplit(path)
        sent = {"host": self.origin.partition("://")[2], **headers}
        if self.cookies:
            pairs = (f"{name}={value}" for name, value in self.cookies.items())
            sent.setdefault("cookie", "; ".join(pairs))
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http" if kind == "http" else "ws",
            "path": unquote(split.path),
            "raw_path": split.path.encode(),
            "query_string": split.query.encode(),
            "root_path": "",
            "headers": [
                (name.encode(), value.encode("latin-1")) for name, value in sent.items() if value
            ],
            "client": (self.address, 40_000),
            "server": ("127.0.0.1", 7480),
            "subprotocols": [],
            "state": {},
        }

    def _answer(self, events: list[Message]) -> Answer:
        start = events[0]
        headers: dict[str, str] = {}
        for name, value in start["headers"]:
            headers[name.decode().lower()] = value.decode("latin-1")
            if name.lower() == b"set-cookie":
                self._keep(value.decode("latin-1"))
        body = b"".join(event.get("body", b"") for event in events[1:])
        return Answer(start["status"], headers, body)

    def _keep(self, cookie: str) -> None:
        name, _, rest = cookie.partition("=")
        value = rest.partition(";")[0].strip('"')
        if not value or "Max-Age=0" in rest:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").lower(): value for name, value in headers.items()}
