"""What both sides hold of a call request follows from the entries, in whatever order they came."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from parley.crisis.calls.bodies import (
    CallAnswer,
    CallAnswerKind,
    CallAsked,
    CallMode,
    CallWithdrawal,
    Interpreter,
    answer_body,
    commitment_body,
    key_body,
    read_answer,
    read_request,
    read_withdrawal,
    request_body,
    withdrawal_body,
    words_body,
)
from parley.crisis.calls.identity_code import DeviceKey, commitment_of, identity_code
from parley.crisis.calls.machine import CallState
from parley.crisis.calls.matter import CallBreach, CallMatter, work_out
from parley.crisis.formal import FormalEntry
from parley.crisis.offices import Capacity
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, entry_hash, read_body, write_entry
from parley.record.kinds import Kind

ASKER, ASKED = PartyId(b"a" * 16), PartyId(b"b" * 16)
SPACE = SpaceId(b"s" * 16)
START_MS = 1_800_000_000_000
HOUR_MS = 3_600_000
WANTED = CallAsked(
    asker="Minister",
    asked="Minister",
    level="minister",
    subject="The incident of 3 May",
    earliest_ms=START_MS + HOUR_MS,
    latest_ms=START_MS + 30 * HOUR_MS,
    mode=CallMode.VOICE,
    languages=("uz", "ru"),
    interpreter=Interpreter.BOTH,
)
ACCEPT = CallAnswer(kind=CallAnswerKind.ACCEPT, earliest_ms=START_MS + 2 * HOUR_MS)
ASKER_KEY = DeviceKey(b"k" * 32, b"1" * 16)
ASKED_KEY = DeviceKey(b"l" * 32, b"2" * 16)


def test_the_limit_runs_from_the_request_and_passes_without_an_answer() -> None:
    """48 hours unless another limit was agreed on; silence is shown and answers nothing."""
    matter = worked([])
    assert matter.due_ms == START_MS + 48 * HOUR_MS
    assert not matter.is_overdue(matter.due_ms)
    assert matter.is_overdue(matter.due_ms + 1)
    assert (matter.state, matter.turn) == (CallState.ASKED, ASKED)


def test_other_time_is_answered_by_the_side_that_asked() -> None:
    """The chain goes back and forth; each offer has its own limit."""
    first = request()
    other = CallAnswer(
        kind=CallAnswerKind.OTHER_TIME,
        earliest_ms=START_MS + 40 * HOUR_MS,
        latest_ms=START_MS + 41 * HOUR_MS,
    )
    offer = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(other), at_h=5)
    matter = work_out(first, [offer], [ASKER, ASKED])
    assert (matter.state, matter.turn) == (CallState.TIME_OFFERED, ASKER)
    assert matter.due_ms == START_MS + 53 * HOUR_MS
    taken = replace(ACCEPT, earliest_ms=START_MS + 40 * HOUR_MS)
    accepted = said(ASKER, Kind.CALL_ANSWER, [first, offer], answer_body(taken), at_h=6)
    matter = work_out(first, [accepted, offer], [ASKER, ASKED])
    assert (matter.state, matter.turn) == (CallState.ACCEPTED, None)
    assert matter.begins_ms == START_MS + 40 * HOUR_MS
    assert not matter.is_overdue(START_MS + 999 * HOUR_MS)


def test_what_no_passkey_signed_answers_and_withdraws_nothing() -> None:
    """A node alone binds nobody; the signed answer after it counts. The request itself stands."""
    first = replace(request(), is_signed=False)
    alone = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=1, place=1)
    alone = replace(alone, is_signed=False)
    taken = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=2, place=2)
    given_up = said(ASKER, Kind.CALL_WITHDRAWAL, [first], words_body(None), at_h=3, place=1)
    given_up = replace(given_up, is_signed=False)
    nobody = structs.replace(taken.entry, actor=None)

    waiting = work_out(first, [alone, replace(taken, entry=nobody)], [ASKER, ASKED])
    matter = work_out(first, [alone, taken, given_up], [ASKER, ASKED])

    assert (waiting.state, waiting.turn) == (CallState.ASKED, ASKED)
    assert (matter.state, [each.hash for each in matter.turns]) == (
        CallState.ACCEPTED,
        [taken.hash],
    )
    unsigned = {first.hash, alone.hash, given_up.hash}
    assert set(matter.breaches) == {(CallBreach.UNSIGNED, each) for each in unsigned}
    signed = replace(given_up, is_signed=True)
    assert work_out(first, [taken, signed], [ASKER, ASKED]).state is CallState.WITHDRAWN


def test_who_speaks_already_cannot_give_the_call_up() -> None:
    """A withdrawal after one's own start is named and changes nothing; the other's counts."""
    first = request(replace(WANTED, mode=CallMode.TEXT))
    taken = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=1, place=1)
    started = said(ASKED, Kind.CALL_START, [first], words_body(None), at_h=2, place=2)
    late = said(ASKED, Kind.CALL_WITHDRAWAL, [first], words_body(None), at_h=3, place=3)
    theirs = said(ASKER, Kind.CALL_WITHDRAWAL, [first], words_body(None), at_h=3, place=1)

    matter = work_out(first, [taken, started, late], [ASKER, ASKED])
    given_up = work_out(first, [taken, started, theirs], [ASKER, ASKED])

    assert (matter.state, matter.speaking) == (CallState.ACCEPTED, (ASKED,))
    assert matter.breaches == ((CallBreach.OUT_OF_ORDER, late.hash),)
    assert (given_up.state, given_up.breaches) == (CallState.WITHDRAWN, ())


def test_another_level_stands_until_it_is_answered() -> None:
    """The window stays as it was asked."""
    first = request()
    named = CallAnswer(kind=CallAnswerKind.OTHER_LEVEL, level="deputy minister")
    offer = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(named), at_h=1)
    matter = work_out(first, [offer], [ASKER, ASKED])
    assert (matter.state, matter.level) == (CallState.LEVEL_NAMED, "deputy minister")
    assert (matter.earliest_ms, matter.latest_ms) == (WANTED.earliest_ms, WANTED.latest_ms)


def test_still_deciding_moves_the_limit_twice_and_never_for_long() -> None:
    """A hold names its instant; a third is named a breach and changes nothing."""
    first = request()
    holds = [
        said(ASKED, Kind.CALL_ANSWER, [first], answer_body(deciding(until)), at_h=at, place=at)
        for at, until in ((10, 60), (20, 9_999), (30, 70))
    ]
    one = work_out(first, holds[:1], [ASKER, ASKED])
    assert (one.state, one.due_ms) == (CallState.HELD, START_MS + 58 * HOUR_MS)
    assert one.awaited == (first.hash, holds[0].hash)
    all_three = work_out(first, holds, [ASKER, ASKED])
    assert all_three.due_ms == START_MS + 68 * HOUR_MS
    assert all_three.breaches == ((CallBreach.HELD_TOO_OFTEN, holds[2].hash),)
    declined = said(
        ASKED,
        Kind.CALL_ANSWER,
        [first],
        answer_body(CallAnswer(kind=CallAnswerKind.DECLINE)),
        at_h=40,
        place=40,
    )
    assert work_out(first, [*holds, declined], [ASKER, ASKED]).state is CallState.DECLINED


def test_only_the_side_whose_turn_it_is_answers_and_its_first_word_counts() -> None:
    """The asker cannot accept its own request; a second answer changes nothing."""
    first = request()
    own = said(ASKER, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=1)
    assert work_out(first, [own], [ASKER, ASKED]).state is CallState.ASKED
    yes = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=2, place=2)
    decline = answer_body(CallAnswer(kind=CallAnswerKind.DECLINE))
    no = said(ASKED, Kind.CALL_ANSWER, [first], decline, at_h=1, place=3)
    assert work_out(first, [no, yes], [ASKER, ASKED]).state is CallState.ACCEPTED


def test_a_withdrawal_that_crosses_an_acceptance_leaves_it_withdrawn_on_both_sides() -> None:
    """Neither side had seen the other's word."""
    first = request()
    yes = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=2)
    no = said(ASKER, Kind.CALL_WITHDRAWAL, [first], words_body(None), at_h=1)
    for others in ([yes, no], [no, yes]):
        assert work_out(first, others, [ASKER, ASKED]).state is CallState.WITHDRAWN


