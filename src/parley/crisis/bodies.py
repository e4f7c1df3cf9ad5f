"""What the entries of a matter say, as maps of their bodies. A core without I/O.

Written in one way and read strictly: a key that is not of the form, a list that is empty where
there could be none, a word that is not of the list make the entry malformed, and its reader holds
that against its author. ``protocol/crisis.md`` is the same in words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from parley.crisis.offices import Capacity, read_capacity
from parley.crisis.sentence import is_the_sentence
from parley.errors import EntryMalformed
from parley.ids import ID_BYTES, ActorId, PartyId
from parley.record.cbor import Value
from parley.record.entry import TIME_MS_MAX, Entry, Precedence, read_map
from parley.record.merkle import HASH_BYTES

TEXTS_MAX: Final = 4
"""Languages of one alert: the author's own and what it was put into before it went."""
PARTIES_MAX: Final = 32
"""Parties one alert goes to. A longer list is no alert but a circular."""
WORDS_BYTES_MAX: Final = 14_000
DESK_BYTES_MAX: Final = 120
BOUND_MS_MAX: Final = 86_400_000
BODIES_MAX: Final = 256
"""Bodies of each kind of which is remembered what they say: an entry is read each time one comes
that sorts in before it, and at each look at its alert. More keeps more in memory, 64 KB at most
each, less reads again what was read a moment ago."""
_ALERT_KEYS: Final = frozenset(range(12))
_ACKNOWLEDGED_KEYS: Final = frozenset(range(5))
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")


class Level(StrEnum):
    """Whom an alert is for."""

    WATCH = "watch"
    DIRECTOR = "director"
    COMMANDER = "commander"
    MINISTER = "minister"
    HEAD = "head"


class AnswerKind(IntEnum):
    """What a party answers."""

    REPLY = 0
    HOLD = 1
    """Still deciding, until when."""
    ACCEPT_CALL = 2
    OTHER_TIME = 3
    OTHER_LEVEL = 4
    DECLINE = 5
    """With a reason or without."""
    NOT_OUR_MATTER = 6


Texts = tuple[tuple[str, str], ...]
"""Pairs of language tag and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBody:
    """What an alert says."""

    texts: Texts
    """First as it was written, then as its author's side put it into other languages."""
    parties: tuple[PartyId, ...]
    """Everybody it goes to, in rising order: the same bytes go to each."""
    drafter: ActorId
    verifier: ActorId | None = None
    is_exercise: bool = False
    reaches_principals: bool = False
    """Whether an exercise is to reach principals, because they asked for it."""
    supersedes: bytes | None = None
    """Hash of the alert it takes the place of."""
    attachment: bytes | None = None
    """SHA-256 of the one thing that goes with it."""
    demoted_from: Precedence | None = None
    """What it was drafted as, if it came after too many flashes."""
    level: Level | None = None
    is_quotable: bool = False
    """Whether it may be quoted in public."""
    clock_bound_ms: int | None = None
    """How far its author's clock may have been off; unknown if it does not say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a party answers to an alert."""

    kind: AnswerKind
    capacity: Capacity
    words: str | None = None
    at_ms: int | None = None
    """Until when it is held, or which other time."""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A withdrawal or a closure: why, if that is said."""

    capacity: Capacity
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """An alert in another language, understood by whoever translated it."""

    language: str
    text: str | None
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """How a party understood an alert, in its own words."""

    language: str
    text: str
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class ParaphraseWord:
    """What an alert's author says to a paraphrase: it was meant so, or otherwise."""

    paraphrase: bytes
    """Hash of the entry it is a word on."""
    capacity: Capacity
    correction: tuple[str, str] | None = None
    """Language tag and text of what was meant; None if it was understood."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a person signs who has read an alert."""

    capacity: Capacity
    language: str
    """In which language they read it."""
    sentences: Texts
    """That this is no consent, in the languages of both parties."""
    offset_minutes: int
    """Their local time's offset from UTC."""
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """Where an alert was shown."""

    desk: str
    has_sound: bool


