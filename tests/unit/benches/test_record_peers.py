"""Figures of the bench beside other systems: what counts as seen, late and missing."""

import itertools

import pytest
from record_peers.counting import Tally, due, has_settled, missing_ratio
from record_peers.measured import Measured
from record_peers.plan import texts

from parley.drill.figures import units


def tally_of(*entries: tuple[float, float | None, float | None]) -> Tally:
    """Return a tally of entries, each the instants at which it was given, taken and seen."""
    tally = Tally()
    for number, (given, taken, seen) in enumerate(entries):
        tally.given[number] = given
        if taken is not None:
            tally.taken[number] = taken
        if seen is not None:
            tally.see(number, seen)
    return tally


def test_a_latency_begins_when_the_entry_was_due() -> None:
    """A writer that is kept waiting is part of the latency."""
    tally = tally_of((1.0, 1.4, 1.5), (2.0, 2.1, 2.25))
    assert tally.latencies_ms() == [500, 250]


def test_what_is_missing_has_no_latency() -> None:
    """It is counted apart, and never as a fast or a slow one."""
    assert tally_of((1.0, 1.1, None), (2.0, 2.1, 2.5)).latencies_ms() == [500]


def test_only_the_first_sight_of_an_entry_counts() -> None:
    """A far side may show an entry again."""
    tally = tally_of((1.0, 1.1, 1.5))
    tally.see(0, 9.0)
    assert tally.latencies_ms() == [500]


def test_a_rate_counts_what_was_seen_before_the_load_ended() -> None:
    """What drains from a backlog afterwards is not a rate that could go on."""
    tally = tally_of((10.0, 10.1, 11.0), (10.5, 10.6, 14.0), (11.0, 11.1, 14.1))
    assert tally.seen_per_second(4) == 0.5


def test_a_rate_without_entries_is_zero() -> None:
    """Nothing was given."""
    assert Tally().seen_per_second(4) == 0


def test_missing_is_what_was_taken_and_never_seen() -> None:
    """An entry that the near side refused is nobody's loss."""
    tally = tally_of((1.0, 1.1, 1.2), (1.0, 1.1, None), (1.0, None, None))
    assert tally.missing() == {1}
    assert not tally.is_complete
    assert tally.on_the_way == 2


def test_a_share_of_missing_is_taken_over_all_phases() -> None:
    """Phases of different length weigh by their entries."""
    lossy = tally_of((1.0, 1.1, None))
    whole = tally_of(*[(1.0, 1.1, 1.2)] * 3)
    assert missing_ratio(lossy, whole) == 0.25
    assert missing_ratio(Tally()) == 0


def test_an_even_pace_does_not_drift() -> None:
    """Each entry is due by its number, whenever the one before it went."""
    assert [due(number, 100, 20) for number in (0, 1, 40)] == [100, 100.05, 102]


@pytest.mark.parametrize(
    ("now", "last_seen", "settled"),
    [(109.9, 100.0, False), (110.0, 100.0, True), (119.0, 110.0, False), (140.0, 139.9, True)],
)
def test_waiting_ends_when_nothing_comes_or_it_took_too_long(
    now: float, last_seen: float, *, settled: bool
) -> None:
    """Ten seconds without a new entry, or forty since the last was given at 100."""
    assert has_settled(now, 100.0, last_seen, 10.0, 40.0) is settled


@pytest.mark.parametrize("name", ["synapse", "jetstream"])
def test_every_figure_of_a_peer_is_listed(name: str) -> None:
    """A figure without a meaning in src/parley/drill/figures.toml cannot be printed."""
    tally = tally_of((1.0, 1.1, 1.2), (1.0, 1.1, None))
    unlisted = {1} if name == "synapse" else None
    measured = Measured("1", tally, tally, 2.0, 10.0, 900.0, unlisted)
    samples = measured.samples()
    assert {f"{name}_{figure}" for figure in samples} <= units().keys()
    assert samples["missing_ratio"] == [0.5]
    assert samples["entries_held_per_second"] == [0.5]
    assert samples.get("unlisted_ratio") == (None if unlisted is None else [0.25])


def test_no_text_comes_twice() -> None:
    """A wire that compresses would carry repeated texts for nothing."""
    written = list(itertools.islice(texts(1, 700), 200))
    assert len(set(written)) == 200
    assert {len(text) for text in written} == {700}
    assert written == list(itertools.islice(texts(1, 700), 200))
