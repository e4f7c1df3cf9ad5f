"""A page's WebSocket ends quietly, whoever ends it."""

from typing import Any

import pytest
from starlette.websockets import WebSocket, WebSocketDisconnect

from parley.clock import FakeClock
from parley.config import LimitSettings
from parley.web.socket import QUEUE_MAX, TOO_SLOW, PageSocket


class Wire:
    """What a server gives an application: a page that connects, and is then there or gone."""

    def __init__(self, *, is_gone: bool) -> None:
        self.sent: list[Any] = []
        self.is_gone = is_gone
        self._events = [{"type": "websocket.connect"}, {"type": "websocket.disconnect"}]

    async def receive(self) -> Any:  # noqa: ANN401  ASGI
        """Return what the page does."""
        return self._events.pop(0)

    async def send(self, event: Any) -> None:  # noqa: ANN401  ASGI
        """Take what goes to the page."""
        if self.is_gone and event["type"] != "websocket.accept":
            raise OSError
        self.sent.append(event)


def page_socket(wire: Wire) -> PageSocket:
    """Return a page's socket at a wire."""
    scope = {"type": "websocket", "path": "/api/desk", "headers": []}
    return PageSocket(WebSocket(scope, wire.receive, wire.send), LimitSettings(), FakeClock())


async def test_a_page_that_is_too_slow_is_told_why_it_is_closed() -> None:
    """With the code for that, after nothing that it could not have taken."""
    wire = Wire(is_gone=False)
    socket = page_socket(wire)
    async with socket.open():
        for _ in range(QUEUE_MAX + 1):
            socket.post(b"{}")
    assert wire.sent[-1] == {"type": "websocket.close", "code": TOO_SLOW, "reason": ""}


async def test_a_page_that_was_too_slow_and_is_gone_makes_no_fault() -> None:
    """Its writer was stopped with frames waiting, and nobody is there to be told of the end."""
    wire = Wire(is_gone=True)
    socket = page_socket(wire)
    with pytest.raises(WebSocketDisconnect) as gone:
        await overfilled(socket)
    assert gone.value.code == 1_000
    assert [each["type"] for each in wire.sent] == ["websocket.accept"]


async def overfilled(socket: PageSocket) -> None:
    """Post more than a page may leave waiting, then read what it has to say."""
    async with socket.open():
        for _ in range(QUEUE_MAX + 1):
            socket.post(b"{}")
        await socket.receive()
