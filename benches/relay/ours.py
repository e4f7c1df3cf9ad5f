"""Parley's engine in a process of its own, driven from here by one JSON command a line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from relay.load import Load, Offer
from relay.processes import running

_PROGRAM = Path(__file__).with_name("ours_process.py")


class EngineRefusedError(Exception):
    """The engine's process answered with an error, or ended."""


class EngineProcess:
    """A process that holds engines, one JSON command at a time."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        """Drive the engines of a process."""
        self._popen = popen
        self.process = popen.pid

    def ask(self, **command: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Send a command and return its answer."""
        stdin, stdout = self._popen.stdin, self._popen.stdout
        if stdin is None or stdout is None:
            raise EngineRefusedError("the process has no pipes")
        stdin.write(json.dumps(command) + "\n")
        stdin.flush()
        line = stdout.readline()
        answer: dict[str, Any] = json.loads(line or '{"error": "the process ended"}')
        if "error" in answer:
            raise EngineRefusedError(f"{command['do']}: {answer['error']}")
        return answer


@contextmanager
def engine_process(core: int) -> Iterator[EngineProcess]:
    """Run a process for engines on a core for as long as the context lasts."""
    with running(core, sys.executable, str(_PROGRAM), pipes=subprocess.PIPE) as popen:
        yield EngineProcess(popen)


@contextmanager
def ours(_folder: Path, core: int) -> Iterator[Ours]:
    """Run an engine on a core for as long as the context lasts."""
    with engine_process(core) as process:
        process.ask(do="start")
        yield Ours(process)


class Ours:
    """A running engine, its rooms and participants."""

    name = "relay"
    version = "Parley, one media thread"

    def __init__(self, process: EngineProcess) -> None:
        """Drive the engine of a process."""
        self._engine = process
        self.process = process.process
        self._people = 0

    def open_room(self, room: int) -> None:
        """Open a room."""
        self._engine.ask(do="open_room", room=room)

    def join_publisher(self, load: Load, room: int, publisher: int) -> None:
        """Let a new endpoint of the generator publish a camera."""
        self._join(load, room, publisher, load.offer(publishes=True, slots=0))

    def join_watcher(self, load: Load, room: int, publishers: Sequence[int]) -> None:
        """Let a new endpoint of the generator watch some cameras."""
        # Publishers are numbered from 0 over all rooms; watchers begin well above.
        self._people += 1
        person = 1_000_000 + self._people
        self._join(load, room, person, load.offer(publishes=False, slots=len(publishers)))
        self._engine.ask(do="watch", person=person, publishers=list(publishers))

    def join_both(self, load: Load, room: int, size: int, watched: int) -> None:
        """Let everyone publish and watch the next ones on one connection."""
        for person in range(size):
            self._join(load, room, person, load.offer(publishes=True, slots=watched))
        load.connect()
        for person in range(size):
            others = [(person + step) % size for step in range(1, watched + 1)]
            self._engine.ask(do="watch", person=person, publishers=others)

    def _join(self, load: Load, room: int, person: int, offer: Offer) -> None:
        answer = self._engine.ask(do="join", room=room, person=person, offer=offer.sdp)
        load.accept(offer.endpoint, answer["answer"])
