"""What may be said of an entry of ours: five words, each computed from what is proved.

::

    queued        it is in our log, on our own disk
    held          the other party's mirror cosigned a checkpoint that covers it
    delivered     an entry in the other party's log says that it reached a desk
    acknowledged  an entry in the other party's log, signed by a person, says that it was taken
    agreed        every party named has one in its log that quotes the same body and names

What is not in these facts is not claimed: no network state, no answer of the line, no time that has
passed makes a word of it. The words are in order, and a later one is never said less surely than an
earlier one, because an entry that cites ours by its hash was written by somebody who had it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from parley.errors import EntryMalformed
from parley.ids import ID_BYTES, ActorId, PartyId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, read_body
from parley.record.kinds import Kind
from parley.record.merkle import HASH_BYTES
from parley.record.policy import Policy


class ReceiptWord(IntEnum):
    """What is proved, the least first."""

    QUEUED = 0
    HELD = 1
    DELIVERED = 2
    ACKNOWLEDGED = 3
    AGREED = 4


@dataclass(frozen=True, slots=True)
class EntryCitation:
    """An entry that counts, in another party's log, that refers to ours."""

    index: int
    """Its place in that party's log."""
    entry: Entry
    """The entry."""
    is_signed: bool = False
    """Whether its person's passkey is proved to have signed it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one other party is proved to have done with an entry."""

    word: ReceiptWord
    """The furthest word that is proved."""
    held_s: int | None = None
    """Its mirror's time when it first held the entry, POSIX seconds."""
    delivered_at: int | None = None
    """Place in its log of the entry that says so."""
    acknowledged_at: int | None = None
    """Place in its log of the entry that says so."""
    acknowledged_by: ActorId | None = None
    """Pseudonym of the person who took it."""


@dataclass(frozen=True, slots=True)
class BodyAgreed:
    """What an agreement entry quotes: a body, and who must agree to it."""

    body_hash: bytes
    """SHA-256 of the body."""
    parties: tuple[PartyId, ...]
    """Every party that must have agreed, in rising order."""


def receipt(
    index: int,
    cosigned: Iterable[tuple[int, int]],
    citations: Iterable[EntryCitation],
    *,
    has_agreement: bool = False,
) -> Receipt:
    """Return what one other party is proved to have done with our entry.

    Args:
        index: place of the entry in our log.
        cosigned: size and time of each of our checkpoints that the party's mirror cosigned.
        citations: the entries in the party's log that refer to our entry.
        has_agreement: whether :func:`is_agreed` says so of the entry's body.
    """
    held = min((seconds for size, seconds in cosigned if size > index), default=None)
    found: dict[int, EntryCitation] = {}
    for citation in sorted(citations, key=lambda each: each.index):
        # That a person took it is that person's to prove; their node's word is not enough.
        if citation.is_signed or citation.entry.kind != Kind.ACKNOWLEDGEMENT:
            found.setdefault(citation.entry.kind, citation)
    delivered, taken = found.get(Kind.DELIVERY), found.get(Kind.ACKNOWLEDGEMENT)
    word = ReceiptWord.QUEUED if held is None else ReceiptWord.HELD
    word = word if delivered is None else ReceiptWord.DELIVERED
    word = word if taken is None else ReceiptWord.ACKNOWLEDGED
    word = ReceiptWord.AGREED if has_agreement else word
    return Receipt(
        word,
        held,
        None if delivered is None else delivered.index,
        None if taken is None else taken.index,
        None if taken is None else taken.entry.actor,
    )


def is_held(index: int, cosigned: Mapping[str, int], policy: Policy) -> bool:
    """Say whether so many parties hold an entry as the policy of the space asks for.

    Args:
        index: place of the entry in its log.
        cosigned: for each witness of the policy, the largest size of that log it cosigned.
        policy: who must hold it.
    """
    return policy.is_met({name for name, size in cosigned.items() if size > index})


def agreement_body(agreed: BodyAgreed) -> bytes:
    """Return the body of an entry by which a party agrees."""
    fields: dict[int, Value] = {0: agreed.body_hash, 1: [bytes(party) for party in agreed.parties]}
    return encode(fields)


def read_agreement(entry: Entry) -> BodyAgreed:
    """Return what an agreement quotes.

    Raises:
        EntryMalformed: the entry is no agreement, or not of the agreed form.
    """
    if entry.kind != Kind.AGREEMENT:
        raise EntryMalformed(field="kind")
    match [*read_body(entry).items()]:
        case [(0, bytes(body_hash)), (1, list(values))] if len(body_hash) == HASH_BYTES:
            ids = [each for each in values if isinstance(each, bytes) and len(each) == ID_BYTES]
            parties = tuple(PartyId(each) for each in ids)
            if len(parties) == len(values) and [*parties] == sorted(set(parties)):
                return BodyAgreed(body_hash, parties)
        case _:
            pass
    raise EntryMalformed(field="body")


def is_agreed(agreed: BodyAgreed, by_party: Mapping[PartyId, Collection[BodyAgreed]]) -> bool:
    """Say whether every party named has agreed to the same body with the same names.

    Args:
        agreed: what is to be agreed.
        by_party: for each party, what the agreement entries in its log quote, our own included.
    """
    return bool(agreed.parties) and all(agreed in by_party.get(each, ()) for each in agreed.parties)
