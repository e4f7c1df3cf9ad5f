"""Two real nodes, one without threads or memory: it goes on, or ends and starts whole."""

from __future__ import annotations

import resource
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from parley.errors import ParleyError
from parley.exhaustion import CODE
from parley.node.sample import SampleNode, SamplePair
from parley.testing.invariants import hold
from parley.testing.pairs import closed, end_of, missing, parties_of, reach, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

STACK = 1 << 30
"""Address space that each further thread wants, so that a limit can leave memory and no thread."""
ROUNDS = 6
PRESSES = 40
SHARE = 10
PAGES = 20
ABORTED = -6
"""How a process ends whose engine was refused memory, or that stood still."""


def test_a_node_that_can_start_no_thread_goes_on_and_says_so(tmp_path: Path) -> None:
    """Its threads run from the start: alerts go both ways, pages are answered."""
    with SamplePair.running(tmp_path, profile="lan", seed=1) as pair:
        near, _ = pair.nodes
        parties = parties_of(pair)
        near.stop()
        with stacks_of(STACK):
            near.start()
        near.wait()
        reach(lambda: closed(pair), 0)
        limit_memory(near, STACK // 2)
        written = 0
        while (codes := troubles(near)) != ["node.threads_short"]:
            assert codes == []
            time.sleep(0.5)
        for _ in range(ROUNDS):
            written += write_both(pair, parties)
            assert set(pages(near)) == {"200"}
        reach(lambda: missing(pair), 0)
        limit_memory(near, None)
        while troubles(near):
            time.sleep(0.5)
        hold_all(pair, parties, written)


@pytest.mark.parametrize("spare", [0, 4 << 20])
def test_a_node_without_memory_loses_nothing_and_starts_whole(tmp_path: Path, spare: int) -> None:
    """Whether it goes on or ends: what it said it had written is there, once and on both sides."""
    with SamplePair.running(tmp_path, profile="lan", seed=1) as pair:
        near, _ = pair.nodes
        parties = parties_of(pair)
        reach(lambda: closed(pair), 0)
        written = write_both(pair, parties)
        limit_memory(near, spare)
        for _ in range(PRESSES):
            kept = write_both(pair, parties, 50, may_refuse=True)
            written += kept
            pages(near)
            if not kept or near.ended is not None:
                break
        # What its allocators hold already may last for all of it: then it goes on, and says so.
        if goes_on(near):
            limit_memory(near, None)
        else:
            assert near.ended in {ABORTED, CODE}
            near.kill()
            near.start()
            near.wait()
        reach(lambda: closed(pair), 0)
        written += write_both(pair, parties)
        reach(lambda: missing(pair), 0)
        hold_all(pair, parties, written)


# ----------------------------------------------------------------------------------------- details


@contextmanager
def stacks_of(size: int) -> Iterator[None]:
    """Let processes that are started meanwhile give their threads so much address space."""
    before = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_STACK, before)


def limit_memory(node: SampleNode, spare: int | None) -> None:
    """Leave a running node so many bytes more than it has, or all there is."""
    with open(f"/proc/{node.process_id}/statm", encoding="ascii") as file:  # noqa: PTH123  no file
        has = int(file.read().split()[0]) * resource.getpagesize()
    soft = resource.RLIM_INFINITY if spare is None else has + spare
    resource.prlimit(node.process_id, resource.RLIMIT_AS, (soft, resource.RLIM_INFINITY))


def goes_on(node: SampleNode) -> bool:
    """Say whether a node without memory goes on whole and says so, rather than to end."""
    while node.ended is None:
        with suppress(ParleyError, OSError):
            codes = troubles(node)
            if "node.memory_short" in codes and "storage.failed" not in codes:
                return True
        time.sleep(0.1)
    return False


def troubles(node: SampleNode) -> list[str]:
    """Return what a node says is wrong with it."""
    return [each["code"] for each in node.ask("status")["troubles"]]


def write_both(
    pair: SamplePair, parties: tuple[str, str], count: int = SHARE, *, may_refuse: bool = False
) -> int:
    """Let both nodes write alerts; return how many the first said it had written."""
    near, far = pair.nodes
    write(far, parties[0], count)
    try:
        write(near, parties[1], count)
    except (ParleyError, OSError, ValueError):
        assert may_refuse
        return 0
    return count


def pages(node: SampleNode) -> list[str]:
    """Ask a node for many pages at once; return what each was answered."""

    def page(_: int) -> str:
        try:
            with urllib.request.urlopen(node.origin, timeout=10) as answer:  # noqa: S310  own
                return str(answer.status)
        except (OSError, urllib.error.HTTPError) as error:
            return type(error).__name__

    with ThreadPoolExecutor(PAGES) as pool:
        return [*pool.map(page, range(PAGES))]


def hold_all(pair: SamplePair, parties: tuple[str, str], written: int) -> None:
    """Stop both nodes and hold what they have to every invariant."""
    for node in pair.nodes:
        node.stop()
    ends = [end_of(node, party) for node, party in zip(pair.nodes, parties, strict=True)]
    hold(ends)
    assert len(ends[1].rung) >= written
