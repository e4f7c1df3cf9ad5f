"""As much of the NATS protocol as a publisher and a subscriber need, without waiting.

The protocol is lines of text with counted payloads between them; see NATS's own reference, "Client
Protocol". A program asks by publishing with an inbox of its own as the place for the answer.
"""

from __future__ import annotations

import json
import secrets
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from record_peers.sides import PeerFailedError

_END: Final = b"\r\n"
_READ_BYTES: Final = 1 << 18
_ANSWER_S_MAX: Final = 20.0
Json = dict[str, Any]


class Link:
    """One connection to a NATS server; by turns it sends what waits and takes what arrived."""

    def __init__(self, made: socket.socket) -> None:
        """Greet the server, and subscribe to the three places of an inbox of this link alone.

        Servers that are joined share what is subscribed to: with one inbox for both sides, all that
        the far one delivers would cross the wire again.

        Raises:
            PeerFailedError: it does not answer the greeting.
        """
        self.socket = made
        self.inbox = f"_INBOX.{secrets.token_hex(8)}"
        self._out = bytearray()
        self._in = bytearray()
        self._asked = 0
        made.settimeout(0)
        greeting = json.dumps({"verbose": False, "pedantic": False, "headers": True})
        self._out += b"CONNECT " + greeting.encode() + _END
        # A consumer delivers only where its very subject is subscribed to, not to a wildcard.
        for number, place in enumerate(("answer.>", "taken.>", "seen")):
            self._out += f"SUB {self.inbox}.{place} {number}".encode() + _END

    @property
    def wants_to_write(self) -> bool:
        """Whether something waits to go out."""
        return bool(self._out)

    def publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Queue a payload; `turn` sends it."""
        self._out += f"PUB {subject} {reply} {len(payload)}".encode() + _END + payload + _END

    def turn(self) -> list[tuple[str, bytes]]:
        """Send and receive what goes without waiting; return what arrived, with its subjects.

        Raises:
            PeerFailedError: the server hung up or refused something.
        """
        if self._out:
            with suppress(BlockingIOError):
                del self._out[: self.socket.send(self._out)]
        try:
            got = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        if not got:
            raise PeerFailedError("the NATS server hung up")
        self._in += got
        return list(self._taken())

    def ask(self, subject: str, body: Json) -> Json:
        """Ask the JetStream API and wait for its answer.

        Raises:
            PeerFailedError: it refused, or did not answer.
        """
        self._asked += 1
        inbox = f"{self.inbox}.answer.{self._asked}"
        self.publish(subject, json.dumps(body).encode() if body else b"", inbox)
        give_up = time.monotonic() + _ANSWER_S_MAX
        while time.monotonic() < give_up:
            for where, payload in self.wait(0.1):
                if where == inbox:
                    told: Json = json.loads(payload or b'{"error":"nobody answers"}')
                    if "error" in told:
                        raise PeerFailedError(f"{subject}: {told['error']}")
                    return told
        raise PeerFailedError(f"{subject}: no answer")

    def wait(self, seconds: float) -> list[tuple[str, bytes]]:
        """Wait until something can be read or written, and take a turn."""
        with selectors.DefaultSelector() as selector:
            writing = selectors.EVENT_WRITE if self._out else 0
            selector.register(self.socket, selectors.EVENT_READ | writing)
            selector.select(seconds)
        return self.turn()

    def _taken(self) -> Iterator[tuple[str, bytes]]:
        """Take whole pieces off the front of what came in."""
        at = 0
        while (end := self._in.find(_END, at)) >= 0:
            words = self._in[at:end].decode().split(" ")
            verb = words[0].upper()
            if verb in {"MSG", "HMSG"}:
                size = int(words[-1])
                if len(self._in) < end + 2 + size + 2:
                    break
                headers = int(words[-2]) if verb == "HMSG" else 0
                yield words[1], bytes(self._in[end + 2 + headers : end + 2 + size])
                end += 2 + size
            elif verb == "PING":
                self._out += b"PONG" + _END
            elif verb == "-ERR":
                raise PeerFailedError(" ".join(words))
            at = end + 2
        del self._in[:at]
