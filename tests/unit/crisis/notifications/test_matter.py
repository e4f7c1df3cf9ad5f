"""What both sides hold of a notification follows from the entries, in whatever order they came."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from parley.crisis.formal import FormalEntry
from parley.crisis.notifications.bodies import (
    NotificationSaid,
    notification_body,
    read_notification,
    read_words,
    words_body,
)
from parley.crisis.notifications.check import instant_ms
from parley.crisis.notifications.definition import read_type
from parley.crisis.notifications.form import read_form, write_form
from parley.crisis.notifications.machine import NotificationState, QueryState
from parley.crisis.notifications.matter import (
    OFFICES,
    Breach,
    FoundBreach,
    NotificationMatter,
    QueryAnswer,
    work_out,
)
from parley.crisis.notifications.starter import starter_type
from parley.crisis.offices import Capacity
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, entry_hash, read_body, write_entry
from parley.record.kinds import Kind

OURS, THEIRS = PartyId(b"o" * 16), PartyId(b"t" * 16)
SPACE = SpaceId(b"s" * 16)
PERSON, SECOND = ActorId(b"p" * 16), ActorId(b"q" * 16)
LAUNCH = read_type(starter_type("launch-or-test"))
SENT_MS = instant_ms("2027-01-30T10:00:00Z") or 0
HOUR_MS = 3_600_000
FORM = write_form(
    {
        "kind": "missile_test",
        "notice": "planned",
        "window": {"begins": "2027-02-01T10:00:00Z", "ends": "2027-02-01T14:00:00Z"},
        "areas": [
            {"centre": {"latitude": 41.3, "longitude": 69.2}, "radius": {"value": 4, "unit": "km"}}
        ],
    }
)


def test_it_is_provided_when_the_other_node_says_so_and_late_by_that() -> None:
    """Sent 48 hours before the window, received 12 minutes later: 72 were to be left."""
    first = notification()
    assert work_out(first, [], LAUNCH).state(SENT_MS) is NotificationState.SENT

    matter = work_out(first, [receipt(first, SENT_MS + 720_000)], LAUNCH)

    assert matter.provided_ms == SENT_MS + 720_000
    assert matter.late_ms == 24 * HOUR_MS + 720_000
    assert matter.state(SENT_MS + 720_000) is NotificationState.PROVIDED
    assert matter.state(SENT_MS + 48 * HOUR_MS) is NotificationState.EFFECTIVE
    assert matter.breaches == ()
    assert matter.findings == ()


def test_a_cancellation_that_crosses_the_receipt_leaves_the_same_on_both_sides() -> None:
    """One log says cancelled, the other received; neither had seen the other."""
    first = notification()
    cancelled = ours(Kind.CANCELLATION, [first], words_body(""), at_ms=SENT_MS + 1_000)
    received = receipt(first, SENT_MS + 2_000)
    there = work_out(first, [received, cancelled], LAUNCH)
    assert there == work_out(first, [cancelled, received], LAUNCH)
    assert there.state(SENT_MS + 3_000) is NotificationState.CANCELLED
    assert there.provided_ms == SENT_MS + 2_000


def test_a_correction_closes_what_it_corrects_and_stands_itself() -> None:
    """Both remain; the first says by which it was corrected."""
    first = notification()
    second = notification(number=2, corrects=first)
    found = work_out(first, [second, receipt(first, SENT_MS)], LAUNCH)
    assert found.state(SENT_MS + 1) is NotificationState.CORRECTED
    assert found.acts[-1].hash == second.hash
    assert work_out(second, [], LAUNCH).state(SENT_MS + 1) is NotificationState.SENT


def test_a_query_is_overdue_after_the_types_limit_and_answered_however_late() -> None:
    """12 hours for a launch, from when it was asked."""
    first = notification()
    asked = theirs(Kind.QUERY, [first], words_body("Which azimuth?"), at_ms=SENT_MS)
    answer = ours(
        Kind.CLARIFICATION, [first, asked], words_body("90 degrees."), at_ms=SENT_MS + 13 * HOUR_MS
    )
    (unknown,) = work_out(first, [asked], None, 5).queries
    assert unknown.due_ms == SENT_MS + 5 * HOUR_MS
    (open_query,) = work_out(first, [asked], LAUNCH).queries
    assert open_query.due_ms == SENT_MS + 12 * HOUR_MS
    assert open_query.state(open_query.due_ms) is QueryState.QUERIED
    assert open_query.state(open_query.due_ms + 1) is QueryState.OVERDUE
    (answered,) = work_out(first, [answer, asked], LAUNCH).queries
    assert answered.state(SENT_MS + 99 * HOUR_MS) is QueryState.CLARIFIED
    assert answered.answers == (QueryAnswer(SENT_MS + 13 * HOUR_MS, "90 degrees."),)


def test_what_is_not_a_partys_to_do_is_named_and_has_no_effect() -> None:
    """The other party cancels ours, answers for us; we say ourselves that they received it."""
    first = notification()
    foreign = theirs(Kind.CANCELLATION, [first], words_body("no"), at_ms=SENT_MS + 1)
    own_receipt = ours(Kind.RECEIPT, [first], encode({0: SENT_MS}), at_ms=SENT_MS + 1)
    asked = theirs(Kind.QUERY, [first], words_body("?"), at_ms=SENT_MS + 2)
    for_us = theirs(Kind.CLARIFICATION, [first, asked], words_body("!"), at_ms=SENT_MS + 3)
    matter = work_out(first, [foreign, own_receipt, asked, for_us], LAUNCH)
    assert matter.state(SENT_MS + 9) is NotificationState.SENT
    assert matter.queries[0].answers == ()
    assert {(each.breach, each.hash) for each in matter.breaches} == {
        (Breach.NOT_THEIRS, foreign.hash),
        (Breach.NOT_THEIRS, own_receipt.hash),
    }


@pytest.mark.parametrize(
    ("breach", "changes"),
    [
        (Breach.ONE_PERSON, {"verifier": PERSON}),
        (Breach.WRONG_YEAR, {"year": 2026}),
        (Breach.TYPE_NOT_AGREED, {"type_version": 2}),
        (Breach.FORM_UNREADABLE, {"form": b'{"kind": NaN}'}),
    ],
)
def test_what_is_wrong_with_a_notification_is_shown_beside_it(
    breach: Breach, changes: dict[str, object]
) -> None:
    """It is received and stands all the same: it is evidence."""
    first = notification(changes=changes)
    matter = work_out(first, [receipt(first, SENT_MS)], LAUNCH)
    assert (breach, first.hash) in [(each.breach, each.hash) for each in matter.breaches]
    assert matter.provided_ms == SENT_MS


def test_a_form_that_breaks_its_type_is_shown_with_its_findings() -> None:
    """The receiving side finds what the author's node should have."""
    wrong = write_form({**read_form(FORM), "kind": "party"})
    matter = work_out(notification(changes={"form": wrong}), [], LAUNCH)
    assert [each.field for each in matter.findings] == ["/kind"]
    assert matter.breaches == ()


