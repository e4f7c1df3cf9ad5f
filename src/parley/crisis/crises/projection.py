"""From the entries of a crisis to what it has come to. A core without I/O.

Entries are read in the one order that follows from the set of them
(:func:`parley.crisis.projection.ordering`), so both ends come to the same. What the tables or a
guard refuse is a breach, kept and shown, without effect on what follows. Nothing here raises
because of what an entry says.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parley.crisis.crises.bodies import (
    Opening,
    ReplyKind,
    StatementKind,
    read_fact,
    read_opening,
    read_reply,
    read_statement,
    read_words,
)
from parley.crisis.crises.machine import (
    CrisisGuard,
    FactEvent,
    FactState,
    SideEvent,
    StatementEvent,
    fact_step,
    side_step,
    statement_step,
)
from parley.crisis.crises.matter import Crisis, FactMade, Linked, Side, StatementMade
from parley.crisis.matter import Breach, BreachKind, MatterEntry
from parley.crisis.projection import ordering
from parley.errors import EntryMalformed, TransitionRefused
from parley.ids import PartyId
from parley.record.entry import body_hash
from parley.record.kinds import Kind

ENTRIES_MAX: Final = 2_000
"""Entries of one party in a crisis that are read. More is work that a hostile party can cause here,
less is reached by a long crisis."""


def begin(root: MatterEntry, members: Iterable[PartyId]) -> Crisis | None:
    """Return a crisis of which nothing is known but its opening, None if its entry is none."""
    entry, pair = root.entry, sorted(members)
    try:
        said = read_opening(entry)
    except EntryMalformed:
        return None
    is_first = said.year is not None and said.number is not None and not entry.refs
    if not is_first or entry.thread is None or len(pair) != 2 or entry.author not in pair:  # noqa: PLR2004
        return None
    crisis = Crisis(
        hash=root.hash,
        space=entry.space,
        thread=entry.thread,
        opener=entry.author,
        members=(pair[0], pair[1]),
        year=said.year or 0,
        number=said.number or 0,
        is_exercise=said.is_exercise,
        reaches_principals=said.reaches_principals,
        sides={party: Side() for party in pair},
        last_ms=entry.time_ms,
    )
    return _read(crisis, root)


def work_out(
    root_hash: bytes, members: Iterable[PartyId], entries: Iterable[MatterEntry]
) -> Crisis | None:
    """Return what the entries of a crisis come to, None while its opening is not among them.

    Args:
        root_hash: hash of the first opening.
        members: the two parties of the line.
        entries: all that is here of its thread, in any order.
    """
    known = list(entries)
    root = next((each for each in known if each.hash == root_hash), None)
    crisis = None if root is None else begin(root, members)
    if crisis is None or root is None:
        return None
    counts: Counter[PartyId] = Counter()
    for each in ordering(each for each in known if is_about(each, root)):
        if each.hash == root_hash or each.entry.kind not in READERS:
            continue
        counts[each.entry.author] += 1
        if counts[each.entry.author] <= ENTRIES_MAX:
            crisis = _read(crisis, each)
        elif counts[each.entry.author] == ENTRIES_MAX + 1:
            crisis = breached(crisis, each, BreachKind.TOO_MANY, str(ENTRIES_MAX))
    return crisis


def is_about(each: MatterEntry, root: MatterEntry) -> bool:
    """Say whether an entry is in a crisis: in its space and thread, naming it first."""
    entry, first = each.entry, root.entry
    is_there = (entry.space, entry.thread) == (first.space, first.thread)
    return is_there and (each.hash == root.hash or entry.refs[:1] == (root.hash,))


def breached(crisis: Crisis, each: MatterEntry, kind: BreachKind, what: str) -> Crisis:
    """Hold something against an entry's author."""
    breach = Breach(each.hash, each.entry.author, kind, what)
    return replace(crisis, breaches=(*crisis.breaches, breach))


