"""Institutions write alerts to each other through loss, cuts, crashes, jumps and hostile parties.

Every history follows from its seed, which a failure names; PARLEY_ALERTS says how many alerts are
written in all (:mod:`parley.testing.alert_histories` runs millions in several processes). After
each history the lines heal, and :mod:`parley.testing.invariants` holds everybody to everything.
"""

import os

import pytest

from parley.testing.alert_histories import PER_HISTORY, History, run_histories
from parley.testing.invariants import Invariant

ALERTS = int(os.environ.get("PARLEY_ALERTS", "600"))
CHUNKS = 3
PER_CHUNK = max(1, -(-ALERTS // PER_HISTORY // CHUNKS))


@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_history_loses_doubles_or_reorders_an_alert(chunk: int) -> None:
    """Whatever happens to lines, nodes and clocks, and whatever a hostile party writes."""
    counts = run_histories(chunk * PER_CHUNK, PER_CHUNK)
    assert counts.alerts >= PER_CHUNK * PER_HISTORY
    assert counts.lost_letters
    assert counts.repeated_letters
    assert counts.failed_seeds == []


def test_histories_have_every_kind_of_mishap_in_them() -> None:
    """Or they would prove little."""
    counts = run_histories(0, 4)
    for name in ("crashes", "jumps", "cuts", "hostile", "overdue", "lost_letters"):
        assert getattr(counts, name) > 0, name


def test_a_history_comes_out_the_same_every_time() -> None:
    """A seed that fails can be looked at."""
    first, second = History(5), History(5)
    assert first.live() == second.live()
    assert [desk.disk.logs for desk in first.desks] == [desk.disk.logs for desk in second.desks]


def test_a_history_notices_an_alert_that_never_arrived() -> None:
    """What counts losses counts them."""
    history = History(1)
    history.live()
    far = next(desk for desk in history.desks if desk.disk.rung)
    lost = far.disk.rung.pop()
    del far.disk.alerts[lost]
    assert Invariant.ONCE in {each.invariant for each in history.found()}


def test_a_history_notices_an_alert_that_rang_twice() -> None:
    """What counts doubles counts them."""
    history = History(1)
    history.live()
    far = next(desk for desk in history.desks if desk.disk.rung)
    far.disk.rung.append(far.disk.rung[0])
    assert Invariant.ONCE in {each.invariant for each in history.found()}


def test_a_history_notices_entries_that_changed_places() -> None:
    """What counts disorder counts it."""
    history = History(1)
    history.live()
    sender, to = next(way for way in history.ways() if len(history.copy(*way)) > 1)
    copy = history.copy(sender, to)
    copy[0], copy[1] = copy[1], copy[0]
    assert Invariant.ONE_PLACE in {each.invariant for each in history.found()}
