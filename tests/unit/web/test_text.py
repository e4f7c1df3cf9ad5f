"""The text-only page: small, without a script for reading, in six languages, strict."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typing_extensions import override
from whenever import Instant

from parley.testing import boards
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terminals import officer
from parley.web.routes import interface
from parley.web.text.page import TextPage, page, sign_in_page
from parley.words import LANGUAGES, Words

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
