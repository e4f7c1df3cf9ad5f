"""The figures of a call follow from what the probe saw."""

import msgspec
import pytest

from parley.drill.observations import (
    Observations,
    Received,
    Sighting,
    delays_ms,
    frozen_ratio,
    in_turn,
)


def test_a_frame_is_paired_with_its_latest_earlier_entry() -> None:
    """Frame numbers repeat with the loop of the camera file; the nearest earlier entry is meant."""
    entered = [Sighting(0, 7), Sighting(20_000, 7)]
    left = [Sighting(20_300, 7)]
    assert delays_ms(entered, left, longest_ms=10_000) == [300]


def test_a_frame_that_never_entered_has_no_delay() -> None:
    """A misread code pairs with nothing instead of with something wrong."""
    assert delays_ms([Sighting(0, 1)], [Sighting(10, 2)], longest_ms=1000) == []


def test_a_frame_is_not_paired_with_a_later_entry() -> None:
    """Nothing comes out before it goes in."""
    assert delays_ms([Sighting(50, 1)], [Sighting(10, 1)], longest_ms=1000) == []


def test_even_frames_are_not_a_freeze() -> None:
    """Fifteen frames a second without a gap is a ratio of zero."""
    assert frozen_ratio([index * 66.7 for index in range(100)]) == 0


def test_a_gap_of_a_second_is_a_freeze_of_its_length() -> None:
    """The whole gap counts, as in webrtc-stats."""
    shown = [index * 66.0 for index in range(50)]
    shown += [shown[-1] + 1000 + index * 66.0 for index in range(50)]
    assert frozen_ratio(shown) == pytest.approx(1000 / (shown[-1] - shown[0]))


def test_no_frames_is_frozen_throughout() -> None:
    """A picture that never came must not read as a perfect one."""
    assert frozen_ratio([]) == 1.0


def test_far_marks_exclude_the_own_microphone() -> None:
    """What a page says itself is not what it hears."""
    seen = {"clicks": [1], "entered": [[1, 2]], "frames": {"t": [[3, 4, 176, 1]]}}
    seen |= {"marks": {"entered": [[1, 1]], "0": [[9, 1]], "1": [[8, 2]]}, "firstFrame": {"t": 3}}
    seen |= {"firstSound": {"entered": 1, "0": 7}}
    observations = msgspec.convert(seen, Observations)
    assert observations.heard() == [Sighting(8, 2), Sighting(9, 1)]
    assert observations.first_sound_heard() == 7


def test_concealment_is_counted_between_two_readings() -> None:
    """What was made up before the steady phase is not charged to it."""
    earlier = Received(100, 0, 1000, 0, 0, 0, 0.0)
    later = Received(110, 0, 2000, 0, 0, 0, 0.0)
    assert later.concealed_ratio_since(earlier) == pytest.approx(0.01)


def test_silence_where_nobody_speaks_is_not_concealment() -> None:
    """Two of three places to listen in are silent: neither good sound nor bad."""
    earlier = Received(0, 0, 0, 0, 0, 0, 0.0)
    later = Received(2_030, 2_000, 3_000, 0, 0, 0, 0.0)
    assert later.concealed_ratio_since(earlier) == pytest.approx(0.03)


def test_no_audio_at_all_is_wholly_concealed() -> None:
    """Silence for want of packets must not read as perfect sound."""
    still = Received(0, 0, 1000, 0, 0, 0, 0.0)
    assert still.concealed_ratio_since(still) == 1.0


def test_a_mark_read_as_another_tone_is_left_out() -> None:
    """Paired by its wrong number it would look four marks, two seconds, late."""
    heard = [Sighting(at * 500, number) for at, number in enumerate((14, 15, 12, 1, 2, 3))]
    assert [mark.number for mark in in_turn(heard)] == [14, 15, 1, 2, 3]


def test_a_mark_after_a_silence_counts_with_the_one_that_follows_it() -> None:
    """Marks that were lost on the way do not take those around them along."""
    heard = [Sighting(0, 3), Sighting(500, 4), Sighting(2_000, 7), Sighting(2_500, 8)]
    assert in_turn(heard) == heard
    assert in_turn([Sighting(0, 3), Sighting(1_500, 6)]) == []
