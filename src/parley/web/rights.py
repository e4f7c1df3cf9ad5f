"""That somebody's rights have changed: how pages that stay open learn of it at once."""

import asyncio
from typing import Final

LOOK_EVERY_S: Final = 60.0
"""Seconds after which open pages look again although nobody told them: sign-ins expire and lent
roles end without anybody doing anything."""


class RightsChanges:
    """Tells every open page. Owned by the event loop's thread."""

    def __init__(self) -> None:
        """Begin with no change."""
        self._waiting: set[asyncio.Event] = set()
        self.number = 0
        """How many changes there have been."""

    def note_change(self) -> None:
        """Let every open page look again at what its person may."""
        self.number += 1
        for each in self._waiting:
            each.set()

    async def wait(self, seen: int) -> None:
        """Return when rights have changed since change number ``seen``, or after a minute."""
        if self.number != seen:
            return
        told = asyncio.Event()
        self._waiting.add(told)
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await told.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(told)
