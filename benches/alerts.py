"""Alerts: the whole matrix of drills, and the peers, as rows of the table in docs/benchmarks.md.

just bench alerts [--minutes 12] [--alerts 24] [--keep FILE] [--into docs/benchmarks.md]

Profiles, paths, a call and a transfer beside, restarts, limits; Synapse and Alertmanager over
`border`. Runs that the table does not have yet come first; what no longer fits into the minutes is
left out, and said. Every run's figures go into one file as JSON, one line a run; the other's table
gets each row as soon as it is measured, in the place of the one of that name.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alert_peers.running import Printed, drilled, measured
from record_peers.sides import PeerFailedError, say

#: The goals' profile of 10 % loss: border's delay, each way.
LOSSY: Final = "border,loss=10%"
BESIDE: Final = ("--video", "--transfer")
ONCE: Final = ("--restarts", "0", "--no-limits")
COLUMNS: Final = (
    "path_one_way_ms",
    "release_to_sounding_ms",
    "release_to_sounding_path_cut_ms",
    "held_receipt_ms",
    "acknowledgement_round_trip_ms",
    "escalation_late_ms",
    "restart_to_ready_ms",
)
CALLED: Final = {"release_to_sounding_path_cut_ms": "... with its path cut at the press"}
COUNTS: Final = ("alerts_lost", "alerts_doubled", "headers_out_of_order")


@dataclass(frozen=True)
class Run:
    """One row.

    Attributes:
        name: What stands in front of it.
        profile: Of the line.
        words: Further words for the drill.
        seconds: What it takes on a machine that does nothing else, about.
        peer: The system that is measured, when it is not Parley.
    """

    name: str
    profile: str
    words: tuple[str, ...]
    seconds: float
    peer: str = ""


RUNS: Final = (
    Run("`border`, restarts and limits", "border", ("--restarts", "2"), 140),
    Run("`lan`", "lan", ONCE, 35),
    Run("`border`, two paths, one cut", "border", ("--paths", "2", *ONCE), 55),
    Run("`border` with a call and 1 GB", "border", (*BESIDE, *ONCE), 90),
    Run("Synapse, `border`", "border", (), 75, "synapse"),
    Run("Alertmanager, `border`", "border", (), 25, "alertmanager"),
    Run("`border`, 10 % loss", LOSSY, ONCE, 45),
    Run("`slow-hours`", "slow-hours", ONCE, 50),
    Run("`slow-hours` with a call and 1 GB", "slow-hours", (*BESIDE, *ONCE), 95),
    Run("`satellite`", "satellite", ONCE, 60),
    Run("`satellite` with a call and 1 GB", "satellite", (*BESIDE, *ONCE), 105),
    Run("`lan` with a call and 1 GB", "lan", (*BESIDE, *ONCE), 75),
    Run("`satellite`, two paths, one cut", "satellite", ("--paths", "2", *ONCE), 70),
)


def main(arguments: list[str]) -> int:
    """Run what fits, and print the table."""
    asked = _parse(arguments)
    started = time.monotonic()
    rows: list[str] = []
    is_whole = True
    for run in missing_first(asked.into):
        if time.monotonic() - started + run.seconds > asked.minutes * 60:
            say(f"left out, no time: {run.name}")
            is_whole = False
            continue
        say(f"--- {run.name}, {time.monotonic() - started:.0f} s")
        try:
            figures = _figures(run, asked.alerts)
        except (PeerFailedError, subprocess.SubprocessError) as error:
            say(f"failed: {run.name}: {error}")
            is_whole = False
            continue
        with asked.keep.open("a") as kept:
            kept.write(json.dumps({"run": run.name, "figures": figures}) + "\n")
        rows.append(row(run, figures))
        print(rows[-1], flush=True)
        if asked.into is not None:
            asked.into.write_text(merged(asked.into.read_text(), rows))
    print("\n".join(["", *header(), *rows]))
    return 0 if is_whole else 1


def missing_first(into: Path | None) -> list[Run]:
    """Return all runs, those first of which a file has no row."""
    known = set() if into is None else rows_by_name(into.read_text())
    return sorted(RUNS, key=lambda run: run.name in known)


def rows_by_name(text: str) -> dict[str, str]:
    """Return the rows of the table in a text by their first cell."""
    _, rows, _ = _parts(text)
    return {each.split("|")[1].strip(): each for each in rows}


def merged(text: str, rows: list[str]) -> str:
    """Return a text with rows in its table, each in the place of the one of that name."""
    before, _, after = _parts(text)
    found = rows_by_name(text) | {each.split("|")[1].strip(): each for each in rows}
    names = [run.name for run in RUNS if run.name in found]
    names += [name for name in found if name not in names]
    return "\n".join([*before, *(found[name] for name in names), *after])


def _parts(text: str) -> tuple[list[str], list[str], list[str]]:
    """Return what stands before a table's rows, its rows, and what comes after.

    Raises:
        ValueError: it has no such table.
    """
    lines = text.split("\n")
    first = lines.index(header()[0]) + len(header())
    last = next(at for at in range(first, len(lines)) if not lines[at].startswith("|"))
    return lines[:first], lines[first:last], lines[last:]


def header() -> list[str]:
    """Return the first two lines of the table."""
    names = [
        "run",
        *(CALLED.get(name, f"`{name}`") for name in COLUMNS),
        "lost, doubled, out of order",
        "busy",
    ]
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def row(run: Run, figures: Printed) -> str:
    """Return a line of the table: median and 99th percentile of each figure, and how many."""
    prefix = f"{run.peer}_" if run.peer else ""
    cells = [run.name, *(_cell(figures, f"{prefix}{name}") for name in COLUMNS)]
    counts = [figures.get(f"{prefix}{name}", {}).get("value", "-") for name in COUNTS]
    cells.append(", ".join(f"{each:g}" if isinstance(each, float) else each for each in counts))
    busy = figures.get("machine_busy_ratio", {}).get("value")
    cells.append("-" if busy is None else f"{busy:.0%}")
    return f"| {' | '.join(cells)} |"


def _cell(figures: Printed, name: str) -> str:
    found = figures.get(name, {"n": 0})
    if not found["n"]:
        return "-"
    if "value" in found:
        return f"{found['value']:,.0f} (1)"
    return f"{found['p50']:,.0f}, {found['p99']:,.0f} ({found['n']})"


def _figures(run: Run, alerts: int) -> Printed:
    if run.peer:
        return measured(run.peer, run.profile, alerts)
    return drilled(run.profile, "--alerts", str(alerts), *run.words)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=12, help="how long it may take")
    parser.add_argument("--alerts", type=int, default=24, help="flashes of each run")
    parser.add_argument("--into", type=Path, help="the page whose table gets the rows")
    parser.add_argument("--keep", type=Path, default=Path("alerts.jsonl"), help="every figure")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
