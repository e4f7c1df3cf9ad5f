"""A wall clock set while a node runs: ``python -m parley.drill.moved_clock FILE serve ...``.

The file holds by how many milliseconds the clock is ahead; whoever writes another number sets the
clock of the node, as an operator does. Monotonic time is the machine's. Only a drill starts a node
so.
"""

from __future__ import annotations

import mmap
import runpy
import struct
import sys
from pathlib import Path
from typing import Final

from whenever import Instant

from parley import clock

NAME: Final = "parley.drill.moved_clock"
_AHEAD: Final = struct.Struct("<q")


class MovedClock:
    """The clock of one node, as whoever drills it sets it."""

    def __init__(self, file: Path) -> None:
        """Keep by how much it is ahead in a file; it begins with the machine's time."""
        self._file = file
        self.ahead_ms = 0
        self.set(0)

    @property
    def module(self) -> tuple[str, ...]:
        """What runs a node by this clock, in place of the ``parley`` command."""
        return (NAME, str(self._file))

    def set(self, ahead_ms: int) -> None:
        """Set it; a node that runs sees it at its next look."""
        self.ahead_ms = ahead_ms
        with self._file.open("r+b" if self._file.exists() else "wb") as opened:
            opened.write(_AHEAD.pack(ahead_ms))


def run(file: Path) -> None:
    """Run the command line by the clock of a file."""
    with file.open("rb") as opened:
        told = mmap.mmap(opened.fileno(), _AHEAD.size, access=mmap.ACCESS_READ)

    def now(_: clock.SystemClock) -> Instant:
        return Instant.now().add(milliseconds=_AHEAD.unpack_from(told)[0])

    clock.SystemClock.now = now  # type: ignore[method-assign, assignment]
    runpy.run_module("parley", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run(Path(sys.argv.pop(1)))
