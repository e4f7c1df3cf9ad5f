"""What one relay carries on one core, how long packets stay in it, and what a watcher costs."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from relay.load import Load, Window, generator
from relay.processes import resident_kib
from relay.relays import Relay, Start

#: More missing packets than this and the relay does not carry the load: video shows one in a
#: thousand.
MISSING_SHARE_MAX = 0.001
#: Packets a second of a watcher at 600 kbit/s in packets of 1,100 bytes.
RATE_600_KBIT = 68
#: How far the sent rate may fall short before the generator, not the relay, is the limit.
_SENT_SHARE_MIN = 0.97
#: What one step carried, five windows need not: then so much less is asked, so often at most.
_RETREAT = 0.94
_RETREATS_MAX = 3
#: Rests of about a second that a relay gets after a load it did not carry.
_RESTS_MAX = 8


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    name: str
    rooms: int
    watchers: int
    windows: int
    window_seconds: float
    step_seconds: float
    #: Seconds of media before the relay is weighed: caches fill.
    weigh_seconds: float
    #: Each step of the search asks so much more than the last, until one fails twice.
    step: float
    #: How often the gap between carried and not carried is halved.
    halvings: int
    #: Sizes of the room that grows, and numbers of lines.
    people: tuple[int, ...]
    lines: tuple[int, ...]

    @property
    def fan_out(self) -> int:
        """Packets that leave the relay for each packet a second of each publisher."""
        return self.rooms * self.watchers


FULL = Plan(
    name="full",
    rooms=18,
    watchers=20,
    windows=5,
    window_seconds=2,
    step_seconds=1.5,
    weigh_seconds=3,
    step=1.2,
    halvings=2,
    people=(2, 10, 50),
    lines=(1, 6, 20),
)
QUICK = Plan(
    name="quick",
    rooms=9,
    watchers=20,
    windows=1,
    window_seconds=1,
    step_seconds=1,
    weigh_seconds=1.5,
    step=1.3,
    halvings=1,
    people=(),
    lines=(),
)


@dataclass
class Result:
    """What was measured of one relay."""

    version: str
    watchers: int
    baseline_ns: float = 0
    profiles: list[str] = field(default_factory=list)
    memory_kib_per_watcher: float = 0
    at_600_kbit: list[Window] = field(default_factory=list)
    at_50: list[Window] = field(default_factory=list)
    at_80: list[Window] = field(default_factory=list)
    full: list[Window] = field(default_factory=list)


class GeneratorBoundError(Exception):
    """The generator could not send or receive fast enough; the relay is not to blame."""


def measure(start: Start, plan: Plan, cores: tuple[int, int]) -> Result:
    """Run one relay through the whole plan."""
    with (
        tempfile.TemporaryDirectory(prefix="parley-bench-") as folder,
        generator(cores[1]) as load,
        start(Path(folder), cores[0]) as relay,
    ):
        say(f"{relay.version}: joining {plan.rooms} publishers, {plan.fan_out} watchers")
        result = Result(relay.version, plan.fan_out)
        _join(relay, load, plan, result)
        result.baseline_ns = load.baseline_ns()["p50"]
        run = Runner(relay, load, plan)
        result.at_600_kbit = run.windows(RATE_600_KBIT, "600 kbit/s per watcher")
        carried = run.search(median(window.busy_share for window in result.at_600_kbit))
        result.at_50 = run.windows(round(carried * 0.5), "50 %")
        result.at_80 = run.windows(round(carried * 0.8), "80 %")
        result.full = run.full(carried)
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

    def full(self, rate: int) -> list[Window]:
        """Measure at the highest rate that the relay carries window after window."""
        for _ in range(_RETREATS_MAX):
            seen = self.windows(rate, "100 %")
            if median(window.missing_share for window in seen) <= MISSING_SHARE_MAX:
                break
            rate = round(rate * _RETREAT)
            self._rest()
        return seen

    def search(self, share_at_600_kbit: float) -> int:
        """Return the highest rate per publisher that the relay carries.

        Args:
            share_at_600_kbit: Share of its core that it used at that rate; it begins from there.
        """
        carried, refused = RATE_600_KBIT, 0
        rate = max(carried, round(carried / share_at_600_kbit * 0.7))
        while not refused:
            if self._carries(rate):
                carried, rate = rate, round(rate * self.plan.step)
            else:
                refused = rate
        if refused <= carried:
            carried = round(refused * 0.7)
        for _ in range(self.plan.halvings):
            rate = (carried + refused) // 2
            carried, refused = (rate, refused) if self._carries(rate) else (carried, rate)
        return carried

    def _carries(self, rate: int) -> bool:
        """Try a rate, and once more if it fails: the machine has other things to do, too."""
        for _ in range(2):
            window = self._run(rate, self.plan.step_seconds)
            is_carried = window.missing_share <= MISSING_SHARE_MAX
            say(f"  {'carried' if is_carried else 'not carried'}: {describe(window)}")
            if is_carried:
                return True
            self._rest()
        return False

    def _rest(self) -> None:
        """Let the relay's queues run empty and its estimates recover from too high a load."""
        for _ in range(_RESTS_MAX):
            if self._run(RATE_600_KBIT, 0.5).missing_share == 0:
                return

    def _run(self, rate: int, seconds: float) -> Window:
        drops_before = _drops(self.load.ports())
        window = self.load.run(self.relay.process, rate, seconds)
        wanted = rate * self.plan.rooms * window.seconds
        if window.streams != self.plan.fan_out:
            say(f"  only {window.streams} of {self.plan.fan_out} streams arrive")
        if window.sent < wanted * _SENT_SHARE_MIN:
            raise GeneratorBoundError(f"it sent {window.sent} of {wanted:.0f} packets")
        if _drops(self.load.ports()) > drops_before:
            raise GeneratorBoundError("it did not take packets from the kernel in time")
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
    before_kib = _weigh(relay, load, plan)
    for room in range(plan.rooms):
        for _ in range(plan.watchers - few):
            relay.join_watcher(load, room, [room])
    result.profiles = load.connect()
    after_kib = _weigh(relay, load, plan)
    more = plan.rooms * (plan.watchers - few)
    result.memory_kib_per_watcher = (after_kib - before_kib) / more
    say(f"  {result.profiles}, {before_kib} KiB, {after_kib} KiB with {more} watchers more")


def _weigh(relay: Relay, load: Load, plan: Plan) -> int:
    """Return the resident memory once media has flowed for some seconds: caches count."""
    load.run(relay.process, RATE_600_KBIT, plan.weigh_seconds, warm_up=0)
    return resident_kib(relay.process)


def _drops(ports: list[int]) -> int:
    """Return how many packets the kernel dropped before sockets on these ports took them."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    return sum(int(row[-1]) for row in rows if int(row[1].partition(":")[2], 16) in ports)


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
