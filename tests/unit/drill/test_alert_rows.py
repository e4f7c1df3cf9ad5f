"""What an alert drill reads from the rows of its nodes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parley.drill.alert_rows import NodeAbsence, late_ms
from parley.drill.moved_clock import MovedClock


@pytest.mark.parametrize(
    ("due_ms", "noted_ms", "late"),
    [
        (999.0, 1_001.0, 2.0),
        (1_500.0, 2_003.0, 3.0),
        (1_500.0, 1_990.0, 0.0),
        (2_000.0, 2_004.0, 4),
    ],
)
def test_what_falls_due_in_an_absence_is_late_from_its_end(
    due_ms: float, noted_ms: float, late: float
) -> None:
    """A node that is down notes nothing; once it answers it has a second."""
    assert NodeAbsence(1_000.0, 2_000.0).late_ms(due_ms, noted_ms) == late


def test_lateness_is_told_in_time_that_passed_however_the_clock_was_set(tmp_path: Path) -> None:
    """A limit stands by the instant agreed on; a step of an escalation moves with the clock."""
    file = tmp_path / "parley.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(
            """
            CREATE TABLE crisis_overdue (due_at, noticed_at);
            CREATE TABLE crisis_escalation (matter, direction, started_at);
            CREATE TABLE crisis_step (matter, direction, due_at, fired_at, is_needed);
            INSERT INTO crisis_overdue VALUES (10000, 9407);
            INSERT INTO crisis_escalation VALUES (1, 'inbound', 9000);
            INSERT INTO crisis_step VALUES (1, 'inbound', 9000, 9000, 1);
            INSERT INTO crisis_step VALUES (1, 'inbound', 9400, 9409, 1);
            INSERT INTO crisis_step VALUES (1, 'inbound', 9500, 9999, 0);
            """
        )
    # The first step is taken with the alert, and what was not needed was not taken.
    assert list(late_ms(file, NodeAbsence(ahead_ms=-600))) == [7.0, 9.0]


def test_a_moved_clock_says_what_it_was_set_to(tmp_path: Path) -> None:
    """The node maps the file: it must not be replaced, only written over."""
    clock = MovedClock(tmp_path / "clock")
    with (tmp_path / "clock").open("rb") as seen:
        clock.set(-5)
        assert int.from_bytes(seen.read(), "little", signed=True) == clock.ahead_ms == -5
    assert clock.module == ("parley.drill.moved_clock", str(tmp_path / "clock"))
