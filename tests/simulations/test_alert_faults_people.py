"""Group 6 of what alerts must stand: people."""

import pytest

from parley.crisis.alert import AlertState
from parley.crisis.precedence import DEFAULT_LIMITS
from parley.crisis.saying import saying
from parley.record.entry import Precedence
from parley.testing.desks import Desk, carry, desks_of
from parley.testing.invariants import end_of_desk, hold

S = AlertState
LIMIT_S = DEFAULT_LIMITS[Precedence.FLASH].limit_s


def test_with_nobody_on_shift_the_limit_passes_at_both_ends_and_nobody_is_said_to_have_read() -> (
    None
):
    """Presence can be proved, absence cannot."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    for desk in (near, far):
        desk.clock.advance(LIMIT_S + 1)
        assert (alert, "limit/0") in desk.tick()
    assert near.alert(alert).state is S.DELIVERED
    judge(near, far)


def test_two_officers_who_acknowledge_at_once_are_both_heard() -> None:
    """Neither is a fault, and the alert is read once."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    far.acknowledge(alert)
    far.people["officer"] = far.people["verifier"]
    far.acknowledge(alert)
    carry([near, far])
    found = near.alert(alert)
    assert len({each.actor for each in found.acknowledgements}) == 2
    assert found.state is S.ACKNOWLEDGED
    assert found.breaches == ()
    judge(near, far)


def test_a_click_without_a_key_acknowledges_nothing() -> None:
    """A program that clicks has no finger on a key."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    far.acknowledge(alert, is_signed=False)
    far.clock.advance(LIMIT_S + 1)
    assert (alert, "limit/0") in far.tick()
    assert far.alert(alert).state is S.DELIVERED


@pytest.mark.parametrize("verifier", ["drafter", None])
def test_a_flash_whose_drafter_verified_it_rings_with_a_mark(verifier: str | None) -> None:
    """Our own node refuses it; what another let pass is shown as what it is."""
    near, far = desks_of("near", "far")
    alert = near.release(far, verifier=verifier)
    carry([near, far])
    assert far.disk.rung == [alert]
    assert [each.what for each in far.alert(alert).breaches] == ["second_person"]
    judge(near, far)


def test_an_unsigned_withdrawal_by_the_wrong_person_takes_nothing_back() -> None:
    """A releaser's key takes back what a releaser's key released."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    said = near.disk.alerts[alert].standing
    far.withdraw(alert)
    carry([near, far])
    assert near.alert(alert).standing is said
    assert [each.what for each in near.alert(alert).breaches] == ["by_author"]
    judge(near, far)


def test_without_a_translator_the_alert_is_read_in_the_language_it_came_in() -> None:
    """A translation is another word, and never waited for."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    assert near.alert(alert).state is S.ANSWERED
    assert near.alert(alert).translations == ()
    judge(near, far)


@pytest.mark.parametrize("is_exercise", [True, False])
def test_an_exercise_is_never_real_nor_the_real_thing_an_exercise(is_exercise: bool) -> None:  # noqa: FBT001
    """The mark is in what was signed, and the same at both ends."""
    near, far = desks_of("near", "far")
    alert = near.release(far, is_exercise=is_exercise)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).body.is_exercise is is_exercise
        assert desk.alert(alert).may_reach_principals is not is_exercise
    judge(near, far)


def test_a_desk_without_sound_says_so() -> None:
    """A muted desk is no ringing desk, on either screen."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    far.present(alert, has_sound=False)
    carry([near, far])
    assert near.alert(alert).state is S.PRESENTED
    assert saying(near.alert(alert), near.party).has_sound is False
    judge(near, far)


def test_a_page_that_sleeps_leaves_the_alert_delivered_and_the_limit_running() -> None:
    """The node is up and its desk is not: nothing was presented, and that is what is said."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    far.clock.advance(LIMIT_S + 1)
    assert (alert, "limit/0") in far.tick()
    assert near.alert(alert).presented == ()
    far.present(alert)
    carry([near, far])
    assert near.alert(alert).state is S.PRESENTED
    judge(near, far)


def test_a_node_that_starts_again_in_the_middle_of_a_countdown_goes_on_with_it() -> None:
    """As does an officer who takes over: the limit is the alert's, not a person's."""
    near, far = desks_of("near", "far")
    alert = sent(near, far)
    far.clock.advance(LIMIT_S - 5)
    far.tick()
    far.restart()
    far.clock.advance(6)
    assert far.tick() == [(alert, "limit/0")]
    judge(near, far)


# ----------------------------------------------------------------------------------------- details


def sent(near: Desk, far: Desk) -> bytes:
    """Return an alert that has arrived."""
    alert = near.release(far)
    carry([near, far])
    return alert


def judge(near: Desk, far: Desk) -> None:
    """Hold both to every invariant, once everything has arrived."""
    carry([near, far])
    hold([end_of_desk(near), end_of_desk(far)])
