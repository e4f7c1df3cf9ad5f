"""What entries about call requests say, as bytes and back (``protocol/notifications.md``)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeVar

from parley.crisis.calls.identity_code import DeviceKey
from parley.crisis.offices import Capacity, office_field, said_capacity
from parley.errors import EntryMalformed
from parley.record.cbor import Value, encode
from parley.record.entry import TIME_MS_MAX, Entry, read_body
from parley.record.kinds import Kind
from parley.record.merkle import HASH_BYTES
from parley.record.office import OFFICE_KEYS

WHO_CHARACTERS_MAX: Final = 200
"""An office or a title, in whatever language. More does not fit one line of a desk."""
SUBJECT_CHARACTERS_MAX: Final = 1_000
REASON_CHARACTERS_MAX: Final = 2_000
LANGUAGES_MAX: Final = 8
LANGUAGE_CHARACTERS_MAX: Final = 12
ANSWER_HOURS_DEFAULT: Final = 48
"""In peace; a request may name a shorter limit where the line's agreement has one."""
ANSWER_HOURS_MAX: Final = 48
_OFFICE_OF_REQUEST: Final = OFFICE_KEYS[Kind.CALL_REQUEST]
_OFFICE_OF_ANSWER: Final = OFFICE_KEYS[Kind.CALL_ANSWER]
_OFFICE_OF_WITHDRAWAL: Final = OFFICE_KEYS[Kind.CALL_WITHDRAWAL]


class CallMode(IntEnum):
    """By what is spoken."""

    VOICE = 0
    VIDEO = 1
    TEXT = 2
    """Written back and forth; there is nothing to read aloud."""


class Interpreter(IntEnum):
    """Who brings an interpreter."""

    NOBODY = 0
    ASKER = 1
    ASKED = 2
    BOTH = 3


