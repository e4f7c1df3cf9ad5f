"""The words of terminal and text page: in six languages, and the interface's where it says them."""

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import plain_words
import pytest

from parley.crisis.assessment.machine import AssessmentState
from parley.crisis.bodies import AnswerKind, Level
from parley.crisis.calls.bodies import CallMode
from parley.crisis.calls.machine import CallState
from parley.crisis.calls.matter import CallBreach
from parley.crisis.contacts.directory import ContactStanding, ListStanding
from parley.crisis.crises.bodies import StatementKind
from parley.crisis.crises.machine import SideState, StatementState
from parley.crisis.due import AlertLimit
from parley.crisis.matter import BreachKind
from parley.crisis.notifications.matter import Breach as NotificationBreach
from parley.crisis.offices import Capacity
from parley.crisis.saying import Duty, Sentence
from parley.record.entry import Precedence
from parley.testing import boards
from parley.words import LANGUAGES, Words
from parley.words.alerts import sentence_of
from parley.words.plain import line, plain

ROOT = Path(__file__).parents[3]
ALIKE = frozenset({"Auditor"})
"""What Uzbek calls as English does."""
SAYS = frozenset({"say", "wording"})
SPEAKERS = ("terminal", "web/text", "words", "node/commands")


def said_in_code() -> Iterator[str]:
    """Yield every text that is said somewhere, by the calls that say it."""
    for folder in SPEAKERS:
        for file in sorted((ROOT / "src" / "parley" / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in SAYS:
                    yield from (
                        each.value
                        for each in node.args
                        if isinstance(each, ast.Constant) and isinstance(each.value, str)
                    )


def own() -> dict[str, dict[str, dict[str, str]]]:
    """Return what is worded here."""
    read: dict[str, dict[str, dict[str, str]]] = json.loads(
        (plain_words.WORDS / "own.json").read_text(encoding="utf-8")
    )
    return read


def places(text: str) -> set[str]:
    """Return the names that stand in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_everything_that_is_said_is_said_in_every_language(language: str) -> None:
    """With the same places for what is filled in."""
    codes = {text for table in own()["codes"].values() for text in table.values()}
    words = Words(language)
    for english in sorted({*said_in_code(), *codes}):
        said = words.say(english)
        assert said != english or english in ALIKE, (language, english)
        assert places(said) == places(english), (language, english)


def test_what_the_interface_says_too_is_its_wording() -> None:
    """The tables are the page's, code by code; so are the sentences, and the translations."""
    codes, page = own()["codes"], plain_words.page_words()
    for table, listed in page.items():
        assert codes[table] == listed, table
    sentences = plain_words.page_sentences()
    for english in codes["sentence"].values():
        assert english.replace("<0/>", "<LastAnswer alert={alert} />") in sentences, english
    assert plain_words.main.__doc__
    file = plain_words.WORDS / "shared.json"
    assert file.read_text(encoding="utf-8") == plain_words.written(plain_words.shared())


def test_every_code_of_the_node_has_words() -> None:
    """Nothing is shown by its code that the node can say today."""
    codes = own()["codes"]
    assert {each.value for each in Sentence} <= set(codes["sentence"])
    assert {each.value for each in Duty} <= set(codes["duty"])
    papers = {*NotificationBreach, *CallBreach}
    assert {each.value for each in papers} <= set(codes["paper_breach"])
    assert {each.value for each in BreachKind} <= set(codes["breach"])
    assert {each.value for each in ContactStanding} <= set(codes["contact"])
    assert {each.value for each in ListStanding} <= set(codes["contact_list"])
    assert {each.value for each in AlertLimit} <= set(codes["limit"])
    assert {each.value for each in Level} <= set(codes["level"])
    assert {each.value for each in Capacity} <= set(codes["capacity"])
    assert {each.name.lower() for each in AnswerKind} <= set(codes["answer"])
    assert {each.name.lower() for each in Precedence} <= set(codes["precedence"])
    assert {each.value for each in SideState} <= set(codes["side"])
    assert {each.value for each in StatementState} <= set(codes["statement"])
    assert {each.name.lower() for each in StatementKind} <= set(codes["statement_kind"])
    assert {each.value for each in AssessmentState} <= set(codes["stage"])
    assert {each.value for each in CallState} <= set(codes["call"])
    assert {each.name.lower() for each in CallMode} <= set(codes["mode"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sentence", list(Sentence))
def test_every_sentence_is_whole(language: str, sentence: Sentence) -> None:
    """No brace and no tag is left over."""
    given = boards.alert(saying=boards.saying(sentence.value, "nobody", capacity="releaser"))
    said = sentence_of(given, Words(language))
    assert said
    assert not set("{}<>") & set(said)


def test_a_code_that_nobody_knows_is_shown_as_it_is() -> None:
    """A newer node's word is better than none."""
    assert Words("ru").code("state", "from_the_future") == "from_the_future"
    assert Words("tlh").language == "en"


def test_a_text_of_others_cannot_steer_a_terminal() -> None:
    """What is not for reading is shown by its number; what is read stays as it is."""
    assert plain("a\x1b[2Jb\r\u202ec\u200bd") == "a<U+001B>[2Jb<U+000D><U+202E>c<U+200B>d"
    persian = "می‌خواهم"
    assert plain(persian) == persian
    assert plain("two\nlines") == "two\nlines"
    assert line("two\nlines") == "two lines"
    assert line(persian) == f"\u2068{persian}\u2069"
    assert plain("a" + "\u0301" * 6).count("<U+0301>") == 2


def test_words_from_right_to_left_do_not_turn_a_date() -> None:
    """A date, a name or a number with a stroke is set apart; a bare number needs no marks."""
    for language in ("prs", "ps"):
        words = Words(language)
        said = words.say("until {at}", at="2026-11-01 12:00:00Z")
        assert "\u20682026-11-01 12:00:00Z\u2069" in said
        assert words.apart("15") == "15"
        assert words.apart("\u2068x\u2069") == "\u2068x\u2069"
    assert "\u2068" not in Words("ru").say("until {at}", at="2026-11-01 12:00:00Z")
