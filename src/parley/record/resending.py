"""When an urgent entry is sent again that nothing proves to have arrived. A core without I/O.

A letter may be lost with a node that took it and died, and a path may look alive and carry nothing.
So whoever wrote an urgent entry sends it again after 0.2 s, 0.4 s and so on up to 5 s, and then
every 5 s without end, until an entry or an answer of the other party shows that it has it. What
comes twice is absorbed there by its place and hash; what a slow line still carries it is not given
again (:mod:`parley.line.under_way`).
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

FIRST_S: Final = 0.2
"""Before the first repetition. Less repeats what is still on its way over a long path, more leaves
a desk silent for longer after a loss."""
PAUSE_S_MAX: Final = 5.0
"""Longest pause. More is silence after a cut, less is load while a line is bad."""
WAITING_MAX: Final = 64
"""Entries that are sent again for one mirror; what is older comes with the log itself."""


@dataclass(slots=True)
class _Repeat:
    place: int
    hash: bytes
    pause_s: float = FIRST_S


@dataclass(slots=True)
class Resending:
    """What one mirror is to be sent again."""

    _waiting: dict[int, _Repeat] = field(default_factory=dict)
    _due: list[tuple[float, int]] = field(default_factory=list)

    def add(self, place: int, digest: bytes, now_s: float) -> None:
        """Take note of an entry that was sent for the first time."""
        if place in self._waiting:
            return
        self._waiting[place] = _Repeat(place, digest)
        heapq.heappush(self._due, (now_s + FIRST_S, place))
        while len(self._waiting) > WAITING_MAX:
            del self._waiting[min(self._waiting)]

    def held(self, size: int) -> None:
        """Take note that everything before a place has arrived."""
        for place in [each for each in self._waiting if each < size]:
            del self._waiting[place]

    def cited(self, refs: Iterable[bytes]) -> None:
        """Take note of hashes that the other party's entries refer to: it has those entries."""
        wanted = set(refs)
        if not wanted or not self._waiting:
            return
        for place, each in list(self._waiting.items()):
            if each.hash in wanted:
                del self._waiting[place]

    def due(self, now_s: float) -> list[int]:
        """Return the places of entries that are to be sent again now, and put each off."""
        found: list[int] = []
        while self._due and self._due[0][0] <= now_s:
            _, place = heapq.heappop(self._due)
            repeat = self._waiting.get(place)
            if repeat is None:
                continue
            found.append(place)
            repeat.pause_s = min(PAUSE_S_MAX, repeat.pause_s * 2)
            heapq.heappush(self._due, (now_s + repeat.pause_s, place))
        return found

    def next_s(self) -> float | None:
        """Return when something is to be sent again, None while nothing waits."""
        while self._due and self._due[0][1] not in self._waiting:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def __len__(self) -> int:
        """Return how many entries nothing proves to have arrived."""
        return len(self._waiting)
