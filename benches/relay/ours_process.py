"""Holds engines for the bench: reads a JSON command a line, answers a JSON object a line."""

from __future__ import annotations

import json
import select
import sys
import time
from typing import Any

from network import RELAY_ADDRESS

from parley._core import CoreError, Engine, Joined, JoinRefused, LinePath, public_key

_CAMERA = 1
#: Tall enough that a watcher wants the whole picture.
_HEIGHT_PX = 720
_PATIENCE_SECONDS = 10


class Holder:
    """The engines of this process: the first is the one under test."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._engines: list[Engine] = []
        self._lines: list[bytes] = []

    def carry_out(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command."""
        match command["do"]:
            case "start":
                return self._start()
            case "lines":
                self._open_lines(command["to"])
            case "line_states":
                states = [self._engine.line_status(party).state for party in self._lines]
                return {"states": states}
            case "open_room":
                self._engine.open_room(_id(command["room"]))
            case "join":
                return {"answer": self._join(command)}
            case "watch":
                self._watch(command["person"], command["publishers"])
            case "counters":
                return dict(self._engine.counters())
        return {}

    def drain(self) -> None:
        """Throw away what nobody asked for."""
        for engine in self._engines:
            engine.drain()

    @property
    def _engine(self) -> Engine:
        return self._engines[0]

    def _start(self) -> dict[str, Any]:
        seed = len(self._engines).to_bytes(4, "big") + time.time_ns().to_bytes(28, "big")
        engine = Engine(
            key_seed=seed,
            line_listen=["127.0.0.1:0"],
            media_udp=f"{RELAY_ADDRESS}:0",
            media_advertise=[RELAY_ADDRESS],
            media_threads=1,
        )
        self._engines.append(engine)
        return {"key": public_key(seed).hex(), "address": engine.line_addresses[0]}

    def _join(self, command: dict[str, Any]) -> str:
        engine = self._engine
        person = _id(command["person"])
        offer, muted = command["offer"], (False, False, False)
        request = engine.join(_id(command["room"]), person, b"bench", offer, muted)
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up:
            select.select([engine.event_fd], [], [], 1)
            for event in engine.drain():
                if isinstance(event, Joined) and event.request == request:
                    return event.answer
                if isinstance(event, JoinRefused) and event.request == request:
                    raise RuntimeError(f"{event.code}: {event.reason}")
        raise RuntimeError("no answer to a join")

    def _watch(self, person: int, publishers: list[int]) -> None:
        slots = [
            (slot, _id(publisher), _CAMERA, _HEIGHT_PX) for slot, publisher in enumerate(publishers)
        ]
        self._engine.watch(_id(person), slots)

    def _open_lines(self, others: list[dict[str, str]]) -> None:
        """Open a line from the only engine to each other, or from each engine to its other."""
        is_hub = len(self._engines) == 1
        for place, other in enumerate(others):
            engine = self._engines[0 if is_hub else place]
            path = LinePath(name="bench", remote=other["address"])
            party = engine.open_line(remote_key=bytes.fromhex(other["key"]), paths=[path])
            if is_hub:
                self._lines.append(party)


def _id(number: int) -> bytes:
    # The first byte chooses the shard of a room; there is one.
    return bytes(8) + number.to_bytes(8, "big")


def main() -> None:
    """Serve until standard input ends."""
    holder = Holder()
    for line in sys.stdin:
        try:
            answer = holder.carry_out(json.loads(line))
        except (CoreError, RuntimeError) as error:
            answer = {"error": str(error)}
        holder.drain()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
