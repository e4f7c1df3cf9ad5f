"""What long runs of histories find adds up, and nothing counts twice."""

from pathlib import Path

from parley.testing.alert_counts import AlertChunk, Counts, keep, kept, next_seed, total
from parley.testing.alert_histories import run_chunk


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    """A first run begins with the seed it was given."""
    chunks = kept(tmp_path / "counts.jsonl")
    assert chunks == []
    assert next_seed(chunks, 7) == 7
    assert total(chunks) == Counts()


def test_chunks_of_several_runs_add_up_and_the_next_goes_on_after_them(tmp_path: Path) -> None:
    """In whichever order they ended."""
    file = tmp_path / "counts.jsonl"
    for first in (32, 16):
        keep(
            file,
            AlertChunk(first, 16, 1.0, Counts(histories=16, alerts=1_000, failed_seeds=[first])),
        )
    chunks = kept(file)
    assert total(chunks) == Counts(histories=32, alerts=2_000, failed_seeds=[32, 16])
    assert next_seed(chunks, 0) == 48
    assert next_seed(chunks, 1_000) == 1_000


def test_a_line_that_was_cut_off_counts_nothing(tmp_path: Path) -> None:
    """A run may be ended while it writes."""
    file = tmp_path / "counts.jsonl"
    keep(file, AlertChunk(0, 16, 1.0, Counts(histories=16)))
    whole = file.read_text()
    file.write_text(whole + whole[:20])
    assert total(kept(file)).histories == 16
    keep(file, AlertChunk(16, 16, 1.0, Counts(histories=16)))
    assert total(kept(file)).histories == 32


def test_each_kind_of_fault_makes_counts_broken() -> None:
    """Whatever is not nought is to be looked at."""
    assert not Counts(alerts=3, crashes=2).is_broken
    for name in ("alerts_lost", "alerts_doubled", "headers_out_of_order", "other_violations"):
        counts = Counts()
        setattr(counts, name, 1)
        assert counts.is_broken, name


def test_a_chunk_says_which_seeds_it_ran() -> None:
    """And how much processor time it took."""
    chunk = run_chunk(40, 1)
    assert (chunk.first, chunk.number, chunk.counts.histories) == (40, 1, 1)
    assert chunk.counts.alerts >= 64
    assert chunk.processor_s > 0
