"""What both sides hold of a notification, worked out from the entries about it.

Two logs, two nodes, two orders of arrival, and one answer: entries are taken as facts, put into the
order of the log each stands in, and the steps of the life cycle are taken in an order that depends
on nothing else. First sent, then provided, then in effect if its time came before whatever ended
it; then what its author did to it. So a cancellation that crosses a receipt on the line leaves the
same on both sides. An act that the life cycle does not have, or that is not that party's to do, is
a *breach*: named, with its entry, and without effect.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from parley.clock import from_milliseconds
from parley.crisis.formal import FormalEntry
from parley.crisis.notifications.bodies import (
    NotificationSaid,
    NotificationWords,
    read_notification,
    read_receipt,
    read_words,
)
from parley.crisis.notifications.check import (
    Finding,
    check_form,
    effective_ms,
    form_due_ms,
    reference_ms,
)
from parley.crisis.notifications.definition import NotificationType
from parley.crisis.notifications.form import JsonMap, read_form
from parley.crisis.notifications.lateness import HOUR_MS, late_ms
from parley.crisis.notifications.machine import (
    NotificationEvent,
    NotificationState,
    QueryEvent,
    QueryState,
    step,
    step_query,
)
from parley.crisis.offices import RELEASING_OFFICE, WATCH_OFFICES, Capacity, is_out_of_office
from parley.errors import EntryMalformed, FormRefused, TransitionRefused
from parley.ids import PartyId
from parley.record.kinds import Kind

CLARIFY_HOURS_DEFAULT: Final = 48
"""To answer a query where neither a type nor an agreement says how long."""
CLOCK_MS_MAX: Final = 600_000
"""How far two nodes' clocks may differ, as in the record, before a receipt that is older than what
was received is named."""


class Breach(StrEnum):
    """What an entry about a notification does that it may not."""

    MALFORMED = "malformed"
    """It cannot be read as what its kind says."""
    NOT_THEIRS = "not_theirs"
    """The other party's to do: to cancel a notification, to receive one's own."""
    OUT_OF_ORDER = "out_of_order"
    """The life cycle has no such step."""
    SECOND_RECEIPT = "second_receipt"
    """Received again, at another instant."""
    RECEIPT_TOO_EARLY = "receipt_too_early"
    """Received before it was sent, by more than clocks differ."""
    NOBODY = "nobody"
    """A person's act without a person."""
    UNSIGNED = "unsigned"
    """An act that binds its party, which no passkey of its person is proved to have signed."""
    WRONG_OFFICE = "wrong_office"
    """A person's act in an office that may not do it."""
    ONE_PERSON = "one_person"
    """Drafted and verified by the same person."""
    WRONG_YEAR = "wrong_year"
    """Numbered in another year than the one it was sent in."""
    TYPE_NOT_AGREED = "type_not_agreed"
    """Of a type that the two parties have not both agreed to."""
    FORM_UNREADABLE = "form_unreadable"


OFFICES: Final[Mapping[int, frozenset[Capacity]]] = {
    Kind.NOTIFICATION: WATCH_OFFICES,
    Kind.QUERY: WATCH_OFFICES,
    Kind.CLARIFICATION: RELEASING_OFFICE,
    Kind.CANCELLATION: RELEASING_OFFICE,
    Kind.CONCLUSION: WATCH_OFFICES,
}
"""In which offices each may be said; what does not say its office is held to none."""


@dataclass(frozen=True, slots=True)
class FoundBreach:
    """A breach, and the entry that commits it."""

    breach: Breach
    hash: bytes


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What a notification's author answered to a query."""

    at_ms: int
    words: str
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a notification, and what was answered."""

    hash: bytes
    words: str
    asked_ms: int
    due_ms: int
    answers: tuple[QueryAnswer, ...]
    """A later one adds to those before."""
    capacity: Capacity | None = None

    def state(self, now_ms: int) -> QueryState:
        """Return where it stands; an answer that came counts, however late."""
        state = step_query(QueryState.UNASKED, QueryEvent.ASK)
        if self.answers:
            return step_query(state, QueryEvent.CLARIFY)
        return step_query(state, QueryEvent.PASS) if now_ms > self.due_ms else state


@dataclass(frozen=True, slots=True)
class NotificationAct:
    """What a notification's author did to it later."""

    event: NotificationEvent
    at_ms: int
    hash: bytes
    words: str
    capacity: Capacity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationMatter:
    """Everything both sides hold of a notification."""

    hash: bytes
    author: PartyId
    said: NotificationSaid
    sent_ms: int
    kind: NotificationType | None
    form: JsonMap | None = field(repr=False)
    clarify_hours: int = CLARIFY_HOURS_DEFAULT
    """How long its author has to answer a query."""
    provided_ms: int | None = None
    """The legal time: since when the other party's node has it on its disk, by its clock."""
    effective_ms: int | None = None
    due_ms: int | None = None
    late_ms: int | None = None
    """By how much it came too late; None without a rule or a receipt."""
    acts: tuple[NotificationAct, ...] = ()
    queries: tuple[Query, ...] = ()
    findings: tuple[Finding, ...] = ()
    breaches: tuple[FoundBreach, ...] = ()

    def state(self, now_ms: int) -> NotificationState:
        """Return where it stands at an instant."""
        state = NotificationState.SENT
        if self.provided_ms is not None:
            state = step(state, NotificationEvent.PROVIDE)
        until_ms = min([now_ms, *(each.at_ms for each in self.acts)])
        if self.effective_ms is not None and self.effective_ms <= until_ms:
            state = step(state, NotificationEvent.TAKE_EFFECT)
        for each in self.acts:
            state = step(state, each.event)
        return state


