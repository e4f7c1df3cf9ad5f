"""What is wrong with a form is named: the field, the reason, what would do."""

import json
from typing import cast

import pytest

from parley.crisis.notifications.check import (
    Finding,
    Reason,
    Weight,
    check_form,
    check_lead,
    effective_ms,
    instant_ms,
    instant_text,
)
from parley.crisis.notifications.definition import NotificationType, read_type
from parley.crisis.notifications.form import JsonMap, JsonValue, read_form, write_form
from parley.crisis.notifications.lateness import HOUR_MS
from parley.crisis.notifications.starter import starter_type
from parley.errors import FormRefused

LAUNCH = read_type(starter_type("launch-or-test"))
BEGINS_MS = instant_ms("2027-02-01T10:00:00Z") or 0


def test_a_form_that_holds_has_no_findings() -> None:
    """Nothing to mend."""
    assert check_form(LAUNCH, launch()) == []


@pytest.mark.parametrize(
    ("change", "field", "reason", "wanted"),
    [
        ({"/kind": None}, "/kind", Reason.MISSING, ""),
        ({"/extra": 1}, "/extra", Reason.UNKNOWN, ""),
        ({"/kind": "party"}, "/kind", Reason.NO_CHOICE, "missile_test"),
        ({"/kind": 4}, "/kind", Reason.NO_CHOICE, "missile_test"),
        ({"/areas": []}, "/areas", Reason.TOO_SHORT, "1"),
        ({"/areas/0/radius/value": -1}, "/areas/0/radius/value", Reason.TOO_SMALL, "0"),
        ({"/areas/0/radius/value": "3"}, "/areas/0/radius/value", Reason.WRONG_TYPE, "number"),
        ({"/areas/0/radius/unit": "nmi"}, "/areas/0/radius/unit", Reason.WRONG_UNIT, "km"),
        ({"/description": "x" * 4001}, "/description", Reason.TOO_LONG, "4000"),
        ({"/window/begins": "2027-02-30T10:00:00Z"}, "/window/begins", Reason.NO_INSTANT, "Z"),
        ({"/window/begins": "2027-02-01T10:00:00+05:00"}, "/window/begins", Reason.NO_INSTANT, "Z"),
        ({"/window/begins": "2027-02-01"}, "/window/begins", Reason.NO_INSTANT, "Z"),
        ({"/window/ends": "2027-02-01T09:59:59Z"}, "/window/ends", Reason.ENDS_FIRST, "10:00"),
        ({"/window/ends": "2027-02-01T10:00:00Z"}, "/window/ends", Reason.ENDS_FIRST, "10:00"),
        ({"/areas/0/centre/latitude": 91}, "/areas/0/centre/latitude", Reason.SWAPPED, "69.2, 91"),
        (
            {"/areas/0/centre/latitude": 181},
            "/areas/0/centre/latitude",
            Reason.TOO_LARGE,
            "-90..90",
        ),
        ({"/areas/0/centre/longitude": -181}, "/areas/0/centre/longitude", Reason.TOO_LARGE, "180"),
        ({"/description": "fire \u202eno\u202c"}, "/description", Reason.TURNING_TEXT, "U+202E"),
        ({"/description": "fire\u200bless"}, "/description", Reason.HIDDEN_TEXT, "U+200B"),
        ({"/description": "fire\x07"}, "/description", Reason.HIDDEN_TEXT, "U+0007"),
        ({"/description": "p\u0430yload"}, "/description", Reason.MIXED_TEXT, "U+0430"),
        ({"/description": "cafe\u0301"}, "/description", Reason.DECOMPOSED_TEXT, "U+0065"),
    ],
)
def test_what_is_wrong_is_named_by_field_reason_and_remedy(
    change: dict[str, JsonValue], field: str, reason: Reason, wanted: str
) -> None:
    """One fault, one finding, and it refuses."""
    found = check_form(LAUNCH, launch(**change))
    assert [(each.field, each.reason, each.weight) for each in found] == [
        (field, reason, Weight.REFUSES)
    ]
    assert wanted in found[0].wanted


def test_words_of_every_script_our_parties_write_are_let_through() -> None:
    """The zero-width non-joiner is spelling in Dari and Pashto; scripts stand side by side."""
    words = "Пуск «Союз-2» · 演习区域 · oʻquv mashgʻuloti · اطلاع\u200cرسانی · پیښور · ok"  # noqa: RUF001  the letters are the point
    assert check_form(LAUNCH, launch(**{"/description": words})) == []


