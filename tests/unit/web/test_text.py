"""The text-only page: small, without a script for reading, in six languages, strict."""

import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override
from whenever import Instant

from parley.identity.office import make_office
from parley.rooms.frames import NodeState
from parley.terminal.crisis_acts import CrisisActs
from parley.testing import boards
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terminals import officer
from parley.web.routes import interface
from parley.web.text.page import TextPage, page, sign_in_page
from parley.words import LANGUAGES, Words
from parley.words.alerts import stamp_of, told_rows
from parley.words.refusals import trouble_words

BYTES_MAX = 15_000
NOW = Instant.parse_iso(boards.NOW)


class Tags(HTMLParser):
    """Which tags a page opens, and with what."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def full(language: str) -> str:
    """Return the page of a very bad day."""
    text = "\u8b66" * 1_400 if language == "zh-Hans" else "\u0633" * 1_400
    texts = [{"language": language, "text": text}]
    alerts = [boards.alert(each, texts=texts, is_exercise=each % 2 == 0) for each in range(40)]
    offices = [boards.office(f"Office {each}", None) for each in range(5)]
    lines = [boards.line_to(f"Party {each}") for each in range(7)]
    return page(TextPage("Ingrid", "Velmar", lines, alerts, offices), Words(language), NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_that_duty_and_roster_differ(language: str) -> None:
    """Who has the duty, and who is to have it."""
    planned = {"person": {"id": "p9", "name": "<Bela>"}, "since": boards.NOW}
    office = {**boards.office("Watch", "Anna"), "planned": planned}
    words = Words(language)
    content = page(TextPage("I", "V", [], [], [office]), words, NOW)
    assert "&lt;Bela&gt;" in content
    assert ("the roster says" in content) is (language == "en")
    same = page(TextPage("I", "V", [], [], [boards.office("Watch", "Anna")]), words, NOW)
    assert "Bela" not in same


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_a_very_bad_day_is_small(language: str) -> None:
    """Forty flashes ring; the page says so in less than 15 KB, whatever the script."""
    content = full(language)
    assert len(content.encode()) < BYTES_MAX
    tags = Tags(content).found
    assert tags[0][1]["dir"] == ("rtl" if language in {"prs", "ps"} else "ltr")
    assert sum(tag == "script" for tag, _ in tags) == 1
    assert "***" in content.partition("</title>")[0]


def test_nothing_of_an_alert_is_markup() -> None:
    """A text that is HTML, or steers a terminal, is shown as text."""
    nasty = "<script>alert(1)</script>\"'\u202eevil\x1b[2J"
    found = boards.alert(party=nasty, texts=[{"language": 'en"><b>', "text": nasty}])
    for shown in (TextPage(nasty, nasty, [], [found], []), TextPage("", "", [], [], [], found)):
        content = page(shown, Words("en"), NOW)
        assert sum(tag == "script" for tag, _ in Tags(content).found) == 1
        assert not re.search("[\u202e\x1b]", content)
        assert '<b>"' not in content


def test_the_page_reads_without_its_script() -> None:
    """What needs one is hidden until it runs, and says so where it never does."""
    content = page(TextPage("I", "V", [], [], [], boards.alert()), Words("en"), NOW)
    forms = [attrs for tag, attrs in Tags(content).found if tag == "form"]
    assert [("hidden" in each, "action" in each) for each in forms] == [(True, False)]
    assert "parley desk" in content.partition("<noscript>")[2]
    assert "<form hidden" in sign_in_page(Words("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ails_the_node_stands_above_everything(language: str) -> None:
    """In words, also above one alert that is read; a code of a newer node stands as it is."""
    words, codes = Words(language), ("storage.full", "log.forked", "node.memory_short", "a.later")
    shown = TextPage("I", "V", [], [boards.alert(1)], [], troubles=codes)
    for content in (
        page(shown, words, NOW),
        page(replace(shown, chosen=boards.alert(1)), words, NOW),
    ):
        said = [escape(trouble_words(code, words)) for code in codes]
        places = [content.index(each) for each in said]
        assert places == sorted(places)
        assert places[-1] < content.index(boards.alert(1)["hash"])
        assert "a.later" in said[-1]
    assert len({trouble_words(code, words) for code in codes}) == len(codes)
    assert "class=ails" not in page(replace(shown, troubles=()), words, NOW)


async def test_the_page_says_what_ails_the_node_now(near: NodeUnderTest) -> None:
    """As the desk is told it."""
    await near.node.operations.person_add("Olga", roles=["duty_officer"], language="ru")
    olga = await near.browser("Olga")
    near.node.desks.show_state(NodeState(("storage.full",), None))
    said = escape(trouble_words("storage.full", Words("ru")))
    assert said in (await olga.get("/text")).body.decode()
    near.node.desks.show_state(NodeState((), None))
    assert said not in (await olga.get("/text")).body.decode()


async def test_somebody_who_is_not_signed_in_is_shown_how(near: NodeUnderTest) -> None:
    """In the language their browser asks for; nothing of the desk."""
    stranger = near.stranger()
    answer = await stranger.get("/text", accept_language="ru-RU,ru;q=0.9")
    assert answer.status == 200
    assert b'lang="ru"' in answer.body
    assert b"Harbour" not in answer.body
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


async def test_the_page_shows_what_rings_and_is_told_nothing_it_may_not(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """A releaser's flash at the other party's text page; an engineer sees the lines alone."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    rolf = await officer(near, "Rolf", "releaser")
    words = [{"language": "en", "text": "Two aircraft are off course."}]
    content = {"texts": words, "recipients": [far.party.text], "precedence": "immediate"}
    (released,) = await rolf.acts.release(await rolf.acts.draft(content))
    await nodes.seconds(3)

    await far.node.operations.person_add("Olga", roles=["duty_officer"], language="ru")
    olga = await far.browser("Olga")
    shown = (await olga.get("/text")).body.decode()
    assert "Two aircraft are off course." in shown
    assert released["hash"] in shown
    whole = (await olga.get(f"/text?alert={released['hash']}")).body.decode()
    assert f"/api/alerts/{released['hash']}/acknowledge/begin" in whole
    await far.node.operations.person_add("Ed", roles=["engineer"])
    ed = await far.browser("Ed")
    assert "aircraft" not in (await ed.get("/text")).body.decode()
    assert (await ed.get(f"/text?alert={released['hash']}")).status in {403, 404}


