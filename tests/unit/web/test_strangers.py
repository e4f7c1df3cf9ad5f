"""Who keeps a place at the web port: newcomers always get one, who is signed in never loses it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.web.strangers import (
    FLOOD,
    FLOOD_S,
    Crowding,
    Eviction,
    StrangerLimits,
    Strangers,
    source_of,
)

LIMITS = StrangerLimits(places=4, per_source=2, kept=2)


@pytest.fixture
def strangers() -> Strangers[str]:
    """Give a test a port with few places."""
    return Strangers(LIMITS)


def test_a_source_that_has_its_places_pays_with_its_own_oldest(strangers: Strangers[str]) -> None:
    """Others are not concerned, however long they are there."""
    assert strangers.arrive("other", "b", 0) is None
    assert strangers.arrive("first", "a", 1) is None
    assert strangers.arrive("second", "a", 2) is None
    assert strangers.arrive("third", "a", 3) == Eviction("first", Crowding.SOURCE)
    assert strangers.count == 3


def test_without_a_place_the_source_that_has_most_pays(strangers: Strangers[str]) -> None:
    """Its oldest, though another source's is older."""
    for who, source in (("old", "a"), ("b1", "b"), ("b2", "b"), ("c", "c")):
        assert strangers.arrive(who, source, strangers.count) is None
    assert strangers.arrive("new", "d", 9) == Eviction("b1", Crowding.PLACES)
    assert strangers.arrive("newer", "e", 10) == Eviction("old", Crowding.PLACES)


def test_who_is_being_answered_goes_after_who_asks_nothing(strangers: Strangers[str]) -> None:
    """And counts from the end of its answer; where all are being answered, the oldest goes."""
    strangers.arrive("first", "a", 0)
    strangers.arrive("second", "a", 1)
    strangers.note("first", 2, is_busy=True)
    assert strangers.arrive("third", "a", 3) == Eviction("second", Crowding.SOURCE)
    strangers.note("first", 4, is_busy=False)
    assert strangers.arrive("fourth", "a", 5) == Eviction("third", Crowding.SOURCE)
    strangers.note("first", 6, is_busy=True)
    strangers.note("fourth", 7, is_busy=True)
    assert strangers.arrive("fifth", "a", 8) == Eviction("first", Crowding.SOURCE)


def test_who_is_signed_in_is_no_stranger_and_never_goes(strangers: Strangers[str]) -> None:
    """It takes no place of a stranger either; what it asks says nothing about it."""
    strangers.arrive("desk", "a", 0)
    assert strangers.keep("desk")
    assert strangers.keep("desk")
    strangers.note("desk", 0, is_busy=False)
    for number in range(20):
        evicted = strangers.arrive(f"{number}", "a", number)
        assert evicted is None or evicted.who != "desk"
    assert (strangers.count, strangers.kept_count) == (2, 1)


def test_places_of_those_who_are_signed_in_are_bounded_too(strangers: Strangers[str]) -> None:
    """Who finds none stays a stranger, and has one when somebody has left."""
    for who in ("x", "y", "z"):
        strangers.arrive(who, who, 0)
    assert [strangers.keep(who) for who in ("x", "y", "z")] == [True, True, False]
    assert strangers.count == 1
    strangers.leave("x")
    assert strangers.keep("z")


def test_who_has_gone_is_given_no_place(strangers: Strangers[str]) -> None:
    """An answer that comes too late gives it none; leaving twice is leaving."""
    strangers.arrive("x", "a", 0)
    strangers.leave("x")
    strangers.leave("x")
    strangers.note("x", 1, is_busy=True)
    assert not strangers.keep("x")
    assert (strangers.count, strangers.kept_count) == (0, 0)


def test_a_crowd_behind_one_address_has_no_bound_of_its_own(strangers: Strangers[str]) -> None:
    """Until each has told where it comes from; then it counts there, and is a stranger again."""
    for number in range(3):
        assert strangers.arrive(f"{number}", "proxy", number, is_crowd=True) is None
    strangers.keep("0")
    assert strangers.arrive("0", "a", 4) is None
    assert (strangers.count, strangers.kept_count) == (3, 0)
    assert strangers.arrive("1", "a", 5) is None
    assert strangers.arrive("2", "a", 6) == Eviction("0", Crowding.SOURCE)


def test_a_hundred_that_had_to_go_within_a_minute_are_a_flood() -> None:
    """One fewer is none, nor are they once they are over."""
    strangers: Strangers[int] = Strangers(StrangerLimits(1, 1, 1))
    for number in range(FLOOD):
        strangers.arrive(number, "a", 1.0)
    assert not strangers.is_flooded(1.0)
    strangers.arrive(-1, "a", 1.0)
    assert strangers.is_flooded(1.0 + FLOOD_S)
    assert not strangers.is_flooded(1.1 + FLOOD_S)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
    ],
)
def test_a_source_is_an_address_or_a_network_of_one_site(address: str, source: str) -> None:
    """Of IPv6 everybody has more addresses than there are places."""
    assert source_of(address) == source


STEP = st.tuples(
    st.sampled_from(["arrive", "keep", "leave", "busy", "idle"]),
    st.integers(0, 9),
    st.sampled_from("abcdef"),
)


@given(st.lists(STEP, max_size=60))
def test_whatever_happens_a_newcomer_has_a_place_and_no_bound_is_passed(
    steps: list[tuple[str, int, str]],
) -> None:
    """And nobody goes who is signed in, or who is not there."""
    strangers: Strangers[int] = Strangers(LIMITS)
    there: dict[int, str] = {}
    kept: set[int] = set()
    for now, (what, who, source) in enumerate(steps):
        if what == "arrive":
            kept.discard(who)
            there.pop(who, None)
            evicted = strangers.arrive(who, source, now)
            if evicted is not None:
                del there[evicted.who]
            there[who] = source
        elif what == "keep":
            if strangers.keep(who) and who not in kept:
                del there[who]
                kept.add(who)
        elif what == "leave":
            strangers.leave(who)
            there.pop(who, None)
            kept.discard(who)
        else:
            strangers.note(who, now, is_busy=what == "busy")
        assert (strangers.count, strangers.kept_count) == (len(there), len(kept))
        assert len(there) <= LIMITS.places
        assert all([*there.values()].count(each) <= LIMITS.per_source for each in "abcdef")
        assert len(kept) <= LIMITS.kept
