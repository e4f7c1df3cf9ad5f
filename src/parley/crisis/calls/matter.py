"""What both sides hold of a call request, worked out from the entries about it.

The negotiation is a chain: the request is the first offer, and each side in turn answers the last
one by quoting its hash. Of several answers to one offer the first in its party's log counts, so the
outcome is the same wherever and in whatever order the entries arrive. A withdrawal ends what is not
yet begun; a call has begun when both sides have said so, each before it withdrew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from parley.crisis.calls.bodies import (
    CallAnswer,
    CallAnswerKind,
    CallAsked,
    CallMode,
    read_answer,
    read_commitment,
    read_key,
    read_request,
    read_withdrawal,
    read_words,
)
from parley.crisis.calls.identity_code import (
    EXCHANGES_MAX,
    DeviceKey,
    commitment_of,
    identity_code,
)
from parley.crisis.calls.machine import OPEN, CallEvent, CallState, step
from parley.crisis.formal import FormalEntry
from parley.crisis.offices import RELEASING_OFFICE, Capacity, is_out_of_office
from parley.errors import EntryMalformed
from parley.ids import PartyId
from parley.record.kinds import Kind

HOUR_MS: Final = 3_600_000
HOLDS_MAX: Final = 2
"""How often a side may say that it is still deciding about one offer."""
TURNS_MAX: Final = 64
"""Offers of one negotiation. More than people make; a hostile chain costs no more than this."""


class CallBreach(StrEnum):
    """What an entry about a call request does that it may not."""

    MALFORMED = "malformed"
    WRONG_CODE = "wrong_code"
    """A side read another code than the two devices' keys give."""
    COMMITMENT_BROKEN = "commitment_broken"
    """A device showed another key than it had committed to."""
    HELD_TOO_OFTEN = "held_too_often"
    OUT_OF_ORDER = "out_of_order"
    """A withdrawal by a party that had begun to speak."""
    UNSIGNED = "unsigned"
    """A request, an answer or a withdrawal that no passkey is proved to have signed."""
    WRONG_OFFICE = "wrong_office"
    """A request, an answer or a withdrawal by a person in an office that may not."""


@dataclass(frozen=True, slots=True)
class CallTurn:
    """One answer of the chain."""

    hash: bytes
    party: PartyId
    at_ms: int
    answer: CallAnswer


