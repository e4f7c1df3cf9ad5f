"""Cost as it grows: people in one room, and lines on one node."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from relay.load import Window, generator
from relay.measure import Plan, describe, say
from relay.ours import EngineProcess, engine_process
from relay.processes import busy_seconds, resident_kib
from relay.relays import Start

#: Packets a second of 300 kbit/s in packets of 1,100 bytes.
_RATE = 34
#: Pictures that one person watches at once, as Parley's page has places for.
_WATCHED_MAX = 8
#: Estimates begin low; a room is measured once pictures flow.
_SETTLE_SECONDS = 1.5
_WINDOWS = 3
_WINDOW_SECONDS = 1.5
#: How long lines without anything to carry are observed: three probes of each path.
_IDLE_SECONDS = 6
_LINES_UP_SECONDS = 20


@dataclass(frozen=True)
class Growth:
    """What a room of one size cost."""

    windows: list[Window]
    baseline_ns: float


def grow_rooms(start: Start, plan: Plan, cores: tuple[int, int]) -> dict[int, Growth]:
    """Measure rooms in which everyone publishes and watches up to eight others."""
    return {people: _room(start, cores, people) for people in plan.people}


def _room(start: Start, cores: tuple[int, int], people: int) -> Growth:
    watched = min(_WATCHED_MAX, people - 1)
    with (
        tempfile.TemporaryDirectory(prefix="parley-bench-") as folder,
        generator(cores[1]) as load,
        start(Path(folder), cores[0]) as relay,
    ):
        relay.open_room(0)
        relay.join_both(load, 0, people, watched)
        load.connect()
        baseline_ns = load.baseline_ns()["p50"]
        load.run(relay.process, _RATE, _SETTLE_SECONDS)
        windows = [load.run(relay.process, _RATE, _WINDOW_SECONDS) for _ in range(_WINDOWS)]
        for window in windows:
            streams = f"{window.streams} of {people * watched} streams"
            say(f"  room of {people}, {streams}: {describe(window)}")
        return Growth(windows, baseline_ns)


def grow_lines(plan: Plan, cores: tuple[int, int]) -> tuple[dict[int, float], float]:
    """Measure an engine with several idle lines: share of a core by lines, and KiB per line."""
    shares: dict[int, float] = {}
    resident: dict[int, int] = {}
    for lines in plan.lines:
        with engine_process(cores[0]) as near, engine_process(cores[1]) as far:
            _open_lines(near, far, lines)
            before = busy_seconds(near.process)
            time.sleep(_IDLE_SECONDS)
            shares[lines] = (busy_seconds(near.process) - before) / _IDLE_SECONDS
            resident[lines] = resident_kib(near.process)
            say(f"  {lines} lines: core {shares[lines]:.2%}, {resident[lines]} KiB")
    fewest, most = min(resident), max(resident)
    return shares, (resident[most] - resident[fewest]) / max(1, most - fewest)


def _open_lines(near: EngineProcess, far: EngineProcess, lines: int) -> None:
    """Join one engine to many, each by a line of one path, and wait until all are up."""
    one = near.ask(do="start")
    others = [far.ask(do="start") for _ in range(lines)]
    near.ask(do="lines", to=others)
    far.ask(do="lines", to=[one] * lines)
    give_up = time.monotonic() + _LINES_UP_SECONDS
    while time.monotonic() < give_up:
        states = near.ask(do="line_states")["states"]
        if states == ["up"] * lines:
            return
        time.sleep(0.1)
    raise SystemExit(f"of {lines} lines some did not come up: {states}")
