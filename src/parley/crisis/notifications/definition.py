"""Notification types: what a form asks for and the rules it is under, agreed on by both.

A type is a JSON object in an entry of kind 140. Its ``schema`` is JSON Schema 2020-12, but only of
the few keywords below: no patterns (a hostile one takes hours to match), no references (nothing is
fetched, nothing refers to itself), no alternatives. What is left has one form on a screen, and can
be read by a person who signs it. Three shapes are understood beyond the schema: an object with
``begins`` and ``ends`` is a window, one with ``latitude`` and ``longitude`` a point, one with
``value`` and ``unit`` a quantity.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import jsonschema_rs

from parley.crisis.notifications.form import (
    JsonMap,
    JsonValue,
    at_pointer,
    read_form,
    write_form,
)
from parley.crisis.notifications.lateness import HOURS_MAX, NO_RULE, LeadRule, Relation
from parley.crisis.text import TextFault, findings
from parley.errors import FormRefused, NotificationTypeRefused

TYPE_BYTES_MAX: Final = 57_344
"""A type with its labels in six languages; an entry has 65,535 bytes."""
TYPE_DEPTH_MAX: Final = 16
"""Maps inside each other: a schema has two for every level of the form."""
FIELDS_MAX: Final = 64
"""Fields of a form, those in groups included. More than a person reads before signing."""
LEVELS_MAX: Final = 5
"""Groups inside each other; with its lists a filled-in form is at most eight levels deep."""
TEXT_CHARACTERS_MAX: Final = 8_000
"""Characters of one text of a form."""
ITEMS_MAX: Final = 64
CHOICES_MAX: Final = 64
LABEL_CHARACTERS_MAX: Final = 400
CLARIFY_HOURS_MAX: Final = 24 * 30
LANGUAGES_MIN: Final = 2
"""Labels are in the languages of both sides at least."""
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FORMATS: Final = frozenset({"date-time", "date"})
_KEYWORDS: Final[Mapping[str, frozenset[str]]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength", "enum", "const", "format"}),
    "integer": frozenset({"minimum", "maximum"}),
    "number": frozenset({"minimum", "maximum"}),
    "boolean": frozenset(),
}
_ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_ID_CHARACTERS_MAX: Final = 40
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?")
_KEYS: Final = frozenset(
    {
        "id",
        "version",
        "schema",
        "labels",
        "lead",
        "effective",
        "period",
        "confidentiality",
        "clarify_hours",
        "region",
    }
)


class Confidentiality(StrEnum):
    """Who may be shown a notification of a type."""

    PARTIES = "parties"
    """The two parties alone."""
    PUBLIC = "public"
    """Either party may publish it once it is in effect."""


@dataclass(frozen=True, slots=True)
class LeadException:
    """Another lead, where a field of the form has a value: a test at short notice, say."""

    at: str
    """Place of the field."""
    value: str
    hours: int


@dataclass(frozen=True, slots=True)
class Lead:
    """By when a notification of a type must be received."""

    rule: LeadRule = NO_RULE
    at: str = ""
    """Place of the instant it counts from; empty without a rule."""
    exceptions: tuple[LeadException, ...] = ()

    def rule_for(self, form: JsonValue) -> LeadRule:
        """Return the rule that applies to a form: the first exception that fits, or the rule."""
        for each in self.exceptions:
            if at_pointer(form, each.at) == each.value:
                return LeadRule(self.rule.relation, each.hours)
        return self.rule


@dataclass(frozen=True, slots=True)
class Period:
    """A type that is due every year on one day."""

    month: int
    day: int
    reminder_days: int
    """How many days before it a reminder is raised."""


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the world a type is about, in whole degrees; it tells swapped coordinates."""

    south: int
    north: int
    west: int
    east: int

    def has(self, latitude: float, longitude: float) -> bool:
        """Say whether a point lies in it."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationType:
    """One version of a type, as it is agreed on."""

    id: str
    version: int
    schema: JsonMap = field(repr=False)
    labels: Mapping[str, Mapping[str, str]] = field(repr=False)
    """For each language, the label of each place; ``/kind=launch`` is that of a choice."""
    units: Mapping[str, str]
    """The unit of each quantity, by its place in the schema."""
    lead: Lead
    effective_at: str | None
    """Place of the instant it takes effect; None when it does on receipt."""
    period: Period | None
    confidentiality: Confidentiality
    clarify_hours: int
    """How long the author has to answer a query."""
    region: Region | None


def read_type(encoded: bytes) -> NotificationType:
    """Read foreign bytes as a type.

    Raises:
        NotificationTypeRefused: they are none; field and reason say where and why.
    """
    try:
        found = read_form(encoded, bytes_max=TYPE_BYTES_MAX, depth_max=TYPE_DEPTH_MAX)
    except FormRefused as error:
        raise _refused("", str(error.params["reason"])) from error
    if found.keys() != _KEYS:
        odd = min(found.keys() ^ _KEYS)
        raise _refused(odd[:40], "keys")
    for place, value in _texts(found):
        found_faults = {each.fault for each in findings(value, TYPE_BYTES_MAX, TYPE_BYTES_MAX)}
        if found_faults - {TextFault.EMPTY}:
            raise _refused(place[:80], "text")
    schema = found["schema"]
    if not isinstance(schema, dict):
        raise _refused("schema", "type")
    _check_schema(schema)
    return NotificationType(
        id=_id(found["id"]),
        version=_whole(found["version"], "version", 1, 10_000),
        schema=schema,
        labels=_labels(found["labels"], schema),
        units=dict(_units(schema)),
        lead=_lead(found["lead"], schema),
        effective_at=_instant_place(found["effective"], schema, "effective"),
        period=_period(found["period"]),
        confidentiality=_confidentiality(found["confidentiality"]),
        clarify_hours=_whole(found["clarify_hours"], "clarify_hours", 1, CLARIFY_HOURS_MAX),
        region=_region(found["region"]),
    )


def write_type(definition: JsonMap) -> bytes:
    """Return a type as the bytes that are agreed on.

    Raises:
        NotificationTypeRefused: it is none.
    """
    try:
        encoded = write_form(definition)
    except FormRefused as error:
        raise _refused("", str(error.params["reason"])) from error
    read_type(encoded)
    return encoded


def places(schema: JsonValue, place: str = "") -> Iterator[tuple[str, JsonMap]]:
    """Yield every field of a schema with its place; the items of a list are at ``/*``."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for name, each in properties.items():
            yield from places(each, f"{place}/{name}")
    if "items" in schema:
        yield from places(schema["items"], f"{place}/*")


def label_places(schema: JsonMap) -> Iterator[str]:
    """Yield every place that needs a label: what a person sees, so not the unit's own field."""
    for place, each in places(schema):
        if place.endswith(("/*", "/unit", "/value")):
            continue
        yield place
        choices = each.get("enum")
        for choice in choices if isinstance(choices, list) else ():
            yield f"{place}={choice}"


# ---------------------------------------------------------------------------------- the schema


def _check_schema(schema: JsonMap) -> None:
    if schema.get("$schema") != DIALECT or schema.get("type") != "object":
        raise _refused("schema", "dialect")
    for number, (place, each) in enumerate(places(schema)):
        if number > FIELDS_MAX:
            raise _refused("schema", "too_many_fields")
        if place.count("/") > LEVELS_MAX:
            raise _refused(place, "too_deep")
        _check_field(place, each)
    try:
        is_schema = jsonschema_rs.meta.is_valid(schema)
    except ValueError as error:
        raise _refused("schema", "schema") from error
    if not is_schema:
        raise _refused("schema", "schema")


def _check_field(place: str, schema: JsonMap) -> None:
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _KEYWORDS:
        raise _refused(place, "type")
    allowed = _KEYWORDS[kind] | {"type"} | (frozenset() if place else frozenset({"$schema"}))
    for keyword in schema:
        if keyword not in allowed:
            raise _refused(place, "keyword")
    if kind == "object":
        _check_object(place, schema)
    elif kind == "array":
        _whole(schema.get("maxItems"), place, 1, ITEMS_MAX)
        if not isinstance(schema.get("items"), dict):
            raise _refused(place, "items")
    elif kind == "string":
        _check_string(place, schema)
    elif kind in {"integer", "number"} and not {"minimum", "maximum"} <= schema.keys():
        # Without bounds a form could name a number that no screen shows.
        raise _refused(place, "bounds")


def _check_object(place: str, schema: JsonMap) -> None:
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not properties:
        raise _refused(place, "properties")
    if schema.get("additionalProperties") is not False:
        raise _refused(place, "additional_properties")
    if not all(_NAME.fullmatch(name) for name in properties):
        raise _refused(place, "name")
    if not isinstance(required, list) or not all(each in properties for each in required):
        raise _refused(place, "required")
    for pair in (("begins", "ends"), ("latitude", "longitude"), ("value", "unit")):
        # Half a shape, or one that may be left half empty, could not be checked.
        if any(name in properties for name in pair) and not all(name in required for name in pair):
            raise _refused(place, "shape")


def _check_string(place: str, schema: JsonMap) -> None:
    choices, wanted = schema.get("enum"), schema.get("format")
    if place.endswith("/unit") and not isinstance(schema.get("const"), str):
        raise _refused(place, "unit")
    if "const" in schema:
        return
    if "enum" in schema:
        if not isinstance(choices, list) or not 1 <= len(choices) <= CHOICES_MAX:
            raise _refused(place, "choices")
        if not all(isinstance(each, str) and _NAME.fullmatch(each) for each in choices):
            raise _refused(place, "choices")
        return
    if wanted is not None and wanted not in FORMATS:
        raise _refused(place, "format")
    if wanted is None:
        _whole(schema.get("maxLength"), place, 1, TEXT_CHARACTERS_MAX)


# ----------------------------------------------------------------------------------- the rest


def _labels(value: JsonValue, schema: JsonMap) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, dict) or len(value) < LANGUAGES_MIN:
        raise _refused("labels", "languages")
    wanted = set(label_places(schema))
    found: dict[str, dict[str, str]] = {}
    for language, labels in value.items():
        if not _LANGUAGE.fullmatch(language) or not isinstance(labels, dict):
            raise _refused("labels", "languages")
        if labels.keys() != wanted:
            odd = min(labels.keys() ^ wanted)
            raise _refused(f"labels/{language}{odd}"[:80], "labels")
        for place, label in labels.items():
            if not isinstance(label, str) or not 0 < len(label.strip()) <= LABEL_CHARACTERS_MAX:
                raise _refused(f"labels/{language}{place}"[:80], "label")
            found.setdefault(language, {})[place] = label
    return found


def _units(schema: JsonMap) -> Iterator[tuple[str, str]]:
    for place, each in places(schema):
        unit = each.get("const")
        if place.endswith("/unit") and isinstance(unit, str):
            yield place.removesuffix("/unit"), unit


def _lead(value: JsonValue, schema: JsonMap) -> Lead:
    if value is None:
        return Lead()
    if not isinstance(value, dict) or value.keys() != {"relation", "at", "hours", "exceptions"}:
        raise _refused("lead", "keys")
    if value["relation"] not in {Relation.BEFORE, Relation.AFTER}:
        raise _refused("lead", "relation")
    rule = LeadRule(Relation(str(value["relation"])), _whole(value["hours"], "lead", 0, HOURS_MAX))
    at = _instant_place(value["at"], schema, "lead")
    exceptions = value["exceptions"]
    if at is None or not isinstance(exceptions, list) or len(exceptions) > CHOICES_MAX:
        raise _refused("lead", "at")
    return Lead(rule, at, tuple(_exception(each, schema) for each in exceptions))


def _exception(value: JsonValue, schema: JsonMap) -> LeadException:
    if not isinstance(value, dict) or value.keys() != {"at", "value", "hours"}:
        raise _refused("lead", "exceptions")
    at, wanted = value["at"], value["value"]
    choices = dict(places(schema)).get(str(at), {}).get("enum")
    if not isinstance(choices, list) or wanted not in choices:
        raise _refused("lead", "exceptions")
    return LeadException(str(at), str(wanted), _whole(value["hours"], "lead", 0, HOURS_MAX))


def _instant_place(value: JsonValue, schema: JsonMap, name: str) -> str | None:
    """Return the place of an instant that every form of the schema has, or None for none."""
    if value is None:
        return None
    by_place = dict(places(schema))
    if not isinstance(value, str) or by_place.get(value, {}).get("format") != "date-time":
        raise _refused(name, "at")
    parts = value.split("/")[1:]
    for depth, part in enumerate(parts):
        required = by_place["".join(f"/{each}" for each in parts[:depth])].get("required")
        if not isinstance(required, list) or part not in required:
            raise _refused(name, "at")
    return value


def _period(value: JsonValue) -> Period | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"month", "day", "reminder_days"}:
        raise _refused("period", "keys")
    return Period(
        _whole(value["month"], "period", 1, 12),
        # The 28th is in every month of every year.
        _whole(value["day"], "period", 1, 28),
        _whole(value["reminder_days"], "period", 0, 180),
    )


def _region(value: JsonValue) -> Region | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"south", "north", "west", "east"}:
        raise _refused("region", "keys")
    found = Region(
        _whole(value["south"], "region", -90, 90),
        _whole(value["north"], "region", -90, 90),
        _whole(value["west"], "region", -180, 180),
        _whole(value["east"], "region", -180, 180),
    )
    if found.south >= found.north or found.west >= found.east:
        raise _refused("region", "number")
    return found


def _confidentiality(value: JsonValue) -> Confidentiality:
    if value not in set(Confidentiality):
        raise _refused("confidentiality", "choice")
    return Confidentiality(str(value))


def _id(value: JsonValue) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value) or len(value) > _ID_CHARACTERS_MAX:
        raise _refused("id", "id")
    return value


def _whole(value: JsonValue, place: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _refused(place, "number")
    return value


def _texts(value: JsonValue, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, place)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield place, key
            yield from _texts(each, f"{place}/{key}")


def _refused(place: str, reason: str) -> NotificationTypeRefused:
    return NotificationTypeRefused(field=place, reason=reason)