async def test_a_duty_is_taken_on_the_text_page_under_what_is_open(
    near: NodeUnderTest, nodes: Nodes
) -> None:
    """Whoever can take none is shown none of it."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    rolf = await officer(near, "Rolf", "releaser")
    words = [{"language": "en", "text": "Two aircraft are off course."}]
    content = {"texts": words, "recipients": [far.party.text], "precedence": "immediate"}
    await rolf.acts.release(await rolf.acts.draft(content))
    await nodes.seconds(3)
    for name in ("Olga", "Oleg"):
        await far.node.operations.person_add(name, roles=["duty_officer"])
    olga = (await far.person("Olga")).id
    now = far.clock.now()
    office = await far.node.database.write(lambda c: make_office(c, "W", [olga], "operator", now))

    content_of = (await (await far.browser("Olga")).get("/text")).body.decode()
    _, _, under = content_of.partition("<h2>Handing over</h2>")
    assert "Two aircraft are off course." in under
    assert f'data-then="/api/offices/{office.id.text}/duty" data-person="{olga.text}"' in under
    other = (await (await far.browser("Oleg")).get("/text")).body.decode()
    assert "Handing over" not in other


@pytest.mark.parametrize("file", ["page.css", "page.js"])
async def test_its_files_are_its_own(near: NodeUnderTest, file: str) -> None:
    """Two files, and no other name leads anywhere."""
    answer = await near.stranger().get(f"/text/{file}")
    assert answer.status == 200
    assert b"def " not in (await near.stranger().get("/text/..%2fpage.py")).body
    assert (await near.stranger().get("/text/page.py")).status == 400


async def test_a_node_without_the_interface_leads_to_the_text_page(
    ingrid: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever opens their one-time link there is at a desk all the same."""
    monkeypatch.setattr(interface, "PACKAGED", tmp_path)
    monkeypatch.setattr(interface, "BUILT", tmp_path)
    answer = await ingrid.get("/")
    assert (answer.status, answer.headers["location"]) == (303, "/text")
    assert "Harbour" in (await ingrid.get("/text")).body.decode()