@dataclass(frozen=True, slots=True)
class Received:
    """Since when entries are on a node's disk."""

    at_ms: int
    bound_ms: int | None = None


def alert_body(said: AlertBody) -> dict[int, Value]:
    """Return the map of an alert; what is absent has no key."""
    fields: dict[int, Value] = {
        0: [[language, text] for language, text in said.texts],
        1: said.is_exercise or None,
        2: said.reaches_principals or None,
        3: [bytes(party) for party in said.parties],
        4: bytes(said.drafter),
        5: None if said.verifier is None else bytes(said.verifier),
        6: said.supersedes,
        7: said.attachment,
        8: None if said.demoted_from is None else int(said.demoted_from),
        9: None if said.level is None else said.level.value,
        10: said.is_quotable or None,
        11: said.clock_bound_ms,
    }
    return _present(fields)


def read_alert(entry: Entry) -> AlertBody:
    """Return what an alert says.

    Raises:
        EntryMalformed: it is not of the form.
    """
    said = _alert_of(entry.body)
    if entry.precedence is None or entry.thread is None:
        raise EntryMalformed(field="precedence" if entry.precedence is None else "thread")
    if said.reaches_principals and not said.is_exercise:
        raise EntryMalformed(field="principals")
    return said


@lru_cache(BODIES_MAX)
def _alert_of(body: bytes | None) -> AlertBody:
    fields = _Fields(read_map(body), needed=frozenset({0, 3, 4}), known=_ALERT_KEYS)
    parties = tuple(PartyId(each) for each in fields.list_of_ids(3, PARTIES_MAX))
    if [*parties] != sorted(set(parties)):
        raise EntryMalformed(field="parties")
    demoted = fields.whole(8, max(Precedence))
    verifier = fields.maybe_bytes(5, ID_BYTES)
    return AlertBody(
        texts=fields.texts(0, TEXTS_MAX),
        parties=parties,
        drafter=ActorId(fields.bytes_of(4, ID_BYTES)),
        verifier=None if verifier is None else ActorId(verifier),
        is_exercise=fields.flag(1),
        reaches_principals=fields.flag(2),
        supersedes=fields.maybe_bytes(6, HASH_BYTES),
        attachment=fields.maybe_bytes(7, HASH_BYTES),
        demoted_from=None if demoted is None else Precedence(demoted),
        level=fields.word(9, Level),
        is_quotable=fields.flag(10),
        clock_bound_ms=fields.whole(11, BOUND_MS_MAX),
    )


def answer_body(said: Answer) -> dict[int, Value]:
    """Return the map of an answer."""
    return _present(
        {
            0: int(said.kind),
            1: said.words,
            2: said.at_ms,
            3: None if said.level is None else said.level.value,
            4: said.capacity.value,
        }
    )


def read_answer(entry: Entry) -> Answer:
    """Return what a party answers.

    Raises:
        EntryMalformed: it is not of the form, or lacks what this answer needs.
    """
    return _answer_of(entry.body)


@lru_cache(BODIES_MAX)
def _answer_of(body: bytes | None) -> Answer:
    fields = _Fields(read_map(body), needed=frozenset({0, 4}), known=frozenset({0, 1, 2, 3, 4}))
    kind = AnswerKind(fields.whole(0, max(AnswerKind)) or 0)
    said = Answer(
        kind,
        fields.capacity(),
        fields.words(1),
        fields.whole(2, TIME_MS_MAX),
        fields.word(3, Level),
    )
    needs = {
        AnswerKind.REPLY: said.words,
        AnswerKind.HOLD: said.at_ms,
        AnswerKind.OTHER_TIME: said.at_ms,
        AnswerKind.OTHER_LEVEL: said.level,
    }
    if needs.get(kind, "") is None:
        raise EntryMalformed(field=kind.name.lower())
    return said


def words_body(said: Words) -> dict[int, Value]:
    """Return the map of a withdrawal or a closure."""
    return _present({1: said.words, 4: said.capacity.value})


