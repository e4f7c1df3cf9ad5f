"""What is said of crises and call requests, and what is due, alike on terminal and text page."""

from typing import Any

import pytest
from whenever import Instant

from parley.testing import boards
from parley.words import LANGUAGES, Words
from parley.words.crises import (
    call_headline,
    call_rows,
    crisis_headline,
    effect_rows,
    fact_rows,
    is_shown,
    open_claims,
    shown_calls,
    side_rows,
    stage_row,
    statement_rows,
    waiting_facts,
    waiting_statements,
    waits_for_us,
)
from parley.words.dues import DeskShown, due_words, dues, limit_words

EN = Words("en")
NOW = Instant.parse_iso(boards.NOW)
NAMES = {"orlan": "Saint Orlan Hospital"}


def test_each_side_stands_under_its_own_name_ours_first() -> None:
    """Neither is asked to take the other's word for it."""
    ours, theirs = side_rows(boards.crisis(), EN)
    assert ours.startswith("ours: Open 2026-11-01 11:00:00Z")
    assert "Two vessels near the ice edge (grave)" in ours
    assert "Harassment at sea" in theirs
    alone = boards.crisis(
        sides=[boards.side("velmar", "not_open", ""), boards.crisis()["sides"][1]]
    )
    assert side_rows(alone, EN)[0] == "ours: Not opened"
    over = side_rows(boards.looked_back_on(), EN)[0]
    assert over.startswith("ours: Closed 2026-11-01 12:00:00Z")


def test_a_crisis_says_what_it_changes_here_and_claims_no_more() -> None:
    """Only while our own side is open are our limits shorter."""
    said = effect_rows(boards.crisis(), EN)
    assert "every 15 min" in said[0]
    assert "room" in said[1]
    assert effect_rows(boards.crisis(check_minutes=None, room=None), EN) == []
    quiet = boards.crisis(check_minutes=None, room=None, quiet_since=boards.NOW)
    assert effect_rows(quiet, EN) == ["Nothing was said for days; reminded 2026-11-01 12:01:00Z"]


def test_claims_facts_and_disputes_say_whose_they_are() -> None:
    """And which claim is disputed by which."""
    first, second, third = statement_rows(boards.crisis(), EN)
    assert first.head == "Claim, theirs: Disputed"
    assert (second.head, second.more) == (
        "Claim, ours: Standing",
        "against: Your vessel crossed the line.",
    )
    assert third.head == "Request, theirs: Standing"
    (fact,) = fact_rows(boards.crisis(), EN)
    assert fact.head == "Fact: signed by them, waits for us"


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        (["velmar"], "signed by us, not by them"),
        (["orlan", "velmar"], "signed by both"),
    ],
)
def test_a_fact_says_who_has_signed_it(signed: list[str], said: str) -> None:
    """Proposed by one, agreed by both."""
    fact = {**boards.crisis()["facts"][0], "signed": [[each, "", ""] for each in signed]}
    assert fact_rows(boards.crisis(facts=[fact]), EN)[0].head == f"Fact: {said}"
    assert waiting_facts(boards.crisis(facts=[fact])) == []


def test_what_waits_for_us_is_theirs_and_not_answered() -> None:
    """A fact they signed, a request of theirs; their claims may be disputed."""
    crisis = boards.crisis()
    assert [each["hash"][:2] for each in waiting_facts(crisis)] == ["fa"]
    assert [each["kind"] for each in waiting_statements(crisis)] == ["request"]
    assert [each["party"] for each in open_claims(crisis)] == ["orlan"]
    assert waits_for_us(crisis)
    assert not waits_for_us(boards.crisis(facts=[], statements=[]))


def test_a_crisis_is_shown_until_nothing_more_is_waited_for() -> None:
    """Open, or looked back on; once a joint text is adopted or given up it leaves the desk."""
    assert is_shown(boards.crisis())
    assert is_shown(boards.looked_back_on())
    assert not is_shown(boards.looked_back_on(state="adopted"))
    assert not is_shown(boards.looked_back_on(state=None))
    assert stage_row(boards.crisis(), EN) is None
    assert "accounts being written" in str(stage_row(boards.looked_back_on(), EN))


def test_an_exercise_says_so_first() -> None:
    """A crisis and a call request alike, in every language."""
    for language in LANGUAGES:
        words = Words(language)
        mark = words.say("EXERCISE")
        assert crisis_headline(boards.crisis(is_exercise=True), words).startswith(mark)
        marked = boards.call(is_exercise=True)
        assert call_headline(marked, "velmar", NAMES, words).startswith(mark)
        assert mark not in call_headline(boards.call(), "velmar", NAMES, words)


