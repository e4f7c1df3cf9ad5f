"""What passes with a duty, in words: the same list at the terminal and on the text page."""

from typing import Any

import pytest
from whenever import Instant

from parley.testing import boards
from parley.words import LANGUAGES, Words
from parley.words.handover import matter_row, offices_held, offices_to_take, open_rows

NOW = Instant.parse_iso(boards.NOW)


def matter(kind: str = "alert", **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return an open matter as the node tells it."""
    return {
        "kind": kind,
        "about": "a" * 64,
        "party": "Orlan",
        "state": "presented",
        "text": "Two aircraft.",
        "precedence": None,
        "duty": None,
        "at": None,
        "due": [],
        "is_ours": False,
        "is_exercise": False,
        "is_late": False,
        **changes,
    }


def due(limit: str, seconds: int, theirs: int | None = None) -> dict[str, Any]:
    """Return what is due so many seconds from the present."""
    at = None if theirs is None else NOW.add(seconds=theirs).format_iso()
    return {"limit": limit, "due_at": NOW.add(seconds=seconds).format_iso(), "theirs_at": at}


def test_an_alert_stands_with_its_limits_by_both_clocks() -> None:
    """Late is told by the sign; what is not proved of theirs is not said."""
    dues = [due("target", -30, -31), due("limit", 450)]
    row = matter_row(
        matter(precedence="flash", due=dues, is_ours=True, is_exercise=True), Words("en"), NOW
    )
    assert row == (
        "EXERCISE Alert FLASH Orlan: Two aircraft.; Presented; ours to do; "
        "Acknowledged, as aimed at -00:30 (theirs -00:31); Acknowledged at the latest 07:30"
    )


def test_nothing_open_is_said_and_who_could_not_be_told_comes_first() -> None:
    """An empty list would leave it open whether it was asked for."""
    words = Words("en")
    assert open_rows({"matters": [], "untold": 0}, words, NOW) == ["Nothing is open."]
    rows = open_rows({"matters": [matter("crisis", state="open")], "untold": 2}, words, NOW)
    assert rows == ["! Notices that reached nobody: 2", "Crisis Orlan: Two aircraft.; open"]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_kind_is_worded_in_every_language(language: str) -> None:
    """No English is left over in a row."""
    words = Words(language)
    found = [
        matter("check", due=[due("check_step", 60)]),
        matter("missed", state="missed", at=boards.NOW),
        matter("notification", state="queried", due=[due("clarification", 60)]),
        matter("reminder", state="due", due=[due("reminder", 60)]),
        matter("call", state="asked", due=[due("call", 60)]),
        matter("crisis", state="timeline", due=[due("account", 60)]),
    ]
    for each in found:
        row = matter_row(each, words, NOW)
        assert row != matter_row(each, Words("en"), NOW)
        for english in ("check", "missed", "Question", "Notification", "Call", "Crisis", "answer"):
            assert english not in row


def test_a_duty_is_taken_where_nobody_is_or_where_it_is_offered() -> None:
    """By somebody who belongs to the office, and in no closed one."""
    me = [{"id": "p1", "name": "Ingrid"}]

    def office(duty: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"id": "o1", "people": me, "duty": duty, "closed_at": None, **changes}

    free = office(None)
    held = office({"person": {"id": "p1"}, "offered_to": None})
    other = office({"person": {"id": "p2"}, "offered_to": None})
    offered = office({"person": {"id": "p2"}, "offered_to": {"id": "p1"}})
    closed, foreign = office(None, closed_at=boards.NOW), office(None, people=[])
    offices = [free, held, other, offered, closed, foreign]
    assert offices_to_take(offices, "p1") == [free, offered]
    assert offices_held(offices, "p1") == [held]
