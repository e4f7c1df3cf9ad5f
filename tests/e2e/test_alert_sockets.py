"""Alerts by the hundred between two real nodes over real sockets, through cuts and a kill.

PARLEY_ALERTS_SOCKETS says how many. Both nodes' databases are held to every invariant afterwards.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from parley.node.sample import SamplePair
from parley.testing.invariants import hold
from parley.testing.pairs import closed, end_of, missing, parties_of, reach, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(14_400)]

ALERTS = int(os.environ.get("PARLEY_ALERTS_SOCKETS", "40"))
ROUNDS = 4


def test_alerts_over_real_sockets_are_neither_lost_nor_doubled_nor_out_of_order(
    tmp_path: Path,
) -> None:
    """Written on both sides, a cut in each round, a node killed in one."""
    with SamplePair.running(tmp_path, profile="border", seed=1) as pair:
        near, far = pair.nodes
        parties = parties_of(pair)
        # Each round writes half of its alerts into a cut.
        share = max(1, ALERTS // ROUNDS // 4)
        reach(lambda: closed(pair), 0)
        for number in range(ROUNDS):
            for is_cut in (False, True):
                if is_cut:
                    pair.wire.cut()
                write(near, parties[1], share)
                write(far, parties[0], share)
                if is_cut:
                    if number == 1:
                        far.kill()
                        far.start()
                        far.wait()
                    pair.wire.restore()
                    reach(lambda: closed(pair), 0)
        reach(lambda: missing(pair), 0)
        for node in pair.nodes:
            node.stop()
        ends = [end_of(node, party) for node, party in zip(pair.nodes, parties, strict=True)]
    hold(ends)
    assert [len(end.rung) for end in ends] == [2 * ROUNDS * share] * 2
    assert all(alert.state.value == "delivered" for end in ends for alert in end.alerts.values())
