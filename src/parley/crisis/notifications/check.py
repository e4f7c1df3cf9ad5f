"""Holding a filled-in form against its type, and against what no schema can say.

Findings name the field, the reason and what would do instead. They are the same at both ends: the
author sees them before anybody else does, the other party beside what it received. One that
*refuses* keeps a draft from being sent; one that *warns* is for the second person to judge. At the
receiving end nothing is refused: what came is shown, with its findings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Broken
from whenever import Date, Instant

from parley.clock import from_milliseconds, milliseconds
from parley.crisis.notifications.definition import NotificationType, places
from parley.crisis.notifications.form import (
    FORM_BYTES_MAX,
    JsonMap,
    JsonValue,
    at_pointer,
    walk,
)
from parley.crisis.notifications.lateness import due_ms, late_ms, late_text
from parley.crisis.text import TextFault, findings

FINDINGS_MAX: Final = 100
"""Findings of one form; a person mends the first ones first."""
LATITUDE_MAX: Final = 90
LONGITUDE_MAX: Final = 180


class Reason(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    """The type has no such field."""
    WRONG_TYPE = "wrong_type"
    NO_CHOICE = "no_choice"
    """It is none of the values the type allows."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    WRONG_UNIT = "wrong_unit"
    NO_INSTANT = "no_instant"
    """It is no instant in UTC that exists: 30 February, or without its Z."""
    NO_DATE = "no_date"
    ENDS_FIRST = "ends_first"
    """A window ends before it begins."""
    SWAPPED = "swapped"
    """Latitude and longitude look exchanged."""
    TURNING_TEXT = "turning_text"
    """A character turns the order of others round."""
    HIDDEN_TEXT = "hidden_text"
    """A character is not shown, or more marks stand on one than anybody writes."""
    MIXED_TEXT = "mixed_text"
    """A word has letters of two scripts that look alike."""
    DECOMPOSED_TEXT = "decomposed_text"
    """It is not in the normal form NFC, so that the same words have several spellings."""
    LATE = "late"
    """Received now it would be late by so much."""
    DOUBLE = "double"
    """The same form stands already, under another number."""
    INVALID = "invalid"


class Weight(StrEnum):
    """What a finding means for a draft."""

    REFUSES = "refuses"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a form."""

    field: str
    """Its place, such as ``/window/ends``."""
    reason: Reason
    wanted: str = ""
    """What would do instead: a bound, a unit, the allowed values; or by how much it is late."""
    weight: Weight = Weight.REFUSES


_TEXT_REASONS: Final = {
    TextFault.TURNING: Reason.TURNING_TEXT,
    TextFault.CONTROL: Reason.HIDDEN_TEXT,
    TextFault.INVISIBLE: Reason.HIDDEN_TEXT,
    TextFault.STACKED: Reason.HIDDEN_TEXT,
    TextFault.MIXED: Reason.MIXED_TEXT,
    TextFault.NOT_NORMAL: Reason.DECOMPOSED_TEXT,
}
"""Empty and too long are the schema's to say."""


def check_form(kind: NotificationType, form: JsonMap) -> list[Finding]:
    """Return what is wrong with a form, whatever the time is; empty if nothing.

    Args:
        kind: the type it is filled in for.
        form: what :func:`~parley.crisis.notifications.form.read_form` returned.
    """
    formats = {place: each.get("format") for place, each in places(kind.schema)}
    found: list[Finding] = []
    for pointer, value in walk(form):
        if isinstance(value, dict):
            found += [*_window_findings(pointer, value), *_point_findings(kind, pointer, value)]
        elif isinstance(value, str):
            found += _text_findings(pointer, value)
            found += _format_findings(pointer, value, formats.get(_place(pointer)))
    # Two coordinates exchanged are out of bounds too; the cause is what helps.
    said = {each.field for each in found}
    by_schema = {each.field: each for each in _schema_findings(kind, form)}
    found += [each for each in by_schema.values() if each.field not in said]
    return sorted(found, key=lambda each: each.field)[:FINDINGS_MAX]


def check_lead(kind: NotificationType, form: JsonMap, now_ms: int) -> list[Finding]:
    """Return whether a form that is received now would be late; it warns, it never refuses."""
    late = late_ms(kind.lead.rule_for(form), reference_ms(kind, form), now_ms)
    if not late:
        return []
    return [Finding(kind.lead.at, Reason.LATE, late_text(late), Weight.WARNS)]


def reference_ms(kind: NotificationType, form: JsonMap) -> int | None:
    """Return the instant in a form that its type's lead rule counts from."""
    return instant_ms(at_pointer(form, kind.lead.at)) if kind.lead.at else None


def form_due_ms(kind: NotificationType, form: JsonMap) -> int | None:
    """Return by when a form must have been received."""
    return due_ms(kind.lead.rule_for(form), reference_ms(kind, form))


def effective_ms(kind: NotificationType, form: JsonMap, provided_ms: int) -> int:
    """Return when a notification takes effect: as its type says, never before it was received."""
    at = None if kind.effective_at is None else instant_ms(at_pointer(form, kind.effective_at))
    return provided_ms if at is None else max(at, provided_ms)


