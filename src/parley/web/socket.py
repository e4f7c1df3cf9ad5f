"""One WebSocket: a bounded queue out, a bounded rate in, an end that is always told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from parley.clock import Clock
from parley.config import LimitSettings
from parley.errors import RequestMalformed, TooManyRequests

QUEUE_MAX: Final = 256
"""Frames that may wait for a slow page. More uses memory for what will be stale when it comes."""
BURST_S: Final = 5
"""Seconds' worth of frames a page may send at once, after a pause."""
NORMAL: Final = 1_000
TOO_SLOW: Final = 1_013
TOO_MUCH: Final = 1_008
TOO_LARGE: Final = 1_009


class PageSocket:
    """A page's WebSocket. Used from one task for reading; frames may be posted from anywhere."""

    def __init__(self, socket: WebSocket, limits: LimitSettings, clock: Clock) -> None:
        self._socket = socket
        self._limits = limits
        self._clock = clock
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE_MAX)
        self._writer: asyncio.Task[None] | None = None
        self._close_code = NORMAL
        self._left = float(limits.frames_per_second * BURST_S)
        self._at = clock.monotonic()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Accept the WebSocket, and close it at the end whatever happened."""
        await self._socket.accept()
        self._writer = asyncio.create_task(self._write(), name="socket-writer")
        try:
            yield
        finally:
            await self._finish()

    def post(self, encoded: bytes) -> None:
        """Send a frame when the page can take it; a page that is too slow is closed."""
        try:
            self._queue.put_nowait(encoded)
        except asyncio.QueueFull:
            self.end(TOO_SLOW)

    def send(self, frame: msgspec.Struct) -> None:
        """Encode and send a frame."""
        self.post(msgspec.json.encode(frame))

    def end(self, code: int = NORMAL) -> None:
        """Close after what is queued; at once when the queue is full."""
        self._close_code = code
        try:
            self._queue.put_nowait(None)
        except asyncio.QueueFull:
            if self._writer is not None:
                self._writer.cancel()

    async def receive(self) -> bytes:
        """Return the next frame of the page.

        Raises:
            WebSocketDisconnect: the page is gone.
            RequestMalformed: the frame is too large.
            TooManyRequests: the page sends more frames than it may.
        """
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", NORMAL))
        text = event.get("text")
        frame = text.encode("utf-8", "surrogatepass") if text is not None else event["bytes"]
        if len(frame) > self._limits.frame_bytes:
            self._close_code = TOO_LARGE
            raise RequestMalformed(field="frame")
        self._spend()
        return bytes(frame)

    def _spend(self) -> None:
        per_second = self._limits.frames_per_second
        now = self._clock.monotonic()
        refilled = self._left + (now - self._at) * per_second
        self._left, self._at = min(float(per_second * BURST_S), refilled), now
        if self._left < 1:
            self._close_code = TOO_MUCH
            raise TooManyRequests(retry_after_s=1)
        self._left -= 1

    async def _write(self) -> None:
        """Be the writer task."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            while (encoded := await self._queue.get()) is not None:
                await self._socket.send_text(encoded.decode("utf-8"))
            await self._socket.close(self._close_code)

    async def _finish(self) -> None:
        self.end(self._close_code)
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        if self._socket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
                await self._socket.close(self._close_code)