class CallAnswerKind(IntEnum):
    """What can be said to a request."""

    ACCEPT = 0
    OTHER_TIME = 1
    OTHER_LEVEL = 2
    DECLINE = 3
    DECIDING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAsked:
    """What a request asks for."""

    asker: str
    """Who asks, as their side calls them."""
    asked: str
    """Whom."""
    level: str
    subject: str | None
    earliest_ms: int
    latest_ms: int
    mode: CallMode
    languages: tuple[str, ...]
    interpreter: Interpreter
    answer_hours: int = ANSWER_HOURS_DEFAULT
    """How long the other side has to answer, from when it has the request."""
    is_exercise: bool = False
    capacity: Capacity | None = None
    """In which office its person spoke; None: it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswer:
    """What is said to a request, or to the last offer."""

    kind: CallAnswerKind
    earliest_ms: int | None = None
    """When the call begins, of an acceptance; the earliest other time, of an offer."""
    latest_ms: int | None = None
    """The latest other time."""
    level: str | None = None
    """The level named instead."""
    until_ms: int | None = None
    """Until when it is being decided."""
    reason: str | None = None
    capacity: Capacity | None = None
    """In which office its person spoke; None: it does not say."""


@dataclass(frozen=True, slots=True)
class CallWithdrawal:
    """That a request, or the call that was agreed on, is given up."""

    words: str | None
    capacity: Capacity | None = None
    """In which office its person spoke; None: it does not say."""


_NEEDS: Final = {
    CallAnswerKind.ACCEPT: {"earliest_ms"},
    CallAnswerKind.OTHER_TIME: {"earliest_ms", "latest_ms"},
    CallAnswerKind.OTHER_LEVEL: {"level"},
    CallAnswerKind.DECLINE: set[str](),
    CallAnswerKind.DECIDING: {"until_ms"},
}


def is_whole(answer: CallAnswer) -> bool:
    """Say whether an answer has what its kind needs, and nothing of another kind."""
    given = {
        name
        for name in ("earliest_ms", "latest_ms", "level", "until_ms")
        if getattr(answer, name) is not None
    }
    first, last = answer.earliest_ms, answer.latest_ms
    return given == _NEEDS[answer.kind] and (first is None or last is None or first <= last)


def request_body(asked: CallAsked) -> bytes:
    """Return the body of a request."""
    fields: dict[int, Value] = {
        0: asked.asker,
        1: asked.asked,
        2: asked.level,
        3: asked.subject,
        4: asked.earliest_ms,
        5: asked.latest_ms,
        6: int(asked.mode),
        7: [*asked.languages],
        8: int(asked.interpreter),
        9: asked.answer_hours,
        **({10: True} if asked.is_exercise else {}),
        **office_field(asked.capacity, _OFFICE_OF_REQUEST),
    }
    return encode(fields)


def read_request(entry: Entry) -> CallAsked:
    """Return what a request asks for.

    Raises:
        EntryMalformed: it is none, or a value of it cannot be.
    """
    body = read_body(entry)
    is_exercise = body.get(10) is True
    needed = {*range(11 if is_exercise else 10)}
    if body.keys() - {_OFFICE_OF_REQUEST} != needed:
        raise EntryMalformed(field="body")
    earliest_ms = _whole(body[4], 0, TIME_MS_MAX, "window")
    return CallAsked(
        asker=_text(body[0], WHO_CHARACTERS_MAX, "asker"),
        asked=_text(body[1], WHO_CHARACTERS_MAX, "asked"),
        level=_text(body[2], WHO_CHARACTERS_MAX, "level"),
        subject=_maybe_text(body[3], SUBJECT_CHARACTERS_MAX, "subject"),
        earliest_ms=earliest_ms,
        latest_ms=_whole(body[5], earliest_ms, TIME_MS_MAX, "window"),
        mode=_choice(CallMode, body[6], "mode"),
        languages=_languages(body[7]),
        interpreter=_choice(Interpreter, body[8], "interpreter"),
        answer_hours=_whole(body[9], 1, ANSWER_HOURS_MAX, "answer_hours"),
        is_exercise=is_exercise,
        capacity=said_capacity(body, _OFFICE_OF_REQUEST),
    )


def answer_body(answer: CallAnswer) -> bytes:
    """Return the body of an answer."""
    fields: dict[int, Value] = {
        0: int(answer.kind),
        1: answer.earliest_ms,
        2: answer.latest_ms,
        3: answer.level,
        4: answer.until_ms,
        5: answer.reason,
        **office_field(answer.capacity, _OFFICE_OF_ANSWER),
    }
    return encode(fields)


def read_answer(entry: Entry) -> CallAnswer:
    """Return what an answer says.

    Raises:
        EntryMalformed: it is none, or lacks what its kind needs.
    """
    body = read_body(entry)
    if body.keys() - {_OFFICE_OF_ANSWER} != {*range(6)}:
        raise EntryMalformed(field="body")
    found = CallAnswer(
        kind=_choice(CallAnswerKind, body[0], "answer"),
        earliest_ms=_maybe_whole(body[1], "window"),
        latest_ms=_maybe_whole(body[2], "window"),
        level=_maybe_text(body[3], WHO_CHARACTERS_MAX, "level"),
        until_ms=_maybe_whole(body[4], "until"),
        reason=_maybe_text(body[5], REASON_CHARACTERS_MAX, "reason"),
        capacity=said_capacity(body, _OFFICE_OF_ANSWER),
    )
    if not is_whole(found):
        raise EntryMalformed(field="answer")
    return found


def commitment_body(commitment: bytes) -> bytes:
    """Return the body by which a device commits to its key."""
    fields: dict[int, Value] = {0: commitment}
    return encode(fields)


def read_commitment(entry: Entry) -> bytes:
    """Return what a device commits to.

    Raises:
        EntryMalformed: it is no commitment.
    """
    match [*read_body(entry).items()]:
        case [(0, bytes(commitment))] if len(commitment) == HASH_BYTES:
            return commitment
        case _:
            raise EntryMalformed(field="body")


def key_body(shown: DeviceKey) -> bytes:
    """Return the body by which a device shows its key."""
    fields: dict[int, Value] = {0: shown.public_key, 1: shown.nonce}
    return encode(fields)


def read_key(entry: Entry) -> DeviceKey:
    """Return what a device shows.

    Raises:
        EntryMalformed: it is no key, or of a length no key has.
    """
    match [*read_body(entry).items()]:
        case [(0, bytes(public_key)), (1, bytes(nonce))]:
            shown = DeviceKey(public_key, nonce)
            if shown.is_sound():
                return shown
        case _:
            pass
    raise EntryMalformed(field="body")


def withdrawal_body(said: CallWithdrawal) -> bytes:
    """Return the body of a withdrawal."""
    fields: dict[int, Value] = {0: said.words, **office_field(said.capacity, _OFFICE_OF_WITHDRAWAL)}
    return encode(fields)


def read_withdrawal(entry: Entry) -> CallWithdrawal:
    """Return what a withdrawal says.

    Raises:
        EntryMalformed: it is none, or too long.
    """
    body = read_body(entry)
    if body.keys() - {_OFFICE_OF_WITHDRAWAL} != {0}:
        raise EntryMalformed(field="body")
    words = _maybe_text(body[0], REASON_CHARACTERS_MAX, "body")
    return CallWithdrawal(words, said_capacity(body, _OFFICE_OF_WITHDRAWAL))


def words_body(words: str | None) -> bytes:
    """Return the body of a start (the code, or nothing), a mismatch or an end."""
    fields: dict[int, Value] = {0: words}
    return encode(fields)


def read_words(entry: Entry) -> str | None:
    """Return the text of a start, a mismatch or an end.

    Raises:
        EntryMalformed: it is none of them, or too long.
    """
    match [*read_body(entry).items()]:
        case [(0, None)]:
            return None
        case [(0, str(words))] if 0 < len(words) <= REASON_CHARACTERS_MAX:
            return words
        case _:
            raise EntryMalformed(field="body")


_Choice = TypeVar("_Choice", CallMode, Interpreter, CallAnswerKind)


def _choice(kind: type[_Choice], value: Value, field: str) -> _Choice:
    return kind(_whole(value, 0, max(kind), field))


def _languages(value: Value) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= LANGUAGES_MAX:
        raise EntryMalformed(field="languages")
    return tuple(_text(each, LANGUAGE_CHARACTERS_MAX, "languages") for each in value)


def _text(value: Value, most: int, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise EntryMalformed(field=field)
    return value


def _maybe_text(value: Value, most: int, field: str) -> str | None:
    return None if value is None else _text(value, most, field)


def _whole(value: Value, least: int, most: int, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise EntryMalformed(field=field)
    return value


def _maybe_whole(value: Value, field: str) -> int | None:
    return None if value is None else _whole(value, 0, TIME_MS_MAX, field)
