"""Commands of the crisis tell a person in words of their language; codes are for programs."""

import re
from typing import Any

import pytest

from parley.node.commands import (
    alert,
    call_request,
    contacts,
    crisis,
    notification,
    notification_told,
)
from parley.testing import boards
from parley.words import LANGUAGES, Words

Json = dict[str, Any]
A_CODE = re.compile(r"\b[a-z]+_[a-z_]+\b")
NAMES = {"velmar": "Velmar Crisis Centre", "orlan": "Saint Orlan Hospital"}
AT = "2026-11-01T12:00:00Z"
CONTACT: Json = {
    "mark": "ab" * 16,
    "title": [{"language": "en", "text": "Watch officer"}],
    "level": "watch",
    "languages": ["en", "uz"],
    "is_open": None,
    "standing": "untried",
    "ways": [{"kind": "telephone", "text": "+998 71 200 00 00"}],
    "trials": [{"is_ours": True, "words": None, "outcome": "no_answer", "at": AT}],
}
BREACH = {"what": "malformed: title mixed", "entry": "ee" * 32}
SIDE: Json = {"standing": "doubtful", "confirmed_at": AT, "contacts": [CONTACT], "breaches": []}
CONTACTS = {
    "lines": [{"party": "Hospital", "theirs": SIDE, "ours": SIDE, "breaches": [BREACH]}],
}
NOTIFICATION: Json = {
    "number": "velmar/launch-or-test/2026/7",
    "is_exercise": True,
    "state": "cancelled",
    "capacity": "duty_officer",
    "ended_as": "releaser",
    "sent_at": AT,
    "provided_at": AT,
    "effective_at": None,
    "due_at": AT,
    "late": "03:12",
    "form": {},
    "hash": "dd" * 32,
    "breaches": [["one_person", "ee" * 32]],
    "queries": [
        {
            "words": "Which area?",
            "state": "queried",
            "due_at": AT,
            "capacity": "not_said",
            "answers": [{"at": AT, "words": "Four.", "capacity": "releaser"}],
        }
    ],
    "findings": [{"field": "/area", "reason": "no_choice", "wanted": "", "weight": "refuses"}],
}
FAULT: Json = {
    "party": "orlan",
    "type_id": "launch-or-test",
    "year": 2026,
    "number": 6,
    "is_exercise": False,
    "fault": "gap",
}
ASSESSMENT: Json = {
    "are_timelines_equal": None,
    "accounts": [{"party": "orlan", "shown": None}],
}
TIMES: Json = {
    "party": "velmar",
    "precedence": "flash",
    "deliver_ms": 1_500,
    "present_ms": None,
    "acknowledge_ms": None,
    "answer_ms": None,
}
BROKEN = [{"kind": "guard", "what": "holds_left", "entry": "ee" * 32}]


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Words:
    """Give a test a language, which the system speaks too."""
    system = {"zh-Hans": "zh_CN", "prs": "fa_AF"}.get(request.param, request.param)
    monkeypatch.setenv("LC_ALL", f"{system}.UTF-8")
    return Words(request.param)


def test_alerts_and_contacts_are_told_in_words(
    words: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    """States, causes, levels, ways and languages."""
    shown = boards.ours(
        2, paraphrases=boards.paraphrases(), paraphrase_state="waiting", breaches=BROKEN
    )
    alert._tell_list({"alerts": [shown]}, words)
    alert._tell_one(shown, words)
    alert._tell_list({"drafts": [boards.draft()]}, words)
    told(capsys, words, ("state", "delivered"), ("guard", "holds_left"), ("limit", "limit"))
    alert._tell_list({"alerts": []}, words)
    told(capsys, words, ("label", "no_alert"))
    contacts._tell_lines(CONTACTS, words)
    found = told(
        *(capsys, words, ("contact_list", "doubtful"), ("contact", "untried")),
        *(("trial", "no_answer"), ("way", "telephone"), ("contact_field", "title")),
        *(("label", "hours_unknown"), ("level", "watch")),
    )
    assert "English, O\u02bbzbekcha" in found


def test_notifications_are_told_in_words(words: Words, capsys: pytest.CaptureFixture[str]) -> None:
    """States, legal times, what is missing, what is wrong with a form."""
    listed = {"notifications": [NOTIFICATION], "faults": [FAULT], "reminders": [], "names": NAMES}
    notification._tell_list(listed)
    found = told(capsys, words, ("paper_state", "cancelled"), ("label", "gap"))
    assert "Saint Orlan Hospital: launch-or-test/2026/6" in found
    notification._tell_one({"notification": NOTIFICATION})
    told(
        *(capsys, words, ("paper_breach", "one_person"), ("query", "queried")),
        *(("finding", "no_choice"), ("label", "due_at")),
        *(("capacity", "not_said"), ("capacity", "releaser"), ("capacity", "duty_officer")),
    )
    kind = {"id": "launch-or-test", "version": 1, "agreed_by": ["orlan"], "is_usable": False}
    notification._tell_types({"types": [{**kind, "hash": "dd" * 32}], "names": NAMES})
    assert "Saint Orlan Hospital" in told(capsys, words, ("label", "not_usable"))
    notification_told.tell_findings({"findings": []}, words)
    told(capsys, words, ("label", "form_holds"))


def test_call_requests_are_told_with_all_that_is_asked(
    words: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks whom, level, subject, window, mode, languages, interpreter, whose turn it is."""
    call = {**boards.call(), "is_overdue": True, "withdrawn_as": "releaser"}
    call["turns"] = [{"answer": "decline", "capacity": "not_said"}]
    call_request._tell({"calls": [call], "names": NAMES})
    found = told(
        *(capsys, words, ("call", "asked"), ("level", "minister"), ("mode", "video")),
        *(("interpreter", "both"), ("label", "overdue"), ("label", "earliest")),
    )
    for given in ("the minister", "The two vessels", "English", "Velmar Crisis Centre"):
        assert given in found
    call_request._tell_dates({"calls": [call], "names": NAMES})
    assert "13:00 Asia/Tashkent" in told(capsys, words, ("label", "latest"))
    call_request._tell({"calls": [], "names": NAMES})
    told(capsys, words, ("label", "no_call"))


def test_crises_are_told_by_the_names_of_both_sides(
    words: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sides, claims, facts, accounts, and the kinds of entries on a timeline."""
    made = boards.crisis(state="timeline", breaches=[{"kind": "guard", "what": "is_claim"}])
    crisis._tell({"crises": [made]})
    crisis._tell_one({"crisis": made, "assessment": ASSESSMENT})
    found = told(
        *(capsys, words, ("side", "open"), ("stage", "timeline"), ("statement", "disputed")),
        *(("label", "timelines_awaited"), ("label", "account_sealed")),
        ("reason", "crisis.refused is_claim"),
    )
    assert "Saint Orlan Hospital" in found
    entry = {"at": AT, "party": "orlan", "kind": "crisis_fact", "hash": "dd" * 32}
    crisis._tell_timeline({"entries": [entry], "times": [TIMES], "names": NAMES})
    told(capsys, words, ("entry", "crisis_fact"), ("span", "deliver"), ("precedence", "flash"))
    crisis._tell({"crises": []})
    told(capsys, words, ("label", "no_crisis"))


def told(capsys: pytest.CaptureFixture[str], words: Words, *wanted: tuple[str, str]) -> str:
    """Return what was printed: with these words, and without a code."""
    found = capsys.readouterr().out
    for table, code in wanted:
        assert words.code(table, code) in found, (table, code, found)
    assert not A_CODE.findall(found), found
    return found
