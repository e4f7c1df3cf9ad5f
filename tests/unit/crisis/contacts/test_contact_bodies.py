"""What entries about contacts say: read back as written, and refused when it could be misread."""

from collections.abc import Mapping
from typing import Any

import pytest

from parley.crisis.contacts.bodies import (
    CONTACTS_MAX,
    LIST_BYTES_MAX,
    Contact,
    Trial,
    TrialOutcome,
    Way,
    WayKind,
    contact_value,
    list_body,
    mark_of,
    read_contact,
    read_list,
    read_trial,
    trial_body,
)
from parley.crisis.contacts.hours import ContactHours, HoursSpan
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry
from parley.record.kinds import Kind

US, THEM = PartyId(bytes(16)), PartyId(bytes([1] * 16))
HOURS = ContactHours("Asia/Tashkent", (HoursSpan((1, 2, 3, 4, 5), 480, 1_080),))
DESK = Contact(
    title=(("en", "Watch officer"), ("uz", "Navbatchi")),
    level="watch",
    duty=(("en", "Anything urgent, at any hour"),),
    hours=None,
    languages=("uz", "en"),
    ways=(Way(WayKind.TELEPHONE, "+998 71 200 00 00"), Way(WayKind.MAIL, "desk@harbour.example")),
)
OFFICE = Contact(
    title=(("en", "Director's office"),),
    level="director",
    duty=(("en", "Questions of substance"),),
    hours=HOURS,
    languages=("en",),
    ways=(Way(WayKind.OTHER, "Radio, 156.8 MHz"),),
)


def entry(body: Mapping[int, Value], kind: Kind = Kind.CONTACT_LIST) -> Entry:
    """Return an entry of a body."""
    return Entry(
        space=SpaceId.of_pair(US, THEM),
        author=US,
        kind=kind,
        time_ms=1,
        actor=ActorId(bytes(16)),
        body=encode(dict(body)),
    )


def changed(place: int, value: Any) -> Mapping[int, Value]:  # noqa: ANN401  what a stranger wrote
    """Return the body of a list whose only contact has something else in a place."""
    row: Any = contact_value(OFFICE)
    row[place] = value
    return {0: [row]}


def test_a_list_is_read_as_it_was_written() -> None:
    """Titles in two languages, hours of a zone or always, ways in their order."""
    assert read_list(entry(list_body([DESK, OFFICE]))) == (DESK, OFFICE)
    assert read_contact(contact_value(OFFICE)) == OFFICE


def test_a_contact_with_another_number_is_another_contact() -> None:
    """And the same words of the other party are another contact too."""
    other = Contact(
        title=DESK.title,
        level=DESK.level,
        duty=DESK.duty,
        hours=None,
        languages=DESK.languages,
        ways=(Way(WayKind.TELEPHONE, "+998 71 200 00 01"),),
    )
    assert len({mark_of(US, DESK), mark_of(US, other), mark_of(THEM, DESK)}) == 3
    assert mark_of(US, DESK) == mark_of(US, read_contact(contact_value(DESK)))


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (0, [], "title"),
        (0, [["en", "Desk"], ["en", "Desk"]], "title"),
        (0, [["en", "Desk\u202e"]], "title turning"),
        (0, [["en", "Desk\nTwo"]], "title control"),
        (0, [["en", "x" * 121]], "title too_long"),
        (1, 3, "level"),
        (1, "wa\u200btch", "level invisible"),
        (2, [["en", "\x07"]], "duty control"),
        (3, ["Asia/Tashkent"], "hours"),
        (3, ["Asia/Tashkent", []], "hours"),
        (3, ["../etc/passwd", [[[1], 0, 60]]], "zone"),
        (3, ["A" * 61, [[[1], 0, 60]]], "zone"),
        (3, ["UTC", [[[1], 0, 60, 1]]], "hours"),
        (3, ["UTC", [[[], 0, 60]]], "hours"),
        (3, ["UTC", [[[1, 1], 0, 60]]], "hours"),
        (3, ["UTC", [[[2, 1], 0, 60]]], "hours"),
        (3, ["UTC", [[[8], 0, 60]]], "hours"),
        (3, ["UTC", [[[True], 0, 60]]], "hours"),
        (3, ["UTC", [[[1], True, 60]]], "hours"),
        (3, ["UTC", [[[1], 1_440, 60]]], "hours"),
        (3, ["UTC", [[[1], 0, 0]]], "hours"),
        (3, ["UTC", [[[1], 0, 1_441]]], "hours"),
        (4, [], "languages"),
        (4, "en", "languages"),
        (4, ["en", "en"], "languages"),
        (4, ["e"], "languages"),
        (4, [1], "languages"),
        (5, [], "ways"),
        (5, [[0, "1"]] * 7, "ways"),
        (5, [[3, "1"]], "ways"),
        (5, [[False, "1"]], "ways"),
        (5, [[0]], "ways"),
        (5, [[0, "+998 71\u202e 200"]], "ways turning"),
        (5, [[0, "1\n2"]], "ways control"),
        (5, [[0, ""]], "ways empty"),
    ],
)
def test_what_could_be_misread_is_no_list(place: int, value: object, field: str) -> None:
    """A wrong number is worse than none; the field is named."""
    with pytest.raises(EntryMalformed) as raised:
        read_list(entry(changed(place, value)))
    assert raised.value.params["field"] == field


@pytest.mark.parametrize(
    "body",
    [
        {},
        {0: []},
        {0: "x"},
        {0: [1]},
        {0: [[]]},
        {0: list_body([DESK])[0], 1: 1},
        list_body([DESK, DESK]),
        {0: [contact_value(DESK)] * (CONTACTS_MAX + 1)},
        {0: [b"x" * LIST_BYTES_MAX]},
    ],
)
def test_a_list_of_another_form_is_none(body: dict[int, Value]) -> None:
    """Nothing, too much, and the same contact twice."""
    with pytest.raises(EntryMalformed):
        read_list(entry(body))
    with pytest.raises(EntryMalformed):
        read_contact("x")


@pytest.mark.parametrize("words", [None, "A voice said: closed\nfor the night."])
def test_a_trial_is_read_as_it_was_written(words: str | None) -> None:
    """With words or without."""
    said = Trial(mark_of(US, DESK), TrialOutcome.NO_ANSWER, 5, words)
    assert read_trial(entry(trial_body(said), Kind.CONTACT_TRIAL)) == said


@pytest.mark.parametrize(
    "change",
    [{0: b"x"}, {1: 3}, {1: True}, {2: -1}, {3: ""}, {3: "\u202e"}, {3: "x" * 501}, {4: 1}],
)
def test_a_trial_of_another_form_is_none(change: dict[int, Value]) -> None:
    """Nor is one whose words turn what stands beside them."""
    body = {**trial_body(Trial(bytes(16), TrialOutcome.WRONG, 5)), **change}
    with pytest.raises(EntryMalformed):
        read_trial(entry(body, Kind.CONTACT_TRIAL))