def work_out(
    first: FormalEntry,
    others: Iterable[FormalEntry],
    kind: NotificationType | None,
    clarify_hours: int = CLARIFY_HOURS_DEFAULT,
) -> NotificationMatter:
    """Return what both sides hold of a notification.

    Args:
        first: the notification itself.
        others: entries of both logs that refer to it or to a query about it, in any order, each
            once; those that have nothing to do with it are passed over.
        kind: its type, if both parties have agreed to it.
        clarify_hours: to answer a query, where no type says it.

    Raises:
        EntryMalformed: the first entry is no notification.
    """
    said = read_notification(first.entry)
    ordered = sorted(others, key=lambda each: each.order)
    breaches = [*_own_breaches(first, said, kind)]
    form = _form(said)
    if form is None:
        breaches.append(FoundBreach(Breach.FORM_UNREADABLE, first.hash))
    matter = NotificationMatter(
        hash=first.hash,
        author=first.entry.author,
        said=said,
        sent_ms=first.entry.time_ms,
        kind=kind,
        form=form,
        clarify_hours=clarify_hours if kind is None else kind.clarify_hours,
        due_ms=None if kind is None or form is None else form_due_ms(kind, form),
        findings=() if kind is None or form is None else tuple(check_form(kind, form)),
    )
    matter = _with_receipt(matter, [*_readable(ordered, first, breaches)], breaches)
    matter = replace(matter, queries=tuple(_queries(matter, ordered, breaches)))
    return _with_acts(matter, ordered, breaches)


def _own_breaches(
    first: FormalEntry, said: NotificationSaid, kind: NotificationType | None
) -> Iterator[FoundBreach]:
    unbound = _unbound(first)
    if unbound is not None:
        yield FoundBreach(unbound, first.hash)
    if is_out_of_office(said.capacity, OFFICES[Kind.NOTIFICATION]):
        yield FoundBreach(Breach.WRONG_OFFICE, first.hash)
    if said.drafter == said.verifier:
        yield FoundBreach(Breach.ONE_PERSON, first.hash)
    if from_milliseconds(first.entry.time_ms).to_tz("UTC").year != said.year:
        yield FoundBreach(Breach.WRONG_YEAR, first.hash)
    if kind is None or (kind.id, kind.version) != (said.type_id, said.type_version):
        yield FoundBreach(Breach.TYPE_NOT_AGREED, first.hash)


def _form(said: NotificationSaid) -> JsonMap | None:
    try:
        return read_form(said.form)
    except FormRefused:
        return None


def _readable(
    ordered: Sequence[FormalEntry], first: FormalEntry, breaches: list[FoundBreach]
) -> Iterator[tuple[FormalEntry, int]]:
    """Yield the other party's receipts; name those that are none."""
    for each in ordered:
        if each.entry.kind != Kind.RECEIPT or first.hash not in (each.entry.refs):
            continue
        if each.entry.author == first.entry.author:
            breaches.append(FoundBreach(Breach.NOT_THEIRS, each.hash))
            continue
        try:
            yield each, read_receipt(each.entry)
        except EntryMalformed:
            breaches.append(FoundBreach(Breach.MALFORMED, each.hash))


def _with_receipt(
    matter: NotificationMatter,
    receipts: Sequence[tuple[FormalEntry, int]],
    breaches: list[FoundBreach],
) -> NotificationMatter:
    if not receipts:
        return matter
    (receipt, received_ms), *again = receipts
    for each, other_ms in again:
        if other_ms != received_ms:
            breaches.append(FoundBreach(Breach.SECOND_RECEIPT, each.hash))
    if received_ms < matter.sent_ms - CLOCK_MS_MAX:
        breaches.append(FoundBreach(Breach.RECEIPT_TOO_EARLY, receipt.hash))
    kind, form = matter.kind, matter.form
    if kind is None or form is None:
        return replace(matter, provided_ms=received_ms, effective_ms=received_ms)
    return replace(
        matter,
        provided_ms=received_ms,
        effective_ms=effective_ms(kind, form, received_ms),
        late_ms=late_ms(kind.lead.rule_for(form), reference_ms(kind, form), received_ms),
    )