def test_a_call_begins_when_both_have_read_the_code_and_ends_when_one_says_so() -> None:
    """One side alone has not begun it."""
    first, chain = exchanged()
    code = identity_code(first.hash, ASKER_KEY, ASKED_KEY)
    matter = work_out(first, chain, [ASKER, ASKED])
    assert matter.identity.code == code
    one = said(ASKER, Kind.CALL_START, [first], words_body(code), at_h=4, place=8)
    assert work_out(first, [*chain, one], [ASKER, ASKED]).state is CallState.ACCEPTED
    two = said(ASKED, Kind.CALL_START, [first], words_body(code), at_h=5, place=8)
    begun = work_out(first, [two, *chain, one], [ASKER, ASKED])
    assert (begun.state, begun.started_ms) == (CallState.STARTED, START_MS + 5 * HOUR_MS)
    ended = said(ASKED, Kind.CALL_END, [first], words_body(None), at_h=6, place=9)
    over = work_out(first, [ended, two, *chain, one], [ASKER, ASKED])
    assert (over.state, over.ended_ms) == (CallState.ENDED, START_MS + 6 * HOUR_MS)


def test_a_wrong_code_begins_nothing_and_is_named() -> None:
    """Somebody read what their screen did not show, or there is somebody between."""
    first, chain = exchanged()
    wrong = said(ASKER, Kind.CALL_START, [first], words_body("000000"), at_h=4, place=8)
    matter = work_out(first, [*chain, wrong], [ASKER, ASKED])
    assert matter.state is CallState.ACCEPTED
    assert matter.breaches == ((CallBreach.WRONG_CODE, wrong.hash),)