def crisis_page(language: str = "en", **changes: Any) -> str:  # noqa: ANN401  JSON
    """Return the page of a desk on which a crisis is open and a call is asked for."""
    shown = TextPage(
        "Ingrid",
        "Velmar",
        [boards.line_to()],
        [],
        [],
        own="velmar",
        crises=[boards.crisis(**changes), boards.looked_back_on(hash="c2" * 32)],
        calls=[boards.call(**changes)],
        checks=[boards.checks()],
    )
    return page(shown, Words(language), NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_open_crisis_stands_above_everything_but_what_rings(language: str) -> None:
    """Under which names, what it changes here, and what is due; a call request below it."""
    content, words = crisis_page(language), Words(language)
    strip = content.partition("<p class=crisis")[2].partition("</p>")[0]
    assert "2026/1" in strip
    assert content.index("class=crisis") < content.index("<h2>")
    for said in ("Two vessels near the ice edge", "Harassment at sea", "Saint Orlan Hospital"):
        assert said in content
    for english in ("Crises", "Call requests", "Our answer is due.", "It waits for us."):
        assert words.say(english) in content
    due = content.partition(f"<h2>{words.say('Due')}")[2].partition("<h2>")[0]
    for limit in ("call", "check", "account"):
        assert words.code("due", limit) in due
    assert content.count("class=crisis") == 1
    assert len(content.encode()) < BYTES_MAX


def test_the_mark_of_an_exercise_is_wherever_it_is_named() -> None:
    """In the strip, in the list, in what is due, and in the title of its own page."""
    content = crisis_page(is_exercise=True)
    strip = content.partition("<p class=crisis")[2].partition("</p>")[0]
    assert "EXERCISE" in strip
    due = content.partition("<h2>Due")[2].partition("<h2>")[0]
    calls = content.partition("<h2>Call requests")[2].partition("<h2>")[0]
    assert "EXERCISE" in next(row for row in due.split("<li>") if "call request" in row)
    assert "EXERCISE CALL REQUEST" in calls
    assert "EXERCISE" not in crisis_page()
    empty = TextPage("I", "V", [], [], [], own="velmar")
    crisis = replace(empty, chosen_crisis=boards.crisis(is_exercise=True))
    for asked in (crisis, replace(empty, chosen_call=boards.call(is_exercise=True))):
        whole = page(asked, Words("en"), NOW)
        assert "EXERCISE" in whole.partition("<title>")[2].partition("</title>")[0]
        assert "class=exercise" in whole


def test_a_crisis_is_read_whole_and_is_told_where_to_act() -> None:
    """Claims beside what disputes them, who signed a fact, until when an account is sealed."""
    nasty = boards.statement(4, "orlan", "offer", "<b>radar</b>\u202e" + "x" * 500)
    open_one = boards.crisis(statements=[*boards.crisis()["statements"], nasty])
    shown = TextPage("I", "V", [], [], [], own="velmar", chosen_crisis=open_one)
    content = page(shown, Words("en"), NOW)
    for said in (
        "against: Your vessel crossed the line.",
        "Fact: signed by them, waits for us",
        "every 15 min",
        "parley desk",
        "&lt;b&gt;radar",
    ):
        assert said in content
    assert "\u202e" not in content
    assert "x" * 401 not in content
    past = boards.looked_back_on()
    looked = TextPage("I", "V", [], [], [], own="velmar", crises=[past], chosen_crisis=past)
    assert "account to be sealed" in page(looked, Words("en"), NOW)


def contact(title: str, standing: str = "reached", *, is_open: bool = True) -> dict[str, object]:
    """Return a contact of theirs."""
    texts = [{"language": "en", "text": title}, {"language": "ru", "text": f"{title} RU"}]
    ways = [{"kind": "telephone", "text": "+998 71 200 00 00"}]
    return {"title": texts, "ways": ways, "is_open": is_open, "standing": standing}


def test_who_can_be_called_now_is_on_the_page_of_text() -> None:
    """In the reader's language, what worked first; doubts are marked, no word is markup."""
    named = [contact("Failed", "failed"), contact("Away", is_open=False), contact("<b>Desk")]
    line = {"party": "Orlan", "theirs": {"contacts": named, "standing": "current"}}
    content = page(TextPage("I", "V", [], [], [], contacts=[line]), Words("ru"), NOW)
    assert content.index("&lt;b&gt;Desk RU") < content.index("Failed RU")
    assert ("Away" in content, content.count("Сомнителен: в последний раз")) == (False, 1)
    nobody = {"party": "Orlan", "theirs": {"contacts": [], "standing": "none"}}
    empty = page(TextPage("I", "V", [], [], [], contacts=[nobody]), Words("en"), NOW)
    assert "Contacts there now" in empty


def test_a_step_of_an_escalation_that_was_told_is_read() -> None:
    """Whose, which, and when."""
    told = [
        {"is_ours": False, "number": 2, "reached_at": boards.NOW},
        {"is_ours": True, "number": 1, "reached_at": boards.NOW},
    ]
    shown = TextPage("I", "V", [], [], [], boards.alert(steps=told))
    content = page(shown, Words("en"), NOW)
    assert "Saint Orlan Hospital told us: step 2 of its escalation is reached" in content
    assert "We told Saint Orlan Hospital: step 1 of our escalation" in content


@pytest.mark.parametrize(
    ("is_ours", "said"),
    [
        (False, "Delta acknowledged it: Saint Orlan Hospital told us, and the signature of Delta"),
        (True, "We told Saint Orlan Hospital: Delta acknowledged it"),
    ],
)
def test_what_another_recipient_acknowledged_is_read_on_page_and_terminal(
    *, is_ours: bool, said: str
) -> None:
    """Who, in which office, by whose clock; and by whom it was told to whom."""
    told = [{"party": "Delta", "capacity": "duty_officer", "language": "en", "at": boards.NOW}]
    alert = boards.alert(told=told, is_ours=is_ours)
    content = page(TextPage("I", "V", [], [], [], alert), Words("en"), NOW)
    (row,) = told_rows(alert, Words("en"))
    assert said in content
    assert row.startswith(said)
    assert row in content
    assert row.endswith("(duty officer), 2026-11-01 12:01:00Z")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_whole", [True, False])
def test_what_no_longer_stands_counts_as_less_or_is_late_is_told(
    language: str,
    is_whole: bool,  # noqa: FBT001
) -> None:
    """Whoever has but this page does not act on what was replaced as if it stood."""
    late = {"step": "limit/0", "due_at": boards.NOW}
    alert = boards.alert(standing="superseded", is_demoted=True, overdue=[late])
    words = Words(language)
    told = [words.code("standing", "superseded")]
    told += [words.say("Demoted: too many flashes within the hour")]
    whole = alert if is_whole else None
    content = page(TextPage("I", "V", [], [alert], [], whole), words, NOW)
    for each in (*told, *([words.say("passed {at}", at=stamp_of(boards.NOW))] if is_whole else [])):
        assert escape(each) in content
    plain = boards.alert()
    content = page(TextPage("I", "V", [], [plain], [], plain if is_whole else None), words, NOW)
    assert not any(escape(each) in content for each in told)


CLOSED = {"party": "orlan", "words": "<b>Over.", "at": boards.NOW, "arrived_at": boards.NOW}


@pytest.mark.parametrize(
    ("closing", "said"),
    [
        (CLOSED, f"Closed by Saint Orlan Hospital at {stamp_of(boards.NOW)}; here since"),
        ({**CLOSED, "party": "velmar"}, "Saint Orlan Hospital has it since"),
        ({**CLOSED, "party": "velmar", "arrived_at": None}, "is not known to have it"),
    ],
)
def test_a_closing_is_told_with_both_clocks(closing: dict[str, Any], said: str) -> None:
    """And why, if that was said; nothing of it is markup."""
    alert = boards.alert(state="closed", closings=[closing])
    content = page(TextPage("I", "V", [], [], [], alert, own="velmar"), Words("en"), NOW)
    assert said in content
    assert "&lt;b&gt;Over." in content
    silent = boards.alert(closings=[{**closing, "words": None}])
    content = page(TextPage("I", "V", [], [], [], silent, own="velmar"), Words("en"), NOW)
    assert said in content
    assert "Over." not in content


AGREED = {"turn": None, "due": None, "begins": boards.call()["earliest"]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "To answer it"),
        ({"turn": "orlan", "due_here": None}, None),
        ({**AGREED, "state": "accepted"}, "The call itself"),
        ({**AGREED, "state": "started"}, "The call itself"),
        ({**AGREED, "state": "ended"}, None),
        ({**AGREED, "state": "declined"}, None),
        ({**AGREED, "state": "withdrawn"}, None),
    ],
)
def test_a_call_request_names_only_the_act_that_is_ours(
    changes: dict[str, Any], told: str | None
) -> None:
    """What is over, or theirs to answer, sends nobody anywhere."""
    call = boards.call(**changes)
    content = page(TextPage("I", "V", [], [], [], own="velmar", chosen_call=call), Words("en"), NOW)
    found = [each for each in ("To answer it", "The call itself") if each in content]
    assert found == ([] if told is None else [told])
    assert "Level: Minister" in content


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cut_line_says_what_is_silent(language: str) -> None:
    """Whom to call depends on it: a provider, or their engineer."""
    words = Words(language)
    line = {**boards.line_to(), "state": "cut", "silence": "node"}
    said = escape(words.code("line_silence", "node"))
    assert said in page(TextPage("I", "V", [line], [], []), words, NOW)
    assert said not in page(TextPage("I", "V", [boards.line_to()], [], []), words, NOW)


