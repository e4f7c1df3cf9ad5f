"""What entries about line checks and about a line's standing say, as bytes and back. A core.

``protocol/checks.md`` is the same in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parley.crisis.checks.passage import LANGUAGES_MAX, is_code
from parley.errors import EntryMalformed
from parley.record.cbor import Value
from parley.record.entry import TIME_MS_MAX, Entry, read_body
from parley.record.line_terms import SuspendedAlerts

PASSAGE_CHARACTERS_MAX: Final = 1_000
TYPED_CHARACTERS_MAX: Final = 40
WORDS_CHARACTERS_MAX: Final = 2_000
LANGUAGE_CHARACTERS_MAX: Final = 35


@dataclass(frozen=True, slots=True)
class CheckSent:
    """What is sent in a line check."""

    due_ms: int | None
    """The time it is for; None outside the schedule."""
    passage: tuple[tuple[str, str], ...]
    """Pairs of language and text."""
    code: str
    is_exercise: bool = False


@dataclass(frozen=True, slots=True)
class CheckDeclined:
    """A person will not take part now."""

    due_ms: int | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Suspended:
    """A party suspends the line for itself."""

    from_ms: int
    reason: str
    """May be empty."""
    alerts: SuspendedAlerts = SuspendedAlerts.FLASH
    """Which alerts it still accepts."""
    has_checks: bool = True
    """Whether line checks go on."""


@dataclass(frozen=True, slots=True)
class StandingWords:
    """A resumption or an ending."""

    from_ms: int
    reason: str


def check_body(sent: CheckSent) -> Mapping[int, Value]:
    """Return the body of a line check."""
    body: dict[int, Value] = {
        0: sent.due_ms,
        1: [[language, text] for language, text in sent.passage],
        2: sent.code,
    }
    return {**body, 3: True} if sent.is_exercise else body


def read_check(entry: Entry) -> CheckSent:
    """Return what a line check says.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = _body(entry)
    is_exercise = body.get(3) is True
    if [*body] != [0, 1, 2, *([3] if is_exercise else [])]:
        raise EntryMalformed(field="body")
    texts, code = body[1], body[2]
    if not isinstance(texts, list) or not 0 < len(texts) <= LANGUAGES_MAX:
        raise EntryMalformed(field="passage")
    if not isinstance(code, str) or not is_code(code):
        raise EntryMalformed(field="code")
    return CheckSent(_maybe_time(body[0]), tuple(map(_pair, texts)), code, is_exercise)


def return_body(code: str) -> Mapping[int, Value]:
    """Return the body of what a person typed back."""
    return {0: code}


def read_return(entry: Entry) -> str:
    """Return what a person typed back.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = _body(entry)
    if [*body] != [0]:
        raise EntryMalformed(field="body")
    return _text(body[0], TYPED_CHARACTERS_MAX, "code")


def decline_body(said: CheckDeclined) -> Mapping[int, Value]:
    """Return the body of "not now"."""
    return {0: said.due_ms, 1: said.words}


def read_decline(entry: Entry) -> CheckDeclined:
    """Return what a "not now" says.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = _body(entry)
    if [*body] != [0, 1]:
        raise EntryMalformed(field="body")
    words = None if body[1] is None else _text(body[1], WORDS_CHARACTERS_MAX, "words")
    return CheckDeclined(_maybe_time(body[0]), words)


def suspension_body(said: Suspended) -> Mapping[int, Value]:
    """Return the body of a suspension."""
    return {0: said.from_ms, 1: said.reason, 2: int(said.alerts), 3: said.has_checks}


def read_suspension(entry: Entry) -> Suspended:
    """Return what a suspension says.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = _body(entry)
    if [*body] != [0, 1, 2, 3] or not isinstance(body[3], bool):
        raise EntryMalformed(field="body")
    alerts = body[2]
    known = [each for each in SuspendedAlerts if each == alerts and not isinstance(alerts, bool)]
    if not known:
        raise EntryMalformed(field="alerts")
    reason = _text(body[1], WORDS_CHARACTERS_MAX, "reason", least=0)
    return Suspended(_time(body[0]), reason, known[0], body[3])


def standing_body(said: StandingWords) -> Mapping[int, Value]:
    """Return the body of a resumption or an ending."""
    return {0: said.from_ms, 1: said.reason}


def read_standing(entry: Entry) -> StandingWords:
    """Return what a resumption or an ending says.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = _body(entry)
    if [*body] != [0, 1]:
        raise EntryMalformed(field="body")
    reason = _text(body[1], WORDS_CHARACTERS_MAX, "reason", least=0)
    return StandingWords(_time(body[0]), reason)


def concurrence_body(*, concurs: bool) -> Mapping[int, Value]:
    """Return the body of a second person's word."""
    return {0: concurs}


def read_concurrence(entry: Entry) -> bool:
    """Return whether the second person concurs, or the first takes it back.

    Raises:
        EntryMalformed: it is not of the form.
    """
    body = _body(entry)
    if [*body] != [0] or not isinstance(body[0], bool):
        raise EntryMalformed(field="body")
    return body[0]


def _body(entry: Entry) -> Mapping[int, Value]:
    return {} if entry.body is None else read_body(entry)


def _pair(value: Value) -> tuple[str, str]:
    match value:
        case [str(language), str(text)]:
            return (
                _text(language, LANGUAGE_CHARACTERS_MAX, "language"),
                _text(text, PASSAGE_CHARACTERS_MAX, "passage"),
            )
        case _:
            raise EntryMalformed(field="passage")


def _maybe_time(value: Value) -> int | None:
    return None if value is None else _time(value)


def _time(value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= TIME_MS_MAX:
        raise EntryMalformed(field="time")
    return value


def _text(value: Value, most: int, field: str, *, least: int = 1) -> str:
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise EntryMalformed(field=field)
    return value
