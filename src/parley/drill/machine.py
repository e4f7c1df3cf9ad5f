"""How much of the machine a drill had: a figure made on a machine without time to spare says less.

Two browsers, two nodes and a line share the processors of one machine, and a virtual machine shares
those with others. What the drill was not given shows in its figures as delay and freezes, so it is
printed beside them (proc_stat(5): the first line of ``/proc/stat``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

STAT: Final = Path("/proc/stat")
_IDLE, _WAITING, _STOLEN, _COLUMNS = 3, 4, 7, 8


@dataclass(frozen=True)
class ProcessorTime:
    """Time of all processors since the machine started, in clock ticks.

    Attributes:
        all: Every tick, whoever had it.
        spare: Ticks in which there was nothing to do.
        stolen: Ticks in which there was, and the host gave the processor to somebody else.
    """

    all: int
    spare: int
    stolen: int

    @classmethod
    def now(cls, stat: Path = STAT) -> Self:
        """Read the counters."""
        columns = [int(each) for each in stat.read_text().split("\n", 1)[0].split()[1:]]
        # What guests take is counted in the first two columns as well.
        used = columns[:_COLUMNS]
        return cls(sum(used), used[_IDLE] + used[_WAITING], used[_STOLEN])

    def busy_ratio_since(self, before: ProcessorTime) -> float:
        """Return which share of all time was used or stolen; 1 means that nothing was to spare."""
        return 1 - (self.spare - before.spare) / max(1, self.all - before.all)

    def stolen_ratio_since(self, before: ProcessorTime) -> float:
        """Return which share of all time the host gave to somebody else."""
        return (self.stolen - before.stolen) / max(1, self.all - before.all)
