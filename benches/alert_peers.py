"""Alerts: Parley beside two Synapse servers and Prometheus Alertmanager, over the same wire.

just bench alert_peers --prepare                   install Synapse into a cache
just bench alert_peers [--profile border] [--alerts 40] [--json] [--only synapse|...]

A run takes about three minutes. Needs root (network namespaces), Debian's `postgresql` and
`prometheus-alertmanager`, and what `--prepare` installs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys

from alert_peers.notifier import ALERTMANAGER
from alert_peers.running import SEED, SYSTEMS, Printed, measured
from record_peers.places import prepare, require
from record_peers.sides import PeerFailedError

from parley.drill.figures import machine


def main(arguments: list[str]) -> int:
    """Measure, and print the figures."""
    asked = _parse(arguments)
    if asked.prepare:
        prepare()
        return 0
    chosen = asked.only or SYSTEMS
    require(synapse="synapse" in chosen, jetstream=False)
    if "alertmanager" in chosen and shutil.which(ALERTMANAGER) is None:
        raise SystemExit(f"{ALERTMANAGER} is missing: apt-get install {ALERTMANAGER}")
    figures: Printed = {}
    notes: list[str] = []
    for name in chosen:
        try:
            figures |= measured(name, asked.profile, asked.alerts)
        except (PeerFailedError, subprocess.SubprocessError) as error:
            notes.append(f"{name} was not measured: {error}")
    notes.append(f"load average {os.getloadavg()[0]:.1f}")
    told = {"drill": "alert_peers", "profile": asked.profile, "seed": SEED, "machine": machine()}
    if asked.json:
        print(json.dumps({**told, "notes": notes, "figures": figures}, indent=2))
    else:
        print("\n".join([f"{name} {dict(each)}" for name, each in figures.items()] + notes))
    return 0 if len(notes) == 1 else 1


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--prepare", action="store_true", help="get the peers' programs")
    parser.add_argument("--profile", default="border", help="the emulated wire: lan, border, ...")
    parser.add_argument("--alerts", type=int, default=40, help="how many of each system")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", choices=SYSTEMS, action="append", help="measure this one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
