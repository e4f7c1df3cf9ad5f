"""What a person is about to sign, read from the very bytes that are signed. A core without I/O.

The node makes an entry and gives its hash as the challenge (decision 0072). It sends the entry too,
so nothing has to be believed: the hash is computed here, the words are taken from here, and what
was asked for is compared with what the entry says. A node that shows one thing and lets another be
signed is refused before the PIN is asked for.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from typing import Any, Final

from parley.errors import CeremonyRefused, NodeMalformed
from parley.terminal.ceremony import unbase64
from parley.verify import EntryReader, MalformedEntry, leaf_of, party_text

PRECEDENCES: Final = ("flash", "immediate", "priority", "routine")
LEVELS: Final = ("watch", "director", "commander", "minister", "head")
_SPACE, _AUTHOR, _KIND, _PRECEDENCE, _DEADLINE, _REFS, _BODY = 1, 2, 3, 6, 7, 8, 11
_TIME: Final = 5
_EXERCISE_OF_CALL: Final = 10
"""The place after all others of a call request's body."""
_EXERCISE_OF_NOTIFICATION: Final = 9
_OFFICE_OF_CALL, _OFFICE_OF_CALL_ANSWER = 11, 6
_OFFICE_OF_NOTIFICATION, _OFFICE_OF_WORDS = 10, 1
"""Where these say in which office the person speaks."""


class SignedKind(IntEnum):
    """The kinds of entries a terminal signs (``protocol/kinds.toml``)."""

    ACKNOWLEDGEMENT = 4
    ALERT = 120
    ANSWER = 121
    WITHDRAWAL = 122
    PARAPHRASE = 126
    PARAPHRASE_WORD = 127
    NOTIFICATION = 141
    CLARIFICATION = 143
    CANCELLATION = 144
    CONCLUSION = 145
    CALL_REQUEST = 150
    CALL_ANSWER = 151
    CONTACT_LIST = 168
    CRISIS_OPENING = 170
    CRISIS_CLOSING = 171
    CRISIS_FACT = 173


CRISIS_KINDS: Final = frozenset(
    {SignedKind.CRISIS_OPENING, SignedKind.CRISIS_CLOSING, SignedKind.CRISIS_FACT}
)
WORDS_KINDS: Final = frozenset(
    {SignedKind.CLARIFICATION, SignedKind.CANCELLATION, SignedKind.CONCLUSION}
)
"""What is said about a notification in words alone."""
PARAPHRASE_KINDS: Final = frozenset({SignedKind.PARAPHRASE, SignedKind.PARAPHRASE_WORD})
ANSWERS: Final = (
    *("reply", "hold", "accept_call", "other_time"),
    *("other_level", "decline", "not_our_matter"),
)


MODES: Final = ("voice", "video", "text")
INTERPRETERS: Final = ("nobody", "asker", "asked", "both")
CALL_ANSWERS: Final = ("accept", "other_time", "other_level", "decline", "deciding")
CALL_TIMES: Final = {"earliest": 1, "latest": 2, "until": 4}
"""Where a call's answer says which time (``protocol/notifications.md``)."""


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One thing an entry says."""

    name: str
    """A fixed word, put into the person's language where it is shown."""
    value: str
    is_code: bool = False
    """Whether the value is a fixed word as well."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was asked for; whatever is None may be anything."""

    kind: SignedKind
    alert: bytes | None = None
    """Hash of the alert, the crisis or the call request that it is about."""
    texts: tuple[tuple[str, str], ...] | None = None
    precedence: str | None = None
    is_exercise: bool | None = None
    party: str | None = None
    answer: str | None = None
    words: str | None = None
    times_ms: tuple[int | None, ...] = (None, None, None)
    """Times of a call's answer, in the order of :data:`CALL_TIMES`; None for what is not said."""
    level: str | None = None
    """The level that a call's answer names instead."""
    space: str | None = None
    """In which line's record it stands."""
    body: bytes | None = None
    """SHA-256 of the body: the very bytes that the other party has signed, or that a file gives."""
    call: tuple[object, ...] | None = None
    """What a call request says, place by place of its body."""
    paraphrase: bytes | None = None
    """Hash of the paraphrase that is judged."""
    type_hash: bytes | None = None
    """Hash of a notification's type."""
    form: Mapping[str, Any] | None = None
    """What a notification says."""
    query: bytes | None = None
    """Hash of the question that is answered."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be signed, as it is shown before the PIN is asked for."""

    kind: SignedKind
    hash: bytes
    rows: tuple[ProposalRow, ...]
    is_exercise: bool = False


