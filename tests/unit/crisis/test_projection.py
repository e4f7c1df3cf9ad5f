"""What the entries about an alert come to, at both ends, in whichever order they come."""

import random
from collections.abc import Callable
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.crisis.alert import AlertState, ParaphraseState, Standing
from parley.crisis.bodies import (
    Acknowledged,
    Answer,
    AnswerKind,
    Words,
    acknowledged_body,
    answer_body,
    words_body,
)
from parley.crisis.matter import Alert, Breach, BreachKind, MatterEntry
from parley.crisis.offices import Capacity
from parley.crisis.projection import ENTRIES_MAX, ordering, project
from parley.crisis.sentence import sentences
from parley.ids import PartyId
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.testing.desks import Desk, carry, desks_of

S, P = AlertState, ParaphraseState


def test_a_flash_goes_from_release_to_closed_alike_at_both_ends() -> None:
    """Each step is an entry of the party whose step it is."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    assert near.alert(alert).state is S.RELEASED

    carry([near, far])
    assert near.alert(alert).state is S.DELIVERED
    story: tuple[tuple[Callable[[], bytes], AlertState], ...] = (
        (lambda: far.present(alert), S.PRESENTED),
        (lambda: far.acknowledge(alert), S.ACKNOWLEDGED),
        (lambda: far.answer(alert, AnswerKind.HOLD, far.now_ms() + 1), S.HELD),
        (lambda: far.answer(alert), S.ANSWERED),
        (lambda: near.close(alert), S.CLOSING),
        (lambda: far.close(alert), S.CLOSED),
    )
    for act, state in story:
        act()
        carry([near, far])
        assert near.alert(alert).state is far.alert(alert).state is state
    assert near.alert(alert).breaches == far.alert(alert).breaches == ()


def test_what_has_not_arrived_is_not_said_to_have() -> None:
    """Nothing but an entry of the other party takes an alert on."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    assert near.alert(alert).received_ms is None
    assert far.disk.alerts == {}


def test_an_acknowledgement_counts_once_the_person_s_signature_is_there() -> None:
    """Until then it is a breach, and the alert rings on."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.acknowledge(alert, is_signed=False)
    assert far.alert(alert).state is S.DELIVERED
    assert [each.what for each in far.alert(alert).breaches] == ["signed"]

    entries = list(far.disk.matters[alert].values())
    signed = [MatterEntry(e.hash, e.entry, e.epoch, e.place, e.came_ms, True) for e in entries]
    found = project(alert, far.party, near.party, signed)
    assert found is not None
    assert found.state is S.ACKNOWLEDGED
    assert found.breaches == ()


def test_still_deciding_is_said_twice_and_no_more() -> None:
    """The third is a breach, and an answer is still possible."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    for _ in range(3):
        far.answer(alert, AnswerKind.HOLD, far.now_ms() + 1_000)
    assert far.alert(alert).holds == 2
    assert [each.what for each in far.alert(alert).breaches] == ["holds_left"]
    far.answer(alert)
    assert far.alert(alert).state is S.ANSWERED


def test_an_answer_before_the_acknowledgement_is_a_breach() -> None:
    """Somebody with authority reads first."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.answer(alert)
    assert far.alert(alert).answers == ()
    assert far.alert(alert).breaches[0].kind is BreachKind.IMPOSSIBLE


def test_two_officers_at_once_both_count_and_the_first_one_is_shown() -> None:
    """Neither is a fault."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    far.acknowledge(alert)
    carry([near, far])
    assert len(near.alert(alert).acknowledgements) == 2
    assert near.alert(alert).breaches == ()


