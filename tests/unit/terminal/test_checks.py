"""Line checks at a terminal: what stands in the way of a line is told with what goes on."""

from typing import Any

import pytest

from parley.node.commands import check as command
from parley.words import Words

STANDING: dict[str, Any] = {
    "is_ours": True,
    "standing": "suspended",
    "from_at": "2026-11-01T12:00:00Z",
    "reason": "the bridge is down",
    "alerts": "flash",
    "has_checks": False,
    "waits_for_second": False,
    "asked_by_me": False,
}
LINE: dict[str, Any] = {
    "party": "Hospital",
    "history": [],
    "now": None,
    "next": [],
    "standings": [STANDING],
}


def told(capsys: pytest.CaptureFixture[str], language: str = "en", **said: object) -> str:
    """Return what the list tells of a line that stands like this, in one line."""
    answer = {"lines": [{**LINE, "standings": [{**STANDING, **said}]}]}
    command._tell_lines(answer, Words(language))
    return " ".join(capsys.readouterr().out.split())


def test_a_suspension_is_told_with_its_start_and_its_scope(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Who, from when, which alerts, whether checks go on, and why."""
    found = told(capsys)
    assert "Hospital (ours): Suspended; from 2026-11-01 12:00:00Z" in found
    assert "Only flash alerts are accepted; Line checks rest. the bridge is down" in found
    goes_on = told(capsys, is_ours=False, has_checks=True, alerts="none", standing="resuming")
    assert "(theirs): Resumption waits for a second person" in goes_on
    assert "No alerts are accepted; Line checks go on." in goes_on


def test_an_ended_line_says_no_scope_and_one_in_use_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After an ending nothing goes on, whatever a suspension before it had left."""
    ended = told(capsys, standing="ended", reason="")
    assert "Ended; from 2026-11-01 12:00:00Z." in ended
    assert "accepted" not in ended
    assert "(ours)" not in told(capsys, standing="in_use", from_at=None, alerts=None)


def test_a_missed_check_is_told_with_its_cause_and_what_was_proved_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In words of the person's language; no letter stands for a cause."""
    kept = {"state": "confirmed", "turn": "nobody", "due_at": "2026-11-01T11:00:00Z"}
    missed = {
        "state": "missed",
        "turn": "nobody",
        "due_at": "2026-11-01T10:00:00Z",
        "cause": "unstaffed",
        "proved": "receipt",
    }
    following = {"due_at": "2026-11-01T13:00:00Z", "is_ours": False}
    lines = [{**LINE, "standings": [], "history": [kept, missed], "next": [following]}]
    command._tell_lines({"lines": lines}, Words("en"))
    found = " ".join(capsys.readouterr().out.split())
    assert "Last checks: x+" in found
    assert "next: 2026-11-01 13:00:00Z, the turn of Hospital" in found
    assert "10:00:00Z Unstaffed; Last proven: the node has the check" in found
    russian = Words("ru")
    command._tell_lines({"lines": lines}, russian)
    told_in_russian = capsys.readouterr().out
    for table, code in (("silence", "unstaffed"), ("proved", "receipt"), ("label", "next")):
        assert russian.code(table, code) in told_in_russian
    command._tell_lines({"lines": []}, Words("en"))
    assert "No line yet." in capsys.readouterr().out