@dataclass(frozen=True, slots=True)
class Identity:
    """How far the two devices have come with their code."""

    commitment: bytes | None = None
    """Hash of the entry by which the asker's device committed."""
    asked_key: bytes | None = None
    """Hash of the entry by which the asked device showed its key."""
    code: str | None = None
    """The six digits, once both have shown what they must."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A party's word that what it heard was not the code."""

    party: PartyId
    at_ms: int
    heard: str | None
    commitment: bytes
    """Hash of the entry that began the exchange it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMatter:
    """Everything both sides hold of a call request."""

    hash: bytes
    asker: PartyId
    asked: CallAsked
    asked_ms: int
    state: CallState = CallState.ASKED
    offer: bytes
    """Hash of what is to be answered: the request or the last offer."""
    turn: PartyId | None
    """Whose answer is awaited, None once the negotiation is over."""
    due_ms: int
    """By when; the limit of the request from the offer on, or the end of a hold."""
    earliest_ms: int
    latest_ms: int
    level: str
    begins_ms: int | None = None
    """When the call begins, once it is accepted."""
    turns: tuple[CallTurn, ...] = ()
    holds: int = 0
    """How often the offer was held."""
    identity: Identity = Identity()
    speaking: tuple[PartyId, ...] = ()
    """Which parties have said that they speak, with the code both devices give."""
    mismatches: tuple[Mismatch, ...] = ()
    """By time: who heard another code than their device showed."""
    withdrawn_as: Capacity | None = None
    """In which office it was given up, if it was and the entry says so."""
    started_ms: int | None = None
    ended_ms: int | None = None
    breaches: tuple[tuple[CallBreach, bytes], ...] = ()

    @property
    def awaited(self) -> tuple[bytes, ...]:
        """Hashes whose limit an answer settles: the last offer, and the holds since."""
        if self.turn is None:
            return ()
        held = [turn.hash for turn in self.turns[len(self.turns) - self.holds :]]
        return (self.offer, *held)

    def is_overdue(self, now_ms: int) -> bool:
        """Say whether an answer is awaited and its limit has passed."""
        return self.state in OPEN and now_ms > self.due_ms


def work_out(
    first: FormalEntry, others: Iterable[FormalEntry], members: Sequence[PartyId]
) -> CallMatter:
    """Return what both sides hold of a call request.

    Args:
        first: the request.
        others: entries of both logs in its thread, in any order, each once.
        members: the two parties of the line.

    Raises:
        EntryMalformed: the first entry is no request.
    """
    asked = read_request(first.entry)
    asker = first.entry.author
    other = next(each for each in members if each != asker)
    ordered = sorted(others, key=lambda each: each.order)
    breaches: list[tuple[CallBreach, bytes]] = []
    _is_bound(first, breaches)
    _is_in_office(first, asked.capacity, breaches)
    matter = CallMatter(
        hash=first.hash,
        asker=asker,
        asked=asked,
        asked_ms=first.entry.time_ms,
        offer=first.hash,
        turn=other,
        due_ms=first.entry.time_ms + asked.answer_hours * HOUR_MS,
        earliest_ms=asked.earliest_ms,
        latest_ms=asked.latest_ms,
        level=asked.level,
    )
    matter = _negotiated(matter, ordered, (asker, other), breaches)
    matter = replace(matter, identity=_identity(matter, ordered, other, breaches))
    matter = replace(matter, mismatches=tuple(_mismatches(matter, ordered, breaches)))
    matter = _spoken(matter, ordered, (asker, other), breaches)
    return replace(matter, breaches=tuple(sorted(set(breaches))))


# ------------------------------------------------------------------------------ the negotiation


def _negotiated(
    matter: CallMatter,
    ordered: Sequence[FormalEntry],
    parties: tuple[PartyId, PartyId],
    breaches: list[tuple[CallBreach, bytes]],
) -> CallMatter:
    while matter.turn is not None and len(matter.turns) < TURNS_MAX:
        found = next(_answers(matter, ordered, breaches), None)
        if found is None:
            return matter
        following = parties[0] if matter.turn == parties[1] else parties[1]
        matter = _answered(matter, found, following)
    return matter


def _answers(
    matter: CallMatter, ordered: Sequence[FormalEntry], breaches: list[tuple[CallBreach, bytes]]
) -> Iterator[CallTurn]:
    """Yield what the party whose turn it is said to the last offer, holds that were spent aside."""
    spent = {turn.hash for turn in matter.turns}
    for each in ordered:
        entry = each.entry
        is_answer = entry.kind == Kind.CALL_ANSWER and entry.author == matter.turn
        if not is_answer or matter.offer not in entry.refs or each.hash in spent:
            continue
        if not _is_bound(each, breaches):
            continue
        try:
            answer = read_answer(entry)
        except EntryMalformed:
            breaches.append((CallBreach.MALFORMED, each.hash))
            continue
        if not _is_in_office(each, answer.capacity, breaches):
            continue
        if answer.kind is CallAnswerKind.DECIDING and matter.holds >= HOLDS_MAX:
            breaches.append((CallBreach.HELD_TOO_OFTEN, each.hash))
            continue
        yield CallTurn(each.hash, entry.author, entry.time_ms, answer)


_EVENTS: Final = {
    CallAnswerKind.ACCEPT: CallEvent.ACCEPT,
    CallAnswerKind.OTHER_TIME: CallEvent.OFFER_TIME,
    CallAnswerKind.OTHER_LEVEL: CallEvent.NAME_LEVEL,
    CallAnswerKind.DECLINE: CallEvent.DECLINE,
    CallAnswerKind.DECIDING: CallEvent.HOLD,
}


def _answered(matter: CallMatter, turn: CallTurn, following: PartyId) -> CallMatter:
    answer = turn.answer
    changed = replace(
        matter, state=step(matter.state, _EVENTS[answer.kind]), turns=(*matter.turns, turn)
    )
    match answer.kind:
        case CallAnswerKind.ACCEPT:
            return replace(changed, turn=None, begins_ms=answer.earliest_ms)
        case CallAnswerKind.DECLINE:
            return replace(changed, turn=None)
        case CallAnswerKind.DECIDING:
            # A hold names an instant; it can move the limit out by no more than the limit again.
            latest = turn.at_ms + matter.asked.answer_hours * HOUR_MS
            until_ms = min(answer.until_ms or 0, latest)
            return replace(changed, holds=matter.holds + 1, due_ms=max(matter.due_ms, until_ms))
        case CallAnswerKind.OTHER_TIME | CallAnswerKind.OTHER_LEVEL:
            return replace(
                changed,
                offer=turn.hash,
                turn=following,
                holds=0,
                due_ms=turn.at_ms + matter.asked.answer_hours * HOUR_MS,
                earliest_ms=answer.earliest_ms or matter.earliest_ms,
                latest_ms=answer.latest_ms or matter.latest_ms,
                level=answer.level or matter.level,
            )


# ----------------------------------------------------------------------------- the identity code


def _identity(
    matter: CallMatter,
    ordered: Sequence[FormalEntry],
    other: PartyId,
    breaches: list[tuple[CallBreach, bytes]],
) -> Identity:
    """Return how far the newest exchange has come."""
    begun = [
        each
        for each in ordered
        if each.entry.kind == Kind.CALL_COMMITMENT
        and each.entry.author == matter.asker
        and matter.hash in each.entry.refs
    ][:EXCHANGES_MAX]
    if not begun:
        return Identity()
    last = begun[-1]
    asked = _key(ordered, other, last.hash, breaches)
    if asked is None:
        return Identity(last.hash)
    asker = _key(ordered, matter.asker, asked[0], breaches)
    if asker is None:
        return Identity(last.hash, asked[0])
    try:
        is_kept = commitment_of(matter.hash, asker[1]) == read_commitment(last.entry)
    except EntryMalformed:
        is_kept = False
    if not is_kept:
        breaches.append((CallBreach.COMMITMENT_BROKEN, asker[0]))
        return Identity(last.hash, asked[0])
    return Identity(last.hash, asked[0], identity_code(matter.hash, asker[1], asked[1]))


def _key(
    ordered: Sequence[FormalEntry],
    party: PartyId,
    after: bytes,
    breaches: list[tuple[CallBreach, bytes]],
) -> tuple[bytes, DeviceKey] | None:
    """Return the first key a party showed after an entry, which it must quote."""
    for each in ordered:
        entry = each.entry
        if entry.kind != Kind.CALL_KEY or entry.author != party or after not in entry.refs:
            continue
        try:
            return each.hash, read_key(entry)
        except EntryMalformed:
            breaches.append((CallBreach.MALFORMED, each.hash))
    return None


# ---------------------------------------------------------------------------------- the call


def _spoken(
    matter: CallMatter,
    ordered: Sequence[FormalEntry],
    parties: tuple[PartyId, PartyId],
    breaches: list[tuple[CallBreach, bytes]],
) -> CallMatter:
    """Add withdrawal, start and end."""
    starts = [_start(matter, ordered, party, breaches) for party in parties]
    came = [each for each in starts if each is not None]
    matter = replace(matter, speaking=tuple(each.entry.author for each in came))
    if matter.state is CallState.ACCEPTED and len(came) == len(parties):
        started_ms = max(each.entry.time_ms for each in came)
        matter = replace(matter, state=step(matter.state, CallEvent.START), started_ms=started_ms)
        ends = [each.entry.time_ms for each in _about(matter, ordered, Kind.CALL_END, breaches)]
        if ends:
            matter = replace(matter, state=step(matter.state, CallEvent.END), ended_ms=min(ends))
        return matter
    given_up = next(_withdrawals(matter, ordered, breaches), None)
    if given_up is not None and matter.state in {*OPEN, CallState.ACCEPTED}:
        return replace(
            matter,
            state=step(matter.state, CallEvent.WITHDRAW),
            turn=None,
            withdrawn_as=read_withdrawal(given_up.entry).capacity,
        )
    return matter


def _withdrawals(
    matter: CallMatter, ordered: Sequence[FormalEntry], breaches: list[tuple[CallBreach, bytes]]
) -> Iterator[FormalEntry]:
    """Yield what gives the request or the call up; whoever speaks already ends it instead."""
    for each in _about(matter, ordered, Kind.CALL_WITHDRAWAL, breaches):
        if not _may_withdraw(each, breaches):
            continue
        if each.entry.author in matter.speaking:
            breaches.append((CallBreach.OUT_OF_ORDER, each.hash))
        else:
            yield each


def _start(
    matter: CallMatter,
    ordered: Sequence[FormalEntry],
    party: PartyId,
    breaches: list[tuple[CallBreach, bytes]],
) -> FormalEntry | None:
    """Return by which entry a party began to speak, unless it withdrew before."""
    code = matter.identity.code
    for each in ordered:
        if each.entry.author != party or matter.hash not in each.entry.refs:
            continue
        if each.entry.kind == Kind.CALL_WITHDRAWAL and _may_withdraw(each, breaches):
            return None
        if _is_mismatch(matter, each):
            # That exchange is over for them; another one may follow.
            return None
        if each.entry.kind != Kind.CALL_START:
            continue
        try:
            read = read_words(each.entry)
        except EntryMalformed:
            breaches.append((CallBreach.MALFORMED, each.hash))
            continue
        if matter.asked.mode is CallMode.TEXT or (code is not None and read == code):
            return each
        if code is not None:
            breaches.append((CallBreach.WRONG_CODE, each.hash))
    return None


def _is_bound(each: FormalEntry, breaches: list[tuple[CallBreach, bytes]]) -> bool:
    """Say whether a passkey of its person signed what binds a party; name it if none did."""
    if each.entry.actor is None or not each.is_signed:
        breaches.append((CallBreach.UNSIGNED, each.hash))
        return False
    return True


def _is_in_office(
    each: FormalEntry, capacity: Capacity | None, breaches: list[tuple[CallBreach, bytes]]
) -> bool:
    """Say whether its person may say it in the office that it names, if any; name it if not."""
    if is_out_of_office(capacity, RELEASING_OFFICE):
        breaches.append((CallBreach.WRONG_OFFICE, each.hash))
        return False
    return True


def _may_withdraw(each: FormalEntry, breaches: list[tuple[CallBreach, bytes]]) -> bool:
    """Say whether an entry gives a call up for its party; name it if it does not."""
    if not _is_bound(each, breaches):
        return False
    try:
        said = read_withdrawal(each.entry)
    except EntryMalformed:
        breaches.append((CallBreach.MALFORMED, each.hash))
        return False
    return _is_in_office(each, said.capacity, breaches)


def _is_mismatch(matter: CallMatter, each: FormalEntry) -> bool:
    """Say whether an entry contradicts the exchange whose code counts."""
    commitment = matter.identity.commitment
    is_about = commitment is not None and commitment in each.entry.refs
    return is_about and each.entry.kind == Kind.CALL_MISMATCH


def _mismatches(
    matter: CallMatter, ordered: Sequence[FormalEntry], breaches: list[tuple[CallBreach, bytes]]
) -> Iterator[Mismatch]:
    """Yield what either party said about codes it heard, in the order of time."""
    begun = {each.hash for each in ordered if each.entry.kind == Kind.CALL_COMMITMENT}
    found = _about(matter, ordered, Kind.CALL_MISMATCH, breaches)
    for each in sorted(found, key=lambda one: (one.entry.time_ms, one.hash)):
        about = next((ref for ref in each.entry.refs if ref in begun), None)
        if about is not None:
            heard = read_words(each.entry)
            yield Mismatch(each.entry.author, each.entry.time_ms, heard, about)


def _about(
    matter: CallMatter,
    ordered: Sequence[FormalEntry],
    kind: Kind,
    breaches: list[tuple[CallBreach, bytes]],
) -> Iterator[FormalEntry]:
    for each in ordered:
        if each.entry.kind != kind or matter.hash not in each.entry.refs:
            continue
        read = read_withdrawal if kind is Kind.CALL_WITHDRAWAL else read_words
        try:
            read(each.entry)
        except EntryMalformed:
            breaches.append((CallBreach.MALFORMED, each.hash))
            continue
        yield each
