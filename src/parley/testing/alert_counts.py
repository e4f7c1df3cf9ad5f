"""What happened in histories of alerts, counted, and kept so that a long run may end at any moment.

A file has a line for every few histories, with their seeds. Whoever runs more goes on after the
last of them, so no history counts twice; ``total`` of a file is what all runs into it found.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Counts:
    """What happened in some histories."""

    histories: int = 0
    alerts: int = 0
    entries: int = 0
    letters: int = 0
    lost_letters: int = 0
    repeated_letters: int = 0
    crashes: int = 0
    jumps: int = 0
    cuts: int = 0
    hostile: int = 0
    overdue: int = 0
    alerts_lost: int = 0
    alerts_doubled: int = 0
    headers_out_of_order: int = 0
    other_violations: int = 0
    failed_seeds: list[int] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        """Add another's."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def is_broken(self) -> bool:
        """Whether anything is not as it must be."""
        broken = (self.alerts_lost, self.alerts_doubled, self.headers_out_of_order)
        return any(broken) or self.other_violations > 0


@dataclass(frozen=True, slots=True)
class AlertChunk:
    """Some histories whose seeds follow each other."""

    first: int
    number: int
    processor_s: float
    counts: Counts


def keep(file: Path, chunk: AlertChunk) -> None:
    """Write what happened in some histories as one more line."""
    with file.open("a", encoding="utf-8") as lines:
        # Whatever an ended run was writing stands on a line of its own.
        lines.write("\n" + json.dumps(asdict(chunk)) + "\n")


def kept(file: Path) -> list[AlertChunk]:
    """Return what earlier runs wrote; a line that was cut off with its run is left out."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        with suppress(ValueError):
            said = json.loads(line)
            found.append(AlertChunk(**{**said, "counts": Counts(**said["counts"])}))
    return found


def total(chunks: Iterable[AlertChunk]) -> Counts:
    """Return what happened in all of them."""
    found = Counts()
    for chunk in chunks:
        found.add(chunk.counts)
    return found


def next_seed(chunks: Iterable[AlertChunk], wanted: int) -> int:
    """Return the first seed that no chunk has, ``wanted`` or later."""
    return max([wanted, *(chunk.first + chunk.number for chunk in chunks)])
