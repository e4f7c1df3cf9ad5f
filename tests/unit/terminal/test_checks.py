"""Line checks at a terminal: what stands in the way of a line is told with what goes on."""

from typing import Any

import pytest

from parley.node.commands import check as command

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


def told(capsys: pytest.CaptureFixture[str], **said: object) -> str:
    """Return what the list tells of a line that stands like this, in one line."""
    command._tell_lines({"lines": [{**LINE, "standings": [{**STANDING, **said}]}]})
    return " ".join(capsys.readouterr().out.split())


def test_a_suspension_is_told_with_its_start_and_its_scope(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Who, from when, which alerts, whether checks go on, and why."""
    found = told(capsys)
    assert "Line to Hospital, by us: suspended; from 2026-11-01T12:00Z" in found
    assert "only flash alerts are accepted; line checks rest. the bridge is down" in found
    goes_on = told(capsys, is_ours=False, has_checks=True, alerts="none", standing="resuming")
    assert "by them: suspended; the resumption waits for a second person" in goes_on
    assert "no alerts are accepted; line checks go on." in goes_on


def test_an_ended_line_says_no_scope_and_one_in_use_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After an ending nothing goes on, whatever a suspension before it had left."""
    ended = told(capsys, standing="ended", reason="")
    assert "ended; from 2026-11-01T12:00Z." in ended
    assert "accepted" not in ended
    assert "Line to" not in told(capsys, standing="in_use", from_at=None, alerts=None)
