"""Types: what may be agreed on, and the starter set."""

import json
from typing import cast

import pytest

from parley.crisis.notifications.definition import (
    TYPE_BYTES_MAX,
    Confidentiality,
    Period,
    read_type,
    write_type,
)
from parley.crisis.notifications.form import JsonMap, JsonValue
from parley.crisis.notifications.lateness import LeadRule, Relation
from parley.crisis.notifications.starter import STARTER_IDS, starter_type
from parley.errors import NotificationTypeRefused, NotificationTypeUnusable
from parley.record.cbor import encode

LANGUAGES = {"en", "ru", "zh-Hans", "uz", "prs", "ps"}


@pytest.mark.parametrize("type_id", STARTER_IDS)
def test_every_starter_type_is_one_and_has_labels_in_six_languages(type_id: str) -> None:
    """And it fits an entry, and says the same bytes each time."""
    encoded = starter_type(type_id)
    kind = read_type(encoded)
    assert (kind.id, kind.version) == (type_id, 1)
    assert set(kind.labels) == LANGUAGES
    assert len({language[""] for language in kind.labels.values()}) == len(LANGUAGES)
    assert len(encoded) < TYPE_BYTES_MAX
    assert starter_type(type_id) == encoded
    assert encode({0: encoded})


def test_the_starter_types_have_the_rules_of_the_specification() -> None:
    """24 and 72 hours for a launch, 48 for an explanation, every 1 January for the list."""
    launch = read_type(starter_type("launch-or-test"))
    assert launch.lead.rule_for({"notice": "planned"}) == LeadRule(Relation.BEFORE, 72)
    assert launch.lead.rule_for({"notice": "short_notice"}) == LeadRule(Relation.BEFORE, 24)
    explanation = read_type(starter_type("explanation-request"))
    assert explanation.lead.rule == LeadRule(Relation.AFTER, 48)
    assert explanation.clarify_hours == 48
    annual = read_type(starter_type("annual-list"))
    assert annual.period == Period(1, 1, 14)
    assert annual.confidentiality is Confidentiality.PARTIES
    assert launch.units == {"/areas/*/radius": "km"}


def test_no_other_type_is_in_the_starter_set() -> None:
    """An id is looked up, never a path."""
    with pytest.raises(NotificationTypeUnusable):
        starter_type("../words")


WRONG: list[tuple[str, str, JsonValue]] = [
    ("keys", "more", 1),
    ("keys", "labels", None),
    ("id", "id", "Launch"),
    ("number", "version", 0),
    ("number", "version", True),
    ("number", "clarify_hours", 10_000),
    ("dialect", "schema|$schema", None),
    ("dialect", "schema|$schema", "http://evil.example/schema"),
    ("keyword", "schema|$ref", "https://evil.example"),
    ("keyword", "schema|allOf", []),
    ("keyword", "schema|properties|a", {"type": "string", "maxLength": 9, "pattern": "(a+)+$"}),
    ("type", "schema|properties|a", {"enum": ["a"]}),
    ("type", "schema|properties|a", {"type": ["string", "null"]}),
    ("number", "schema|properties|a", {"type": "string"}),
    ("format", "schema|properties|a", {"type": "string", "format": "regex"}),
    ("bounds", "schema|properties|a", {"type": "number"}),
    ("choices", "schema|properties|a", {"type": "string", "enum": []}),
    ("items", "schema|properties|a", {"type": "array", "maxItems": 3}),
    ("properties", "schema|properties|a", {"type": "object"}),
    ("name", "schema|properties|Kind/", {"type": "boolean"}),
    ("shape", "schema|properties|latitude", {"type": "number", "minimum": 0, "maximum": 1}),
    ("additional_properties", "schema|additionalProperties", True),
    ("required", "schema|required", ["nothing"]),
    ("languages", "labels", {"en": {}}),
    ("languages", "labels|English", {}),
    ("labels", "labels|ru|/kind", None),
    ("label", "labels|ru|/kind", " "),
    ("text", "labels|ru|/kind", "\u202eab"),
    ("at", "lead|at", "/kind"),
    ("at", "effective", "/nowhere"),
    ("relation", "lead|relation", "around"),
    ("exceptions", "lead|exceptions", [{"at": "/kind"}]),
    ("exceptions", "lead|exceptions", [{"at": "/kind", "value": "x", "hours": 1}]),
    ("keys", "period", {"month": 1}),
    ("number", "period", {"month": 2, "day": 30, "reminder_days": 1}),
    ("choice", "confidentiality", "secret"),
    ("number", "region", {"south": 9, "north": 1, "west": 0, "east": 1}),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_definition_that_nobody_could_hold_a_form_against_is_refused(number: int) -> None:
    """No references, no patterns, no room for two meanings; the reason is named."""
    reason, place, value = WRONG[number]
    definition = cast("JsonMap", json.loads(starter_type("launch-or-test")))
    *path, last = place.split("|")
    at = definition
    for part in path:
        at = cast("JsonMap", at[part])
    if value is None:
        del at[last]
    else:
        at[last] = value
    with pytest.raises(NotificationTypeRefused) as refused:
        write_type(definition)
    assert refused.value.params["reason"] == reason


def test_more_fields_than_a_person_reads_are_refused() -> None:
    """64 of them."""
    definition = cast("JsonMap", json.loads(starter_type("annual-list")))
    properties = cast("JsonMap", cast("JsonMap", definition["schema"])["properties"])
    properties.update({f"field_{number}": {"type": "boolean"} for number in range(64)})
    with pytest.raises(NotificationTypeRefused) as refused:
        write_type(definition)
    assert refused.value.params["reason"] == "too_many_fields"


@pytest.mark.parametrize("encoded", [b"", b"[]", b"{}", b"\x00", b'{"id":' + b"[" * 9_999])
def test_bytes_that_are_no_definition_are_refused(encoded: bytes) -> None:
    """Whatever they are."""
    with pytest.raises(NotificationTypeRefused):
        read_type(encoded)
