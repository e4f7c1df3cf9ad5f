#!/usr/bin/env python3
"""Compares the emulated wire with the kernel's token bucket (tbf) and with ping, in one run.

Two machines of a lab are joined by a TUN wire. Once the wire itself has the rate and the queue;
once it has none and the kernel shapes the same two devices with tbf, so that nothing differs but
the shaper. The rest is read by ping: round trip against the profile's, loss against the profile's
and against the wire's own count.

    just bench netem_crosscheck [--rate-mbit 4] [--seconds 5] [--json]

Needs root, ip and tc (iproute2), ping (iputils-ping) and iperf3.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from parley.drill.figures import DrillReport, Figure
from parley.testing.lab import Lab, LabUnavailable, Machine, Wire

QUEUE_MS = 200
"""The bound of either queue. Longer would let TCP fill it for all of a short run; shorter would
make both lose what the rate alone would have carried."""

LOSS_PERCENT = 15
"""What the profile loses one way: the loss of `slow-hours`."""

PINGS = 300
"""How many round trips make a percentile. Fewer leave nothing behind the 99th."""

LOSS_PINGS = 4000
"""How many pings the loss is counted over: a standard deviation of 0.6 points of 15."""

RUNS = 3
"""How often a throughput is measured. One TCP stream that overshoots at its start needs seconds to
recover, which a single run would take for the shaper's doing."""

TRIES = 10
"""How often a run is begun before its failure counts: iperf3's listening side serves one run at a
time and needs a moment, more on a busy machine, to be ready for the next."""

UDP_PAYLOAD = 1200
"""Bytes of a datagram; with its headers 1228 of IP, as large as a media packet."""

TBF_BURST_SECONDS = 0.01
"""Bytes tbf may send at once, as time at its rate. Less and a tbf that is woken late on a busy
machine may not catch up and stays below its rate (tc-tbf(8)); more and it sends the first packets
of a run faster than the rate. The wire needs none: it reckons with when a packet was to be sent."""

OVERLOAD = 1.5
"""How much faster than the rate the saturating sender sends; anything above 1 fills the queue."""

PACKETS_PER_SENDER = 40
"""How many waiting packets one sending socket is good for. Its own buffer holds about 50, and tbf,
which stands in the sender's kernel, never sees more of one socket than that."""


@dataclass(frozen=True)
class Pair:
    """Two machines, the address of the second, and what is between them."""

    near: Machine
    far: Machine
    address: str
    wire: Wire


