"""Figures: what a drill prints, in one shape for people, programs and the benchmark page."""

from __future__ import annotations

import json
import os
import platform
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FIGURES_FILE = Path(__file__).with_name("figures.toml")


@dataclass(frozen=True)
class Figure:
    """One measured quantity with its spread.

    Attributes:
        unit: SI unit or ratio, as listed in ``figures.toml``.
        samples: Every sample, unsorted; a single sample is printed as a value.
    """

    unit: str
    samples: Sequence[float]

    def summary(self) -> dict[str, float | int | str]:
        """Return the printed form: a value, or minimum, percentiles and maximum.

        A figure without a sample prints ``n`` 0 and no number, so that nothing measured is never
        read as zero.
        """
        ordered = sorted(self.samples)
        if not ordered:
            return {"unit": self.unit, "n": 0}
        if len(ordered) == 1:
            return {"unit": self.unit, "n": 1, "value": _rounded(ordered[0])}
        return {
            "unit": self.unit,
            "n": len(ordered),
            "min": _rounded(ordered[0]),
            "p50": _rounded(percentile(ordered, 0.50)),
            "p95": _rounded(percentile(ordered, 0.95)),
            "p99": _rounded(percentile(ordered, 0.99)),
            "max": _rounded(ordered[-1]),
        }


@dataclass(frozen=True)
class DrillReport:
    """All figures of one run of one drill."""

    drill: str
    profile: str
    seed: int
    figures: Mapping[str, Figure]

    def as_json(self) -> str:
        """Return the one object that every drill and bench prints with ``--json``."""
        return json.dumps(
            {
                "drill": self.drill,
                "profile": self.profile,
                "seed": self.seed,
                "machine": machine(),
                "figures": {name: figure.summary() for name, figure in self.figures.items()},
            },
            indent=2,
        )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of the samples lies, linearly interpolated.

    Args:
        ordered: At least one sample, ascending.
        share: Between 0 and 1.
    """
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def machine() -> str:
    """Describe the machine as far as a figure depends on it: processor, cores, memory, kernel."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gib()} GiB, Linux {platform.release()}"
    )


@cache
def units() -> Mapping[str, str]:
    """Return the unit of every figure listed in ``figures.toml``."""
    listed = tomllib.loads(FIGURES_FILE.read_text())
    return {name: entry["unit"] for name, entry in listed["figures"].items()}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
