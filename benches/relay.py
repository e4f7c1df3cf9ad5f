"""Relay: packets and Mbit/s per core, residence, memory; Janus does the same work in the same run.

just bench relay [--quick] [--json] [--only relay|janus]

A full run takes under five minutes, a quick one under one. Needs two cores, Debian's `janus`,
`taskset`, `setpriv`, `unshare` and `ip`; it compiles the generator if need be.
"""

from __future__ import annotations

import argparse
import os
import sys

from relay.growth import grow_lines, grow_rooms
from relay.janus import janus
from relay.load import build
from relay.measure import FULL, QUICK, measure, say
from relay.network import enter, is_inside
from relay.ours import ours
from relay.report import Report

_RELAYS = {"relay": ours, "janus": janus}


def main(arguments: list[str]) -> int:
    """Measure, and print the figures."""
    asked = _parse(arguments)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:  # noqa: PLR2004 - one for the relay, one for the generator
        raise SystemExit("two cores are needed: one for the relay, one for the generator")
    if not is_inside():
        build()
    enter()
    os.sched_setaffinity(0, {cores[1]})
    plan = QUICK if asked.quick else FULL
    report = Report(plan.name, seed=0)
    for name, start in _RELAYS.items():
        if asked.only in (None, name):
            report.add(name, measure(start, plan, (cores[0], cores[1])))
            report.add_growth(name, grow_rooms(start, plan, (cores[0], cores[1])))
    if plan.lines and asked.only in (None, "relay"):
        report.add_lines(*grow_lines(plan, (cores[0], cores[1])))
    say(f"load average {os.getloadavg()[0]:.1f}: more than 2 means that others worked, too")
    print(report.as_json() if asked.json else report.as_text())
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter windows")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", choices=_RELAYS, help="measure one of the two")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
