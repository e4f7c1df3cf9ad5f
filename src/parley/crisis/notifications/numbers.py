"""Numbers without gaps: each party counts its notifications of a type from 1 in every year.

Exercises are counted by themselves, with a mark before the number: a drill neither uses up a number
of the real series nor leaves a gap in it.

A number that is missing means that something was said and is not here, or that a node lost its
count; one that comes twice means that two things were said under one name. Either is named and
kept. Neither stops what comes after: the next number is one more than the highest that stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NUMBER_MAX: Final = 1_000_000
"""Notifications of a type in a year. A higher number is refused, or a hostile author could name a
gap of a thousand million."""
GAPS_NAMED_MAX: Final = 100
"""Missing numbers that are named one by one; more say nothing more."""

EXERCISE_MARK: Final = "E"
"""Before the number of an exercise, wherever a number is said. In every language: it is a name."""


class NumberFault(StrEnum):
    """What is wrong with a count."""

    GAP = "gap"
    """No notification has this number."""
    DOUBLE = "double"
    """Several notifications have it."""


@dataclass(frozen=True, slots=True)
class FoundNumberFault:
    """A number that is missing or comes twice."""

    fault: NumberFault
    number: int
    hashes: tuple[bytes, ...] = ()
    """The entries that have it, in order of their hashes, if several have."""


def number_text(number: int, *, is_exercise: bool) -> str:
    """Return a number as people say it: ``3``, of an exercise ``E3``."""
    return f"{EXERCISE_MARK if is_exercise else ''}{number}"


def next_number(numbers: Iterable[int]) -> int:
    """Return the number after the highest that stands."""
    return max(numbers, default=0) + 1


def number_faults(counted: Iterable[tuple[int, bytes]]) -> list[FoundNumberFault]:
    """Return what is wrong with the numbers of one series: a party, type and year, exercises apart.

    Args:
        counted: number and hash of every notification that stands in the log, in any order.
    """
    by_number: dict[int, set[bytes]] = {}
    for number, digest in counted:
        by_number.setdefault(number, set()).add(digest)
    faults = [
        FoundNumberFault(NumberFault.DOUBLE, number, tuple(sorted(hashes)))
        for number, hashes in by_number.items()
        if len(hashes) > 1
    ]
    named, wanted = 0, 1
    for number in sorted(by_number):
        missing = range(wanted, number)[: GAPS_NAMED_MAX - named]
        faults += [FoundNumberFault(NumberFault.GAP, each) for each in missing]
        named += len(missing)
        wanted = number + 1
    return sorted(faults, key=lambda each: (each.number, each.fault))
