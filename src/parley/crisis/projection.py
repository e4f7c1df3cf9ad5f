"""From the entries about an alert to what it has come to. A core without I/O.

Both ends have the same set of entries sooner or later, in whichever order they came. So the order
in which they are read follows from the set itself: an entry comes after those it refers to and
after its author's earlier ones; what is left open is decided by time and then by hash. An end that
has only some of them reads those, and once it has all of them it comes to the same as the other.

An entry that the table or a guard refuses is a breach: it is kept and shown and has no effect on
what follows. Nothing here raises because of what an entry says.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, cast

from msgspec import Struct
from msgspec.structs import replace

from parley.crisis.alert import (
    AlertEvent,
    AlertGuard,
    AlertState,
    ParaphraseEvent,
    ParaphraseState,
    Standing,
    StandingEvent,
    has_reached,
    stand,
    step,
    understand,
)
from parley.crisis.bodies import (
    Acknowledged,
    Answer,
    AnswerKind,
    Paraphrase,
    ParaphraseWord,
    Words,
    read_acknowledged,
    read_alert,
    read_answer,
    read_paraphrase,
    read_paraphrase_word,
    read_presented,
    read_received,
    read_translation,
    read_words,
)
from parley.crisis.guards import Attempt, closing_event, has_second_person, text_findings, unmet
from parley.crisis.matter import (
    Acknowledgement,
    Alert,
    AnswerGiven,
    Breach,
    BreachKind,
    ClosingGiven,
    MatterEntry,
    ParaphraseGiven,
    ParaphraseWordGiven,
    TranslationGiven,
)
from parley.crisis.precedence import demoted
from parley.crisis.text import LONG_BYTES_MAX, LONG_CHARACTERS_MAX, findings
from parley.errors import EntryMalformed, TransitionRefused
from parley.ids import PartyId
from parley.record.entry import Precedence, body_hash
from parley.record.kinds import DOMAIN_HUMAN_KINDS, Kind
from parley.transitions import Step

ENTRIES_MAX: Final = 64
"""Entries of one party's people about one alert that are read, and of its node. More is work that a
hostile party can cause here, less is reached by a long exchange about one alert."""
_HUMAN: Final = DOMAIN_HUMAN_KINDS | {Kind.ACKNOWLEDGEMENT}


def project(
    matter: bytes,
    own: PartyId,
    other: PartyId,
    entries: Iterable[MatterEntry],
    *,
    is_over_rate: bool = False,
) -> Alert | None:
    """Return what the entries of a matter come to, None while the alert itself is not among them.

    Args:
        matter: hash of the alert that they are about.
        own: our party.
        other: the party at the other end of the line.
        entries: all that is here about the alert, in any order.
        is_over_rate: whether the alert is a flash after too many others.
    """
    known = list(entries)
    root = next((each for each in known if each.hash == matter), None)
    if root is None:
        return None
    reading = begin_reading(root, own, other, is_over_rate=is_over_rate)
    if reading is None:
        return None
    for each in ordering(each for each in known if is_of_line(each, root)):
        if each.hash != matter:
            reading = read_on(reading, each)
    return reading.alert


class Reading(Struct, frozen=True):
    """How far the entries of a matter were read, and what they came to until there."""

    alert: Alert
    received: dict[PartyId, int]
    """When each party's own event was: the release, or what its first receipt says; not changed."""
    counts: Mapping[tuple[PartyId, bool], int]
    """Entries read of each party's people, and of its node."""


def is_of_line(each: MatterEntry, root: MatterEntry) -> bool:
    """Say whether an entry was said on the alert's own line.

    What is said on another is not about this alert, whatever it refers to.
    """
    return each.entry.space == root.entry.space


def begin_reading(
    root: MatterEntry, own: PartyId, other: PartyId, *, is_over_rate: bool = False
) -> Reading | None:
    """Return where the reading of a matter begins: the alert alone, None if its entry is none."""
    alert = begin(root, own, other, is_over_rate=is_over_rate)
    return None if alert is None else Reading(alert, {alert.author: alert.released_ms}, {})


def read_on(reading: Reading, each: MatterEntry) -> Reading:
    """Read the next entry of a matter, in the order that :func:`ordering` gives them."""
    # A node that confirms what floods it is not to lose its own people's words by that.
    place = (each.entry.author, each.entry.kind in _HUMAN)
    count = reading.counts.get(place, 0) + 1
    counts = {**reading.counts, place: count}
    if count <= ENTRIES_MAX:
        # Nothing but a receipt says when its author's own event was.
        is_receipt = each.entry.kind == Kind.RECEIPT
        received = dict(reading.received) if is_receipt else reading.received
        return Reading(_read(reading.alert, each, received), received, counts)
    if count == ENTRIES_MAX + 1 and each.entry.kind != Kind.RECEIPT:
        alert = _breached(reading.alert, each, BreachKind.TOO_MANY, str(ENTRIES_MAX))
        return Reading(alert, reading.received, counts)
    return Reading(reading.alert, reading.received, counts)


