"""What entries about contacts say, as maps and back (``protocol/contacts.md``). A core."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from parley.crisis.contacts.hours import (
    DAYS_A_WEEK,
    MINUTES_A_DAY,
    ContactHours,
    HoursSpan,
)
from parley.crisis.crises.fields import LANGUAGE, Fields, Texts, present, read_texts, written_texts
from parley.crisis.text import findings
from parley.errors import EntryMalformed
from parley.ids import PartyId
from parley.record.cbor import Value, encode
from parley.record.entry import TIME_MS_MAX, Entry

CONTACTS_MAX: Final = 20
"""Contacts of one list: a page that is read in an emergency, not a telephone book."""
LIST_BYTES_MAX: Final = 48_000
"""Bytes of one list. More leaves no room for the rest of an entry of 65,535."""
TITLE_CHARACTERS_MAX: Final = 120
DUTY_CHARACTERS_MAX: Final = 400
WAY_CHARACTERS_MAX: Final = 200
WORDS_CHARACTERS_MAX: Final = 500
LEVEL_CHARACTERS_MAX: Final = 80
LANGUAGES_MAX: Final = 8
WAYS_MAX: Final = 6
"""Ways to reach one contact; the seventh is not tried by anybody."""
SPANS_MAX: Final = 14
"""Two a day of a week in which no day is like another."""
MARK_BYTES: Final = 16
_CHARACTER_BYTES: Final = 4
"""Bytes of a character of any living script in UTF-8, at most."""
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_ZONE_CHARACTERS_MAX: Final = 60
_CONTACT: Final = 6


class WayKind(IntEnum):
    """How a contact is reached."""

    TELEPHONE = 0
    MAIL = 1
    OTHER = 2
    """As its text says: a radio channel, an embassy's duty room."""


class TrialOutcome(IntEnum):
    """What came of using a contact."""

    REACHED = 0
    NO_ANSWER = 1
    WRONG = 2
    """Somebody else, or nothing, is there."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a contact, the first to be tried first."""

    kind: WayKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One post of a party that the other party may turn to."""

    title: Texts
    level: str
    """One of the levels of the line's agreement."""
    duty: Texts
    """What the other side turns to it for."""
    hours: ContactHours | None
    """None: always."""
    languages: tuple[str, ...]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A person used a contact."""

    mark: bytes
    """Of the contact, as :func:`mark_of` gives it."""
    outcome: TrialOutcome
    tried_ms: int
    words: str | None = None


def mark_of(party: PartyId, contact: Contact) -> bytes:
    """Return what a party's contact is called in trials; another number is another contact."""
    return hashlib.sha256(bytes(party) + encode(contact_value(contact))).digest()[:MARK_BYTES]


def list_body(contacts: Sequence[Contact]) -> Mapping[int, Value]:
    """Return the map of a party's list."""
    return {0: [contact_value(each) for each in contacts]}


def read_list(entry: Entry) -> tuple[Contact, ...]:
    """Return what a list says, in its order.

    Raises:
        EntryMalformed: it is not of the form, or a text could be misread.
    """
    if entry.body is not None and len(entry.body) > LIST_BYTES_MAX:
        raise EntryMalformed(field="length")
    rows = Fields(entry, (0,)).rows(0, CONTACTS_MAX)
    found = tuple(map(_contact, rows))
    if not found or len({contact_key(each) for each in found}) != len(found):
        raise EntryMalformed(field="contacts")
    return found


def trial_body(said: Trial) -> Mapping[int, Value]:
    """Return the map of a trial."""
    return present({0: said.mark, 1: int(said.outcome), 2: said.tried_ms, 3: said.words})


def read_trial(entry: Entry) -> Trial:
    """Return what a trial says.

    Raises:
        EntryMalformed: it is not of the form, or its words could be misread.
    """
    fields = Fields(entry, (0, 1, 2), (3,))
    words = fields.maybe_text(3, WORDS_CHARACTERS_MAX * _CHARACTER_BYTES)
    if words is not None:
        _readable(words, WORDS_CHARACTERS_MAX, "words", is_line=False)
    return Trial(
        fields.bytes_of(0, MARK_BYTES),
        fields.choice(1, TrialOutcome),
        fields.whole(2, TIME_MS_MAX),
        words,
    )


