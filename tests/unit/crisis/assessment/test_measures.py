"""What a crisis measured beside the times of alerts."""

from hypothesis import given
from hypothesis import strategies as st

from parley.crisis.assessment.measures import (
    CheckSeen,
    NotificationSeen,
    PathStretch,
    check_figures,
    escalation_figures,
    notification_figures,
    path_figures,
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


def test_the_line_is_up_while_any_path_is_and_what_was_not_seen_is_neither() -> None:
    """Two paths that are down at different times break no line; a gap counts for nobody."""
    line, fibre, radio = path_figures(
        [
            PathStretch("fibre", 0, 100, is_up=True),
            PathStretch("fibre", 100, 160, is_up=False),
            PathStretch("fibre", 160, 200, is_up=True),
            PathStretch("radio", 0, 150, is_up=True),
            PathStretch("radio", 150, 180, is_up=False),
            PathStretch("radio", 300, 400, is_up=True),
        ]
    )
    assert (fibre.path, fibre.seen_ms, fibre.up_ms, fibre.breaks) == ("fibre", 200, 140, 1)
    assert (radio.path, radio.seen_ms, radio.up_ms, radio.breaks) == ("radio", 280, 250, 1)
    # Both were down from 150 to 160.
    assert (line.path, line.seen_ms, line.up_ms, line.breaks) == (None, 300, 290, 1)
    assert path_figures([]) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]), st.integers(0, 40), st.integers(0, 10), st.booleans()
        )
    )
)
def test_the_figures_of_paths_are_those_of_counting_every_instant(
    drawn: list[tuple[str, int, int, bool]],
) -> None:
    """Whatever overlaps: up is never more than seen."""
    stretches = [PathStretch(name, begins, begins + n, up) for name, begins, n, up in drawn]
    for found in path_figures(stretches):
        own = [each for each in stretches if found.path in {None, each.path}]
        seen = {at for each in own for at in range(each.from_ms, each.until_ms)}
        up = {at for each in own if each.is_up for at in range(each.from_ms, each.until_ms)}
        assert (found.seen_ms, found.up_ms) == (len(seen), len(up))
        down = sorted(seen - up)
        breaks = sum(at - 1 not in down for at in down)
        assert found.breaks == breaks
