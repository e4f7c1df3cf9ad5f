"""Whether a notification came in time: one function, alike on both sides.

It uses three things that both logs have: the instant at which the receiving node had the
notification on its disk (the legal time), the instant in the form that the rule counts from, and
the rule of the agreed type. It says how late, and nothing else: what follows from it is for people.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
HOURS_MAX: Final = 24 * 366
"""Longest lead: a year; annual lists come by a date."""


class Relation(StrEnum):
    """What the hours of a rule are counted from, and in which direction."""

    BEFORE = "before"
    """At least so many hours before the instant named."""
    AFTER = "after"
    """At most so many hours after the instant named."""
    NONE = "none"
    """There is no rule."""


@dataclass(frozen=True, slots=True)
class LeadRule:
    """By when a notification must have been received."""

    relation: Relation = Relation.NONE
    hours: int = 0


NO_RULE: Final = LeadRule()


def due_ms(rule: LeadRule, reference_ms: int | None) -> int | None:
    """Return by when it must have been received, or None where there is no such instant.

    Args:
        rule: the rule that applies.
        reference_ms: the instant in the form it counts from, milliseconds since 1970 UTC.
    """
    if rule.relation is Relation.NONE or reference_ms is None:
        return None
    sign = -1 if rule.relation is Relation.BEFORE else 1
    return reference_ms + sign * rule.hours * HOUR_MS


def late_ms(rule: LeadRule, reference_ms: int | None, received_ms: int) -> int | None:
    """Return by how much it came too late, 0 if in time, None where there is no rule.

    To the millisecond of the due instant is in time.
    """
    due = due_ms(rule, reference_ms)
    return None if due is None else max(0, received_ms - due)


def late_text(late: int) -> str:
    """Return a lateness as hours and minutes, ``03:12``; a minute that has begun counts whole.

    So nothing that is late ever reads 00:00.
    """
    minutes = -(-late // MINUTE_MS)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
