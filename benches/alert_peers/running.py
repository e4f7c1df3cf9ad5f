"""One system after the other: the drill, or a peer on two sides of the same wire."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from record_peers.sides import PeerFailedError, say, two_sides

from alert_peers.notifier import measure_alertmanager
from alert_peers.synapse_alerts import measure_synapse
from parley.drill.figures import Figure, units

SEED: Final = 1
_RESTARTS: Final = 2
_DRILL_S_MAX: Final = 300
_PEERS: Final = {"synapse": measure_synapse, "alertmanager": measure_alertmanager}
SYSTEMS: Final = ("parley", *_PEERS)
Printed = dict[str, Mapping[str, Any]]


def measured(name: str, profile: str, alerts: int) -> Printed:
    """Return the figures of one system as they are printed.

    Raises:
        PeerFailedError, SubprocessError: it could not be measured.
    """
    if name == "parley":
        say("parley: drill alert")
        return drilled(profile, "--alerts", str(alerts), "--no-limits")
    with two_sides(profile, SEED) as (near, far, _wire):
        samples = _PEERS[name](near, far, alerts, _RESTARTS)
    full = {f"{name}_{figure}": values for figure, values in samples.items()}
    return {each: Figure(units()[each], values).summary() for each, values in full.items()}


def drilled(profile: str, *words: str) -> Printed:
    """Return the figures of `parley drill alert`; raises like :func:`measured`."""
    command = [sys.executable, "-m", "parley", "drill", "alert", "--profile", profile, *words]
    done = subprocess.run(
        [*command, "--json"], stdout=subprocess.PIPE, text=True, timeout=_DRILL_S_MAX, check=False
    )
    if done.returncode:
        raise PeerFailedError(f"parley drill alert ended with {done.returncode}: {done.stdout}")
    figures: Printed = json.loads(done.stdout)["figures"]
    return figures
