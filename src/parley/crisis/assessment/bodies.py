"""What entries of an assessment say, as maps and back (``protocol/crises.md``). A core."""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from parley.crisis.crises.bodies import TEXT_BYTES_MAX
from parley.crisis.crises.fields import (
    Fields,
    Texts,
    present,
    read_texts,
    written_texts,
)
from parley.errors import EncodingRefused, EntryMalformed
from parley.ids import ID_BYTES, PartyId
from parley.record.cbor import Value, decode, encode
from parley.record.entry import EPOCH_MAX, SIZE_MAX, TIME_MS_MAX, Entry
from parley.record.merkle import HASH_BYTES

SALT_BYTES: Final = 32
ACCOUNT_BYTES_MAX: Final = 60_000
"""An account in all its languages; an entry has 65,535 bytes."""
ACCOUNT_TEXT_BYTES_MAX: Final = 50_000
HEAD_BYTES: Final = 8
"""Of each entry's hash in a timeline: enough to name it among thousands."""
HEADS_MAX: Final = 4_000
"""Entries that a timeline names; of more it has the hash and the number."""
LOGS_MAX: Final = 32
KEY_BYTES: Final = 16
SHEET_BYTES_MAX: Final = 60_000
READOUT_TEXT_BYTES_MAX: Final = 14_000
ORDER_MAX: Final = 10_000
_SEAL: Final = b"parley account v1\0"


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """How far a log was looked at."""

    party: PartyId
    epoch: int
    size: int


@dataclass(frozen=True, slots=True)
class TimelineSaid:
    """What a node found in the record of a crisis."""

    digest: bytes
    """Over the entries, in one form."""
    count: int
    cut: tuple[Cut, ...]
    """How far it looked, log by log."""
    heads: tuple[bytes, ...]
    """The beginning of each entry's hash, in rising order; none if they are too many."""


class Section(IntEnum):
    """Where a paragraph stands in a joint sheet."""

    FACT = 0
    DISPUTED = 1
    LESSON = 2
    COMMITMENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One party's version of a paragraph."""

    key: bytes
    """Which paragraph; whoever writes it first makes it up."""
    section: Section
    order: int
    texts: Texts = ()
    """None: that party wants it struck."""
    owner: PartyId | None = None
    """Who is to keep a commitment."""
    due_ms: int | None = None
    """By when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What one side says in public."""

    texts: Texts
    public_from_ms: int
    """When it is made public, its own date."""


def seal_of(crisis: bytes, salt: bytes, account: bytes) -> bytes:
    """Return the salted hash by which an account is sealed.

    Args:
        crisis: hash of the crisis; a seal fits no other.
        salt: 32 random bytes, so that nobody can try texts.
        account: the bytes that will be shown.
    """
    return hashlib.sha256(_SEAL + crisis + salt + account).digest()


def account_bytes(texts: Texts) -> bytes:
    """Return an account as the bytes that are sealed."""
    fields: dict[int, Value] = {0: written_texts(texts)}
    return encode(fields)


def read_account(account: bytes) -> Texts:
    """Return an account's texts.

    Raises:
        EntryMalformed: the bytes are no account.
    """
    try:
        given = decode(account)
    except EncodingRefused as error:
        raise EntryMalformed(field="account") from error
    if not isinstance(given, dict) or [*given] != [0]:
        raise EntryMalformed(field="account")
    return read_texts(given[0], ACCOUNT_TEXT_BYTES_MAX)


def timeline_body(said: TimelineSaid) -> dict[int, Value]:
    """Return the map of a timeline."""
    return {
        0: said.digest,
        1: said.count,
        2: [[bytes(cut.party), cut.epoch, cut.size] for cut in said.cut],
        3: b"".join(said.heads),
    }


