"""When an urgent entry is sent again that nothing proves to have arrived."""

import pytest

from parley.record.resending import PAUSE_S_MAX, WAITING_MAX, Resending


def times(resending: Resending, until_s: float) -> list[float]:
    """Return when something was sent again up to an instant, in steps of 10 ms."""
    steps = (step / 100 for step in range(round(until_s * 100) + 1))
    return [step for step in steps for _ in resending.due(step)]


def test_it_is_sent_again_ever_more_slowly_and_then_every_five_seconds_without_end() -> None:
    """After 0.2, 0.4, 0.8, 1.6, 3.2 and 5 seconds."""
    resending = Resending()
    resending.add(3, b"a", 0.0)
    wanted = [0.2, 0.6, 1.4, 3.0, 6.2, 11.2, 16.2, 21.2]
    assert times(resending, 22.0) == pytest.approx(wanted, abs=0.1)
    assert resending.next_s() == pytest.approx(21.2 + PAUSE_S_MAX, abs=0.1)


def test_what_the_other_party_holds_or_refers_to_is_not_sent_again() -> None:
    """By place, or by hash."""
    resending = Resending()
    for place, digest in enumerate((b"a", b"b", b"c")):
        resending.add(place, digest, 0.0)
    resending.held(1)
    resending.cited([b"c", b"unknown"])
    assert resending.due(0.2) == [1]
    resending.held(2)
    assert (len(resending), resending.next_s(), times(resending, 60)) == (0, None, [])


def test_what_refers_to_nothing_shows_nothing() -> None:
    """Nor does anything where nothing waits."""
    resending = Resending()
    resending.cited([b"a"])
    resending.add(0, b"a", 0.0)
    resending.cited([])
    assert len(resending) == 1


def test_what_is_noted_twice_keeps_its_pace() -> None:
    """A second append of the same place changes nothing."""
    resending = Resending()
    resending.add(1, b"a", 0.0)
    assert resending.due(0.3) == [1]
    resending.add(1, b"a", 0.3)
    assert resending.due(0.5) == []


def test_only_so_many_are_sent_again_and_the_newest_first() -> None:
    """What is older comes with the log."""
    resending = Resending()
    for place in range(WAITING_MAX + 5):
        resending.add(place, bytes([place]), 0.0)
    assert len(resending) == WAITING_MAX
    assert min(resending.due(1.0)) == 5
