# ruff: noqa: RUF001  letters of six languages
"""What the words of an alert may be made of, in every script of the parties."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.crisis.text import (
    CHARACTERS_MAX,
    MARKS_MAX,
    TEXT_BYTES_MAX,
    TextFault,
    TextFinding,
    characters,
    check_text,
    findings,
)
from parley.errors import AlertTextRefused

LIMITS = (CHARACTERS_MAX, TEXT_BYTES_MAX)


@pytest.mark.parametrize(
    "text",
    [
        "Two aircraft left 41.2 N 69.3 E.\nWe take them for yours.",
        "Два самолёта покинули район; считаем их вашими.",
        "两架飞机离开该区域。",
        "Ikki samolyot hududni tark etdi; ularni sizniki deb o\u2018ylaymiz.",
        "دو هواپیما منطقه را ترک کردند و می\u200cخواهیم بدانیم.",
        "دوه الوتکې له سیمې ووتلې.",
        "\U0001f469\u200d\U0001f4bb \U0001f1fa\U0001f1ff \U0001f44d\U0001f3fd",
    ],
)
def test_every_language_of_the_parties_goes_as_it_is_written(text: str) -> None:
    """Joiners that belong to the script, right-to-left letters and pictures included."""
    assert findings(unicodedata.normalize("NFC", text), *LIMITS) == ()


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", TextFinding(TextFault.EMPTY, 0)),
        (" \n ", TextFinding(TextFault.EMPTY, 0)),
        ("a\x00b", TextFinding(TextFault.CONTROL, 1)),
        ("a\tb", TextFinding(TextFault.CONTROL, 1)),
        ("a\r\nb", TextFinding(TextFault.CONTROL, 1)),
        ("a\u2028b", TextFinding(TextFault.CONTROL, 1)),
        ("a\ue000b", TextFinding(TextFault.CONTROL, 1)),
        ("pay\u202eyap", TextFinding(TextFault.TURNING, 3)),
        ("a\u2066b", TextFinding(TextFault.TURNING, 1)),
        ("a\u200fb", TextFinding(TextFault.TURNING, 1)),
        ("a\u200bb", TextFinding(TextFault.INVISIBLE, 1)),
        ("a\ufeffb", TextFinding(TextFault.INVISIBLE, 1)),
        ("a\u200cb", TextFinding(TextFault.INVISIBLE, 1)),
        ("a\u00adb", TextFinding(TextFault.INVISIBLE, 1)),
        ("a\U000e0041b", TextFinding(TextFault.INVISIBLE, 1)),
        ("a\u3164b", TextFinding(TextFault.INVISIBLE, 1)),
        ("cafe\u0301", TextFinding(TextFault.NOT_NORMAL, 3)),
        ("a" + "\u0315" * (MARKS_MAX + 1), TextFinding(TextFault.STACKED, MARKS_MAX + 1)),
        ("p\u0430ris", TextFinding(TextFault.MIXED, 1)),
        ("x" * (CHARACTERS_MAX + 1), TextFinding(TextFault.TOO_LONG, CHARACTERS_MAX)),
    ],
)
def test_what_a_reader_could_misread_is_found_at_its_place(text: str, finding: TextFinding) -> None:
    """And refused where it is written, with the place."""
    assert finding in findings(text, *LIMITS)
    with pytest.raises(AlertTextRefused, match=finding.fault.value):
        check_text(text, *LIMITS)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("abc", 3),
        ("e\u0301", 1),
        ("\U0001f1fa\U0001f1ff\U0001f1fa", 2),
        ("\U0001f469\u200d\U0001f4bb", 1),
        ("\U0001f44d\U0001f3fd", 1),
        ("می\u200cخواهیم", 8),
        ("你好", 2),
        ("", 0),
    ],
)
def test_a_reader_s_characters_are_counted(text: str, count: int) -> None:
    """Not the code points they are made of."""
    assert characters(text) == count


def test_exactly_as_much_as_fits_goes() -> None:
    """In a script of one byte and in one of three, bytes permitting."""
    assert findings("x" * CHARACTERS_MAX, *LIMITS) == ()
    assert findings("字" * (TEXT_BYTES_MAX // 3), *LIMITS) == ()
    assert findings("字" * (TEXT_BYTES_MAX // 3 + 1), *LIMITS) != ()


@given(st.text(st.characters(), max_size=60))
def test_no_text_makes_looking_at_it_fail(text: str) -> None:
    """Lone surrogates, unassigned code points and all."""
    for finding in findings(text, *LIMITS):
        assert 0 <= finding.place <= max(len(text), CHARACTERS_MAX)
    assert 0 <= characters(text) <= len(text)
