"""Receipts: each word from its proof, and from nothing else."""

import pytest

from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry
from parley.record.kinds import Kind
from parley.record.policy import read_policy
from parley.record.receipts import (
    BodyAgreed,
    EntryCitation,
    Receipt,
    ReceiptWord,
    agreement_body,
    is_agreed,
    is_held,
    read_agreement,
    receipt,
)
from parley.testing.records import keepers_of

OTHER, PERSON = PartyId(b"o" * 16), ActorId(b"p" * 16)
A, B, C = (PartyId(each * 16) for each in (b"a", b"b", b"c"))
AGREED = BodyAgreed(b"h" * 32, (A, B))


def citation(
    index: int, kind: int, body: bytes = b"\xa0", *, is_signed: bool = True
) -> EntryCitation:
    """Return an entry of the other party that refers to ours."""
    entry = Entry(
        space=SpaceId(bytes(16)), author=OTHER, kind=kind, time_ms=1, actor=PERSON, body=body
    )
    return EntryCitation(index, entry, is_signed)


def test_an_entry_is_queued_until_something_else_is_proved() -> None:
    """Cosignatures below it, and entries of other kinds that cite it, prove nothing."""
    assert receipt(5, [], []) == Receipt(ReceiptWord.QUEUED)
    assert receipt(5, [(5, 1)], [citation(0, Kind.STATEMENT)]).word is ReceiptWord.QUEUED


def test_held_is_a_cosignature_that_covers_the_entry() -> None:
    """Since the first that does."""
    found = receipt(5, [(3, 10), (9, 30), (6, 20), (6, 25)], [])
    assert found == Receipt(ReceiptWord.HELD, held_s=20)


def test_delivered_and_acknowledged_are_entries_in_their_log() -> None:
    """The first of each counts, and the person is named."""
    citations = [citation(9, Kind.DELIVERY), citation(4, Kind.DELIVERY)]
    assert receipt(5, [(6, 20)], citations) == Receipt(ReceiptWord.DELIVERED, 20, 4)
    citations.append(citation(7, Kind.ACKNOWLEDGEMENT))
    found = receipt(5, [(6, 20)], citations)
    assert found == Receipt(ReceiptWord.ACKNOWLEDGED, 20, 4, 7, PERSON)


def test_an_acknowledgement_counts_before_the_cosignature_has_come() -> None:
    """Who cites an entry by its hash has had it."""
    found = receipt(5, [], [citation(7, Kind.ACKNOWLEDGEMENT)])
    assert (found.word, found.held_s) == (ReceiptWord.ACKNOWLEDGED, None)


def test_an_acknowledgement_that_nobody_signed_is_their_node_s_word_alone() -> None:
    """It proves no more than what else they say; a later one that is signed counts."""
    delivered = citation(4, Kind.DELIVERY, is_signed=False)
    unsigned = citation(6, Kind.ACKNOWLEDGEMENT, is_signed=False)
    assert receipt(5, [], [delivered, unsigned]) == Receipt(ReceiptWord.DELIVERED, delivered_at=4)
    found = receipt(5, [], [unsigned, citation(7, Kind.ACKNOWLEDGEMENT)])
    assert (found.word, found.acknowledged_at) == (ReceiptWord.ACKNOWLEDGED, 7)


def test_agreed_is_said_when_every_party_named_quotes_the_same() -> None:
    """The same body and the same names; a party more or less is another agreement."""
    wider = BodyAgreed(AGREED.body_hash, (A, B, C))
    other = BodyAgreed(b"x" * 32, (A, B))
    assert is_agreed(AGREED, {A: [AGREED], B: [other, AGREED]})
    assert not is_agreed(AGREED, {A: [AGREED]})
    assert not is_agreed(AGREED, {A: [AGREED], B: [other, wider]})
    assert not is_agreed(wider, {A: [wider], B: [wider], C: [AGREED]})
    assert not is_agreed(BodyAgreed(AGREED.body_hash, ()), {})
    assert receipt(5, [], [], has_agreement=True).word is ReceiptWord.AGREED


def test_an_agreement_survives_the_way_to_a_body_and_back() -> None:
    """And an entry of another kind is none."""
    entry = citation(0, Kind.AGREEMENT, agreement_body(AGREED)).entry
    assert read_agreement(entry) == AGREED
    with pytest.raises(EntryMalformed, match=r"\(at kind\)"):
        read_agreement(citation(0, Kind.STATEMENT, agreement_body(AGREED)).entry)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {0: bytes(31), 1: [bytes(A)]},
        {0: bytes(32), 1: [bytes(B), bytes(A)]},
        {0: bytes(32), 1: [bytes(A), bytes(A)]},
        {0: bytes(32), 1: [bytes(15)]},
        {0: bytes(32), 1: ["a"]},
        {0: bytes(32), 1: [], 2: 0},
    ],
)
def test_what_is_no_agreement_is_refused(fields: dict[int, Value]) -> None:
    """Names in order, each once."""
    with pytest.raises(EntryMalformed, match=r"\(at body\)"):
        read_agreement(citation(0, Kind.AGREEMENT, encode(fields)).entry)


def test_a_policy_says_who_must_hold() -> None:
    """By the largest size each has cosigned."""
    keeper = next(iter(keepers_of("a", "b").values()))
    policy = read_policy(keeper.policy().encode())
    assert is_held(5, {"a": 6, "b": 9}, policy)
    assert not is_held(6, {"a": 6, "b": 9}, policy)
    assert not is_held(5, {"a": 6}, policy)
