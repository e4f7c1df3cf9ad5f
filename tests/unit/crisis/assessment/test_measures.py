"""What a crisis measured beside the times of alerts."""

from parley.crisis.assessment.measures import (
    CheckSeen,
    NotificationSeen,
    check_figures,
    escalation_figures,
    notification_figures,
)
from parley.ids import PartyId

NEAR, FAR = PartyId(b"n" * 16), PartyId(b"f" * 16)


def test_a_check_is_counted_for_the_party_that_was_to_answer_it() -> None:
    """With the cause, where it was missed: the last thing that was proved."""
    seen = [CheckSeen(FAR, None), CheckSeen(FAR, "path"), CheckSeen(FAR, "path")]
    near, far = check_figures([*seen, CheckSeen(FAR, "declined")], (NEAR, FAR))
    assert (near.kept, near.missed, near.causes) == (0, 0, {})
    assert (far.kept, far.missed, far.causes) == (1, 3, {"declined": 1, "path": 2})


def test_a_notification_without_a_rule_is_not_late() -> None:
    """Nor is one that came at the very limit."""
    seen = [NotificationSeen(NEAR, late) for late in (None, 0, 60_000, 11_520_000)]
    near, far = notification_figures(seen, (NEAR, FAR))
    assert (near.sent, near.late, near.latest_ms) == (4, 2, 11_520_000)
    assert (far.sent, far.late, far.latest_ms) == (0, 0, None)


def test_the_latest_step_is_told_and_none_where_none_fell_due() -> None:
    """An escalation that was answered in time has no step."""
    assert escalation_figures(2, [5, 900, 12]).latest_ms == 900
    assert escalation_figures(1, []).latest_ms is None
