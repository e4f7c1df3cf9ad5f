"""The drills run whole: every figure they promise has a number, on however busy a machine."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_core,
    pytest.mark.timeout(280),
    pytest.mark.skipif(
        not os.environ.get("PARLEY_LONG"), reason="takes 90 s; PARLEY_LONG=1 runs it"
    ),
]

CALL_FIGURES = {
    "join_to_first_frame_ms",
    "join_to_first_sound_ms",
    "path_one_way_ms",
    "video_glass_to_glass_ms",
    "video_freeze_ratio",
    "audio_mouth_to_ear_ms",
    "audio_concealed_ratio",
    "line_copies_per_layer",
}


def drilled(*words: str) -> dict[str, dict[str, object]]:
    """Return the figures of a drill, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "parley", "drill", *words, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, dict[str, object]] = json.loads(done.stdout)["figures"]
    return figures


def test_a_drilled_call_has_a_number_for_each_of_its_figures() -> None:
    """Two browsers, two nodes, viewers on the far side: no phase may fail unseen."""
    figures = drilled(
        "call", "--profile", "regional", "--joins", "2", "--seconds", "10", "--viewers", "2"
    )
    empty = {name for name in CALL_FIGURES if not figures.get(name, {}).get("n")}
    assert not empty
    for name in CALL_FIGURES:
        median = figures[name]["p50"]
        assert isinstance(median, int | float)
        assert math.isfinite(median)
        assert median >= 0


def test_a_drilled_alert_has_a_number_for_each_of_its_figures_and_loses_nothing() -> None:
    """Two paths, one of them cut, a node killed twice and its clock put back."""
    figures = drilled(
        "alert", "--profile", "regional", "--paths", "2", "--alerts", "4", "--restarts", "1"
    )
    empty = {name for name, figure in figures.items() if not figure.get("n")}
    assert not empty
    for name in ("alerts_lost", "alerts_doubled", "headers_out_of_order"):
        assert figures[name]["value"] == 0