def _read(crisis: Crisis, each: MatterEntry) -> Crisis:
    entry = each.entry
    if entry.author not in crisis.members:
        return crisis
    if entry.actor is None:
        return breached(crisis, each, BreachKind.NO_PERSON, Kind(entry.kind).name.lower())
    try:
        changed = READERS[entry.kind](crisis, each)
    except EntryMalformed as error:
        return breached(crisis, each, BreachKind.MALFORMED, str(error.params["field"]))
    except TransitionRefused as error:
        what = f"{error.params['state']} {error.params['event']}"
        return breached(crisis, each, BreachKind.IMPOSSIBLE, what)
    if isinstance(changed, CrisisGuard):
        return breached(crisis, each, BreachKind.GUARD, changed.name.lower())
    return replace(changed, last_ms=max(changed.last_ms, entry.time_ms))


# ------------------------------------------------------------------------------------- the guards


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step that somebody wants to take, or that an entry says was taken."""

    crisis: Crisis
    each: MatterEntry
    opening: Opening | None = None
    about: PartyId | None = None
    """Who said what the step is about."""
    is_claim: bool = False
    names: bytes = b""
    """Which crisis it says it belongs to."""


CHECKS: Final[Mapping[CrisisGuard, Callable[[Attempt], bool]]] = {
    CrisisGuard.SIGNED: lambda its: its.each.is_signed,
    CrisisGuard.SAME_MARK: lambda its: (
        its.opening is None or its.opening.is_exercise == its.crisis.is_exercise
    ),
    CrisisGuard.NO_NUMBER: lambda its: (
        its.opening is None or (its.opening.number is None) == (its.each.hash != its.crisis.hash)
    ),
    CrisisGuard.BY_AUTHOR: lambda its: its.each.entry.author == its.about,
    CrisisGuard.BY_OTHER: lambda its: its.each.entry.author != its.about,
    CrisisGuard.IS_CLAIM: lambda its: its.is_claim,
    CrisisGuard.IS_ASKED: lambda its: not its.is_claim,
    CrisisGuard.THIS_CRISIS: lambda its: its.names == its.crisis.hash,
}


def unmet(guards: Iterable[object], attempt: Attempt) -> CrisisGuard | None:
    """Return the first guard that does not hold, None if all do."""
    named = (each for each in guards if isinstance(each, CrisisGuard))
    return next((guard for guard in named if not CHECKS[guard](attempt)), None)


# ------------------------------------------------------------------------------------ the readers


def _opening(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    said = read_opening(each.entry)
    side = crisis.sides[each.entry.author]
    found = side_step(side.state, SideEvent.OPEN)
    refused = unmet(found.guards, Attempt(crisis, each, opening=said))
    if refused is not None:
        return refused
    at_ms = each.entry.time_ms
    is_renamed = side.state is found.next
    changed = replace(
        side,
        state=found.next,
        opening=said,
        opened_ms=side.opened_ms if is_renamed else at_ms,
        openings=side.openings + (not is_renamed),
        spells=side.spells if is_renamed else (*side.spells, (at_ms, None)),
    )
    return _with_side(crisis, each, changed)


def _closing(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    words = read_words(each.entry)
    side = crisis.sides[each.entry.author]
    found = side_step(side.state, SideEvent.CLOSE)
    refused = unmet(found.guards, Attempt(crisis, each))
    if refused is not None:
        return refused
    at_ms = each.entry.time_ms
    spells = (*side.spells[:-1], (side.spells[-1][0], at_ms))
    changed = replace(side, state=found.next, closed_ms=at_ms, words=words, spells=spells)
    first = at_ms if crisis.first_closed_ms is None else crisis.first_closed_ms
    return replace(_with_side(crisis, each, changed), first_closed_ms=first)


def _with_side(crisis: Crisis, each: MatterEntry, side: Side) -> Crisis:
    return replace(crisis, sides={**crisis.sides, each.entry.author: side})


def _statement(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    said = read_statement(each.entry)
    made = StatementMade(
        each.hash, each.entry.author, each.entry.actor, said, each.entry.time_ms, each.came_ms
    )
    if said.disputes is not None:
        old = _find(crisis, said.disputes)
        changed = _stepped(crisis, each, old, StatementEvent.DISPUTE)
        if isinstance(changed, CrisisGuard):
            return changed
        both = replace(changed, disputed_by=(*changed.disputed_by, each.hash))
        crisis = _with_statement(crisis, both)
    return replace(crisis, statements=(*crisis.statements, made))


def _reply(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    said = read_reply(each.entry)
    is_taken = said.kind is ReplyKind.TAKEN_UP
    event = StatementEvent.TAKE_UP if is_taken else StatementEvent.DECLINE
    changed = _stepped(crisis, each, _find(crisis, _second(each)), event)
    if isinstance(changed, CrisisGuard):
        return changed
    return _with_statement(crisis, replace(changed, reply=said))


def _withdrawal(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    read_words(each.entry)
    changed = _stepped(crisis, each, _find(crisis, _second(each)), StatementEvent.WITHDRAW)
    return changed if isinstance(changed, CrisisGuard) else _with_statement(crisis, changed)


def _fact(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    said = read_fact(each.entry)
    digest, author = body_hash(each.entry.body or b""), each.entry.author
    old = next((fact for fact in crisis.facts if fact.body_hash == digest), None)
    signature = (each.hash, each.entry.time_ms)
    first = next(iter(old.signed), None) if old is not None else None
    attempt = Attempt(crisis, each, about=first, names=said.crisis)
    found = fact_step(FactState.PROPOSED, FactEvent.SIGN)
    refused = unmet(found.guards, attempt)
    if refused is not None:
        return refused
    if old is None:
        return replace(crisis, facts=(*crisis.facts, FactMade(digest, said, {author: signature})))
    after = fact_step(old.state, FactEvent.SIGN).next
    agreed = replace(old, state=after, signed={**old.signed, author: signature})
    facts = tuple(agreed if fact is old else fact for fact in crisis.facts)
    return _settled(replace(crisis, facts=facts), each, agreed)


def _settled(crisis: Crisis, each: MatterEntry, fact: FactMade) -> Crisis:
    """Let the claim that a fact quotes be agreed; a fact stands whatever became of the claim."""
    claim = next((made for made in crisis.statements if made.hash == fact.said.claim), None)
    if claim is None:
        return crisis
    try:
        changed = _stepped(crisis, each, claim, StatementEvent.AGREE)
    except TransitionRefused:
        return crisis
    if isinstance(changed, CrisisGuard):
        return crisis
    return _with_statement(crisis, replace(changed, fact=fact.body_hash))


def _link(crisis: Crisis, each: MatterEntry) -> Crisis | CrisisGuard:
    words, entry = read_words(each.entry), each.entry
    if len(entry.refs) == 1:
        raise EntryMalformed(field="refs")
    known = {linked.hash for linked in crisis.linked}
    new = (ref for ref in entry.refs[1:] if ref not in known)
    made = tuple(Linked(ref, entry.author, entry.time_ms, words) for ref in new)
    return replace(crisis, linked=(*crisis.linked, *made))


def _stepped(
    crisis: Crisis, each: MatterEntry, made: StatementMade, event: StatementEvent
) -> StatementMade | CrisisGuard:
    found = statement_step(made.state, event)
    is_claim = made.said.kind is StatementKind.CLAIM
    refused = unmet(found.guards, Attempt(crisis, each, about=made.author, is_claim=is_claim))
    return replace(made, state=found.next) if refused is None else refused


def _find(crisis: Crisis, digest: bytes) -> StatementMade:
    found = next((made for made in crisis.statements if made.hash == digest), None)
    if found is None:
        raise EntryMalformed(field="refs")
    return found


def _second(each: MatterEntry) -> bytes:
    """Return what an entry in a crisis is about besides the crisis."""
    if len(each.entry.refs) == 1:
        raise EntryMalformed(field="refs")
    return each.entry.refs[1]


def _with_statement(crisis: Crisis, changed: StatementMade) -> Crisis:
    made: Sequence[StatementMade] = crisis.statements
    return replace(
        crisis,
        statements=tuple(changed if each.hash == changed.hash else each for each in made),
    )


_Reader = Callable[[Crisis, MatterEntry], Crisis | CrisisGuard]
READERS: Final[Mapping[int, _Reader]] = {
    Kind.CRISIS_OPENING: _opening,
    Kind.CRISIS_CLOSING: _closing,
    Kind.CRISIS_STATEMENT: _statement,
    Kind.CRISIS_FACT: _fact,
    Kind.CRISIS_REPLY: _reply,
    Kind.CRISIS_LINK: _link,
    Kind.CRISIS_WITHDRAWAL: _withdrawal,
}
"""Kinds that a crisis is made of."""