def test_a_type_nobody_agreed_to_gives_no_lateness() -> None:
    """Its rules bind nobody; it is shown, received, and named."""
    first = notification()
    matter = work_out(first, [receipt(first, SENT_MS)], None)
    assert matter.late_ms is None
    assert matter.state(SENT_MS) is NotificationState.EFFECTIVE
    assert [each.breach for each in matter.breaches] == [Breach.TYPE_NOT_AGREED]


def test_two_receipts_that_differ_and_one_before_the_sending_are_named() -> None:
    """The first counts; lying about a receipt shows."""
    first = notification()
    early = receipt(first, SENT_MS - HOUR_MS)
    again = receipt(first, SENT_MS, place=2)
    matter = work_out(first, [again, early], LAUNCH)
    assert matter.provided_ms == SENT_MS - HOUR_MS
    assert [(each.breach, each.hash) for each in matter.breaches] == [
        (Breach.RECEIPT_TOO_EARLY, early.hash),
        (Breach.SECOND_RECEIPT, again.hash),
    ]


def test_an_act_after_the_end_is_out_of_order_and_unreadable_ones_are_malformed() -> None:
    """Poison about one notification changes nothing and stops nothing."""
    first = notification()
    received = receipt(first, SENT_MS)
    closed = ours(Kind.CONCLUSION, [first], words_body("done"), at_ms=SENT_MS + 5, place=5)
    late = ours(Kind.CANCELLATION, [first], words_body(""), at_ms=SENT_MS + 6, place=6)
    poison = ours(Kind.CANCELLATION, [first], encode({0: 7}), at_ms=SENT_MS + 1, place=3)
    nobody = replace(
        closed,
        hash=b"n" * 32,
        place=4,
        entry=structs.replace(closed.entry, actor=None, time_ms=SENT_MS),
    )
    matter = work_out(first, [late, nobody, closed, poison, received], LAUNCH)
    assert matter.state(SENT_MS + 9) is NotificationState.CLOSED
    assert {(each.breach, each.hash) for each in matter.breaches} == {
        (Breach.OUT_OF_ORDER, late.hash),
        (Breach.MALFORMED, poison.hash),
        (Breach.NOBODY, nobody.hash),
    }


