"""How long a node is away when it restarts: after SIGKILL, and after it was asked to stop."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from parley.drill.figures import DrillReport, Figure, units
from parley.drill.machine import ProcessorTime
from parley.node.sample import SampleNode, SamplePair

POLL_S = 0.01
LINE_S_MAX = 60.0


def main() -> None:
    """Restart a node again and again beside another one, over an emulated line."""
    options = _options()
    rows: dict[str, list[float]] = {}
    before = ProcessorTime.now()
    with (
        tempfile.TemporaryDirectory(prefix="parley-restart-") as folder,
        SamplePair.running(Path(folder), profile=options.profile, seed=1) as pair,
    ):
        node = pair.nodes[1]
        for number in range(options.restarts):
            for name, end in (("after_kill", node.kill), ("after_stop", node.stop)):
                print(f"{name}, {number + 1} of {options.restarts}", file=sys.stderr)
                ready_ms, line_ms = _restart(pair, node, end)
                rows.setdefault(f"restart_{name}_ready_ms", []).append(ready_ms)
                rows.setdefault(f"restart_{name}_line_up_ms", []).append(line_ms)
    machine = ProcessorTime.now()
    rows["machine_busy_ratio"] = [machine.busy_ratio_since(before)]
    rows["machine_stolen_ratio"] = [machine.stolen_ratio_since(before)]
    figures = {name: Figure(units()[name], samples) for name, samples in rows.items()}
    if options.json:
        print(DrillReport("restart", options.profile, 1, figures).as_json())
        return
    for name, figure in figures.items():
        print(f"{name:32} p50 {median(figure.samples):8.3g}  max {max(figure.samples):8.3g}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: just bench restart --profile border --json"
    )
    parser.add_argument("--profile", default="border", help="of the emulated line")
    parser.add_argument("--restarts", type=int, default=10, help="of each kind")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _restart(pair: SamplePair, node: SampleNode, end: Callable[[], None]) -> tuple[float, float]:
    """Return milliseconds from the start of the process to its answers, and to the line."""
    end()
    began = time.monotonic()
    node.start()
    node.wait()
    ready = time.monotonic()
    while not pair.is_line_up():
        if time.monotonic() - ready > LINE_S_MAX:
            sys.exit(f"the line does not come up in {LINE_S_MAX:.0f} s")
        time.sleep(POLL_S)
    return (ready - began) * 1_000, (time.monotonic() - began) * 1_000


if __name__ == "__main__":
    main()
