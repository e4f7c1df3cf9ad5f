"""Numbers without gaps; gaps and doubles are named."""

from hypothesis import given
from hypothesis import strategies as st

from parley.crisis.notifications.numbers import (
    GAPS_NAMED_MAX,
    NUMBER_MAX,
    NumberFault,
    next_number,
    number_faults,
    number_text,
)

COUNTED = st.lists(
    st.tuples(st.integers(min_value=1, max_value=30), st.binary(min_size=1, max_size=1))
)


@given(st.integers(min_value=0, max_value=50))
def test_a_count_that_is_kept_has_no_fault(length: int) -> None:
    """Each number is one more than the highest that stands."""
    counted: list[tuple[int, bytes]] = []
    for place in range(length):
        counted.append((next_number(number for number, _ in counted), bytes([place])))
    assert number_faults(counted) == []
    assert [number for number, _ in counted] == [*range(1, length + 1)]


@given(COUNTED)
def test_the_faults_are_the_numbers_that_have_not_exactly_one_notification(
    counted: list[tuple[int, bytes]],
) -> None:
    """Whatever the order, and however often a copy of the same entry is listed."""
    found = number_faults(counted)
    highest = max((number for number, _ in counted), default=0)
    holders = {n: {h for number, h in counted if number == n} for n in range(1, highest + 1)}
    gaps = [each.number for each in found if each.fault is NumberFault.GAP]
    doubles = {e.number: set(e.hashes) for e in found if e.fault is NumberFault.DOUBLE}
    assert gaps == [number for number, hashes in holders.items() if not hashes]
    assert doubles == {number: h for number, h in holders.items() if len(h) > 1}
    assert number_faults(reversed(counted + counted)) == found


def test_the_number_of_an_exercise_has_its_mark_and_a_real_one_has_none() -> None:
    """On a torn-off sheet the number is what is read."""
    assert (number_text(3, is_exercise=True), number_text(3, is_exercise=False)) == ("E3", "3")


def test_a_hostile_number_names_no_million_gaps() -> None:
    """The first hundred say enough."""
    found = number_faults([(NUMBER_MAX, b"h")])
    assert [each.number for each in found] == [*range(1, GAPS_NAMED_MAX + 1)]
