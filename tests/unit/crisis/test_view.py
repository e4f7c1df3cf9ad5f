"""Alerts as they are shown: both clocks, what a draft is released with, who has confirmed what."""

from parley.crisis.bodies import AnswerKind
from parley.crisis.view import AlertView, OwnClock, alert_view
from parley.ids import PartyId
from parley.testing.desks import Desk, carry, desks_of


def shown(desk: Desk, alert: bytes, bound_ms: int | None = 200) -> AlertView:
    """Return an alert as one desk shows it."""

    def name(party: PartyId) -> str:
        return party.text

    clock = OwnClock(desk.now_ms(), bound_ms)
    return alert_view(desk.alert(alert), desk.party, name, clock)


def released() -> tuple[Desk, Desk, bytes]:
    """Return two desks and a flash of the first that nobody has received."""
    near, far = desks_of("near", "far")
    return near, far, near.release(far)


def test_the_other_clock_is_shown_only_once_its_event_is_proved() -> None:
    """Before a receipt the author cannot know when the other end began to count."""
    near, far, alert = released()
    assert [each.theirs_at for each in shown(near, alert).due] == [None, None]

    carry([near, far])
    far.confirm_owed()
    carry([near, far])
    theirs = {each.limit: each.due_at for each in shown(far, alert).due}
    assert {each.limit: each.theirs_at for each in shown(near, alert).due} == theirs


def test_both_ends_name_the_same_two_instants_for_an_answer() -> None:
    """Once the acknowledgement is confirmed, each end knows when the other counts it as due."""
    near, far, alert = released()
    carry([near, far])
    far.acknowledge(alert)
    (unconfirmed,) = shown(far, alert).due
    assert unconfirmed.theirs_at is None
    carry([near, far])
    near.confirm_owed()
    carry([near, far])
    (ours,), (theirs,) = shown(near, alert).due, shown(far, alert).due
    assert (ours.due_at, ours.theirs_at) == (theirs.theirs_at, theirs.due_at)
    (acknowledgement,) = shown(far, alert).acknowledgements
    assert acknowledgement.is_confirmed


def test_a_hold_moves_both_ends_and_leaves_one_less() -> None:
    """The number of times "still deciding" may be said is shown at both ends."""
    near, far, alert = released()
    carry([near, far])
    far.acknowledge(alert)
    until = far.now_ms() + 3_600_000
    far.answer(alert, AnswerKind.HOLD, until)
    carry([near, far])
    near.confirm_owed()
    carry([near, far])
    (ours,), (theirs,) = shown(near, alert).due, shown(far, alert).due
    assert (ours.due_at, ours.theirs_at) == (theirs.theirs_at, theirs.due_at)
    assert shown(near, alert).holds_left == shown(far, alert).holds_left == 1


def test_a_clock_of_which_nothing_is_known_is_doubtful() -> None:
    """The reader's own clock dates what the reader did, and may be the doubtful one."""
    near, far, alert = released()
    carry([near, far])
    assert not shown(far, alert).saying.is_clock_doubtful
    assert shown(far, alert, None).saying.is_clock_doubtful
    assert shown(far, alert, 2_001).saying.is_clock_doubtful


def test_a_closing_has_the_time_of_either_clock_once_it_is_proved() -> None:
    """Of whoever closed at once; of the other end as soon as its receipt is there."""
    near, far, alert = released()
    carry([near, far])
    far.clock.set_wall(far.clock.now().add(seconds=7))
    far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    (unproved,) = shown(near, alert).closings
    assert (unproved.party, unproved.arrived_at) == (near.party.text, None)
    carry([near, far])
    (ours,), (theirs,) = shown(near, alert).closings, shown(far, alert).closings
    assert ours.at == theirs.at == unproved.at
    assert theirs.arrived_at is not None
    far.confirm_owed()
    carry([near, far])
    (ours,) = shown(near, alert).closings
    assert ours.arrived_at == theirs.arrived_at != ours.at


def test_a_party_closes_once() -> None:
    """What it says again about a flash that the other has not closed changes nothing."""
    near, far, alert = released()
    carry([near, far])
    far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    first = shown(near, alert).closings
    near.close(alert)
    assert shown(near, alert).closings == first
    far.close(alert)
    assert [each.party for each in shown(far, alert).closings] == [far.party.text]
