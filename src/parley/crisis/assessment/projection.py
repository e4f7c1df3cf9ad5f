"""From the entries of an assessment to what it has come to. A core without I/O.

Like :mod:`parley.crisis.crises.projection`: in the one order that follows from the set of entries,
with a breach for what is wrong, and never an exception because of what an entry says.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from parley.crisis.assessment.bodies import (
    Paragraph,
    Section,
    read_account,
    read_account_seal,
    read_account_shown,
    read_adoption,
    read_paragraph,
    read_readout,
    read_timeline,
    seal_of,
)
from parley.crisis.assessment.machine import (
    AssessmentEvent,
    AssessmentGuard,
    step,
)
from parley.crisis.assessment.matter import (
    Account,
    Adoption,
    Assessment,
    ReadoutGiven,
    TimelineGiven,
)
from parley.crisis.assessment.readout_life import ReadoutGuard, earliest_ms
from parley.crisis.assessment.sheet import PARAGRAPHS_MAX, is_clean, sheet_of
from parley.crisis.assessment.timeline import OWN_KINDS
from parley.crisis.crises.bodies import read_words
from parley.crisis.crises.matter import Crisis
from parley.crisis.crises.projection import ENTRIES_MAX, is_about
from parley.crisis.matter import Breach, BreachKind, MatterEntry
from parley.crisis.projection import ordering
from parley.errors import EntryMalformed, TransitionRefused
from parley.ids import PartyId
from parley.record.entry import body_hash
from parley.record.kinds import Kind
from parley.record.line_terms import DEFAULT_TERMS, LineTerms

DAY_MS: Final = 86_400_000
_BY_NODE: Final = frozenset({Kind.TIMELINE, Kind.ACCOUNT_SHOWN})


def assess(
    crisis: Crisis, entries: Iterable[MatterEntry], terms: LineTerms = DEFAULT_TERMS
) -> Assessment | None:
    """Return what the entries of an assessment come to, None while no side has closed the crisis.

    Args:
        crisis: what the entries of the crisis come to.
        entries: all that is here of its thread, in any order.
        terms: of the line's agreement, as they were in force at the first closing.
    """
    if crisis.first_closed_ms is None:
        return None
    known = list(entries)
    root = next(each for each in known if each.hash == crisis.hash)
    found = Assessment(
        crisis=crisis.hash,
        members=crisis.members,
        begun_ms=crisis.first_closed_ms,
        deadline_ms=crisis.first_closed_ms + terms.account_days * DAY_MS,
        readout_hours=terms.readout_hours,
        timelines={},
        timeline_counts={},
        accounts={},
        versions={},
        adoptions={},
    )
    counts: Counter[PartyId] = Counter()
    for each in ordering(each for each in known if is_about(each, root)):
        author = each.entry.author
        if each.entry.kind not in OWN_KINDS or author not in crisis.members:
            continue
        counts[author] += 1
        if counts[author] <= ENTRIES_MAX:
            found = _read(found, each)
        elif counts[author] == ENTRIES_MAX + 1:
            found = _breached(found, each, BreachKind.TOO_MANY, str(ENTRIES_MAX))
    return replace(found, sheet=sheet_of(found.versions))


def _read(found: Assessment, each: MatterEntry) -> Assessment:
    kind = each.entry.kind
    if (kind in _BY_NODE) != (each.entry.actor is None):
        return _breached(found, each, BreachKind.NO_PERSON, Kind(kind).name.lower())
    try:
        changed = READERS[kind](found, each)
    except EntryMalformed as error:
        return _breached(found, each, BreachKind.MALFORMED, str(error.params["field"]))
    except TransitionRefused as error:
        what = f"{error.params['state']} {error.params['event']}"
        return _breached(found, each, BreachKind.IMPOSSIBLE, what)
    if isinstance(changed, AssessmentGuard):
        return _breached(found, each, BreachKind.GUARD, changed.name.lower())
    return changed


def _breached(found: Assessment, each: MatterEntry, kind: BreachKind, what: str) -> Assessment:
    breach = Breach(each.hash, each.entry.author, kind, what)
    return replace(found, breaches=(*found.breaches, breach))


# ------------------------------------------------------------------------------------- the guards


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step that somebody wants to take, or that an entry says was taken."""

    found: Assessment
    each: MatterEntry
    shown: tuple[bytes, bytes] | None = None
    """Salt and account that are shown."""
    sheet: bytes = b""
    paragraph: Paragraph | None = None

    @property
    def account(self) -> Account | None:
        """What that party has sealed."""
        return self.found.accounts.get(self.each.entry.author)


def _matches(its: Attempt) -> bool:
    if its.shown is None or its.account is None:
        return False
    return seal_of(its.found.crisis, *its.shown) == its.account.seal


def _owns(its: Attempt) -> bool:
    said = its.paragraph
    is_commitment = said is not None and said.section is Section.COMMITMENT and bool(said.texts)
    return said is None or not is_commitment or said.owner in its.found.members


CHECKS: Final[Mapping[AssessmentGuard, Callable[[Attempt], bool]]] = {
    AssessmentGuard.SIGNED: lambda its: its.each.is_signed,
    AssessmentGuard.BY_NODE: lambda its: its.each.entry.actor is None,
    AssessmentGuard.SEALS_ONCE: lambda its: its.account is None,
    AssessmentGuard.HAS_SEALED: lambda its: its.account is not None and its.account.shown is None,
    AssessmentGuard.MATCHES: _matches,
    AssessmentGuard.AFTER_DEADLINE: lambda its: its.each.entry.time_ms >= its.found.deadline_ms,
    AssessmentGuard.NO_BRACKETS: lambda its: is_clean(its.sheet),
    AssessmentGuard.OWN_COMMITMENT: _owns,
}


