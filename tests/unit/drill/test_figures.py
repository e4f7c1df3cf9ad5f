"""Figures print what was measured and nothing else."""

import json

from parley.drill.figures import DrillReport, Figure, percentile


def test_a_figure_without_a_sample_prints_no_number() -> None:
    """Nothing measured is never read as zero."""
    assert Figure("ms", []).summary() == {"unit": "ms", "n": 0}


def test_one_sample_is_a_value() -> None:
    """A single reading has no spread to show."""
    assert Figure("ratio", [0.25]).summary() == {"unit": "ratio", "n": 1, "value": 0.25}


def test_percentiles_lie_between_samples() -> None:
    """The median of an even count is the mean of the middle two."""
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
    assert percentile([1, 2, 3, 4], 1.0) == 4


def test_a_report_is_one_object_of_the_agreed_shape() -> None:
    """Programs read every drill and bench alike."""
    report = json.loads(
        DrillReport("call", "border", 7, {"path_one_way_ms": Figure("ms", [3, 1, 2])}).as_json()
    )
    assert set(report) == {"drill", "profile", "seed", "machine", "figures"}
    assert report["figures"]["path_one_way_ms"] == {
        "unit": "ms",
        "n": 3,
        "min": 1,
        "p50": 2,
        "p95": 2.9,
        "p99": 2.98,
        "max": 3,
    }
