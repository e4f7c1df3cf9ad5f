"""Whether a notification came in time, alike on both sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.crisis.notifications.lateness import (
    HOUR_MS,
    HOURS_MAX,
    NO_RULE,
    LeadRule,
    Relation,
    due_ms,
    late_ms,
    late_text,
)

INSTANTS = st.integers(min_value=0, max_value=253_402_300_799_999)
RULES = st.builds(
    LeadRule,
    st.sampled_from([Relation.BEFORE, Relation.AFTER]),
    st.integers(min_value=0, max_value=HOURS_MAX),
)


@pytest.mark.parametrize(
    ("relation", "received_h", "late"),
    [
        (Relation.BEFORE, 28, "00:00"),
        (Relation.BEFORE, 28 + 3 + 12 / 60, "03:12"),
        (Relation.BEFORE, 100 + 200, "272:00"),
        (Relation.AFTER, 172, "00:00"),
        (Relation.AFTER, 172.5, "00:30"),
    ],
)
def test_a_notice_is_late_by_what_is_missing_of_its_lead(
    relation: Relation, received_h: float, late: str
) -> None:
    """72 hours before, or after, what happens at hour 100."""
    rule = LeadRule(relation, 72)
    found = late_ms(rule, 100 * HOUR_MS, round(received_h * HOUR_MS))
    assert found is not None
    assert late_text(found) == late


@given(RULES, INSTANTS, INSTANTS)
def test_in_time_and_late_part_at_the_due_instant(
    rule: LeadRule, reference_ms: int, received_ms: int
) -> None:
    """To the millisecond of the due instant is in time; one later is late by one."""
    due = due_ms(rule, reference_ms)
    assert due is not None
    assert late_ms(rule, reference_ms, due) == 0
    assert late_ms(rule, reference_ms, due + 1) == 1
    assert (late_ms(rule, reference_ms, received_ms) == 0) == (received_ms <= due)


@given(RULES, INSTANTS, INSTANTS, st.integers(min_value=0, max_value=10**12))
def test_what_comes_later_is_never_less_late(
    rule: LeadRule, reference_ms: int, received_ms: int, more_ms: int
) -> None:
    """Waiting never helps."""
    first = late_ms(rule, reference_ms, received_ms)
    later = late_ms(rule, reference_ms, received_ms + more_ms)
    assert first is not None
    assert later is not None
    assert first <= later <= first + more_ms


@given(RULES, INSTANTS, INSTANTS, st.integers(min_value=-(10**12), max_value=10**12))
def test_only_differences_count(
    rule: LeadRule, reference_ms: int, received_ms: int, shift_ms: int
) -> None:
    """Both sides come to the same wherever their year begins."""
    assert late_ms(rule, reference_ms, received_ms) == late_ms(
        rule, reference_ms + shift_ms, received_ms + shift_ms
    )


@given(st.integers(min_value=1, max_value=10**13))
def test_nothing_late_reads_as_in_time(late: int) -> None:
    """A minute that has begun counts whole, and a reader gets back no less than it was."""
    text = late_text(late)
    hours, _, minutes = text.partition(":")
    assert text != "00:00"
    assert 0 <= int(hours) * HOUR_MS + int(minutes) * 60_000 - late < 60_000


def test_without_a_rule_or_its_instant_nothing_is_late() -> None:
    """A voluntary type has none."""
    assert late_ms(NO_RULE, 5, 10) is None
    assert late_ms(LeadRule(Relation.BEFORE, 24), None, 10) is None
