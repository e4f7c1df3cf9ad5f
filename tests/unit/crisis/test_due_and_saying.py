"""What is waited for at each end, and what each end may say."""

import pytest

from parley.clock import FakeClock
from parley.crisis.alert import AlertState
from parley.crisis.bodies import AlertBody, AnswerKind
from parley.crisis.drafts import Draft, changed, discarded, released, to_release, verified
from parley.crisis.due import AlertLimit, due_change, due_steps, read_subject
from parley.crisis.precedence import DEFAULT_LIMITS
from parley.crisis.saying import Duty, Sentence, is_clock_doubtful, saying
from parley.errors import AlertGuardRefused, AlertTextRefused, TransitionRefused
from parley.ids import ActorId, DraftId, PartyId, PersonId, ThreadId
from parley.record.entry import Precedence
from parley.testing.desks import carry, desks_of

NOW = FakeClock().now()
DORA, VERA = PersonId(b"d" * 16), PersonId(b"v" * 16)
DRAFTER, VERIFIER = ActorId(b"1" * 16), ActorId(b"2" * 16)


@pytest.mark.parametrize("precedence", list(Precedence))
def test_each_end_counts_its_limits_from_its_own_event(precedence: Precedence) -> None:
    """The author from the release, the other from the arrival, hours later by another clock."""
    near, far = desks_of("near", "far")
    far.clock.set_wall(far.clock.now().add(hours=9))
    alert = near.release(far, precedence=precedence)
    released_ms = near.now_ms()
    near.clock.advance(100)
    far.clock.advance(100)
    carry([near, far])
    limits = DEFAULT_LIMITS[precedence]
    for desk, start in ((near, released_ms), (far, far.alert(alert).started_ms)):
        found = {step.limit: step.due_ms for step in due_steps(desk.alert(alert))}
        assert found == {
            AlertLimit.TARGET: start + limits.target_s * 1_000,
            AlertLimit.LIMIT: start + limits.limit_s * 1_000,
        }


def test_a_hold_gives_as_long_as_it_says_from_when_it_was_heard() -> None:
    """Whatever the clock of whoever holds says."""
    near, far = desks_of("near", "far")
    far.clock.set_wall(far.clock.now().add(hours=9))
    alert = near.release(far)
    carry([near, far])
    far.acknowledge(alert)
    far.answer(alert, AnswerKind.HOLD, far.now_ms() + 60_001)
    near.clock.advance(30)
    carry([near, far])
    step = due_steps(near.alert(alert))[0]
    assert (step.limit, step.number) == (AlertLimit.ANSWER, 1)
    assert step.due_ms == near.alert(alert).answers[0].came_ms + 60_000


def test_what_is_answered_or_taken_back_is_waited_for_no_longer() -> None:
    """Its deadlines are cancelled."""
    near, far = desks_of("near", "far")
    alert = near.release(far, given_ms=60_000)
    before = near.alert(alert)
    assert len(due_change(None, before).to_set) == 3
    near.withdraw(alert)
    change = due_change(before, near.alert(alert))
    assert (len(change.to_set), len(change.to_cancel)) == (0, 3)


def test_a_deadline_s_subject_is_read_back_and_anything_else_refused() -> None:
    """What another program wrote there is none of ours."""
    assert read_subject(f"{bytes(32).hex()}/2") == (bytes(32), 2)
    for subject in ("", "00/1", "zz", f"{bytes(32).hex()}/x"):
        with pytest.raises(ValueError):  # noqa: PT011
            read_subject(subject)


