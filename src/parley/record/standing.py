"""How much a log can be relied on at the moment: the machine a desk's warning is drawn from.

A party signs a checkpoint at least every minute, even when it has nothing to say. So silence is a
fact with a time, and what the other side withholds is noticed although nothing comes.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import follow

BEAT_S: Final = 60
"""A log is signed anew this often. More often costs a row each, less often delays the alarm."""
GRACE_S: Final = 15
"""What a slow path may take; below it every jam would look like silence."""
MISSED_MAX: Final = 3
"""Beats that may be missing before a desk is alarmed."""


class Standing(StrEnum):
    """What may be said about a log."""

    FRESH = "fresh"
    """Its newest checkpoint is as new as it should be."""
    LATE = "late"
    """A beat is missing."""
    SILENT = "silent"
    """Three beats are missing: its party is cut off, down, or withholds."""
    DISPUTED = "disputed"
    """Its party contradicted itself, and the evidence is kept. Nothing ends this but people."""
    FROZEN = "frozen"
    """The root of its party does not believe its key any more; it goes on in another epoch."""


class StandingEvent(StrEnum):
    """What happens to a log's standing."""

    HEARD = "heard"
    BEAT_MISSED = "beat_missed"
    BEATS_MISSED = "beats_missed"
    CONTRADICTED = "contradicted"
    FROZE = "froze"


_S = Standing
_E = StandingEvent

TRANSITIONS: Final[Mapping[tuple[Standing, StandingEvent], Standing]] = {
    (_S.FRESH, _E.HEARD): _S.FRESH,
    (_S.FRESH, _E.BEAT_MISSED): _S.LATE,
    (_S.FRESH, _E.BEATS_MISSED): _S.SILENT,
    (_S.LATE, _E.HEARD): _S.FRESH,
    (_S.LATE, _E.BEAT_MISSED): _S.LATE,
    (_S.LATE, _E.BEATS_MISSED): _S.SILENT,
    (_S.SILENT, _E.HEARD): _S.FRESH,
    (_S.SILENT, _E.BEATS_MISSED): _S.SILENT,
    **{(state, _E.CONTRADICTED): _S.DISPUTED for state in _S},
    **{(state, _E.FROZE): _S.FROZEN for state in _S},
    **{(_S.FROZEN, event): _S.FROZEN for event in (_E.HEARD, _E.BEAT_MISSED, _E.BEATS_MISSED)},
    (_S.DISPUTED, _E.HEARD): _S.DISPUTED,
    (_S.DISPUTED, _E.BEAT_MISSED): _S.DISPUTED,
    (_S.DISPUTED, _E.BEATS_MISSED): _S.DISPUTED,
}


def step(state: Standing, event: StandingEvent) -> Standing:
    """Return the next standing.

    Raises:
        TransitionRefused: the event does not apply; one beat missing is no news of a silent log.
    """
    return follow(TRANSITIONS, "standing", state, event)


class LogWatch:
    """Watches one log's beats."""

    def __init__(self, now_s: float, standing: Standing = Standing.FRESH) -> None:
        """Begin to wait; a log that was disputed stays so across restarts."""
        self.standing = standing
        self._heard_s = now_s

    def heard(self, now_s: float) -> Standing:
        """Take note of a newer checkpoint."""
        self._heard_s = now_s
        self.standing = step(self.standing, StandingEvent.HEARD)
        return self.standing

    def contradicted(self) -> Standing:
        """Take note of evidence."""
        self.standing = step(self.standing, StandingEvent.CONTRADICTED)
        return self.standing

    def froze(self) -> Standing:
        """Take note that its key is not believed any more."""
        self.standing = step(self.standing, StandingEvent.FROZE)
        return self.standing

    def tick(self, now_s: float) -> Standing:
        """Judge the silence so far."""
        if now_s >= self._due_s(MISSED_MAX):
            self.standing = step(self.standing, StandingEvent.BEATS_MISSED)
        elif now_s >= self._due_s(1):
            self.standing = step(self.standing, StandingEvent.BEAT_MISSED)
        return self.standing

    def _due_s(self, beats: int) -> float:
        return self._heard_s + beats * BEAT_S + GRACE_S
