"""What a notification says on paper, as plain values. A core without I/O.

A paper is made from one party's copy of the record, in one of the languages of the agreed type. It
says what both sides hold, every instant in UTC and in the zone of each party, and what does not
hold; it judges nothing. Setting it is :mod:`parley.crisis.papers.press`, signing it
:mod:`parley.crisis.papers.seal`.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import msgspec
from whenever import TimeZoneNotFoundError

from parley.clock import from_milliseconds
from parley.crisis.notifications.check import instant_ms
from parley.crisis.notifications.definition import NotificationType
from parley.crisis.notifications.form import JsonMap, JsonValue, walk
from parley.crisis.notifications.lateness import late_text
from parley.crisis.notifications.matter import NotificationMatter
from parley.crisis.notifications.numbers import number_text
from parley.crisis.offices import Capacity, office_code
from parley.errors import FormRefused
from parley.ids import PartyId

FONTS: Final = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Libertinus Serif",
)
"""Tried for each character in this order. The last is built into what sets the paper and has Latin,
Greek and Cyrillic; the others are the machine's."""
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "prs", "ps", "ur"})
_TYPESETTERS: Final[Mapping[str, tuple[str, str | None]]] = {
    "prs": ("fa", "af"),
    "zh-Hans": ("zh", "cn"),
}
"""Languages that the PDF knows by another tag (ISO 639-1 and a region)."""


class PaperRow(msgspec.Struct, frozen=True):
    """A line of a paper: what, and the value."""

    label: str
    value: str
    is_plain: bool = False
    """A code or a date."""
    is_right_to_left: bool = False
    """By its first letter, whatever the language of the paper is (Unicode TR 9, P2)."""


class PaperSection(msgspec.Struct, frozen=True):
    """Lines under one heading."""

    title: str
    rows: tuple[PaperRow, ...]


class PaperFile(msgspec.Struct, frozen=True):
    """A text that goes with a paper."""

    name: str
    text: str
    media_type: str
    description: str
    relationship: str
    """source, data or supplement (ISO 19005-3)."""


