"""What one relay carries on one core, how long packets stay in it, and what a watcher costs."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from relay.load import Load, Window
from relay.relays import Relay, Start

#: More missing packets than this and the relay does not carry the load: video shows one in a
#: thousand.
MISSING_SHARE_MAX = 0.001
#: Packets a second of a watcher at 600 kbit/s in packets of 1,100 bytes.
RATE_600_KBIT = 68
#: How far the sent rate may fall short before the generator, not the relay, is the limit.
_SENT_SHARE_MIN = 0.98
#: Each step of the search asks so much more than the last, until one fails.
_STEP = 1.3
#: How often the gap between carried and not carried is halved: 1.3 / 2^4 leaves 2 %.
_HALVINGS = 4


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    rooms: int
    watchers: int
    windows: int
    window_seconds: float
    step_seconds: float

    @property
    def fan_out(self) -> int:
        """Packets that leave the relay for each packet a second of each publisher."""
        return self.rooms * self.watchers


FULL = Plan(rooms=18, watchers=20, windows=5, window_seconds=2.5, step_seconds=2.0)
QUICK = Plan(rooms=9, watchers=20, windows=2, window_seconds=1.0, step_seconds=1.0)


@dataclass
class Result:
    """What was measured of one relay."""

    version: str = ""
    profiles: list[str] = field(default_factory=list)
    carried_rate: int = 0
    baseline_ns: float = 0
    full: list[Window] = field(default_factory=list)
    at_50: list[Window] = field(default_factory=list)
    at_80: list[Window] = field(default_factory=list)
    at_600_kbit: list[Window] = field(default_factory=list)
    watchers: int = 0
    memory_kib_per_watcher: float = 0


class Generatorbound(Exception):
    """The generator could not send or receive fast enough; the relay is not to blame."""


def measure(start: Start, plan: Plan, cores: tuple[int, int]) -> Result:
    """Run one relay through the whole plan."""
    with (
        tempfile.TemporaryDirectory(prefix="parley-bench-") as folder,
        Load(cores[1]) as load,
        start(Path(folder), cores[0]) as relay,
    ):
        say(f"{relay.version}: joining {plan.rooms} publishers, {plan.fan_out} watchers")
        result = Result(version=relay.version, watchers=plan.fan_out)
        _join(relay, load, plan, result)
        result.baseline_ns = load.baseline_ns()["p50"]
        run = Runner(relay, load, plan)
        result.at_600_kbit = run.windows(RATE_600_KBIT, "600 kbit/s per watcher")
        result.carried_rate = run.search()
        result.full = run.windows(result.carried_rate, "100 %")
        result.at_80 = run.windows(round(result.carried_rate * 0.8), "80 %")
        result.at_50 = run.windows(round(result.carried_rate * 0.5), "50 %")
        return result


@dataclass
class Runner:
    """Runs windows on one relay with one generator."""

    relay: Relay
    load: Load
    plan: Plan

    def windows(self, rate: int, label: str) -> list[Window]:
        """Measure as many windows as planned at one rate."""
        seen = [self._run(rate, self.plan.window_seconds) for _ in range(self.plan.windows)]
        for window in seen:
            say(f"  {label}: {describe(window)}")
        return seen

    def search(self) -> int:
        """Return the highest rate per publisher that the relay carries."""
        carried, refused = RATE_600_KBIT, 0
        while not refused:
            rate = round(carried * _STEP)
            carried, refused = self._step(rate, carried, refused)
        for _ in range(_HALVINGS):
            carried, refused = self._step((carried + refused) // 2, carried, refused)
        return carried

    def _step(self, rate: int, carried: int, refused: int) -> tuple[int, int]:
        window = self._run(rate, self.plan.step_seconds)
        is_carried = window.missing_share <= MISSING_SHARE_MAX
        say(f"  {'carried' if is_carried else 'not carried'}: {describe(window)}")
        if is_carried:
            return rate, refused
        # Let the relay's queues run empty, or the next step would pay for this one.
        self.load.run(self.relay.process, 0, 0.5, warm_up=0)
        return carried, rate

    def _run(self, rate: int, seconds: float) -> Window:
        window = self.load.run(self.relay.process, rate, seconds)
        wanted = rate * self.plan.rooms * window.seconds
        if window.streams != self.plan.fan_out:
            say(f"  only {window.streams} of {self.plan.fan_out} streams arrive")
        if window.sent < wanted * _SENT_SHARE_MIN:
            raise Generatorbound(f"sent {window.sent} of {wanted:.0f} packets")
        return window


def _join(relay: Relay, load: Load, plan: Plan, result: Result) -> None:
    """Join everyone, and weigh the relay with few watchers and with all."""
    for room in range(plan.rooms):
        relay.open_room(room)
        relay.join_publisher(load, room, room)
    load.connect()
    few = max(1, plan.watchers // 10)
    for room in range(plan.rooms):
        for _ in range(few):
            relay.join_watcher(load, room, [room])
    load.connect()
    before_kib = _weigh(relay, load)
    for room in range(plan.rooms):
        for _ in range(plan.watchers - few):
            relay.join_watcher(load, room, [room])
    result.profiles = load.connect()
    after_kib = _weigh(relay, load)
    more = plan.rooms * (plan.watchers - few)
    result.memory_kib_per_watcher = (after_kib - before_kib) / more
    say(f"  {result.profiles}, {before_kib} KiB, {after_kib} KiB with {more} watchers more")


def _weigh(relay: Relay, load: Load) -> int:
    """Return the resident memory once media has flowed for some seconds: caches count."""
    load.run(relay.process, RATE_600_KBIT, seconds=3, warm_up=0)
    for line in Path(f"/proc/{relay.process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def describe(window: Window) -> str:
    """Say on one line what a window saw."""
    odd = {name: count for name, count in window.oddities.items() if count}
    p50, p99 = (window.delay_ns[name] or 0 for name in ("p50", "p99"))
    return (
        f"{window.received / window.seconds:9,.0f} packets/s, missing {window.missing_share:.3%},"
        f" core {window.busy_share:.0%}, {window.packets_per_busy_second:,.0f} packets per busy"
        f" second, delay p50 {p50 / 1e6:.2f} p99 {p99 / 1e6:.2f} ms, generator"
        f" {window.own_busy_seconds / window.seconds:.0%} {odd or ''}"
    )


def say(text: str) -> None:
    """Tell whoever waits how far it is."""
    print(text, file=sys.stderr, flush=True)