@pytest.mark.parametrize("kind", [Kind.CANCELLATION, Kind.CONCLUSION])
def test_what_no_passkey_signed_ends_nothing(kind: Kind) -> None:
    """A node alone binds nobody; the notification itself stands, and is named."""
    first = replace(notification(), is_signed=False)
    received = receipt(first, SENT_MS)
    alone = ours(kind, [first], words_body("why"), at_ms=SENT_MS + 5, place=5)
    alone = replace(alone, is_signed=False)
    matter = work_out(first, [received, alone], LAUNCH)
    assert matter.state(SENT_MS + 9) is NotificationState.PROVIDED
    assert {(each.breach, each.hash) for each in matter.breaches} == {
        (Breach.UNSIGNED, first.hash),
        (Breach.UNSIGNED, alone.hash),
    }


def test_a_clarification_counts_when_a_passkey_signed_it() -> None:
    """Of four answers one counts: not the unsigned, not nobody's, not the unreadable."""
    first = notification()
    asked = theirs(Kind.QUERY, [first], words_body("?"), at_ms=SENT_MS, place=1)

    def told(words: bytes, place: int) -> FormalEntry:
        return ours(Kind.CLARIFICATION, [first, asked], words, at_ms=SENT_MS + place, place=place)

    alone = replace(told(words_body("alone"), 2), is_signed=False)
    signed = told(words_body("signed"), 3)
    poison = told(b"\xff", 4)
    nobody = told(words_body("nobody"), 5)
    nobody = replace(nobody, entry=structs.replace(nobody.entry, actor=None))
    matter = work_out(first, [asked, alone, signed, poison, nobody], LAUNCH)
    assert matter.queries[0].answers == (QueryAnswer(SENT_MS + 3, "signed"),)
    assert {(each.breach, each.hash) for each in matter.breaches} == {
        (Breach.UNSIGNED, alone.hash),
        (Breach.MALFORMED, poison.hash),
        (Breach.NOBODY, nobody.hash),
    }