def _take(event: AssessmentEvent, attempt: Attempt) -> Assessment | AssessmentGuard:
    """Take a step in the table, or return which guard is against it."""
    taken = step(attempt.found.state, event)
    for guard in map(AssessmentGuard, taken.guards):
        if not CHECKS[guard](attempt):
            return guard
    return replace(attempt.found, state=taken.next)


# ------------------------------------------------------------------------------------ the readers

_Read = Assessment | AssessmentGuard


def _timeline(found: Assessment, each: MatterEntry) -> _Read:
    given = TimelineGiven(each.hash, read_timeline(each.entry), each.entry.time_ms)
    author = each.entry.author
    count = found.timeline_counts.get(author, 0) + 1
    return replace(
        found,
        timelines={**found.timelines, author: given},
        timeline_counts={**found.timeline_counts, author: count},
    )


def _seal(found: Assessment, each: MatterEntry) -> _Read:
    commitment, author = read_account_seal(each.entry), each.entry.author
    is_second = any(party != author for party in found.accounts)
    event = AssessmentEvent.SEAL_SECOND if is_second else AssessmentEvent.SEAL_FIRST
    changed = _take(event, Attempt(found, each))
    if isinstance(changed, AssessmentGuard):
        return changed
    entry = each.entry
    account = Account(commitment, each.hash, entry.time_ms, entry.actor)
    return replace(changed, accounts={**changed.accounts, author: account})


def _shown(found: Assessment, each: MatterEntry) -> _Read:
    is_second = any(account.shown is not None for account in found.accounts.values())
    event = AssessmentEvent.SHOW_SECOND if is_second else AssessmentEvent.SHOW_FIRST
    return _show(found, each, event)


def _published(found: Assessment, each: MatterEntry) -> _Read:
    return _show(found, each, AssessmentEvent.PUBLISH)


def _show(found: Assessment, each: MatterEntry, event: AssessmentEvent) -> _Read:
    salt, encoded = read_account_shown(each.entry)
    changed = _take(event, Attempt(found, each, shown=(salt, encoded)))
    if isinstance(changed, AssessmentGuard):
        return changed
    author = each.entry.author
    account = replace(
        changed.accounts[author],
        shown=read_account(encoded),
        shown_hash=each.hash,
        shown_ms=each.entry.time_ms,
    )
    return replace(changed, accounts={**changed.accounts, author: account})


def _taken_back(found: Assessment, each: MatterEntry) -> _Read:
    read_words(each.entry)
    changed = _take(AssessmentEvent.TAKE_BACK, Attempt(found, each))
    if isinstance(changed, AssessmentGuard):
        return changed
    left = {party: seal for party, seal in found.accounts.items() if party != each.entry.author}
    return replace(changed, accounts=left)


def _paragraph(found: Assessment, each: MatterEntry) -> _Read:
    said, author = read_paragraph(each.entry), each.entry.author
    changed = _take(AssessmentEvent.WRITE, Attempt(found, each, paragraph=said))
    if isinstance(changed, AssessmentGuard):
        return changed
    if said.key not in found.versions and len(found.versions) >= PARAGRAPHS_MAX:
        raise EntryMalformed(field="paragraphs")
    by_party = {**found.versions.get(said.key, {}), author: said}
    return replace(changed, versions={**found.versions, said.key: by_party})


def _adoption(found: Assessment, each: MatterEntry) -> _Read:
    sheet, author = read_adoption(each.entry), each.entry.author
    digest = body_hash(each.entry.body or b"")
    others = [made for party, made in found.adoptions.items() if party != author]
    is_same = any(made.body_hash == digest for made in others)
    event = AssessmentEvent.ADOPT_SECOND if is_same else AssessmentEvent.ADOPT_FIRST
    changed = _take(event, Attempt(found, each, sheet=sheet))
    if isinstance(changed, AssessmentGuard):
        return changed
    made = Adoption(each.hash, digest, sheet, each.entry.time_ms)
    return replace(
        changed,
        adoptions={**found.adoptions, author: made},
        adopted=digest if is_same else None,
    )


def _end(found: Assessment, each: MatterEntry) -> _Read:
    read_words(each.entry)
    changed = _take(AssessmentEvent.END, Attempt(found, each))
    if isinstance(changed, AssessmentGuard):
        return changed
    return replace(changed, ended_by=each.entry.author)


def _readout(found: Assessment, each: MatterEntry) -> _Read:
    said = read_readout(each.entry)
    if not each.is_signed:
        return AssessmentGuard.SIGNED
    at_ms = each.entry.time_ms
    is_short = said.public_from_ms < earliest_ms(found.readout_hours, at_ms)
    given = ReadoutGiven(each.hash, each.entry.author, said, at_ms, each.came_ms, is_short)
    found = replace(found, readouts=(*found.readouts, given))
    if not is_short:
        return found
    # What is said in public is not unsaid by hiding it here; that it is early is said beside it.
    return _breached(found, each, BreachKind.GUARD, ReadoutGuard.NOTICE.name.lower())


READERS: Final[Mapping[int, Callable[[Assessment, MatterEntry], _Read]]] = {
    Kind.TIMELINE: _timeline,
    Kind.ACCOUNT_SEAL: _seal,
    Kind.ACCOUNT_SHOWN: _shown,
    Kind.ACCOUNT_WITHDRAWAL: _taken_back,
    Kind.ACCOUNT_PUBLICATION: _published,
    Kind.SHEET_PARAGRAPH: _paragraph,
    Kind.ADOPTION: _adoption,
    Kind.ASSESSMENT_END: _end,
    Kind.READOUT: _readout,
}
"""Kinds that an assessment is made of. A readout is each side's own and fits every state."""
