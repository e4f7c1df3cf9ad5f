"""What was set aside: counted by what was wrong and by whom, and shown.

The other side may be hostile; one bad entry never stops a line. So refusals are numbers an operator
can look at, with the time of the last one, and never anything of the refused bytes themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from whenever import Instant

from parley.errors import ParleyError
from parley.ids import PartyId

KINDS_MAX: Final = 1_024
"""Kinds counted apart; a flood of invented kinds is counted under ``other``."""


@dataclass(slots=True)
class Count:
    """One kind of refusal."""

    code: str
    """Stable code of what was wrong."""
    party: PartyId | None
    """Who it came from, where that is proved."""
    count: int
    """How often since the node started."""
    last_at: Instant
    """When last."""


class SetAside:
    """All refusals of one node since it started. Owned by the event loop's thread."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, PartyId | None], Count] = {}
        self._listeners: list[Callable[[str, int], None]] = []

    def listen(self, listener: Callable[[str, int], None]) -> None:
        """Call ``listener`` with code and number for each refusal."""
        self._listeners.append(listener)

    def add(self, code: str, party: PartyId | None, now: Instant, number: int = 1) -> None:
        """Count ``number`` refusals of one kind."""
        key = (code, party)
        if key not in self._counts and len(self._counts) >= KINDS_MAX:
            key = ("other", None)
        count = self._counts.setdefault(key, Count(*key, 0, now))
        count.count += number
        count.last_at = now
        for listener in self._listeners:
            listener(code, number)

    def add_error(self, error: ParleyError, party: PartyId | None, now: Instant) -> None:
        """Count one refusal by its error."""
        self.add(error.code, party, now)

    def counts(self) -> list[Count]:
        """Return every kind, the latest first."""
        return sorted(self._counts.values(), key=lambda count: count.last_at, reverse=True)
