"""The figures of the bench, named as in src/parley/drill/figures.toml."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from parley.drill.figures import Figure, machine, units
from parley.drill.machine import ProcessorTime
from record_peers.measured import Measured


class Report:
    """Collects figures and prints them."""

    def __init__(self, profile: str, seed: int) -> None:
        """Collect the figures of one run over one profile."""
        self._profile = profile
        self._seed = seed
        self._figures: dict[str, Mapping[str, Any]] = {}
        self._notes: list[str] = []
        self._before = ProcessorTime.now()

    def add(self, name: str, measured: Measured) -> None:
        """Add what was measured of one peer; its name stands in front of each figure."""
        self._notes += [measured.version, *measured.notes]
        for figure, samples in measured.samples().items():
            full = f"{name}_{figure}"
            self._figures[full] = Figure(units()[full], samples).summary()

    def add_printed(self, figures: Mapping[str, Mapping[str, Any]]) -> None:
        """Add figures that a drill has printed."""
        self._figures.update(figures)

    def leave_out(self, name: str, reason: str) -> None:
        """Note that a system could not be measured, and why."""
        self._notes.append(f"{name} was not measured: {reason}")

    def as_json(self) -> str:
        """Return the one object that every bench prints with `--json`."""
        told = {
            "drill": "record_peers",
            "profile": self._profile,
            "seed": self._seed,
            "machine": machine(),
            "notes": [*self._notes, self._company()],
            "figures": self._figures,
        }
        return json.dumps(told, indent=2)

    def as_text(self) -> str:
        """Return the figures as a table for people."""
        lines = [f"{machine()}; profile {self._profile}", *self._notes, self._company(), ""]
        for name, summary in self._figures.items():
            numbers = "  ".join(
                f"{key} {value:,.6g}" if isinstance(value, float) else f"{key} {value}"
                for key, value in summary.items()
                if key != "unit"
            )
            lines.append(f"{name} [{summary['unit']}]  {numbers}")
        return "\n".join(lines)

    def _company(self) -> str:
        """Say how much of the machine this run did not have: it is why a figure may be too low."""
        now = ProcessorTime.now()
        used = (now.all - now.spare - now.stolen) - (
            self._before.all - self._before.spare - self._before.stolen
        )
        ours = sum(os.times()[:4]) * os.sysconf("SC_CLK_TCK")
        return (
            f"{now.stolen_ratio_since(self._before):.1%} of the processors' time went to others on"
            f" the same host, and {max(0.0, 1 - ours / max(1, used)):.0%} of what was used here to"
            " other programs or to the kernel's network"
        )