def test_coordinates_within_bounds_are_found_swapped_by_the_agreed_region() -> None:
    """41.3 N 69.2 E lies in the region; 69.2 N 41.3 E does not, and exchanged it does."""
    regional = typed(region={"south": 35, "north": 50, "west": 50, "east": 80})
    swapped = launch(**{"/areas/0/centre/latitude": 69.2, "/areas/0/centre/longitude": 41.3})
    assert [each.reason for each in check_form(regional, swapped)] == [Reason.SWAPPED]
    assert check_form(regional, launch()) == []
    elsewhere = launch(**{"/areas/0/centre/latitude": -10, "/areas/0/centre/longitude": -20})
    assert check_form(regional, elsewhere) == []


@pytest.mark.parametrize(
    "encoded",
    [
        b'{"kind": NaN}',
        b'{"kind": Infinity}',
        b'{"kind": 1e999}',
        b'{"kind": 1' + b"0" * 5000 + b"}",
        b'{"kind": "a", "kind": "b"}',
        b'{"a": ' * 9 + b"1" + b"}" * 9,
        b"[" * 100_000,
        b'"just a text"',
        b"[1]",
        b"",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"{" + b" " * 40_000 + b"}",
        b'{"kind": "\xed\xa0\x80"}',
    ],
)
def test_bytes_with_no_meaning_or_two_are_refused_before_they_are_read(encoded: bytes) -> None:
    """NaN, doubled keys, depth, length, foreign encodings."""
    with pytest.raises(FormRefused):
        read_form(encoded)


def test_a_lone_surrogate_by_escape_is_hidden_text() -> None:
    """JSON can spell what UTF-8 cannot; it is found, and never written."""
    form = launch(**{"/description": json.loads('"\\ud800"')})
    assert [each.reason for each in check_form(LAUNCH, form)] == [Reason.HIDDEN_TEXT]
    with pytest.raises(FormRefused):
        write_form(form)


def test_brackets_in_a_text_are_no_depth() -> None:
    """Only structure counts."""
    assert read_form(b'{"a": "' + b"[" * 500 + b'\\"{{{{"}') == {"a": "[" * 500 + '"{{{{'}


@pytest.mark.parametrize(
    ("notice", "hours_before", "late"),
    [("planned", 72, None), ("planned", 71, "01:00"), ("short_notice", 71, None)],
)
def test_a_form_that_would_come_late_is_warned_of_and_never_refused(
    notice: str, hours_before: int, late: str | None
) -> None:
    """Own timing is recorded, not judged; another notice has another lead."""
    form = launch(**{"/notice": notice})
    found = check_lead(LAUNCH, form, BEGINS_MS - hours_before * HOUR_MS)
    wanted = [] if late is None else [Finding("/window/begins", Reason.LATE, late, Weight.WARNS)]
    assert found == wanted


def test_nothing_takes_effect_before_it_was_received() -> None:
    """At the instant in the form, or on receipt if that is later."""
    assert effective_ms(LAUNCH, launch(), BEGINS_MS - 1) == BEGINS_MS
    assert effective_ms(LAUNCH, launch(), BEGINS_MS + 7) == BEGINS_MS + 7
    assert effective_ms(typed(effective=None), launch(), 5) == 5


def test_an_instant_is_written_as_it_is_read() -> None:
    """One spelling."""
    assert instant_text(BEGINS_MS + 999) == "2027-02-01T10:00:00Z"
    assert instant_ms(instant_text(BEGINS_MS)) == BEGINS_MS


def launch(**changes: JsonValue) -> JsonMap:
    """Return a form that holds, but for the places given; None takes a field away."""
    form: JsonMap = {
        "kind": "missile_test",
        "notice": "planned",
        "window": {"begins": "2027-02-01T10:00:00Z", "ends": "2027-02-01T14:00:00Z"},
        "areas": [
            {
                "centre": {"latitude": 41.3, "longitude": 69.2},
                "radius": {"value": 40, "unit": "km"},
            }
        ],
        "description": "A test.",
    }
    for pointer, value in changes.items():
        *path, last = pointer.split("/")[1:]
        at: JsonValue = form
        for part in path:
            at = at[int(part)] if isinstance(at, list) else cast("JsonMap", at)[part]
        if value is None:
            del cast("JsonMap", at)[last]
        else:
            cast("JsonMap", at)[last] = value
    return form


def typed(**changes: JsonValue) -> NotificationType:
    """Return the launch type with other values."""
    definition = cast("JsonMap", json.loads(starter_type("launch-or-test")))
    return read_type(json.dumps({**definition, **changes}).encode())