def _queries(
    matter: NotificationMatter, ordered: Sequence[FormalEntry], breaches: list[FoundBreach]
) -> Iterator[Query]:
    for each in ordered:
        entry = each.entry
        is_about = entry.kind == Kind.QUERY and matter.hash in entry.refs
        said = _words(each) if is_about and entry.author != matter.author else None
        if said is None:
            continue
        if is_out_of_office(said.capacity, OFFICES[Kind.QUERY]):
            breaches.append(FoundBreach(Breach.WRONG_OFFICE, each.hash))
            continue
        due_ms = entry.time_ms + matter.clarify_hours * HOUR_MS
        answers = tuple(_clarifications(matter, ordered, each.hash, breaches))
        yield Query(each.hash, said.words, entry.time_ms, due_ms, answers, said.capacity)


def _clarifications(
    matter: NotificationMatter,
    ordered: Sequence[FormalEntry],
    query: bytes,
    breaches: list[FoundBreach],
) -> Iterator[QueryAnswer]:
    """Yield what the notification's author answered to a query; name what is no answer."""
    for each in ordered:
        is_answer = each.entry.kind == Kind.CLARIFICATION and query in each.entry.refs
        if not is_answer or each.entry.author != matter.author:
            continue
        said = _words(each)
        breach = Breach.MALFORMED if said is None else _unbound(each) or _out_of_office(each, said)
        if said is None or breach is not None:
            breaches.append(FoundBreach(breach or Breach.MALFORMED, each.hash))
        else:
            yield QueryAnswer(each.entry.time_ms, said.words, said.capacity)


_ACTS: Final[Mapping[int, NotificationEvent]] = {
    Kind.CANCELLATION: NotificationEvent.CANCEL,
    Kind.CONCLUSION: NotificationEvent.CLOSE,
    Kind.NOTIFICATION: NotificationEvent.CORRECT,
}


def _with_acts(
    matter: NotificationMatter, ordered: Sequence[FormalEntry], breaches: list[FoundBreach]
) -> NotificationMatter:
    """Add what its author did to it, as far as the life cycle has such a step."""
    for each in ordered:
        event = _ACTS.get(each.entry.kind)
        if event is None or matter.hash not in each.entry.refs or each.hash == matter.hash:
            continue
        breach, said = _act_breach(matter, each)
        if breach is None:
            act = NotificationAct(event, each.entry.time_ms, each.hash, said.words, said.capacity)
            longer = replace(matter, acts=(*matter.acts, act))
            try:
                longer.state(each.entry.time_ms)
                matter = longer
            except TransitionRefused:
                breach = Breach.OUT_OF_ORDER
        if breach is not None:
            breaches.append(FoundBreach(breach, each.hash))
    kept = {(each.breach, each.hash): each for each in breaches}
    in_order = sorted(kept.values(), key=lambda each: (each.breach, each.hash))
    return replace(matter, breaches=tuple(in_order))


def _act_breach(
    matter: NotificationMatter, each: FormalEntry
) -> tuple[Breach | None, NotificationWords]:
    """Return why an act does not count, if so, and what it says."""
    nothing = NotificationWords("")
    if each.entry.author != matter.author:
        return Breach.NOT_THEIRS, nothing
    unbound = _unbound(each)
    if unbound is not None:
        return unbound, nothing
    said = _correction(matter, each) if each.entry.kind == Kind.NOTIFICATION else _words(each)
    if said is None:
        return Breach.MALFORMED, nothing
    if isinstance(said, Breach):
        return said, nothing
    return _out_of_office(each, said), said


def _correction(matter: NotificationMatter, each: FormalEntry) -> NotificationWords | Breach | None:
    """Return what a notification says to the one in whose place it stands, or why it does not."""
    try:
        said = read_notification(each.entry)
    except EntryMalformed:
        return None
    named = said.corrects, said.type_id, said.is_exercise
    wanted = matter.hash, matter.said.type_id, matter.said.is_exercise
    return NotificationWords("", said.capacity) if named == wanted else Breach.OUT_OF_ORDER


def _out_of_office(each: FormalEntry, said: NotificationWords) -> Breach | None:
    """Return that an act was done in an office that may not, None if it was not."""
    is_wrong = is_out_of_office(said.capacity, OFFICES[each.entry.kind])
    return Breach.WRONG_OFFICE if is_wrong else None


def _unbound(each: FormalEntry) -> Breach | None:
    """Return why an act does not bind its party, None if it does."""
    if each.entry.actor is None:
        return Breach.NOBODY
    return None if each.is_signed else Breach.UNSIGNED


def _words(said: FormalEntry) -> NotificationWords | None:
    try:
        return read_words(said.entry)
    except EntryMalformed:
        return None