def test_who_heard_another_code_has_not_begun_until_a_new_exchange() -> None:
    """Their own start after it counts for nothing; what they heard is shown, to both alike."""
    first, chain = exchanged()
    code = identity_code(first.hash, ASKER_KEY, ASKED_KEY)
    heard = said(
        ASKED, Kind.CALL_MISMATCH, [first, chain[1]], words_body("123456"), at_h=4, place=7
    )
    starts = [
        said(party, Kind.CALL_START, [first], words_body(code), at_h=5, place=8)
        for party in (ASKER, ASKED)
    ]
    matter = work_out(first, [*chain, heard, *starts], [ASKER, ASKED])
    assert (matter.state, matter.speaking) == (CallState.ACCEPTED, (ASKER,))
    (told,) = matter.mismatches
    assert (told.party, told.heard, told.commitment) == (ASKED, "123456", chain[1].hash)
    assert work_out(first, [*chain, *starts], [ASKER, ASKED]).state is CallState.STARTED


def test_a_key_that_was_not_committed_to_gives_no_code() -> None:
    """The asker saw the other key first and chose another: that is what commitments are for."""
    first, chain = exchanged(shown=replace(ASKER_KEY, nonce=b"9" * 16))
    matter = work_out(first, chain, [ASKER, ASKED])
    assert matter.identity.code is None
    assert [breach for breach, _ in matter.breaches] == [CallBreach.COMMITMENT_BROKEN]


def test_a_key_that_does_not_quote_the_commitment_is_passed_over() -> None:
    """It might have been chosen before: the order is in the entries, not in the clocks."""
    first, chain = exchanged()
    loose = [replace(e, entry=structs.replace(e.entry, refs=(first.hash,))) for e in chain[2:]]
    assert work_out(first, [*chain[:2], *loose], [ASKER, ASKED]).identity.asked_key is None


def test_a_call_in_writing_begins_without_a_code() -> None:
    """There is nothing to read aloud."""
    first = request(replace(WANTED, mode=CallMode.TEXT))
    yes = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=2)
    starts = [
        said(party, Kind.CALL_START, [first], words_body(None), at_h=3, place=3)
        for party in (ASKER, ASKED)
    ]
    assert work_out(first, [yes, *starts], [ASKER, ASKED]).state is CallState.STARTED


