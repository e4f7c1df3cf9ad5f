"""What was measured of one of the peers."""

from __future__ import annotations

from dataclasses import dataclass, field

from record_peers.counting import Tally, missing_ratio


@dataclass(frozen=True)
class Measured:
    """Both phases of one system, and what they cost.

    Attributes:
        version: What it calls itself.
        paced: The phase at an even pace.
        loaded: The phase with as many as go.
        load_s: How long that one lasted, in seconds.
        memory_mib: Resident memory of the larger side when both were over.
        bytes_each: What an entry added to the far side's database.
        unlisted: What of the missing was not found either when asked for; None where nothing more
            can be asked.
        notes: What a reader of the figures should know.
    """

    version: str
    paced: Tally
    loaded: Tally
    load_s: float
    memory_mib: float
    bytes_each: float
    unlisted: set[int] | None = None
    notes: list[str] = field(default_factory=list)

    def samples(self) -> dict[str, list[float]]:
        """Return the samples of each figure, by its name without the system's."""
        taken = len(self.paced.taken) + len(self.loaded.taken)
        samples = {
            "entries_held_per_second": [self.loaded.seen_per_second(self.load_s)],
            "held_latency_ms": self.paced.latencies_ms(),
            "missing_ratio": [missing_ratio(self.paced, self.loaded)],
            "bytes_per_entry": [self.bytes_each],
            "memory_mib": [self.memory_mib],
        }
        if self.unlisted is not None:
            samples["unlisted_ratio"] = [len(self.unlisted) / max(1, taken)]
        return samples