@pytest.mark.parametrize(
    ("kind", "at_ms", "capacity", "is_signed", "guard"),
    [
        (AnswerKind.DECLINE, None, Capacity.RELEASER, True, None),
        (AnswerKind.DECLINE, None, Capacity.DUTY_OFFICER, True, "binding_office"),
        (AnswerKind.ACCEPT_CALL, None, Capacity.RELEASER, False, "binding_office"),
        (AnswerKind.REPLY, None, Capacity.TRANSLATOR, True, "binding_office"),
        (AnswerKind.NOT_OUR_MATTER, None, Capacity.DUTY_OFFICER, False, None),
        (AnswerKind.NOT_OUR_MATTER, None, Capacity.TRANSLATOR, True, "binding_office"),
        (AnswerKind.HOLD, 1, Capacity.DUTY_OFFICER, False, None),
        (AnswerKind.HOLD, 1, Capacity.TRANSLATOR, True, "watch_office"),
    ],
)
def test_what_binds_a_party_is_a_releaser_s_with_a_key_at_both_ends(
    kind: AnswerKind,
    at_ms: int | None,
    capacity: Capacity,
    is_signed: bool,  # noqa: FBT001
    guard: str | None,
) -> None:
    """A foreign node that lets a duty officer answer for its party has not answered."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    body = answer_body(Answer(kind, capacity, "words", at_ms))
    far.about(alert, Kind.ANSWER, body, is_signed=is_signed)
    ends = [far]
    if is_signed:
        # Desks in memory carry no signature: what has none is judged where it was written.
        carry([near, far])
        ends.append(near)
    for desk in ends:
        found = desk.alert(alert)
        assert len(found.answers) == (guard is None)
        assert [each.what for each in found.breaches] == ([] if guard is None else [guard])


def test_a_translator_acknowledges_nothing_and_takes_nothing_back() -> None:
    """Whoever reads for the party is its duty officer or a releaser; a releaser takes back."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    said = Acknowledged(Capacity.TRANSLATOR, "en", sentences(("en", "ru")), 0)
    far.about(alert, Kind.ACKNOWLEDGEMENT, acknowledged_body(said), has_tip=False)
    near.about(alert, Kind.WITHDRAWAL, words_body(Words(Capacity.DUTY_OFFICER)))
    carry([near, far])
    for desk in (near, far):
        found = desk.alert(alert)
        assert found.state is S.DELIVERED
        assert found.standing is Standing.IN_FORCE
        assert sorted(each.what for each in found.breaches) == ["releasing_office", "watch_office"]


def test_a_paraphrase_is_corrected_said_anew_and_confirmed_alike_at_both_ends() -> None:
    """Each is an entry of the party whose it is; how far the alert has come stays as it is."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    story: tuple[tuple[Callable[[], bytes], ParaphraseState], ...] = (
        (lambda: far.paraphrase(alert, "they ask for help"), P.WAITING),
        (lambda: near.judge(alert, "we ask for nothing"), P.CORRECTED),
        (lambda: far.paraphrase(alert, "they ask for nothing"), P.WAITING),
        (lambda: near.judge(alert), P.CONFIRMED),
    )
    for act, state in story:
        act()
        carry([near, far])
        assert near.alert(alert).paraphrase_state is far.alert(alert).paraphrase_state is state
    first, second = near.alert(alert).paraphrases
    assert (first.said.text, second.said.text) == ("they ask for help", "they ask for nothing")
    assert first.word is not None
    assert second.word is not None
    assert first.word.said.correction == ("en", "we ask for nothing")
    assert second.word.said.correction is None
    assert near.alert(alert).state is S.ACKNOWLEDGED
    assert near.alert(alert).breaches == far.alert(alert).breaches == ()
    assert {first.hash, second.hash} <= near.alert(alert).confirmed
    assert {first.word.hash, second.word.hash} <= far.alert(alert).confirmed


def test_a_paraphrase_may_follow_an_answer_and_a_closing() -> None:
    """It holds up nothing, and nothing is too late for it."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far, Precedence.PRIORITY)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    carry([near, far])
    far.paraphrase(alert)
    carry([near, far])
    near.judge(alert)
    assert near.alert(alert).paraphrase_state is P.CONFIRMED
    assert near.alert(alert).state is S.CLOSED
    assert near.alert(alert).breaches == ()


def _before_it_is_read(near: Desk, far: Desk) -> bytes:
    alert = near.release(far)
    carry([near, far])
    far.paraphrase(alert)
    return alert