def test_nobody_is_sent_to_speak_in_a_crisis_that_is_over() -> None:
    """Both sides are closed and nothing is looked back on any more."""
    over = boards.looked_back_on(state="adopted")
    content = page(
        TextPage("I", "V", [], [], [], own="velmar", chosen_crisis=over), Words("en"), NOW
    )
    assert "To speak in it" not in content


@pytest.mark.parametrize(
    ("is_ours", "waits"),
    [(True, "How it was understood waits for our word"), (False, "Waits for its author")],
)
def test_how_an_alert_was_understood_is_read_with_its_author_s_word(
    is_ours: bool,  # noqa: FBT001
    waits: str,
) -> None:
    """What was meant stands after what was understood; markup in either is text."""
    given = boards.alert(
        is_ours=is_ours, paraphrases=boards.paraphrases(), paraphrase_state="waiting"
    )
    shown = TextPage("I", "V", [], [], [], given)
    content = page(shown, Words("en"), NOW)
    assert "They &lt;b&gt;ask&lt;/b&gt; for help." in content
    assert content.index("ask&lt;/b&gt; for help.") < content.index("Corrected by its author")
    assert content.index("Corrected by its author") < content.index("They ask for nothing.")
    assert content.index("They ask for nothing.") < content.index(waits)
    assert "<b>ask" not in content
    assert "\u202e" not in content


