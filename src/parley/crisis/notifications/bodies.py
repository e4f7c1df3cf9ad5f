"""What entries about notifications say, as bytes and back (``protocol/notifications.md``)."""

from dataclasses import dataclass
from typing import Final

from parley.crisis.notifications.form import FORM_BYTES_MAX
from parley.crisis.notifications.numbers import NUMBER_MAX
from parley.crisis.offices import Capacity, office_field, said_capacity
from parley.errors import EntryMalformed
from parley.ids import ID_BYTES, ActorId
from parley.record.cbor import Value, encode
from parley.record.entry import TIME_MS_MAX, Entry, read_body
from parley.record.kinds import Kind
from parley.record.merkle import HASH_BYTES
from parley.record.office import OFFICE_KEYS

WORDS_CHARACTERS_MAX: Final = 8_000
"""A question, an answer, a reason. More: an entry may not take it. Less: a full answer is cut."""
TYPE_ID_CHARACTERS_MAX: Final = 40
VERSION_MAX: Final = 10_000
YEAR_MIN: Final = 1970
YEAR_MAX: Final = 9999
_OFFICE: Final = OFFICE_KEYS[Kind.NOTIFICATION]
_OFFICE_OF_WORDS: Final = OFFICE_KEYS[Kind.QUERY]
"""Words about a notification say it alike, whatever their kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSaid:
    """What a notification says."""

    type_hash: bytes
    """SHA-256 of the body that proposes the type: what agreements to it quote."""
    type_id: str
    type_version: int
    year: int
    number: int
    form: bytes
    """JSON, as it was verified."""
    drafter: ActorId
    verifier: ActorId
    corrects: bytes | None = None
    """Hash of the notification in whose place it stands."""
    is_exercise: bool = False
    """Inside the signed body, and in a series of numbers of its own."""
    capacity: Capacity | None = None
    """In which office its person spoke; None: it does not say."""


@dataclass(frozen=True, slots=True)
class NotificationWords:
    """A query, clarification, cancellation or closing."""

    words: str
    capacity: Capacity | None = None
    """In which office its person spoke; None: it does not say."""


def type_body(definition: bytes) -> bytes:
    """Return the body that proposes a type; its SHA-256 is the type's hash."""
    fields: dict[int, Value] = {0: definition}
    return encode(fields)


def read_type_body(entry: Entry) -> bytes:
    """Return the definition in a proposal.

    Raises:
        EntryMalformed: it is none.
    """
    match [*read_body(entry).items()]:
        case [(0, bytes(definition))]:
            return definition
        case _:
            raise EntryMalformed(field="body")


def notification_body(said: NotificationSaid) -> bytes:
    """Return the body of a notification."""
    fields: dict[int, Value] = {
        0: said.type_hash,
        1: said.type_id,
        2: said.type_version,
        3: said.year,
        4: said.number,
        5: said.form,
        6: bytes(said.drafter),
        7: bytes(said.verifier),
        8: said.corrects,
        **({9: True} if said.is_exercise else {}),
        **office_field(said.capacity, _OFFICE),
    }
    return encode(fields)


def read_notification(entry: Entry) -> NotificationSaid:
    """Return what a notification says.

    Raises:
        EntryMalformed: it is none, or a value of it cannot be.
    """
    body = read_body(entry)
    is_exercise = body.get(9) is True
    needed = {*range(10 if is_exercise else 9)}
    if body.keys() - {_OFFICE} != needed:
        raise EntryMalformed(field="body")
    type_id, corrects = body[1], body[8]
    if not isinstance(type_id, str) or not 0 < len(type_id) <= TYPE_ID_CHARACTERS_MAX:
        raise EntryMalformed(field="type")
    form = body[5]
    if not isinstance(form, bytes) or len(form) > FORM_BYTES_MAX:
        raise EntryMalformed(field="form")
    return NotificationSaid(
        type_hash=_bytes(body[0], HASH_BYTES, "type"),
        type_id=type_id,
        type_version=_whole(body[2], 1, VERSION_MAX, "type"),
        year=_whole(body[3], YEAR_MIN, YEAR_MAX, "year"),
        number=_whole(body[4], 1, NUMBER_MAX, "number"),
        form=form,
        drafter=ActorId(_bytes(body[6], ID_BYTES, "drafter")),
        verifier=ActorId(_bytes(body[7], ID_BYTES, "verifier")),
        corrects=None if corrects is None else _bytes(corrects, HASH_BYTES, "corrects"),
        is_exercise=is_exercise,
        capacity=said_capacity(body, _OFFICE),
    )


def read_receipt(entry: Entry) -> int:
    """Return since when the author's node has had what a receipt refers to, ms since 1970 UTC.

    Raises:
        EntryMalformed: it is no receipt.
    """
    body = read_body(entry)
    if not body.keys() <= {0, 1}:
        raise EntryMalformed(field="body")
    return _whole(body.get(0), 0, TIME_MS_MAX, "received")


def words_body(words: str, capacity: Capacity | None = None) -> bytes:
    """Return the body of a query, clarification, cancellation or closing."""
    fields: dict[int, Value] = {0: words, **office_field(capacity, _OFFICE_OF_WORDS)}
    return encode(fields)


def read_words(entry: Entry) -> NotificationWords:
    """Return what a query, clarification, cancellation or closing says.

    Raises:
        EntryMalformed: it has none, or too much.
    """
    body = read_body(entry)
    words = body.get(0)
    is_whole = body.keys() - {_OFFICE_OF_WORDS} == {0}
    if not is_whole or not isinstance(words, str) or len(words) > WORDS_CHARACTERS_MAX:
        raise EntryMalformed(field="body")
    return NotificationWords(words, said_capacity(body, _OFFICE_OF_WORDS))


def _bytes(value: Value, length: int, field: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise EntryMalformed(field=field)
    return value


def _whole(value: Value, least: int, most: int, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise EntryMalformed(field=field)
    return value