def read_proposal(answer: Mapping[str, Any], expected: Expected) -> Proposal:
    """Read what a node lets a person sign.

    Args:
        answer: the node's answer to a ceremony's beginning.
        expected: what the person asked for.

    Raises:
        NodeMalformed: there is no entry in it.
        CeremonyRefused: the entry is not what is signed, or not what was asked for.
    """
    try:
        encoded = unbase64(answer["entry"])
        challenge = unbase64(answer["options"]["challenge"])
        fields = _map(EntryReader(encoded).whole())
        body = _map(EntryReader(_bytes(fields.get(_BODY))).whole())
    except (MalformedEntry, KeyError, TypeError, ValueError) as error:
        raise NodeMalformed from error
    digest = leaf_of(encoded)
    if digest != challenge:
        raise CeremonyRefused(reason="hash")
    if fields.get(_KIND) != expected.kind:
        raise CeremonyRefused(reason="kind")
    try:
        _check(expected, fields, body)
        rows = tuple(_rows(expected.kind, fields, body))
        is_exercise = _is_exercise(expected.kind, body)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
        raise NodeMalformed from error
    return Proposal(expected.kind, digest, rows, is_exercise)


def _check(expected: Expected, fields: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse an entry that says something else than was asked for.

    Raises:
        CeremonyRefused: it does; the reason names what.
    """
    refs = fields.get(_REFS, [])
    if expected.alert is not None and (not refs or refs[0] != expected.alert):
        raise CeremonyRefused(reason="alert")
    check = _CHECKS.get(expected.kind)
    if check is not None:
        check(expected, fields, body)


def _check_alert(expected: Expected, fields: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse an alert that says something else than was asked for.

    Raises:
        CeremonyRefused: it does.
    """
    written = body.get(8, fields.get(_PRECEDENCE))
    said: dict[str, tuple[object, object]] = {
        "texts": (expected.texts, tuple((a, b) for a, b in body[0])),
        "precedence": (expected.precedence, PRECEDENCES[written]),
        "exercise": (expected.is_exercise, body.get(1) is True),
    }
    for what, (wanted, found) in said.items():
        if wanted is not None and wanted != found:
            raise CeremonyRefused(reason=what)
    if expected.party is not None and expected.party not in map(party_text, body[3]):
        raise CeremonyRefused(reason="party")


def _check_answer(expected: Expected, _: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse another answer to an alert, or other words.

    Raises:
        CeremonyRefused: it is.
    """
    if expected.answer != ANSWERS[body[0]]:
        raise CeremonyRefused(reason="answer")
    _check_reason(expected, _, body)


def _check_reason(expected: Expected, _: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse other words with an answer or a withdrawal.

    Raises:
        CeremonyRefused: they are.
    """
    if expected.words != body.get(1):
        raise CeremonyRefused(reason="words")


def _check_call_request(
    expected: Expected, fields: Mapping[int, Any], body: Mapping[int, Any]
) -> None:
    """Refuse a call request of another line, or that asks for something else.

    Raises:
        CeremonyRefused: it does.
    """
    _check_bytes(expected, fields)
    said = tuple(tuple(each) if isinstance(each, list) else each for each in _places(body))
    if expected.call != said:
        raise CeremonyRefused(reason="call")


def _check_notification(
    expected: Expected, fields: Mapping[int, Any], body: Mapping[int, Any]
) -> None:
    """Refuse a notification of another line or type, or that says something else.

    Raises:
        CeremonyRefused: it does.
    """
    _check_bytes(expected, fields)
    if expected.type_hash != body[0]:
        raise CeremonyRefused(reason="type")
    if expected.form is None or [*_leaves(expected.form, "")] != [*_form_leaves(body)]:
        raise CeremonyRefused(reason="form")
    if expected.alert != body[8]:
        raise CeremonyRefused(reason="corrects")
    if expected.is_exercise != _is_exercise(expected.kind, body):
        raise CeremonyRefused(reason="exercise")


def _check_words(expected: Expected, fields: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse other words about a notification, or an answer to another question.

    Raises:
        CeremonyRefused: it is.
    """
    if expected.words != body[0]:
        raise CeremonyRefused(reason="words")
    if expected.query is not None and fields[_REFS][1] != expected.query:
        raise CeremonyRefused(reason="query")


def _places(body: Mapping[int, Any]) -> Iterator[Any]:
    yield from (body[at] for at in range(_EXERCISE_OF_CALL))
    yield body.get(_EXERCISE_OF_CALL) is True


def _check_call_answer(expected: Expected, _: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse an answer to a call request that says something else than was asked for.

    Raises:
        CeremonyRefused: it does.
    """
    if expected.answer != CALL_ANSWERS[body[0]]:
        raise CeremonyRefused(reason="answer")
    if expected.words != body[5]:
        raise CeremonyRefused(reason="words")
    if expected.times_ms != tuple(body[at] for at in CALL_TIMES.values()):
        raise CeremonyRefused(reason="time")
    if expected.level != body[3]:
        raise CeremonyRefused(reason="level")


def _check_crisis(expected: Expected, fields: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse an entry about a crisis that says something else than was asked for.

    Raises:
        CeremonyRefused: it does.
    """
    _check_bytes(expected, fields)
    if expected.texts is not None and expected.texts != tuple((a, b) for a, b in body[0]):
        raise CeremonyRefused(reason="texts")
    if expected.kind is SignedKind.CRISIS_CLOSING:
        if expected.words != body.get(0):
            raise CeremonyRefused(reason="words")
        return
    if expected.kind is SignedKind.CRISIS_FACT and body[1] != expected.alert:
        raise CeremonyRefused(reason="crisis")
    is_marked = _is_exercise(expected.kind, body)
    if expected.is_exercise is not None and expected.is_exercise != is_marked:
        raise CeremonyRefused(reason="exercise")


def _check_paraphrase(expected: Expected, _: Mapping[int, Any], body: Mapping[int, Any]) -> None:
    """Refuse other own words, or a word on another paraphrase, than was asked for.

    Raises:
        CeremonyRefused: it is.
    """
    if expected.texts is not None and expected.texts != _own_words(body):
        raise CeremonyRefused(reason="texts")
    if expected.kind is SignedKind.PARAPHRASE_WORD and body[2] != expected.paraphrase:
        raise CeremonyRefused(reason="paraphrase")


def _own_words(body: Mapping[int, Any]) -> tuple[tuple[str, str], ...]:
    return () if body.get(1) is None else ((body[0], body[1]),)


def _check_bytes(
    expected: Expected, fields: Mapping[int, Any], _: Mapping[int, Any] | None = None
) -> None:
    """Refuse an entry in another record, or of other bytes, than was asked for.

    Raises:
        CeremonyRefused: it is.
    """
    if expected.space is not None and party_text(_bytes(fields.get(_SPACE))) != expected.space:
        raise CeremonyRefused(reason="space")
    if expected.body is not None and sha256(_bytes(fields.get(_BODY))).digest() != expected.body:
        raise CeremonyRefused(reason="body")


_CHECKS: Final[Mapping[SignedKind, Callable[..., None]]] = {
    SignedKind.ALERT: _check_alert,
    SignedKind.ANSWER: _check_answer,
    SignedKind.WITHDRAWAL: _check_reason,
    **dict.fromkeys(PARAPHRASE_KINDS, _check_paraphrase),
    SignedKind.NOTIFICATION: _check_notification,
    **dict.fromkeys(WORDS_KINDS, _check_words),
    SignedKind.CALL_REQUEST: _check_call_request,
    SignedKind.CALL_ANSWER: _check_call_answer,
    SignedKind.CONTACT_LIST: _check_bytes,
    **dict.fromkeys(CRISIS_KINDS, _check_crisis),
}
"""What is compared beside the matter; an acknowledgement says nothing else."""


def _is_exercise(kind: SignedKind, body: Mapping[int, Any]) -> bool:
    at = {
        SignedKind.ALERT: 1,
        SignedKind.CRISIS_OPENING: 5,
        SignedKind.NOTIFICATION: _EXERCISE_OF_NOTIFICATION,
        SignedKind.CALL_REQUEST: _EXERCISE_OF_CALL,
    }.get(kind)
    return at is not None and body.get(at) is True


def _rows(
    kind: SignedKind, fields: Mapping[int, Any], body: Mapping[int, Any]
) -> list[ProposalRow]:
    shown = {
        SignedKind.ALERT: _alert_rows,
        SignedKind.ACKNOWLEDGEMENT: _acknowledgement_rows,
        SignedKind.ANSWER: _answer_rows,
        SignedKind.WITHDRAWAL: _withdrawal_rows,
        SignedKind.NOTIFICATION: _notification_rows,
        SignedKind.CLARIFICATION: _words_rows,
        SignedKind.CANCELLATION: _words_rows,
        SignedKind.CONCLUSION: _words_rows,
        SignedKind.CALL_REQUEST: _call_request_rows,
        SignedKind.CALL_ANSWER: _call_answer_rows,
        SignedKind.PARAPHRASE: _paraphrase_rows,
        SignedKind.PARAPHRASE_WORD: _paraphrase_word_rows,
        SignedKind.CONTACT_LIST: _contact_rows,
        SignedKind.CRISIS_OPENING: _opening_rows,
        SignedKind.CRISIS_CLOSING: _closing_rows,
        SignedKind.CRISIS_FACT: _fact_rows,
    }[kind]
    rows = [ProposalRow("hash", leaf.hex()[:16]) for leaf in fields.get(_REFS, [])[:1]]
    return [*shown(fields, body), *rows, ProposalRow("written", _instant(fields[_TIME]))]


def _alert_rows(fields: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [ProposalRow("precedence", PRECEDENCES[fields[_PRECEDENCE]], is_code=True)]
    if body.get(8) is not None:
        rows.append(ProposalRow("demoted_from", PRECEDENCES[body[8]], is_code=True))
    rows += [ProposalRow("party", party_text(each)) for each in body[3]]
    if body.get(9) is not None:
        rows.append(ProposalRow("level", str(body[9]), is_code=True))
    if _DEADLINE in fields:
        rows.append(ProposalRow("expires", _instant(fields[_DEADLINE])))
    if body.get(6) is not None:
        rows.append(ProposalRow("supersedes", body[6].hex()[:16]))
    return rows + [ProposalRow(f"text {language}", text) for language, text in body[0]]


def _acknowledgement_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [
        ProposalRow("language", str(body[2])),
        ProposalRow("capacity", str(body[3]), is_code=True),
    ]
    return rows + [ProposalRow(f"sentence {language}", text) for language, text in body[1]]


def _answer_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [ProposalRow("answer", ANSWERS[body[0]], is_code=True)]
    if body.get(1) is not None:
        rows.append(ProposalRow("words", str(body[1])))
    if body.get(2) is not None:
        rows.append(ProposalRow("until", _instant(body[2])))
    if body.get(3) is not None:
        rows.append(ProposalRow("level", str(body[3]), is_code=True))
    return rows


def _withdrawal_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    return [] if body.get(1) is None else [ProposalRow("words", str(body[1]))]


def _notification_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    number = f"{int(body[3])}/{int(body[4])}"
    rows = [ProposalRow("type", f"{body[1]} {int(body[2])}"), ProposalRow("number", number)]
    rows += [ProposalRow("form", f"{place}: {value}") for place, value in _form_leaves(body)]
    return [*rows, *_office_rows(body, _OFFICE_OF_NOTIFICATION)]


def _form_leaves(body: Mapping[int, Any]) -> Iterator[tuple[str, str]]:
    yield from _leaves(json.loads(_bytes(body[5])), "")


def _leaves(said: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield each field of a form with its place, as a finding names it, and how JSON writes it.

    Text stands in quotes, so that a number never passes for it; what is empty stands there too.
    """
    if said and isinstance(said, Mapping):
        for name in sorted(said):
            yield from _leaves(said[name], f"{place}/{name}")
    elif said and isinstance(said, list):
        for at, value in enumerate(said):
            yield from _leaves(value, f"{place}/{at}")
    else:
        yield place, json.dumps(said, ensure_ascii=False)


def _words_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [ProposalRow("words", str(body[0]))] if body[0] else []
    return [*rows, *_office_rows(body, _OFFICE_OF_WORDS)]


def _call_request_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    level, subject = str(body[2]), body[3]
    rows = [ProposalRow("who_asks", str(body[0])), ProposalRow("who_is_asked", str(body[1]))]
    rows.append(ProposalRow("level", level, is_code=level in LEVELS))
    rows += [] if subject is None else [ProposalRow("subject", str(subject))]
    rows += [ProposalRow("earliest", _instant(body[4])), ProposalRow("latest", _instant(body[5]))]
    rows.append(ProposalRow("mode", MODES[body[6]], is_code=True))
    rows.append(ProposalRow("languages", ", ".join(map(str, body[7]))))
    rows.append(ProposalRow("interpreter", INTERPRETERS[body[8]], is_code=True))
    rows.append(ProposalRow("hours", str(int(body[9]))))
    return [*rows, *_office_rows(body, _OFFICE_OF_CALL)]


def _call_answer_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [ProposalRow("call_answer", CALL_ANSWERS[body[0]], is_code=True)]
    if body[1] is not None:
        is_offer = body[2] is not None
        rows.append(ProposalRow("earliest" if is_offer else "begins", _instant(body[1])))
    if body[2] is not None:
        rows.append(ProposalRow("latest", _instant(body[2])))
    if body[3] is not None:
        level = str(body[3])
        rows.append(ProposalRow("level", level, is_code=level in LEVELS))
    if body[4] is not None:
        rows.append(ProposalRow("until", _instant(body[4])))
    rows += [] if body[5] is None else [ProposalRow("words", str(body[5]))]
    return [*rows, *_office_rows(body, _OFFICE_OF_CALL_ANSWER)]


def _office_rows(body: Mapping[int, Any], key: int) -> list[ProposalRow]:
    return [ProposalRow("capacity", str(body[key]), is_code=True)] if key in body else []


def _paraphrase_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [ProposalRow(f"understood {language}", text) for language, text in _own_words(body)]
    return [*rows, ProposalRow("capacity", str(body[4]), is_code=True)]


def _paraphrase_word_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    meant = _own_words(body)
    rows = [ProposalRow("paraphrase", "corrected" if meant else "confirmed", is_code=True)]
    rows += [ProposalRow(f"meant {language}", text) for language, text in meant]
    return [*rows, ProposalRow("paraphrase_hash", body[2].hex()[:16])]


def _contact_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = []
    for title, level, _duty, _hours, _languages, ways in body[0]:
        rows += [ProposalRow(f"contact {language}", text) for language, text in title]
        rows.append(ProposalRow("level", str(level), is_code=str(level) in LEVELS))
        rows += [ProposalRow("way", str(text)) for _, text in ways]
    return rows


def _opening_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    rows = [ProposalRow(f"title {language}", text) for language, text in body[0]]
    if body.get(1) is not None:
        rows.append(ProposalRow("grade", str(body[1])))
    rows.append(ProposalRow("since", _instant(body[2])))
    if body.get(3) is not None:
        rows.append(ProposalRow("number", f"{int(body[3])}/{int(body[4])}"))
    return rows


def _closing_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    return [] if body.get(0) is None else [ProposalRow("words", str(body[0]))]


def _fact_rows(_: Mapping[int, Any], body: Mapping[int, Any]) -> list[ProposalRow]:
    return [ProposalRow(f"fact {language}", text) for language, text in body[0]]


def _instant(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, tz=UTC):%Y-%m-%d %H:%M:%S}Z"


def _map(value: object) -> Mapping[int, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError
    return value
