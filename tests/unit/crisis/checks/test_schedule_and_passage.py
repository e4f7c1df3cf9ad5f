"""When a line is checked, who begins, and what is read."""

import itertools
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.checks.passage import (
    ALPHABET,
    CODE_CHARACTERS,
    LETTERS,
    PASSAGES,
    code,
    is_code,
    passage,
    typed_code,
)
from parley.crisis.checks.schedule import (
    DAY_MS,
    HOUR_MS,
    PEACE,
    CheckPace,
    due_times,
    is_turn_of,
    next_due,
    starter_at,
)
from parley.ids import PartyId
from parley.record.line_terms import DEFAULT_LIMITS, CheckProfile, LineTerms

LOW, HIGH = PartyId(bytes(16)), PartyId(bytes([9] * 16))
BOTH_OPEN = CheckPace(15, frozenset({LOW, HIGH}))
NOON_MS = milliseconds(Instant.from_utc(2026, 11, 1, 12))


def terms(checks: CheckProfile, hours: tuple[int, ...] = (6, 17)) -> LineTerms:
    """Return terms with a schedule."""
    return LineTerms(limits=DEFAULT_LIMITS, checks=checks, civil_hours=hours)


@pytest.mark.parametrize(
    ("profile", "pace", "number"),
    [
        (CheckProfile.OFF, PEACE, 0),
        (CheckProfile.CIVIL, PEACE, 2),
        (CheckProfile.WATCH, PEACE, 24),
        (CheckProfile.CIVIL, BOTH_OPEN, 96),
        (CheckProfile.OFF, BOTH_OPEN, 96),
    ],
)
def test_a_day_has_as_many_checks_as_was_agreed_and_each_party_begins_half(
    profile: CheckProfile, pace: CheckPace, number: int
) -> None:
    """Twice a day, hourly, or every quarter of an hour while both have a crisis open."""
    times = list(due_times(terms(profile), NOON_MS, NOON_MS + DAY_MS, (LOW, HIGH), pace))
    starters = [starter_at(each, (HIGH, LOW)) for each in times]
    assert len(times) == number
    assert starters.count(LOW) == starters.count(HIGH) == number // 2


@pytest.mark.parametrize(("profile", "asked"), [(CheckProfile.OFF, 0), (CheckProfile.WATCH, 12)])
def test_who_opened_a_crisis_alone_begins_more_checks_and_asks_for_none(
    profile: CheckProfile, asked: int
) -> None:
    """Every quarter of an hour in its own turns; in the other's only what was agreed."""
    pace = CheckPace(15, frozenset({HIGH}))
    times = list(due_times(terms(profile), NOON_MS, NOON_MS + DAY_MS, (LOW, HIGH), pace))
    starters = [starter_at(each, (LOW, HIGH)) for each in times]
    assert (starters.count(HIGH), starters.count(LOW)) == (48, asked)
    assert next_due(terms(profile), NOON_MS + HOUR_MS, (LOW, HIGH), pace) == (
        NOON_MS + HOUR_MS + HOUR_MS // 4
    )


def test_summer_time_moves_no_check() -> None:
    """The schedule is in UTC: the night on which clocks are set has as many checks as any."""
    night = milliseconds(Instant.from_utc(2026, 10, 24, 12))
    times = list(due_times(terms(CheckProfile.WATCH), night, night + DAY_MS, (LOW, HIGH)))
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {HOUR_MS}


def test_both_ends_say_the_same_of_whose_turn_it_is() -> None:
    """The lower id in even hours, whichever end asks."""
    for hour in range(24):
        at_ms = NOON_MS + hour * HOUR_MS
        assert starter_at(at_ms, (LOW, HIGH)) == starter_at(at_ms, (HIGH, LOW))
        assert is_turn_of(at_ms, LOW, (LOW, HIGH)) is (hour % 2 == 0)
    assert not is_turn_of(NOON_MS + 1, LOW, (LOW, HIGH))
    assert next_due(terms(CheckProfile.OFF), NOON_MS, (LOW, HIGH)) is None


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_read_back_however_it_is_typed(entropy: bytes) -> None:
    """Capitals, small letters, gaps, full width: what is proved is a person at a keyboard."""
    made = code(entropy)
    assert is_code(made)
    assert len(made) == CODE_CHARACTERS
    wide = "".join(chr(ord(each) + 0xFEE0) for each in made)
    for typed in (made, made.lower(), f"{made[:3]} {made[3:]}", f"{made[:2]}-{made[2:]}", wide):
        assert typed_code(typed) == made


def test_letters_and_digits_of_other_keyboards_count_as_what_they_look_like() -> None:
    """Nobody changes the layout to prove that they are there."""
    assert typed_code("аСе٣۴７") == "ACE347"
    assert not set(ALPHABET) & set("0O1IL2Z5S8B")


def test_every_passage_stands_in_every_language_as_often() -> None:
    """Neither content nor choice is a sign: the same words in all six."""
    assert {len(texts) for texts in PASSAGES.values()} == {4}
    assert PASSAGES.keys() == LETTERS.keys() == {"en", "ru", "zh-Hans", "uz", "prs", "ps"}
    for texts in PASSAGES.values():
        assert all(unicodedata.is_normalized("NFC", text) for text in texts)


@pytest.mark.parametrize(
    ("language", "letters"),
    [
        ("en", "abcdefghijklmnopqrstuvwxyz"),
        ("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
        ("uz", "abdefghijklmnopqrstuvxyz"),
        ("prs", "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"),
        ("ps", "ابپتټثجځچڅحخدډذرړزژږسشښصضطظعغفقکګلمنڼوهیېۍ"),
    ],
)
def test_the_line_of_letters_has_every_letter(language: str, letters: str) -> None:
    """A script that loses a letter on the way shows it."""
    assert set(letters) <= set(LETTERS[language].lower())


def test_a_check_is_read_in_the_languages_of_both_parties() -> None:
    """At most four, each once; English where nobody's is known."""
    found = passage(["ru", "uz", "ru-KZ", "fa", "zh", "en"], bytes(16))
    assert [language for language, _ in found] == ["ru", "uz", "prs", "zh-Hans"]
    assert [language for language, _ in passage(["xx"], bytes(16))] == ["en"]
    texts = {passage(["en"], bytes([each] * 16))[0][1] for each in range(4)}
    assert len(texts) == 4
    assert all(re.search(r"[0-9]", text) for text in texts)
