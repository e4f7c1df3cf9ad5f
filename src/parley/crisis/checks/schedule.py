"""When people check a line, and who begins. A core without I/O.

All of it is in UTC: summer time moves no check. Both parties compute the same from the agreement
and from their ids, and neither is the host: in even hours of UTC the party with the lower id
begins, in odd hours the other.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from parley.ids import PartyId
from parley.record.line_terms import DEFAULT_TERMS, CheckProfile, LineTerms

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
QUARTER_MS: Final = 15 * MINUTE_MS
"""Between two checks while a crisis is open; every check is for such a time."""
SEND_MS: Final = 5 * MINUTE_MS
"""From when a check is due until it must have been sent. More: a dead line is noticed later. Less:
an officer who is on the telephone misses it."""
TYPE_MS: Final = DEFAULT_TERMS.code_minutes * MINUTE_MS
"""From the receipt of a check until its code must have been typed back, by default."""
CONFIRM_AFTER_MS: Final = 5 * MINUTE_MS
"""Beyond that, from the sending until what came back must have been confirmed: the way there and
back, and time to look at it."""
CONFIRM_MS: Final = TYPE_MS + CONFIRM_AFTER_MS


def confirm_ms(terms: LineTerms) -> int:
    """Return how long after its sending a check must have been confirmed, by a line's terms."""
    return terms.code_minutes * MINUTE_MS + CONFIRM_AFTER_MS


@dataclass(frozen=True, slots=True)
class CheckPace:
    """What an open crisis adds to the schedule that was agreed."""

    minutes: int | None = None
    """Between two checks, where a crisis asks for more of them; whole quarters of an hour."""
    starters: frozenset[PartyId] = frozenset()
    """In whose turns: a side that opened alone begins more checks, and expects none for it."""


PEACE: Final = CheckPace()
"""Nothing is added."""


def starter_at(due_ms: int, parties: Collection[PartyId]) -> PartyId:
    """Return whose turn it is to begin the check for an instant."""
    lower, higher = sorted(parties)
    return lower if due_ms // HOUR_MS % 2 == 0 else higher


def is_turn_of(due_ms: int, party: PartyId, parties: Collection[PartyId]) -> bool:
    """Say whether an instant is one that a check can be for, and the party's turn."""
    return due_ms % QUARTER_MS == 0 and starter_at(due_ms, parties) == party


def due_times(
    terms: LineTerms,
    from_ms: int,
    until_ms: int,
    parties: Collection[PartyId],
    pace: CheckPace = PEACE,
) -> Iterator[int]:
    """Yield when checks are due, from one instant until before another, in order.

    Args:
        terms: what the parties have agreed.
        from_ms: the first instant that counts.
        until_ms: the first that does not.
        parties: both of the line.
        pace: what an open crisis adds.
    """
    period_ms = HOUR_MS if pace.minutes is None else QUARTER_MS
    at_ms = -(-from_ms // period_ms) * period_ms
    while at_ms < until_ms:
        if _is_due(terms, at_ms) or _is_added(pace, at_ms, parties):
            yield at_ms
        at_ms += period_ms


def next_due(
    terms: LineTerms, after_ms: int, parties: Collection[PartyId], pace: CheckPace = PEACE
) -> int | None:
    """Return when the next check is due after an instant, None if none is ever."""
    return next(due_times(terms, after_ms + 1, after_ms + 1 + DAY_MS, parties, pace), None)


def _is_added(pace: CheckPace, at_ms: int, parties: Collection[PartyId]) -> bool:
    if pace.minutes is None or at_ms % (pace.minutes * MINUTE_MS):
        return False
    return starter_at(at_ms, parties) in pace.starters


def _is_due(terms: LineTerms, at_ms: int) -> bool:
    if at_ms % HOUR_MS:
        return False
    match terms.checks:
        case CheckProfile.OFF:
            return False
        case CheckProfile.CIVIL:
            return at_ms // HOUR_MS % 24 in terms.civil_hours
        case CheckProfile.WATCH:
            return True
