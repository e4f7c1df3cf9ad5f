"""How notifications, drafts and types are shown: to pages, to the command line, to programs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from parley.clock import from_milliseconds
from parley.crisis.notifications.check import Finding
from parley.crisis.notifications.form import JsonMap, read_form
from parley.crisis.notifications.lateness import late_text
from parley.crisis.notifications.matter import NotificationMatter, Query
from parley.crisis.notifications.numbers import FoundNumberFault, number_text
from parley.crisis.offices import office_code
from parley.crisis.papers.drafts import NotificationDraft
from parley.crisis.papers.repository import Series, TypeRow
from parley.ids import PartyId, SpaceId
from parley.record.view import stamp

PartyName = Callable[[PartyId], str | None]


class FindingView(msgspec.Struct, frozen=True):
    """One thing that is wrong with a form."""

    field: str
    reason: str
    wanted: str
    weight: str
    """refuses or warns."""


class TypeView(msgspec.Struct, frozen=True):
    """A type of notification that was proposed for a line."""

    hash: str
    """What agreements quote and notifications name."""
    entry: str
    """Hash of the entry that proposed it first: what the agreement is about."""
    id: str
    version: int
    proposed_by: str
    definition: Mapping[str, Any]
    """As it was proposed: schema, labels, rules."""
    units: Mapping[str, str]
    agreed_by: tuple[str, ...]
    """Ids of the parties that agreed to it."""
    is_usable: bool


class DraftView(msgspec.Struct, frozen=True):
    """A notification that is being written here."""

    id: str
    space: str
    type_hash: str
    form: Mapping[str, Any]
    corrects: str | None
    is_exercise: bool
    state: str
    drafter: str
    """Id of the person."""
    verifier: str | None
    changed_at: str
    findings: tuple[FindingView, ...]


class QueryAnswerView(msgspec.Struct, frozen=True):
    """What was answered to a question about a notification."""

    at: str
    words: str
    capacity: str
    """In which office, or not_said."""


class QueryView(msgspec.Struct, frozen=True):
    """A question about a notification."""

    hash: str
    words: str
    asked_at: str
    due_at: str
    state: str
    answers: tuple[QueryAnswerView, ...]
    capacity: str
    """In which office it was asked, or not_said."""


class NotificationView(msgspec.Struct, frozen=True):
    """A notification as both sides hold it."""

    hash: str
    space: str
    author: str
    """Id of the party."""
    number: str
    """Party, type, year and number, as people say it; an exercise's has its mark."""
    is_exercise: bool
    type_id: str
    type_version: int
    type_hash: str
    state: str
    form: Mapping[str, Any] | None
    """None where it cannot be read."""
    sent_at: str
    """By the author's clock."""
    provided_at: str | None
    """The legal time: since when the other party's node has it, by that node's clock."""
    effective_at: str | None
    due_at: str | None
    late: str | None
    """Hours and minutes; 00:00 is in time; None without a rule or a receipt."""
    corrects: str | None
    ended_by: str | None
    """Hash of what cancelled, closed or corrected it."""
    words: str
    """What was said when it was cancelled or closed."""
    capacity: str
    """In which office it was sent, or not_said."""
    ended_as: str | None
    """In which office it was cancelled, closed or corrected, or not_said; null: it was not."""
    queries: tuple[QueryView, ...]
    findings: tuple[FindingView, ...]
    breaches: tuple[tuple[str, str], ...]
    """What is wrong with it or with what was said about it, and the hash of which entry."""


class NumberFaultView(msgspec.Struct, frozen=True):
    """A number that is missing, or that several notifications have."""

    space: str
    party: str
    type_id: str
    year: int
    is_exercise: bool
    """Whether it is in the series of exercises."""
    number: int
    fault: str
    hashes: tuple[str, ...]


class ReminderView(msgspec.Struct, frozen=True):
    """A periodic notification that is due."""

    space: str
    type_id: str
    year: int
    due_at: str
    is_met: bool
    """Whether one of the type was sent since the reminder was raised."""