def contact_key(contact: Contact) -> bytes:
    """Return what two equal contacts have in common."""
    return encode(contact_value(contact))


def contact_value(contact: Contact) -> Value:
    """Return a contact as it stands in a list."""
    hours = contact.hours
    ways: list[Value] = [[int(each.kind), each.text] for each in contact.ways]
    spans: list[Value] = (
        []
        if hours is None
        else [[[*each.days], each.from_minute, each.until_minute] for each in hours.spans]
    )
    return [
        written_texts(contact.title),
        contact.level,
        written_texts(contact.duty),
        None if hours is None else [hours.zone, spans],
        [*contact.languages],
        ways,
    ]


def read_contact(value: Value) -> Contact:
    """Return a contact as it stands in a list.

    Raises:
        EntryMalformed: it is not of the form, or a text could be misread; the field is named.
    """
    if not isinstance(value, list):
        raise EntryMalformed(field="contact")
    return _contact(value)


# -------------------------------------------------------------------------------------- details


def _contact(row: list[Value]) -> Contact:
    if len(row) != _CONTACT:
        raise EntryMalformed(field="contact")
    title, level, duty, hours, languages, ways = row
    return Contact(
        title=_texts(title, TITLE_CHARACTERS_MAX, "title", is_line=True),
        level=_text(level, LEVEL_CHARACTERS_MAX, "level"),
        duty=_texts(duty, DUTY_CHARACTERS_MAX, "duty", is_line=False),
        hours=None if hours is None else _hours(hours),
        languages=_languages(languages),
        ways=_ways(ways),
    )


def _texts(value: Value, most: int, field: str, *, is_line: bool) -> Texts:
    try:
        found = read_texts(value, most * _CHARACTER_BYTES)
    except EntryMalformed as error:
        raise EntryMalformed(field=field) from error
    for _, text in found:
        _readable(text, most, field, is_line=is_line)
    return found


def _text(value: Value, most: int, field: str) -> str:
    if not isinstance(value, str):
        raise EntryMalformed(field=field)
    _readable(value, most, field, is_line=True)
    return value


def _readable(text: str, most: int, field: str, *, is_line: bool) -> None:
    """Refuse a text that could be misread: a wrong number is worse than none."""
    for finding in findings(text, most, most * _CHARACTER_BYTES):
        raise EntryMalformed(field=f"{field} {finding.fault.value}")
    if is_line and "\n" in text:
        raise EntryMalformed(field=f"{field} control")


def _hours(value: Value) -> ContactHours:
    match value:
        case [str(zone), list(spans)] if 0 < len(spans) <= SPANS_MAX:
            if len(zone) > _ZONE_CHARACTERS_MAX or not _ZONE.fullmatch(zone):
                raise EntryMalformed(field="zone")
            return ContactHours(zone, tuple(map(_span, spans)))
        case _:
            raise EntryMalformed(field="hours")


def _span(value: Value) -> HoursSpan:
    match value:
        case [list(days), int(begins), int(ends)] if not {type(begins), type(ends)} - {int}:
            found = [each for each in days if type(each) is int and 1 <= each <= DAYS_A_WEEK]
            is_rising = bool(found) and found == sorted(set(found)) and len(found) == len(days)
            if is_rising and 0 <= begins < MINUTES_A_DAY and 0 < ends <= MINUTES_A_DAY:
                return HoursSpan(tuple(found), begins, ends)
    raise EntryMalformed(field="hours")


def _languages(value: Value) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= LANGUAGES_MAX:
        raise EntryMalformed(field="languages")
    found = [each for each in value if isinstance(each, str) and LANGUAGE.fullmatch(each)]
    if len(found) != len(value) or len(set(found)) != len(found):
        raise EntryMalformed(field="languages")
    return tuple(found)


def _ways(value: Value) -> tuple[Way, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= WAYS_MAX:
        raise EntryMalformed(field="ways")
    return tuple(map(_way, value))


def _way(value: Value) -> Way:
    match value:
        case [int(kind), str(text)] if type(kind) is int and kind in {*WayKind}:
            _readable(text, WAY_CHARACTERS_MAX, "ways", is_line=True)
            return Way(WayKind(kind), text)
        case _:
            raise EntryMalformed(field="ways")