@pytest.mark.parametrize(
    ("kind", "offices"),
    [(kind, offices) for kind, offices in OFFICES.items() if kind != Kind.QUERY],
)
def test_what_its_author_says_counts_in_the_offices_that_may_say_it(
    kind: Kind, offices: frozenset[Capacity]
) -> None:
    """Another office has no effect and is named; what does not say its office counts as before."""
    first = notification()
    asked = theirs(Kind.QUERY, [first], words_body("?"), at_ms=SENT_MS, place=1)
    for capacity in (*Capacity, None):
        body, refs = words_body("why", capacity), [first]
        if kind == Kind.CLARIFICATION:
            refs = [first, asked]
        said = ours(kind, refs, body, at_ms=SENT_MS + 5, place=5)
        if kind == Kind.NOTIFICATION:
            said = notification(corrects=first, number=5, changes={"capacity": capacity})
        matter = work_out(first, [receipt(first, SENT_MS), asked, said], LAUNCH)
        said_as = [each.capacity for each in matter.queries[0].answers]
        said_as += [each.capacity for each in matter.acts]
        is_theirs = capacity is None or capacity in offices
        assert said_as == ([capacity] if is_theirs else [])
        wrong = FoundBreach(Breach.WRONG_OFFICE, said.hash)
        assert (wrong in matter.breaches) is not is_theirs


def test_a_notification_and_a_query_say_in_which_office() -> None:
    """A translator's notification stands and is a breach; a translator's query has no effect."""
    for capacity in (*Capacity, None):
        first = notification(changes={"capacity": capacity})
        asked = theirs(Kind.QUERY, [first], words_body("?", capacity), at_ms=SENT_MS, place=1)
        matter = work_out(first, [asked], LAUNCH)
        is_wrong = capacity is Capacity.TRANSLATOR
        assert matter.said.capacity is capacity
        assert [each.capacity for each in matter.queries] == ([] if is_wrong else [capacity])
        wrong = [(each.breach, each.hash) for each in matter.breaches]
        assert ((Breach.WRONG_OFFICE, first.hash) in wrong) is is_wrong
        assert ((Breach.WRONG_OFFICE, asked.hash) in wrong) is is_wrong


@pytest.mark.parametrize("office", ["head", "", 1, None])
def test_what_is_no_office_makes_no_notification_and_no_words(office: Value) -> None:
    """Nothing is guessed: it cannot be read."""
    with pytest.raises(EntryMalformed):
        read_notification(
            ours(
                Kind.NOTIFICATION,
                [],
                encode({**read_body(notification().entry), 10: office}),
                at_ms=SENT_MS,
            ).entry
        )
    with pytest.raises(EntryMalformed):
        read_words(ours(Kind.QUERY, [], encode({0: "?", 1: office}), at_ms=SENT_MS).entry)


def test_an_entry_that_is_no_notification_is_refused() -> None:
    """Without its first entry there is no matter."""
    first = notification()
    broken = replace(first, entry=structs.replace(first.entry, body=encode({0: 1})))
    with pytest.raises(EntryMalformed):
        work_out(broken, [], LAUNCH)


@settings(max_examples=40)
@given(st.data())
def test_any_entries_in_any_order_come_to_the_same(chosen: st.DataObject) -> None:
    """Both sides agree on everything they hold in common, and nothing raises."""
    first = notification()
    asked = theirs(Kind.QUERY, [first], words_body("?"), at_ms=SENT_MS, place=50)
    made = [asked]
    count = chosen.draw(st.integers(min_value=0, max_value=7))
    for place in range(count):
        kind = chosen.draw(st.sampled_from(_KINDS))
        who = chosen.draw(st.sampled_from([ours, theirs]))
        at_ms = SENT_MS + chosen.draw(st.integers(min_value=-(10**9), max_value=10**9))
        body = chosen.draw(st.sampled_from([words_body("w"), encode({0: at_ms}), b"\xff"]))
        is_signed = chosen.draw(st.booleans())
        each = who(kind, [first, asked], body, at_ms=at_ms, place=place)
        made.append(replace(each, is_signed=is_signed))
    shuffled = [*made]
    random.Random(chosen.draw(st.integers())).shuffle(shuffled)  # noqa: S311  order, no secret

    matter = work_out(first, made, LAUNCH)

    assert matter == work_out(first, shuffled, LAUNCH)
    _check_order(matter)


