"""The terms of a line's agreement: read as they were written, refused where they cannot be."""

import dataclasses
from typing import Any

import pytest

from parley.errors import EntryMalformed, TermsRefused
from parley.ids import PartyId
from parley.record.business import BusinessCalendar
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.line_terms import (
    DEFAULT_TERMS,
    HOURS_MAX,
    LIMIT_S_MAX,
    LIST_MAX,
    WORD_CHARACTERS_MAX,
    LineTerms,
    PrecedenceTerms,
    changed_terms,
    read_terms,
    terms_value,
)


def with_limits(target_s: int, limit_s: int, answer_s: int) -> dict[str, Any]:
    """Return terms' limits with others for flash."""
    changed = PrecedenceTerms(target_s, limit_s, answer_s)
    return {"limits": {**DEFAULT_TERMS.limits, Precedence.FLASH: changed}}


def test_terms_are_read_as_they_were_written() -> None:
    """Also changed ones, of which the names are told."""
    changed = dataclasses.replace(
        DEFAULT_TERMS, call_hours=3, types=("plague",), **with_limits(1, 2, 3)
    )

    assert read_terms(terms_value(DEFAULT_TERMS)) == DEFAULT_TERMS
    assert read_terms(terms_value(changed)) == changed
    assert changed_terms(DEFAULT_TERMS, changed) == ("limits.flash", "call_hours", "types")
    assert changed_terms(changed, changed) == ()


@pytest.mark.parametrize(
    ("change", "term"),
    [
        (with_limits(0, 2, 3), "limits.flash"),
        (with_limits(3, 2, 3), "limits.flash"),
        (with_limits(1, LIMIT_S_MAX + 1, 3), "limits.flash"),
        (with_limits(1, 2, 0), "limits.flash"),
        (with_limits(1, 2, LIMIT_S_MAX + 1), "limits.flash"),
        ({"account_days": 0}, "account_days"),
        ({"account_days": 366}, "account_days"),
        ({"readout_hours": -1}, "readout_hours"),
        ({"readout_hours": HOURS_MAX + 1}, "readout_hours"),
        ({"code_minutes": 0}, "code_minutes"),
        ({"code_minutes": 61}, "code_minutes"),
        ({"call_hours": 0}, "call_hours"),
        ({"clarification_hours": HOURS_MAX + 1}, "clarification_hours"),
        ({"civil_hours": (8, 10)}, "civil_hours"),
        ({"civil_hours": (8, 25)}, "civil_hours"),
        ({"civil_hours": (8,)}, "civil_hours"),
        ({"levels": ("a", "a")}, "levels"),
        ({"languages": ("",)}, "languages"),
        ({"languages": ("a\n",)}, "languages"),
        ({"types": ("x" * (WORD_CHARACTERS_MAX + 1),)}, "types"),
        ({"types": tuple(map(str, range(LIST_MAX + 1)))}, "types"),
    ],
)
def test_a_term_that_cannot_be_is_named(change: dict[str, Any], term: str) -> None:
    """Whoever proposes it is told which; one that comes from elsewhere is not of the form."""
    terms: LineTerms = dataclasses.replace(DEFAULT_TERMS, **change)

    with pytest.raises(TermsRefused) as refused:
        terms_value(terms)

    assert refused.value.params == {"term": term}


def test_terms_that_came_later_are_written_only_where_one_is_not_as_by_default() -> None:
    """So an agreement that changes none has the bytes it had before there were any."""
    changed = dataclasses.replace(DEFAULT_TERMS, readout_hours=24)

    usual, longer = terms_value(DEFAULT_TERMS), terms_value(changed)

    assert isinstance(usual, list)
    assert isinstance(longer, list)
    assert (len(usual), longer[10:]) == (10, [14, 24, 10])
    assert read_terms(longer) == changed
    assert changed_terms(DEFAULT_TERMS, changed) == ("readout_hours",)


def test_terms_that_came_last_are_written_only_where_one_is_not_as_by_default() -> None:
    """What was agreed before there were any is read, and written, as it was."""
    shared = dataclasses.replace(DEFAULT_TERMS, shares_acknowledgements=True)

    value = terms_value(shared)

    assert isinstance(value, list)
    assert value[10:] == [14, 0, 10, True]
    assert read_terms(value) == shared
    assert read_terms(value[:13]) == DEFAULT_TERMS
    assert changed_terms(DEFAULT_TERMS, shared) == ("shares_acknowledgements",)


PARTY = PartyId(b"p" * 16)
OTHER = PartyId(b"q" * 16)
BERLIN = BusinessCalendar("Europe/Berlin", holidays=("2026-12-25",))


def test_mornings_are_written_after_everything_else_and_read_by_party() -> None:
    """Without them the bytes are those of terms that know of none."""
    terms = dataclasses.replace(DEFAULT_TERMS, mornings=((PARTY, BERLIN),))

    value = terms_value(terms)

    assert isinstance(value, list)
    calendar = [bytes(PARTY), "Europe/Berlin", [1, 2, 3, 4, 5], 540, ["2026-12-25"]]
    assert value[10:] == [14, 0, 10, False, [calendar]]
    assert read_terms(value) == terms
    assert (terms.morning_of(PARTY), terms.morning_of(OTHER)) == (BERLIN, None)
    assert changed_terms(DEFAULT_TERMS, terms) == ("mornings",)


@pytest.mark.parametrize(
    "mornings",
    [
        5,
        [5],
        [[]],
        [["x", "UTC", [1], 540, []]],
        [[b"short", "UTC", [1], 540, []]],
        [[b"p" * 16, "UTC", [9], 540, []]],
        [[b"q" * 16, "UTC", [1], 540, []], [b"p" * 16, "UTC", [1], 540, []]],
        [[b"p" * 16, "UTC", [1], 540, []], [b"p" * 16, "UTC", [1], 540, []]],
        [[bytes([each]) * 16, "UTC", [1], 540, []] for each in range(3)],
    ],
)
def test_mornings_that_cannot_be_make_an_agreement_malformed(mornings: Value) -> None:
    """Of nobody, of one twice, of more than two parties, or of no form at all."""
    plain = terms_value(dataclasses.replace(DEFAULT_TERMS, mornings=((PARTY, BERLIN),)))
    assert isinstance(plain, list)
    with pytest.raises(EntryMalformed):
        read_terms([*plain[:14], mornings])


def value_with(place: int, value: Value) -> list[Value]:
    """Return the default terms' value with another one in a place."""
    whole = terms_value(DEFAULT_TERMS)
    assert isinstance(whole, list)
    return [*whole[:place], value, *whole[place + 1 :]]


@pytest.mark.parametrize(
    "value",
    [
        *(None, 5, "x", [], {}),
        value_with(0, 5),
        value_with(0, []),
        value_with(0, [[1, 2], [1, 2], [1, 2], [1, 2]]),
        value_with(0, [5, 5, 5, 5]),
        value_with(1, "x"),
        value_with(1, True),
        value_with(1, 0),
        value_with(3, 99),
        value_with(4, 8),
        value_with(5, [5]),
        value_with(8, 99),
        value_with(9, 1),
        [*value_with(9, True), 3],
        [*value_with(9, True), 3, 0],
        [*value_with(9, True), 3, 0, 10, 1],
        [*value_with(9, True), True, 0, 10],
        [*value_with(9, True), 0, 0, 10],
    ],
)
def test_what_are_no_terms_is_refused(value: Value) -> None:
    """Whatever another party put there."""
    with pytest.raises(EntryMalformed):
        read_terms(value)