def finding_view(finding: Finding) -> FindingView:
    """Return a finding as shown."""
    return FindingView(finding.field, finding.reason, finding.wanted, finding.weight)


def type_view(row: TypeRow, members: Sequence[PartyId]) -> TypeView:
    """Return a type as shown."""
    kind = row.kind
    return TypeView(
        hash=row.hash.hex(),
        entry=row.entry.hex(),
        id=kind.id,
        version=kind.version,
        proposed_by=row.proposer.text,
        definition=msgspec.json.decode(row.definition, type=dict[str, Any]),
        units=kind.units,
        agreed_by=tuple(party.text for party in sorted(row.agreed)),
        is_usable=row.is_usable(members),
    )


def draft_view(draft: NotificationDraft, findings: Sequence[Finding]) -> DraftView:
    """Return a draft as shown."""
    return DraftView(
        id=draft.id.text,
        space=draft.space.text,
        type_hash=draft.type_hash.hex(),
        form=_plain(read_form(draft.form)),
        corrects=None if draft.corrects is None else draft.corrects.hex(),
        is_exercise=draft.is_exercise,
        state=draft.state,
        drafter=draft.drafter.text,
        verifier=None if draft.verifier is None else draft.verifier.text,
        changed_at=draft.changed_at.format_iso(),
        findings=tuple(map(finding_view, findings)),
    )


def notification_view(
    matter: NotificationMatter, space: SpaceId, now_ms: int, name: PartyName
) -> NotificationView:
    """Return a notification as shown."""
    said = matter.said
    author = name(matter.author) or matter.author.text
    number = number_text(said.number, is_exercise=said.is_exercise)
    last = matter.acts[-1] if matter.acts else None
    return NotificationView(
        hash=matter.hash.hex(),
        space=space.text,
        author=matter.author.text,
        number=f"{author}/{said.type_id}/{said.year}/{number}",
        is_exercise=said.is_exercise,
        type_id=said.type_id,
        type_version=said.type_version,
        type_hash=said.type_hash.hex(),
        state=matter.state(now_ms),
        form=None if matter.form is None else _plain(matter.form),
        sent_at=stamp(matter.sent_ms),
        provided_at=_maybe_stamp(matter.provided_ms),
        effective_at=_maybe_stamp(matter.effective_ms),
        due_at=_maybe_stamp(matter.due_ms),
        late=None if matter.late_ms is None else late_text(matter.late_ms),
        corrects=None if said.corrects is None else said.corrects.hex(),
        ended_by=None if last is None else last.hash.hex(),
        words="" if last is None else last.words,
        capacity=office_code(said.capacity),
        ended_as=None if last is None else office_code(last.capacity),
        queries=tuple(_query_view(each, now_ms) for each in matter.queries),
        findings=tuple(map(finding_view, matter.findings)),
        breaches=tuple((each.breach.value, each.hash.hex()) for each in matter.breaches),
    )


def number_view(space: SpaceId, series: Series, fault: FoundNumberFault) -> NumberFaultView:
    """Return a number that is missing or comes twice, as shown."""
    return NumberFaultView(
        space=space.text,
        party=series.party.text,
        type_id=series.type_id,
        year=series.year,
        is_exercise=series.is_exercise,
        number=fault.number,
        fault=fault.fault.value,
        hashes=tuple(each.hex() for each in fault.hashes),
    )


def _query_view(query: Query, now_ms: int) -> QueryView:
    answers = tuple(
        QueryAnswerView(stamp(each.at_ms), each.words, office_code(each.capacity))
        for each in query.answers
    )
    return QueryView(
        query.hash.hex(),
        query.words,
        stamp(query.asked_ms),
        stamp(query.due_ms),
        query.state(now_ms),
        answers,
        office_code(query.capacity),
    )


def _plain(form: JsonMap) -> Mapping[str, Any]:
    return {**form}


def _maybe_stamp(value_ms: int | None) -> str | None:
    return None if value_ms is None else from_milliseconds(value_ms).format_iso()
