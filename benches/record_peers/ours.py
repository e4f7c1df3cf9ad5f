"""Parley in the same run: its own drill, as anybody calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from record_peers.plan import Plan
from record_peers.sides import PeerFailedError, say

#: The drill starts two nodes, measures for less than a minute and stops them.
_DRILL_S_MAX = 300


def measure_parley(profile: str, plan: Plan) -> dict[str, dict[str, Any]]:
    """Run the record drill's phases that the others have, and return its figures as it prints them.

    Raises:
        PeerFailedError: the drill failed.
    """
    say("parley: drill record")
    phases = ("--even", str(plan.pace_s), "--full", str(plan.load_s))
    command = [sys.executable, "-m", "parley", "drill", "record", "--profile", profile, *phases]
    command += ["--restored", "0", "--backlog", "0", "--json"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=_DRILL_S_MAX, check=False
    )
    if done.returncode:
        raise PeerFailedError(f"parley drill record ended with {done.returncode}")
    figures: dict[str, dict[str, Any]] = json.loads(done.stdout)["figures"]
    return figures