@pytest.mark.parametrize(
    "answer",
    [
        CallAnswer(kind=CallAnswerKind.ACCEPT),
        CallAnswer(kind=CallAnswerKind.DECLINE, level="x"),
        CallAnswer(kind=CallAnswerKind.OTHER_TIME, earliest_ms=5, latest_ms=4),
        CallAnswer(kind=CallAnswerKind.DECIDING, earliest_ms=5),
    ],
)
def test_an_answer_without_what_it_needs_is_malformed(answer: CallAnswer) -> None:
    """Or with what belongs to another; it is named and counts for nothing."""
    first = request()
    made = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(answer), at_h=1)
    with pytest.raises(EntryMalformed):
        read_answer(made.entry)
    matter = work_out(first, [made], [ASKER, ASKED])
    assert (matter.state, matter.breaches) == (
        CallState.ASKED,
        ((CallBreach.MALFORMED, made.hash),),
    )


def test_what_was_written_is_read_back() -> None:
    """Requests and answers of every kind."""
    assert read_request(request().entry) == WANTED
    for answer in (ACCEPT, deciding(9), CallAnswer(kind=CallAnswerKind.DECLINE, reason="—")):
        made = said(ASKED, Kind.CALL_ANSWER, [], answer_body(answer), at_h=1)
        assert read_answer(made.entry) == answer


@settings(max_examples=40)
@given(st.data())
def test_any_entries_in_any_order_come_to_the_same(chosen: st.DataObject) -> None:
    """Both sides agree on everything they hold in common, and nothing raises."""
    first, chain = exchanged()
    code = identity_code(first.hash, ASKER_KEY, ASKED_KEY)
    bodies = [words_body(None), words_body(code), answer_body(ACCEPT), encode({0: []}), b"\x00"]
    made = [*chain]
    for place in range(chosen.draw(st.integers(min_value=0, max_value=6))):
        kind = chosen.draw(st.sampled_from(_KINDS))
        party = chosen.draw(st.sampled_from([ASKER, ASKED]))
        about = [first, chosen.draw(st.sampled_from(chain))]
        body = chosen.draw(st.sampled_from(bodies))
        made.append(said(party, kind, about, body, at_h=place, place=20 + place))
    shuffled = [*made]
    random.Random(chosen.draw(st.integers())).shuffle(shuffled)  # noqa: S311  order, no secret
    assert work_out(first, made, [ASKER, ASKED]) == work_out(first, shuffled, [ASKED, ASKER])


_KINDS = [
    Kind.CALL_ANSWER,
    Kind.CALL_WITHDRAWAL,
    Kind.CALL_COMMITMENT,
    Kind.CALL_KEY,
    Kind.CALL_START,
    Kind.CALL_END,
    Kind.CALL_MISMATCH,
]


def exchanged(shown: DeviceKey = ASKER_KEY) -> tuple[FormalEntry, list[FormalEntry]]:
    """Return a request, and the entries up to the code: accepted, committed, shown, shown."""
    first = request()
    yes = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=2, place=1)
    commitment = commitment_of(first.hash, ASKER_KEY)
    began = said(ASKER, Kind.CALL_COMMITMENT, [first], commitment_body(commitment), at_h=3, place=2)
    theirs = said(ASKED, Kind.CALL_KEY, [first, began], key_body(ASKED_KEY), at_h=3, place=3)
    ours = said(ASKER, Kind.CALL_KEY, [first, theirs], key_body(shown), at_h=3, place=4)
    return first, [yes, began, theirs, ours]


def deciding(until_h: int) -> CallAnswer:
    """Return a hold until some hours after the request."""
    return CallAnswer(kind=CallAnswerKind.DECIDING, until_ms=START_MS + until_h * HOUR_MS)


def worked(others: list[FormalEntry]) -> CallMatter:
    """Return what a request comes to with some entries."""
    return work_out(request(), others, [ASKER, ASKED])