def read_words(entry: Entry) -> Words:
    """Return what a withdrawal or a closure says.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return _words_of(entry.body)


@lru_cache(BODIES_MAX)
def _words_of(body: bytes | None) -> Words:
    fields = _Fields(read_map(body), needed=frozenset({4}), known=frozenset({1, 4}))
    return Words(fields.capacity(), fields.words(1))


def translation_body(said: Translation) -> dict[int, Value]:
    """Return the map of a translation."""
    return _present({0: said.language, 1: said.text, 4: said.capacity.value})


def read_translation(entry: Entry) -> Translation:
    """Return a translation.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = _Fields(read_map(entry.body), needed=frozenset({0, 4}), known=frozenset({0, 1, 4}))
    return Translation(fields.language(0), fields.words(1), fields.capacity())


def paraphrase_body(said: Paraphrase) -> dict[int, Value]:
    """Return the map of a paraphrase."""
    return {0: said.language, 1: said.text, 4: said.capacity.value}


def read_paraphrase(entry: Entry) -> Paraphrase:
    """Return how a party understood an alert.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return _paraphrase_of(entry.body)


@lru_cache(BODIES_MAX)
def _paraphrase_of(body: bytes | None) -> Paraphrase:
    keys = frozenset({0, 1, 4})
    fields = _Fields(read_map(body), needed=keys, known=keys)
    return Paraphrase(fields.language(0), fields.words(1) or "", fields.capacity())


def paraphrase_word_body(said: ParaphraseWord) -> dict[int, Value]:
    """Return the map of an author's word on a paraphrase."""
    language, text = said.correction or (None, None)
    return _present({0: language, 1: text, 2: said.paraphrase, 4: said.capacity.value})


def read_paraphrase_word(entry: Entry) -> ParaphraseWord:
    """Return an author's word on a paraphrase.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return _paraphrase_word_of(entry.body)


@lru_cache(BODIES_MAX)
def _paraphrase_word_of(body: bytes | None) -> ParaphraseWord:
    fields = _Fields(read_map(body), needed=frozenset({2, 4}), known=frozenset({0, 1, 2, 4}))
    text = fields.words(1)
    if (text is None) == (0 in fields.given):
        raise EntryMalformed(field="correction")
    correction = None if text is None else (fields.language(0), text)
    return ParaphraseWord(fields.bytes_of(2, HASH_BYTES), fields.capacity(), correction)


def acknowledged_body(said: Acknowledged) -> dict[int, Value]:
    """Return the map of an alert's acknowledgement; key 0 is there in every acknowledgement."""
    return {
        0: said.words,
        1: [[language, text] for language, text in said.sentences],
        2: said.language,
        3: said.capacity.value,
        4: said.offset_minutes + OFFSET_MINUTES_MAX,
    }


def read_acknowledged(entry: Entry) -> Acknowledged:
    """Return what a person signs who has read an alert.

    Raises:
        EntryMalformed: it is not of the form, or does not say what every one says.
    """
    return _acknowledged_of(entry.body)


@lru_cache(BODIES_MAX)
def _acknowledged_of(body: bytes | None) -> Acknowledged:
    fields = _Fields(read_map(body), needed=_ACKNOWLEDGED_KEYS, known=_ACKNOWLEDGED_KEYS)
    offset = fields.whole(4, 2 * OFFSET_MINUTES_MAX)
    said = Acknowledged(
        fields.capacity(3),
        fields.language(2),
        fields.texts(1, 2),
        (offset or 0) - OFFSET_MINUTES_MAX,
        None if fields.given[0] is None else fields.words(0),
    )
    if not is_the_sentence(said.sentences):
        raise EntryMalformed(field="sentence")
    return said


def presented_body(said: Presented) -> dict[int, Value]:
    """Return the map of a presentation (kind delivery)."""
    return {0: said.desk, 1: said.has_sound}