class Paper(msgspec.Struct, frozen=True):
    """A notification as it is to be set."""

    kind: str
    title: str
    number: str
    made_by: str
    exercise: str
    """The mark on every page, of an exercise; empty: it is none."""
    lang: str
    region: str | None
    is_right_to_left: bool
    fonts: tuple[str, ...]
    sections: tuple[PaperSection, ...]
    foot: str
    files: tuple[PaperFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperParty:
    """A party as a paper names it."""

    party: PartyId
    name: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFrame:
    """What a paper says beside the notification itself."""

    language: str
    author: PaperParty
    recipient: PaperParty
    made_by: PaperParty
    now_ms: int


def paper_of(
    matter: NotificationMatter, frame: PaperFrame, files: Sequence[PaperFile] = ()
) -> Paper:
    """Return a notification as it is to be set.

    Args:
        matter: what both sides hold of it.
        frame: language, parties, and when it is made.
        files: what goes with it.

    Raises:
        FormRefused: it cannot be read, or its type has no such language.
    """
    kind, form, language = matter.kind, matter.form, frame.language
    if kind is None or form is None:
        raise FormRefused(field="", reason="no_paper")
    if language not in kind.labels or language not in languages():
        raise FormRefused(field="language", reason="no_choice")
    words, labels = paper_words(language), kind.labels[language]
    lang, region = _TYPESETTERS.get(language, (language.partition("-")[0], None))
    said = matter.said
    counted = number_text(said.number, is_exercise=said.is_exercise)
    number = f"{frame.author.name}/{kind.id}/{said.year}/{counted}"
    sections = (
        PaperSection(words["notification"], tuple(_facts(matter, kind, frame, words, number))),
        PaperSection(words["form"], tuple(_form_rows(form, labels, frame, words))),
        PaperSection(words["queries"], tuple(_query_rows(matter, frame, words))),
        PaperSection(words["findings"], tuple(_finding_rows(matter, labels))),
        PaperSection(words["proof"], tuple(_proof_rows(matter, frame, words))),
    )
    return Paper(
        kind=words["notification"],
        title=labels[""],
        number=number,
        made_by=frame.made_by.name,
        exercise=words["exercise"] if said.is_exercise else "",
        lang=lang,
        region=region,
        is_right_to_left=language in RIGHT_TO_LEFT,
        fonts=FONTS,
        sections=tuple(map(_directed, (each for each in sections if each.rows))),
        foot=words["prevails"],
        files=tuple(files),
    )


def script_of(character: str) -> str:
    """Return which script a character is of, as Unicode names it: ``ARABIC``, ``CJK``."""
    return unicodedata.name(character[:1], "UNKNOWN").partition(" ")[0].split("-")[0]


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that a paper can be made in."""
    return tuple(_table()[0][1:])


@cache
def paper_words(language: str) -> Mapping[str, str]:
    """Return the fixed words of a paper in one of :func:`languages`."""
    column = _table()[0].index(language)
    return {row[0]: row[column] for row in _table()[1:]}


@cache
def _table() -> list[list[str]]:
    text = resources.files(__package__).joinpath("paper_words.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


# --------------------------------------------------------------------------------------- sections


def _facts(
    matter: NotificationMatter,
    kind: NotificationType,
    frame: PaperFrame,
    words: Mapping[str, str],
    number: str,
) -> Iterator[PaperRow]:
    yield PaperRow(words["number"], number, is_plain=True)
    yield PaperRow(words["author"], frame.author.name)
    yield PaperRow(words["office"], _office(matter.said.capacity, words))
    yield PaperRow(words["recipient"], frame.recipient.name)
    yield PaperRow(words["type"], f"{kind.id} {kind.version}", is_plain=True)
    state = matter.state(frame.now_ms)
    yield PaperRow(words["state"], words[f"state_{state.value}"])
    yield PaperRow(words["sent"], _instant(matter.sent_ms, frame), is_plain=True)
    if matter.provided_ms is None:
        yield PaperRow(words["provided"], words["not_provided"])
    else:
        yield PaperRow(words["provided"], _instant(matter.provided_ms, frame), is_plain=True)
    if matter.due_ms is not None:
        yield PaperRow(words["due"], _instant(matter.due_ms, frame), is_plain=True)
    if matter.late_ms == 0:
        yield PaperRow(words["late"], words["in_time"])
    elif matter.late_ms is not None:
        yield PaperRow(words["late"], late_text(matter.late_ms), is_plain=True)
    if matter.effective_ms is not None:
        yield PaperRow(words["effective"], _instant(matter.effective_ms, frame), is_plain=True)
    if matter.said.corrects is not None:
        yield PaperRow(words["corrects"], _in_groups(matter.said.corrects), is_plain=True)
    if matter.acts:
        last = matter.acts[-1]
        if last.words:
            yield PaperRow(words["ended"], last.words)
        yield PaperRow(words["ended_as"], _office(last.capacity, words))


def _form_rows(
    form: JsonMap,
    labels: Mapping[str, str],
    frame: PaperFrame,
    words: Mapping[str, str],
) -> Iterator[PaperRow]:
    """Yield a line for each value, with the labels of what it stands in before it."""
    for pointer, value in walk(form):
        place = _place(pointer)
        if isinstance(value, list) or place.endswith(("/value", "/unit")):
            continue
        if isinstance(value, dict):
            if value.keys() == {"value", "unit"}:
                quantity = f"{value['value']} {value['unit']}"
                yield PaperRow(_label(pointer, labels), quantity, is_plain=True)
            continue
        shown, is_plain = _shown(place, value, labels, frame, words)
        yield PaperRow(_label(pointer, labels), shown, is_plain=is_plain)


def _query_rows(
    matter: NotificationMatter, frame: PaperFrame, words: Mapping[str, str]
) -> Iterator[PaperRow]:
    for query in matter.queries:
        yield PaperRow(words["query"], query.words)
        yield PaperRow(words["office"], _office(query.capacity, words))
        yield PaperRow(words["answer_due"], _instant(query.due_ms, frame), is_plain=True)
        for each in query.answers:
            yield PaperRow(words["answer"], f"{each.words}\n({_utc(each.at_ms)})")
            yield PaperRow(words["office"], _office(each.capacity, words))


def _finding_rows(matter: NotificationMatter, labels: Mapping[str, str]) -> Iterator[PaperRow]:
    for finding in matter.findings:
        told = f"{finding.reason.value} {finding.wanted}".strip()
        yield PaperRow(_label(finding.field, labels), told, is_plain=True)
    for breach in matter.breaches:
        yield PaperRow(breach.breach.value, _in_groups(breach.hash), is_plain=True)


def _proof_rows(
    matter: NotificationMatter, frame: PaperFrame, words: Mapping[str, str]
) -> Iterator[PaperRow]:
    yield PaperRow(words["entry"], _in_groups(matter.hash), is_plain=True)
    yield PaperRow(words["made_by"], frame.made_by.name)
    yield PaperRow(words["made_at"], _instant(frame.now_ms, frame), is_plain=True)


# ---------------------------------------------------------------------------------------- details


def _office(capacity: Capacity | None, words: Mapping[str, str]) -> str:
    """Return in which office a person spoke, as a paper says it."""
    return words[f"office_{office_code(capacity)}"]


def _directed(section: PaperSection) -> PaperSection:
    """Return a section whose values know their direction."""
    rows = (
        msgspec.structs.replace(row, is_right_to_left=_is_right_to_left(row.value))
        for row in section.rows
    )
    return PaperSection(section.title, tuple(rows))


def _is_right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(each) for each in text)
    return next((each in {"R", "AL"} for each in strong if each in {"L", "R", "AL"}), False)


def _place(pointer: str) -> str:
    return "".join("/*" if part.isdecimal() else f"/{part}" for part in pointer.split("/")[1:])


def _label(pointer: str, labels: Mapping[str, str]) -> str:
    """Return what a place is called: every label on the way to it, a number for an item."""
    told: list[str] = []
    place = ""
    for part in pointer.split("/")[1:]:
        if part.isdecimal():
            place += "/*"
            told[-1:] = [f"{told[-1]} {int(part) + 1}"] if told else [part]
            continue
        place += f"/{part}"
        told.append(labels.get(place, part))
    return " · ".join(told)


def _shown(
    place: str,
    value: JsonValue,
    labels: Mapping[str, str],
    frame: PaperFrame,
    words: Mapping[str, str],
) -> tuple[str, bool]:
    if isinstance(value, bool):
        return words["yes" if value else "no"], False
    if isinstance(value, str):
        at_ms = instant_ms(value)
        if at_ms is not None:
            return _instant(at_ms, frame), True
        return labels.get(f"{place}={value}", value), False
    return str(value), True


def _instant(at_ms: int, frame: PaperFrame) -> str:
    """Return an instant in UTC and on the calendar of each party, a line each."""
    zones = dict.fromkeys((frame.author.zone, frame.recipient.zone))
    return "\n".join([_utc(at_ms), *(_local(at_ms, zone) for zone in zones if zone != "UTC")])


def _utc(at_ms: int) -> str:
    at = from_milliseconds(at_ms - at_ms % 1_000).format_iso()
    return at.replace("T", " ").replace("Z", " UTC")


def _local(at_ms: int, zone: str) -> str:
    try:
        local = from_milliseconds(at_ms - at_ms % 1_000).to_tz(zone)
    except TimeZoneNotFoundError:
        return f"{_utc(at_ms)} ({zone}?)"
    # 2026-12-01T15:00:00+05:00[Asia/Tashkent], spaced so that a person reads it.
    day, _, rest = local.format_iso().partition("T")
    clock, _, _ = rest.partition("[")
    return f"{day} {clock[:8]} UTC{clock[8:]} {zone}"


def _in_groups(digest: bytes) -> str:
    """Return a hash so that it can be read from paper: in groups of eight."""
    text = digest.hex()
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))
