"""How far a drill is, for whoever watches: a bar in a terminal, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

EVERY_S: Final = 5.0
"""Seconds between two lines about one step. Less fills a log, more leaves a watcher in doubt."""


class Steps:
    """Says what a drill is doing, on standard error."""

    def __init__(
        self,
        console: Console,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use :meth:`shown`."""
        self._console = console
        self._progress = progress
        self._clock = clock
        self._task = progress.add_task("", total=None) if progress is not None else None
        self._what = ""
        self._since = self._told_at = 0.0
        self._first = 0

    @classmethod
    @contextmanager
    def shown(cls, *, plain: bool) -> Iterator[Steps]:
        """Yield steps that are shown in one line which changes, or ``plain``, line by line."""
        console = Console(stderr=True, highlight=False)
        if plain or not console.is_terminal:
            yield cls(console)
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
        with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
            yield cls(console, progress)

    def say(self, words: str) -> None:
        """Say what is done from here on."""
        self._what = ""
        if self._progress is None or self._task is None:
            self._console.print(words)
        else:
            self._progress.update(self._task, description=words, total=None, completed=0)

    def count(self, what: str, done: int, of: int) -> None:
        """Say how much of a step is done; how fast it went is worked out here."""
        now = self._clock()
        if what != self._what:
            self._what, self._since, self._first, self._told_at = what, now, done, now
        is_over = done >= of
        if self._progress is None and now < self._told_at + EVERY_S and not is_over:
            return
        self._told_at = now
        rate = (done - self._first) / max(now - self._since, 1e-9)
        words = f"{what}: {done:,} of {of:,}, {rate:,.0f} a second"
        if self._progress is None or self._task is None:
            self._console.print(words)
        else:
            self._progress.update(self._task, description=words, total=of, completed=done)
