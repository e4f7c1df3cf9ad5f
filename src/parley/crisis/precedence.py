"""How long what may take, by precedence; and when too many flashes are no flashes. A core.

Precedence states the time from writer to reader, not importance. Limits are durations: each end
counts them by its own clock from its own event, so that no two clocks need agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from parley.record.business import BusinessCalendar
from parley.record.entry import Precedence

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
FLASH_PER_HOUR_MAX: Final = 10
"""Flashes of one party on one line in an hour; what is more is immediate, with a mark. More: a
flooded desk stops listening. Less: a real crisis is slowed down."""
FLASH_WINDOW_MS: Final = HOUR_S * 1_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the steps of an alert may take, in seconds."""

    target_s: int
    """Until it is acknowledged, as is aimed at."""
    limit_s: int
    """Until it must be acknowledged."""
    answer_s: int
    """From the acknowledgement until it must be answered."""
    morning: BusinessCalendar | None = None
    """Whose next business morning after the target takes the limit's place, if one does."""

    def limit_ms(self, started_ms: int) -> int:
        """Return by when it must be acknowledged, counted from an end's own event."""
        if self.morning is not None:
            found = self.morning.next_morning(started_ms + self.target_s * 1_000)
            if found is not None:
                return found
        return started_ms + self.limit_s * 1_000


DEFAULT_LIMITS: Final[Mapping[Precedence, Limits]] = {
    Precedence.FLASH: Limits(2 * MINUTE_S, 10 * MINUTE_S, 30 * MINUTE_S),
    Precedence.IMMEDIATE: Limits(10 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S),
    Precedence.PRIORITY: Limits(1 * HOUR_S, 3 * HOUR_S, 24 * HOUR_S),
    Precedence.ROUTINE: Limits(6 * HOUR_S, 24 * HOUR_S, 72 * HOUR_S),
}
"""What holds where the parties of a line have agreed on nothing shorter. A longer limit hides a
silence, a shorter one rings for what is none."""

BothLimits = tuple[Mapping[Precedence, Limits], Mapping[Precedence, Limits]]
"""The limits of an alert here, and at the other end."""


def is_over_rate(at_ms: int, earlier_ms: Iterable[int]) -> bool:
    """Say whether a flash comes after too many others to count as one.

    Args:
        at_ms: when it was written, by its author.
        earlier_ms: when the flashes before it in the same log were.
    """
    recent = sum(at_ms - FLASH_WINDOW_MS < each <= at_ms for each in earlier_ms)
    return recent >= FLASH_PER_HOUR_MAX


def demoted(precedence: Precedence) -> Precedence:
    """Return what a flash counts as that comes after too many."""
    return Precedence.IMMEDIATE if precedence is Precedence.FLASH else precedence
