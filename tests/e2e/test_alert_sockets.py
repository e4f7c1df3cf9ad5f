"""Alerts by the hundred between two real nodes over real sockets, through cuts and a kill.

PARLEY_ALERTS_SOCKETS says how many. Both nodes' databases are held to every invariant afterwards.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from parley.ids import PartyId
from parley.node.sample import SampleNode, SamplePair
from parley.testing.invariants import End, end_of_rows, hold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(14_400)]

ALERTS = int(os.environ.get("PARLEY_ALERTS_SOCKETS", "40"))
ROUNDS = 4
STALL_S = 180.0
"""Seconds without progress after which something is lost. It is no measurement."""


def test_alerts_over_real_sockets_are_neither_lost_nor_doubled_nor_out_of_order(
    tmp_path: Path,
) -> None:
    """Written on both sides, a cut in each round, a node killed in one."""
    with SamplePair.running(tmp_path, profile="border", seed=1) as pair:
        near, far = pair.nodes
        parties = [each.ask("pair_list")["party"]["id"] for each in pair.nodes]
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


# ----------------------------------------------------------------------------------------- details


def write(node: SampleNode, party: str, count: int) -> None:
    """Let a node write alerts to the other party."""
    node.ask("record_exercise", what="alerts", party=party, count=count)


def closed(pair: SamplePair) -> int:
    """Return how many of the nodes' logs may not grow yet: one that was killed asks first."""
    looks = [node.ask("record_exercise", what="look") for node in pair.nodes]
    return sum(look["state"] != "open" for look in looks)


def missing(pair: SamplePair) -> int:
    """Return how many entries and receipts the nodes still wait for."""
    near, far = (node.ask("record_exercise", what="look") for node in pair.nodes)
    entries = abs(near["own"] - far["others"]) + abs(far["own"] - near["others"])
    return int(entries) + sum(owed_in(node) for node in pair.nodes)


def owed_in(node: SampleNode) -> int:
    """Return how many receipts a node owes."""
    with reading(node).connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM crisis_owed")).scalar_one())


def end_of(node: SampleNode, party: str) -> End:
    """Return what is in a node's database."""
    with reading(node).connect() as connection:
        return end_of_rows(connection, PartyId.parse(party))


def reading(node: SampleNode) -> sa.Engine:
    """Return a way to read a node's database, whether it runs or not."""
    return sa.create_engine(f"sqlite:///{node.folder / 'parley.db'}", poolclass=sa.NullPool)


def reach(count: Callable[[], int], wanted: int) -> None:
    """Wait until a count has come to something, as long as it moves."""
    last, moved_at = -1, time.monotonic()
    while (now := count()) != wanted:
        if now != last:
            last, moved_at = now, time.monotonic()
        assert time.monotonic() < moved_at + STALL_S, f"still {now}"
        time.sleep(0.5)
