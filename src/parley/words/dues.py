"""What must happen next, and by when by both clocks: of alerts, calls, line checks and accounts.

One list for terminal and text page, from the node's answers as JSON. A core without I/O.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from whenever import Instant

from parley.words import Words
from parley.words.alerts import OURS_TO_DO, left_of
from parley.words.crises import other_of, party_of_call
from parley.words.plain import line

Json = Mapping[str, Any]
UNSEALED: Final = "timeline"
"""The stage of an assessment in which accounts are still awaited."""


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One thing that must happen, by both clocks."""

    about: str
    """What it is about: hash of the alert, call request or crisis, or the line's space."""
    party: str
    precedence: str
    """Of an alert, else empty."""
    limit: str
    due_at: Instant
    """By our clock."""
    theirs_at: Instant | None
    """By the other party's, as far as its own event is proved here."""
    is_ours: bool
    is_exercise: bool = False


@dataclass(frozen=True, slots=True)
class DeskShown:
    """What a desk has of the node's answers."""

    own: str
    """Id of our party."""
    names: Mapping[str, str]
    """What the other parties are called, by id."""
    alerts: Iterable[Json] = ()
    calls: Iterable[Json] = ()
    checks: Iterable[Json] = ()
    crises: Iterable[Json] = ()


def dues(shown: DeskShown) -> list[DeadlineRow]:
    """Return what is due, the soonest first."""
    found = [
        *alert_dues(shown.alerts),
        *call_dues(shown.calls, shown.own, shown.names),
        *check_dues(shown.checks),
        *account_dues(shown.crises, shown.own),
    ]
    return sorted(found, key=lambda row: row.due_at)


def limit_words(row: DeadlineRow, words: Words) -> str:
    """Return what is due, in a few words."""
    return words.code("limit" if row.precedence else "due", row.limit)


def due_words(row: DeadlineRow, words: Words, now: Instant) -> tuple[str, str]:
    """Return how long is left by our clock, and by theirs as far as that is proved."""
    if row.theirs_at is None:
        return left_of(row.due_at, now), ""
    theirs = words.say("theirs {at}", at=left_of(row.theirs_at, now))
    return left_of(row.due_at, now), theirs


def alert_dues(alerts: Iterable[Json]) -> Iterator[DeadlineRow]:
    """Yield the limits of open alerts."""
    for each in alerts:
        for due in () if each["state"] == "closed" else each["due"]:
            yield DeadlineRow(
                str(each["hash"]),
                line(str(each["party"])),
                str(each["precedence"]),
                str(due["limit"]),
                Instant.parse_iso(due["due_at"]),
                _maybe(due.get("theirs_at")),
                is_ours=each["saying"]["duty"] in OURS_TO_DO,
                is_exercise=bool(each["is_exercise"]),
            )


def call_dues(calls: Iterable[Json], own: str, names: Mapping[str, str]) -> Iterator[DeadlineRow]:
    """Yield by when call requests are to be answered, and when agreed calls begin."""
    for each in calls:
        about, party = str(each["hash"]), party_of_call(each, own, names)
        marked, begins = bool(each["is_exercise"]), each["begins"]
        if each["due"] is not None:
            here, said = each["due_here"], Instant.parse_iso(each["due"]["at"])
            at = said if here is None else Instant.parse_iso(here["at"])
            theirs, is_ours = None if here is None else said, each["turn"] == own
            yield DeadlineRow(about, party, "", "call", at, theirs, is_ours, is_exercise=marked)
        elif each["state"] == "accepted" and begins is not None:
            at = Instant.parse_iso(begins["at"])
            yield DeadlineRow(
                about, party, "", "call_begins", at, None, is_ours=True, is_exercise=marked
            )


def check_dues(lines: Iterable[Json]) -> Iterator[DeadlineRow]:
    """Yield the line check that is under way, and the next one, of each line."""
    for each in lines:
        party, now = line(str(each["party"])), each["now"]
        if now is not None and now["limit_at"] is not None:
            at, is_ours = Instant.parse_iso(now["limit_at"]), now["turn"] == "us"
            marked = bool(now["is_exercise"])
            yield DeadlineRow(
                str(each["space"]), party, "", "check_step", at, None, is_ours, is_exercise=marked
            )
        for coming in each["next"][:1]:
            at, is_ours = Instant.parse_iso(coming["due_at"]), bool(coming["is_ours"])
            yield DeadlineRow(str(each["space"]), party, "", "check", at, None, is_ours)


def account_dues(crises: Iterable[Json], own: str) -> Iterator[DeadlineRow]:
    """Yield until when accounts of crises may be sealed, while a seal is awaited."""
    for each in crises:
        assessment = each.get("assessment")
        if assessment is None or assessment["state"] != UNSEALED:
            continue
        is_ours = own not in {given["party"] for given in assessment["accounts"]}
        at = Instant.parse_iso(assessment["deadline"])
        marked = bool(each["is_exercise"])
        yield DeadlineRow(
            str(each["hash"]), other_of(each), "", "account", at, None, is_ours, is_exercise=marked
        )


def _maybe(at: str | None) -> Instant | None:
    return None if at is None else Instant.parse_iso(at)
