"""What the bench asks of a relay, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from relay.load import Load


class Relay(Protocol):
    """A relay under test: a process on one core, its rooms and participants."""

    @property
    def name(self) -> str:
        """What its figures' names begin with."""

    @property
    def version(self) -> str:
        """What it is, for the page."""

    @property
    def process(self) -> int:
        """The process that is charged."""

    def open_room(self, room: int) -> None:
        """Open a room."""

    def join_publisher(self, load: Load, room: int, publisher: int) -> None:
        """Let a new endpoint of the generator publish a camera."""

    def join_watcher(self, load: Load, room: int, publishers: Sequence[int]) -> None:
        """Let a new endpoint of the generator watch some cameras."""

    def join_both(self, load: Load, room: int, size: int, watched: int) -> None:
        """Let `size` people publish and each watch the next `watched` of them."""


#: Starts a relay with a folder for its files on a core.
Start = Callable[[Path, int], AbstractContextManager[Relay]]
