"""A second path for the line of a sample pair, over an emulated network of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from parley._core import UdpWire
from parley.config import FILE_NAME
from parley.errors import SampleFailed
from parley.node.sample import LINE_S_MAX, LOOPBACK, SampleNode, SamplePair, free_port

POLL_S: Final = 0.1
_PATH: Final = """[[line.path]]
name = "second"
listen = "{listen}"
advertise = "{advertise}"

"""


@contextmanager
def second_path(pair: SamplePair) -> Iterator[UdpWire]:
    """Give both nodes another path, start them again, and yield its wire.

    Raises:
        SampleFailed: the line does not come up on it.
    """
    near, far = pair.nodes
    lines = [free_port(0) for _ in pair.nodes]
    ends = [free_port(0) for _ in pair.nodes]
    wire = UdpWire(
        profile=pair.profile,
        seed=pair.seed + 1,
        near_target=f"{LOOPBACK}:{lines[0]}",
        far_target=f"{LOOPBACK}:{lines[1]}",
        near_listen=f"{LOOPBACK}:{ends[0]}",
        far_listen=f"{LOOPBACK}:{ends[1]}",
    )
    try:
        for node in pair.nodes:
            node.stop()
        _add(near, lines[0], ends[1])
        _add(far, lines[1], ends[0])
        for node in pair.nodes:
            node.start()
        for node in pair.nodes:
            node.wait()
        _exchange(near, far)
        _exchange(far, near)
        last = time.monotonic() + LINE_S_MAX
        while not (pair.is_line_up() and _paths(near) > 1):
            if time.monotonic() > last:
                raise SampleFailed(folder=str(pair.folder))
            time.sleep(POLL_S)
        yield wire
    finally:
        wire.stop()


def _add(node: SampleNode, listen: int, reached_at: int) -> None:
    """Write one more path before the next section of a node's settings."""
    file = node.folder / FILE_NAME
    before, mark, rest = file.read_text(encoding="utf-8").partition("[[line.path]]")
    own, end, after = rest.partition("\n[")
    if not mark or not end:
        raise SampleFailed(folder=str(node.folder))
    fresh = _PATH.format(listen=f"{LOOPBACK}:{listen}", advertise=f"{LOOPBACK}:{reached_at}")
    file.write_text(f"{before}{mark}{own}\n{fresh}[{after}", encoding="utf-8")


def _exchange(ours: SampleNode, theirs: SampleNode) -> None:
    """Import the other's newest card, which names the path."""
    card = theirs.ask("pair_card")["card"]
    party = ours.ask("pair_import", card=card)["party"]["id"]
    ours.ask("pair_confirm", party=party)


def _paths(node: SampleNode) -> int:
    """Return over how many paths a node's line is up."""
    states = [path["state"] for line in node.ask("status")["lines"] for path in line["paths"]]
    return states.count("up")
