"""The figures of the bench, named as in src/parley/drill/figures.toml."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import median

from parley.drill.figures import Figure, machine, units
from relay.growth import Growth
from relay.load import Window
from relay.measure import Result

Summary = dict[str, float | int | str]


class Report:
    """Collects figures and prints them."""

    def __init__(self, profile: str, seed: int) -> None:
        """Collect the figures of one run."""
        self._profile = profile
        self._seed = seed
        self._figures: dict[str, Summary] = {}
        self._notes: list[str] = []

    def add(self, name: str, result: Result) -> None:
        """Add what was measured of one relay; Janus's figures carry its name in front."""
        prefix = "" if name == "relay" else f"{name}_"
        self._notes.append(f"{result.version}: {', '.join(result.profiles)}")
        per_second = [window.received / window.seconds for window in result.full]
        self._samples(f"{prefix}relay_packets_per_second", per_second)
        for figure, windows, value in (
            ("relay_packets_per_second_per_core", result.full, _packets),
            ("relay_mbit_per_second_per_core", result.full, _mbit),
            ("relay_packets_per_second_per_core_at_50_percent", result.at_50, _packets),
            ("relay_packets_per_second_per_core_at_80_percent", result.at_80, _packets),
        ):
            self._samples(prefix + figure, [value(window) for window in windows])
        receivers = [result.watchers / window.busy_share for window in result.at_600_kbit]
        self._samples(f"{prefix}relay_receivers_per_core", receivers)
        self._residence(f"{prefix}relay_residence_ms", result.at_50, result.baseline_ns)
        self._residence(
            f"{prefix}relay_residence_at_80_percent_ms", result.at_80, result.baseline_ns
        )
        self._samples(f"{prefix}relay_memory_per_receiver_kib", [result.memory_kib_per_watcher])

    def add_growth(self, name: str, rooms: Mapping[int, Growth]) -> None:
        """Add what rooms of several sizes cost one relay."""
        prefix = "" if name == "relay" else f"{name}_"
        for people, growth in rooms.items():
            shares = [window.busy_share for window in growth.windows]
            self._samples(f"{prefix}relay_room_of_{people}_core_ratio", shares)
            residence = f"{prefix}relay_room_of_{people}_residence_ms"
            self._residence(residence, growth.windows, growth.baseline_ns)

    def add_lines(self, shares: Mapping[int, float], kib_per_line: float) -> None:
        """Add what lines cost an engine that has nothing to carry."""
        for lines, share in shares.items():
            self._samples(f"node_of_{lines}_lines_core_ratio", [share])
        self._samples("node_memory_per_line_kib", [kib_per_line])

    def as_json(self) -> str:
        """Return the one object that every bench prints with `--json`."""
        return json.dumps(
            {
                "drill": "relay",
                "profile": self._profile,
                "seed": self._seed,
                "machine": machine(),
                "figures": self._figures,
            },
            indent=2,
        )

    def as_text(self) -> str:
        """Return the figures as a table for people."""
        lines = [machine(), *self._notes, ""]
        for name, summary in self._figures.items():
            numbers = "  ".join(
                f"{key} {value:,.6g}" if isinstance(value, float) else f"{key} {value}"
                for key, value in summary.items()
                if key != "unit"
            )
            lines.append(f"{name} [{summary['unit']}]  {numbers}")
        return "\n".join(lines)

    def _samples(self, name: str, samples: Sequence[float]) -> None:
        self._figures[name] = Figure(units()[name], samples).summary()

    def _residence(self, name: str, windows: Sequence[Window], baseline_ns: float) -> None:
        """Percentiles over packets; of several windows, the median of each."""

        def ms(key: str) -> float:
            values = [window.delay_ns[key] - baseline_ns for window in windows]
            return float(f"{max(0.0, median(values)) / 1e6:.6g}")

        summary: Summary = {
            "unit": units()[name],
            "n": sum(int(window.delay_ns["n"]) for window in windows),
        }
        summary |= {key: ms(key) for key in ("min", "p50", "p95", "p99", "max")}
        self._figures[name] = summary


def _packets(window: Window) -> float:
    return window.packets_per_busy_second


def _mbit(window: Window) -> float:
    return window.mbit_per_busy_second