def _of_one_s_own(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    near.paraphrase(alert)
    return alert


def _judged_by_whoever_said_it(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    far.paraphrase(alert)
    far.judge(alert)
    return alert


def _judged_by_another_name(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    far.paraphrase(alert)
    carry([near, far])
    near.judge(alert, about=b"\x01" * 32)
    return alert


def _judged_by_a_duty_officer(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    far.paraphrase(alert)
    carry([near, far])
    near.judge(alert, capacity=Capacity.DUTY_OFFICER)
    return alert


def _judged_when_nothing_waits(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    near.judge(alert, "we meant nothing")
    return alert


def _said_while_one_waits(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    far.paraphrase(alert, "one")
    far.paraphrase(alert, "two")
    return alert


def _said_once_it_is_confirmed(near: Desk, far: Desk) -> bytes:
    alert = read_by(near, far)
    far.paraphrase(alert)
    carry([near, far])
    near.judge(alert)
    carry([near, far])
    far.paraphrase(alert)
    return alert


@pytest.mark.parametrize(
    ("story", "what", "state"),
    [
        (_before_it_is_read, "read_before", P.UNSAID),
        (_of_one_s_own, "by_addressee", P.UNSAID),
        (_judged_by_whoever_said_it, "by_author", P.WAITING),
        (_judged_by_another_name, "paraphrase_waits", P.WAITING),
        (_judged_by_a_duty_officer, "releasing_office", P.WAITING),
        (_judged_when_nothing_waits, "unsaid correct", P.UNSAID),
        (_said_while_one_waits, "waiting paraphrase", P.WAITING),
        (_said_once_it_is_confirmed, "confirmed paraphrase", P.CONFIRMED),
    ],
)
def test_a_paraphrase_out_of_turn_is_a_breach_alike_at_both_ends(
    story: Callable[[Desk, Desk], bytes], what: str, state: ParaphraseState
) -> None:
    """It is shown, and has no effect."""
    near, far = desks_of("near", "far")
    alert = story(near, far)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).paraphrase_state is state
        assert [each.what for each in desk.alert(alert).breaches] == [what]


def test_a_paraphrase_without_a_passkey_is_a_breach() -> None:
    """It binds the party that says it."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    far.paraphrase(alert, is_signed=False)
    assert far.alert(alert).paraphrase_state is P.UNSAID
    assert [each.what for each in far.alert(alert).breaches] == ["signed"]


def test_words_of_a_paraphrase_that_could_be_misread_are_shown_as_such() -> None:
    """They count all the same, as an answer's do; a node refuses its own people's."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    far.paraphrase(alert, "one\u202etwo")
    carry([near, far])
    near.judge(alert, "three\u202efour")
    assert [each.kind for each in near.alert(alert).breaches] == [BreachKind.TEXT] * 2
    assert near.alert(alert).paraphrase_state is P.CORRECTED


@pytest.mark.parametrize(
    "body",
    [
        {0: "en", 1: "text", 2: b"\x01" * 32},
        {0: "en", 2: b"\x01" * 32, 4: "releaser"},
        {1: "text", 2: b"\x01" * 32, 4: "releaser"},
        {2: b"\x01" * 31, 4: "releaser"},
        {2: b"\x01" * 32, 4: "admiral"},
        {2: b"\x01" * 32, 3: "more", 4: "releaser"},
    ],
)
def test_a_word_that_is_not_of_the_form_is_a_breach(body: dict[int, Value]) -> None:
    """A correction has a language and a text, or is none."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    far.paraphrase(alert)
    carry([near, far])
    near.about(alert, Kind.PARAPHRASE_WORD, body)
    assert near.alert(alert).paraphrase_state is P.WAITING
    assert [each.kind for each in near.alert(alert).breaches] == [BreachKind.MALFORMED]


def test_nobody_acknowledges_their_own_alert() -> None:
    """Nor is one delivered to its author."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    near.acknowledge(alert)
    near.present(alert)
    assert near.alert(alert).state is S.RELEASED
    assert [each.what for each in near.alert(alert).breaches] == ["by_addressee"] * 2


@pytest.mark.parametrize("is_before", [True, False])
def test_a_withdrawal_and_an_acknowledgement_that_cross_both_remain(is_before: bool) -> None:  # noqa: FBT001
    """Whether or not it had arrived."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    if not is_before:
        carry([near, far])
        far.acknowledge(alert)
    near.withdraw(alert)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).standing is Standing.WITHDRAWN
    assert near.alert(alert).state is (S.DELIVERED if is_before else S.ACKNOWLEDGED)


def test_only_the_author_withdraws_or_replaces() -> None:
    """The other party's withdrawal is a breach."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.withdraw(alert)
    far.release(near, "instead", supersedes=alert)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).standing is Standing.IN_FORCE
        assert [each.what for each in desk.alert(alert).breaches] == ["by_author"] * 2


def test_an_alert_that_takes_the_place_of_another_rings_and_the_other_shows_it() -> None:
    """Both remain, linked."""
    near, far = desks_of("near", "far")
    old = near.release(far, "old")
    new = near.release(far, "new", supersedes=old)
    carry([near, far])
    assert far.alert(old).superseded_by == new
    assert far.alert(old).standing is Standing.SUPERSEDED
    assert far.alert(new).standing is Standing.IN_FORCE
    assert far.disk.rung == [old, new]


def test_an_alert_expires_by_the_clock_of_each_end_and_may_then_be_closed() -> None:
    """The author counts from the release, the other from the arrival."""
    near, far = desks_of("near", "far")
    alert = near.release(far, precedence=Precedence.PRIORITY, given_ms=60_000)
    far.clock.advance(3_600)
    carry([near, far])
    near.clock.advance(60)
    assert near.alert(alert).standing_at(near.now_ms()) is Standing.EXPIRED
    assert far.alert(alert).standing_at(far.now_ms()) is Standing.IN_FORCE
    far.clock.advance(60)
    assert far.alert(alert).standing_at(far.now_ms()) is Standing.EXPIRED
    near.close(alert)
    carry([near, far])
    assert far.alert(alert).state is S.CLOSED
    assert far.alert(alert).breaches == ()


def test_what_is_neither_answered_nor_over_is_not_closed() -> None:
    """Closing it would end a duty that stands."""
    near, far = desks_of("near", "far")
    alert = near.release(far, precedence=Precedence.PRIORITY)
    carry([near, far])
    near.close(alert)
    assert near.alert(alert).state is S.DELIVERED
    assert near.alert(alert).breaches[0].what == "settled"


def test_what_is_no_flash_is_closed_by_its_author_alone() -> None:
    """The other party's closing of it is a breach."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far, Precedence.PRIORITY)
    far.answer(alert)
    carry([near, far])
    far.close(alert)
    assert far.alert(alert).breaches[0].what == "by_author_or_both"
    near.close(alert)
    carry([near, far])
    assert far.alert(alert).state is S.CLOSED


def test_a_closing_that_follows_an_answer_of_a_clock_that_is_ahead_counts() -> None:
    """It refers to the answer, so it comes after it whatever the times say."""
    near, far = desks_of("near", "far")
    far.clock.set_wall(far.clock.now().add(hours=5))
    alert = read_by(near, far, Precedence.PRIORITY)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    carry([near, far])
    assert near.alert(alert).state is far.alert(alert).state is S.CLOSED


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"verifier": None}, "second_person"),
        ({"verifier": "drafter"}, "second_person"),
        ({"parties": (PartyId(bytes(16)),)}, "parties"),
        ({"text": "look\u202eback"}, "turning 4"),
        ({"text": "x" * 1_401}, "too_long 1400"),
    ],
)
def test_a_flash_that_breaks_a_rule_rings_and_shows_it(
    change: dict[str, object], what: str
) -> None:
    """Nothing is dropped because of how it is written."""
    near, far = desks_of("near", "far")
    alert = near.release(far, **change)  # type: ignore[arg-type]
    carry([near, far])
    assert [each.what for each in far.alert(alert).breaches] == [what]
    assert far.disk.rung == [alert]


def test_the_eleventh_flash_of_an_hour_counts_as_immediate_with_a_mark() -> None:
    """It rings all the same, and the next hour begins anew."""
    near, far = desks_of("near", "far")
    alerts = [near.release(far, f"flash {number}") for number in range(11)]
    carry([near, far])
    for desk in (near, far):
        assert [desk.alert(each).is_demoted for each in alerts] == [False] * 10 + [True]
        assert desk.alert(alerts[10]).precedence is Precedence.IMMEDIATE
    near.clock.advance(3_601)
    late = near.release(far, "late")
    assert not near.alert(late).is_demoted


def test_an_exercise_reaches_no_principal_unless_they_asked() -> None:
    """The mark is inside what is signed."""
    near, far = desks_of("near", "far")
    drill = near.release(far, "drill", is_exercise=True)
    asked = near.release(far, "asked", is_exercise=True, reaches_principals=True)
    real = near.release(far, "real")
    carry([near, far])
    assert [far.alert(each).may_reach_principals for each in (drill, asked, real)] == [
        *(False, True, True)
    ]


def test_the_same_alert_to_several_parties_has_one_body_hash() -> None:
    """Whoever was told something else is found out by comparing."""
    near, far, third = desks_of("near", "far", "third")
    parties = tuple(sorted((far.party, third.party)))
    first = near.release(far, "words", parties=parties)
    second = near.release(third, "words", parties=parties)
    other = near.release(third, "other words", parties=parties)
    carry([near, far, third])
    assert far.alert(first).body_hash == third.alert(second).body_hash
    assert far.alert(first).body_hash != third.alert(other).body_hash


@pytest.mark.parametrize("body", [b"", b"\xff", b"\xa0", b"\xa1\x00\x80", b"\x80"])
def test_one_poisoned_entry_never_stands_before_the_next(body: bytes) -> None:
    """Whatever an entry of theirs says, the next one is read as if it had not been there."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    near.say(far.party, Kind.ALERT, body, precedence=Precedence.FLASH)
    for kind in (Kind.ANSWER, Kind.WITHDRAWAL, Kind.CLOSURE, Kind.TRANSLATION, Kind.RECEIPT):
        near.say(far.party, kind, body, (alert,))
    carry([near, far])
    good = near.release(far, "next")
    carry([near, far])
    assert far.alert(good).breaches == ()
    assert len(far.disk.poison) == 1
    assert {each.kind for each in far.alert(alert).breaches} == {BreachKind.MALFORMED}


def test_a_flood_about_one_alert_is_read_up_to_a_bound_and_shown() -> None:
    """What their flood hides is theirs; our own entries count on."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    for _ in range(ENTRIES_MAX + 5):
        near.say(far.party, Kind.CLOSURE, words_body(Words(Capacity.RELEASER)), (alert,))
    carry([near, far])
    far.acknowledge(alert)
    found = far.alert(alert)
    assert found.state is S.ACKNOWLEDGED
    assert [each.kind for each in found.breaches].count(BreachKind.TOO_MANY) == 1


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_every_order_of_arrival_comes_to_the_same(seed: int) -> None:
    """An end that has the same entries says the same."""
    dice = random.Random(seed)  # noqa: S311  a test's own dice
    near, far = desks_of("near", "far")
    alert = a_story(near, far, dice)
    entries = list(near.disk.matters[alert].values())
    wanted = project(alert, near.party, far.party, entries)
    for _ in range(5):
        dice.shuffle(entries)
        assert project(alert, near.party, far.party, entries) == wanted


@given(st.integers(0, 2**32))
@settings(max_examples=10)
def test_both_ends_come_to_the_same_once_they_have_the_same(seed: int) -> None:
    """But for what is each one's own: when things came."""
    near, far = desks_of("near", "far")
    alert = a_story(near, far, random.Random(seed))  # noqa: S311  (the same)
    carry([near, far])
    assert told(near.alert(alert)) == told(far.alert(alert))
    assert near.rebuilt() == near.disk.alerts
    assert far.rebuilt() == far.disk.alerts


def test_entries_that_close_a_circle_are_read_in_one_order_too() -> None:
    """An author who swaps entries in its own log gains nothing by it."""
    near, far = desks_of("near", "far")
    alert = read_by(near, far)
    far.answer(alert)
    entries = list(far.disk.matters[alert].values())
    swapped = [
        MatterEntry(each.hash, each.entry, 0, 99 - each.place, each.came_ms, True)
        for each in entries
    ]
    orders = {tuple(each.hash for each in ordering(some)) for some in permutations(swapped[:5])}
    assert len(orders) == 1
    assert len(ordering(swapped)) == len(swapped)


# --------------------------------------------------------------------------------------- helpers


def read_by(near: Desk, far: Desk, precedence: Precedence = Precedence.FLASH) -> bytes:
    """Return an alert of ``near`` that ``far`` has acknowledged."""
    alert = near.release(far, precedence=precedence)
    carry([near, far])
    far.acknowledge(alert)
    carry([near, far])
    return alert


def a_story(near: Desk, far: Desk, dice: random.Random) -> bytes:
    """Let anything happen to an alert, in any order, heard or not; return it."""
    alert = near.release(far, given_ms=dice.choice([None, 60_000]))
    carry([near, far])
    acts = (
        *(far.present, far.acknowledge, far.answer, far.close, far.withdraw),
        *(near.withdraw, near.close, near.acknowledge),
        lambda matter: far.answer(matter, AnswerKind.HOLD, far.now_ms() + 5),
        lambda matter: near.release(far, f"{dice.random()}", supersedes=matter),
    )
    for _ in range(dice.randrange(12)):
        dice.choice(acts)(alert)
        near.clock.advance(dice.choice([0, 1, 60]))
        far.clock.advance(dice.choice([0, 1, 60]))
        if dice.random() < 0.5:
            carry([near, far])
    return alert


def told(alert: Alert) -> tuple[object, ...]:
    """Return what must be the same at both ends."""
    return (
        *(alert.state, alert.standing, alert.precedence, alert.body, alert.received_ms),
        *(alert.presented, alert.closed_by, alert.superseded_by, alert.confirmed),
        tuple(each.hash for each in alert.acknowledgements),
        tuple(each.hash for each in alert.answers),
        tuple(map(breach, alert.breaches)),
    )


def breach(found: Breach) -> tuple[object, ...]:
    """Return a breach as both ends show it."""
    return (found.hash, found.kind, found.what)
