"""Record: entries/s and latency beside two Synapse servers and NATS JetStream, in the same run.

just bench record_peers --prepare                     install the peers' programs into a cache
just bench record_peers [--profile lan|border] [--quick] [--json] [--only synapse|jetstream|parley]

A full run takes three to four minutes, a quick one about two. Needs root (network
namespaces), Debian's `postgresql` and what `--prepare` installs.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from record_peers.federation import measure_synapse
from record_peers.jetstream import measure_jetstream
from record_peers.ours import measure_parley
from record_peers.places import prepare, require
from record_peers.plan import FULL, QUICK, Plan
from record_peers.report import Report
from record_peers.sides import PeerFailedError, say, two_sides

_SEED = 1
_PEERS = {"synapse": measure_synapse, "jetstream": measure_jetstream}
_ALL = (*_PEERS, "parley")


def main(arguments: list[str]) -> int:
    """Measure, and print the figures."""
    asked = _parse(arguments)
    if asked.prepare:
        prepare()
        return 0
    chosen = asked.only or _ALL
    require(synapse="synapse" in chosen, jetstream="jetstream" in chosen)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    plan = QUICK if asked.quick else FULL
    report = Report(asked.profile, _SEED)
    is_whole = True
    for name in chosen:
        try:
            _measure(name, asked.profile, plan, report)
        except PeerFailedError as error:
            report.leave_out(name, str(error))
            is_whole = False
        except KeyboardInterrupt:
            return 130
    say(f"load average {os.getloadavg()[0]:.1f}: more than 3 means that others worked, too")
    print(report.as_json() if asked.json else report.as_text())
    return 0 if is_whole else 1


def _measure(name: str, profile: str, plan: Plan, report: Report) -> None:
    if name == "parley":
        report.add_printed(measure_parley(profile, plan))
        return
    with two_sides(profile, _SEED) as (near, far, _wire):
        report.add(name, _PEERS[name](near, far, plan, _SEED))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--prepare", action="store_true", help="install the peers' programs")
    parser.add_argument("--profile", default="lan", help="the emulated wire: lan, border, ...")
    parser.add_argument("--quick", action="store_true", help="shorter phases")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--only", choices=_ALL, action="append", help="measure this one; may be repeated"
    )
    return parser.parse_args(arguments)


def _leave(number: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that everything that was started is ended, too."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
