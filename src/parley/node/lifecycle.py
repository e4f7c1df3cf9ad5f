"""A node's life: one process for each folder, a second hand, an orderly end."""

import asyncio
import contextlib
import fcntl
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from parley._core import Watchdog
from parley.clock import Clock
from parley.errors import NodePartEnded, NodeRunning
from parley.exhaustion import end_at_once
from parley.telemetry import log

LOCK_FILE: Final = "node.lock"
BEAT_S: Final = 1.0
"""Seconds between two beats of the second hand. Beats of pages and desks hang on it."""
STANDSTILL_S: Final = 30
"""Seconds without a turn of the event loop after which the process ends. Fewer could end a node on
a disk that stalls, more keep a desk silent for longer."""


@contextlib.contextmanager
def only_node(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock goes with the process, however it ends.

    Raises:
        NodeRunning: another process holds it.
    """
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NodeRunning(folder=str(folder)) from error
        yield
    finally:
        os.close(descriptor)


PARTS: Final = frozenset(
    {"record", "engine-feed", "second-hand", "receipts", "duty", "blobs", "web"}
)
"""Names of the tasks that a node is not whole without."""


def is_running(folder: Path) -> bool:
    """Say whether a node holds the folder."""
    try:
        with only_node(folder):
            return False
    except NodeRunning:
        return True


def spare_what_is_loaded() -> None:
    """Keep what is loaded by now out of all later collections of garbage.

    A full collection looks at every object there is and lets nobody be answered meanwhile: some
    100 ms with the 200,000 that a node has loaded, and next to nothing without them.
    """
    gc.collect()
    gc.freeze()


async def until_told() -> None:
    """Return at the first SIGTERM or SIGINT; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, told.set)
    try:
        await told.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def watched(until: Callable[[], Awaitable[None]]) -> None:
    """Return when ``until`` does; end the process when its event loop stands still before."""
    watchdog = Watchdog(patience_s=STANDSTILL_S)
    feeding = asyncio.create_task(_feed(watchdog))
    try:
        await until()
    finally:
        feeding.cancel()
        watchdog.stop()


async def _feed(watchdog: Watchdog) -> None:
    while True:
        watchdog.feed()
        await asyncio.sleep(BEAT_S)


async def until_a_part_ends(until: Callable[[], Awaitable[None]]) -> None:
    """Return when ``until`` does; end the process when a part of the node ends before.

    A node without its record, its lines or its second hand would look alive and keep its word to
    nobody. Nothing that was said to be kept is lost by an end, and a start takes a second.
    """
    parts = [task for task in asyncio.all_tasks() if task.get_name() in PARTS]
    told = asyncio.ensure_future(until())
    done, _ = await asyncio.wait({told, *parts}, return_when=asyncio.FIRST_COMPLETED)
    for part in done - {told}:
        _end(part.get_name(), None if part.cancelled() else part.exception())
    told.result()


def _end(part: str, error: BaseException | None) -> None:
    ended = error if isinstance(error, NodePartEnded) else NodePartEnded(part=part)
    log.critical(str(ended), code=ended.code, exc_info=error)
    end_at_once()


class SecondHand:
    """Calls what is due once a second and measures how late it comes."""

    def __init__(self, clock: Clock, beat: Callable[[float], Awaitable[None]]) -> None:
        """Call ``beat`` with the lag of the last second, in seconds."""
        self._clock = clock
        self._beat = beat
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._task = asyncio.create_task(self._run(), name="second-hand")

    async def stop(self) -> None:
        """Stop beating."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        due = self._clock.monotonic() + BEAT_S
        while True:
            await asyncio.sleep(max(0.0, due - self._clock.monotonic()))
            lag = max(0.0, self._clock.monotonic() - due)
            due = max(due + BEAT_S, self._clock.monotonic())
            try:
                await self._beat(lag)
            except NodePartEnded:
                raise
            except Exception:  # noqa: BLE001  one bad second must not stop the clock
                log.error("second hand failed", exc_info=True)
