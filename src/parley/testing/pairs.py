"""What tests ask of two sample nodes that run, and of what they leave."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from parley.ids import PartyId
from parley.testing.invariants import End, end_of_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.node.sample import SampleNode, SamplePair

STALL_S: Final = 180.0
"""Seconds without progress after which something is lost. It is no measurement."""


def parties_of(pair: SamplePair) -> tuple[str, str]:
    """Return the parties of the two nodes, near and far."""
    near, far = (str(node.ask("pair_list")["party"]["id"]) for node in pair.nodes)
    return near, far


def write(node: SampleNode, party: str, count: int) -> None:
    """Let a node write alerts to the other party."""
    node.ask("record_exercise", what="alerts", party=party, count=count)


def closed(pair: SamplePair) -> int:
    """Return how many of the nodes' logs may not grow yet: one that was killed asks first."""
    looks = [node.ask("record_exercise", what="look") for node in pair.nodes]
    return sum(look["state"] != "open" for look in looks)


def missing(pair: SamplePair) -> int:
    """Return how many entries and receipts the nodes still wait for, at least one while any moves.

    A receipt that is written after the entries were counted is owed no more and has not arrived:
    so they are counted before and after what is owed.
    """
    before = _sizes(pair)
    owed = sum(owed_in(node) for node in pair.nodes)
    if (after := _sizes(pair)) != before:
        return owed + 1
    (near_own, near_others), (far_own, far_others) = after
    return owed + abs(near_own - far_others) + abs(far_own - near_others)


def _sizes(pair: SamplePair) -> list[tuple[int, int]]:
    """Return how many entries each node has of its own and of the other's."""
    looks = [node.ask("record_exercise", what="look") for node in pair.nodes]
    return [(int(look["own"]), int(look["others"])) for look in looks]


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
        if time.monotonic() > moved_at + STALL_S:
            reason = f"still {now}"
            raise AssertionError(reason)
        time.sleep(0.5)