def ordering(entries: Iterable[MatterEntry]) -> list[MatterEntry]:
    """Return entries in the one order that follows from the set of them."""
    known = {each.hash: each for each in entries}
    before: dict[bytes, set[bytes]] = {
        each.hash: {ref for ref in each.entry.refs if ref in known} for each in known.values()
    }
    logs: dict[tuple[PartyId, int], list[MatterEntry]] = defaultdict(list)
    for each in known.values():
        logs[each.entry.author, each.epoch].append(each)
    for log in logs.values():
        # Two entries at one place are a fork; their order, too, follows from the set.
        log.sort(key=lambda each: (each.place, each.hash))
        for earlier, later in pairwise(log):
            before[later.hash].add(earlier.hash)
    after: dict[bytes, list[bytes]] = defaultdict(list)
    for digest, needed in before.items():
        for each_hash in needed:
            after[each_hash].append(digest)
    return _unwind(known, before, after)


def _unwind(
    known: Mapping[bytes, MatterEntry],
    before: Mapping[bytes, set[bytes]],
    after: Mapping[bytes, Sequence[bytes]],
) -> list[MatterEntry]:
    waiting = {digest: len(needed) for digest, needed in before.items()}
    ready = [rank(known[digest]) for digest, count in waiting.items() if not count]
    heapq.heapify(ready)
    found: list[MatterEntry] = []
    while waiting:
        if not ready:
            # Only an author who swapped entries in its own log can close a circle.
            odd = min(waiting, key=lambda digest: rank(known[digest]))
            ready.append(rank(known[odd]))
        _, digest = heapq.heappop(ready)
        if waiting.pop(digest, None) is None:
            continue
        found.append(known[digest])
        for later in after.get(digest, ()):
            if later in waiting:
                waiting[later] -= 1
                if not waiting[later]:
                    heapq.heappush(ready, rank(known[later]))
    return found


def rank(each: MatterEntry) -> tuple[int, bytes]:
    """Return what decides between entries that nothing else puts in an order."""
    return (each.entry.time_ms, each.hash)


def begin(
    root: MatterEntry, own: PartyId, other: PartyId, *, is_over_rate: bool = False
) -> Alert | None:
    """Return an alert of which nothing is known but itself, None if its entry is none."""
    entry = root.entry
    try:
        body = read_alert(entry)
    except EntryMalformed:
        return None
    if entry.thread is None:
        return None
    author_is_ours = entry.author == own
    written = entry.precedence or Precedence.FLASH
    is_demoted = is_over_rate and written is Precedence.FLASH
    given = None if entry.deadline_ms is None else max(0, entry.deadline_ms - entry.time_ms)
    alert = Alert(
        hash=root.hash,
        space=entry.space,
        thread=entry.thread,
        author=entry.author,
        other=other if author_is_ours else own,
        releaser=entry.actor,
        body=body,
        body_hash=body_hash(entry.body or b""),
        written=written,
        precedence=demoted(written) if is_demoted else written,
        released_ms=entry.time_ms,
        given_ms=given,
        started_ms=entry.time_ms if author_is_ours else root.came_ms,
        is_signed=root.is_signed,
        text_findings=text_findings(body, written),
    )
    return _judge_release(alert, root)


def _judge_release(alert: Alert, root: MatterEntry) -> Alert:
    """Note what is wrong about the alert itself; it rings all the same."""
    if alert.releaser is None:
        alert = _breached(alert, root, BreachKind.NO_PERSON, "releaser")
    for finding in alert.text_findings:
        what = f"{finding.fault.value} {finding.place}"
        alert = _breached(alert, root, BreachKind.TEXT, what)
    if not has_second_person(alert.body, alert.written):
        alert = _breached(alert, root, BreachKind.GUARD, "second_person")
    if alert.other not in alert.body.parties or alert.author in alert.body.parties:
        alert = _breached(alert, root, BreachKind.NOT_ADDRESSED, "parties")
    if alert.precedence is not alert.written:
        alert = _breached(alert, root, BreachKind.GUARD, "rate")
    return alert