_KINDS = [
    Kind.RECEIPT,
    Kind.QUERY,
    Kind.CLARIFICATION,
    Kind.CANCELLATION,
    Kind.CONCLUSION,
    Kind.NOTIFICATION,
]


def _check_order(matter: NotificationMatter) -> None:
    """Hold a matter against what is true of every one."""
    for now_ms in (0, SENT_MS, SENT_MS + 10**10):
        state = matter.state(now_ms)
        if state in {NotificationState.PROVIDED, NotificationState.EFFECTIVE}:
            assert matter.provided_ms is not None
        assert (state is NotificationState.CANCELLED) == any(
            each.event == "cancel" for each in matter.acts
        )
    assert len(matter.acts) <= 1


@pytest.mark.parametrize("is_exercise", [False, True])
def test_an_exercise_is_corrected_by_an_exercise_and_the_real_by_the_real(
    is_exercise: bool,  # noqa: FBT001  the case
) -> None:
    """Or a drill would take a real notification out of force, and the other way round."""
    mark = {"is_exercise": is_exercise}
    first = notification(changes=mark)
    fitting = notification(corrects=first, number=2, changes=mark)
    other = notification(corrects=first, number=2, changes={"is_exercise": not is_exercise})
    assert work_out(first, [fitting], None).state(SENT_MS + 1) is NotificationState.CORRECTED
    refused = work_out(first, [other], None)
    assert refused.state(SENT_MS + 1) is NotificationState.SENT
    assert FoundBreach(Breach.OUT_OF_ORDER, other.hash) in refused.breaches


def test_a_mark_that_is_not_true_makes_no_notification() -> None:
    """What is no exercise has no key; false and 1 cannot be read."""
    for mark in (False, 1):
        body = {**read_body(notification().entry), 9: mark}
        with pytest.raises(EntryMalformed):
            read_notification(ours(Kind.NOTIFICATION, [], encode(body), at_ms=SENT_MS).entry)


def notification(
    *,
    corrects: FormalEntry | None = None,
    number: int = 1,
    changes: Mapping[str, object] | None = None,
) -> FormalEntry:
    """Return an entry of ours that makes a notification."""
    said = NotificationSaid(
        type_hash=b"h" * 32,
        type_id="launch-or-test",
        type_version=1,
        year=2027,
        number=number,
        form=FORM,
        drafter=PERSON,
        verifier=SECOND,
        corrects=None if corrects is None else corrects.hash,
    )
    body = notification_body(replace(said, **(changes or {})))  # type: ignore[arg-type]
    refs = [] if corrects is None else [corrects]
    return ours(Kind.NOTIFICATION, refs, body, at_ms=SENT_MS, place=number)


def receipt(about: FormalEntry, at_ms: int, place: int = 1) -> FormalEntry:
    """Return the other node's word that it has an entry."""
    fields: dict[int, Value] = {0: at_ms, 1: 50}
    made = theirs(Kind.RECEIPT, [about], encode(fields), at_ms=max(at_ms, 0), place=place)
    return replace(made, entry=structs.replace(made.entry, actor=None))


def ours(
    kind: Kind, about: list[FormalEntry], body: bytes, *, at_ms: int, place: int = 1
) -> FormalEntry:
    """Return an entry of ours."""
    return said_by(OURS, kind, about, body, at_ms, place)


def theirs(
    kind: Kind, about: list[FormalEntry], body: bytes, *, at_ms: int, place: int = 1
) -> FormalEntry:
    """Return an entry of the other party's."""
    return said_by(THEIRS, kind, about, body, at_ms, place)


def said_by(
    author: PartyId, kind: Kind, about: list[FormalEntry], body: bytes, at_ms: int, place: int
) -> FormalEntry:
    """Return an entry as a log has it."""
    entry = Entry(
        space=SPACE,
        author=author,
        kind=kind,
        time_ms=at_ms,
        refs=tuple(each.hash for each in about),
        actor=PERSON,
        body=body,
    )
    return FormalEntry(entry_hash(write_entry(entry)), entry, 0, place, is_signed=True)
