"""Whether a line is in use, as two people of a party have written. A core without I/O.

Each party writes about itself: what it suspends it alone resumes. What holds of a line is what both
parties' logs say, each in its own order, so both ends read the same. A single signature changes
nothing; the second is another person's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from parley.crisis.checks.bodies import (
    StandingWords,
    Suspended,
    read_concurrence,
    read_standing,
    read_suspension,
)
from parley.crisis.checks.machine import (
    LINE_TRANSITIONS,
    LineEvent,
    LineGuard,
    LineStanding,
    line_step,
)
from parley.errors import EntryMalformed
from parley.ids import PartyId
from parley.record.entry import Entry, Precedence
from parley.record.kinds import Kind
from parley.record.line_terms import SuspendedAlerts

LINE_KINDS: Final = frozenset(
    {Kind.SUSPENSION, Kind.CONCURRENCE, Kind.RESUMPTION, Kind.LINE_ENDING}
)
_PLACES_MAX: Final = 1_000
"""Entries of one party about its standing that are read, the newest. Nobody needs as many."""


@dataclass(frozen=True, slots=True)
class LineEntry:
    """An entry about a party's standing on a line."""

    hash: bytes
    entry: Entry
    epoch: int
    place: int
    is_signed: bool
    """Whether its person's passkey is proved to have signed it."""


@dataclass(frozen=True, slots=True)
class StandingBreach:
    """An entry about a line's standing that has no effect."""

    hash: bytes
    author: PartyId
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStanding:
    """What one party has written about a line."""

    party: PartyId
    standing: LineStanding = LineStanding.IN_USE
    suspended: Suspended | None = None
    """What is suspended, while it is; or what one person wants to suspend."""
    words: StandingWords | None = None
    """Of the resumption or ending that is under way or done."""
    asked: bytes | None = None
    """Hash of what a second person is waited for."""
    asked_by: bytes | None = None
    """Pseudonym of the first."""
    since: bytes | None = None
    """Hash of the second person's entry that made the standing what it is."""
    breaches: tuple[StandingBreach, ...] = ()

    @property
    def is_suspended(self) -> bool:
        """Whether two people have suspended it, and no two have resumed it."""
        return self.suspended is not None and self.standing in {
            LineStanding.SUSPENDED,
            LineStanding.RESUMING,
            LineStanding.ENDING,
        }

    def holds_at(self, at_ms: int) -> "PartyStanding":
        """Return what of it holds at an instant: a start may lie ahead."""
        if self.standing is LineStanding.ENDED and self.words and at_ms < self.words.from_ms:
            return replace(self, standing=LineStanding.IN_USE)
        if self.is_suspended and self.suspended and at_ms < self.suspended.from_ms:
            return replace(self, standing=LineStanding.IN_USE, suspended=None)
        return self


_EVENTS: Final = {
    Kind.SUSPENSION: LineEvent.SUSPEND,
    Kind.RESUMPTION: LineEvent.RESUME,
    Kind.LINE_ENDING: LineEvent.END,
}
_WHAT: Final = {
    Kind.NOTIFICATION: "notification",
    Kind.CALL_REQUEST: "call_request",
    Kind.LINE_CHECK: "line_check",
    Kind.ALERT: "alert",
}


def party_standing(party: PartyId, entries: Iterable[LineEntry]) -> PartyStanding:
    """Return what a party's own entries about a line come to.

    Args:
        party: whose.
        entries: of its log, in any order; others' are passed over.
    """
    own = sorted(
        (each for each in entries if each.entry.author == party),
        key=lambda each: (each.epoch, each.place),
    )
    found = PartyStanding(party=party)
    for each in own[-_PLACES_MAX:]:
        found = _taken(found, each)
    return found


def refusal(standings: Iterable[PartyStanding], entry: Entry, at_ms: int) -> str | None:
    """Return what of an entry is not accepted on a line, None if it is.

    Answers, receipts, translations and words stay possible: a suspension cuts nobody's answer off.

    Args:
        standings: of both parties.
        entry: what is to be written, or was.
        at_ms: when.
    """
    what = next((word for kind, word in _WHAT.items() if entry.kind == kind), None)
    if what is None:
        return None
    for each in standings:
        held = each.holds_at(at_ms)
        if held.standing is LineStanding.ENDED:
            return what
        if held.is_suspended and held.suspended and not _goes_on(held.suspended, entry):
            return what
    return None


def is_checked(standings: Iterable[PartyStanding], at_ms: int) -> bool:
    """Say whether line checks go on at an instant."""
    held = [each.holds_at(at_ms) for each in standings]
    return all(
        each.standing is not LineStanding.ENDED
        and not (each.is_suspended and each.suspended and not each.suspended.has_checks)
        for each in held
    )


def _goes_on(suspended: Suspended, entry: Entry) -> bool:
    if entry.kind == Kind.LINE_CHECK:
        return suspended.has_checks
    if entry.kind != Kind.ALERT:
        return False
    if suspended.alerts is SuspendedAlerts.FLASH:
        return entry.precedence == Precedence.FLASH
    return suspended.alerts is SuspendedAlerts.ALL


def _taken(before: PartyStanding, each: LineEntry) -> PartyStanding:
    try:
        event = _event(each.entry)
        what = _wrong(before, event, each)
        if what is None:
            return _after(before, event, each)
    except EntryMalformed as error:
        what = f"malformed: {error.params.get('field', '')}"
    breach = StandingBreach(each.hash, each.entry.author, what)
    return replace(before, breaches=(*before.breaches, breach))


def _event(entry: Entry) -> LineEvent:
    if entry.kind == Kind.CONCURRENCE:
        return LineEvent.CONCUR if read_concurrence(entry) else LineEvent.DROP
    return next(event for kind, event in _EVENTS.items() if entry.kind == kind)


def _wrong(before: PartyStanding, event: LineEvent, each: LineEntry) -> str | None:
    """Return why an entry has no effect, None if it has."""
    outcome = LINE_TRANSITIONS.get((before.standing, event))
    if each.entry.actor is None:
        return "no_person"
    if outcome is None:
        return f"{event} in {before.standing}"
    if not each.is_signed:
        return LineGuard.SIGNED.name.lower()
    is_second = event in {LineEvent.CONCUR, LineEvent.DROP}
    if is_second and before.asked not in each.entry.refs:
        return "about another"
    if event is LineEvent.CONCUR and bytes(each.entry.actor) == before.asked_by:
        return LineGuard.ANOTHER.name.lower()
    return None


def _after(before: PartyStanding, event: LineEvent, each: LineEntry) -> PartyStanding:
    after = replace(before, standing=line_step(before.standing, event))
    asked = replace(after, asked=each.hash, asked_by=bytes(each.entry.actor or b""))
    match event:
        case LineEvent.SUSPEND:
            return replace(asked, suspended=read_suspension(each.entry))
        case LineEvent.RESUME | LineEvent.END:
            return replace(asked, words=read_standing(each.entry))
        case LineEvent.CONCUR:
            kept = after.suspended if after.standing is not LineStanding.IN_USE else None
            done = replace(after, asked=None, asked_by=None, since=each.hash)
            return replace(done, suspended=kept)
        case LineEvent.DROP:
            kept = after.suspended if after.standing is LineStanding.SUSPENDED else None
            return replace(after, asked=None, asked_by=None, suspended=kept)
