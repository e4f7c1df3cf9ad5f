"""What is counted: when each entry was given, taken and seen, and the figures that follow."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """The instants of each entry of one phase, by its number; seconds of one clock.

    Attributes:
        given: When the writer gave it, or should have: a late writer is part of the latency.
        taken: When the near side said that it has it.
        seen: When the far side showed it for the first time.
    """

    given: dict[int, float] = field(default_factory=dict)
    taken: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)

    def see(self, number: int, instant: float) -> None:
        """Note that the far side showed an entry; only the first time counts."""
        self.seen.setdefault(number, instant)

    @property
    def on_the_way(self) -> int:
        """How many entries were given and are not seen yet."""
        return len(self.given) - len(self.seen)

    @property
    def is_complete(self) -> bool:
        """Whether all that the near side took has been seen."""
        return self.taken.keys() <= self.seen.keys()

    def latencies_ms(self) -> list[float]:
        """Return how long each entry took that was seen; what is missing has no latency."""
        given = self.given
        return [(instant - given[number]) * 1e3 for number, instant in sorted(self.seen.items())]

    def seen_per_second(self, seconds: float) -> float:
        """Return how many were seen a second, in so many seconds from the first one given.

        What is seen later, from a backlog, does not count: the next load would wait behind it.
        """
        if not self.given:
            return 0.0
        end = min(self.given.values()) + seconds
        return sum(instant <= end for instant in self.seen.values()) / seconds

    def missing(self) -> set[int]:
        """Return the entries that the near side took and the far side never showed."""
        return self.taken.keys() - self.seen.keys()


def missing_ratio(*tallies: Tally) -> float:
    """Return the share of all taken entries that was never seen; 0 when none was taken."""
    taken = sum(len(tally.taken) for tally in tallies)
    return sum(len(tally.missing()) for tally in tallies) / max(1, taken)


def due(number: int, started: float, per_second: float) -> float:
    """Return the instant at which an entry is to be given at an even pace."""
    return started + number / per_second


def has_settled(now: float, ended: float, last_seen: float, quiet_s: float, most_s: float) -> bool:
    """Return whether waiting for what is missing is of no more use.

    Args:
        now: This instant.
        ended: When the last entry was given.
        last_seen: When the far side last showed one.
        quiet_s: So long without a new entry means that none is under way.
        most_s: So long is waited at most.
    """
    return now - max(ended, last_seen) >= quiet_s or now - ended >= most_s