def instant_ms(value: JsonValue) -> int | None:
    """Return an instant of a form as milliseconds since 1970 UTC, None if it is none.

    One spelling alone: ``2027-02-01T10:00:00Z``. Two instants of one text would be two notices.
    """
    if not isinstance(value, str):
        return None
    try:
        found = Instant.parse_iso(value)
    except ValueError:
        return None
    return milliseconds(found) if found.format_iso() == value and value[:1].isdigit() else None


def instant_text(value_ms: int) -> str:
    """Return milliseconds since 1970 UTC as an instant of a form, to the second."""
    return from_milliseconds(value_ms - value_ms % 1_000).format_iso()


# ----------------------------------------------------------------------------------- the schema


def _schema_findings(kind: NotificationType, form: JsonMap) -> Iterator[Finding]:
    validator = jsonschema_rs.Draft202012Validator(kind.schema, validate_formats=False)
    for number, error in enumerate(validator.iter_errors(form)):
        if number >= FINDINGS_MAX:
            return
        pointer = "".join(f"/{part}" for part in error.instance_path)
        yield from _schema_finding(pointer, error.kind)


def _schema_finding(pointer: str, kind: Broken) -> Iterator[Finding]:
    match kind:
        case Broken.Required():
            yield Finding(f"{pointer}/{str(kind.property).strip(chr(34))}", Reason.MISSING)
        case Broken.AdditionalProperties():
            for name in kind.unexpected:
                yield Finding(f"{pointer}/{name}"[:80], Reason.UNKNOWN)
        case Broken.Type():
            yield Finding(pointer, Reason.WRONG_TYPE, ", ".join(kind.types))
        case Broken.Constant():
            is_unit = pointer.endswith("/unit")
            reason = Reason.WRONG_UNIT if is_unit else Reason.NO_CHOICE
            yield Finding(pointer, reason, str(kind.expected_value))
        case Broken.Enum():
            options = cast("list[str]", kind.options)
            yield Finding(pointer, Reason.NO_CHOICE, ", ".join(options))
        case _:
            yield _bound_finding(pointer, kind)


def _bound_finding(pointer: str, kind: Broken) -> Finding:
    match kind:
        case Broken.MinLength() | Broken.MinItems():
            return Finding(pointer, Reason.TOO_SHORT, str(kind.limit))
        case Broken.MaxLength() | Broken.MaxItems():
            return Finding(pointer, Reason.TOO_LONG, str(kind.limit))
        case Broken.Minimum():
            return Finding(pointer, Reason.TOO_SMALL, str(kind.limit))
        case Broken.Maximum():
            return Finding(pointer, Reason.TOO_LARGE, str(kind.limit))
        case _:
            return Finding(pointer, Reason.INVALID)


# --------------------------------------------------------------------- what no schema can say


def _text_findings(pointer: str, value: str) -> Iterator[Finding]:
    for found in findings(value, FORM_BYTES_MAX, FORM_BYTES_MAX):
        if found.fault in _TEXT_REASONS:
            character = f"U+{ord(value[found.place]):04X}" if found.place < len(value) else ""
            wanted = f"{character} ({found.place + 1})"
            yield Finding(pointer, _TEXT_REASONS[found.fault], wanted)


def _window_findings(pointer: str, value: JsonMap) -> Iterator[Finding]:
    begins, ends = instant_ms(value.get("begins")), instant_ms(value.get("ends"))
    if begins is not None and ends is not None and ends <= begins:
        yield Finding(f"{pointer}/ends", Reason.ENDS_FIRST, str(value["begins"]))


def _point_findings(kind: NotificationType, pointer: str, value: JsonMap) -> Iterator[Finding]:
    latitude, longitude = value.get("latitude"), value.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return
    could_be = abs(latitude) <= LONGITUDE_MAX and abs(longitude) <= LATITUDE_MAX
    region = kind.region
    if region is not None and could_be and not region.has(latitude, longitude):
        is_swapped = region.has(longitude, latitude)
    else:
        is_swapped = could_be and abs(latitude) > LATITUDE_MAX
    if is_swapped:
        yield Finding(f"{pointer}/latitude", Reason.SWAPPED, f"{longitude}, {latitude}")
    elif abs(latitude) > LATITUDE_MAX:
        yield Finding(f"{pointer}/latitude", Reason.TOO_LARGE, f"-{LATITUDE_MAX}..{LATITUDE_MAX}")
    if abs(longitude) > LONGITUDE_MAX:
        wanted = f"-{LONGITUDE_MAX}..{LONGITUDE_MAX}"
        yield Finding(f"{pointer}/longitude", Reason.TOO_LARGE, wanted)


def _format_findings(pointer: str, value: str, wanted: JsonValue) -> Iterator[Finding]:
    if wanted == "date-time" and instant_ms(value) is None:
        yield Finding(pointer, Reason.NO_INSTANT, "2027-02-01T10:00:00Z")
    if wanted == "date" and not _is_date(value):
        yield Finding(pointer, Reason.NO_DATE, "2027-02-01")


def _is_date(value: str) -> bool:
    try:
        return Date.parse_iso(value).format_iso() == value
    except ValueError:
        return False


def _place(pointer: str) -> str:
    """Return a place in a form as the schema has it."""
    return "".join("/*" if part.isdecimal() else f"/{part}" for part in pointer.split("/")[1:])
