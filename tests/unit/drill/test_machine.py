"""How much of the machine a drill had."""

from pathlib import Path

import pytest

from parley.drill.machine import ProcessorTime

EARLIER = "cpu  100 0 50 800 10 0 5 35 0 0\ncpu0 1 2 3\n"
LATER = "cpu  160 0 70 840 10 0 5 115 7 0\ncpu0 1 2 3\n"


def _read(folder: Path, text: str) -> ProcessorTime:
    file = folder / "stat"
    file.write_text(text)
    return ProcessorTime.now(file)


def test_time_stolen_by_the_host_counts_as_busy(tmp_path: Path) -> None:
    """A drill that was not given the processor had no more of it than one that used it up."""
    earlier, later = _read(tmp_path, EARLIER), _read(tmp_path, LATER)
    assert later.busy_ratio_since(earlier) == pytest.approx(160 / 200)
    assert later.stolen_ratio_since(earlier) == pytest.approx(80 / 200)


def test_time_of_guests_is_not_counted_twice(tmp_path: Path) -> None:
    """The kernel counts a guest's ticks as user time already."""
    assert _read(tmp_path, LATER).all == 160 + 70 + 840 + 10 + 5 + 115


def test_no_time_between_two_looks_is_no_error(tmp_path: Path) -> None:
    """Two looks within a tick divide by nothing."""
    same = _read(tmp_path, EARLIER)
    assert (same.busy_ratio_since(same), same.stolen_ratio_since(same)) == (1, 0)


def test_the_machine_itself_can_be_read() -> None:
    """The kernel writes what is read here."""
    assert ProcessorTime.now().all > 0