def _read(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    """Take one entry into account; what is wrong about it is a breach."""
    kind, entry = each.entry.kind, each.entry
    if (kind in _HUMAN) != (entry.actor is not None):
        return _breached(alert, each, BreachKind.NO_PERSON, _name(kind))
    read = _READERS.get(kind)
    if read is None:
        return _breached(alert, each, BreachKind.IMPOSSIBLE, _name(kind))
    try:
        return read(alert, each, received)
    except EntryMalformed as error:
        return _breached(alert, each, BreachKind.MALFORMED, str(error.params["field"]))
    except TransitionRefused as error:
        what = f"{error.params['state']} {error.params['event']}"
        return _breached(alert, each, BreachKind.IMPOSSIBLE, what)


def _take(
    alert: Alert,
    each: MatterEntry,
    event: AlertEvent,
    received: Mapping[PartyId, int],
    said: Acknowledged | Answer | None = None,
) -> Alert | Breach:
    """Take a step in the table, or say which guard is against it."""
    found = step(alert.state, event)
    by = each.entry.author
    start = received.get(by)
    is_over = alert.given_ms is not None and start is not None
    is_over = is_over and each.entry.time_ms >= (start or 0) + (alert.given_ms or 0)
    guard = unmet(_guards(found), Attempt(alert, by, each.is_signed, is_over, said))
    if guard is not None:
        return Breach(each.hash, by, BreachKind.GUARD, guard.name.lower())
    return replace(alert, state=found.next)


def _with(alert: Alert, taken: Alert | Breach, change: Callable[[Alert], Alert]) -> Alert:
    if isinstance(taken, Breach):
        return replace(alert, breaches=(*alert.breaches, taken))
    return change(taken)


def _receipt(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    said = read_received(each.entry)
    by = each.entry.author
    if alert.hash not in each.entry.refs:
        # It confirms an acknowledgement, an answer, or whatever else came.
        return _confirmed(alert, each.entry.refs, said.at_ms)
    taken = _take(alert, each, AlertEvent.RECEIVE, received)

    def change(changed: Alert) -> Alert:
        received.setdefault(by, said.at_ms)
        if changed.received_ms is None:
            changed = replace(changed, received_ms=said.at_ms, received_bound_ms=said.bound_ms)
        return _confirmed(changed, each.entry.refs, said.at_ms)

    return _with(alert, taken, change)


def _confirmed(alert: Alert, refs: tuple[bytes, ...], at_ms: int) -> Alert:
    """Note that entries are at the party they were for; what is confirmed again is not noted."""
    new = tuple((each, at_ms) for each in refs if each not in alert.confirmed)
    arrivals = (*alert.arrivals, *new)
    return replace(alert, confirmed=alert.confirmed | set(refs), arrivals=arrivals)


def _presentation(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    said = read_presented(each.entry)
    taken = _take(alert, each, AlertEvent.PRESENT, received)
    shown = (said, each.entry.time_ms)
    return _with(alert, taken, lambda a: replace(a, presented=(*a.presented, shown)))


def _acknowledgement(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    said = read_acknowledged(each.entry)
    taken = _take(alert, each, AlertEvent.ACKNOWLEDGE, received, said)
    actor = each.entry.actor
    if actor is None:
        raise EntryMalformed(field="actor")
    given = Acknowledgement(each.hash, actor, said, each.entry.time_ms, each.came_ms)
    return _with(alert, taken, lambda a: replace(a, acknowledgements=(*a.acknowledgements, given)))


def _answer(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    said = read_answer(each.entry)
    is_hold = said.kind is AnswerKind.HOLD
    alert = _judge_words(alert, each, said.words)
    event = AlertEvent.HOLD if is_hold else AlertEvent.ANSWER
    taken = _take(alert, each, event, received, said)
    entry = each.entry
    given = AnswerGiven(each.hash, said, entry.time_ms, each.came_ms, entry.actor)
    return _with(alert, taken, lambda a: replace(a, answers=(*a.answers, given)))


def _translation(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    del received
    said = read_translation(each.entry)
    given = TranslationGiven(each.hash, each.entry.author, said, each.entry.time_ms)
    return replace(alert, translations=(*alert.translations, given))


def _judge_words(alert: Alert, each: MatterEntry, words: str | None) -> Alert:
    """Note that words could be misread; they count all the same."""
    if words is not None and findings(words, LONG_CHARACTERS_MAX, LONG_BYTES_MAX):
        return _breached(alert, each, BreachKind.TEXT, "words")
    return alert


def _paraphrase(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    del received
    said = read_paraphrase(each.entry)
    alert = _judge_words(alert, each, said.text)
    taken = _take_paraphrase(alert, each, ParaphraseEvent.PARAPHRASE, said)
    given = ParaphraseGiven(each.hash, said, each.entry.time_ms)
    return _with(alert, taken, lambda a: replace(a, paraphrases=(*a.paraphrases, given)))


def _paraphrase_word(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    del received
    said = read_paraphrase_word(each.entry)
    is_so = said.correction is None
    alert = _judge_words(alert, each, None if said.correction is None else said.correction[1])
    event = ParaphraseEvent.CONFIRM if is_so else ParaphraseEvent.CORRECT
    taken = _take_paraphrase(alert, each, event, said)
    word = ParaphraseWordGiven(each.hash, said, each.entry.time_ms)

    def change(changed: Alert) -> Alert:
        *before, last = changed.paraphrases
        answered = ParaphraseGiven(last.hash, last.said, last.at_ms, word)
        return replace(changed, paraphrases=(*before, answered))

    return _with(alert, taken, change)


def _take_paraphrase(
    alert: Alert, each: MatterEntry, event: ParaphraseEvent, said: Paraphrase | ParaphraseWord
) -> Alert | Breach:
    found = understand(alert.paraphrase_state, event)
    by = each.entry.author
    guard = unmet(_guards(found), Attempt(alert, by, each.is_signed, said=said))
    if guard is not None:
        return Breach(each.hash, by, BreachKind.GUARD, guard.name.lower())
    return replace(alert, paraphrase_state=found.next)


def _closure(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    said = read_words(each.entry)
    by = each.entry.author
    taken = _take(alert, each, closing_event(alert, by), received)
    if by in alert.closed_by:
        return _with(alert, taken, lambda a: a)
    given = ClosingGiven(each.hash, by, said, each.entry.time_ms, each.came_ms)
    return _with(alert, taken, lambda a: replace(a, closings=(*a.closings, given)))


def _withdrawal(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    del received
    said = read_words(each.entry)
    taken = _take_standing(alert, each, StandingEvent.WITHDRAW, said)
    return _with(alert, taken, lambda a: replace(a, withdrawal=said))


def _replacement(alert: Alert, each: MatterEntry, received: dict[PartyId, int]) -> Alert:
    del received
    said = read_alert(each.entry)
    if said.supersedes != alert.hash:
        raise EntryMalformed(field="supersedes")
    taken = _take_standing(alert, each, StandingEvent.SUPERSEDE)
    return _with(alert, taken, lambda a: replace(a, superseded_by=each.hash))


def _take_standing(
    alert: Alert, each: MatterEntry, event: StandingEvent, said: Words | None = None
) -> Alert | Breach:
    found = stand(alert.standing, event)
    by = each.entry.author
    guard = unmet(_guards(found), Attempt(alert, by, each.is_signed, said=said))
    if guard is not None:
        return Breach(each.hash, by, BreachKind.GUARD, guard.name.lower())
    return replace(alert, standing=found.next)


def _guards(
    found: Step[AlertState] | Step[Standing] | Step[ParaphraseState],
) -> tuple[AlertGuard, ...]:
    """Return a step's guards: all tables name those of alerts alone."""
    return cast("tuple[AlertGuard, ...]", found.guards)


_Reader = Callable[[Alert, MatterEntry, dict[PartyId, int]], Alert]
_READERS: Final[Mapping[int, _Reader]] = {
    Kind.RECEIPT: _receipt,
    Kind.DELIVERY: _presentation,
    Kind.ACKNOWLEDGEMENT: _acknowledgement,
    Kind.ANSWER: _answer,
    Kind.TRANSLATION: _translation,
    Kind.PARAPHRASE: _paraphrase,
    Kind.PARAPHRASE_WORD: _paraphrase_word,
    Kind.CLOSURE: _closure,
    Kind.WITHDRAWAL: _withdrawal,
    Kind.ALERT: _replacement,
}
ABOUT_ALERTS: Final = frozenset(_READERS)
"""Kinds that an alert's matter is made of."""


RECEIPTED: Final = frozenset(
    {
        *(Kind.ALERT, Kind.ACKNOWLEDGEMENT, Kind.ANSWER),
        *(Kind.WITHDRAWAL, Kind.CLOSURE, Kind.TRANSLATION),
        *(Kind.PARAPHRASE, Kind.PARAPHRASE_WORD),
    }
)
"""What people wrote is confirmed by a receipt; what a node wrote is not, or there is no end."""


def _breached(alert: Alert, each: MatterEntry, kind: BreachKind, what: str) -> Alert:
    breach = Breach(each.hash, each.entry.author, kind, what)
    return replace(alert, breaches=(*alert.breaches, breach))


def _name(kind: int) -> str:
    try:
        return Kind(kind).name.lower()
    except ValueError:
        return str(kind)


def is_open(alert: Alert) -> bool:
    """Say whether somebody has still something to do about it."""
    return not has_reached(alert.state, AlertState.CLOSED) and alert.standing in {
        Standing.IN_FORCE,
        Standing.EXPIRED,
    }
