"""A network of one's own: nothing that the bench sends can leave, nothing from outside comes in.

Janus ignores the loopback device, so the relays need an address on another one. In a network
namespace with a pair of virtual cables that lead nowhere, such an address costs nothing and every
packet still takes the kernel's loopback path.
"""

from __future__ import annotations

import os
import subprocess
import sys
from shutil import which

RELAY_ADDRESS = "10.77.0.1"
FIRST_ENDPOINT_ADDRESS = "10.77.1.0"
_ENDPOINTS = "10.77.0.0/16"
_MARK = "PARLEY_BENCH_NETWORK"


def is_inside() -> bool:
    """Return whether this program runs in its own network namespace already."""
    return _MARK in os.environ


def enter() -> None:
    """Start this program again in a network namespace of its own, unless it is there already.

    Raises:
        SystemExit: when the machine does not allow it, with what is missing.
    """
    if is_inside():
        _lay()
        return
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if which(tool) is None:
            raise SystemExit(f"{tool} is missing: apt-get install {package}")
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *as_root, "--net", "--", sys.executable, *sys.argv]
    os.execvpe(command[0], command, {**os.environ, _MARK: "1"})  # noqa: S606 - replaces itself


def _lay() -> None:
    for words in (
        "link set lo up",
        "link add relay0 type veth peer name relay1",
        "link set relay0 up",
        "link set relay1 up",
        f"address add {RELAY_ADDRESS}/32 dev relay0",
        f"route add local {_ENDPOINTS} dev relay0",
    ):
        subprocess.run(["ip", *words.split()], check=True)