def test_the_mark_of_an_exercise_is_inside_what_is_signed() -> None:
    """It is a key of the body, and no request without it can be read as one."""
    drill = replace(WANTED, is_exercise=True)
    assert read_request(request(drill).entry) == drill
    assert read_request(request(WANTED).entry) == WANTED
    body = {**read_body(request(drill).entry), 10: False}
    with pytest.raises(EntryMalformed):
        read_request(structs.replace(request(drill).entry, body=encode(body)))


@pytest.mark.parametrize("capacity", [*Capacity, None])
def test_who_asks_answers_or_gives_up_says_in_which_office(capacity: Capacity | None) -> None:
    """A releaser may; another's request stands and is named, what another says has no effect."""
    first = request(replace(WANTED, capacity=capacity))
    taken = answer_body(replace(ACCEPT, capacity=capacity))
    yes = said(ASKED, Kind.CALL_ANSWER, [first], taken, at_h=1)
    given_up = withdrawal_body(CallWithdrawal("No.", capacity))
    no = said(ASKER, Kind.CALL_WITHDRAWAL, [first], given_up, at_h=2, place=2)
    answered, ended = (work_out(first, others, [ASKER, ASKED]) for others in ([yes], [no]))
    assert answered.asked.capacity is capacity
    may = capacity in {Capacity.RELEASER, None}
    assert [each.answer.capacity for each in answered.turns] == ([capacity] if may else [])
    assert answered.state is (CallState.ACCEPTED if may else CallState.ASKED)
    assert ended.state is (CallState.WITHDRAWN if may else CallState.ASKED)
    assert ended.withdrawn_as is (capacity if may else None)
    wrong = {each.hash for each in (first, yes)}, {each.hash for each in (first, no)}
    for matter, hashes in zip((answered, ended), wrong, strict=True):
        found = {digest for breach, digest in matter.breaches if breach is CallBreach.WRONG_OFFICE}
        assert found == (set() if may else hashes)


@pytest.mark.parametrize("office", ["head", "", 1, None])
def test_what_is_no_office_makes_no_entry_about_a_call(office: Value) -> None:
    """Nothing is guessed: it cannot be read."""
    bodies: dict[Kind, tuple[bytes, int, Callable[[Entry], object]]] = {
        Kind.CALL_REQUEST: (request_body(WANTED), 11, read_request),
        Kind.CALL_ANSWER: (answer_body(ACCEPT), 6, read_answer),
        Kind.CALL_WITHDRAWAL: (words_body(None), 1, read_withdrawal),
    }
    for kind, (body, key, read) in bodies.items():
        made = said(ASKER, kind, [], body, at_h=0)
        fields = {**read_body(made.entry), key: office}
        read(made.entry)
        with pytest.raises(EntryMalformed):
            read(structs.replace(made.entry, body=encode(fields)))


def test_a_withdrawal_that_cannot_be_read_takes_nothing_back() -> None:
    """Neither the request nor a start that comes after it; it is named."""
    first = request()
    yes = said(ASKED, Kind.CALL_ANSWER, [first], answer_body(ACCEPT), at_h=1)
    poison = said(ASKER, Kind.CALL_WITHDRAWAL, [first], encode({0: 5}), at_h=3, place=3)
    matter = work_out(first, [yes, poison], [ASKER, ASKED])
    assert matter.state is CallState.ACCEPTED
    assert (CallBreach.MALFORMED, poison.hash) in matter.breaches


def request(asked: CallAsked = WANTED) -> FormalEntry:
    """Return the first entry."""
    return said(ASKER, Kind.CALL_REQUEST, [], request_body(asked), at_h=0, place=0)


def said(
    party: PartyId,
    kind: Kind,
    about: list[FormalEntry],
    body: bytes,
    *,
    at_h: int,
    place: int = 1,
) -> FormalEntry:
    """Return an entry as a log has it."""
    entry = Entry(
        space=SPACE,
        author=party,
        kind=kind,
        time_ms=START_MS + at_h * HOUR_MS,
        refs=tuple(dict.fromkeys(each.hash for each in about)),
        actor=ActorId(b"p" * 16),
        body=body,
    )
    return FormalEntry(entry_hash(write_entry(entry)), entry, 0, place, is_signed=True)