def test_each_end_says_what_it_has_an_entry_for_and_nothing_more() -> None:
    """Step by step, as the entries arrive."""
    near, far = desks_of("near", "far")
    alert = near.release(far)

    def here() -> tuple[Sentence, Duty]:
        found = saying(near.alert(alert), near.party)
        return found.sentence, found.duty

    def there() -> tuple[Sentence, Duty]:
        found = saying(far.alert(alert), far.party)
        return found.sentence, found.duty

    assert here() == (Sentence.NOT_KNOWN_TO_HAVE_ARRIVED, Duty.THEIR_RECEIPT)
    assert saying(near.alert(alert), near.party, 5).sentence is Sentence.COSIGNED
    carry([near, far])
    assert here() == (Sentence.ON_THEIR_DISK, Duty.THEIR_ACKNOWLEDGEMENT)
    assert there() == (Sentence.OURS_TO_READ, Duty.OUR_ACKNOWLEDGEMENT)
    far.present(alert, has_sound=False)
    carry([near, far])
    assert here() == (Sentence.ON_THEIR_DESK, Duty.THEIR_ACKNOWLEDGEMENT)
    assert saying(near.alert(alert), near.party).has_sound is False
    far.acknowledge(alert)
    assert there() == (Sentence.ACKNOWLEDGEMENT_SENT, Duty.OUR_ANSWER)
    carry([near, far])
    assert here() == (Sentence.READ_BY_THEM, Duty.THEIR_ANSWER)
    assert there() == (Sentence.ACKNOWLEDGEMENT_CONFIRMED, Duty.OUR_ANSWER)
    far.answer(alert, AnswerKind.HOLD, far.now_ms() + 1_000)
    carry([near, far])
    assert here()[0] is Sentence.HELD_BY_THEM
    far.answer(alert)
    assert there()[0] is Sentence.ANSWER_SENT
    carry([near, far])
    assert here() == (Sentence.ANSWERED_BY_THEM, Duty.OUR_CLOSING)
    assert there()[0] is Sentence.ANSWER_CONFIRMED
    near.close(alert)
    carry([near, far])
    assert there()[1] is Duty.OUR_CLOSING
    far.close(alert)
    carry([near, far])
    assert (here()[1], there()[1]) == (Duty.NOBODY, Duty.NOBODY)


@pytest.mark.parametrize(("bound_ms", "is_doubtful"), [(None, True), (2_000, False), (2_001, True)])
def test_a_clock_that_may_be_off_by_more_than_two_seconds_is_doubted(
    bound_ms: int | None,
    is_doubtful: bool,  # noqa: FBT001
) -> None:
    """And so is one that does not say."""
    assert is_clock_doubtful(bound_ms) is is_doubtful


def test_a_flash_is_released_only_after_another_person_vouched_for_these_very_words() -> None:
    """Changed words are to be verified anew."""
    draft = a_draft()
    with pytest.raises(AlertGuardRefused, match="second_person"):
        to_release(draft, 0, [])
    with pytest.raises(AlertGuardRefused, match="by_another"):
        verified(draft, DORA, DRAFTER, NOW)
    vouched = verified(draft, VERA, VERIFIER, NOW)
    assert to_release(vouched, 0, [])[0].verifier == VERIFIER
    again = changed(vouched, vouched.body, Precedence.FLASH, NOW)
    assert (again.state, again.body.verifier) == (AlertState.DRAFT, None)
    with pytest.raises(AlertGuardRefused):
        to_release(again, 0, [])


def test_a_flash_after_ten_is_demoted_with_a_mark() -> None:
    """It goes, as immediate."""
    vouched = verified(a_draft(), VERA, VERIFIER, NOW)
    body, precedence = to_release(vouched, 3_600_000, list(range(1, 11)))
    assert (precedence, body.demoted_from) == (Precedence.IMMEDIATE, Precedence.FLASH)
    body, precedence = to_release(vouched, 3_600_000, list(range(10)))
    assert (precedence, body.demoted_from) == (Precedence.FLASH, None)


def test_what_is_released_or_thrown_away_is_neither_changed_nor_released_again() -> None:
    """A draft ends once."""
    vouched = verified(a_draft(), VERA, VERIFIER, NOW)
    for ended in (released(vouched, NOW), discarded(vouched, NOW)):
        with pytest.raises(TransitionRefused):
            changed(ended, ended.body, Precedence.FLASH, NOW)
        with pytest.raises(TransitionRefused):
            to_release(ended, 0, [])


def test_words_that_could_be_misread_are_not_even_drafted() -> None:
    """Nor is a text that is too long for a flash."""
    draft = a_draft()
    for text in ("a\u202eb", "x" * 1_401):
        body = AlertBody(texts=(("en", text),), parties=draft.body.parties, drafter=DRAFTER)
        with pytest.raises(AlertTextRefused):
            changed(draft, body, Precedence.FLASH, NOW)


def a_draft() -> Draft:
    """Return a flash that nobody has verified."""
    body = AlertBody(texts=(("en", "words"),), parties=(PartyId(b"p" * 16),), drafter=DRAFTER)
    return Draft(
        DraftId(b"i" * 16),
        ThreadId(b"t" * 16),
        Precedence.FLASH,
        body,
        None,
        AlertState.DRAFT,
        DORA,
        None,
        NOW,
        NOW,
    )