async def test_a_crisis_of_the_other_party_is_on_the_page_of_text(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """Opened at one in a terminal, read at the other; an engineer is shown none of it."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    rolf = await officer(near, "Rolf", "releaser")
    title = [{"language": "en", "text": "Two vessels"}]
    opening = {"party": far.party.text, "title": title, "start": "2026-11-22T08:00:00Z"}
    opened = await CrisisActs(rolf.acts).open({**opening, "is_exercise": True}, near.party.text)
    await nodes.seconds(3)
    await far.node.operations.person_add("Olga", roles=["duty_officer"])
    olga = await far.browser("Olga")
    shown = (await olga.get("/text")).body.decode()
    assert "EXERCISE CRISIS" in shown
    assert "Two vessels" in shown
    whole = (await olga.get(f"/text?crisis={opened['hash']}")).body.decode()
    assert "ours: Not opened" in whole
    await far.node.operations.person_add("Ed", roles=["engineer"])
    ed = await far.browser("Ed")
    assert "Two vessels" not in (await ed.get("/text")).body.decode()
    assert (await ed.get(f"/text?crisis={opened['hash']}")).status in {403, 404}
    assert (await ed.get(f"/text?call={opened['hash']}")).status in {403, 404}
    assert (await olga.get(f"/text?call={opened['hash']}")).status == 404
