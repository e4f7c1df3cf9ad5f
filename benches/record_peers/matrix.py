"""As much of the Matrix client-server API as a writer and a reader need."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from typing_extensions import override

from record_peers.sides import PeerFailedError, Side

_API: Final = "/_matrix/client/v3"
_ANSWER_S_MAX: Final = 60.0
#: How long one question for what is new may wait; the bench looks at its own clock in between.
_POLL_MS: Final = 500
#: More events than any phase has.
_ALL: Final = 10_000
_PAGE: Final = 1_000
Json = dict[str, Any]
#: Spares the server what a page would ask for beside the texts.
_TEXTS_ONLY: Final = json.dumps(
    {
        "presence": {"types": []},
        "account_data": {"types": []},
        "room": {
            "timeline": {"limit": _ALL},
            "state": {"types": []},
            "ephemeral": {"types": []},
            "account_data": {"types": []},
        },
    }
)


class Door(HTTPConnection):
    """One connection to a server on a side's loopback, kept open."""

    def __init__(self, side: Side, port: int) -> None:
        """Name the way in; it is opened when it is first used."""
        super().__init__("127.0.0.1", port, timeout=_ANSWER_S_MAX)
        self.side = side
        self.side_port = port

    @override
    def connect(self) -> None:
        self.sock: socket.socket = self.side.connect(self.side_port, _ANSWER_S_MAX)

    def another(self) -> Door:
        """Return another connection to the same server."""
        return Door(self.side, self.side_port)

    def ask(self, method: str, path: str, body: Json | None, token: str) -> Json:
        """Return the answer to one request.

        Raises:
            PeerFailedError: it was refused.
        """
        words = {"Authorization": f"Bearer {token}"} if token else {}
        content = None if body is None else json.dumps(body)
        self.request(method, path, content, {"Content-Type": "application/json", **words})
        answer = self.getresponse()
        told: Json = json.loads(answer.read())
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise PeerFailedError(f"{method} {path.partition('?')[0]}: {answer.status} {told}")
        return told

    def __enter__(self) -> Self:
        """Use it for one block."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Close it."""
        self.close()


@dataclass(frozen=True)
class Account:
    """Somebody on one server, through one connection."""

    door: Door
    token: str

    @classmethod
    def registered(cls, door: Door, name: str, secret: str) -> Self:
        """Register somebody with the secret that the server's own operator has."""
        path = "/_synapse/admin/v1/register"
        nonce = door.ask("GET", path, None, "")["nonce"]
        words = f"{nonce}\0{name}\0{secret}\0notadmin"
        mac = hmac.new(secret.encode(), words.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": secret, "admin": False, "mac": mac}
        return cls(door, door.ask("POST", path, body, "")["access_token"])

    def again(self) -> Account:
        """Return the same person on another connection."""
        return Account(self.door.another(), self.token)

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """Ask the server as this person."""
        return self.door.ask(method, path, body, self.token)

    def create_room(self) -> str:
        """Create a room that anybody may join and return its id."""
        room: str = self.ask("POST", f"{_API}/createRoom", {"preset": "public_chat"})["room_id"]
        return room

    def join(self, room: str, through: str) -> None:
        """Join another server's room."""
        where = urlencode({"server_name": through, "via": through})
        self.ask("POST", f"{_API}/join/{quote(room)}?{where}", {})

    def send(self, room: str, number: int, text: str) -> None:
        """Send a text; its number goes in front."""
        body = {"msgtype": "m.text", "body": f"{number} {text}"}
        self.ask("PUT", f"{_API}/rooms/{quote(room)}/send/m.room.message/{number}", body)

    def synced(self, room: str, since: str | None) -> tuple[str, list[int], bool]:
        """Ask what is new in a room.

        Returns:
            The place to go on from, the numbers of the texts that are new, and whether the server
            left some out.
        """
        asked: dict[str, str | int] = {"filter": _TEXTS_ONLY, "timeout": _POLL_MS}
        if since is not None:
            asked["since"] = since
        told = self.ask("GET", f"{_API}/sync?{urlencode(asked)}")
        timeline = told.get("rooms", {}).get("join", {}).get(room, {}).get("timeline", {})
        is_limited = bool(timeline.get("limited")) and since is not None
        return told["next_batch"], list(_numbers(timeline.get("events", []))), is_limited

    def listed(self, room: str) -> set[int]:
        """Return the numbers of all texts that the server finds when asked page by page."""
        found: set[int] = set()
        asked: dict[str, str | int] = {"dir": "b", "limit": _PAGE}
        while True:
            told = self.ask("GET", f"{_API}/rooms/{quote(room)}/messages?{urlencode(asked)}")
            found.update(_numbers(told["chunk"]))
            if "end" not in told:
                return found
            asked["from"] = told["end"]


def _numbers(events: list[Json]) -> Iterator[int]:
    for event in events:
        if event["type"] == "m.room.message":
            yield int(event["content"]["body"].partition(" ")[0])
