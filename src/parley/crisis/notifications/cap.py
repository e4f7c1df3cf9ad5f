"""A notification as an alert of the Common Alerting Protocol (OASIS CAP 1.2), where that fits.

Of the starter types five are about something that happens somewhere, some time; the others are
between two institutions and nobody else's alert. CAP asks for urgency, severity and certainty:
those are judgements, software makes none, so all three say Unknown.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from whenever import Instant

from parley.clock import from_milliseconds
from parley.crisis.notifications.check import instant_ms
from parley.crisis.notifications.definition import Confidentiality, NotificationType
from parley.crisis.notifications.form import JsonMap, JsonValue, at_pointer, walk
from parley.crisis.notifications.machine import NotificationState
from parley.crisis.notifications.matter import NotificationMatter
from parley.crisis.notifications.numbers import number_text
from parley.errors import FormRefused

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
CATEGORIES: Final[Mapping[str, str]] = {
    "planned-activity": "Security",
    "launch-or-test": "Security",
    "hazardous-incident": "CBRNE",
    "public-health-event": "Health",
    "border-closure": "Transport",
}
"""The category of each type that fits (CAP 1.2 §3.2.2)."""
_BEGINS: Final = ("/window/begins", "/occurred_at", "/assessed_at")
"""Places of the instant at which what is told of begins."""
_PLACES: Final = ("/areas", "/area", "/place")
_KILOMETRES: Final = {"km": Decimal(1), "m": Decimal("0.001"), "nmi": Decimal("1.852")}
"""What each unit of a radius is in km."""


def as_cap(
    matter: NotificationMatter,
    author: str,
    language: str,
    now_ms: int,
    corrected: NotificationMatter | None = None,
) -> bytes:
    """Return a notification as CAP 1.2.

    Args:
        matter: what both sides hold of it.
        author: the name of the party that made it.
        language: the language of the labels; what was written stays as it was written.
        now_ms: the present.
        corrected: the notification in whose place it stands.

    Raises:
        FormRefused: its type is none that fits, it cannot be read, has no such language, or an
            area in a unit that is not known.
    """
    kind, form = matter.kind, matter.form
    if kind is None or form is None or kind.id not in CATEGORIES:
        raise FormRefused(field="", reason="no_cap")
    if language not in kind.labels:
        raise FormRefused(field="language", reason="no_choice")
    is_over = matter.state(now_ms) is NotificationState.CANCELLED
    alert = ET.Element("alert", xmlns=NAMESPACE)
    _add(alert, "identifier", _identifier(matter))
    _add(alert, "sender", matter.author.text)
    _add(alert, "sent", _time(matter.acts[-1].at_ms if is_over else matter.sent_ms))
    _add(alert, "status", "Exercise" if matter.said.is_exercise else "Actual")
    type_of = "Cancel" if is_over else "Alert" if corrected is None else "Update"
    _add(alert, "msgType", type_of)
    _add(alert, "source", author)
    is_public = kind.confidentiality is Confidentiality.PUBLIC
    _add(alert, "scope", "Public" if is_public else "Restricted")
    if not is_public:
        _add(alert, "restriction", "The two parties of the line")
    about = matter if is_over else corrected
    if about is not None:
        _add(
            alert, "references", f"{about.author.text},{_identifier(about)},{_time(about.sent_ms)}"
        )
    alert.append(_described(matter, kind, form, language))
    encoded: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return encoded


def _described(
    matter: NotificationMatter, kind: NotificationType, form: JsonMap, language: str
) -> ET.Element:
    labels = kind.labels[language]
    described = ET.Element("info")
    _add(described, "language", language)
    _add(described, "category", CATEGORIES[kind.id])
    _add(described, "event", labels[""])
    for judged in ("urgency", "severity", "certainty"):
        _add(described, judged, "Unknown")
    if matter.effective_ms is not None:
        _add(described, "effective", _time(matter.effective_ms))
    begins = next((ms for at in _BEGINS if (ms := instant_ms(at_pointer(form, at)))), None)
    ends = instant_ms(at_pointer(form, "/window/ends"))
    if begins is not None:
        _add(described, "onset", _time(begins))
    if ends is not None:
        _add(described, "expires", _time(ends))
    _add(described, "headline", f"{labels['']} {matter.said.year}/{_number(matter)}")
    _add(described, "description", "\n".join(_lines(form, labels)))
    circles = [*_circles(form)]
    if circles:
        area = ET.SubElement(described, "area")
        _add(area, "areaDesc", "; ".join(circles))
        for circle in circles:
            _add(area, "circle", circle)
    return described


def _circles(form: JsonMap) -> Iterator[str]:
    """Yield the places of a form as CAP writes them: ``latitude,longitude radius`` in km."""
    for at in _PLACES:
        found = at_pointer(form, at)
        for each in found if isinstance(found, list) else [found]:
            centre = at_pointer(each, "/centre") or each
            latitude, longitude = at_pointer(centre, "/latitude"), at_pointer(centre, "/longitude")
            if latitude is None or longitude is None:
                continue
            yield f"{latitude},{longitude} {_kilometres(each, at)}"


def _kilometres(place: JsonValue, at: str) -> str:
    """Return a place's radius in km (CAP 1.2 §3.2.4), 0 without one.

    Raises:
        FormRefused: it is in a unit that is not known here: another area must not be told of.
    """
    radius, unit = at_pointer(place, "/radius/value"), at_pointer(place, "/radius/unit")
    if radius is None:
        return "0"
    if not isinstance(unit, str) or unit not in _KILOMETRES:
        raise FormRefused(field=f"{at}/radius/unit", reason="no_cap")
    return f"{(Decimal(str(radius)) * _KILOMETRES[unit]).normalize():f}"


def _lines(form: JsonMap, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield what a form says, a labelled line for each value that is not a part of a shape."""
    for pointer, value in walk(form):
        place = "".join("/*" if part.isdecimal() else f"/{part}" for part in pointer.split("/")[1:])
        shown = _shown(place, value, labels)
        if shown and place in labels:
            yield f"{labels[place]}: {shown}"


def _shown(place: str, value: JsonValue, labels: Mapping[str, str]) -> str:
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        return f"{value['value']} {value['unit']}"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, str):
        return labels.get(f"{place}={value}", value)
    return str(value) if isinstance(value, int | float) else ""


def _identifier(matter: NotificationMatter) -> str:
    return f"{matter.author.text}.{matter.said.type_id}.{matter.said.year}.{_number(matter)}"


def _number(matter: NotificationMatter) -> str:
    return number_text(matter.said.number, is_exercise=matter.said.is_exercise)


def _time(value_ms: int) -> str:
    """Return an instant as CAP writes it: UTC as -00:00, never Z (CAP 1.2 §3.2)."""
    at: Instant = from_milliseconds(value_ms - value_ms % 1_000)
    return at.format_iso().replace("Z", "-00:00")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
