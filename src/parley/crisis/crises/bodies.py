"""What entries about a crisis say, as maps and back (``protocol/crises.md``). A core."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from parley.crisis.crises.fields import Fields, Texts, present, written_texts
from parley.errors import EntryMalformed
from parley.record.cbor import Value
from parley.record.entry import TIME_MS_MAX, Entry
from parley.record.merkle import HASH_BYTES

TITLE_BYTES_MAX: Final = 600
"""A title in one language. More does not fit the head of a page."""
GRADE_BYTES_MAX: Final = 200
TEXT_BYTES_MAX: Final = 14_000
"""One statement in one language: four fit an entry."""
WORDS_BYTES_MAX: Final = 4_000
YEAR_MAX: Final = 9_999
NUMBER_MAX: Final = 99_999
"""Crises of one party in a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a party opens a crisis with: all of it is that party's own."""

    title: Texts
    grade: str | None = None
    """How grave, in that party's own words."""
    start_ms: int
    """Since when, as that party sees it."""
    year: int | None = None
    """Of the number; only the first opening has one."""
    number: int | None = None
    is_exercise: bool = False
    reaches_principals: bool = False
    """Whether an exercise is to reach principals, because they asked for it."""


class StatementKind(IntEnum):
    """What one party says within a crisis."""

    CLAIM = 0
    """Something it holds to be true."""
    REQUEST = 1
    OFFER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim, a request or an offer."""

    kind: StatementKind
    texts: Texts
    disputes: bytes | None = None
    """Hash of the other party's claim that this one contradicts."""
    is_quotable: bool = False
    """Whether it may be quoted in public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What both parties hold to be true, once each has appended these very bytes."""

    texts: Texts
    crisis: bytes
    """Hash of the opening: the same words in another crisis are another fact."""
    claim: bytes | None = None
    """Hash of the claim that becomes a fact by it."""
    is_quotable: bool = False


class ReplyKind(IntEnum):
    """What is said to a request or an offer."""

    TAKEN_UP = 0
    DECLINED = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request or an offer, with words or without."""

    kind: ReplyKind
    words: str | None = None


def opening_body(said: Opening) -> dict[int, Value]:
    """Return the map of an opening."""
    return present(
        {
            0: written_texts(said.title),
            1: said.grade,
            2: said.start_ms,
            3: said.year,
            4: said.number,
            5: said.is_exercise,
            6: said.reaches_principals,
        }
    )


def read_opening(entry: Entry) -> Opening:
    """Return what a crisis is opened with.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0, 2), (1, 3, 4, 5, 6))
    year, number = fields.maybe_whole(3, YEAR_MAX), fields.maybe_whole(4, NUMBER_MAX)
    if (year is None) != (number is None) or number == 0:
        raise EntryMalformed(field="number")
    return Opening(
        title=fields.texts(0, TITLE_BYTES_MAX),
        grade=fields.maybe_text(1, GRADE_BYTES_MAX),
        start_ms=fields.whole(2, TIME_MS_MAX),
        year=year,
        number=number,
        is_exercise=fields.flag(5),
        reaches_principals=fields.flag(6),
    )


def words_body(words: str | None) -> dict[int, Value]:
    """Return the map of a closing, a link or a withdrawal: why, if that is said."""
    return present({0: words})


def read_words(entry: Entry) -> str | None:
    """Return why, if that is said.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return Fields(entry, (), (0,)).maybe_text(0, WORDS_BYTES_MAX)


def statement_body(said: Statement) -> dict[int, Value]:
    """Return the map of a claim, a request or an offer."""
    return present(
        {
            0: int(said.kind),
            1: written_texts(said.texts),
            2: said.disputes,
            3: said.is_quotable,
        }
    )


def read_statement(entry: Entry) -> Statement:
    """Return a claim, a request or an offer.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0, 1), (2, 3))
    kind, disputes = fields.choice(0, StatementKind), fields.maybe_bytes(2, HASH_BYTES)
    if disputes is not None and (kind is not StatementKind.CLAIM or disputes not in entry.refs):
        raise EntryMalformed(field="disputes")
    return Statement(
        kind=kind,
        texts=fields.texts(1, TEXT_BYTES_MAX),
        disputes=disputes,
        is_quotable=fields.flag(3),
    )


def fact_body(said: Fact) -> dict[int, Value]:
    """Return the map of a fact; both parties append the same."""
    return present(
        {
            0: written_texts(said.texts),
            1: said.crisis,
            2: said.claim,
            3: said.is_quotable,
        }
    )


def read_fact(entry: Entry) -> Fact:
    """Return a fact.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0, 1), (2, 3))
    return Fact(
        texts=fields.texts(0, TEXT_BYTES_MAX),
        crisis=fields.bytes_of(1, HASH_BYTES),
        claim=fields.maybe_bytes(2, HASH_BYTES),
        is_quotable=fields.flag(3),
    )


def reply_body(said: Reply) -> dict[int, Value]:
    """Return the map of a reply."""
    return present({0: int(said.kind), 1: said.words})


def read_reply(entry: Entry) -> Reply:
    """Return what is said to a request or an offer.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0,), (1,))
    return Reply(fields.choice(0, ReplyKind), fields.maybe_text(1, WORDS_BYTES_MAX))