def read_presented(entry: Entry) -> Presented:
    """Return where an alert was shown.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return _presented_of(entry.body)


@lru_cache(BODIES_MAX)
def _presented_of(body: bytes | None) -> Presented:
    given = read_map(body)
    match given:
        case {0: str(desk), 1: bool(has_sound)} if len(given) == len({0, 1}):
            if len(desk.encode()) <= DESK_BYTES_MAX:
                return Presented(desk, has_sound)
        case {0: str(desk)} if len(given) == 1 and len(desk.encode()) <= DESK_BYTES_MAX:
            return Presented(desk, has_sound=False)
        case _:
            pass
    raise EntryMalformed(field="desk")


def received_body(said: Received) -> dict[int, Value]:
    """Return the map of a receipt."""
    return _present({0: said.at_ms, 1: said.bound_ms})


def read_received(entry: Entry) -> Received:
    """Return since when entries are on a node's disk.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return _received_of(entry.body)


@lru_cache(BODIES_MAX)
def _received_of(body: bytes | None) -> Received:
    fields = _Fields(read_map(body), needed=frozenset({0}), known=frozenset({0, 1}))
    return Received(fields.whole(0, TIME_MS_MAX) or 0, fields.whole(1, BOUND_MS_MAX))


OFFSET_MINUTES_MAX: Final = 14 * 60
"""No zone is further from UTC; the offset is written from there, for numbers in bodies are whole
and positive."""


class _Fields(Struct, frozen=True):
    """A body's map, read strictly."""

    given: Mapping[int, Value]
    needed: frozenset[int]
    known: frozenset[int]

    def __post_init__(self) -> None:
        if not self.given.keys() >= self.needed or not self.given.keys() <= self.known:
            raise EntryMalformed(field="keys")

    def whole(self, key: int, value_max: int) -> int | None:
        if key not in self.given:
            return None
        value = self.given[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= value_max:
            raise EntryMalformed(field=str(key))
        return value

    def flag(self, key: int) -> bool:
        if key in self.given and self.given[key] is not True:
            raise EntryMalformed(field=str(key))
        return key in self.given

    def words(self, key: int) -> str | None:
        if key not in self.given:
            return None
        value = self.given[key]
        if not isinstance(value, str) or not value or len(value.encode()) > WORDS_BYTES_MAX:
            raise EntryMalformed(field=str(key))
        return value

    def language(self, key: int) -> str:
        value = self.given[key]
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
            raise EntryMalformed(field="language")
        return value

    def word(self, key: int, kind: type[Level]) -> Level | None:
        if key not in self.given:
            return None
        try:
            return kind(str(self.given[key]))
        except ValueError as error:
            raise EntryMalformed(field=str(key)) from error

    def capacity(self, key: int = 4) -> Capacity:
        return read_capacity(self.given, key)

    def bytes_of(self, key: int, length: int) -> bytes:
        value = self.given[key]
        if not isinstance(value, bytes) or len(value) != length:
            raise EntryMalformed(field=str(key))
        return value

    def maybe_bytes(self, key: int, length: int) -> bytes | None:
        return self.bytes_of(key, length) if key in self.given else None

    def list_of_ids(self, key: int, count_max: int) -> list[bytes]:
        value = self.given[key]
        if not isinstance(value, list) or not 1 <= len(value) <= count_max:
            raise EntryMalformed(field=str(key))
        found = [each for each in value if isinstance(each, bytes) and len(each) == ID_BYTES]
        if len(found) != len(value):
            raise EntryMalformed(field=str(key))
        return found

    def texts(self, key: int, count_max: int) -> Texts:
        value = self.given[key]
        if not isinstance(value, list) or not 1 <= len(value) <= count_max:
            raise EntryMalformed(field=str(key))
        found = tuple(map(_text, value))
        if len({language for language, _ in found}) != len(found):
            raise EntryMalformed(field="language")
        return found


def _text(value: Value) -> tuple[str, str]:
    match value:
        case [str(language), str(text)] if _LANGUAGE.fullmatch(language) and text:
            if len(text.encode()) <= WORDS_BYTES_MAX:
                return language, text
        case _:
            pass
    raise EntryMalformed(field="texts")


def _present(fields: Mapping[int, Value]) -> dict[int, Value]:
    return {key: value for key, value in fields.items() if value is not None}
