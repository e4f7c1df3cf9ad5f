"""How much a log can be relied on: silence judged by the clock."""

from parley.record.standing import BEAT_S, GRACE_S, MISSED_MAX, LogWatch, Standing


def test_a_log_is_late_after_one_beat_and_silent_after_three() -> None:
    """To the second; and fresh again once it is heard."""
    watch = LogWatch(100.0)
    assert watch.tick(100.0 + BEAT_S + GRACE_S - 0.001) is Standing.FRESH
    assert watch.tick(100.0 + BEAT_S + GRACE_S) is Standing.LATE
    assert watch.tick(100.0 + MISSED_MAX * BEAT_S + GRACE_S - 0.001) is Standing.LATE
    assert watch.tick(100.0 + MISSED_MAX * BEAT_S + GRACE_S) is Standing.SILENT
    assert watch.heard(400.0) is Standing.FRESH
    assert watch.tick(400.0 + BEAT_S) is Standing.FRESH


def test_a_disputed_log_stays_so_whatever_is_heard() -> None:
    """Also across a restart; only people end it."""
    watch = LogWatch(0.0)
    assert watch.contradicted() is Standing.DISPUTED
    assert watch.heard(1.0) is Standing.DISPUTED
    assert watch.tick(10_000.0) is Standing.DISPUTED
    assert LogWatch(0.0, Standing.DISPUTED).tick(10_000.0) is Standing.DISPUTED
