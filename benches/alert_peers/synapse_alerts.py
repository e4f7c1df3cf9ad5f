"""One text after the other between two federating Synapse servers, each with its read receipt."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from record_peers.matrix import Account
from record_peers.sides import PeerFailedError, Side, restarted, say
from record_peers.synapse import Room, synapse_room

_API: Final = "/_matrix/client/v3"
_POLL_MS: Final = 5_000
_SEEN_S_MAX: Final = 30.0
_WARM_UP: Final = 3
_NOTHING: Final[dict[str, Any]] = {"types": []}
Samples = dict[str, list[float]]


def measure_synapse(near: Side, far: Side, alerts: int, restarts: int) -> Samples:
    """Return the samples of each figure, by its name without the system's."""
    samples: Samples = {"alerts_lost": [0.0]}
    with (
        synapse_room(near, far) as room,
        _Watching(room.far, room.room, "timeline") as there,
        _Watching(room.near, room.room, "ephemeral") as here,
    ):
        say(f"synapse: {alerts} texts")
        for number in range(-_WARM_UP, alerts):
            _one(room, number, there, here, samples)
        say("synapse: restarts")
        samples["restart_to_ready_ms"] = [
            restarted(far, "synapse", lambda: _is_well(room)) for _ in range(restarts)
        ]
    return samples


def _one(room: Room, number: int, there: _Watching, here: _Watching, samples: Samples) -> None:
    name, content = f"flash{number}", {"msgtype": "m.text", "body": f"Flash {number}"}
    path = f"{_API}/rooms/{quote(room.room)}/send/m.room.message/{name}"
    pressed = time.monotonic()
    event: str = room.near.ask("PUT", path, content)["event_id"]
    sounding = there.saw(event)
    if number < 0:
        return
    if sounding is None:
        samples["alerts_lost"][0] += 1
        return
    samples.setdefault("release_to_sounding_ms", []).append((sounding - pressed) * 1e3)
    pressed = time.monotonic()
    path = f"{_API}/rooms/{quote(room.room)}/receipt/m.read/{quote(event)}"
    room.far.ask("POST", path, {})
    read = here.saw(event)
    if read is not None:
        trip = (read - pressed) * 1e3
        samples.setdefault("acknowledgement_round_trip_ms", []).append(trip)


class _Watching:
    """Somebody who asks without end what is new, and when each event was first shown."""

    def __init__(self, account: Account, room: str, wanted: str) -> None:
        self._account = account.again()
        self._room = room
        self._wanted = wanted
        self._seen: dict[str, float] = {}
        self._news = threading.Condition()
        self._is_over = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._is_over = True

    def saw(self, event: str) -> float | None:
        """Return when an event was shown, None if it was not."""
        with self._news:
            self._news.wait_for(lambda: event in self._seen, _SEEN_S_MAX)
            return self._seen.get(event)

    def _watch(self) -> None:
        wanted = {"timeline": _NOTHING, "state": _NOTHING, "ephemeral": _NOTHING}
        kind = "m.receipt" if self._wanted == "ephemeral" else "m.room.message"
        wanted[self._wanted] = {"types": [kind], "limit": 100}
        chosen = {"presence": _NOTHING, "account_data": _NOTHING, "room": wanted}
        asked: dict[str, str | int] = {"filter": json.dumps(chosen), "timeout": 0}
        while not self._is_over:
            with _forgiven():
                told = self._account.ask("GET", f"{_API}/sync?{urlencode(asked)}")
                asked |= {"since": told["next_batch"], "timeout": _POLL_MS}
                self._take(told)

    def _take(self, told: dict[str, Any]) -> None:
        room = told.get("rooms", {}).get("join", {}).get(self._room, {})
        found: list[str] = []
        for event in room.get(self._wanted, {}).get("events", []):
            if event["type"] == "m.room.message":
                found.append(event["event_id"])
            elif event["type"] == "m.receipt":
                found += event["content"]
        now = time.monotonic()
        with self._news:
            for each in found:
                self._seen.setdefault(each, now)
            self._news.notify_all()


@contextmanager
def _forgiven() -> Iterator[None]:
    """Let a question go unanswered while its server is down, or the bench is over."""
    try:
        yield
    except (OSError, HTTPException, PeerFailedError):
        time.sleep(0.1)


def _is_well(room: Room) -> bool:
    try:
        with room.far_home.door() as door:
            return door.ask("GET", "/_matrix/client/versions", None, "") is not None
    except (OSError, HTTPException):
        return False