def test_a_call_request_says_who_asks_whom_and_when_by_both_clocks() -> None:
    """And whose turn it is."""
    rows = call_rows(boards.call(), "velmar", EN)
    assert rows[0] == "the director of Saint Orlan Hospital asks to speak with the minister"
    assert "Subject: The two vessels" in rows
    assert "By video, English, O\u02bbzbekcha" in rows
    assert "Both bring an interpreter" in rows
    assert any("(ours 10:00, theirs 13:00)" in row for row in rows)
    assert rows[-1] == "Our answer is due."
    theirs = boards.call(turn="orlan", due_here=None, subject=None)
    assert call_rows(theirs, "velmar", EN)[-1] == "Theirs to answer."
    begun = boards.call(
        state="accepted",
        turn=None,
        due=None,
        begins=boards.call()["earliest"],
        identity={"code": "123456"},
    )
    said = call_rows(begun, "velmar", EN)
    assert "Identity code, read aloud: 123456" in said
    assert any(row.startswith("begins 2026-11-02 08:00:00Z") for row in said)
    assert shown_calls([begun, boards.call(state="declined")]) == [begun]


def test_a_call_request_says_in_which_office_each_speaks() -> None:
    """Who asks, who answered last, who gave it up; of an entry that does not say it, that."""
    assert "Speaks as: releaser" in call_rows(boards.call(), "velmar", EN)
    assert "Speaks as: office not said" in call_rows(boards.call(capacity="not_said"), "velmar", EN)
    turns = [{"answer": "deciding", "capacity": "not_said"}]
    turns.append({"answer": "accept", "capacity": "releaser"})
    ended = boards.call(state="withdrawn", turn=None, turns=turns, withdrawn_as="releaser")
    said = call_rows(ended, "velmar", EN)
    assert said[-2:] == ["Accept (releaser)", "Given up (releaser)"]


def test_what_is_due_is_one_list_the_soonest_first_with_its_mark() -> None:
    """Alerts, line checks, calls and accounts; by their clock too, where that is proved."""
    now: dict[str, Any] = {"limit_at": "2026-11-01T12:05:00Z", "turn": "us", "is_exercise": True}
    rows = dues(
        DeskShown(
            "velmar",
            NAMES,
            [boards.alert(1, is_exercise=True), boards.alert(2, state="closed")],
            [boards.call(is_exercise=True)],
            [boards.checks(now)],
            [boards.looked_back_on(is_exercise=True), boards.crisis()],
        )
    )
    said = [(limit_words(row, EN), row.is_ours, row.is_exercise) for row in rows]
    assert [each for each in said if "call" in each[0]] == [
        ("answer to a call request", True, True)
    ]
    assert ("line check, next step", True, True) in said
    assert ("line check begins", True, False) in said
    assert said[-1] == ("account to be sealed", True, True)
    assert [row.due_at for row in rows] == sorted(row.due_at for row in rows)
    call = next(row for row in rows if row.limit == "call")
    assert due_words(call, EN, NOW) == ("47:59:02", "theirs 47:59:00")
    account = rows[-1]
    assert due_words(account, EN, NOW)[1] == ""


def test_an_accepted_call_is_due_when_it_begins() -> None:
    """And one whose answer is theirs counts by the one clock we know."""
    begun = boards.call(state="accepted", turn=None, due=None, begins=boards.call()["earliest"])
    waits = boards.call(turn="orlan", due_here=None)
    over = boards.call(state="started", turn=None, due=None)
    rows = dues(DeskShown("velmar", {}, calls=[begun, waits, over]))
    assert [(row.limit, row.is_ours) for row in rows] == [("call_begins", True), ("call", False)]
    assert rows[1].theirs_at is None
    assert rows[0].party == "orlan"


def test_a_sealed_account_is_not_ours_to_seal_again() -> None:
    """Nor is one awaited once both are in."""
    sealed = boards.looked_back_on()
    accounts = [{"party": "velmar"}]
    waits = {**sealed, "assessment": {**sealed["assessment"], "accounts": accounts}}
    assert [row.is_ours for row in dues(DeskShown("velmar", {}, crises=[waits]))] == [False]
    shown = {**sealed, "assessment": {**sealed["assessment"], "state": "revealed"}}
    assert dues(DeskShown("velmar", {}, crises=[shown])) == []
