"""What the probe in a page has seen, and what follows from it. Pure: no page, no clock."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence

import msgspec

from parley.drill.marked_media import MARK_INTERVAL_MS, MARKS

FREEZE_ADDED_MS = 150.0
"""W3C webrtc-stats, freezeCount: a gap of at least the mean plus 150 ms, or three times it."""
FREEZE_MEAN_FRAMES = 30
"""The mean is over the last thirty frames, as in the same definition."""
MARK_DELAY_MS_MAX = MARK_INTERVAL_MS * MARKS / 2
"""Marks repeat; a delay beyond half the cycle would be paired with the wrong one."""


class Sighting(msgspec.Struct, frozen=True, array_like=True):
    """A numbered frame or mark, and when it was seen.

    Attributes:
        at_ms: Milliseconds of the machine's clock.
        number: Frame number or mark; -1 for a frame whose number could not be read.
    """

    at_ms: float
    number: int


class Observations(msgspec.Struct, frozen=True, rename="camel"):
    """Everything the probe in one page holds at one instant.

    Attributes:
        clicks: When the join button was pressed, in milliseconds of the machine's clock.
        entered: Frames leaving this page's own camera.
        frames: Decoded frames shown, by track.
        marks: Marks heard, by listening place; ``entered`` is this page's own microphone.
        first_frame: When the first frame was shown, by track.
        first_sound: When the first sound was heard, by listening place.
    """

    clicks: list[float] = []
    entered: list[Sighting] = []
    frames: dict[str, list[Sighting]] = {}
    marks: dict[str, list[Sighting]] = {}
    first_frame: dict[str, float] = {}
    first_sound: dict[str, float] = {}

    def heard(self) -> list[Sighting]:
        """Return the marks heard in every place but the own microphone, in order of time."""
        rows = (row for place, rows in self.marks.items() if place != "entered" for row in rows)
        return sorted(rows, key=lambda row: row.at_ms)

    def first_sound_heard(self) -> float | None:
        """Return when the first far sound was heard, or nothing."""
        return min(
            (at for place, at in self.first_sound.items() if place != "entered"), default=None
        )


class Received(msgspec.Struct, frozen=True, rename="camel"):
    """Sums of the browser's own receiver statistics over every connection of a page.

    Attributes:
        concealed: Audio samples the decoder made up, silence included.
        silent_concealed: Of these, samples made up while nothing was expected.
        samples: Audio samples played in all.
        frames_decoded: Video frames decoded.
        key_frames: Of these, key frames.
        freezes: Freezes as the browser counts them.
        frozen_seconds: Their length.
    """

    concealed: int
    silent_concealed: int
    samples: int
    frames_decoded: int
    key_frames: int
    freezes: int
    frozen_seconds: float

    def concealed_ratio_since(self, earlier: Received) -> float:
        """Return the share of expected audio the decoder made up between two readings.

        Listening places in which nobody speaks play silence the decoder makes up; it was not
        expected, so it counts neither as concealed nor as played.
        """
        unexpected = self.silent_concealed - earlier.silent_concealed
        expected = self.samples - earlier.samples - unexpected
        invented = self.concealed - earlier.concealed - unexpected
        return invented / expected if expected else 1.0


def delays_ms(
    entered: Sequence[Sighting], left: Sequence[Sighting], longest_ms: float
) -> list[float]:
    """Pair what came out with the latest earlier entry of the same number.

    Args:
        entered: What went in, in order of time.
        left: What came out, in order of time.
        longest_ms: Pairs further apart are not pairs: numbers repeat.

    Returns:
        One delay per paired sighting that came out.
    """
    by_number: dict[int, list[float]] = {}
    for sighting in entered:
        by_number.setdefault(sighting.number, []).append(sighting.at_ms)
    delays = []
    for sighting in left:
        earlier = [at for at in by_number.get(sighting.number, ()) if at <= sighting.at_ms]
        if earlier and sighting.at_ms - earlier[-1] <= longest_ms:
            delays.append(sighting.at_ms - earlier[-1])
    return delays


def in_turn(marks: Sequence[Sighting]) -> list[Sighting]:
    """Return the marks that go on from the one before, or that the one after goes on from.

    A mark on the edge of a block, or in invented sound, is read as one of another tone now and
    then. Paired by its wrong number it looks two seconds late; standing alone it gives itself away.

    Args:
        marks: What was heard in one ear, in order of time.
    """
    follows = [
        (later.number - earlier.number) % MARKS == 1
        and later.at_ms - earlier.at_ms < 2 * MARK_INTERVAL_MS
        for earlier, later in itertools.pairwise(marks)
    ]
    before, after = [False, *follows], [*follows, False]
    kept = map(operator.or_, before, after)
    return list(itertools.compress(marks, kept))


def frozen_ratio(shown_ms: Sequence[float]) -> float:
    """Return the share of time spent in freezes, from the instants at which frames were shown.

    Source: W3C webrtc-stats, ``totalFreezesDuration``; computed here because not every browser
    counts it. Fewer than two frames count as frozen throughout.
    """
    gaps = [later - earlier for earlier, later in itertools.pairwise(shown_ms)]
    if not gaps:
        return 1.0
    frozen = 0.0
    for index, gap in enumerate(gaps):
        recent = gaps[max(0, index - FREEZE_MEAN_FRAMES) : index] or [gap]
        mean = sum(recent) / len(recent)
        if gap >= max(3 * mean, mean + FREEZE_ADDED_MS):
            frozen += gap
    return frozen / (shown_ms[-1] - shown_ms[0])
