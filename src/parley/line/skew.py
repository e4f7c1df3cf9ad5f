"""How far two parties' clocks differ, measured by a question and its answer.

The other side's clock is taken to have been read half-way between question and answer. A letter may
wait through an outage, so only a short round trip counts; the error is then at most half of it.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

from whenever import Instant

from parley.clock import milliseconds
from parley.line.letters import ClockAnswer, ClockQuestion

ASK_EVERY_S: Final = 300.0
"""Seconds between questions. Less finds a clock that was set wrong sooner and costs 60 bytes."""
ROUND_TRIP_S_MAX: Final = 10.0
"""Longest round trip that counts. More measures over worse lines, with a larger error."""


@dataclass(slots=True)
class ClockComparison:
    """What is known of one other party's clock."""

    skew_s: float | None = None
    """Seconds their clock is ahead of ours; None before the first measurement."""
    _asked: dict[int, tuple[float, int]] = field(default_factory=dict)
    _due: float = 0.0

    def ask(self, now: Instant, monotonic: float) -> ClockQuestion | None:
        """Return the next question if one is due."""
        if monotonic < self._due:
            return None
        self._due = monotonic + ASK_EVERY_S
        number = secrets.randbits(32)
        self._asked = {number: (monotonic, milliseconds(now))}
        return ClockQuestion(number)

    def restart(self) -> None:
        """Ask again at the next opportunity: the line is new or was cut."""
        self._due = 0.0

    def take(self, answer: ClockAnswer, now: Instant, monotonic: float) -> bool:
        """Take an answer; return whether it was asked for and told something."""
        asked = self._asked.pop(answer.number, None)
        if asked is None or monotonic - asked[0] > ROUND_TRIP_S_MAX:
            return False
        half_way_ms = (asked[1] + milliseconds(now)) / 2
        self.skew_s = round((answer.at_ms - half_way_ms) / 1_000, 3)
        return True
