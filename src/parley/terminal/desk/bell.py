"""How a terminal is heard: its bell, and a command where the bell is not enough.

A terminal never says whether its bell made a sound. So a desk claims to be heard only once a person
has rung it and said that they heard it; and a command that fails takes that back.
"""

import asyncio
import contextlib
import shlex
from collections.abc import Callable, Sequence
from typing import Final

COMMAND_S_MAX: Final = 10.0
"""Seconds a sound command may take. More: one that hangs is noticed later."""


class Bell:
    """Rings, and says when it cannot."""

    def __init__(self, ring: Callable[[], None], command: str | None = None) -> None:
        """Ring by ``ring``, and by a command if there is one."""
        self._ring = ring
        self._command: Sequence[str] = shlex.split(command) if command else ()
        self._running: asyncio.Task[bool] | None = None

    def strike(self) -> None:
        """Ring once."""
        self._ring()
        if self._command and (self._running is None or self._running.done()):
            self._running = asyncio.create_task(self._run(), name="bell")

    async def has_failed(self) -> bool:
        """Say whether the last sound command failed; False while it runs, or without one."""
        return self._running is not None and self._running.done() and not self._running.result()

    async def stop(self) -> None:
        """End a command that still sounds."""
        if self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> bool:
        try:
            started = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError:
            return False
        try:
            async with asyncio.timeout(COMMAND_S_MAX):
                return await started.wait() == 0
        except TimeoutError:
            return False
        finally:
            if started.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    started.kill()
                await started.wait()