def read_timeline(entry: Entry) -> TimelineSaid:
    """Return what a node found.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0, 1, 2, 3))
    count, joined = fields.whole(1, SIZE_MAX), fields.blob(3, HEAD_BYTES * HEADS_MAX)
    heads = tuple(joined[at : at + HEAD_BYTES] for at in range(0, len(joined), HEAD_BYTES))
    is_whole = len(joined) == HEAD_BYTES * count or (not joined and count > HEADS_MAX)
    if not is_whole or list(heads) != sorted(heads):
        raise EntryMalformed(field="3")
    cut = tuple(_cut(row) for row in fields.rows(2, LOGS_MAX))
    if list(cut) != sorted(cut) or len({(each.party, each.epoch) for each in cut}) != len(cut):
        raise EntryMalformed(field="2")
    return TimelineSaid(fields.bytes_of(0, HASH_BYTES), count, cut, heads)


def _cut(row: list[Value]) -> Cut:
    match row:
        case [bytes(party), int(epoch), int(size)] if len(party) == ID_BYTES:
            if 0 <= epoch <= EPOCH_MAX and 0 <= size <= SIZE_MAX and not isinstance(epoch, bool):
                return Cut(PartyId(party), epoch, size)
        case _:
            pass
    raise EntryMalformed(field="2")


def account_seal_body(commitment: bytes) -> dict[int, Value]:
    """Return the map of a seal."""
    return {0: commitment}


def read_account_seal(entry: Entry) -> bytes:
    """Return the salted hash of an account.

    Raises:
        EntryMalformed: it is not of the form.
    """
    return Fields(entry, (0,)).bytes_of(0, HASH_BYTES)


def account_shown_body(salt: bytes, account: bytes) -> dict[int, Value]:
    """Return the map by which an account is shown."""
    return {0: salt, 1: account}


def read_account_shown(entry: Entry) -> tuple[bytes, bytes]:
    """Return the salt and the bytes of an account that is shown.

    Raises:
        EntryMalformed: it is not of the form, or the bytes are no account.
    """
    fields = Fields(entry, (0, 1))
    salt, account = fields.bytes_of(0, SALT_BYTES), fields.blob(1, ACCOUNT_BYTES_MAX)
    read_account(account)
    return salt, account


def paragraph_body(said: Paragraph) -> dict[int, Value]:
    """Return the map of a paragraph."""
    return present(
        {
            0: said.key,
            1: int(said.section),
            2: said.order,
            3: written_texts(said.texts),
            4: None if said.owner is None else bytes(said.owner),
            5: said.due_ms,
        }
    )


def read_paragraph(entry: Entry) -> Paragraph:
    """Return one party's version of a paragraph.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0, 1, 2, 3), (4, 5))
    section = fields.choice(1, Section)
    owner, due_ms = fields.maybe_bytes(4, ID_BYTES), fields.maybe_whole(5, TIME_MS_MAX)
    texts = fields.texts(3, TEXT_BYTES_MAX, least=0)
    is_commitment = section is Section.COMMITMENT and bool(texts)
    if is_commitment != (owner is not None) or is_commitment != (due_ms is not None):
        raise EntryMalformed(field="owner")
    return Paragraph(
        key=fields.bytes_of(0, KEY_BYTES),
        section=section,
        order=fields.whole(2, ORDER_MAX),
        texts=texts,
        owner=None if owner is None else PartyId(owner),
        due_ms=due_ms,
    )


def adoption_body(sheet: bytes) -> dict[int, Value]:
    """Return the map of an adoption: the whole sheet, so that what is adopted needs no other."""
    return {0: sheet}


def read_adoption(entry: Entry) -> bytes:
    """Return the sheet that a party adopts.

    Raises:
        EntryMalformed: it is not of the form.
    """
    sheet = Fields(entry, (0,)).blob(0, SHEET_BYTES_MAX)
    if not sheet:
        raise EntryMalformed(field="0")
    return sheet


def readout_body(said: Readout) -> dict[int, Value]:
    """Return the map of a readout."""
    return {0: written_texts(said.texts), 1: said.public_from_ms}


def read_readout(entry: Entry) -> Readout:
    """Return what one side says in public.

    Raises:
        EntryMalformed: it is not of the form.
    """
    fields = Fields(entry, (0, 1))
    return Readout(
        texts=fields.texts(0, READOUT_TEXT_BYTES_MAX),
        public_from_ms=fields.whole(1, TIME_MS_MAX),
    )
