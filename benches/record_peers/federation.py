"""What two federating Synapse servers do: one room, a writer on one side, a reader on the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Final

from record_peers.counting import Tally, due, has_settled
from record_peers.measured import Measured
from record_peers.plan import (
    CATCH_UP_S_MAX,
    PACE_PER_SECOND,
    QUIET_S,
    TEXT_CHARACTERS,
    Plan,
    texts,
)
from record_peers.sides import Side, say
from record_peers.synapse import Room, synapse_room

#: Writers at once. One alone waits out each answer; from eight on a single Synapse process takes no
#: more in a second, and only the queue in front of it grows.
WRITERS: Final = 8
#: Texts by which both servers learn of each other's keys before anything is counted.
_WARM_UP: Final = 20
#: Fewer than the others get, in its favour: once the second server is far behind, the first sends
#: it only the newest of what it missed, and the rest may never show.
ON_THE_WAY_OF_SYNAPSE_MAX: Final = 50
_LOOK_AGAIN_S: Final = 0.02
Put = Callable[[float], Future[None]]
"""Gives the next text at an instant; done when the near side has taken it."""


def measure_synapse(near: Side, far: Side, plan: Plan, seed: int) -> Measured:
    """Measure both phases between two servers on these sides."""
    with synapse_room(near, far) as room, _Reader(room).reading() as reader:
        bench = _Writers(room, reader, texts(seed, TEXT_CHARACTERS))
        bench.phase("synapse: warming up", lambda _tally, put: _at_once(put, _WARM_UP))
        before = room.far_home.stored_bytes()
        loaded = bench.phase(
            f"synapse: as many as go for {plan.load_s:g} s",
            lambda tally, put: _at_most(tally, put, plan.load_s),
        )
        paced = bench.phase(
            f"synapse: {PACE_PER_SECOND:g} a second for {plan.pace_s:g} s",
            lambda _tally, put: _at_pace(put, plan.pace_s),
        )
        say("synapse: asking for what was missed")
        listed = room.far.again().listed(room.room)
        return Measured(
            version=room.version,
            paced=paced,
            loaded=loaded,
            load_s=plan.load_s,
            memory_mib=max(near.memory_mib(), far.memory_mib()),
            bytes_each=(room.far_home.stored_bytes() - before)
            / max(1, len(paced.seen) + len(loaded.seen)),
            unlisted=(paced.missing() | loaded.missing()) - listed,
            notes=[f"{reader.limited} answers of /sync left events out"],
        )


@dataclass
class _Reader:
    """Reads what is new on the far side, in a thread of its own, into the tally of the phase."""

    room: Room
    tally: Tally | None = None
    last_seen: float = 0.0
    limited: int = 0

    @contextmanager
    def reading(self) -> Iterator[_Reader]:
        """Read for as long as the block lasts."""
        over = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(self._read, over)
            try:
                yield self
            finally:
                over.set()
            reading.result()

    def _read(self, over: threading.Event) -> None:
        reader = self.room.far.again()
        since, _, _ = reader.synced(self.room.room, None)
        while not over.is_set():
            since, numbers, is_limited = reader.synced(self.room.room, since)
            now = time.monotonic()
            self.limited += is_limited
            for number in numbers:
                self.last_seen = now
                tally = self.tally
                if tally is not None and number in tally.given:
                    tally.see(number, now)


class _Writers:
    """Writes on the near side, through several connections at once."""

    def __init__(self, room: Room, reader: _Reader, words: Iterator[str]) -> None:
        self._room = room
        self._reader = reader
        self._words = words
        self._numbers = count(1)
        self._mine = threading.local()

    def phase(self, name: str, write: Callable[[Tally, Put], None]) -> Tally:
        """Write as asked, wait for what is under way, and return what was counted.

        Raises:
            PeerFailedError: the near side refused a text.
        """
        say(name)
        tally = self._reader.tally = Tally()
        waiting: list[Future[None]] = []
        pool = ThreadPoolExecutor(WRITERS)

        def put(instant: float) -> Future[None]:
            number = next(self._numbers)
            tally.given[number] = instant
            waiting.append(pool.submit(self._send, tally, number, next(self._words)))
            return waiting[-1]

        try:
            write(tally, put)
            for each in waiting:
                each.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        self._settle(tally)
        say(f"  {len(tally.taken)} taken, {len(tally.seen)} seen on the far side")
        return tally

    def _send(self, tally: Tally, number: int, text: str) -> None:
        if not hasattr(self._mine, "account"):
            self._mine.account = self._room.near.again()
        self._mine.account.send(self._room.room, number, text)
        tally.taken[number] = time.monotonic()

    def _settle(self, tally: Tally) -> None:
        ended = time.monotonic()
        while not tally.is_complete:
            now = time.monotonic()
            if has_settled(now, ended, self._reader.last_seen, QUIET_S, CATCH_UP_S_MAX):
                return
            time.sleep(_LOOK_AGAIN_S)


def _at_once(put: Put, number: int) -> None:
    for _each in range(number):
        put(time.monotonic()).result()


def _at_pace(put: Put, seconds: float) -> None:
    started = time.monotonic()
    for number in range(round(seconds * PACE_PER_SECOND)):
        instant = due(number, started, PACE_PER_SECOND)
        time.sleep(max(0.0, instant - time.monotonic()))
        put(instant)


def _at_most(tally: Tally, put: Put, seconds: float) -> None:
    """Keep every writer busy, unless too many entries are on their way."""
    end = time.monotonic() + seconds
    busy: list[Future[None]] = []
    while time.monotonic() < end:
        busy = [each for each in busy if not each.done()]
        if len(busy) < WRITERS and tally.on_the_way < ON_THE_WAY_OF_SYNAPSE_MAX:
            busy.append(put(time.monotonic()))
        else:
            time.sleep(_LOOK_AGAIN_S / 10)