def main() -> int:
    """Run everything, print figures, and return how a shell should take it."""
    arguments = parse_arguments()
    for program in ("ping", "iperf3", "tc"):
        if shutil.which(program) is None:
            print(f"netem_crosscheck needs {program}", file=sys.stderr)
            return 2
    try:
        figures = measure(arguments.rate_mbit, arguments.seconds, arguments.seed)
    except LabUnavailable as error:
        print(error, file=sys.stderr)
        return 2
    profile = f"lan,rtt=0ms,rate={arguments.rate_mbit}mbit,queue={QUEUE_MS}ms"
    report = DrillReport("netem_crosscheck", profile, arguments.seed, figures)
    print(report.as_json() if arguments.json else table(report))
    return 0


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate-mbit", type=int, default=4, help="the rate of both shapers")
    parser.add_argument("--seconds", type=int, default=5, help="length of each throughput run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def measure(rate_mbit: int, seconds: int, seed: int) -> dict[str, Figure]:
    """Measure what ping sees, then throughput and queue with either shaper."""
    with Lab.open() as lab, tempfile.TemporaryDirectory() as folder:
        near, far = lab.machine("near"), lab.machine("far")
        wire = lab.join(near, far, profile="lan,rtt=0ms,rate=none", seed=seed)
        far.start("iperf3", "--server", log=Path(folder) / "iperf3.log")
        pair = Pair(near, far, wire.address(far), wire)
        figures = seen_by_ping(pair)
        shaped = f"lan,rtt=0ms,rate={rate_mbit}mbit,queue={QUEUE_MS}ms"
        wire.set_profile(shaped)
        figures |= shaper_figures(pair, "netem_wire", rate_mbit, seconds)
        wire.set_profile("lan,rtt=0ms,rate=none")
        for machine in (near, far):
            set_tbf(machine, rate_mbit)
        figures |= shaper_figures(pair, "netem_tbf", rate_mbit, seconds)
        for machine in (near, far):
            done(machine, "tc", "qdisc", "delete", "dev", "wire1", "root")
        unshaped = [tcp_mbit(pair, seconds) for _ in range(RUNS)]
        figures["netem_wire_unshaped_tcp_mbit"] = Figure("Mbit/s", unshaped)
    return figures


def seen_by_ping(pair: Pair) -> dict[str, Figure]:
    """Measure the wire's own delay, a profile's delay, and a profile's loss."""
    figures = {"netem_wire_floor_rtt_ms": Figure("ms", round_trips(pair))}
    pair.wire.set_profile("border,loss=0%,jitter=0ms,rate=none")
    figures["netem_wire_border_rtt_ms"] = Figure("ms", round_trips(pair))
    pair.wire.set_profile(f"lan,rtt=0ms,rate=none,out.loss={LOSS_PERCENT}%")
    before, _ = pair.wire.stats()
    came_back = len(round_trips(pair, LOSS_PINGS, interval=0.002))
    after, _ = pair.wire.stats()
    lost = (after.lost - before.lost) / (after.offered - before.offered)
    figures["netem_ping_loss_ratio"] = Figure("ratio", [1 - came_back / LOSS_PINGS])
    figures["netem_counted_loss_ratio"] = Figure("ratio", [lost])
    return figures


def shaper_figures(pair: Pair, prefix: str, rate_mbit: int, seconds: int) -> dict[str, Figure]:
    """Measure throughput, and the round trip behind a full queue, of whatever shapes now."""
    full = while_saturated(pair, rate_mbit, seconds, lambda: round_trips(pair, seconds * 8, 0.1))
    return {
        f"{prefix}_udp_mbit": Figure(
            "Mbit/s", [udp_mbit(pair, rate_mbit, seconds) for _ in range(RUNS)]
        ),
        f"{prefix}_tcp_mbit": Figure("Mbit/s", [tcp_mbit(pair, seconds) for _ in range(RUNS)]),
        f"{prefix}_full_queue_rtt_ms": Figure("ms", full),
    }


def set_tbf(machine: Machine, rate_mbit: int) -> None:
    """Shape what a machine sends on its wire as the wire's own rate would."""
    burst = int(rate_mbit * 1e6 / 8 * TBF_BURST_SECONDS)
    limits = ("rate", f"{rate_mbit}mbit", "burst", str(burst), "latency", f"{QUEUE_MS}ms")
    done(machine, "tc", "qdisc", "replace", "dev", "wire1", "root", "tbf", *limits)


def round_trips(pair: Pair, count: int = PINGS, interval: float = 0.01) -> list[float]:
    """Return the round trips in ms of those pings that came back."""
    printed = pair.near.run("ping", "-c", str(count), "-i", str(interval), pair.address).stdout
    return [float(ms) for ms in re.findall(r"time=([\d.]+) ms", printed)]


def udp_mbit(pair: Pair, rate_mbit: int, seconds: int) -> float:
    """Return the payload rate that arrives of datagrams sent faster than the rate."""
    offered = f"{rate_mbit * OVERLOAD:g}M"
    options = ("--udp", "--bitrate", offered, "--length", str(UDP_PAYLOAD))
    summary = iperf3(pair, seconds, *options)["sum_received"]
    return float(summary["bits_per_second"]) / 1e6


def tcp_mbit(pair: Pair, seconds: int) -> float:
    """Return the payload rate of one TCP stream."""
    return float(iperf3(pair, seconds)["sum_received"]["bits_per_second"]) / 1e6


def while_saturated(
    pair: Pair, rate_mbit: int, seconds: int, look: Callable[[], list[float]]
) -> list[float]:
    """Look at something while datagrams fill the queue, once it is full."""
    packets = rate_mbit * 1e6 / 8 * QUEUE_MS / 1000 / UDP_PAYLOAD
    senders = int(packets / PACKETS_PER_SENDER) + 1
    offered = f"{rate_mbit * OVERLOAD / senders:g}M"
    with tempfile.TemporaryDirectory() as folder:
        command = ("iperf3", "--client", pair.address, "--udp", "--bitrate", offered)
        sizes = ("--parallel", str(senders), "--length", str(UDP_PAYLOAD))
        lasting = ("--time", str(seconds * 2))
        sender = pair.near.start(*command, *sizes, *lasting, log=Path(folder) / "log")
        # The queue is full after QUEUE_MS / (OVERLOAD - 1) = 0.4 s; twice that is enough.
        pair.near.run("sleep", "1")
        seen = look()
        sender.wait()
    return seen


def iperf3(pair: Pair, seconds: int, *options: str) -> dict[str, dict[str, float]]:
    """Run iperf3 and return its totals."""
    command = ("iperf3", "--client", pair.address, "--time", str(seconds), "--json", *options)
    failure = ""
    for _ in range(TRIES):
        report = json.loads(pair.near.run(*command).stdout)
        totals: dict[str, dict[str, float]] = report["end"]
        if "sum_received" in totals:
            return totals
        failure = report.get("error", "no totals")
        pair.near.run("sleep", "1")
    raise SystemExit(f"{' '.join(command)}: {failure}")


def done(machine: Machine, *command: str) -> str:
    """Run a command that has to succeed, and return what it printed."""
    result = machine.run(*command)
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {result.stderr or result.stdout}")
    return result.stdout


def table(report: DrillReport) -> str:
    """Return the figures for a person, one a line."""
    lines = [f"{report.drill}  {report.profile}  seed {report.seed}"]
    for name, figure in report.figures.items():
        summary = figure.summary()
        numbers = [f"{key} {value}" for key, value in summary.items() if key != "unit"]
        lines.append(f"{name:32} {figure.unit:7} {'  '.join(numbers)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
