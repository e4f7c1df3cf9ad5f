"""What both parties hold of a line check, worked out from the entries about it. A core without I/O.

Every limit lies between two entries of one log: the code is typed within the agreed minutes of the
receipt by the clock of the party that typed it, and confirmed within five more of the sending by
the clock of the party that sent it. So a clock that is hours off changes no outcome, and both ends
come to the same from the same entries.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parley.crisis.checks.bodies import (
    CheckSent,
    read_check,
    read_decline,
    read_return,
)
from parley.crisis.checks.evidence import CheckProof
from parley.crisis.checks.machine import (
    CHECK_TRANSITIONS,
    CheckEvent,
    CheckGuard,
    CheckState,
    step,
)
from parley.crisis.checks.passage import typed_code
from parley.crisis.checks.schedule import CONFIRM_AFTER_MS, TYPE_MS, is_turn_of
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value
from parley.record.entry import Entry, read_body
from parley.record.kinds import Kind

ENTRIES_MAX: Final = 64
"""Entries of one party about one check that are read. More than people need to type six letters."""
_EVENTS: Final = {
    Kind.CHECK_RETURN: CheckEvent.RETURN,
    Kind.CHECK_CONFIRMATION: CheckEvent.CONFIRM,
    Kind.CHECK_DECLINE: CheckEvent.DECLINE,
}


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """An entry about a line check, and when it was durable here, by our clock."""

    hash: bytes
    entry: Entry
    epoch: int
    place: int
    came_ms: int

    @property
    def order(self) -> tuple[bytes, int, int]:
        """Its place among the entries of both logs, the same wherever it is looked at."""
        return (bytes(self.entry.author), self.epoch, self.place)


@dataclass(frozen=True, slots=True)
class CheckBreach:
    """An entry about a check that has no effect."""

    hash: bytes
    author: PartyId
    what: str
    """The guard that does not hold, the step that is none, or the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMatter:
    """Everything both parties hold of a line check that was sent."""

    hash: bytes
    space: SpaceId
    starter: PartyId
    other: PartyId
    sent: CheckSent
    sent_ms: int
    """By the starter's clock."""
    came_ms: int
    """When it was durable here, by our clock."""
    sent_by: ActorId | None
    type_ms: int = TYPE_MS
    """To type the code back, by the line's agreement."""
    state: CheckState = CheckState.SENT
    receipt: CheckEntry | None = None
    """By which the other node said that it has the check."""
    desk: CheckEntry | None = None
    """By which a desk of the other party was said to show it."""
    returned: CheckEntry | None = None
    confirmed: CheckEntry | None = None
    declined: CheckEntry | None = None
    words: str | None = None
    """Of whoever declined."""
    return_receipt: CheckEntry | None = None
    """By which the starter's node said that it has what was typed."""
    breaches: tuple[CheckBreach, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the entries alone say how it ended."""
        return self.state in {CheckState.CONFIRMED, CheckState.MISSED}

    @property
    def awaited(self) -> PartyId:
        """Who is waited for, or was."""
        if self.declined is not None:
            return self.declined.entry.author
        return self.other if self.returned is None else self.starter

    @property
    def confirm_ms(self) -> int:
        """From the sending until it must be confirmed."""
        return self.type_ms + CONFIRM_AFTER_MS

    def limit_ms(self, own: PartyId) -> int:
        """Return until when it can be kept, by our clock: each end counts from its own event."""
        if own == self.starter:
            return self.sent_ms + self.confirm_ms
        return self.came_ms + (self.type_ms if self.returned is None else self.confirm_ms)

    def proof(self, of: PartyId) -> CheckProof:
        """Return what the entries prove of a party that is waited for."""
        person = self.declined if self.declined and self.declined.entry.author == of else None
        if of == self.other:
            return CheckProof(
                _came(self.receipt), _came(self.desk), _came(person), person is not None
            )
        # The starter's person sent the check: after that only what is about the return proves more.
        receipt = _came(self.return_receipt)
        return CheckProof(receipt, None, _came(person), person is not None)


def work_out(
    first: CheckEntry,
    others: Iterable[CheckEntry],
    parties: Collection[PartyId],
    type_ms: int = TYPE_MS,
) -> CheckMatter:
    """Return what both parties hold of a line check.

    Args:
        first: the check.
        others: entries of both logs about it, in any order, each once.
        parties: the two of the line.
        type_ms: to type the code back, by the line's agreement when it was sent.

    Raises:
        EntryMalformed: the first entry is no line check.
    """
    sent = read_check(first.entry)
    starter = first.entry.author
    matter = CheckMatter(
        hash=first.hash,
        space=first.entry.space,
        starter=starter,
        other=next(each for each in parties if each != starter),
        sent=sent,
        sent_ms=first.entry.time_ms,
        came_ms=first.came_ms,
        sent_by=first.entry.actor,
        type_ms=type_ms,
    )
    is_turn = sent.due_ms is None or is_turn_of(sent.due_ms, starter, parties)
    if first.entry.actor is None or not is_turn:
        what = "no_person" if first.entry.actor is None else CheckGuard.ON_SCHEDULE.name.lower()
        breach = CheckBreach(first.hash, starter, what)
        return replace(matter, state=CheckState.MISSED, breaches=(breach,))
    ordered = _kept(others)
    matter = _proved(matter, ordered)
    # The other party's acts come first, the starter's confirmation answers them.
    theirs = [each for each in ordered if each.entry.author == matter.other]
    ours = [each for each in ordered if each.entry.author == starter]
    for each in (*theirs, *ours):
        matter = _taken(matter, each)
    return _receipted(matter, ordered)


def _kept(others: Iterable[CheckEntry]) -> list[CheckEntry]:
    found = sorted(others, key=lambda each: each.order)
    counts: dict[PartyId, int] = {}
    kept = []
    for each in found:
        counts[each.entry.author] = counts.get(each.entry.author, 0) + 1
        if counts[each.entry.author] <= ENTRIES_MAX:
            kept.append(each)
    return kept


def _proved(matter: CheckMatter, ordered: Sequence[CheckEntry]) -> CheckMatter:
    """Add what node and desk of the other party said."""
    about = [
        each
        for each in ordered
        if each.entry.author == matter.other and matter.hash in each.entry.refs
    ]
    receipts = [each for each in about if each.entry.kind == Kind.RECEIPT]
    desks = [each for each in about if each.entry.kind == Kind.DELIVERY]
    return replace(
        matter,
        receipt=receipts[0] if receipts else None,
        desk=desks[0] if desks else None,
    )


def _receipted(matter: CheckMatter, ordered: Sequence[CheckEntry]) -> CheckMatter:
    if matter.returned is None:
        return matter
    quoted = matter.returned.hash
    found = [
        each
        for each in ordered
        if each.entry.kind == Kind.RECEIPT
        and each.entry.author == matter.starter
        and quoted in each.entry.refs
    ]
    return replace(matter, return_receipt=found[0] if found else None)


def _taken(matter: CheckMatter, each: CheckEntry) -> CheckMatter:
    event = next((event for kind, event in _EVENTS.items() if each.entry.kind == kind), None)
    if event is None or matter.hash not in each.entry.refs:
        return matter
    what = _wrong(matter, event, each)
    if what is not None:
        breach = CheckBreach(each.hash, each.entry.author, what)
        return replace(matter, breaches=(*matter.breaches, breach))
    matter = replace(matter, state=step(matter.state, event))
    match event:
        case CheckEvent.RETURN:
            return replace(matter, returned=each)
        case CheckEvent.CONFIRM:
            return replace(matter, confirmed=each)
        case _:
            return replace(matter, declined=each, words=read_decline(each.entry).words)


def _wrong(matter: CheckMatter, event: CheckEvent, each: CheckEntry) -> str | None:
    """Return why an entry has no effect, None if it has."""
    if each.entry.actor is None:
        return "no_person"
    if (matter.state, event) not in CHECK_TRANSITIONS:
        return f"{event} in {matter.state}"
    try:
        return _unmet(matter, event, each)
    except EntryMalformed as error:
        return f"malformed: {error.params.get('field', '')}"


def _unmet(matter: CheckMatter, event: CheckEvent, each: CheckEntry) -> str | None:
    entry = each.entry
    match event:
        case CheckEvent.RETURN:
            if entry.author != matter.other:
                return "party"
            if typed_code(read_return(entry)) != matter.sent.code:
                return CheckGuard.CODE_ALIKE.name.lower()
            is_late = entry.time_ms - _receipted_ms(matter, entry.time_ms) > matter.type_ms
            return CheckGuard.TYPED_IN_TIME.name.lower() if is_late else None
        case CheckEvent.CONFIRM:
            if entry.author != matter.starter:
                return "party"
            is_late = entry.time_ms - matter.sent_ms > matter.confirm_ms
            return CheckGuard.CONFIRMED_IN_TIME.name.lower() if is_late else None
        case _:
            read_decline(entry)
            awaited = matter.other if matter.returned is None else matter.starter
            return None if entry.author == awaited else "party"


def _receipted_ms(matter: CheckMatter, otherwise_ms: int) -> int:
    """Return when the other node had the check, by its own clock."""
    if matter.receipt is None:
        return otherwise_ms
    try:
        at: Value = read_body(matter.receipt.entry).get(0)
    except EntryMalformed:
        return otherwise_ms
    return at if isinstance(at, int) and not isinstance(at, bool) else otherwise_ms


def _came(each: CheckEntry | None) -> int | None:
    return None if each is None else each.came_ms
